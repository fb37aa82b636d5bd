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
 *     file = head, on a page of its own; slots (core/token/uses.h)
 */
#ifndef AVCSEC_STORE_DISK_H
#define AVCSEC_STORE_DISK_H

#include "httpd.h"

#include "core/token/mac.h"
#include "core/token/uses.h"

/* What is counted, and what it needs to be understood. */
typedef struct {
    avcsec_slot_t *slots;
    uint32_t count;        /* of them, a power of two */
    int64_t born;          /* Unix seconds: what was used before then is not in it */
    avcsec_mac_key_t seed; /* of the names of what is counted */
} avcsec_counts_t;

/* Takes the file for this process: locked, replaced by a new one that nobody believes until it
 * is written, and *counts read from the old one if it may be believed. `is_ours`: this process
 * has it already, under another number of slots. Else *doubt says why it is not believed,
 * as a sentence goes on behind its path; "": there was none. NULL: believed. Returns the
 * descriptor, or -1 and *error, likewise.
 *
 * The lock is the process's: the parent gives it up as soon as it closes any descriptor of
 * this file. Nobody else opens it there. */
int avcsec_store_disk_take(apr_pool_t *p, const char *path, bool is_ours, avcsec_counts_t *counts,
                           const char **doubt, const char **error);

/* Makes sure that there is room for the counts on the disk. NULL, or why not. */
const char *avcsec_store_disk_reserve(apr_pool_t *p, int fd, uint32_t count);

/* Writes the counts, at a clean stop: whoever takes the file next believes it. NULL, or why
 * not. The descriptor is then closed, and the lock gone. */
const char *avcsec_store_disk_write(apr_pool_t *p, const char *path, int fd,
                                    const avcsec_counts_t *counts);

#endif
