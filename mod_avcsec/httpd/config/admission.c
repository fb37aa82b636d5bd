/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads who asks for sessions, and where they are needed.
 */
#include "httpd/config/admission.h"

#include "httpd/config/roots.h"

#include "ap_expr.h"
#include "apr_fnmatch.h"
#include "apr_strings.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

#ifdef AVCSEC_HAVE_JANSSON
#define READS_JSON true
#else
#define READS_JSON false
#endif

static const char *list_dialects(apr_pool_t *p)
{
    const char *list = "";

    for (const avcsec_dialect_t *dialect = avcsec_dialects; dialect->name; dialect++)
        list = apr_pstrcat(p, list, *list ? ", " : "", dialect->name, NULL);
    return list;
}

static const char *list_fronts(apr_pool_t *p)
{
    const char *list = "";

    for (const avcsec_front_t *front = avcsec_fronts; front->name; front++)
        list = apr_pstrcat(p, list, *list ? ", " : "", front->name, NULL);
    return list;
}

const char *avcsec_config_admission(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    const avcsec_dialect_t *dialect = avcsec_dialect_find(avcsec_slice_of(argv[0]));
    avcsec_admission_t *admission = apr_pcalloc(cmd->pool, sizeof(*admission));

    if (!dialect)
        return apr_psprintf(cmd->pool, "does not know the media server \"%s\"; it knows %s",
                            argv[0], list_dialects(cmd->pool));
    if (dialect->is_json && !READS_JSON)
        return apr_psprintf(cmd->pool,
                            "cannot answer %s: it sends JSON, and this module was built without "
                            "jansson",
                            dialect->name);
    if (argc == 2 && (strcasecmp(argv[1], "address") != 0 || !dialect->believes))
        return apr_psprintf(cmd->pool,
                            "takes \"address\" behind srs, and nothing behind %s, not \"%s\"",
                            dialect->name, argv[1]);
    admission->dialect = dialect;
    admission->is_address_known = argc == 2;
    *(const avcsec_admission_t **)field = admission;
    return NULL;
}

/* The path of a literal <Location>, without a slash at its end; NULL elsewhere. */
static const char *location_of(const cmd_parms *cmd)
{
    const ap_directive_t *section = cmd->directive->parent;
    char *path;

    if (!section || strcasecmp(section->directive, "<Location") || !cmd->path ||
        cmd->path[0] != '/' || apr_fnmatch_test(cmd->path) || strchr(section->args, '~'))
        return NULL;
    path = apr_pstrdup(cmd->pool, cmd->path);
    ap_no2slash(path); /* as checks do with the section */
    return strcmp(path, "/") ? avcsec_path_without_slash(cmd->pool, path) : "";
}

/* "act=expression" at the end, of a session. */
static const char *read_act(cmd_parms *cmd, const char *word, avcsec_check_t *check)
{
    const char *error = NULL;

    if (check->purpose != AVCSEC_SESSION || strncasecmp(word, "act=", 4) != 0)
        return apr_psprintf(cmd->pool, "takes act=expression behind session, not \"%s\"", word);
    check->act = ap_expr_parse_cmd(cmd, word + 4, AP_EXPR_FLAG_STRING_RESULT, &error, NULL);
    return error ? apr_psprintf(cmd->pool, "cannot read \"%s\": %s", word, error) : NULL;
}

const char *avcsec_config_check(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    avcsec_check_t *check = apr_pcalloc(cmd->pool, sizeof(*check));
    const char *error;

    check->front = avcsec_front_find(avcsec_slice_of(argv[0]));
    check->purpose = argc >= 2 ? avcsec_purpose_of(avcsec_slice_of(argv[1])) : AVCSEC_FILE;
    check->prefix = location_of(cmd);
    check->place = avcsec_config_place(cmd);
    if (!check->front)
        return apr_psprintf(cmd->pool, "does not know the server \"%s\"; it knows %s", argv[0],
                            list_fronts(cmd->pool));
    if (!check->purpose)
        return apr_psprintf(cmd->pool, "takes file, upload, call or session, not \"%s\"", argv[1]);
    if (argc == 3 && (error = read_act(cmd, argv[2], check)))
        return error;
    if (!check->front->uri && !check->prefix)
        return apr_psprintf(cmd->pool,
                            "%s stands directly in a literal <Location \"/path\">, the path_prefix "
                            "of its questions",
                            check->front->name);
    if (!check->prefix)
        check->prefix = "";
    *(const avcsec_check_t **)field = check;
    return NULL;
}

static const char *read_argument(cmd_parms *cmd, const char *name, const char **argument)
{
    *argument = apr_pstrdup(cmd->pool, name);
    return avcsec_slice_is_made_of(avcsec_slice_of(name), AVCSEC_WORD)
               ? NULL
               : apr_psprintf(cmd->pool,
                              "takes the name of an argument in A-Z a-z 0-9 _ - behind \"arg:\", "
                              "not \"%s\"",
                              name);
}

static const char *read_where(cmd_parms *cmd, const char *word, avcsec_session_for_t *session)
{
    bool is_room = !strncasecmp(word, "room=", 5);
    const ap_expr_info_t **to = is_room                         ? &session->room
                                : !strncasecmp(word, "app=", 4) ? &session->app
                                                                : NULL;
    const char **argument = is_room ? &session->room_argument : &session->app_argument,
               *value = to ? strchr(word, '=') + 1 : NULL, *error = NULL;

    if (to && !*to && !*argument && !strncasecmp(value, "arg:", 4))
        return read_argument(cmd, value + 4, argument);
    if (!to || *to || *argument)
        return apr_psprintf(cmd->pool,
                            "takes room= and app= behind the act, once each, with an expression "
                            "or arg:name; not \"%s\"",
                            word);
    *to = ap_expr_parse_cmd(cmd, value, AP_EXPR_FLAG_STRING_RESULT, &error, NULL);
    return error ? apr_psprintf(cmd->pool, "cannot read \"%s\": %s", word, error) : NULL;
}

const char *avcsec_config_session_for(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    avcsec_session_for_t *session = apr_pcalloc(cmd->pool, sizeof(*session));
    const char *error;

    session->place = avcsec_config_place(cmd);
    session->is_on = strcasecmp(argv[0], "Off") != 0;
    session->act = apr_pstrdup(cmd->pool, argv[0]);
    if (!session->is_on && argc > 1)
        return "takes nothing behind \"Off\"";
    if (session->is_on && !avcsec_slice_is_made_of(avcsec_slice_of(argv[0]), AVCSEC_LOWER))
        return apr_psprintf(
            cmd->pool, "takes an act in a-z (connect, play, publish, upload) or Off, not \"%s\"",
            argv[0]);
    for (int i = 1; i < argc; i++)
        if ((error = read_where(cmd, argv[i], session)))
            return error;
    *(const avcsec_session_for_t **)field = session;
    return NULL;
}
