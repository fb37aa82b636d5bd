/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers media servers.
 */
#include "httpd/session/admission.h"

#include "httpd/config/handlers.h"
#include "httpd/request/facts.h"
#include "httpd/request/log.h"
#include "httpd/request/message.h"
#include "httpd/request/question.h"
#include "httpd/session/jwt.h"
#include "httpd/session/subject.h"
#include "httpd/state/keys.h"
#include "httpd/state/store.h"

#include "core/session/form.h"
#include "core/text/b64url.h"
#include "core/text/query.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "http_protocol.h"
#include "http_request.h"

APLOG_USE_MODULE(avcsec);

/* ---- Asking core and the store ---- */

bool avcsec_admission_is_admin(const request_rec *r, const avcsec_wish_t *wish)
{
    const apr_array_header_t *peers = avcsec_config_section(r)->admin;

    for (int i = 0; wish->has_client && !wish->is_claimed && peers && i < peers->nelts; i++)
        if (avcsec_peer_contains(&APR_ARRAY_IDX(peers, i, avcsec_peer_t), &wish->client))
            return true;
    return false;
}

static bool is_of_this_machine(const avcsec_wish_t *wish)
{
    avcsec_peer_t loopback;

    return wish->has_client && ((!avcsec_peer_parse(AVCSEC_LITERAL("127.0.0.0/8"), &loopback) &&
                                 avcsec_peer_contains(&loopback, &wish->client)) ||
                                (!avcsec_peer_parse(AVCSEC_LITERAL("::1"), &loopback) &&
                                 avcsec_peer_contains(&loopback, &wish->client)));
}

/* More than the reason's sentence says, or NULL. */
static const char *explain(request_rec *r, const avcsec_judgement_t *judgement,
                           const avcsec_wish_t *wish, const char *relay)
{
    const avcsec_token_t *token = &judgement->token;
    avcsec_slice_t acts = token->act.p ? token->act : AVCSEC_LITERAL("connect.play");

    if (judgement->detail)
        return judgement->detail;
    if (judgement->verdict == AVCSEC_ACT)
        return apr_psprintf(
            r->pool,
            "the session may %.*s, and not %s: give whoever does that a token whose act names it",
            (int)acts.len, acts.p,
            avcsec_log_safe(
                r, apr_pstrmemdup(r->pool, wish->act.p ? wish->act.p : "", wish->act.len)));
    if (judgement->verdict == AVCSEC_NO_TOKEN && relay && is_of_this_machine(wish))
        return apr_pstrcat(r->pool, "the client sent no token; ", relay, NULL);
    return NULL;
}

/* Judges and spends; a refusal is logged. `asker` is who asks, `relay` what its own clients
 * need, or NULL. */
static const avcsec_judgement_t *ask(request_rec *r, avcsec_wish_t *wish, const char *asker,
                                     const char *relay)
{
    avcsec_judgement_t *judgement = avcsec_facts_other_judgement(r);
    avcsec_policy_t policy = avcsec_facts_policy(r, AVCSEC_SESSION, false);
    avcsec_keys_t keys = avcsec_keys_of(r->server);
    avcsec_mac_t *mac = avcsec_keys_mac();
    int64_t now = avcsec_facts_now();
    bool is_counted;

    wish->is_admin_address = avcsec_admission_is_admin(r, wish);
    if (avcsec_jwt_is_meant(avcsec_config_section(r), wish))
        avcsec_jwt_judge(r, wish, &policy, now, judgement);
    else if (mac)
        avcsec_admission_judge(wish, &policy, &keys, mac, now, judgement);
    if (judgement->verdict == AVCSEC_ALLOWED)
        judgement->verdict =
            avcsec_store_spend(r->server, &judgement->token, NULL, now, &is_counted);
    if (judgement->verdict == AVCSEC_ALLOWED) {
        avcsec_keys_used(r->server, judgement->token.kid, now);
        apr_table_setn(r->notes, "avc-kid",
                       apr_pstrmemdup(r->pool, judgement->token.kid.p, judgement->token.kid.len));
    } else {
        avcsec_subject_note(r, asker, wish, judgement->has_token ? &judgement->token : NULL);
        avcsec_log_refusal(r, judgement->verdict, explain(r, judgement, wish, relay), false);
    }
    return judgement;
}

/* ---- Answering ---- */

static int reply(request_rec *r, int status, const char *type, const char *body)
{
    r->status = status;
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    ap_set_content_type(r, type);
    ap_set_content_length(r, (apr_off_t)strlen(body));
    avcsec_question_answered(r);
    ap_rputs(body, r);
    return OK;
}

static int refuse_method(request_rec *r, int first, int second)
{
    ap_allow_standard_methods(r, REPLACE_ALLOW, first, second, -1);
    return HTTP_METHOD_NOT_ALLOWED;
}

/* A form is the body of a POST, else the query. */
static int read_text(request_rec *r, avcsec_slice_t *text)
{
    if (r->method_number == M_POST)
        return avcsec_message_read(r, AVCSEC_MESSAGE_MAX, text);
    *text = avcsec_facts(r)->wire.query;
    return OK;
}

/* ---- avcsec-token-verify ---- */

static const char *json_text(apr_pool_t *p, const char *text)
{
    char *out = apr_palloc(p, 2 * strlen(text) + 1), *to = out;

    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            *to++ = '\\';
        *to++ = *text;
    }
    *to = '\0';
    return out;
}

static const char *json_slice(apr_pool_t *p, avcsec_slice_t text)
{
    return json_text(p, text.p ? apr_pstrmemdup(p, text.p, text.len) : "");
}

/* `,"name":"value"` of a claim that stands as it is, or is base64url of text without
 * control characters; "" if it is not there. */
static const char *json_claim(apr_pool_t *p, const char *name, avcsec_slice_t claim, bool is_text)
{
    unsigned char *decoded = apr_pcalloc(p, claim.len + 1);
    size_t len;

    if (!claim.p)
        return "";
    if (!is_text)
        memcpy(decoded, claim.p, claim.len);
    else if (avcsec_b64url_decode(claim, decoded, &len))
        decoded[len] = '\0';
    return apr_pstrcat(p, ",\"", name, "\":\"", json_text(p, (const char *)decoded), "\"", NULL);
}

static const char *json_time(apr_pool_t *p, const char *name, int64_t seconds)
{
    return seconds ? apr_psprintf(p, ",\"%s\":%" APR_INT64_T_FMT, name, (apr_int64_t)seconds) : "";
}

/* What the session may do, as OAuth says it: words joined by spaces. */
static const char *scope_of(apr_pool_t *p, const avcsec_token_t *token)
{
    char *scope = token->act.p ? apr_pstrmemdup(p, token->act.p, token->act.len)
                               : apr_pstrdup(p, "connect.play");

    for (char *dot; (dot = strchr(scope, '.')) != NULL;)
        *dot = ' ';
    return scope;
}

/* RFC 7662, 2.2: what a wrong token is wrong for is nobody's business. */
static const char *introspection(apr_pool_t *p, const avcsec_judgement_t *judgement)
{
    const avcsec_token_t *token = &judgement->token;

    if (judgement->verdict != AVCSEC_ALLOWED)
        return "{\"active\":false}\n";
    return apr_pstrcat(p, "{\"active\":true,\"scope\":\"", scope_of(p, token), "\"",
                       json_time(p, "exp", token->exp), json_time(p, "iat", token->iat),
                       json_time(p, "nbf", token->nbf), json_claim(p, "jti", token->id, false),
                       json_claim(p, "sub", token->sub, true),
                       json_claim(p, "role", token->role, false),
                       json_claim(p, "app", token->app, false),
                       json_claim(p, "room", token->room, true), "}\n", NULL);
}

/* The text may be the query or a form: its values get room of their own size. */
static bool form_get(const request_rec *r, avcsec_slice_t text, avcsec_slice_t name,
                     avcsec_slice_t *value)
{
    return avcsec_form_get(text, name, apr_palloc(r->pool, text.len + 1), value);
}

static bool wants_json(const request_rec *r)
{
    const char *accept = apr_table_get(r->headers_in, "Accept");

    return accept && ap_strcasestr(accept, "application/json");
}

/* The arguments in front of the first `token`: behind it are its client's own words. */
static avcsec_slice_t before_token(avcsec_slice_t text)
{
    avcsec_slice_t rest = text;
    avcsec_argument_t argument;

    while (avcsec_query_next(&rest, &argument))
        if (avcsec_slice_unescapes_to(argument.name, AVCSEC_LITERAL("token")))
            return avcsec_slice_between(text.p, argument.name.p);
    return text;
}

/* What it asks for, where it says so: SPEC, section 4. */
static void read_asked(const request_rec *r, avcsec_slice_t text, avcsec_wish_t *wish)
{
    form_get(r, text, AVCSEC_LITERAL("act"), &wish->act);
    form_get(r, text, AVCSEC_LITERAL("room"), &wish->room);
    form_get(r, text, AVCSEC_LITERAL("app"), &wish->app);
}

/* AVChat's media server sends `?token=` and the text as its client gave it, unescaped: the
 * first `token` counts, and of what a client appends to it nothing is believed. */
static int verify(request_rec *r)
{
    avcsec_wish_t wish = {.act = AVCSEC_LITERAL("connect")};
    avcsec_slice_t text, fms;
    const avcsec_judgement_t *judgement;
    bool is_right;
    int status;

    if ((r->method_number != M_GET && r->method_number != M_POST) || r->header_only)
        return refuse_method(r, M_GET, M_POST);
    if ((status = read_text(r, &text)) != OK)
        return status;
    if (form_get(r, text, AVCSEC_LITERAL("token"), &wish.token) && !wish.token.len)
        wish.token.p = NULL;
    read_asked(r, r->method_number == M_POST ? text : before_token(text), &wish);
    judgement = ask(r, &wish, "avcsec-token-verify", NULL);
    is_right = judgement->verdict == AVCSEC_ALLOWED;
    if (wants_json(r))
        return reply(r, HTTP_OK, "application/json", introspection(r->pool, judgement));
    if (form_get(r, avcsec_facts(r)->wire.query, AVCSEC_LITERAL("fms"), &fms))
        return reply(r, HTTP_OK, "text/plain", is_right ? "&res=true" : "&res=false");
    return reply(r, HTTP_OK, "text/plain", is_right ? "true" : "false");
}

/* ---- avcsec-admission ---- */

static int reply_with(request_rec *r, const avcsec_dialect_t *dialect, const avcsec_reply_t *answer)
{
    return reply(r, answer->status, dialect->is_json ? "application/json" : "text/plain",
                 answer->body);
}

/* A stream must not be called by the token that opens it: everybody sees its name. */
static int rename_stream(request_rec *r, const avcsec_dialect_t *dialect, const avcsec_wish_t *wish,
                         const avcsec_token_t *token)
{
    unsigned char *room = apr_pcalloc(r->pool, AVCSEC_B64URL_BYTES(token->room.len) + 1);
    size_t len;

    if (!avcsec_b64url_decode(token->room, room, &len) ||
        !avcsec_slice_is_made_of((avcsec_slice_t){(const char *)room, len}, AVCSEC_UNRESERVED)) {
        avcsec_log_refusal(
            r, AVCSEC_ROOM,
            "a stream key alone names its room only in A-Z a-z 0-9 - . _ ~: give the "
            "stream name and the token behind it, as room?avc=token",
            false);
        return reply_with(r, dialect, &dialect->no);
    }
    if (dialect->is_json)
        return reply(r, HTTP_OK, "application/json",
                     apr_pstrcat(r->pool, "{\"allowed\":true,\"", dialect->renames, "\":\"",
                                 json_slice(r->pool, wish->before), room,
                                 json_slice(r->pool, wish->behind), "\"}", NULL));
    apr_table_setn(r->headers_out, dialect->renames, (const char *)room);
    return reply(r, HTTP_MOVED_TEMPORARILY, "text/plain", "");
}

static int admit(request_rec *r, const avcsec_dialect_t *dialect, avcsec_wish_t *wish)
{
    const avcsec_judgement_t *judgement = ask(r, wish, dialect->name, dialect->relay);

    if (judgement->verdict == AVCSEC_ALLOWED)
        return wish->is_room_of_token ? rename_stream(r, dialect, wish, &judgement->token)
                                      : reply_with(r, dialect, &dialect->yes);
    return reply_with(r, dialect,
                      judgement->verdict == AVCSEC_NO_TOKEN ? &dialect->no_token : &dialect->no);
}

static avcsec_message_t read_message(request_rec *r, const avcsec_admission_t *admission,
                                     avcsec_slice_t text, avcsec_wish_t *wish,
                                     avcsec_fault_t *fault)
{
    const avcsec_dialect_t *dialect = admission->dialect;
    const char *type = dialect->is_json ? "application/json" : "application/x-www-form-urlencoded";
    avcsec_fields_t fields;
    avcsec_message_t message;

    if (r->method_number == M_POST && !avcsec_message_is_of_type(r, type)) {
        *fault = (avcsec_fault_t){"Content-Type", apr_pstrcat(r->pool, "is not ", type, NULL)};
        return AVCSEC_MESSAGE_BAD;
    }
    if (!avcsec_message_fields(r, dialect->is_json, text, &fields, fault))
        return AVCSEC_MESSAGE_BAD;
    message = avcsec_dialect_read(dialect, &fields, apr_palloc(r->pool, AVCSEC_DIALECT_ROOM), wish,
                                  fault);
    wish->is_claimed &= !admission->is_address_known;
    return message;
}

static const char *describe_fault(request_rec *r, const avcsec_dialect_t *dialect,
                                  const avcsec_fault_t *fault)
{
    bool is_relay = dialect->relay && !strcmp(fault->field, dialect->client);

    return apr_psprintf(r->pool, "what was asked is no question of %s: %s %s%s%s", dialect->name,
                        fault->field, fault->is, is_relay ? "; " : "",
                        is_relay ? dialect->relay : "");
}

static int answer_callback(request_rec *r)
{
    const avcsec_admission_t *admission = avcsec_config_section(r)->admission;
    const avcsec_dialect_t *dialect = admission ? admission->dialect : NULL;
    avcsec_slice_t text;
    avcsec_fault_t fault = {NULL, NULL};
    avcsec_wish_t wish = {.has_client = false};
    int status;

    if (!dialect) {
        avcsec_log_refusal(r, AVCSEC_FORM, "AvcAdmission stands nowhere: name the media server",
                           false);
        return HTTP_FORBIDDEN;
    }
    if (r->method_number != M_POST && (dialect->is_json || r->method_number != M_GET))
        return refuse_method(r, M_POST, dialect->is_json ? M_POST : M_GET);
    if ((status = read_text(r, &text)) != OK)
        return status;
    switch (read_message(r, admission, text, &wish, &fault)) {
    case AVCSEC_MESSAGE_ASKS:
        return admit(r, dialect, &wish);
    case AVCSEC_MESSAGE_NOTE:
        return reply_with(r, dialect, &dialect->noted);
    case AVCSEC_MESSAGE_BAD:
        break;
    }
    avcsec_subject_note(r, dialect->name, &wish, NULL);
    avcsec_log_refusal(r, AVCSEC_FORM, describe_fault(r, dialect, &fault), false);
    return reply_with(r, dialect, &dialect->no);
}

int avcsec_admission_handle(request_rec *r)
{
    if (!avcsec_handlers_may_be_ours(r->handler))
        return DECLINED;
    if (!strcmp(r->handler, AVCSEC_HANDLER_VERIFY))
        return verify(r);
    return strcmp(r->handler, AVCSEC_HANDLER_ADMISSION) ? DECLINED : answer_callback(r);
}
