/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads where uses are counted, and where the counts lie.
 */
#include "httpd/config/store.h"

#include "core/text/redis_url.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

/* file:path[:entries]; the number of entries is rounded up to a power of two. */
static const char *read_file(apr_pool_t *p, const char *text, avcsec_store_t *store)
{
    char *path = apr_pstrdup(p, text), *colon;
    int64_t entries = AVCSEC_STORE_ENTRIES;

    if ((colon = strrchr(path, ':')) && colon != path) {
        *colon = '\0';
        if (!avcsec_slice_to_number(avcsec_slice_of(colon + 1), 1 << 26, &entries) ||
            entries < 1024)
            return "takes from 1024 to 67108864 entries";
    }
    for (store->slots = 1024; store->slots < entries;)
        store->slots *= 2;
    store->path = path;
    return *path ? NULL : "takes file:path[:entries]: there is no path";
}

#ifdef AVCSEC_HAVE_HIREDIS
static const char *text_of(apr_pool_t *p, avcsec_slice_t s)
{
    return s.p ? apr_pstrmemdup(p, s.p, s.len) : NULL;
}

static const char *file_of(apr_pool_t *p, avcsec_slice_t s)
{
    return s.p ? ap_server_root_relative(p, text_of(p, s)) : NULL;
}

static const char *read_redis(apr_pool_t *p, const char *text, avcsec_store_t *store)
{
    avcsec_store_address_t *address = apr_pcalloc(p, sizeof(*address));
    avcsec_redis_url_t url;
    const char *error = avcsec_redis_url_parse(avcsec_slice_of(text), &url);

    if (error)
        return apr_psprintf(p, "cannot use \"%s\": %s", text, error);
    *address = (avcsec_store_address_t){url.has_tls,
                                        text_of(p, url.host),
                                        text_of(p, url.user),
                                        file_of(p, url.password_file),
                                        file_of(p, url.ca_file),
                                        (int)url.port,
                                        (int)url.db};
    store->path = apr_pstrdup(p, text);
    store->redis = address;
    return NULL;
}
#else
static const char *read_redis(apr_pool_t *p, const char *text, avcsec_store_t *store)
{
    (void)store;
    return apr_psprintf(p, "cannot use \"%s\": this module was built without hiredis", text);
}
#endif

const char *avcsec_config_read_store(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    avcsec_store_t *store = apr_pcalloc(cmd->pool, sizeof(*store));
    const char *error;

    (void)argc;
    if (cmd->server->is_virtual)
        return "stands once, outside virtual hosts";
    store->place = (avcsec_place_t){cmd->directive->filename, cmd->directive->line_num};
    if (avcsec_redis_url_is_meant(avcsec_slice_of(argv[0])))
        error = read_redis(cmd->pool, argv[0], store);
    else if (!strncmp(argv[0], "file:", 5) && argv[0][5])
        error = read_file(cmd->pool, argv[0] + 5, store);
    else
        error = apr_psprintf(cmd->pool, "takes file:path[:entries] or redis://host, not \"%s\"",
                             argv[0]);
    if (!error)
        *(const avcsec_store_t **)field = store;
    return error;
}

const char *avcsec_config_read_store_again(apr_pool_t *p, avcsec_store_t *store)
{
    return avcsec_redis_url_is_meant(avcsec_slice_of(store->path))
               ? read_redis(p, store->path, store)
               : NULL;
}

const char *avcsec_config_state_dir(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    avcsec_directory_t *dir = apr_pcalloc(cmd->pool, sizeof(*dir));
    char *path;

    (void)argc;
    if (cmd->server->is_virtual)
        return "stands once, outside virtual hosts";
    if (argv[0][0] != '/' ||
        apr_filepath_merge(&path, NULL, argv[0], APR_FILEPATH_NOTRELATIVE, cmd->pool))
        return apr_psprintf(cmd->pool, "takes the absolute path of a directory, not \"%s\"",
                            argv[0]);
    for (size_t len = strlen(path); len > 1 && path[len - 1] == '/';)
        path[--len] = '\0';
    dir->path = path;
    dir->place = avcsec_config_place(cmd);
    *(const avcsec_directory_t **)field = dir;
    return NULL;
}
