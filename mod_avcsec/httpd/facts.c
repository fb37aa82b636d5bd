/* SPDX-License-Identifier: Apache-2.0
 *
 * Gathering facts of a request; judging it by core.
 */
#include "facts.h"

#include "keys.h"
#include "log.h"
#include "store.h"
#include "strip.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "http_ssl.h"

APLOG_USE_MODULE(avcsec);

static const char *const forwarding_headers[] = {"Forwarded", "X-Forwarded-For",  "X-Real-IP",
                                                 "Via",       "CF-Connecting-IP", NULL};

static avcsec_slice_t header(const request_rec *r, const char *name)
{
    return avcsec_slice_of(apr_table_get(r->headers_in, name));
}

static bool is_forwarded(const request_rec *r)
{
    for (int i = 0; forwarding_headers[i]; i++)
        if (apr_table_get(r->headers_in, forwarding_headers[i]))
            return true;
    return false;
}

/* Scripts may trust X-Avc-*; only this module may have set them. */
static void drop_own_headers(request_rec *r)
{
    const apr_array_header_t *headers = apr_table_elts(r->headers_in);

    for (int i = 0; i < headers->nelts; i++) {
        const char *name = APR_ARRAY_IDX(headers, i, apr_table_entry_t).key;

        if (!strncasecmp(name, "X-Avc-", 6)) {
            apr_table_unset(r->headers_in, name);
            i = -1;
        }
    }
}

/* The raw path. httpd drops all but one of the slashes it starts with, and decodes r->uri
 * where it stands; with a path token, the dropped ones make it malformed. */
static const char *raw_path(const request_rec *r)
{
    const char *target = r->the_request ? strchr(r->the_request, ' ') : NULL;

    return target && target[1] == '/' && target[2] == '/' ? apr_pstrcat(r->pool, "/", r->uri, NULL)
                                                          : apr_pstrdup(r->pool, r->uri);
}

int avcsec_facts_gather(request_rec *r)
{
    avcsec_facts_t *facts;

    if (r->main || r->prev) {
        /* The page for a request so malformed that it was never gathered. */
        if (!avcsec_facts(r) && avcsec_keys_has(r->server))
            avcsec_strip_headers(r);
        return DECLINED;
    }
    drop_own_headers(r);
    facts = apr_pcalloc(r->pool, sizeof(*facts));
    facts->root = r;
    facts->wire.path = avcsec_slice_of(raw_path(r));
    facts->wire.query = avcsec_slice_of(r->args);
    facts->wire.method = avcsec_slice_of(r->method);
    facts->wire.host = header(r, "Host");
    facts->wire.authorization = header(r, "Authorization");
    facts->wire.cookie = header(r, "Cookie");
    facts->wire.origin = header(r, "Origin");
    facts->wire.referer = header(r, "Referer");
    facts->wire.sec_fetch_site = header(r, "Sec-Fetch-Site");
    facts->wire.upgrade = header(r, "Upgrade");
    facts->wire.is_encrypted =
        ap_ssl_conn_is_ssl(r->connection->master ? r->connection->master : r->connection);
    facts->is_forwarded = is_forwarded(r);
    ap_set_module_config(r->request_config, &avcsec_module, facts);
    if (avcsec_keys_has(r->server))
        avcsec_strip_early(r, facts);
    return DECLINED;
}

avcsec_facts_t *avcsec_facts(const request_rec *r)
{
    while (r->main || r->prev)
        r = r->main ? r->main : r->prev;
    return ap_get_module_config(r->request_config, &avcsec_module);
}

bool avcsec_facts_is_root(const request_rec *r)
{
    return !r->main && !r->prev;
}

bool avcsec_facts_is_private_file(const request_rec *r)
{
    return r->filename && !strncmp(r->filename, AVCSEC_PRIVATE_FILE, strlen(AVCSEC_PRIVATE_FILE));
}

static avcsec_address_t address_of(const apr_sockaddr_t *address)
{
    avcsec_address_t client = {.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}};

    if (address->family == APR_INET)
        memcpy(client.bytes + 12, &address->sa.sin.sin_addr, 4);
#if APR_HAVE_IPV6
    else if (address->family == APR_INET6)
        memcpy(client.bytes, &address->sa.sin6.sin6_addr, 16);
#endif
    return client;
}

avcsec_address_t avcsec_facts_client(const request_rec *r)
{
    return address_of(avcsec_config_uses_useragent(r->server) ? r->useragent_addr
                                                              : r->connection->client_addr);
}

avcsec_address_t avcsec_facts_peer(const request_rec *r)
{
    return address_of(r->connection->client_addr);
}

int64_t avcsec_facts_now(void)
{
    return apr_time_sec(apr_time_now());
}

int avcsec_facts_note_mapped(request_rec *r)
{
    avcsec_facts_t *facts = avcsec_facts_is_root(r) ? avcsec_facts(r) : NULL;

    if (facts)
        facts->mapped_uri = r->uri;
    return DECLINED;
}

/* Equal but for doubled slashes, which MergeSlashes Off leaves in the one. */
static bool is_same_path(const char *uri, avcsec_slice_t path)
{
    size_t at = 0;

    for (; *uri; uri++) {
        if (*uri == '/' && uri[1] == '/')
            continue;
        if (at == path.len || path.p[at++] != *uri)
            return false;
    }
    return at == path.len;
}

/* What is signed is what httpd maps. Should the two ever read a path differently, no
 * token opens it. A proxy that maps encoded paths gets them undecoded. */
static bool is_what_httpd_maps(const avcsec_facts_t *facts, avcsec_slice_t decoded)
{
    avcsec_slice_t uri = avcsec_slice_of(facts->mapped_uri);
    char *again;
    size_t len;

    if (!uri.p || is_same_path(uri.p, decoded))
        return true;
    again = apr_palloc(facts->root->pool, uri.len + 1);
    return facts->root->proxyreq && avcsec_path_resolve(uri, again, &len) &&
           avcsec_slice_equals((avcsec_slice_t){again, len}, decoded);
}

static void read_wire(avcsec_facts_t *facts)
{
    size_t room = AVCSEC_READING_ROOM(facts->wire.path.len, facts->wire.query.len);

    if (facts->is_read)
        return;
    avcsec_request_read(&facts->wire, apr_palloc(facts->root->pool, room), &facts->reading);
    facts->reading.is_resolved =
        facts->reading.is_resolved && is_what_httpd_maps(facts, facts->reading.decoded);
    facts->wire.client = avcsec_facts_client(facts->root);
    facts->is_read = true;
}

avcsec_policy_t avcsec_facts_policy(const request_rec *r, avcsec_purpose_t asked, bool is_strict)
{
    const avcsec_section_t *section = avcsec_config_section(r);
    const apr_array_header_t *unsigned_args = avcsec_section_unsigned_args(section);
    avcsec_policy_t policy = {
        .asked = asked,
        .has_strict_args = is_strict,
        .unsigned_args = (const avcsec_slice_t *)unsigned_args->elts,
        .unsigned_args_count = (size_t)unsigned_args->nelts,
        .clock_skew = avcsec_config_clock_skew(r->server),
        .check_revoked = avcsec_store_judge,
        .revoked_baton = r->server,
        .counts_uses = true, /* by spend.c, before any handler runs */
    };

    if (section->origins && section->origins->has_credentials) {
        policy.credential_origins = (const avcsec_slice_t *)section->origins->origins->elts;
        policy.credential_origins_count = (size_t)section->origins->origins->nelts;
    }
    return policy;
}

static avcsec_answer_t *find_answer(const avcsec_facts_t *facts, const avcsec_answer_t *question)
{
    avcsec_answer_t *a = facts->answers;

    while (a && (a->asked != question->asked || a->is_strict != question->is_strict ||
                 a->unsigned_args != question->unsigned_args || a->origins != question->origins))
        a = a->next;
    return a;
}

static avcsec_answer_t *judge(request_rec *r, avcsec_facts_t *facts,
                              const avcsec_answer_t *question)
{
    avcsec_answer_t *a = apr_pmemdup(facts->root->pool, question, sizeof(*a));
    avcsec_policy_t policy = avcsec_facts_policy(r, question->asked, question->is_strict);
    avcsec_keys_t keys = avcsec_keys_of(facts->root->server);
    avcsec_mac_t *mac = avcsec_keys_mac();
    int64_t now = avcsec_facts_now();

    if (!mac) {
        avcsec_log_notice(r->server, AVCSEC_NOTICE_INTERNAL, "OpenSSL has no HMAC-SHA-256");
        return a;
    }
    read_wire(facts);
    avcsec_request_judge(&facts->wire, &facts->reading, &policy, &keys, mac, now, &a->judgement);
    if (a->judgement.verdict == AVCSEC_ALLOWED && question->asked)
        avcsec_keys_used(facts->root->server, a->judgement.token.kid, now);
    a->next = facts->answers;
    facts->answers = a;
    return a;
}

const avcsec_judgement_t *avcsec_facts_judge(request_rec *r, avcsec_purpose_t asked, bool is_strict)
{
    static const avcsec_judgement_t nobody = {.verdict = AVCSEC_NO_TOKEN};
    const avcsec_section_t *section = avcsec_config_section(r);
    const avcsec_answer_t question = {
        .asked = asked,
        .is_strict = is_strict,
        .unsigned_args = section->unsigned_args,
        .origins = section->origins,
        .judgement = {.verdict = AVCSEC_UNDECIDED},
    };
    avcsec_facts_t *facts = avcsec_facts(r);
    avcsec_answer_t *a;

    if (!facts)
        return &nobody;
    facts->asked |= 1u << asked;
    if (!(a = find_answer(facts, &question)))
        a = judge(r, facts, &question);
    if (asked && a->judgement.verdict == AVCSEC_ALLOWED)
        facts->opened = &a->judgement;
    return &a->judgement;
}

avcsec_judgement_t *avcsec_facts_other_judgement(request_rec *r)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    avcsec_answer_t *answer = apr_pcalloc(facts->root->pool, sizeof(*answer));

    answer->unsigned_args = answer; /* so that it answers no other question */
    answer->next = facts->answers;
    facts->answers = answer;
    return &answer->judgement;
}
