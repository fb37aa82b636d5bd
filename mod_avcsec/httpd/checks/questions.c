/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions of media servers that are answered before anything of this module is asked: by a
 * redirect of the virtual host, which nginx-rtmp takes for a yes, or by another place.
 */
#include "httpd/checks/redirects.h"
#include "httpd/checks/rules.h"
#include "httpd/config/handlers.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

/* A line that makes a place where media servers ask. */
typedef struct {
    const ap_directive_t *line;
    const char *what;            /* "AvcMediaServerOnly", "SetHandler avcsec-admission" */
    const avcsec_names_t *names; /* of AvcMediaServerScripts; else NULL */
    const server_rec *server;    /* the main one: in all */
} question_t;

static bool is_named(const ap_directive_t *line, const char *const names[])
{
    for (int i = 0; names[i]; i++)
        if (!strcasecmp(line->directive, names[i]))
            return true;
    return false;
}

/* ---- Redirects ---- */

/* The innermost of the sections around a line that httpd looks at when it has mapped the
 * path to a file; NULL: none. */
static const ap_directive_t *file_section_of(const ap_directive_t *line)
{
    static const char *const sections[] = {"<Directory", "<DirectoryMatch", "<Files", "<FilesMatch",
                                           NULL};

    while ((line = line->parent) != NULL)
        if (is_named(line, sections))
            return line;
    return NULL;
}

/* A redirect of a server that the question is asked in. */
static const ap_directive_t *find_redirect(avcsec_checks_t *check, const server_rec *server)
{
    for (server_rec *s = check->main_server; s; s = s->next) {
        const ap_directive_t *found =
            s == server || server == check->main_server ? avcsec_redirects_first(check, s) : NULL;

        if (found)
            return found;
    }
    return NULL;
}

/* ---- Names that the address does not show ---- */

/* The path of a name below `path`, if it is a folder that the name needs. */
static avcsec_slice_t below(apr_pool_t *p, const char *path, const avcsec_name_t *name)
{
    return avcsec_slice_of(name->folder.p
                               ? apr_psprintf(p, "%s/%.*s", path, (int)name->name.len, name->name.p)
                               : path);
}

typedef struct {
    avcsec_checks_t *check;
    const avcsec_names_t *names;
} alias_search_t;

/* An Alias that leads from an address without any of the names to a file with one. */
static bool hides_name(const ap_directive_t *line, const void *baton)
{
    static const char *const names[] = {"Alias", "ScriptAlias", NULL};
    const alias_search_t *search = baton;
    const avcsec_slice_t none = {0};
    const char *args = line->args, *url, *target;
    apr_pool_t *p = search->check->p;

    if (!is_named(line, names))
        return false;
    url = ap_getword_conf(p, &args);
    target = ap_getword_conf(p, &args);
    for (int i = 0; i < search->names->names->nelts; i++) {
        avcsec_name_t name = APR_ARRAY_IDX(search->names->names, i, avcsec_name_t);

        name.arguments = none;
        if (avcsec_name_is_in(&name, below(p, target, &name), none) &&
            !avcsec_name_is_in(&name, below(p, url, &name), none))
            return true;
    }
    return false;
}

static void check_unseen(avcsec_checks_t *check, const question_t *question)
{
    const ap_directive_t *redirect = find_redirect(check, question->server);
    const ap_directive_t *section = file_section_of(question->line), *alias = NULL;
    const alias_search_t search = {check, question->names};
    avcsec_place_t place = avcsec_tree_place(question->line);

    if (redirect && !section && question->names)
        alias = avcsec_tree_find_for(check, question->server, hides_name, &search);
    if (!redirect || (!section && !alias))
        return;
    avcsec_complain(
        check, AVCSEC_NOTICE_ADVICE, &place,
        apr_psprintf(check->p,
                     "%s %s%s, which httpd does not get to where %s (%s line %d) redirects, and "
                     "nginx-rtmp takes a redirect for a yes: %s",
                     question->what,
                     section ? "stands in " : "is for names that the address does not show behind ",
                     section ? apr_pstrcat(check->p, section->directive, ">", NULL)
                             : apr_psprintf(check->p, "%s (%s line %d)", alias->directive,
                                            alias->filename, alias->line_num),
                     redirect->directive, redirect->filename, redirect->line_num,
                     section ? "let it stand in a <Location>, or in the virtual host"
                             : "add AvcMediaServerOnly On in a <Location> of that address"));
}

/* ---- Only on a TLS port ---- */

/* Only nginx-rtmp takes a redirect for a yes, and only it can ask by plain HTTP alone. */
static bool may_be_nginx_rtmp(const question_t *question)
{
    bool is_another = false;

    if (!strcmp(question->what, "SetHandler avcsec-check") ||
        !strcmp(question->what, "SetHandler avcsec-token-verify"))
        return false;
    if (strcmp(question->what, "SetHandler avcsec-admission") != 0)
        return true;
    for (int i = 0; i < avcsec_config_settings()->nelts; i++) {
        const avcsec_setting_t *setting = avcsec_tree_setting(i);

        if (!avcsec_tree_is(setting, "AvcAdmission") || setting->server != question->server)
            continue;
        if (!strcmp(((const avcsec_admission_t *)setting->value)->dialect->name, "nginx-rtmp"))
            return true;
        is_another = true;
    }
    return !is_another;
}

static bool stands_on_plain_port(const avcsec_checks_t *check, const apr_array_header_t *questions,
                                 const question_t *question)
{
    for (int i = 0; i < questions->nelts; i++) {
        const question_t *other = &APR_ARRAY_IDX(questions, i, question_t);

        if (strcmp(other->what, question->what) != 0)
            continue;
        for (server_rec *s = check->main_server; s; s = s->next)
            if ((other->server == s || other->server == check->main_server) &&
                !avcsec_tree_has_tls(check, s))
                return true;
    }
    return false;
}

static const ap_directive_t *find_plain_redirect(avcsec_checks_t *check)
{
    for (server_rec *s = check->main_server; s; s = s->next) {
        const ap_directive_t *found =
            avcsec_tree_has_tls(check, s) ? NULL : avcsec_redirects_first(check, s);

        if (found)
            return found;
    }
    return NULL;
}

static void check_tls(avcsec_checks_t *check, const apr_array_header_t *questions,
                      const question_t *question)
{
    const ap_directive_t *redirect = find_plain_redirect(check);
    avcsec_place_t place = avcsec_tree_place(question->line);

    if (!may_be_nginx_rtmp(question) || stands_on_plain_port(check, questions, question))
        return;
    avcsec_complain(
        check, AVCSEC_NOTICE_ADVICE, &place,
        apr_psprintf(check->p,
                     "%s stands only on a TLS port. nginx-rtmp speaks no TLS, and takes a redirect "
                     "from the plain port for a yes%s: let it stand on the plain port as well; one "
                     "that listens on 127.0.0.1 alone is enough where the media server runs here",
                     question->what,
                     redirect ? apr_psprintf(check->p, " (%s, %s line %d)", redirect->directive,
                                             redirect->filename, redirect->line_num)
                              : ""));
}

/* ---- Finding the questions ---- */

static const avcsec_names_t *names_of(const avcsec_setting_t *setting)
{
    return avcsec_tree_is(setting, "AvcMediaServerScripts") ? setting->value : NULL;
}

static void add_settings(apr_array_header_t *questions)
{
    for (int i = 0; i < avcsec_config_settings()->nelts; i++) {
        const avcsec_setting_t *setting = avcsec_tree_setting(i);
        const avcsec_names_t *names = names_of(setting);
        bool is_one = names ? names->names->nelts > 0
                            : avcsec_tree_is(setting, "AvcMediaServerOnly") &&
                                  avcsec_switch_is_on(setting->value);

        if (is_one)
            APR_ARRAY_PUSH(questions, question_t) =
                (question_t){setting->line, setting->directive, names, setting->server};
    }
}

/* SetHandler is httpd's own, which keeps no list. */
static const char *handler_of(apr_pool_t *p, const ap_directive_t *line)
{
    const char *args = line->args;

    return strcasecmp(line->directive, "SetHandler")
               ? NULL
               : avcsec_handlers_answering(ap_getword_conf(p, &args));
}

static void add_handlers(const avcsec_checks_t *check, apr_array_header_t *questions,
                         const ap_directive_t *line)
{
    for (; line; line = line->next) {
        const char *handler = handler_of(check->p, line);

        if (handler)
            APR_ARRAY_PUSH(questions, question_t) =
                (question_t){line, apr_pstrcat(check->p, "SetHandler ", handler, NULL), NULL,
                             avcsec_tree_server_of(check, line)};
        add_handlers(check, questions, line->first_child);
    }
}

/* Once for each kind of question in a server. */
static bool was_there(const apr_array_header_t *questions, int i)
{
    const question_t *question = &APR_ARRAY_IDX(questions, i, question_t);

    while (i-- > 0) {
        const question_t *other = &APR_ARRAY_IDX(questions, i, question_t);

        if (other->server == question->server && !strcmp(other->what, question->what))
            return true;
    }
    return false;
}

/* ---- Questions by their path ---- */

static void check_front(avcsec_checks_t *check, const avcsec_setting_t *setting)
{
    const avcsec_check_t *front = setting->value;

    if (!front->front || front->front->uri || !front->prefix || !*front->prefix)
        return;
    avcsec_complain(
        check, AVCSEC_NOTICE_ADVICE, &front->place,
        apr_psprintf(check->p,
                     "AvcCheck %s is asked by the path that its client chose, behind %s: give it "
                     "a virtual host of its own with <Location \"/\">, where nothing else can "
                     "answer",
                     front->front->name, front->prefix));
}

void avcsec_check_questions(avcsec_checks_t *check)
{
    apr_array_header_t *questions = apr_array_make(check->p, 4, sizeof(question_t));

    add_settings(questions);
    add_handlers(check, questions, ap_conftree);
    for (int i = 0; i < questions->nelts; i++) {
        const question_t *question = &APR_ARRAY_IDX(questions, i, question_t);

        check_unseen(check, question);
        if (!was_there(questions, i))
            check_tls(check, questions, question);
    }
    for (int i = 0; i < avcsec_config_settings()->nelts; i++)
        if (avcsec_tree_is(avcsec_tree_setting(i), "AvcCheck"))
            check_front(check, avcsec_tree_setting(i));
}
