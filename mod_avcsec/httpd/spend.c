/* SPDX-License-Identifier: Apache-2.0
 *
 * Spending uses. A file's use belongs to its client: ranges, seeking and a whole playlist
 * are one. All other purposes spend one use for each request that begins something.
 */
#include "spend.h"

#include "facts.h"
#include "log.h"
#include "store.h"

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
        return is_method(facts, "POST") || facts->wire.upgrade.p;
    default:
        return true;
    }
}

static int refuse(request_rec *r, avcsec_verdict_t verdict)
{
    if (verdict == AVCSEC_STORE)
        apr_table_setn(r->err_headers_out, "Retry-After", RETRY_AFTER);
    r->no_cache = 1;
    return avcsec_log_refusal(r, verdict, NULL, false);
}

/* Neither counted nor refused for good: the browser asks again when somebody looks. */
static int refuse_prefetch(request_rec *r)
{
    apr_table_setn(r->err_headers_out, "Retry-After", RETRY_AFTER);
    apr_table_setn(r->err_headers_out, "Cache-Control", "no-store");
    return HTTP_SERVICE_UNAVAILABLE;
}

static int spend(request_rec *r, avcsec_facts_t *facts, avcsec_answer_t *answer)
{
    const avcsec_token_t *token = &answer->judgement.token;
    bool is_file = answer->asked == AVCSEC_FILE;
    const avcsec_address_t *client = is_file ? &facts->wire.client : NULL;
    const server_rec *s = facts->root->server;
    int64_t now = avcsec_facts_now();
    avcsec_verdict_t verdict;

    if (!token->max || answer->is_spent || !begins_use(facts, answer->asked))
        return OK;
    if (is_file && is_prefetch(facts->root) && !avcsec_store_is_running(s, token, client, now))
        return refuse_prefetch(r);
    verdict = avcsec_store_spend(s, token, client, now);
    answer->is_spent = verdict == AVCSEC_ALLOWED;
    return answer->is_spent ? OK : refuse(r, verdict);
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

void avcsec_spend_settle(request_rec *r)
{
    avcsec_facts_t *facts = avcsec_facts(r);

    if (!facts || ap_is_HTTP_SUCCESS(r->status) || r->status == HTTP_SWITCHING_PROTOCOLS)
        return;
    for (avcsec_answer_t *a = facts->answers; a; a = a->next)
        if (a->is_spent && a->asked != AVCSEC_CALL && a->asked != AVCSEC_SESSION) {
            avcsec_store_give_back(facts->root->server, &a->judgement.token,
                                   a->asked == AVCSEC_FILE ? &facts->wire.client : NULL,
                                   avcsec_facts_now());
            a->is_spent = false;
        }
}
