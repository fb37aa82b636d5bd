/* SPDX-License-Identifier: Apache-2.0
 *
 * The cookie of pages. Whether a visitor needs one is asked of core: would the cookie that he
 * sent open a file below the folder, and for how long.
 */
#include "httpd/files/cookie.h"

#include "httpd/config/notice.h"
#include "httpd/request/facts.h"
#include "httpd/request/headers.h"
#include "httpd/request/hosts.h"
#include "httpd/state/keys.h"

#include "core/text/cache_control.h"
#include "core/token/signed_text.h"

#include "apr_date.h"
#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "util_filter.h"

#include <inttypes.h>
#include <stdatomic.h>

APLOG_USE_MODULE(avcsec);

#define MINUTE 60

static ap_filter_rec_t *cookie_filter;

/* Pages would lack their pictures, and nobody would know why. */
static void say_left_out(const request_rec *r, const char *why)
{
    static _Atomic int64_t said_at;
    int64_t now = avcsec_facts_now(), then = atomic_load(&said_at);

    if (now - then >= MINUTE && atomic_compare_exchange_strong(&said_at, &then, now))
        avcsec_log_notice(r->server, AVCSEC_NOTICE_COOKIE_LEFT_OUT,
                          "a page gave its visitor no cookie (AvcFileCookie): %s", why);
}

/* ---- Which pages ---- */

/* What was not modified may say no type. */
static bool is_page(const request_rec *r)
{
    const char *type = r->content_type;

    if (!type)
        return r->status == HTTP_NOT_MODIFIED;
    return (r->status == HTTP_OK || r->status == HTTP_NOT_MODIFIED) &&
           (!strncasecmp(type, "text/html", 9) || !strncasecmp(type, "application/xhtml+xml", 21));
}

/* Whatever asked for it: a section, a Require line, a proof. */
static bool is_opened_by_token(const avcsec_facts_t *facts)
{
    const avcsec_answer_t *a = facts->answers;

    while (a && (!a->asked || a->judgement.verdict != AVCSEC_ALLOWED))
        a = a->next;
    return a != NULL;
}

/* By a token, this cookie's own included, or only because refusals are but logged. */
static bool is_opened_otherwise(avcsec_facts_t *facts)
{
    const avcsec_reading_t *reading = avcsec_facts_reading(facts);

    return is_opened_by_token(facts) || facts->is_waived || facts->is_logged ||
           facts->refused != AVCSEC_UNDECIDED || reading->query_tokens ||
           reading->path_tokens.count;
}

/* Caches in front would give one visitor's token to the next. */
static bool is_for_caches(request_rec *r)
{
    static const char *const fields[] = {"Surrogate-Control", "CDN-Cache-Control", "Edge-Control",
                                         "X-Accel-Expires", NULL};
    avcsec_slice_t control = avcsec_slice_of(avcsec_header_join(r, "Cache-Control"));
    const char *expires = avcsec_header_get(r, "Expires");

    for (int i = 0; fields[i]; i++)
        if (avcsec_header_get(r, fields[i]))
            return true;
    switch (avcsec_cache_control_sharing(control)) {
    case AVCSEC_SHARED:
        return true;
    case AVCSEC_UNSHARED:
        return false;
    default:
        return expires && apr_date_parse_http(expires) > apr_time_now();
    }
}

/* An application puts a session there: of two, browsers keep the one that stands last. */
static bool is_set_already(request_rec *r)
{
    const apr_array_header_t *cookies = avcsec_header_all(r, "Set-Cookie");

    for (int i = 0; i < cookies->nelts; i++) {
        avcsec_slice_t rest = avcsec_slice_of(APR_ARRAY_IDX(cookies, i, const char *)), name;

        avcsec_slice_cut(&rest, '=', &name);
        if (avcsec_slice_equals_nocase(avcsec_slice_trim(name), AVCSEC_LITERAL("__Host-avc")))
            return true;
    }
    return false;
}

/* ---- What the visitor has ---- */

/* What his cookie would be told below the folder, if a token for this purpose were asked. */
static avcsec_verdict_t judge(request_rec *r, const avcsec_facts_t *facts,
                              const avcsec_file_cookie_t *cookie, avcsec_purpose_t asked,
                              avcsec_judgement_t *judgement)
{
    avcsec_request_t request = {
        .path = avcsec_slice_of(apr_pstrcat(r->pool, cookie->scope, "x", NULL)),
        .method = AVCSEC_LITERAL("GET"),
        .host = facts->wire.host,
        .cookie = facts->wire.cookie,
        .sec_fetch_site = AVCSEC_LITERAL("same-origin"),
        .client = avcsec_facts_client(facts->root),
    };
    avcsec_policy_t policy = avcsec_facts_policy(r, asked, false);
    avcsec_keys_t keys = avcsec_keys_of(r->server);
    avcsec_mac_t *mac = avcsec_keys_mac();
    avcsec_reading_t reading;

    if (!mac)
        return AVCSEC_UNDECIDED;
    avcsec_request_read(&request, apr_palloc(r->pool, AVCSEC_READING_ROOM(request.path.len, 0)),
                        &reading);
    avcsec_request_judge(&request, &reading, &policy, &keys, mac, avcsec_facts_now(), judgement);
    return judgement->verdict;
}

/* He has none that opens the folder, or this one in its second half. What an application has put
 * there itself stays: a session, a token that opens more or asks for more. */
static bool needs_one(request_rec *r, const avcsec_facts_t *facts,
                      const avcsec_file_cookie_t *cookie)
{
    avcsec_judgement_t judgement;

    switch (judge(r, facts, cookie, AVCSEC_FILE, &judgement)) {
    case AVCSEC_ALLOWED:
        return judgement.token.dir == cookie->segments &&
               judgement.token.exp - avcsec_facts_now() <= cookie->life / 2;
    case AVCSEC_PURPOSE:
        return judge(r, facts, cookie, AVCSEC_SESSION, &judgement) != AVCSEC_ALLOWED;
    case AVCSEC_NO_TOKEN:
    case AVCSEC_MALFORMED:
    case AVCSEC_UNKNOWN_KEY:
    case AVCSEC_SIGNATURE:
    case AVCSEC_EXPIRED:
    case AVCSEC_REVOKED:
        return true;
    default:
        return false;
    }
}

/* ---- Giving ---- */

static const char *sign(request_rec *r, const avcsec_file_cookie_t *cookie, const avcsec_key_t *key,
                        int64_t now, const char **out)
{
    const avcsec_signed_target_t target = {avcsec_slice_of(cookie->scope), {NULL, 0}};
    char text[AVCSEC_TOKEN_MAX];
    avcsec_mac_t *mac = avcsec_keys_mac();
    avcsec_token_t token;
    const char *error;
    size_t len;

    if (!mac)
        return "OpenSSL failed";
    len = (size_t)apr_snprintf(
        text, sizeof(text),
        "avc1~for.file~kid.%s~iat.%" APR_INT64_T_FMT "~exp.%" APR_INT64_T_FMT "~dir.%d", key->kid,
        (apr_int64_t)now, (apr_int64_t)(now + cookie->life), cookie->segments);
    error = avcsec_token_sign(text, &len, &target, &key->u.derived[AVCSEC_FILE], mac, &token);
    if (!error)
        *out = apr_pstrmemdup(r->pool, text, len);
    return error;
}

static const char *make(request_rec *r, const avcsec_file_cookie_t *cookie, const char **token)
{
    int64_t now = avcsec_facts_now();
    avcsec_key_t key;
    const char *error = avcsec_keys_signer(r->server, AVCSEC_FILE, now, now + cookie->life, &key);

    if (!error)
        error = sign(r, cookie, &key, now, token);
    avcsec_wipe(&key, sizeof(key));
    return error;
}

/* Lax: a link in a mail opens the file, another site's picture does not. */
static void give(request_rec *r, avcsec_facts_t *facts, const avcsec_file_cookie_t *cookie)
{
    const char *token = NULL, *error = make(r, cookie, &token);

    if (error) {
        say_left_out(r, error);
        return;
    }
    facts->is_uncacheable = true;
    apr_table_addn(r->err_headers_out, "Set-Cookie",
                   apr_psprintf(r->pool,
                                "__Host-avc=%s; Path=/; Max-Age=%d; Secure; HttpOnly; SameSite=Lax",
                                token, cookie->life));
}

static void settle(request_rec *r, avcsec_facts_t *facts, const avcsec_file_cookie_t *cookie)
{
    if (!is_page(r) || avcsec_facts_is_error_page(r) || is_opened_otherwise(facts))
        return;
    if (is_for_caches(r)) {
        say_left_out(r, "it says that caches may keep it (Cache-Control, Expires); such a page "
                        "would give one visitor's cookie to others");
        return;
    }
    /* What is kept would be given to who has no cookie yet. */
    avcsec_facts_guard(r);
    if (!avcsec_hosts_is_https(facts->root))
        say_left_out(r, "it came without TLS, and browsers take this cookie by https alone. If TLS "
                        "ends at a proxy in front, write ServerName with https://");
    else if (!is_set_already(r) && needs_one(r, facts, cookie))
        give(r, facts, cookie);
}

static apr_status_t set_cookie(ap_filter_t *f, apr_bucket_brigade *bb)
{
    avcsec_facts_t *facts = avcsec_facts(f->r);
    const avcsec_file_cookie_t *cookie = avcsec_config_section(f->r)->file_cookie;

    if (facts && cookie)
        settle(f->r, facts, cookie);
    ap_remove_output_filter(f);
    return ap_pass_brigade(f->next, bb);
}

void avcsec_cookie_insert(request_rec *r)
{
    const avcsec_file_cookie_t *cookie = avcsec_config_section(r)->file_cookie;

    if (!r->main && cookie && cookie->scope && avcsec_facts(r) &&
        (r->method_number == M_GET || r->method_number == M_POST))
        ap_add_output_filter_handle(cookie_filter, NULL, r, r->connection);
}

void avcsec_cookie_register(void)
{
    /* Behind mod_headers and mod_expires, which have this type too, before mod_cache saves. */
    cookie_filter =
        ap_register_output_filter("AVCSEC_COOKIE", set_cookie, NULL, AP_FTYPE_CONTENT_SET);
}
