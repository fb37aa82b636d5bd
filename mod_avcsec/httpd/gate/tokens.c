/* SPDX-License-Identifier: Apache-2.0
 *
 * What opens only to a token: AvcFiles, AvcSignedURL, AvcSessionFor.
 */
#include "httpd/gate/tokens.h"

#include "httpd/gate/proofs.h"
#include "httpd/request/cors.h"
#include "httpd/request/facts.h"
#include "httpd/request/log.h"
#include "httpd/request/old_links.h"

#include "core/session/admission.h"
#include "core/text/query.h"

#include "apr_strings.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

int avcsec_gate_refuse(request_rec *r, avcsec_verdict_t verdict, const char *detail, bool only_logs)
{
    if (verdict == AVCSEC_STORE && !only_logs)
        apr_table_setn(r->err_headers_out, "Retry-After", "2");
    avcsec_facts_guard(r);
    return avcsec_log_refusal(r, verdict, detail, only_logs);
}

bool avcsec_gate_leaves_preflight(const request_rec *r, bool only_logs)
{
    return only_logs && !avcsec_config_section(r)->origins;
}

/* The client's own request, as a server behind may read it: judged for itself, for nobody
 * signed that who signed another reading. */
static bool is_read_otherwise(const request_rec *r, const avcsec_facts_t *facts)
{
    return facts->as != AVCSEC_AS_IT_STANDS && !r->main && !r->prev;
}

/* A Destination of WebDAV is an address of its own, for which no token of the request was signed;
 * a session is for no address. mod_dav's own look-up has the request's method. */
static bool is_destination(const request_rec *r, const avcsec_facts_t *facts)
{
    return facts->is_destination ||
           (r->main && (r->method_number == M_COPY || r->method_number == M_MOVE));
}

/* mod_auth_form asks inside by the method that its form names. Else a step inside that reads is a
 * part of what was asked. */
static avcsec_verdict_t by_method(const request_rec *r, const avcsec_facts_t *facts,
                                  const avcsec_judgement_t *judgement)
{
    avcsec_slice_t method = avcsec_slice_of(r->method);

    return r->method_number == M_GET || avcsec_slice_equals(method, facts->wire.method) ||
                   avcsec_token_allows_method(&judgement->token, method)
               ? AVCSEC_ALLOWED
               : AVCSEC_METHOD;
}

/* What httpd makes of a request inside inherits its verdict under the same setting; under
 * another one nobody signed for it. */
static avcsec_verdict_t inherited_verdict(request_rec *r, avcsec_facts_t *facts,
                                          const void *setting, bool is_strict, bool only_logs)
{
    if (is_destination(r, facts))
        return AVCSEC_NO_TOKEN;
    if (facts->signed_setting == setting) {
        avcsec_facts_ask(facts, AVCSEC_FILE, only_logs);
        return facts->signed_judgement->verdict == AVCSEC_ALLOWED
                   ? by_method(r, facts, facts->signed_judgement)
                   : facts->signed_judgement->verdict;
    }
    if (facts->signed_setting || avcsec_facts_is_error_page(r))
        return AVCSEC_NO_TOKEN;
    return avcsec_facts_judge_for(r, AVCSEC_FILE, is_strict, only_logs)->verdict;
}

static avcsec_verdict_t signed_verdict(request_rec *r, const void *setting, bool is_strict,
                                       bool only_logs)
{
    avcsec_facts_t *facts = avcsec_facts(r);

    if (!facts)
        return AVCSEC_NO_TOKEN;
    if (is_read_otherwise(r, facts))
        return avcsec_facts_judge_for(r, AVCSEC_FILE, is_strict, only_logs)->verdict;
    if (!avcsec_facts_is_root(r))
        return inherited_verdict(r, facts, setting, is_strict, only_logs);
    facts->signed_judgement = avcsec_facts_judge_for(r, AVCSEC_FILE, is_strict, only_logs);
    facts->signed_setting = setting;
    return facts->signed_judgement->verdict;
}

/* OPTIONS that is no preflight passes with a token that is right but for the method. */
static bool is_options_with_token(const request_rec *r, avcsec_verdict_t verdict)
{
    return r->method_number == M_OPTIONS && (verdict == AVCSEC_ALLOWED || verdict == AVCSEC_METHOD);
}

/* An ErrorDocument of what had this verdict itself: nobody has used a token for it, and whoever
 * has used his up would go on reading there. httpd's own page comes instead, and what was refused
 * before has its line. */
static bool is_page_of_own_error(const request_rec *r)
{
    return !avcsec_facts_is_root(r) && avcsec_facts_is_error_page(r);
}

int avcsec_tokens_check_signed(request_rec *r, const avcsec_section_t *section)
{
    bool is_strict = avcsec_switch_is_on(section->signed_url);
    bool only_logs = !section->files && avcsec_section_only_logs(section);
    avcsec_facts_t *facts = avcsec_facts(r);
    const void *setting;
    avcsec_verdict_t verdict;

    if (!is_strict && !section->files)
        return OK;
    if (section->files && !avcsec_facts_is_private_file(r))
        return avcsec_gate_refuse(r, AVCSEC_SHADOWED, NULL, false);
    avcsec_facts_guard(r);
    setting = section->files ? (const void *)section->files : (const void *)section->signed_url;
    if (facts && !only_logs && facts->signed_setting == setting && is_page_of_own_error(r))
        return HTTP_FORBIDDEN;
    if (r->method_number == M_OPTIONS && avcsec_gate_leaves_preflight(r, only_logs)) {
        if (facts)
            facts->is_waived = true;
        return OK;
    }
    if (avcsec_cors_wants_preflight(r))
        return avcsec_cors_preflight(r);
    /* Private files are a place of their own, also where everything asks for a signature. */
    verdict = signed_verdict(r, setting, is_strict, only_logs);
    if (r->method_number == M_OPTIONS && avcsec_facts_is_root(r))
        return is_options_with_token(r, verdict) ? OK : avcsec_cors_preflight(r);
    if (facts && verdict != AVCSEC_ALLOWED && only_logs)
        facts->is_waived = true;
    /* What lies there is looked at when it is opened. */
    if (verdict == AVCSEC_NO_TOKEN && section->files && avcsec_old_links_hold(r, section))
        return OK;
    return verdict == AVCSEC_ALLOWED ? OK : avcsec_gate_refuse(r, verdict, NULL, only_logs);
}

/* ---- Sessions ---- */

/* What an expression of AvcSessionFor gives; false if it cannot be worked out. */
static bool work_out(request_rec *r, const ap_expr_info_t *expression, avcsec_slice_t *value)
{
    const char *error = NULL;

    if (expression)
        *value = avcsec_slice_of(ap_expr_str_exec(r, expression, &error));
    return !error;
}

/* Room or application, by an expression or an argument of this step: what runs reads that. */
static bool find_out(request_rec *r, const ap_expr_info_t *expression, const char *argument,
                     avcsec_slice_t *value)
{
    avcsec_slice_t query = avcsec_slice_of(r->args);

    if (!argument)
        return work_out(r, expression, value);
    return avcsec_query_single(query, avcsec_slice_of(argument), apr_palloc(r->pool, query.len + 1),
                               value);
}

static avcsec_verdict_t judge_session(request_rec *r, const avcsec_section_t *section)
{
    const avcsec_session_for_t *session = section->session_for;
    const avcsec_judgement_t *judgement = avcsec_facts_judge(r, AVCSEC_SESSION, false);
    avcsec_address_t client = avcsec_facts_client(r);
    avcsec_wish_t wish = {.act = avcsec_slice_of(session->act),
                          .is_admin_address = avcsec_peers_have(section->admin, &client)};

    if (judgement->verdict != AVCSEC_ALLOWED)
        return judgement->verdict;
    if (!find_out(r, session->app, session->app_argument, &wish.app))
        return session->app_argument ? AVCSEC_ARGUMENT : AVCSEC_APP;
    if (!find_out(r, session->room, session->room_argument, &wish.room))
        return session->room_argument ? AVCSEC_ARGUMENT : AVCSEC_ROOM;
    return avcsec_admission_allows(&judgement->token, &wish);
}

/* As of a signed URL: what the client asked for itself is judged, and what httpd makes of it
 * inside inherits that under the same setting. */
static avcsec_verdict_t session_verdict(request_rec *r, const avcsec_section_t *section)
{
    avcsec_facts_t *facts = avcsec_facts(r);

    if (!facts)
        return AVCSEC_NO_TOKEN;
    if (is_read_otherwise(r, facts))
        return judge_session(r, section);
    if (avcsec_facts_is_root(r)) {
        facts->session_setting = section->session_for;
        facts->session_verdict = judge_session(r, section);
        return facts->session_verdict;
    }
    if (is_destination(r, facts))
        return judge_session(r, section);
    if (facts->session_setting == section->session_for)
        return facts->session_verdict == AVCSEC_ALLOWED
                   ? by_method(r, facts, avcsec_facts_judge(r, AVCSEC_SESSION, false))
                   : facts->session_verdict;
    return facts->session_setting || avcsec_facts_is_error_page(r) ? AVCSEC_NO_TOKEN
                                                                   : judge_session(r, section);
}

/* More than the reason's sentence says, or NULL. */
static const char *explain(const request_rec *r, const avcsec_session_for_t *session,
                           avcsec_verdict_t verdict)
{
    if (verdict == AVCSEC_ACT)
        return apr_psprintf(r->pool, "the session's act does not name %s, which is asked for here",
                            session->act);
    if (verdict == AVCSEC_ARGUMENT && (session->room_argument || session->app_argument))
        return "the argument that names the room or the application (AvcSessionFor) is repeated, "
               "or "
               "written so that servers may read it differently";
    return NULL;
}

int avcsec_tokens_check_session(request_rec *r, const avcsec_section_t *section)
{
    const avcsec_facts_t *facts = avcsec_facts(r);
    avcsec_verdict_t verdict;

    if (!section->session_for || !section->session_for->is_on)
        return OK;
    avcsec_facts_guard(r);
    if (facts && facts->session_setting == section->session_for && is_page_of_own_error(r))
        return HTTP_FORBIDDEN;
    if (avcsec_cors_wants_preflight(r))
        return avcsec_cors_preflight(r);
    verdict = session_verdict(r, section);
    if (r->method_number == M_OPTIONS && avcsec_facts_is_root(r))
        return is_options_with_token(r, verdict) ? OK : avcsec_cors_preflight(r);
    return verdict == AVCSEC_ALLOWED
               ? OK
               : avcsec_gate_refuse(r, verdict, explain(r, section->session_for, verdict), false);
}

/* A server in front asks by the path of its own client, whose tokens are not for the path of
 * the question. */
static bool is_asked_in_path(const request_rec *r)
{
    const avcsec_check_t *check = avcsec_config_section(r)->check;

    return check && !check->front->uri;
}

int avcsec_tokens_check_idle(request_rec *r, bool is_late)
{
    const avcsec_facts_t *facts = avcsec_facts(r);
    const avcsec_judgement_t *judgement;

    if (!facts || !facts->has_path_tokens || facts->is_opened_as_it_stands || facts->is_waived ||
        !avcsec_facts_is_root(r) || is_asked_in_path(r))
        return OK;
    judgement = avcsec_facts_judge(r, AVCSEC_NO_PURPOSE, false);
    /* A session token may yet be asked for by `Require avc-token session`. */
    if (judgement->verdict == AVCSEC_ALLOWED ||
        (judgement->verdict == AVCSEC_SIGNATURE && judgement->is_idle_session && !is_late))
        return OK;
    return avcsec_gate_refuse(r, judgement->verdict, NULL, false);
}
