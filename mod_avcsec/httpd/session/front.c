/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers servers in front.
 */
#include "httpd/session/front.h"

#include "httpd/config/handlers.h"
#include "httpd/request/facts.h"
#include "httpd/request/log.h"
#include "httpd/request/question.h"
#include "httpd/session/admission.h"
#include "httpd/state/keys.h"
#include "httpd/state/store.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "http_protocol.h"

APLOG_USE_MODULE(avcsec);

static avcsec_slice_t get_header(void *baton, const char *name)
{
    const request_rec *r = baton;

    return avcsec_slice_of(apr_table_get(r->headers_in, name));
}

/* One header says the reason; httpd's own pages for refusals are not for machines. */
static int reply(request_rec *r, avcsec_verdict_t verdict)
{
    r->status = verdict == AVCSEC_ALLOWED    ? HTTP_OK
                : verdict == AVCSEC_NO_TOKEN ? HTTP_UNAUTHORIZED
                                             : HTTP_FORBIDDEN;
    apr_table_setn(r->headers_out, "X-Avc-Reason", avcsec_verdict_word(verdict));
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    if (r->status == HTTP_UNAUTHORIZED)
        apr_table_setn(r->headers_out, "WWW-Authenticate", "Bearer"); /* RFC 9110, 15.5.2 */
    ap_set_content_type(r, "text/plain");
    ap_set_content_length(r, 0);
    avcsec_question_answered(r);
    return OK;
}

/* Absent, which no token is for, where it cannot be worked out. */
static avcsec_slice_t asked_act(request_rec *r)
{
    const ap_expr_info_t *act = avcsec_config_section(r)->check->act;
    const char *error = NULL, *word;
    avcsec_slice_t none = {0};

    if (!act)
        return AVCSEC_LITERAL("connect");
    word = ap_expr_str_exec(r, act, &error);
    return error ? none : avcsec_slice_of(word);
}

/* What the token is bound to besides, and may be told by nobody. */
static avcsec_verdict_t check_limits(request_rec *r, const avcsec_request_t *request,
                                     avcsec_judgement_t *judgement, bool has_client)
{
    const avcsec_token_t *token = &judgement->token;
    avcsec_wish_t wish = {.act = asked_act(r), .has_client = has_client, .client = request->client};

    wish.is_admin_address = avcsec_admission_is_admin(r, &wish);
    if ((token->has_ip4 || token->has_ip6) && !has_client)
        return AVCSEC_ADDRESS;
    if (token->len || token->typ.p) {
        judgement->detail = "the token limits size or kind of an upload, and a server in front "
                            "sends no upload along with its question";
        return AVCSEC_FORM;
    }
    return token->purpose == AVCSEC_SESSION ? avcsec_admission_allows(token, &wish)
                                            : AVCSEC_ALLOWED;
}

static bool is_method(const avcsec_request_t *request, const char *name)
{
    return avcsec_slice_equals(request->method, avcsec_slice_of(name));
}

/* SPEC, "Uses". What comes of the request, the server in front does not tell, nor, of a
 * session's GET, whether it is an Upgrade. */
static bool begins_use(const avcsec_request_t *request, avcsec_purpose_t purpose)
{
    switch (purpose) {
    case AVCSEC_FILE:
        return !is_method(request, "HEAD") && !is_method(request, "PATCH") &&
               !is_method(request, "DELETE");
    case AVCSEC_UPLOAD:
        return is_method(request, "POST") || is_method(request, "PUT");
    case AVCSEC_SESSION:
        return !is_method(request, "PATCH") && !is_method(request, "DELETE");
    default:
        return true;
    }
}

static avcsec_verdict_t spend(request_rec *r, const avcsec_request_t *request,
                              const avcsec_token_t *token, bool has_client)
{
    const avcsec_address_t *client =
        token->purpose == AVCSEC_FILE && has_client ? &request->client : NULL;
    bool is_counted;

    return begins_use(request, token->purpose)
               ? avcsec_store_spend(r->server, token, client, avcsec_facts_now(), &is_counted)
               : avcsec_store_pass(r->server, token, avcsec_facts_now());
}

/* Judges what the front's client asked for. */
static void judge(request_rec *r, const avcsec_check_t *check, const avcsec_request_t *request,
                  avcsec_judgement_t *judgement)
{
    avcsec_policy_t policy = avcsec_facts_policy(r, check->purpose, check->purpose == AVCSEC_FILE);
    size_t room = AVCSEC_READING_ROOM(request->path.len, request->query.len);
    avcsec_keys_t keys = avcsec_keys_of(r->server);
    avcsec_mac_t *mac = avcsec_keys_mac();
    avcsec_reading_t reading;

    avcsec_request_read(request, apr_palloc(r->pool, room), &reading);
    if (mac)
        avcsec_request_judge(request, &reading, &policy, &keys, mac, avcsec_facts_now(), judgement);
}

static avcsec_verdict_t decide(request_rec *r, const avcsec_check_t *check, const char **detail)
{
    avcsec_request_t request = avcsec_facts(r)->wire;
    avcsec_headers_t headers = {get_header, r};
    avcsec_judgement_t *judgement = avcsec_facts_other_judgement(r);
    bool has_client;

    *detail = avcsec_front_read(check->front, &headers, avcsec_slice_of(check->prefix), &request,
                                &has_client);
    if (*detail)
        return AVCSEC_FORM;
    judge(r, check, &request, judgement);
    if (judgement->verdict == AVCSEC_ALLOWED)
        judgement->verdict = check_limits(r, &request, judgement, has_client);
    if (judgement->verdict == AVCSEC_ALLOWED)
        judgement->verdict = spend(r, &request, &judgement->token, has_client);
    if (judgement->verdict == AVCSEC_ALLOWED)
        avcsec_keys_used(r->server, judgement->token.kid, avcsec_facts_now());
    *detail = judgement->detail;
    return judgement->verdict;
}

int avcsec_front_handle(request_rec *r)
{
    const avcsec_check_t *check = avcsec_config_section(r)->check;
    avcsec_verdict_t verdict = AVCSEC_FORM;
    const char *detail = "AvcCheck stands nowhere: name the kind of server that asks";

    if (!avcsec_handlers_may_be_ours(r->handler) || strcmp(r->handler, AVCSEC_HANDLER_CHECK))
        return DECLINED;
    if (ap_discard_request_body(r) != OK)
        verdict = AVCSEC_FORM;
    else if (check)
        verdict = decide(r, check, &detail);
    if (verdict != AVCSEC_ALLOWED)
        avcsec_log_refusal(r, verdict, detail, false);
    return reply(r, verdict);
}
