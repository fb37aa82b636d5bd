/* SPDX-License-Identifier: Apache-2.0
 *
 * The file of the store, in which counts outlast a server.
 *
 * While the server runs it counts in memory, and the file says no more than that somebody
 * does; whatever becomes of it then, cut, overwritten, removed, a full or broken disk, takes
 * no count away and ends no process. A clean stop writes the counts.
 *
 * A file is believed if it is the very one that a clean stop has written. Each start puts a
 * new file in its place, and the file holds its own inode and birth time, which nobody can
 * choose: a copy, or one that was written over with an older one, has others. Owner, mode and
 * the time of its last change may change as they like. (A snapshot of the whole file system
 * that is put back cannot be told.)
 *
 * Nothing is ever put in the place of what is no store of this module: every version of it
 * begins its files with the same mark.
 *
 *     file = head, on a page of its own; slots (core/token/uses.h)
 */
#ifndef AVCSEC_STORE_DISK_H
#define AVCSEC_STORE_DISK_H

#include "httpd.h"

#include "core/token/mac.h"
#include "core/token/uses.h"

/* What is counted, and what it needs to be understood. Times are Unix seconds. */
typedef struct {
    avcsec_uses_t uses;    /* in memory that processes share */
    int64_t born;          /* what was used before then is not in it */
    bool follows;          /* something was counted before, and is not in it */
    int64_t leeway;        /* by so many seconds that may have been dated ahead */
    int64_t seen;          /* the latest time that this server, or one before it, knew of */
    avcsec_mac_key_t seed; /* of the names of what is counted */
} avcsec_counts_t;

/* Takes the file for this process: locked, replaced by a new one that nobody believes until it
 * is written, and *counts read from the old one if it may be believed. `own`: the descriptor
 * of the file that this process has already, maybe this one under another number of slots;
 * -1: none. Else *doubt says why it is not believed, as a sentence goes on behind its path; "":
 * there was none. NULL: believed. counts->seen becomes that of the old one in either case, if
 * it is known. Returns the descriptor, or -1 and *error, likewise; or -1 and no error where
 * the disk has no room for a first one: what is counted is then in memory alone.
 *
 * The lock is the process's: the parent gives it up as soon as it closes any descriptor of
 * this file. Nobody else opens it there. */
int avcsec_store_disk_take(apr_pool_t *p, const char *path, int own, avcsec_counts_t *counts,
                           const char **doubt, const char **error);

/* Removes a store that lies there and that no server uses. True if there was one: something
 * was counted in it. */
bool avcsec_store_disk_remove(apr_pool_t *p, const char *path);

/* Makes sure that there is room for the counts on the disk. NULL, or why not. `fd` may be
 * -1, here and in the following: there was none for the file. */
const char *avcsec_store_disk_reserve(apr_pool_t *p, int fd, size_t slots);

/* Leaves a word of counts->seen for who comes after a crash. */
void avcsec_store_disk_note(int fd, const avcsec_counts_t *counts);

/* Writes the counts, at a clean stop: whoever takes the file next believes it. NULL, or why
 * not. The descriptor is then closed, and the lock gone. */
const char *avcsec_store_disk_write(apr_pool_t *p, const char *path, int fd,
                                    const avcsec_counts_t *counts);

#endif
