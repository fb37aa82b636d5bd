/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds out where media servers ask, and whether what runs is whom they asked.
 */
#include "httpd/gate/questions.h"

#include "httpd/config/handlers.h"
#include "httpd/gate/paths.h"
#include "httpd/gate/tokens.h"
#include "httpd/request/log.h"
#include "httpd/request/question.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "http_protocol.h"
#include "http_request.h"
#include "util_cfgtree.h"

APLOG_USE_MODULE(avcsec);

static bool is_any; /* asked anywhere in this configuration */

/* ---- What the configuration says ---- */

static bool is_question(const ap_directive_t *line)
{
    const char *args = line->args;

    return !strcasecmp(line->directive, "AvcMediaServerOnly") ||
           !strcasecmp(line->directive, "AvcMediaServerScripts") ||
           (!strcasecmp(line->directive, "SetHandler") &&
            avcsec_handlers_answering(ap_getword_conf(avcsec_config_settings()->pool, &args)));
}

static bool has_question(const ap_directive_t *line)
{
    for (; line; line = line->next)
        if (is_question(line) || has_question(line->first_child))
            return true;
    return false;
}

static int prepare(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    (void)plog, (void)ptemp, (void)s;
    is_any = has_question(ap_conftree);
    avcsec_question_expect(pconf, is_any);
    return OK;
}

/* ---- By an address alone ---- */

/* One of the names that only the media server may call stands in this path. */
static bool is_listed(request_rec *r, const char *path)
{
    avcsec_paths_t paths = {apr_array_make(r->pool, 1, sizeof(avcsec_path_t))};

    APR_ARRAY_PUSH(paths.list, avcsec_path_t) = (avcsec_path_t){path, NULL, false};
    return avcsec_paths_have(r, avcsec_config_section(r)->media_server_scripts, &paths);
}

static avcsec_asked_t asked_by_address(request_rec *r)
{
    if (avcsec_handlers_asked(r))
        return AVCSEC_ASKED_HANDLER;
    return avcsec_switch_is_on(avcsec_config_section(r)->media_server_only) || is_listed(r, r->uri)
               ? AVCSEC_ASKED_SCRIPT
               : AVCSEC_ASKED_NOBODY;
}

/* What is asked by this address, with the query that came, wherever httpd has got to with the
 * request: by its <Location> and <If> sections, and what stands in the server. */
static avcsec_asked_t asked_at(request_rec *r, const char *uri, bool *only_logs)
{
    avcsec_slice_t query = avcsec_facts(r)->wire.query;
    ap_conf_vector_t *per_dir_config = r->per_dir_config;
    apr_table_t *environment = r->subprocess_env;
    char *own_uri = r->uri, *args = r->args;
    avcsec_asked_t asked = AVCSEC_ASKED_NOBODY;

    r->uri = apr_pstrdup(r->pool, uri);
    r->args = query.p ? apr_pstrmemdup(r->pool, query.p, query.len) : NULL;
    r->per_dir_config = r->server->lookup_defaults;
    /* <LocationMatch> leaves what it matched there. */
    r->subprocess_env = apr_table_clone(r->pool, environment);
    if (ap_location_walk(r) == OK && ap_if_walk(r) == OK) {
        asked = asked_by_address(r);
        *only_logs = avcsec_section_only_logs(avcsec_config_section(r));
    }
    r->subprocess_env = environment;
    r->per_dir_config = per_dir_config;
    r->args = args;
    r->uri = own_uri;
    return asked;
}

static void note_address(request_rec *r, const char *uri)
{
    bool only_logs = false;
    avcsec_asked_t asked = asked_at(r, uri, &only_logs);

    avcsec_question_note(r, uri, asked, only_logs);
}

static const char *raw_path(const avcsec_facts_t *facts)
{
    return apr_pstrmemdup(facts->root->pool, facts->wire.path.p, facts->wire.path.len);
}

/* "..", or an escape that makes one. */
static bool has_dots(const char *path)
{
    return strstr(path, "..") || ap_strcasestr(path, "%2e");
}

/* A server in front puts what its client asks for behind its own place, and httpd takes
 * "/check/../x" for a request of something else. */
static bool leaves_place(request_rec *r, const avcsec_facts_t *facts)
{
    const char *raw = raw_path(facts);
    bool only_logs;

    return has_dots(raw) && !avcsec_handlers_asked(r) &&
           asked_at(r, raw, &only_logs) == AVCSEC_ASKED_HANDLER;
}

static int translate(request_rec *r)
{
    const avcsec_facts_t *facts;
    bool is_left, is_traced;

    if (!is_any || !avcsec_facts_is_root(r) || !(facts = avcsec_facts(r)))
        return DECLINED;
    is_left = leaves_place(r, facts);
    is_traced = r->method_number == M_TRACE && avcsec_handlers_asked(r);
    if (!is_left && !is_traced)
        return DECLINED;
    avcsec_question_note(r, r->uri, AVCSEC_ASKED_HANDLER, false);
    return is_left ? avcsec_gate_refuse(r, AVCSEC_MALFORMED,
                                        "the path that was asked for leads out of the place of the "
                                        "handler: whatever is there would answer",
                                        false)
                   : avcsec_gate_refuse(r, AVCSEC_METHOD,
                                        "TRACE is answered by httpd itself, which is nobody's yes",
                                        false);
}

void avcsec_questions_look(request_rec *r)
{
    const avcsec_facts_t *facts = avcsec_facts(r);

    if (!is_any || !facts || r->main || facts->question)
        return;
    note_address(facts->root, facts->mapped_uri ? facts->mapped_uri : facts->root->uri);
    /* Where httpd refuses a path, it leaves it half resolved. */
    if (!facts->mapped_uri)
        note_address(facts->root, raw_path(facts));
}

static void look_at_answer(request_rec *r)
{
    const avcsec_facts_t *facts = is_any ? avcsec_facts(r) : NULL;

    if (facts && !facts->is_gated)
        avcsec_questions_look(r);
}

/* ---- At the gate ---- */

/* A rule of a folder leads to another step, which is looked at for itself. */
static bool leads_on(const request_rec *r)
{
    return r->handler && !strcmp(r->handler, "redirect-handler");
}

void avcsec_questions_note(request_rec *r, bool only_logs)
{
    if (!leads_on(r))
        avcsec_question_note(r, r->uri, AVCSEC_ASKED_SCRIPT, only_logs);
}

int avcsec_questions_check(request_rec *r)
{
    const avcsec_facts_t *facts;
    bool is_handler;

    if (!is_any || r->main || !(facts = avcsec_facts(r)))
        return OK;
    is_handler = avcsec_handlers_asked(r) != NULL;
    /* A rule with [PT] changes the address before any section is looked at. */
    if (avcsec_facts_is_root(r) && facts->mapped_uri && strcmp(r->uri, facts->mapped_uri))
        note_address(r, facts->mapped_uri);
    avcsec_question_note(r, r->uri, is_handler ? AVCSEC_ASKED_HANDLER : AVCSEC_ASKED_NOBODY, false);
    if (is_handler || avcsec_question_asked(facts) != AVCSEC_ASKED_HANDLER)
        return OK;
    return avcsec_gate_refuse(r, AVCSEC_REPLACED,
                              apr_psprintf(r->pool, "a rule leads to it from %s. %s",
                                           avcsec_log_safe(r, facts->question->uri),
                                           avcsec_verdict_sentence(AVCSEC_REPLACED)),
                              false);
}

/* ---- Before handlers ---- */

/* mod_actions runs an interpreter at an address of its own, with the script's behind it. */
static request_rec *step_of_script(request_rec *r)
{
    request_rec *script = r->prev;
    size_t len = strlen(r->uri), own = script ? strlen(script->uri) : 0;

    return script && script->status == HTTP_OK && !leads_on(script) && len > own &&
                   !strcmp(r->uri + len - own, script->uri)
               ? script
               : r;
}

static bool is_media_servers(request_rec *r)
{
    const avcsec_section_t *section = avcsec_config_section(r);
    avcsec_paths_t paths;

    if (avcsec_switch_is_on(section->media_server_only) || !section->media_server_scripts)
        return avcsec_switch_is_on(section->media_server_only);
    avcsec_paths_find(r, &paths);
    return avcsec_paths_have(r, section->media_server_scripts, &paths);
}

static bool is_rewritten(const request_rec *r)
{
    const char *note = apr_table_get(r->notes, "mod_rewrite_rewritten");

    return note && strcmp(note, "0");
}

/* The script's path; of a proxied one without the path info that stands behind it. */
static avcsec_slice_t script_path(const request_rec *r)
{
    const char *path = r->filename ? r->filename : "", *php = NULL;

    if (!strncmp(path, "proxy:", 6))
        php = ap_strcasestr(path, ".ph");
    return php ? avcsec_slice_between(path, php + strcspn(php, "/")) : avcsec_slice_of(path);
}

static avcsec_name_t last_of(avcsec_slice_t path)
{
    size_t at = path.len;

    while (at && path.p[at - 1] != '/')
        at--;
    return (avcsec_name_t){.name = {path.p + at, path.len - at}};
}

/* A front controller runs for whatever was asked for: neither is its file called like that or
 * by a name of the media server's, nor does it stand in the address. */
static bool is_called(request_rec *r, const char *uri)
{
    const avcsec_slice_t asked = avcsec_slice_of(uri), script = script_path(r), none = {0};
    const avcsec_name_t last = last_of(asked), file = last_of(script);

    if (!last.name.len)
        return !strncmp(r->uri, uri, asked.len);
    return avcsec_name_is_in(&last, script, none) ||
           (file.name.len && avcsec_name_is_in(&file, asked, none)) ||
           is_listed(r, apr_pstrmemdup(r->pool, script.p, script.len));
}

static bool is_asked_script(request_rec *r, const avcsec_question_t *question)
{
    request_rec *step = step_of_script(r);
    bool is_plain = step == question->first && !strcmp(step->uri, question->uri) &&
                    !is_rewritten(step) &&
                    !(step->filename && !strncmp(step->filename, "proxy:fcgi:", 11));

    return is_media_servers(step) && (is_plain || is_called(step, question->uri));
}

void avcsec_questions_take(request_rec *r)
{
    const char *handler = is_any && !r->main ? avcsec_handlers_asked(r) : NULL;

    if (handler)
        r->handler = handler;
}

/* mod_cgi and mod_cgid hand on what such a script writes as it is, status line and all: no
 * filter sees it. */
static bool is_unheard(const request_rec *r)
{
    const avcsec_name_t file = last_of(avcsec_slice_of(r->filename));

    return r->handler && !strncmp(r->handler, "cgi-", 4) &&
           avcsec_slice_has_prefix(file.name, AVCSEC_LITERAL("nph-"));
}

/* An application's first page is what a server has for every path that it does not have; no
 * media server reads one. */
static bool is_mere_page(const request_rec *r)
{
    return r->handler && r->content_type && !strncmp(r->content_type, "text/html", 9) &&
           (!strcmp(r->handler, "text/html") || !strcmp(r->handler, "default-handler"));
}

/* mod_autoindex's, where a script was the folder's index. */
static bool is_listing(request_rec *r)
{
    return r->handler && !strcmp(r->handler, DIR_MAGIC_TYPE) && r->method_number == M_GET &&
           (ap_allow_options(r) & OPT_INDEXES);
}

static const char *stands_for_nothing(request_rec *r, const avcsec_question_t *question)
{
    return apr_psprintf(
        r->pool, "%s is nothing that answers, and this stands for whatever is not there. %s",
        avcsec_log_safe(r, question->uri), avcsec_verdict_sentence(AVCSEC_REPLACED));
}

int avcsec_questions_settle(request_rec *r)
{
    const avcsec_facts_t *facts = is_any ? avcsec_facts(r) : NULL;
    bool only_logs;

    if (r->main || avcsec_question_asked(facts) != AVCSEC_ASKED_SCRIPT)
        return OK;
    only_logs = facts->question->only_logs;
    if (is_unheard(r))
        return avcsec_gate_refuse(r, AVCSEC_REPLACED,
                                  "what a CGI script called nph-... answers goes past httpd, and "
                                  "nobody can tell whether it is a redirect: call it otherwise",
                                  only_logs);
    if (!is_listing(r) && is_asked_script(r, facts->question)) {
        avcsec_question_answered(r);
        return OK;
    }
    if (avcsec_facts_is_error_page(r) || !(is_mere_page(r) || is_listing(r)))
        return OK;
    return avcsec_gate_refuse(r, AVCSEC_REPLACED, stands_for_nothing(r, facts->question),
                              only_logs);
}

/* Neither MultiViews nor a type makes something else of a handler's place. */
static int check_type(request_rec *r)
{
    return is_any && !r->main && avcsec_handlers_asked(r) ? OK : DECLINED;
}

void avcsec_questions_register(void)
{
    ap_hook_post_config(prepare, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_translate_name(translate, NULL, NULL, APR_HOOK_REALLY_FIRST + 1);
    ap_hook_type_checker(check_type, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_insert_filter(look_at_answer, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_insert_error_filter(look_at_answer, NULL, NULL, APR_HOOK_FIRST);
}
