/* SPDX-License-Identifier: Apache-2.0
 *
 * The path of a request: path tokens taken out, and the canonical form that is
 * signed (SPEC: "Canonical path", "Path tokens"). Reads raw bytes as they came
 * over the wire; knows nothing of files.
 */
#ifndef AVCSEC_PATH_H
#define AVCSEC_PATH_H

#include "core/text/slice.h"

#define AVCSEC_PATH_TOKENS 4 /* the most in one path */

typedef struct {
    avcsec_slice_t token[AVCSEC_PATH_TOKENS]; /* decoded once, without the leading '~' */
    size_t count;                             /* tokens seen, also beyond the most */
    bool has_odd_segment; /* a '.', '..' or inner empty segment: malformed beside a token */
} avcsec_path_tokens_t;

/* Takes every segment that decodes to "~avc1~..." out of `raw` together with the
 * slash before it. Writes what is left, still encoded, to `left` (raw.len + 1
 * bytes) and decoded token texts, where they need decoding, to `texts` (raw.len
 * bytes); the tokens point into `raw` or `texts`. Returns the length of what is
 * left. A raw path that does not start with '/' has no tokens. */
size_t avcsec_path_cut_tokens(avcsec_slice_t raw, char *left, char *texts,
                              avcsec_path_tokens_t *found);

/* Decodes `raw` once, resolves dot segments and merges slashes into `decoded`
 * (raw.len + 1 bytes, *len of them used, not terminated). False where SPEC calls
 * the path malformed: an encoded slash, a backslash, a control character, a bad
 * escape, a segment that is '.' or '..' up to its first ';', a climb above the
 * root, no leading '/'; and on what is no path: a raw '#' or '?'. RFC 3986, 5.2.4. */
bool avcsec_path_resolve(avcsec_slice_t raw, char *decoded, size_t *len);

/* `raw` holds no token and is its own canonical form. False may be said of one that is, too. */
bool avcsec_path_is_plain(avcsec_slice_t raw);

/* Room that the canonical form of `len` decoded bytes may need. */
#define AVCSEC_PATH_CANONICAL_MAX(len) (3 * (len))

/* Percent-encodes a decoded path: '/' and unreserved characters stay, all else
 * becomes %XX in upper case. Returns the length written to `canonical`. */
size_t avcsec_path_encode(avcsec_slice_t decoded, char *canonical);

/* The scope of claim dir.N: `canonical` up to and with the slash behind its first
 * `segments` segments. False if it has not that many, each followed by '/'. */
bool avcsec_path_scope(avcsec_slice_t canonical, int64_t segments, avcsec_slice_t *scope);

#endif
