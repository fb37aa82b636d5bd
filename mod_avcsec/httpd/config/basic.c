/* SPDX-License-Identifier: Apache-2.0
 *
 * Readers of plain directives.
 */
#include "httpd/config/basic.h"

#include "apr_fnmatch.h"
#include "core/text/path.h"

#include "apr_lib.h"
#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

static const char *read_int_of(apr_pool_t *p, void *field, const char *text, const char *zero,
                               const char *one)
{
    int is_one = !strcasecmp(text, one);

    if (!is_one && strcasecmp(text, zero))
        return apr_psprintf(p, "takes \"%s\" or \"%s\", not \"%s\"", zero, one, text);
    *(int *)field = is_one;
    return NULL;
}

const char *avcsec_config_flag(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    (void)argc;
    return read_int_of(cmd->pool, field, argv[0], "Off", "On");
}

const char *avcsec_config_enforce(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    (void)argc;
    return read_int_of(cmd->pool, field, argv[0], "On", "Log");
}

const char *avcsec_config_files_policy(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    (void)argc;
    return read_int_of(cmd->pool, field, argv[0], "same-site", "cross-origin");
}

const char *avcsec_config_store_failure(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    (void)argc;
    return read_int_of(cmd->pool, field, argv[0], "deny", "allow");
}

const char *avcsec_config_client_address(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    (void)argc;
    return read_int_of(cmd->pool, field, argv[0], "connection", "useragent");
}

static const char *read_seconds_up_to(int most, cmd_parms *cmd, int *field, const char *text)
{
    int64_t seconds = 0;

    if (strcmp(text, "0") && !avcsec_slice_to_number(avcsec_slice_of(text), most, &seconds))
        return apr_psprintf(cmd->pool, "takes a number of seconds from 0 to %d", most);
    *field = (int)seconds;
    return NULL;
}

const char *avcsec_config_seconds(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    (void)argc;
    return read_seconds_up_to(3600, cmd, field, argv[0]);
}

const char *avcsec_config_day(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    (void)argc;
    return read_seconds_up_to(86400, cmd, field, argv[0]);
}

const char *avcsec_config_switch(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    avcsec_switch_t *setting = apr_pcalloc(cmd->pool, sizeof(*setting));
    const char *error;
    int is_on = 0;

    (void)argc;
    if ((error = read_int_of(cmd->pool, &is_on, argv[0], "Off", "On")))
        return error;
    setting->is_on = is_on;
    setting->place = avcsec_config_place(cmd);
    *(const avcsec_switch_t **)field = setting;
    return NULL;
}

const char *avcsec_config_key_file(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    avcsec_key_file_t *file = apr_pcalloc(cmd->pool, sizeof(*file));

    if (argc == 2 && strcasecmp(argv[1], "mounted"))
        return apr_psprintf(cmd->pool, "takes \"mounted\" behind the path, not \"%s\"", argv[1]);
    file->is_mounted = argc == 2;
    file->place = avcsec_config_place(cmd);
    if (!(file->path = ap_server_root_relative(cmd->pool, argv[0])))
        return apr_psprintf(cmd->pool, "has no usable path: %s", argv[0]);
    *(const avcsec_key_file_t **)field = file;
    return NULL;
}

const char *avcsec_config_revocations(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    avcsec_revocations_file_t *file = apr_pcalloc(cmd->pool, sizeof(*file));

    (void)argc;
    file->place = avcsec_config_place(cmd);
    if (!(file->path = ap_server_root_relative(cmd->pool, argv[0])))
        return apr_psprintf(cmd->pool, "has no usable path: %s", argv[0]);
    *(const avcsec_revocations_file_t **)field = file;
    return NULL;
}

static bool is_realm(const char *text)
{
    avcsec_slice_t realm = avcsec_slice_of(text);

    return realm.len <= 64 && avcsec_slice_is_made_of(realm, AVCSEC_VALUE);
}

const char *avcsec_config_realm(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    (void)argc;
    if (!is_realm(argv[0]))
        return "takes a name of 1 to 64 of A-Z a-z 0-9 - . _";
    *(const char **)field = apr_pstrdup(cmd->pool, argv[0]);
    return NULL;
}

/* A <Location "/path">, neither a pattern nor anything else. */
static bool is_in_literal_location(const cmd_parms *cmd)
{
    const ap_directive_t *section = cmd->directive->parent;

    return section && !strcasecmp(section->directive, "<Location") && cmd->path &&
           cmd->path[0] == '/' && !apr_fnmatch_test(cmd->path) && !strchr(section->args, '~');
}

const char *avcsec_config_files(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    avcsec_files_t *files = apr_pcalloc(cmd->pool, sizeof(*files));
    char *directory, *url;

    (void)argc;
    if (!is_in_literal_location(cmd))
        return "stands directly in a literal <Location \"/path\">, without wildcards: it serves "
               "what "
               "is below that path";
    if (argv[0][0] != '/' ||
        apr_filepath_merge(&directory, NULL, argv[0], APR_FILEPATH_NOTRELATIVE, cmd->pool))
        return apr_psprintf(cmd->pool, "takes the absolute path of a directory, not \"%s\"",
                            argv[0]);
    ap_no2slash(directory);
    for (size_t len = strlen(directory); len > 1 && directory[len - 1] == '/';)
        directory[--len] = '\0';
    files->directory = directory;
    url = apr_pstrdup(cmd->pool, cmd->path);
    ap_no2slash(url); /* as checks do with the section */
    files->url = url;
    files->url_len = strlen(files->url);
    while (files->url_len && files->url[files->url_len - 1] == '/')
        files->url_len--;
    files->url = apr_pstrmemdup(cmd->pool, files->url, files->url_len);
    files->place = avcsec_config_place(cmd);
    *(const avcsec_files_t **)field = files;
    return NULL;
}

/* The canonical form of a folder's path, with a slash at its end; NULL if it is none that a
 * token can be for. */
static const char *canonical_folder(apr_pool_t *p, const char *path)
{
    size_t len = strlen(path), encoded, decoded;
    char *canonical = apr_palloc(p, AVCSEC_PATH_CANONICAL_MAX(len) + 2);
    char *again = apr_palloc(p, AVCSEC_PATH_CANONICAL_MAX(len) + 3);

    while (len && path[len - 1] == '/')
        len--;
    encoded = avcsec_path_encode((avcsec_slice_t){path, len}, canonical);
    canonical[encoded++] = '/';
    canonical[encoded] = '\0';
    /* Dots and doubled slashes do not come out as they went in. */
    if (len == 0 || !avcsec_path_resolve((avcsec_slice_t){canonical, encoded}, again, &decoded) ||
        decoded != len + 1 || memcmp(again, path, len))
        return NULL;
    return canonical;
}

const char *avcsec_config_file_cookie(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    avcsec_file_cookie_t *cookie = apr_pcalloc(cmd->pool, sizeof(*cookie));
    const char *error;

    cookie->place = avcsec_config_place(cmd);
    *(const avcsec_file_cookie_t **)field = cookie;
    if (argc == 1)
        return strcasecmp(argv[0], "none") ? "takes a folder's path and seconds, or none" : NULL;
    if (strpbrk(argv[0], "%*?#") || !(cookie->scope = canonical_folder(cmd->pool, argv[0])))
        return apr_psprintf(cmd->pool,
                            "takes the path of a folder as <Location> does, decoded and not "
                            "\"/\", not \"%s\"",
                            argv[0]);
    for (const char *c = cookie->scope + 1; *c; c++)
        cookie->segments += *c == '/';
    if (cookie->segments > 64)
        return "takes a folder of at most 64 segments";
    if (!(error = read_seconds_up_to(31 * 86400, cmd, &cookie->life, argv[1])) && cookie->life < 60)
        error = "takes at least 60 seconds";
    return error;
}

/* Browsers send these, if anything, for pages of nobody: of a file, or made by any page. */
static bool is_scheme_of_nobody(const char *text, size_t len)
{
    static const char *const schemes[] = {"file", "data", "blob", "about", "filesystem", NULL};
    int i = 0;

    while (schemes[i] && (strlen(schemes[i]) != len || strncasecmp(schemes[i], text, len)))
        i++;
    return schemes[i] != NULL;
}

/* "https://host[:port]", or "capacitor://localhost" of an app; nothing behind it. */
static bool is_origin(const char *text)
{
    size_t len = 0;
    const char *host;

    while (apr_isalnum(text[len]) || (len && text[len] && strchr("+-.", text[len])))
        len++;
    if (!apr_isalpha(*text) || strncmp(text + len, "://", 3) || is_scheme_of_nobody(text, len))
        return false;
    host = text + len + 3;
    return *host && strcspn(host, "/?#@* ,\\") == strlen(host);
}

const char *avcsec_config_origins(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    avcsec_origins_t *list = apr_pcalloc(cmd->pool, sizeof(*list));
    apr_array_header_t *origins = apr_array_make(cmd->pool, argc, sizeof(avcsec_slice_t));

    for (int i = 0; i < argc; i++) {
        char *origin = apr_pstrdup(cmd->pool, argv[i]);

        if (!strcasecmp(origin, "credentials")) {
            list->has_credentials = true;
            continue;
        }
        if (!strcasecmp(origin, "none") && argc == 1)
            continue;
        if (!is_origin(origin))
            return apr_psprintf(cmd->pool,
                                "takes origins as https://chat.example.org[:port], or of an app as "
                                "capacitor://localhost, one by one and without path or *, not "
                                "\"%s\"",
                                argv[i]);
        ap_str_tolower(origin);
        APR_ARRAY_PUSH(origins, avcsec_slice_t) = avcsec_slice_of(origin);
    }
    if (list->has_credentials && origins->nelts == 0)
        return "needs origins before \"credentials\"";
    list->origins = origins;
    *(const avcsec_origins_t **)field = list;
    return NULL;
}
