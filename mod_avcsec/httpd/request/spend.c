/* SPDX-License-Identifier: Apache-2.0
 *
 * Spending uses. A file's use belongs to its client: ranges, seeking and a whole playlist
 * are one. All other purposes spend one use for each request that begins something.
 */
#include "httpd/request/spend.h"

#include "httpd/request/facts.h"
#include "httpd/request/log.h"
#include "httpd/state/store.h"

#include "http_core.h"
#include "http_log.h"
#include "http_protocol.h"

APLOG_USE_MODULE(avcsec);

#define RETRY_AFTER "2"

/* The browser fetches ahead; nobody has asked to see it. */
static bool is_prefetch(const request_rec *r)
{
    static const char *const headers[] = {"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz", NULL};

    for (int i = 0; headers[i]; i++) {
        const char *value = apr_table_get(r->headers_in, headers[i]);

        if (value && (ap_strcasestr(value, "prefetch") || ap_strcasestr(value, "preview")))
            return true;
    }
    return false;
}

static bool is_method(const avcsec_facts_t *facts, const char *name)
{
    return avcsec_slice_equals(facts->wire.method, avcsec_slice_of(name));
}

/* Methods have a case, but not every server behind knows it. */
static bool is_post(const avcsec_facts_t *facts)
{
    return avcsec_slice_equals_nocase(facts->wire.method, AVCSEC_LITERAL("POST"));
}

/* A request of this method and purpose begins something that counts. */
static bool begins_use(const avcsec_facts_t *facts, avcsec_purpose_t purpose)
{
    if (is_method(facts, "OPTIONS"))
        return false;
    switch (purpose) {
    case AVCSEC_FILE:
        return !is_method(facts, "HEAD") && !is_method(facts, "PATCH") &&
               !is_method(facts, "DELETE");
    case AVCSEC_UPLOAD:
        return is_method(facts, "POST") || is_method(facts, "PUT");
    case AVCSEC_SESSION:
        return is_post(facts) || facts->wire.upgrade.p;
    default:
        return true;
    }
}

static int refuse(request_rec *r, avcsec_purpose_t asked, avcsec_verdict_t verdict)
{
    const avcsec_facts_t *facts = avcsec_facts(r);
    bool passes = facts && (facts->only_logged & 1u << asked);

    r->no_cache = 1;
    return avcsec_log_refusal(r, verdict, NULL, passes);
}

/* Neither counted nor refused for good: the browser asks again when somebody looks. */
static int refuse_prefetch(request_rec *r)
{
    apr_table_setn(r->err_headers_out, "Retry-After", RETRY_AFTER);
    apr_table_setn(r->err_headers_out, "Cache-Control", "no-store");
    return HTTP_SERVICE_UNAVAILABLE;
}

/* The same token was asked for twice, by two sections that differ in something else. */
static bool is_spent(const avcsec_facts_t *facts, const avcsec_answer_t *answer)
{
    const avcsec_answer_t *a = facts->answers;

    while (a && (!a->spent_at || a->asked != answer->asked ||
                 !avcsec_slice_equals(a->judgement.token.text, answer->judgement.token.text)))
        a = a->next;
    return a != NULL;
}

static int spend(request_rec *r, avcsec_facts_t *facts, avcsec_answer_t *answer)
{
    const avcsec_token_t *token = &answer->judgement.token;
    bool is_file = answer->asked == AVCSEC_FILE;
    const avcsec_address_t *client = is_file ? &facts->wire.client : NULL;
    const server_rec *s = facts->root->server;
    int64_t now = avcsec_facts_now();
    avcsec_verdict_t verdict;
    bool is_counted;

    if (!token->max || is_spent(facts, answer))
        return OK;
    if (!begins_use(facts, answer->asked)) {
        verdict = avcsec_store_pass(s, token, now);
        return verdict == AVCSEC_ALLOWED ? OK : refuse(r, answer->asked, verdict);
    }
    if (is_file && is_prefetch(facts->root) && !avcsec_store_is_running(s, token, client, now))
        return refuse_prefetch(r);
    verdict = avcsec_store_spend(s, token, client, now, &is_counted);
    if (verdict != AVCSEC_ALLOWED)
        return refuse(r, answer->asked, verdict);
    answer->spent_at = now;
    answer->is_kept |= !is_counted;
    return OK;
}

static int spend_all(request_rec *r, avcsec_facts_t *facts)
{
    int status = OK;

    for (avcsec_answer_t *a = facts->answers; a && status == OK; a = a->next)
        if (a->asked && a->judgement.verdict == AVCSEC_ALLOWED)
            status = spend(r, facts, a);
    return status;
}

int avcsec_spend_before_handlers(request_rec *r)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    int status;

    if (!facts || r->main || !facts->opened || avcsec_facts_is_private_file(r))
        return DECLINED;
    status = spend_all(r, facts);
    return status == OK ? DECLINED : status;
}

int avcsec_spend_for_file(request_rec *r)
{
    avcsec_facts_t *facts = avcsec_facts(r);

    return facts ? spend_all(r, facts) : HTTP_FORBIDDEN;
}

/* While the use that this request began, or went along with, cannot have ended: another one
 * of this client may run by then, which is not this request's to take back. */
static bool may_give_back(const avcsec_facts_t *facts, const avcsec_answer_t *answer, int64_t now)
{
    if (!answer->spent_at || answer->is_kept)
        return false;
    return answer->asked == AVCSEC_UPLOAD ||
           (answer->asked == AVCSEC_FILE &&
            now <= answer->spent_at + avcsec_config_use_grace(facts->root->server));
}

/* The script has said that it took the upload; that httpd then has no such range of its
 * answer (416) changes nothing. */
static void keep_uploads(avcsec_facts_t *facts)
{
    for (avcsec_answer_t *a = facts->answers; a; a = a->next)
        a->is_kept |= a->asked == AVCSEC_UPLOAD;
}

void avcsec_spend_settle(request_rec *r)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    int64_t now = avcsec_facts_now();

    if (!facts)
        return;
    if (ap_is_HTTP_SUCCESS(r->status) || r->status == HTTP_SWITCHING_PROTOCOLS) {
        keep_uploads(facts);
        return;
    }
    for (avcsec_answer_t *a = facts->answers; a; a = a->next)
        if (may_give_back(facts, a, now)) {
            avcsec_store_give_back(facts->root->server, &a->judgement.token,
                                   a->asked == AVCSEC_FILE ? &facts->wire.client : NULL, now);
            a->spent_at = 0;
        }
}
