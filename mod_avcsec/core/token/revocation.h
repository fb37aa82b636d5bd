/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens that are taken back before their end: the text of a revocations file, and
 * whether an entry covers a token. One entry a line, '#' starts a comment, the last line
 * ends with a newline:
 *
 *     id <id>        until=<RFC 3339 UTC>
 *     sub <claim>    [before=<...>] until=<...>      the claim as it stands in tokens
 *     kid <key id>   [before=<...>] until=<...>
 *     all            before=<...>   until=<...>
 *
 * With `before`, tokens that were issued before then; one that does not say when it was
 * issued falls to any. From `until` on, the entry itself is nothing any more.
 */
#ifndef AVCSEC_REVOCATION_H
#define AVCSEC_REVOCATION_H

#include "core/token/token.h"

#define AVCSEC_REVOCATIONS_MAX 4096
#define AVCSEC_REVOCATIONS_FILE_MAX (1024 * 1024)

typedef struct {
    enum { AVCSEC_REVOKE_ALL = 0, AVCSEC_REVOKE_ID, AVCSEC_REVOKE_SUB, AVCSEC_REVOKE_KID } kind;
    char value[AVCSEC_CLAIM_VALUE_MAX]; /* of that claim */
    size_t len;
    int64_t before; /* Unix seconds; 0: whenever it was issued */
    int64_t until;  /* Unix seconds */
} avcsec_revocation_t;

typedef struct {
    size_t count;
    avcsec_revocation_t entries[AVCSEC_REVOCATIONS_MAX];
} avcsec_revocations_t;

#define AVCSEC_REVOCATIONS_SIZE(count)                                                             \
    (offsetof(avcsec_revocations_t, entries) + (count) * sizeof(avcsec_revocation_t))

/* Reads one line without its newline. False at a blank line or comment: *error is then
 * NULL; or *error says what is wrong. */
bool avcsec_revocation_parse(avcsec_slice_t line, avcsec_revocation_t *entry, const char **error);

/* Reads a whole file; entries whose time is over are left out. NULL, or a sentence and the
 * number of the line it is about (0: the file). An empty file revokes nothing. */
const char *avcsec_revocations_parse(avcsec_slice_t text, int64_t now, avcsec_revocations_t *list,
                                     size_t *number);

/* The entry takes this token back. */
bool avcsec_revocation_covers(const avcsec_revocation_t *entry, const avcsec_token_t *token,
                              int64_t now);

/* One of the list does. */
bool avcsec_revocations_include(const avcsec_revocations_t *list, const avcsec_token_t *token,
                                int64_t now);

/* Writes the entry as a line with its newline to `out`, terminated; returns its length. */
#define AVCSEC_REVOCATION_LINE_MAX (AVCSEC_CLAIM_VALUE_MAX + 80)
size_t avcsec_revocation_write(const avcsec_revocation_t *entry,
                               char out[AVCSEC_REVOCATION_LINE_MAX]);

#endif
