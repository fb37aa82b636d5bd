/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests of the command line.
 */
#include "judge.h"

#include "complain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    avcsec_slice_t name, join; /* how HTTP joins two of it */
    size_t field;
} header_t;

#define HEADER(text, join, field)                                                                  \
    {                                                                                              \
        {text, sizeof(text) - 1}, {join, sizeof(join) - 1}, offsetof(avcsec_request_t, field)      \
    }

static const header_t headers[AVCSEC_HEADERS] = {
    HEADER("Host", ", ", host),       HEADER("Authorization", ", ", authorization),
    HEADER("Cookie", "; ", cookie),   HEADER("Origin", ", ", origin),
    HEADER("Referer", ", ", referer), HEADER("Sec-Fetch-Site", ", ", sec_fetch_site),
    HEADER("Upgrade", ", ", upgrade),
};

bool avcsec_case_read(const avcsec_target_t *target, avcsec_case_t *judged)
{
    *judged = (avcsec_case_t){.room = NULL};
    judged->request.path = target->path;
    judged->request.query = target->query;
    judged->request.method = AVCSEC_LITERAL("GET");
    judged->request.host = target->host;
    judged->room = malloc(AVCSEC_READING_ROOM(target->path.len, target->query.len));
    if (!judged->room)
        return avcsec_complain("there is no memory");
    avcsec_request_read(&judged->request, judged->room, &judged->reading);
    return true;
}

void avcsec_case_free(avcsec_case_t *judged)
{
    free(judged->room);
    for (size_t i = 0; i < AVCSEC_HEADERS; i++)
        free(judged->headers[i]);
}

/* ---- Headers ---- */

/* Header `i` again: what was there, the joint, and `value` behind it. */
static bool join_header(size_t i, avcsec_slice_t value, avcsec_slice_t *field,
                        avcsec_case_t *judged)
{
    size_t len = field->len + headers[i].join.len + value.len;
    char *joined = malloc(len + 1);

    if (!joined)
        return avcsec_complain("there is no memory");
    memcpy(joined, field->p, field->len);
    memcpy(joined + field->len, headers[i].join.p, headers[i].join.len);
    memcpy(joined + len - value.len, value.p, value.len);
    free(judged->headers[i]);
    judged->headers[i] = joined;
    *field = (avcsec_slice_t){joined, len};
    return true;
}

static bool is_field_name(avcsec_slice_t name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.p[i];

        if (!avcsec_is(c, AVCSEC_WORD) && !(c && strchr("!#$%&'*+.^`|~", c))) /* RFC 9110, token */
            return false;
    }
    return name.len > 0;
}

static bool add_header(const char *line, bool *is_given, avcsec_case_t *judged)
{
    avcsec_slice_t value = avcsec_slice_of(line), name;

    avcsec_slice_cut(&value, ':', &name);
    if (!value.p || !is_field_name(name))
        return avcsec_complain("--header: a header is 'Name: value'");
    value = avcsec_slice_trim(value);
    for (size_t i = 0; i < AVCSEC_HEADERS; i++) {
        avcsec_slice_t *field =
            (avcsec_slice_t *)(void *)((char *)&judged->request + headers[i].field);

        if (!avcsec_slice_equals_nocase(name, headers[i].name))
            continue;
        if (is_given[i])
            return join_header(i, value, field, judged);
        is_given[i] = true; /* a Host replaces the URL's */
        *field = value;
    }
    return true;
}

bool avcsec_case_add_headers(const avcsec_words_t *lines, avcsec_case_t *judged)
{
    bool is_given[AVCSEC_HEADERS] = {false};

    for (size_t i = 0; i < lines->count; i++)
        if (!add_header(lines->items[i], is_given, judged))
            return false;
    return true;
}

/* ---- A request that a token wants ---- */

static avcsec_slice_t method_for(const avcsec_token_t *token)
{
    avcsec_slice_t rest = token->mth, first;

    if (avcsec_slice_cut(&rest, '.', &first))
        return first;
    return token->purpose == AVCSEC_UPLOAD ? AVCSEC_LITERAL("POST") : AVCSEC_LITERAL("GET");
}

void avcsec_case_fit(const avcsec_token_t *token, avcsec_case_t *judged)
{
    avcsec_slice_t rest = token->org, host;
    int len;

    judged->request.method = method_for(token);
    if (token->has_ip4 || token->has_ip6)
        judged->request.client = token->has_ip4 ? token->ip4.low : token->ip6.low;
    if (!avcsec_slice_cut(&rest, '_', &host))
        return;
    len = snprintf(judged->origin, sizeof(judged->origin), "https://%.*s", (int)host.len, host.p);
    judged->request.origin = (avcsec_slice_t){judged->origin, (size_t)len};
}

/* ---- What comes out ---- */

static bool has_odd_token_path(const avcsec_reading_t *reading)
{
    return reading->path_tokens.count && reading->path_tokens.has_odd_segment;
}

avcsec_slice_t avcsec_case_path(const avcsec_case_t *judged)
{
    const avcsec_slice_t none = {NULL, 0};

    return judged->reading.is_resolved && !has_odd_token_path(&judged->reading)
               ? judged->reading.canonical
               : none;
}

avcsec_slice_t avcsec_case_query(const avcsec_case_t *judged, avcsec_purpose_t asked)
{
    avcsec_slice_t query = asked ? judged->reading.query : judged->request.query;
    const avcsec_slice_t none = {NULL, 0};

    if (has_odd_token_path(&judged->reading))
        return none;
    return query.p ? query : AVCSEC_LITERAL("");
}

bool avcsec_case_judge(const avcsec_case_t *judged, const avcsec_policy_t *policy,
                       const avcsec_keys_t *keys, int64_t now, avcsec_judgement_t *judgement)
{
    avcsec_mac_t *mac = avcsec_mac_create();

    if (!mac)
        return avcsec_complain("there is no memory");
    avcsec_request_judge(&judged->request, &judged->reading, policy, keys, mac, now, judgement);
    avcsec_mac_destroy(mac);
    return true;
}
