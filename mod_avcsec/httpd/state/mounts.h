/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a directory, a part of it or one of its files shows elsewhere: bind mounts, as Linux
 * lists them. Nothing on systems without /proc/self/mountinfo.
 */
#ifndef AVCSEC_MOUNTS_H
#define AVCSEC_MOUNTS_H

#include <stdbool.h>
#include <sys/stat.h>

/* A descriptor on the list of this process's mounts, the caller's to close; -1 without one. */
int avcsec_mounts_open(void);

/* Something was mounted or unmounted since this was last asked. -1: never. */
bool avcsec_mounts_have_changed(int list);

/* Calls `visit` for each mount that shows something of the directory `real`, whose links are
 * resolved, with what lies there. -1: for none. */
void avcsec_mounts_visit(int list, const char *real,
                         void (*visit)(void *baton, const struct stat *shown), void *baton);

#endif
