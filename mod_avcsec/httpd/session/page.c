/* SPDX-License-Identifier: Apache-2.0
 *
 * Session tokens in the environment of pages (AvcTokenEnv).
 */
#include "httpd/session/page.h"

#include "httpd/request/log.h"
#include "httpd/session/issue.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "util_filter.h"

APLOG_USE_MODULE(avcsec);

static const char variable[] = "AVC_TOKEN";

/* mod_actions runs an interpreter for the page: its path info is the page's address. What could
 * not be read has none. */
static request_rec *page_of(request_rec *r)
{
    while (r->prev && r->prev->uri && r->path_info && !strcmp(r->path_info, r->prev->uri))
        r = r->prev;
    return r;
}

static bool has_includes(const request_rec *r)
{
    for (const ap_filter_t *f = r->output_filters; f; f = f->next)
        if (!strcasecmp(f->frec->name, "includes"))
            return true;
    return false;
}

/* "proxy:unix:/run/php.sock|fcgi://host": not of a proxy that has no environment. */
static bool is_proxied_script(const char *address)
{
    const char *scheme = strchr(address, '|');

    scheme = scheme ? scheme + 1 : address;
    return strncmp(scheme, "http", 4) && strncmp(scheme, "ws", 2) && strncmp(scheme, "h2", 2);
}

/* Something runs that reads the environment. Files that are sent as they are stay
 * cacheable; their handler is their type. */
static bool is_made(const request_rec *r)
{
    const char *handler = r->handler ? r->handler : AP_DEFAULT_HANDLER_NAME;

    if (has_includes(r))
        return true;
    if (r->filename && !strncmp(r->filename, "proxy:", 6))
        return is_proxied_script(r->filename + 6);
    if (!strncmp(handler, "proxy:", 6))
        return is_proxied_script(handler + 6);
    return strchr(handler, '/') ? !strncmp(handler, "application/x-httpd-", 20)
                                : strcmp(handler, AP_DEFAULT_HANDLER_NAME) != 0;
}

/* A page that the browser has already holds an older token. */
static void forget_conditions(request_rec *r)
{
    apr_table_unset(r->headers_in, "If-Modified-Since");
    apr_table_unset(r->headers_in, "If-None-Match");
}

/* The page is made without one; its script sees why. */
static void give_none(request_rec *r, avcsec_facts_t *facts, const avcsec_obstacle_t *why)
{
    avcsec_verdict_t refused = facts->refused;

    avcsec_log_refusal(r, why->verdict, why->detail, false);
    facts->refused = refused;
    apr_table_setn(r->subprocess_env, "AVC_REASON", avcsec_verdict_word(why->verdict));
}

/* What a page includes gets the page's token where the same is granted, and none else. */
static const avcsec_issued_t *inherited(request_rec *r, const avcsec_facts_t *facts)
{
    const avcsec_section_t *section = avcsec_config_section(r);
    avcsec_grant_t grant;

    return facts->issued && !avcsec_issue_read_grant(r, section, &grant) &&
                   avcsec_issue_is_of(facts->issued, section, &grant)
               ? facts->issued
               : NULL;
}

/* httpd skips its login for an ErrorDocument where the page that was refused has the same
 * settings, and whoever was refused gets no token. */
int avcsec_page_environment(request_rec *r)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    request_rec *page = page_of(r);
    const avcsec_issued_t *issued;
    avcsec_obstacle_t why;

    if (!avcsec_switch_is_on(avcsec_config_section(page)->token_env) || !facts || !is_made(r) ||
        avcsec_facts_is_error_page(r))
        return DECLINED;
    if (r->main) {
        issued = inherited(page, facts);
    } else {
        facts->is_uncacheable = true;
        avcsec_facts_guard(r);
        forget_conditions(r);
        if (!(issued = avcsec_issue(page, &why)))
            give_none(r, facts, &why);
    }
    if (issued)
        apr_table_setn(r->subprocess_env, variable, issued->token);
    return DECLINED;
}

int avcsec_page_forget(request_rec *r)
{
    for (; r; r = r->next)
        apr_table_unset(r->subprocess_env, variable);
    return DECLINED;
}
