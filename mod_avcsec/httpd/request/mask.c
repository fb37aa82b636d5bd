/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests as logs may show them.
 */
#include "httpd/request/mask.h"

#include "httpd/request/redact.h"
#include "httpd/state/keys.h"

#include "core/text/redact.h"

#include "http_core.h"
#include "http_log.h"
#include "scoreboard.h"

APLOG_USE_MODULE(avcsec);

/* ---- While it runs ---- */

int avcsec_mask_status(request_rec *r)
{
    char *line = r->the_request;

    if (!ap_extended_status || !avcsec_facts_is_root(r) || avcsec_keys_has(r->server))
        return DECLINED;
    r->the_request = (char *)avcsec_redacted(r->pool, line);
    /* What runs here reads the line as it came. */
    if (r->the_request != line)
        ap_update_child_status(r->connection->sbh, SERVER_BUSY_WRITE, r);
    r->the_request = line;
    return DECLINED;
}

/* ---- Once it is answered ---- */

static void mask_table(apr_pool_t *p, const apr_table_t *table)
{
    const apr_array_header_t *entries = apr_table_elts(table);

    for (int i = 0; i < entries->nelts; i++) {
        apr_table_entry_t *entry = &APR_ARRAY_IDX(entries, i, apr_table_entry_t);

        entry->val = (char *)avcsec_redacted(p, entry->val);
    }
}

static void mask_text(apr_pool_t *p, char **text)
{
    *text = (char *)avcsec_redacted(p, *text);
}

/* The addresses that a log may be told to write. */
static void mask_addresses(request_rec *r)
{
    mask_text(r->pool, &r->uri);
    mask_text(r->pool, &r->filename);
    mask_text(r->pool, &r->path_info);
    mask_text(r->pool, &r->args);
    mask_text(r->pool, &r->unparsed_uri);
    mask_text(r->pool, &r->user);
    r->hostname = avcsec_redacted(r->pool, r->hostname);
    /* mod_log_config puts the line together from these if a password stands in it. */
    mask_text(r->pool, &r->parsed_uri.path);
    mask_text(r->pool, &r->parsed_uri.query);
}

static void mask_tables(request_rec *r)
{
    mask_table(r->pool, r->headers_in);
    mask_table(r->pool, r->trailers_in);
    mask_table(r->pool, r->headers_out);
    mask_table(r->pool, r->err_headers_out);
    mask_table(r->pool, r->subprocess_env);
    mask_table(r->pool, r->notes);
}

/* "avc1" by its rarest letter: this is asked of every header of every answer. */
static bool holds_token(const char *text)
{
    for (const char *v = strchr(text, 'v'); v; v = strchr(v + 1, 'v'))
        if (v > text && v[-1] == 'a' && v[1] == 'c' && v[2] == '1')
            return true;
    return false;
}

static bool has_token(const apr_table_t *table)
{
    const apr_array_header_t *entries = apr_table_elts(table);

    for (int i = 0; i < entries->nelts; i++)
        if (holds_token(APR_ARRAY_IDX(entries, i, apr_table_entry_t).val))
            return true;
    return false;
}

/* What a server in front adds ("X-Original-URI") holds the address once more, and a page may
 * name what it has signed ("Link"). */
static bool has_token_header(const request_rec *r)
{
    for (; r; r = r->next)
        if (has_token(r->headers_in) || has_token(r->headers_out) || has_token(r->err_headers_out))
            return true;
    return false;
}

/* More than the line may hold a mac: what nobody has taken out, what a redirect keeps or a page
 * has signed, and what a server in front asks about. `r`: the first step, `last`: the last. */
static bool has_more(const request_rec *r, const request_rec *last, const avcsec_facts_t *facts,
                     bool is_line_masked)
{
    if (ap_is_HTTP_REDIRECT(last->status) || last->status == HTTP_CREATED || has_token_header(r))
        return true;
    if (!facts || !avcsec_keys_has(last->server))
        return is_line_masked;
    return (facts->masked_query && !avcsec_facts_was_judged(facts)) ||
           avcsec_config_section(last)->check;
}

int avcsec_mask_for_log(request_rec *r)
{
    const request_rec *last = r;
    const avcsec_facts_t *facts;
    const char *line, *referer = apr_table_get(r->headers_in, "Referer");
    bool is_line_masked, has_tables, was_shown;

    while (last->next)
        last = last->next;
    while (r->prev)
        r = r->prev;
    facts = ap_get_module_config(r->request_config, &avcsec_module);
    line = facts && facts->log_line ? facts->log_line : avcsec_redacted(r->pool, r->the_request);
    referer = facts && facts->log_referer ? facts->log_referer : avcsec_redacted(r->pool, referer);
    is_line_masked = line && line != r->the_request;
    was_shown = is_line_masked && !avcsec_redact_is_needless(avcsec_slice_of(r->the_request));
    has_tables = has_more(r, last, facts, is_line_masked);
    for (request_rec *step = r; step; step = step->next) {
        if (is_line_masked)
            step->the_request = (char *)line;
        if (is_line_masked || has_tables)
            mask_addresses(step);
        if (has_tables)
            mask_tables(step);
        if (referer)
            apr_table_setn(step->headers_in, "Referer", referer);
    }
    /* httpd has just told server-status the line once more, as it stood here. */
    if (was_shown)
        ap_update_child_status(r->connection->sbh, SERVER_BUSY_LOG, r);
    return DECLINED;
}
