/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens in redirects.
 */
#include "httpd/request/redirect.h"

#include "httpd/config/notice.h"
#include "httpd/request/hosts.h"
#include "httpd/request/question.h"
#include "httpd/state/keys.h"

#include "core/request/copies.h"
#include "core/request/redirect.h"

#include "apr_strings.h"
#include "http_protocol.h"

#include <stdatomic.h>

#define MINUTE 60

static const char *copy(apr_pool_t *p, avcsec_slice_t s)
{
    return apr_pstrmemdup(p, s.p, s.len);
}

/* ---- Location ---- */

static bool is_followed(const request_rec *r)
{
    return (ap_is_HTTP_REDIRECT(r->status) && r->status != HTTP_NOT_MODIFIED) ||
           r->status == HTTP_CREATED;
}

/* What core has to know of this request, but for where the Location leads. */
static avcsec_redirect_t describe(request_rec *r, avcsec_facts_t *facts, const avcsec_keys_t *keys)
{
    return (avcsec_redirect_t){.request = &facts->wire,
                               .reading = avcsec_facts_reading(facts),
                               .masked = avcsec_slice_of(facts->masked_query),
                               .keys = keys,
                               .mac = avcsec_keys_mac(),
                               /* A media server takes no address from an answer but a name. */
                               .is_followed = is_followed(r) && !avcsec_question_asked(facts),
                               .is_created = r->status == HTTP_CREATED};
}

static const char *write_location(request_rec *r, const avcsec_redirect_t *redirect,
                                  avcsec_slice_t location, const avcsec_url_t *url)
{
    char *room = apr_palloc(r->pool, AVCSEC_REDIRECT_ROOM(redirect, location.len));
    avcsec_slice_t written = avcsec_redirect_write(redirect, location, url, room);

    return written.p == location.p ? location.p : copy(r->pool, written);
}

/* The administrator would look for the token in vain. */
static void say_left_out(const request_rec *r, const avcsec_url_t *url, const char *why)
{
    static _Atomic int64_t said_at;
    int64_t now = avcsec_facts_now(), then = atomic_load(&said_at);

    if (now - then < MINUTE || !atomic_compare_exchange_strong(&said_at, &then, now))
        return;
    avcsec_log_notice(r->server, AVCSEC_NOTICE_TOKEN_LEFT_OUT,
                      "a redirect to %.*s lost the token that it might have kept: %s",
                      (int)url->front.len, url->front.p, why);
}

static const char *settled_location(request_rec *r, avcsec_facts_t *facts, const char *text)
{
    avcsec_slice_t location = avcsec_slice_of(text);
    avcsec_keys_t keys = avcsec_keys_of(facts->root->server);
    avcsec_redirect_t redirect = describe(r, facts, &keys);
    const char *why, *written, *kept;
    avcsec_url_t url;

    avcsec_url_read(location, avcsec_hosts_is_https(r), &url);
    redirect.is_same_name = avcsec_hosts_is_same_name(facts->root, &url);
    redirect.is_same_place = avcsec_hosts_is_same_place(facts->root, &url);
    redirect.is_home = redirect.mac && avcsec_hosts_is_home(facts->root, &url, &why);
    written = write_location(r, &redirect, location, &url);
    if (redirect.is_home || !redirect.mac || !why || !redirect.is_followed)
        return written;
    redirect.is_home = true;
    kept = write_location(r, &redirect, location, &url);
    if (strcmp(kept, written))
        say_left_out(r, &url, why);
    return written;
}

/* ---- Other headers ---- */

/* Whoever reads addresses there may go anywhere: what is no plain path of this host hides
 * the token. */
static const char *settled_addresses(request_rec *r, const avcsec_facts_t *facts, const char *text)
{
    avcsec_slice_t value = avcsec_slice_of(text);
    char *out;

    if (!strpbrk(text, ":\\\t") && !strstr(text, "//"))
        return text;
    out = apr_palloc(r->pool, value.len + 1);
    out[avcsec_copies_hide(facts->wire.query, value, out)] = '\0';
    return out;
}

/* ---- Both of httpd's tables ---- */

/* What stood there before the page was made is settled already. */
static bool is_hidden(const avcsec_facts_t *facts, const char *text)
{
    return facts->hidden_location && !strcmp(facts->hidden_location, text);
}

static const char *settled_header(request_rec *r, avcsec_facts_t *facts,
                                  const apr_table_entry_t *header)
{
    bool has_addresses = false;

    switch (*header->key | 0x20) {
    case 'c':
        has_addresses = !strcasecmp(header->key, "Content-Location");
        break;
    case 'l':
        if (!strcasecmp(header->key, "Location"))
            return is_hidden(facts, header->val) ? facts->settled_location
                                                 : settled_location(r, facts, header->val);
        has_addresses = !strcasecmp(header->key, "Link");
        break;
    case 'r':
        has_addresses = !strcasecmp(header->key, "Refresh");
        break;
    }
    return has_addresses ? settled_addresses(r, facts, header->val) : header->val;
}

static void settle_table(request_rec *r, avcsec_facts_t *facts, const apr_table_t *table)
{
    const apr_array_header_t *headers = apr_table_elts(table);

    for (int i = 0; i < headers->nelts; i++) {
        apr_table_entry_t *header = &APR_ARRAY_IDX(headers, i, apr_table_entry_t);

        header->val = (char *)settled_header(r, facts, header);
    }
}

static bool has_tokens(const avcsec_facts_t *facts)
{
    return facts && (facts->has_path_tokens || facts->masked_query);
}

void avcsec_redirect_settle(request_rec *r, avcsec_facts_t *facts)
{
    if (!has_tokens(facts))
        return;
    settle_table(r, facts, r->headers_out);
    settle_table(r, facts, r->err_headers_out);
}

/* httpd has a pointer to it already: where nobody asked for the token and a rule copied it,
 * what was made for this request is changed where it stands. */
void avcsec_redirect_hide_in_page(request_rec *r)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    const char *text = apr_table_get(r->headers_out, "Location");
    avcsec_slice_t location;
    char *hidden;
    size_t len;

    text = text ? text : apr_table_get(r->err_headers_out, "Location");
    if (!has_tokens(facts) || !text)
        return;
    location = avcsec_slice_of(text);
    hidden = apr_palloc(r->pool, location.len + 1);
    len = avcsec_copies_hide(facts->wire.query, location, hidden);
    hidden[len] = '\0';
    if (len == location.len)
        return;
    facts->settled_location = settled_location(r, facts, apr_pstrdup(r->pool, text));
    facts->hidden_location = memcpy((char *)text, hidden, len + 1);
}
