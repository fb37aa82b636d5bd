/* SPDX-License-Identifier: Apache-2.0
 *
 * Protective headers.
 */
#include "httpd/request/protective.h"

#include "httpd/request/headers.h"

#include "apr_strings.h"
#include "http_protocol.h"

static bool is_word(avcsec_slice_t word, const char *text)
{
    return avcsec_slice_equals_nocase(word, avcsec_slice_of(text));
}

static bool is_one_of(avcsec_slice_t word, const char *const *words)
{
    for (int i = 0; words[i]; i++)
        if (is_word(word, words[i]))
            return true;
    return false;
}

/* ---- Of every judged answer ---- */

/* Of a list, browsers take the last policy that they know. */
static avcsec_slice_t last_known_policy(avcsec_slice_t list)
{
    static const char *const known[] = {"no-referrer",
                                        "no-referrer-when-downgrade",
                                        "same-origin",
                                        "origin",
                                        "strict-origin",
                                        "origin-when-cross-origin",
                                        "strict-origin-when-cross-origin",
                                        "unsafe-url",
                                        NULL};
    avcsec_slice_t last = {NULL, 0}, policy;

    while (avcsec_slice_cut(&list, ',', &policy))
        if (is_one_of(avcsec_slice_trim(policy), known))
            last = avcsec_slice_trim(policy);
    return last;
}

static void set_referrer_policy(request_rec *r)
{
    static const char *const strict[] = {"no-referrer", "same-origin", "strict-origin", NULL};
    avcsec_slice_t own =
        last_known_policy(avcsec_slice_of(avcsec_header_join(r, "Referrer-Policy")));

    avcsec_header_set(r, "Referrer-Policy",
                      own.p && is_one_of(own, strict) ? apr_pstrmemdup(r->pool, own.p, own.len)
                                                      : "strict-origin-when-cross-origin");
}

/* "noindex" for all robots; what stands behind "somebot:" is for that one alone. */
static bool keeps_robots_out(avcsec_slice_t line)
{
    static const char *const strict[] = {"noindex", "none", NULL};
    avcsec_slice_t word;

    while (avcsec_slice_cut(&line, ',', &word)) {
        if (word.len && memchr(word.p, ':', word.len))
            return false;
        if (is_one_of(avcsec_slice_trim(word), strict))
            return true;
    }
    return false;
}

static void set_robots(request_rec *r)
{
    const apr_array_header_t *lines = avcsec_header_all(r, "X-Robots-Tag");

    for (int i = 0; i < lines->nelts; i++)
        if (keeps_robots_out(avcsec_slice_of(APR_ARRAY_IDX(lines, i, const char *))))
            return;
    avcsec_header_add(r, "X-Robots-Tag", "noindex");
}

/* ---- Of a private file ---- */

/* A download as an owner may call everything he serves; anything else would be believed. */
static void set_type(request_rec *r, const avcsec_sent_file_t *sent)
{
    static const char download[] = "application/octet-stream";

    avcsec_header_set(r, "Content-Type", NULL);
    if (!r->content_type || strcasecmp(r->content_type, download) != 0)
        ap_set_content_type(r, sent->type);
}

/* RFC 6266, 4.2. One line, whoever wrote it: of two, each browser believes another one. */
static void set_disposition(request_rec *r, const avcsec_sent_file_t *sent)
{
    const apr_array_header_t *lines = avcsec_header_all(r, "Content-Disposition");
    const char *kept = sent->disposition;

    for (int i = 0; i < lines->nelts; i++) {
        const char *line = APR_ARRAY_IDX(lines, i, const char *);
        avcsec_slice_t rest = avcsec_slice_of(line), kind;

        avcsec_slice_cut(&rest, ';', &kind);
        if (is_word(avcsec_slice_trim(kind), "attachment"))
            kept = line;
    }
    avcsec_header_set(r, "Content-Disposition", kept);
}

/* Browsers obey each of several policies. */
static void set_content_policy(request_rec *r, const avcsec_sent_file_t *sent)
{
    static const char name[] = "Content-Security-Policy";
    const apr_array_header_t *own = avcsec_header_all(r, name);

    avcsec_header_set(r, name, sent->policy);
    for (int i = 0; i < own->nelts; i++)
        avcsec_header_add(r, name, APR_ARRAY_IDX(own, i, const char *));
}

/* Fetch standard: same-origin, same-site, cross-origin, each looser than the one before; the
 * words have a case, and what is none of them is as if it were not there. */
static void set_resource_policy(request_rec *r, const avcsec_sent_file_t *sent)
{
    static const char name[] = "Cross-Origin-Resource-Policy";
    const apr_array_header_t *own = avcsec_header_all(r, name);
    const char *policy = sent->is_cross_origin ? "cross-origin" : "same-site";

    for (int i = 0; i < own->nelts; i++) {
        const char *line = APR_ARRAY_IDX(own, i, const char *);

        if (!strcmp(line, "same-origin") ||
            (!strcmp(line, "same-site") && strcmp(policy, "same-origin") != 0))
            policy = line;
    }
    avcsec_header_set(r, name, policy);
}

void avcsec_protective_set(request_rec *r, const avcsec_facts_t *facts)
{
    const avcsec_sent_file_t *sent = ap_is_HTTP_ERROR(r->status) ? NULL : facts->sent;

    /* An address with a token that nobody asked for is one that opens something else. */
    if (avcsec_facts_was_judged(facts) || facts->has_path_tokens) {
        set_referrer_policy(r);
        set_robots(r);
    }
    if (!sent)
        return;
    set_type(r, sent);
    set_disposition(r, sent);
    set_content_policy(r, sent);
    set_resource_policy(r, sent);
    avcsec_header_set(r, "X-Content-Type-Options", "nosniff");
}
