/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of Linux's /proc/self/mountinfo (proc(5)): which part of which file system shows
 * where.
 *
 *     36 35 98:0 /part /where rw,noatime shared:1 - ext4 /dev/root rw
 */
#ifndef AVCSEC_MOUNTINFO_H
#define AVCSEC_MOUNTINFO_H

#include "core/text/slice.h"

typedef struct {
    avcsec_slice_t device; /* "major:minor" */
    avcsec_slice_t part;   /* the path in that file system that shows; escaped */
    avcsec_slice_t point;  /* where it shows; escaped */
} avcsec_mount_t;

/* Reads one line without its newline; the slices point into it. False if it is none. */
bool avcsec_mount_parse(avcsec_slice_t line, avcsec_mount_t *mount);

/* Space, tab, newline and backslash stand as \040, \011, \012, \134: writes the path to `out`
 * (s.len + 1 bytes, NUL-terminated) and returns its length. */
size_t avcsec_mount_unescape(avcsec_slice_t s, char *out);

#endif
