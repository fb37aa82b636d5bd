/* SPDX-License-Identifier: Apache-2.0
 *
 * Spending uses. A file's use belongs to its client: ranges, seeking and a whole playlist
 * are one. All other purposes spend one use for each request that begins something.
 */
#include "httpd/request/spend.h"

#include "httpd/config/notice.h"
#include "httpd/request/facts.h"
#include "httpd/request/log.h"
#include "httpd/request/outcome.h"
#include "httpd/state/store.h"

#include "http_core.h"
#include "http_log.h"
#include "http_protocol.h"

#include <stdatomic.h>

APLOG_USE_MODULE(avcsec);

#define RETRY_AFTER "2"
#define MINUTE 60

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

/* Of the protocols that a request may go on with, only this one is another use of a page's;
 * browsers and tools offer h2c with any request. */
static bool wants_websocket(const avcsec_facts_t *facts)
{
    avcsec_slice_t rest = facts->wire.upgrade, protocol, name;

    while (avcsec_slice_cut(&rest, ',', &protocol)) {
        avcsec_slice_cut(&protocol, '/', &name);
        if (avcsec_slice_equals_nocase(avcsec_slice_trim(name), AVCSEC_LITERAL("websocket")))
            return true;
    }
    return false;
}

/* A request of this method and purpose begins something that counts; what it asks for as a part
 * of a page is read by it, whatever the purpose. */
static bool begins_use(const request_rec *r, const avcsec_facts_t *facts, avcsec_purpose_t purpose)
{
    if (is_method(facts, "OPTIONS"))
        return false;
    if (r->main && purpose != AVCSEC_CALL)
        return !is_method(facts, "HEAD");
    switch (purpose) {
    case AVCSEC_FILE:
        return !is_method(facts, "HEAD") && !is_method(facts, "PATCH") &&
               !is_method(facts, "DELETE");
    case AVCSEC_UPLOAD:
        return is_method(facts, "POST") || is_method(facts, "PUT");
    case AVCSEC_SESSION:
        return is_post(facts) || wants_websocket(facts);
    default:
        return true;
    }
}

/* A step that runs is no look-up: what it is refused is written at once. */
static int refuse(request_rec *r, avcsec_purpose_t asked, avcsec_verdict_t verdict)
{
    const avcsec_facts_t *facts = avcsec_facts(r);

    avcsec_facts_guard(r);
    return avcsec_log_refusal_of_run(r, verdict, facts && (facts->only_logged & 1u << asked));
}

/* Neither counted nor refused for good: the browser asks again when somebody looks, and keeps no
 * page that was made without this part of it. */
static int refuse_prefetch(request_rec *r, avcsec_facts_t *facts)
{
    apr_table_setn(r->err_headers_out, "Retry-After", RETRY_AFTER);
    apr_table_setn(r->err_headers_out, "Cache-Control", "no-store");
    facts->is_uncacheable |= r->main != NULL;
    return HTTP_SERVICE_UNAVAILABLE;
}

/* ---- Spending ---- */

/* The same token was asked for twice, by two sections that differ in something else, or by
 * another step of the request. */
static bool is_spent(const avcsec_facts_t *facts, const avcsec_answer_t *answer)
{
    const avcsec_answer_t *a = facts->answers;

    while (a && (!a->spent_at || a->asked != answer->asked ||
                 !avcsec_slice_equals(a->judgement.token.text, answer->judgement.token.text)))
        a = a->next;
    return a != NULL;
}

static const avcsec_address_t *client_of(const avcsec_facts_t *facts, const avcsec_answer_t *answer)
{
    return answer->asked == AVCSEC_FILE ? &facts->wire.client : NULL;
}

/* Everybody behind a proxy would be one client, and nobody would notice. */
static void watch_proxy(const avcsec_facts_t *facts)
{
    static _Atomic int64_t said_at;
    const server_rec *s = facts->root->server;
    int64_t now = avcsec_facts_now(), then = atomic_load(&said_at);

    if (!facts->is_forwarded || (facts->is_vouched && avcsec_config_uses_useragent(s)) ||
        now - then < MINUTE || !atomic_compare_exchange_strong(&said_at, &then, now))
        return;
    avcsec_log_notice(s, AVCSEC_NOTICE_ONE_CLIENT,
                      "a link with max was used through a proxy at %s, whose address counts as the "
                      "client's: everybody behind it is one. If it is your own, set up "
                      "mod_remoteip and AvcClientAddress useragent",
                      facts->root->connection->client_ip);
}

static int spend(request_rec *r, avcsec_facts_t *facts, avcsec_answer_t *answer)
{
    const avcsec_token_t *token = &answer->judgement.token;
    const avcsec_address_t *client = client_of(facts, answer);
    const server_rec *s = facts->root->server;
    int64_t now = avcsec_facts_now();
    avcsec_verdict_t verdict;
    bool is_counted;

    if (!token->max || is_spent(facts, answer))
        return OK;
    if (!begins_use(r, facts, answer->asked)) {
        verdict = avcsec_store_pass(s, token, now);
        return verdict == AVCSEC_ALLOWED ? OK : refuse(r, answer->asked, verdict);
    }
    if (client && is_prefetch(facts->root) && !avcsec_store_is_running(s, token, client, now))
        return refuse_prefetch(r, facts);
    verdict = avcsec_store_spend(s, token, client, now, &is_counted);
    if (verdict != AVCSEC_ALLOWED)
        return refuse(r, answer->asked, verdict);
    if (client)
        watch_proxy(facts);
    answer->spent_at = now;
    answer->spent_by = r;
    answer->is_kept = !is_counted;
    return OK;
}

/* ---- Giving back ---- */

/* This step began it, or is what httpd made of the one that did. */
static bool is_own(const avcsec_answer_t *answer, const request_rec *r)
{
    while (r && r != answer->spent_by)
        r = r->prev;
    return answer->spent_at && r;
}

/* While the use that this request began, or went along with, cannot have ended: another one
 * of this client or with this token's id may run by then, which is not this request's to take
 * back. */
static bool may_give_back(const avcsec_facts_t *facts, const avcsec_answer_t *answer, int64_t now)
{
    int64_t end = answer->judgement.token.exp;

    return !answer->is_kept && now <= end &&
           (answer->asked != AVCSEC_FILE ||
            now <= answer->spent_at + avcsec_config_use_grace(facts->root->server));
}

static void give_back(const avcsec_facts_t *facts, avcsec_answer_t *answer)
{
    int64_t now = avcsec_facts_now();

    if (may_give_back(facts, answer, now)) {
        avcsec_store_give_back(facts->root->server, &answer->judgement.token,
                               client_of(facts, answer), now);
        answer->spent_at = 0;
    }
}

/* A handler of this module that answers a question: its no is an answer as its yes is. */
static bool answers_question(const request_rec *r)
{
    static const char *const handlers[] = {"avcsec-token-verify", "avcsec-admission",
                                           "avcsec-check", NULL};
    int i = 0;

    while (r->handler && handlers[i] && strcmp(r->handler, handlers[i]) != 0)
        i++;
    return r->handler && handlers[i];
}

/* What the client has already (304) is no use of a file; of anything else it ran. A client that
 * breaks off its body does not get back what ran meanwhile; an upload, which is that body, may
 * be sent again. */
static bool comes_to_nothing(request_rec *r, const avcsec_answer_t *answer, int status)
{
    if (avcsec_facts(r)->is_body_broken && answer->asked != AVCSEC_UPLOAD)
        return false;
    if (ap_is_HTTP_CLIENT_ERROR(status))
        return !answers_question(r);
    return ap_is_HTTP_SERVER_ERROR(status) ||
           (status == HTTP_NOT_MODIFIED && answer->asked == AVCSEC_FILE);
}

void avcsec_spend_settle(request_rec *r, int status)
{
    avcsec_facts_t *facts = avcsec_facts(r);

    for (avcsec_answer_t *a = facts ? facts->answers : NULL; a; a = a->next) {
        if (!is_own(a, r))
            continue;
        if (comes_to_nothing(r, a, status))
            give_back(facts, a);
        a->is_kept = true;
    }
}

/* ---- The hook ---- */

static int spend_all(request_rec *r, avcsec_facts_t *facts)
{
    int status = OK;

    for (avcsec_answer_t *a = facts->answers; a && status == OK; a = a->next)
        if (a->asked && a->judgement.verdict == AVCSEC_ALLOWED)
            status = spend(r, facts, a);
    if (status != OK) /* of two tokens the second was used up */
        avcsec_spend_settle(r, status);
    return status;
}

static bool is_unsettled(const avcsec_facts_t *facts, const request_rec *r)
{
    const avcsec_answer_t *a = facts->answers;

    while (a && (a->is_kept || !is_own(a, r)))
        a = a->next;
    return a != NULL;
}

int avcsec_spend_before_handlers(request_rec *r)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    int status;

    /* An ErrorDocument says that there was nothing to use. */
    if (!facts || !facts->opened || facts->running == r || avcsec_facts_is_private_file(r) ||
        avcsec_facts_is_error_page(r))
        return DECLINED;
    if ((status = spend_all(r, facts)) != OK)
        return status;
    return is_unsettled(facts, r) ? avcsec_outcome_run(r, avcsec_spend_settle) : DECLINED;
}

int avcsec_spend_for_file(request_rec *r)
{
    avcsec_facts_t *facts = avcsec_facts(r);

    return facts ? spend_all(r, facts) : HTTP_FORBIDDEN;
}
