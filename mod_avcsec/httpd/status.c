/* SPDX-License-Identifier: Apache-2.0
 *
 * server-status: refusals by reason, key files, keys and when each last opened something.
 * Shows no secret, and of a realm's name what an administrator chose.
 */
#include "httpd/status.h"

#include "httpd/state/keys.h"

#include "core/text/utc.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "http_main.h"
#include "http_protocol.h"
#include "mod_status.h"

APLOG_USE_MODULE(avcsec);

typedef struct {
    request_rec *r;
    bool is_short; /* ?auto: "Name: value" lines */
} page_t;

static const char *date(apr_pool_t *p, int64_t seconds, const char *none)
{
    char text[AVCSEC_UTC_CHARS + 1];

    avcsec_utc_format(seconds, text);
    return seconds ? apr_pstrdup(p, text) : none;
}

static void show_refusals(const page_t *page)
{
    uint64_t total = 0;

    for (int v = AVCSEC_UNDECIDED + 1; v < AVCSEC_ALLOWED; v++) {
        uint64_t count = avcsec_keys_counted((avcsec_verdict_t)v);

        total += count;
        if (count)
            ap_rprintf(page->r,
                       page->is_short ? "AvcRefused-%s: %" APR_UINT64_T_FMT "\n"
                                      : "<dt>%s: %" APR_UINT64_T_FMT "</dt>\n",
                       avcsec_verdict_word((avcsec_verdict_t)v), (apr_uint64_t)count);
    }
    ap_rprintf(page->r,
               page->is_short ? "AvcRefused: %" APR_UINT64_T_FMT "\n"
                              : "<dt>all refusals: %" APR_UINT64_T_FMT "</dt>\n",
               (apr_uint64_t)total);
}

static void show_file(const page_t *page, const char *path, const char *realm, int64_t read_at)
{
    request_rec *r = page->r;

    if (page->is_short)
        ap_rprintf(r, "AvcKeyFile: %s %s %s\n", path, *realm ? realm : "-",
                   date(r->pool, read_at, "never"));
    else
        ap_rprintf(r, "<dt>key file %s%s%s, last change read %s</dt>\n",
                   ap_escape_html(r->pool, path), *realm ? ", realm " : "", realm,
                   date(r->pool, read_at, "never"));
}

static void show_key(void *baton, const char *path, const char *realm, int64_t read_at,
                     const avcsec_key_t *key, int64_t last_used)
{
    const page_t *page = baton;
    request_rec *r = page->r;

    if (!key) {
        show_file(page, path, realm, read_at);
        return;
    }
    if (page->is_short)
        ap_rprintf(r, "AvcKey-%s: %s used %s until %s\n", key->kid, avcsec_key_kind_word(key->kind),
                   date(r->pool, last_used, "never"), date(r->pool, key->until, "-"));
    else
        ap_rprintf(r, "<dd>%s (%s): last used %s, ends %s</dd>\n", key->kid,
                   avcsec_key_kind_word(key->kind), date(r->pool, last_used, "never"),
                   date(r->pool, key->until, "never"));
}

static int show(request_rec *r, int flags)
{
    page_t page = {r, (flags & AP_STATUS_SHORT) != 0};

    if (!page.is_short)
        ap_rputs("<hr />\n<h2>mod_avcsec</h2>\n<dl>\n", r);
    show_refusals(&page);
    avcsec_keys_walk(ap_server_conf, show_key, &page);
    if (!page.is_short)
        ap_rputs("</dl>\n", r);
    return OK;
}

void avcsec_status_register(apr_pool_t *p)
{
    APR_OPTIONAL_HOOK(ap, status_hook, show, NULL, NULL, APR_HOOK_MIDDLE);
    (void)p;
}
