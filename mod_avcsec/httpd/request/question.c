/* SPDX-License-Identifier: Apache-2.0
 *
 * What becomes of the answer to a media server's question.
 */
#include "httpd/request/question.h"

#include "httpd/request/headers.h"
#include "httpd/request/log.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "http_protocol.h"
#include "http_request.h"
#include "util_filter.h"

APLOG_USE_MODULE(avcsec);

static ap_filter_rec_t *answer_filter;
static bool is_any_expected;

/* ---- Pages for refusals ---- */

/* As httpd's own, without what it says of the server. */
static const char *page_of(apr_pool_t *p, int status)
{
    const char *line = ap_get_status_line(status);

    return apr_pstrcat(p,
                       "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n"
                       "<html><head>\n<title>",
                       line, "</title>\n</head><body>\n<h1>", line + 4, "</h1>\n</body></html>\n",
                       NULL);
}

/* One for each status, as httpd keeps it in a request: with a quote in front. */
typedef struct {
    int status, index;
    char *text;
} page_t;

static apr_array_header_t *pages;

void avcsec_question_expect(apr_pool_t *pconf, bool is_expected)
{
    int unknown = ap_index_of_response(HTTP_INTERNAL_SERVER_ERROR);

    is_any_expected = is_expected;
    pages = apr_array_make(pconf, 64, sizeof(page_t));
    for (int status = 300; status < 600; status++) {
        int index = ap_index_of_response(status);

        if (status == HTTP_INTERNAL_SERVER_ERROR || index != unknown)
            APR_ARRAY_PUSH(pages, page_t) =
                (page_t){status, index, apr_pstrcat(pconf, "\"", page_of(pconf, status), NULL)};
    }
}

/* Before ErrorDocument, ap_die looks whether a module has a page for this request. httpd makes
 * the list, whose length is its own affair; asked for each page, it would copy all of them. */
static void keep_own_pages(request_rec *r)
{
    core_request_config *core = ap_get_core_module_config(r->request_config);
    const page_t *page = (const page_t *)pages->elts;

    ap_custom_response(r, page->status, page->text + 1);
    for (int i = 0; i < pages->nelts; i++)
        core->response_code_strings[page[i].index] = page[i].text;
}

/* ---- What is asked ---- */

void avcsec_question_note(request_rec *r, const char *uri, avcsec_asked_t asked, bool only_logs)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    avcsec_question_t *question = facts ? facts->question : NULL;

    if (r->main || !facts || (!asked && !question))
        return;
    if (!question)
        facts->question = question = apr_pcalloc(facts->root->pool, sizeof(*question));
    if (asked && !question->first) {
        question->first = r;
        question->uri = apr_pstrdup(facts->root->pool, uri);
    }
    if (asked > question->asked) {
        question->asked = asked;
        question->only_logs = only_logs && asked == AVCSEC_ASKED_SCRIPT;
    }
    /* httpd forgets them when it goes on to another step. */
    if (!question->only_logs && question->paged != r)
        keep_own_pages(r);
    if (!question->only_logs)
        question->paged = r;
}

avcsec_asked_t avcsec_question_asked(const avcsec_facts_t *facts)
{
    return facts && facts->question ? facts->question->asked : AVCSEC_ASKED_NOBODY;
}

void avcsec_question_answered(request_rec *r)
{
    avcsec_facts_t *facts = avcsec_facts(r);

    if (facts && facts->question && !r->main) {
        facts->question->answered = r;
        facts->question->location = apr_table_get(r->headers_out, "Location");
    }
}

/* ---- Judging an answer ---- */

/* The status that httpd makes this page for, if it is one: an ErrorDocument is a step behind
 * the one that failed. 0: none, or it failed before anything was asked, at another step than
 * `first` (NULL: any). */
static int first_refusal(const request_rec *r, const request_rec *first)
{
    int status = 0;

    for (; r != first && r->prev; r = r->prev)
        if (r->prev->status != HTTP_OK)
            status = r->prev->status;
    return status;
}

static int count_location(void *count, const char *name, const char *value)
{
    (void)name, (void)value;
    ++*(int *)count;
    return 1;
}

/* Of the step that answers, or of the redirect that it is the page of; of several, nobody
 * knows which one a media server reads. */
static const char *location_of(const request_rec *r, int *count)
{
    *count = 0;
    while (r->prev && r->prev->status != HTTP_OK)
        r = r->prev;
    apr_table_do(count_location, count, r->headers_out, "Location", NULL);
    apr_table_do(count_location, count, r->err_headers_out, "Location", NULL);
    return avcsec_header_get(r, "Location");
}

/* "a redirect to https://... (301)". Without its query: it may be a client's text. */
static const char *redirect_in_words(request_rec *r, int status, const char *location)
{
    const char *address =
        location ? apr_pstrmemdup(r->pool, location, strcspn(location, "?#")) : NULL;

    return address
               ? apr_psprintf(r->pool, "a redirect to %s (%d)", avcsec_log_safe(r, address), status)
               : apr_psprintf(r->pool, "%d without a Location", status);
}

/* What answered, and what to do about it. */
static const char *detail_of(request_rec *r, const avcsec_reply_facts_t *reply,
                             const char *location, avcsec_verdict_t verdict)
{
    const char *asked = avcsec_log_safe(r, avcsec_facts(r)->question->uri);
    const char *what = redirect_in_words(r, reply->status, location);

    if (verdict != AVCSEC_REDIRECTED)
        return apr_psprintf(r->pool, "%s was answered %d. %s", asked, reply->status,
                            avcsec_verdict_sentence(verdict));
    if (reply->is_own)
        return apr_psprintf(
            r->pool,
            "the script at %s answers by %s, which nginx-rtmp takes for a yes. Of a "
            "script's redirects only those with one new stream name or rtmp://, "
            "rtmps:// pass: let it answer 2xx or 403",
            asked, what);
    if (avcsec_question_is_rename(reply->location))
        return apr_psprintf(r->pool,
                            "a front controller, a rule or an error page answers for %s by %s, "
                            "which nginx-rtmp takes for a yes. Let the media server ask the script "
                            "by its own address",
                            asked, what);
    return apr_psprintf(r->pool,
                        "httpd or a rule answers for %s by %s, which nginx-rtmp takes for a yes. "
                        "Write that address into the media server's configuration, or except %s "
                        "from what redirects",
                        asked, what, asked);
}

/* What could not be read may have been a question, with its client's text in it, and so may
 * plain HTTP on a TLS port, of which mod_ssl leaves no more than a note: no page for that is a
 * yes. */
static bool is_unread(const avcsec_facts_t *facts)
{
    return is_any_expected &&
           (!facts || (!facts->mapped_uri && apr_table_get(facts->root->notes, "error-notes")));
}

static int refusal_of_unread(const request_rec *r)
{
    int refusal = first_refusal(r, NULL);

    if (r->status >= 400)
        return 0;
    return refusal >= 400 ? refusal : HTTP_BAD_REQUEST;
}

static int refusal_of_asked(request_rec *r, const avcsec_facts_t *facts)
{
    const avcsec_question_t *question = facts->question;
    int refusal = first_refusal(r, question->first);
    int count;
    const char *location = location_of(r, &count);
    avcsec_reply_facts_t reply = {
        .asked = question->asked,
        .is_own = question->answered == r,
        .is_page_of_refusal = refusal != 0,
        .status = ap_is_HTTP_REDIRECT(refusal) ? refusal : r->status,
        .location = avcsec_slice_of(count == 1 ? location : NULL),
    };
    avcsec_verdict_t verdict;

    if (refusal >= 400 && !question->only_logs)
        return refusal;
    verdict = avcsec_question_judge(&reply);
    if (verdict != AVCSEC_ALLOWED &&
        avcsec_log_refusal(facts->root, verdict, detail_of(r, &reply, location, verdict),
                           question->only_logs) != OK)
        return avcsec_verdict_status(verdict);
    /* Before sections are merged, ErrorDocument comes first. */
    return r->status >= 400 && !facts->is_gated && !question->only_logs ? r->status : 0;
}

/* The status that is answered instead; 0: the answer stands. */
static int refusal_of(request_rec *r, const avcsec_facts_t *facts)
{
    if (!r->main && avcsec_question_asked(facts) != AVCSEC_ASKED_NOBODY)
        return refusal_of_asked(r, facts);
    return !r->main && is_unread(facts) ? refusal_of_unread(r) : 0;
}

/* ---- The filter ---- */

/* Headers of another answer go, but for those that belong to a refusal. */
static void clear_headers(request_rec *r)
{
    static const char *const kept[] = {"Allow", "Retry-After", "WWW-Authenticate", NULL};
    static const char *const gone[] = {
        "Location",         "Content-Encoding", "Content-Language", "Content-Length",
        "Content-Location", "Content-Range",    "Content-Type",     "ETag",
        "Last-Modified",    "Refresh",          "Set-Cookie",       NULL};
    const char *values[sizeof(kept) / sizeof(*kept)];

    for (int i = 0; kept[i]; i++)
        values[i] = avcsec_header_get(r, kept[i]);
    apr_table_clear(r->headers_out);
    for (int i = 0; gone[i]; i++)
        apr_table_unset(r->err_headers_out, gone[i]);
    for (int i = 0; kept[i]; i++)
        if (values[i])
            avcsec_header_set(r, kept[i], values[i]);
}

static apr_status_t send_refusal(ap_filter_t *f, apr_bucket_brigade *bb, int status)
{
    request_rec *r = f->r;
    const char *page = page_of(r->pool, status);
    size_t len = strlen(page);

    clear_headers(r);
    r->status = status;
    r->status_line = NULL;
    r->content_encoding = NULL;
    r->content_languages = NULL;
    avcsec_header_set(r, "Cache-Control", "no-store");
    ap_set_content_type(r, "text/html; charset=iso-8859-1");
    ap_set_content_length(r, (apr_off_t)len);
    apr_brigade_cleanup(bb);
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_pool_create(page, len, r->pool, bb->bucket_alloc));
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(bb->bucket_alloc));
    return ap_pass_brigade(f->next, bb);
}

static apr_status_t filter_answer(ap_filter_t *f, apr_bucket_brigade *bb)
{
    request_rec *r = f->r;
    avcsec_facts_t *facts = avcsec_facts(r);
    int refusal;

    /* What runs does not know that it was not heard. */
    if (f->ctx) {
        apr_brigade_cleanup(bb);
        return APR_SUCCESS;
    }
    if (avcsec_question_asked(facts) == AVCSEC_ASKED_HANDLER && facts->question->answered == r)
        avcsec_header_set(r, "Location", facts->question->location);
    refusal = refusal_of(r, facts);
    if (!refusal) {
        ap_remove_output_filter(f);
        return ap_pass_brigade(f->next, bb);
    }
    f->ctx = f;
    return send_refusal(f, bb, refusal);
}

static bool is_watched(const request_rec *r)
{
    for (const ap_filter_t *f = r->output_filters; f; f = f->next)
        if (f->frec == answer_filter && f->r == r)
            return true;
    return false;
}

void avcsec_question_watch(request_rec *r)
{
    const avcsec_facts_t *facts = avcsec_facts(r);

    if (!r->main && (avcsec_question_asked(facts) != AVCSEC_ASKED_NOBODY || is_unread(facts)) &&
        !is_watched(r))
        ap_add_output_filter_handle(answer_filter, NULL, r, r->connection);
}

void avcsec_question_register(apr_pool_t *p)
{
    (void)p;
    /* Behind what others set, mod_headers included; before this module's own headers. */
    answer_filter = ap_register_output_filter("AVCSEC_ANSWER", filter_answer, NULL,
                                              (ap_filter_type)(AP_FTYPE_PROTOCOL - 1));
    ap_hook_insert_filter(avcsec_question_watch, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_insert_error_filter(avcsec_question_watch, NULL, NULL, APR_HOOK_MIDDLE);
}
