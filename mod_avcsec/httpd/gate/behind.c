/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading addresses of proxies.
 */
#include "httpd/gate/behind.h"

#include "apr_file_info.h"
#include "apr_lib.h"
#include "apr_strings.h"

/* ---- Addresses ---- */

/* "proxy:unix:/run/php.sock|fcgi://localhost/..." is asked for what stands behind the bar. */
static const char *url_of(const char *address)
{
    const char *bar;

    if (!avcsec_behind_is_address(address))
        return NULL;
    address += 6;
    bar = !strncasecmp(address, "unix:", 5) ? strchr(address, '|') : NULL;
    return bar ? bar + 1 : address;
}

static avcsec_behind_kind_t kind_of(const char *url)
{
    static const char *const addresses[] = {
        "http:", "https:", "ws:", "wss:", "h2:", "h2c:", "ajp:", "ftp:", NULL};

    for (int i = 0; addresses[i]; i++)
        if (!strncasecmp(url, addresses[i], strlen(addresses[i])))
            return AVCSEC_BEHIND_ADDRESS;
    return !strncasecmp(url, "fcgi:", 5) || !strncasecmp(url, "balancer:", 9)
               ? AVCSEC_BEHIND_FILE
               : AVCSEC_BEHIND_EITHER;
}

/* mod_proxy takes all up to a slash for the host, "localhost?" as well, and with a socket nobody
 * looks a host up, nor misses one ("fcgi:/srv/x.php"). */
const char *avcsec_behind_path(const char *url)
{
    url += strcspn(url, ":/");
    if (!strncmp(url, "://", 3))
        url += 3;
    return url + strcspn(url, "/");
}

/* PHP-FPM opens what it is asked for as it stands; other servers decode it. */
static void spell(apr_pool_t *p, const char *path, avcsec_behind_t *behind)
{
    char *plain = apr_pstrdup(p, path), *flat, *decoded;

    ap_no2slash(plain);
    flat = apr_pstrdup(p, plain);
    ap_getparents(flat);
    decoded = apr_pstrdup(p, flat);
    ap_unescape_url_keep2f(decoded, 1);
    ap_no2slash(decoded);
    ap_getparents(decoded);
    behind->path[0] = plain;
    behind->path[1] = strcmp(flat, plain) ? flat : NULL;
    behind->path[2] = strcmp(decoded, flat) ? decoded : NULL;
}

const char *avcsec_behind_host(request_rec *r)
{
    const char *address = url_of(r->filename) ? r->filename
                          : r->proxyreq       ? NULL
                                              : r->handler,
               *url = url_of(address);

    address = url ? address + strlen("proxy:") : "";
    return url ? apr_pstrmemdup(r->pool, address, (size_t)(avcsec_behind_path(url) - address)) : "";
}

avcsec_behind_t avcsec_behind_handler(request_rec *r)
{
    const char *url = url_of(r->handler), *path = url ? avcsec_behind_path(url) : "";
    avcsec_behind_t behind = {AVCSEC_BEHIND_NOTHING, {NULL}};

    /* mod_proxy asks the handler of a request that goes nowhere yet. */
    if (r->proxyreq || url_of(r->filename) || !path[strspn(path, "/")])
        return behind;
    behind.kind = kind_of(url);
    spell(r->pool, path, &behind);
    return behind;
}

avcsec_behind_t avcsec_behind_of(request_rec *r)
{
    const char *url = url_of(r->filename), *handler = url_of(r->handler), *path;
    avcsec_behind_t behind = {AVCSEC_BEHIND_NOTHING, {NULL}};

    if (url) {
        path = avcsec_behind_path(url);
        path = apr_pstrmemdup(r->pool, path, strcspn(path, "?"));
    } else if (!r->proxyreq && handler && r->filename)
        path = apr_pstrcat(r->pool, avcsec_behind_path(handler), r->filename, NULL);
    else
        return behind;
    behind.kind = kind_of(url ? url : handler);
    spell(r->pool, path, &behind);
    return behind;
}

const char *avcsec_behind_file(apr_pool_t *p, const char *asked)
{
    char *path = apr_pstrdup(p, asked), *slash;
    apr_finfo_t info;

    while ((slash = strrchr(path, '/')) && slash > path) {
        apr_status_t rv = apr_stat(&info, path, APR_FINFO_TYPE, p);

        if (rv == APR_SUCCESS)
            return info.filetype == APR_REG ? path : NULL;
        *slash = '\0';
    }
    return NULL;
}
