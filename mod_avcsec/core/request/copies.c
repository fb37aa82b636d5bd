/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies of the token in a request's query.
 */
#include "core/request/copies.h"

#include "core/text/query.h"
#include "core/text/redact.h"

#include <string.h>

#define MAC_LEN 43 /* of a mac, as text */

/* `plain` stands in it, escaped or not. */
static bool holds(avcsec_slice_t text, avcsec_slice_t plain)
{
    for (size_t at = 0; at < text.len; at++)
        if (avcsec_redact_match(text, at, plain))
            return true;
    return false;
}

/* ---- The request's own tokens in its query ---- */

static avcsec_argument_t argument_of(avcsec_slice_t piece)
{
    avcsec_argument_t argument = {.value = piece};

    avcsec_slice_cut(&argument.value, '=', &argument.name);
    return argument;
}

bool avcsec_copies_is_token(avcsec_slice_t piece)
{
    return avcsec_query_is_token(argument_of(piece));
}

/* Behind the last "mac." of a token; 0 if there is none. */
static size_t start_of_mac(avcsec_slice_t token)
{
    size_t start = 0, end;

    for (size_t at = 0; at < token.len; at++)
        if ((end = avcsec_redact_match(token, at, AVCSEC_LITERAL("mac."))))
            start = end;
    return start;
}

/* The mac with which a token ends, decoded. */
static bool read_mac(avcsec_slice_t token, char mac[MAC_LEN])
{
    char decoded[3 * MAC_LEN];
    size_t start = start_of_mac(token);

    if (!start || token.len - start > sizeof(decoded))
        return false;
    token = avcsec_slice_between(token.p + start, token.p + token.len);
    if (avcsec_slice_unescape(token, false, decoded) != MAC_LEN)
        return false;
    memcpy(mac, decoded, MAC_LEN);
    return true;
}

/* The mac of the next argument `avc` that may be a token. */
static bool next_mac(avcsec_slice_t *rest, char mac[MAC_LEN])
{
    avcsec_argument_t argument;

    while (avcsec_query_next(rest, &argument))
        if (avcsec_query_is_token(argument) && read_mac(argument.value, mac))
            return true;
    return false;
}

static bool holds_sent_mac(avcsec_slice_t sent, avcsec_slice_t text)
{
    avcsec_slice_t rest = sent;
    char mac[MAC_LEN];

    while (next_mac(&rest, mac))
        if (holds(text, (avcsec_slice_t){mac, MAC_LEN}))
            return true;
    return false;
}

/* Writes "*" for each `plain` in the *len bytes at `out`. */
static void hide(avcsec_slice_t plain, char *out, size_t *len)
{
    for (size_t at = 0; at < *len; at++) {
        size_t end = avcsec_redact_match((avcsec_slice_t){out, *len}, at, plain);

        if (!end)
            continue;
        out[at] = '*';
        memmove(out + at + 1, out + end, *len - end);
        *len -= end - at - 1;
    }
}

size_t avcsec_copies_hide(avcsec_slice_t sent, avcsec_slice_t text, char *out)
{
    avcsec_slice_t rest = sent;
    size_t len = text.len;
    char mac[MAC_LEN];

    if (len)
        memmove(out, text.p, len);
    while (next_mac(&rest, mac))
        hide((avcsec_slice_t){mac, MAC_LEN}, out, &len);
    return len;
}

/* "mac.*": what others were shown. A rule may have escaped it. */
static bool is_masked(avcsec_slice_t text)
{
    return holds(text, AVCSEC_LITERAL("mac.*"));
}

/* ---- The query ---- */

/* A copy of a token of this request; another one, a page may have signed. */
static bool is_copy(const avcsec_copies_t *copies, avcsec_slice_t piece)
{
    return avcsec_copies_is_token(piece) &&
           (is_masked(piece) || holds_sent_mac(copies->sent, piece));
}

static bool has_another_token(const avcsec_copies_t *copies)
{
    avcsec_slice_t rest = copies->query, piece;

    while (avcsec_slice_cut(&rest, '&', &piece))
        if (avcsec_copies_is_token(piece) && !is_copy(copies, piece))
            return true;
    return false;
}

/* Another argument as it was sent, where a rule copied what it was shown. */
static avcsec_slice_t unmasked(const avcsec_copies_t *copies, avcsec_slice_t piece)
{
    avcsec_slice_t shown = copies->shown, sent = copies->sent, a, b;

    if (!copies->is_home || !piece.len || !memchr(piece.p, '*', piece.len))
        return piece;
    while (avcsec_slice_cut(&shown, '&', &a) && avcsec_slice_cut(&sent, '&', &b))
        if (avcsec_slice_equals(a, piece))
            return b;
    return piece;
}

/* What is written for a piece; absent: nothing. `put_in` is used up by the first copy. */
static avcsec_slice_t written(const avcsec_copies_t *copies, avcsec_slice_t piece,
                              avcsec_slice_t *put_in)
{
    avcsec_slice_t none = {0}, first = *put_in;

    if (!is_copy(copies, piece))
        return unmasked(copies, piece);
    *put_in = none;
    if (first.p)
        return first;
    return copies->leaves_real && !is_masked(piece) ? piece : none;
}

static void put(char *out, size_t *len, avcsec_slice_t piece, bool is_first)
{
    if (!is_first)
        out[(*len)++] = '&';
    if (piece.len)
        memcpy(out + *len, piece.p, piece.len);
    *len += piece.len;
}

avcsec_slice_t avcsec_copies_write(const avcsec_copies_t *copies, char *out)
{
    avcsec_slice_t rest = copies->query, piece, put_in = copies->piece, none = {0};
    bool is_first = true;
    size_t len = 0;

    if (put_in.p && has_another_token(copies))
        put_in = none;
    while (avcsec_slice_cut(&rest, '&', &piece))
        if ((piece = written(copies, piece, &put_in)).p) {
            put(out, &len, piece, is_first);
            is_first = false;
        }
    if (put_in.p)
        put(out, &len, put_in, len == 0);
    return len == 0 && (copies->query.len || !copies->query.p) ? none : (avcsec_slice_t){out, len};
}
