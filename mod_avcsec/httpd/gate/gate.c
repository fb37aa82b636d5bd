/* SPDX-License-Identifier: Apache-2.0
 *
 * The gate. Media server, admin and hidden names are judged anew at each step that
 * httpd makes of a request; a signed URL is judged once, as the client asked for it.
 */
#include "httpd/gate/gate.h"

#include "httpd/config/handlers.h"
#include "httpd/config/protections.h"
#include "httpd/gate/arguments.h"
#include "httpd/gate/behind.h"
#include "httpd/gate/dav.h"
#include "httpd/gate/leads.h"
#include "httpd/gate/paths.h"
#include "httpd/gate/place.h"
#include "httpd/gate/proofs.h"
#include "httpd/gate/questions.h"
#include "httpd/gate/readings.h"
#include "httpd/gate/tokens.h"
#include "httpd/request/cors.h"
#include "httpd/request/facts.h"
#include "httpd/request/log.h"
#include "httpd/request/question.h"
#include "httpd/request/strip.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "http_protocol.h"
#include "http_request.h"

APLOG_USE_MODULE(avcsec);

#define LISTING "avcsec-listing" /* note of a folder, from when its handler runs */

/* Media server or admin: one kind of caller that has a place of its own. */
typedef struct {
    avcsec_caller_t caller;
    const avcsec_switch_t *only;
    const avcsec_names_t *scripts;
} area_t;

static area_t media_server_of(request_rec *r, const avcsec_section_t *s)
{
    area_t area = {avcsec_caller_media_server(s), s->media_server_only, s->media_server_scripts};

    area.caller.only_logs = avcsec_section_only_logs(s) && !avcsec_handlers_asked(r);
    return area;
}

static area_t admin_of(const avcsec_section_t *s)
{
    area_t area = {avcsec_caller_admin(s), s->admin_only, s->admin_scripts};

    area.caller.only_logs = avcsec_section_only_logs(s);
    return area;
}

/* ---- Deciding ---- */

static int check_caller(request_rec *r, const avcsec_caller_t *caller)
{
    avcsec_verdict_t verdict;
    const char *detail;

    avcsec_facts_guard(r);
    /* A server in front might take a preflight's answer for a yes. */
    if (avcsec_proofs_ask_token(caller->proof) && !caller->is_front &&
        avcsec_cors_wants_preflight(r) && !avcsec_gate_leaves_preflight(r, caller->only_logs))
        return avcsec_cors_preflight(r);
    verdict = avcsec_proofs_check(r, caller, &detail);
    return verdict == AVCSEC_ALLOWED ? OK
                                     : avcsec_gate_refuse(r, verdict, detail, caller->only_logs);
}

static bool is_in_area(request_rec *r, const area_t *area, const avcsec_paths_t *paths)
{
    return avcsec_switch_is_on(area->only) || avcsec_paths_have(r, area->scripts, paths);
}

/* It answers the media server and nobody else, whatever the section says. */
static int check_own_handler(request_rec *r)
{
    avcsec_caller_t media_server;

    if (!avcsec_handlers_answering(r->handler))
        return OK;
    media_server = avcsec_caller_media_server(avcsec_config_section(r));
    avcsec_question_note(r, r->uri, AVCSEC_ASKED_HANDLER, false);
    media_server.is_front = !strcmp(r->handler, "avcsec-check");
    /* A media server that asks by GET may escape nothing: what its client put behind
     * the question as a request of its own is not read. */
    if (r->method_number == M_GET && !media_server.is_front)
        r->connection->keepalive = AP_CONN_CLOSE;
    return check_caller(r, &media_server);
}

static bool lists_names(const avcsec_section_t *section)
{
    return section->hidden || section->media_server_scripts || section->admin_scripts;
}

static int decide_areas(request_rec *r, const avcsec_section_t *section, area_t media_server,
                        area_t admin)
{
    avcsec_paths_t paths = {NULL};
    bool is_script;
    int status;

    if (lists_names(section))
        avcsec_paths_find(r, &paths);
    is_script = is_in_area(r, &media_server, &paths);
    if (is_script)
        avcsec_questions_note(r, media_server.caller.only_logs);
    if ((status = avcsec_place_check(r)) != OK)
        return status;
    if (avcsec_paths_have(r, section->hidden, &paths))
        return avcsec_gate_refuse(r, AVCSEC_HIDDEN, NULL, false);
    if (is_script && (status = check_caller(r, &media_server.caller)) != OK)
        return status;
    return is_in_area(r, &admin, &paths) ? check_caller(r, &admin.caller) : OK;
}

/* By the names of a step, and the sections that hold for it. */
static int decide_here(request_rec *r)
{
    const avcsec_section_t *section = avcsec_config_section(r);
    int status = lists_names(section) || section->media_server_only || section->admin_only
                     ? decide_areas(r, section, media_server_of(r, section), admin_of(section))
                     : avcsec_place_check(r);

    if (status != OK || (status = avcsec_tokens_check_signed(r, section)) != OK)
        return status;
    if ((status = avcsec_tokens_check_session(r, section)) != OK)
        return status;
    return section->arguments ? avcsec_arguments_check(r, section) : OK;
}

/* By names alone: a place may be open by another address, a name is closed wherever it leads. */
static int decide_names(request_rec *r)
{
    const avcsec_section_t *section = avcsec_config_section(r);
    area_t media_server = media_server_of(r, section), admin = admin_of(section);

    int status;

    media_server.only = admin.only = NULL;
    if ((status = decide_areas(r, section, media_server, admin)) != OK)
        return status;
    return section->arguments ? avcsec_arguments_check(r, section) : OK;
}

static int decide(request_rec *r)
{
    int status = avcsec_questions_check(r);

    if (status == OK && (status = avcsec_readings_check(r)) != OK)
        avcsec_questions_look(r);
    if (status == OK)
        status = decide_here(r);
    if (status == OK)
        status = avcsec_readings_decide(r, decide_here);
    if (status == OK)
        status = avcsec_leads_decide_names(r, decide_names);
    return status == OK ? avcsec_leads_decide(r, decide_here) : status;
}

/* ---- Hooks ---- */

static bool is_same(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

/* Where a handler leads that is a proxy's address. */
static const char *path_of_handler(request_rec *r)
{
    return avcsec_behind_is_address(r->handler) ? avcsec_behind_handler(r).path[0] : NULL;
}

static avcsec_step_t step_of(request_rec *r)
{
    return (avcsec_step_t){.r = r,
                           .per_dir_config = r->per_dir_config,
                           .text = {[AVCSEC_STEP_URI] = r->uri,
                                    [AVCSEC_STEP_FILENAME] = r->filename,
                                    [AVCSEC_STEP_PATH_INFO] = r->path_info,
                                    [AVCSEC_STEP_ARGS] = r->args,
                                    [AVCSEC_STEP_HANDLER] = path_of_handler(r)}};
}

/* Another step may come to stand where one ended whose memory is gone: its texts are copied. */
static void remember_passed(request_rec *r, avcsec_facts_t *facts)
{
    avcsec_step_t step = step_of(r);
    size_t len[AVCSEC_STEP_TEXTS], sum = 0;
    char *room;

    for (int i = 0; i < AVCSEC_STEP_TEXTS; i++)
        sum += len[i] = step.text[i] ? strlen(step.text[i]) + 1 : 0;
    room = apr_palloc(facts->root->pool, sum);
    for (int i = 0; i < AVCSEC_STEP_TEXTS; room += len[i++])
        if (len[i])
            step.text[i] = memcpy(room, step.text[i], len[i]);
    facts->passed = step;
}

/* Nothing that the gate looks at has changed since this step passed it. */
static bool has_passed(request_rec *r, const avcsec_facts_t *facts)
{
    const avcsec_step_t *passed = &facts->passed;
    avcsec_step_t step;

    if (passed->r != r || passed->per_dir_config != r->per_dir_config)
        return false;
    step = step_of(r);
    for (int i = 0; i < AVCSEC_STEP_TEXTS; i++)
        if (!is_same(step.text[i], passed->text[i]))
            return false;
    return true;
}

/* A listing asks of each name in the folder, and names what it may not open where an .htaccess
 * says ShowForbidden; what is missing it never names. */
static int as_listed(const request_rec *r, int status)
{
    bool is_listing = r->main && apr_table_get(r->main->notes, LISTING);

    return is_listing && ap_is_HTTP_ERROR(status) ? HTTP_NOT_FOUND : status;
}

int avcsec_gate_after_sections(request_rec *r)
{
    avcsec_facts_t *facts;
    bool is_by_name = r->main && r->filename && r->uri && !*r->uri;
    int status;

    if (avcsec_is_idle())
        return DECLINED;
    facts = avcsec_facts(r);
    status = decide(r);
    if (status == OK && is_by_name)
        status = avcsec_leads_decide_by_name(r, decide_here);
    if (status == OK)
        status = avcsec_tokens_check_idle(r, false);
    if (!facts)
        return status == OK ? DECLINED : as_listed(r, status);
    if (facts->is_protected || facts->is_uncacheable)
        r->no_cache = 1;
    facts->gated_step = r;
    facts->is_gated |= avcsec_facts_is_root(r);
    avcsec_strip_settle(r, facts);
    if (status == OK)
        remember_passed(r, facts);
    return status == OK ? DECLINED : as_listed(r, status);
}

/* A handler that is a proxy's address is known when the step has passed. */
static int decide_for_handler(request_rec *r)
{
    int status = avcsec_readings_check(r);

    return status == OK ? avcsec_readings_decide(r, decide_here) : status;
}

/* A part that may be had, but not under the headers that its page has left with. Pages that
 * mod_include makes wait for their parts; others, and those that could not know, do without. */
static int check_late(request_rec *r)
{
    return r->main && avcsec_facts_is_late(r) && !avcsec_section_only_logs(avcsec_config_section(r))
               ? avcsec_log_refusal_of_run(r, AVCSEC_LATE, false)
               : OK;
}

/* The server's own configuration says where it proxies before the sections are known; an
 * .htaccess, or a section, after that. */
static bool is_proxied_by_section(const request_rec *r, const avcsec_facts_t *facts)
{
    const char *before =
        facts && facts->passed.r == r ? facts->passed.text[AVCSEC_STEP_FILENAME] : NULL;

    return !avcsec_behind_is_address(before);
}

/* RequestHeader, which an .htaccess may have, comes behind the gate above: a body becomes a form,
 * an argument a cookie. */
static int check_arguments_again(request_rec *r)
{
    const avcsec_section_t *section = avcsec_config_section(r);

    return section->arguments ? avcsec_arguments_check(r, section) : OK;
}

/* Per-directory [P] and internal redirects that keep the request change what runs after
 * the gate above. */
int avcsec_gate_before_handlers(request_rec *r)
{
    const avcsec_facts_t *facts;
    int status;

    /* An .htaccess may name a handler of this module where nothing else of it stands. */
    if (avcsec_is_idle() && !avcsec_handlers_may_be_ours(r->handler))
        return DECLINED;
    facts = avcsec_facts(r);
    if (facts && facts->running == r) /* it has passed, and its handlers run */
        return DECLINED;
    avcsec_questions_take(r);
    status = facts && has_passed(r, facts) ? decide_for_handler(r) : decide(r);
    if (status == OK)
        status = check_arguments_again(r);
    if (status == OK && is_proxied_by_section(r, facts))
        status = avcsec_leads_decide_backend(r, decide_here);
    if (status == OK)
        status = avcsec_leads_decide_told(r, decide_here);
    if (status == OK)
        status = avcsec_questions_settle(r);
    if (status == OK)
        status = avcsec_place_check_handler(r);
    if (status == OK)
        status = check_own_handler(r);
    avcsec_question_watch(r);
    if (status == OK)
        status = avcsec_dav_check(r);
    if (r->handler && !strcmp(r->handler, DIR_MAGIC_TYPE))
        apr_table_setn(r->notes, LISTING, "");
    if (status == OK)
        status = avcsec_tokens_check_idle(r, true);
    if (status == OK)
        status = check_late(r);
    return status == OK ? DECLINED : status;
}

int avcsec_gate_before_member(request_rec *r, const char *url)
{
    char *filename = r->filename;
    int status;

    r->filename = apr_pstrcat(r->pool, "proxy:", url, NULL);
    status = decide(r);
    r->filename = filename;
    return status == OK ? DECLINED : status;
}
