/* SPDX-License-Identifier: Apache-2.0
 *
 * The gate. Media server, admin and hidden names are judged anew at each step that
 * httpd makes of a request; a signed URL is judged once, as the client asked for it.
 */
#include "gate.h"

#include "answer.h"
#include "facts.h"
#include "log.h"
#include "proofs.h"
#include "strip.h"

#include "../core/admission.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "http_protocol.h"
#include "http_request.h"

#include <limits.h>
#include <stdlib.h>

APLOG_USE_MODULE(avcsec);

/* Media server or admin: one kind of caller that has a place of its own. */
typedef struct {
    avcsec_caller_t caller;
    const avcsec_switch_t *only;
    const avcsec_names_t *scripts;
} area_t;

static area_t media_server_of(const avcsec_section_t *s)
{
    return (area_t){avcsec_caller_media_server(s), s->media_server_only, s->media_server_scripts};
}

static area_t admin_of(const avcsec_section_t *s)
{
    return (area_t){avcsec_caller_admin(s), s->admin_only, s->admin_scripts};
}

/* ---- Names ---- */

/* `path` behind the directory `base`, or NULL if it does not lie in it. */
static const char *below(const char *path, const char *base)
{
    size_t len = base ? strlen(base) : 0;

    while (len && base[len - 1] == '/')
        len--;
    return len && !strncmp(path, base, len) && (path[len] == '/' || !path[len]) ? path + len : NULL;
}

/* What httpd mapped the request to, without the directories above the site: a site may
 * lie in a directory that is called like a hidden name. */
static const char *mapped_part(request_rec *r)
{
    const char *path = r->filename, *part;

    if (!path)
        return "";
    if (!strncmp(path, "proxy:", 6)) {
        const char *host = strstr(path, "://");

        path = host ? host + 3 : path;
        path += strcspn(path, "/");
    }
    if (!(part = below(path, ap_context_document_root(r))))
        part = below(path, ap_document_root(r));
    /* An Alias may name the very file. */
    if (part && !*part && r->finfo.filetype != APR_DIR)
        part = strrchr(path, '/');
    return part ? part : path;
}

/* What a proxy is asked for, decoded and without its query. */
static const char *proxied_part(request_rec *r, const char *mapped)
{
    char *path = apr_pstrmemdup(r->pool, mapped, strcspn(mapped, "?"));

    ap_unescape_url_keep2f(path, 1);
    return path;
}

/* The file behind symbolic links: one that is called otherwise is still the script. */
static const char *real_part(request_rec *r)
{
    char real[PATH_MAX];
    const char *part;

    if (r->finfo.filetype != APR_REG || !realpath(r->filename, real) || !strcmp(real, r->filename))
        return NULL;
    if (!(part = below(real, ap_context_document_root(r))))
        part = below(real, ap_document_root(r));
    return apr_pstrdup(r->pool, part ? part : strrchr(real, '/'));
}

static bool holds(const avcsec_names_t *list, const char *path, avcsec_slice_t query)
{
    avcsec_slice_t s = avcsec_slice_of(path);

    for (int i = 0; s.len && i < list->names->nelts; i++)
        if (avcsec_name_is_in(&APR_ARRAY_IDX(list->names, i, avcsec_name_t), s, query))
            return true;
    return false;
}

/* All paths that a step of a request goes by; computed once for all lists. */
#define PATHS 5

static void find_paths(request_rec *r, const char *paths[PATHS])
{
    const char *mapped = mapped_part(r);
    bool is_proxied = r->filename && !strncmp(r->filename, "proxy:", 6);

    paths[0] = r->uri;
    paths[1] = mapped;
    paths[2] = r->path_info;
    paths[3] = is_proxied ? proxied_part(r, mapped) : NULL;
    paths[4] = is_proxied ? NULL : real_part(r);
}

static bool is_named(request_rec *r, const avcsec_names_t *list, const char *const paths[PATHS])
{
    avcsec_slice_t query = avcsec_slice_of(r->args);

    for (int i = 0; list && i < PATHS; i++)
        if (paths[i] && holds(list, paths[i], query))
            return true;
    return false;
}

/* ---- Deciding ---- */

static int refuse(request_rec *r, avcsec_verdict_t verdict, const char *detail, bool only_logs)
{
    avcsec_facts_t *facts = avcsec_facts(r);

    if (verdict == AVCSEC_STORE && !only_logs)
        apr_table_setn(r->err_headers_out, "Retry-After", "2");
    if (facts)
        facts->is_protected = true;
    r->no_cache = 1;
    return avcsec_log_refusal(r, verdict, detail, only_logs);
}

/* While AvcEnforce only logs, what is behind answers its preflights itself, as before. */
static bool leaves_preflight(const request_rec *r, bool only_logs)
{
    return only_logs && !avcsec_config_section(r)->origins;
}

static int check_caller(request_rec *r, const avcsec_caller_t *caller, bool only_logs)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    avcsec_verdict_t verdict;
    const char *detail;

    if (facts)
        facts->is_protected = true;
    r->no_cache = 1;
    /* A server in front might take a preflight's answer for a yes. */
    if (avcsec_proofs_ask_token(caller->proof) && !caller->is_front &&
        avcsec_answer_wants_preflight(r) && !leaves_preflight(r, only_logs))
        return avcsec_answer_preflight(r);
    verdict = avcsec_proofs_check(r, caller, &detail);
    return verdict == AVCSEC_ALLOWED ? OK : refuse(r, verdict, detail, only_logs);
}

static int check_area(request_rec *r, const area_t *area, const char *const paths[PATHS],
                      bool only_logs)
{
    return avcsec_switch_is_on(area->only) || is_named(r, area->scripts, paths)
               ? check_caller(r, &area->caller, only_logs)
               : OK;
}

/* What answers whether somebody may come in answers the media server and nobody else,
 * whatever the section says. */
static int check_own_handler(request_rec *r)
{
    static const char *const handlers[] = {"avcsec-token-verify", "avcsec-admission",
                                           "avcsec-check", NULL};
    avcsec_caller_t media_server = avcsec_caller_media_server(avcsec_config_section(r));

    for (int i = 0; r->handler && handlers[i]; i++)
        if (!strcmp(r->handler, handlers[i])) {
            media_server.is_front = !strcmp(r->handler, "avcsec-check");
            /* A media server that asks by GET may escape nothing: what its client put behind
             * the question as a request of its own is not read. */
            if (r->method_number == M_GET && !media_server.is_front)
                r->connection->keepalive = AP_CONN_CLOSE;
            return check_caller(r, &media_server, false);
        }
    return OK;
}

/* An ErrorDocument, or what httpd makes of one. */
static bool is_error_page(const request_rec *r)
{
    for (; r; r = r->main ? r->main : r->prev)
        if (r->prev && ap_is_HTTP_ERROR(r->prev->status))
            return true;
    return false;
}

/* What httpd makes of a request inside inherits its verdict under the same setting; under
 * another one nobody signed for it. */
static avcsec_verdict_t inherited_verdict(request_rec *r, avcsec_facts_t *facts,
                                          const void *setting, bool is_strict)
{
    if (facts->signed_setting == setting)
        return facts->signed_verdict;
    if (facts->signed_setting || is_error_page(r))
        return AVCSEC_NO_TOKEN;
    return avcsec_facts_judge(r, AVCSEC_FILE, is_strict)->verdict;
}

static avcsec_verdict_t signed_verdict(request_rec *r, const void *setting, bool is_strict)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    avcsec_verdict_t verdict;

    if (!facts)
        return AVCSEC_NO_TOKEN;
    if (!avcsec_facts_is_root(r))
        return inherited_verdict(r, facts, setting, is_strict);
    verdict = avcsec_facts_judge(r, AVCSEC_FILE, is_strict)->verdict;
    facts->signed_setting = setting;
    facts->signed_verdict = verdict;
    return verdict;
}

/* OPTIONS that is no preflight passes with a token that is right but for the method. */
static bool is_options_with_token(const request_rec *r, avcsec_verdict_t verdict)
{
    return r->method_number == M_OPTIONS && (verdict == AVCSEC_ALLOWED || verdict == AVCSEC_METHOD);
}

static int check_signed(request_rec *r, const avcsec_section_t *section)
{
    bool is_strict = avcsec_switch_is_on(section->signed_url);
    bool only_logs = !section->files && avcsec_section_only_logs(section);
    avcsec_facts_t *facts = avcsec_facts(r);
    avcsec_verdict_t verdict;

    if (!is_strict && !section->files)
        return OK;
    if (section->files && !avcsec_facts_is_private_file(r))
        return refuse(r, AVCSEC_SHADOWED, NULL, false);
    if (facts)
        facts->is_protected = true;
    r->no_cache = 1;
    if (r->method_number == M_OPTIONS && leaves_preflight(r, only_logs)) {
        if (facts)
            facts->is_waived = true;
        return OK;
    }
    if (avcsec_answer_wants_preflight(r))
        return avcsec_answer_preflight(r);
    /* Private files are a place of their own, also where everything asks for a signature. */
    verdict = signed_verdict(
        r, section->files ? (const void *)section->files : (const void *)section->signed_url,
        is_strict);
    if (r->method_number == M_OPTIONS && avcsec_facts_is_root(r))
        return is_options_with_token(r, verdict) ? OK : avcsec_answer_preflight(r);
    if (facts && verdict != AVCSEC_ALLOWED && only_logs)
        facts->is_waived = true;
    return verdict == AVCSEC_ALLOWED ? OK : refuse(r, verdict, NULL, only_logs);
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

static avcsec_verdict_t judge_session(request_rec *r, const avcsec_section_t *section)
{
    const avcsec_session_for_t *session = section->session_for;
    const avcsec_judgement_t *judgement = avcsec_facts_judge(r, AVCSEC_SESSION, false);
    avcsec_address_t client = avcsec_facts_client(r);
    avcsec_wish_t wish = {.act = avcsec_slice_of(session->act),
                          .is_admin_address = avcsec_peers_have(section->admin, &client)};

    if (judgement->verdict != AVCSEC_ALLOWED)
        return judgement->verdict;
    if (!work_out(r, session->app, &wish.app))
        return AVCSEC_APP;
    if (!work_out(r, session->room, &wish.room))
        return AVCSEC_ROOM;
    return avcsec_admission_allows(&judgement->token, &wish);
}

/* As of a signed URL: what the client asked for itself is judged, and what httpd makes of it
 * inside inherits that under the same setting. */
static avcsec_verdict_t session_verdict(request_rec *r, const avcsec_section_t *section)
{
    avcsec_facts_t *facts = avcsec_facts(r);

    if (!facts)
        return AVCSEC_NO_TOKEN;
    if (avcsec_facts_is_root(r)) {
        facts->session_setting = section->session_for;
        facts->session_verdict = judge_session(r, section);
        return facts->session_verdict;
    }
    if (facts->session_setting == section->session_for)
        return facts->session_verdict;
    return facts->session_setting || is_error_page(r) ? AVCSEC_NO_TOKEN : judge_session(r, section);
}

static int check_session(request_rec *r, const avcsec_section_t *section)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    avcsec_verdict_t verdict;

    if (!section->session_for || !section->session_for->is_on)
        return OK;
    if (facts)
        facts->is_protected = true;
    r->no_cache = 1;
    if (avcsec_answer_wants_preflight(r))
        return avcsec_answer_preflight(r);
    verdict = session_verdict(r, section);
    if (r->method_number == M_OPTIONS && avcsec_facts_is_root(r))
        return is_options_with_token(r, verdict) ? OK : avcsec_answer_preflight(r);
    return verdict == AVCSEC_ALLOWED ? OK : refuse(r, verdict, NULL, false);
}

/* A server in front asks by the path of its own client, whose tokens are not for the path of
 * the question. */
static bool is_asked_in_path(const request_rec *r)
{
    const avcsec_check_t *check = avcsec_config_section(r)->check;

    return check && !check->front->uri;
}

/* A path token is checked although nobody asks for it, lest any text in a path made
 * another spelling of it. */
static int check_idle_path_tokens(request_rec *r, bool is_late)
{
    const avcsec_facts_t *facts = avcsec_facts(r);
    const avcsec_judgement_t *judgement;

    if (!facts || !facts->has_path_tokens || facts->opened || facts->is_waived ||
        !avcsec_facts_is_root(r) || is_asked_in_path(r))
        return OK;
    judgement = avcsec_facts_judge(r, AVCSEC_NO_PURPOSE, false);
    /* A session token may yet be asked for by `Require avc-token session`. */
    if (judgement->verdict == AVCSEC_ALLOWED ||
        (judgement->verdict == AVCSEC_SIGNATURE && judgement->is_idle_session && !is_late))
        return OK;
    return refuse(r, judgement->verdict, NULL, false);
}

static bool lists_names(const avcsec_section_t *section)
{
    return section->hidden || section->media_server_scripts || section->admin_scripts;
}

static int decide(request_rec *r)
{
    const avcsec_section_t *section = avcsec_config_section(r);
    bool only_logs = avcsec_section_only_logs(section);
    area_t media_server = media_server_of(section), admin = admin_of(section);
    const char *paths[PATHS] = {NULL};
    int status;

    if (lists_names(section))
        find_paths(r, paths);
    if (is_named(r, section->hidden, paths))
        return refuse(r, AVCSEC_HIDDEN, NULL, false);
    if ((status = check_area(r, &media_server, paths, only_logs)) != OK ||
        (status = check_area(r, &admin, paths, only_logs)) != OK)
        return status;
    if ((status = check_signed(r, section)) != OK)
        return status;
    return check_session(r, section);
}

/* ---- Hooks ---- */

static const char *copy(apr_pool_t *p, const char *text)
{
    return text ? apr_pstrdup(p, text) : NULL;
}

static bool is_same(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

static void remember_passed(request_rec *r, avcsec_facts_t *facts)
{
    facts->passed = (avcsec_step_t){r,
                                    r->per_dir_config,
                                    copy(r->pool, r->uri),
                                    copy(r->pool, r->filename),
                                    copy(r->pool, r->path_info),
                                    copy(r->pool, r->args)};
}

/* Nothing that the gate looks at has changed since this step passed it. */
static bool has_passed(const request_rec *r, const avcsec_facts_t *facts)
{
    const avcsec_step_t *step = &facts->passed;

    return step->r == r && step->per_dir_config == r->per_dir_config &&
           is_same(step->uri, r->uri) && is_same(step->filename, r->filename) &&
           is_same(step->path_info, r->path_info) && is_same(step->args, r->args);
}

/* A file that is looked up by its name (SSI's "include file") has no address, and httpd
 * finds no <Location> for it: it is judged by the address that it would have. */
static int decide_by_name(request_rec *r)
{
    ap_conf_vector_t *per_dir_config = r->per_dir_config;
    const char *path = below(r->filename, ap_document_root(r));
    char *uri = r->uri;
    int status;

    if (!path)
        return decide(r);
    r->uri = apr_pstrdup(r->pool, path);
    ap_location_walk(r);
    status = decide(r);
    r->uri = uri;
    r->per_dir_config = per_dir_config;
    return status;
}

int avcsec_gate_after_sections(request_rec *r)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    bool is_by_name = r->main && r->filename && r->uri && !*r->uri;
    int status = is_by_name ? decide_by_name(r) : decide(r);

    if (status == OK)
        status = check_idle_path_tokens(r, false);
    if (!facts)
        return status == OK ? DECLINED : status;
    if (facts->is_protected)
        r->no_cache = 1;
    facts->is_gated |= avcsec_facts_is_root(r);
    avcsec_strip_settle(r, facts);
    if (status == OK)
        remember_passed(r, facts);
    return status == OK ? DECLINED : status;
}

/* Per-directory [P] and internal redirects that keep the request change what runs after
 * the gate above. */
int avcsec_gate_before_handlers(request_rec *r)
{
    const avcsec_facts_t *facts = avcsec_facts(r);
    int status = facts && has_passed(r, facts) ? OK : decide(r);

    if (status == OK)
        status = check_own_handler(r);
    if (status == OK)
        status = check_idle_path_tokens(r, true);
    return status == OK ? DECLINED : status;
}
