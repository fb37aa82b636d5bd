/* SPDX-License-Identifier: Apache-2.0
 *
 * Facts of a request; judging it by core.
 */
#include "httpd/request/facts.h"

#include "httpd/config/lists.h"
#include "httpd/config/notice.h"
#include "httpd/state/keys.h"
#include "httpd/state/store.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

avcsec_facts_t *avcsec_facts(const request_rec *r)
{
    while (r->main || r->prev)
        r = r->main ? r->main : r->prev;
    return ap_get_module_config(r->request_config, &avcsec_module);
}

bool avcsec_facts_is_root(const request_rec *r)
{
    const avcsec_facts_t *facts;

    if (r->main || r->prev)
        return false;
    facts = ap_get_module_config(r->request_config, &avcsec_module);
    return !facts || !facts->asked_uri;
}

bool avcsec_facts_is_error_page(const request_rec *r)
{
    for (; r; r = r->main ? r->main : r->prev)
        if (r->prev && ap_is_HTTP_ERROR(r->prev->status))
            return true;
    return false;
}

bool avcsec_facts_was_judged(const avcsec_facts_t *facts)
{
    return (facts->asked & ~1u) != 0;
}

typedef struct avcsec_late_t {
    const request_rec *r;
    struct avcsec_late_t *next;
} late_t;

void avcsec_facts_guard(request_rec *r)
{
    avcsec_facts_t *facts = avcsec_facts(r);

    if (facts)
        facts->is_protected = true;
    if (facts && facts->is_everybodys && !avcsec_facts_is_late(r)) {
        late_t *late = apr_palloc(facts->root->pool, sizeof(*late));

        *late = (late_t){r, facts->late};
        facts->late = late;
    }
    for (; r; r = r->main ? r->main : r->prev)
        r->no_cache = 1;
}

bool avcsec_facts_is_late(const request_rec *r)
{
    const avcsec_facts_t *facts = avcsec_facts(r);
    const late_t *late = facts ? facts->late : NULL;

    while (late && late->r != r)
        late = late->next;
    return late != NULL;
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

    if (!uri.p || avcsec_slice_equals(uri, decoded) || is_same_path(uri.p, decoded))
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

const avcsec_reading_t *avcsec_facts_reading(avcsec_facts_t *facts)
{
    read_wire(facts);
    return &facts->reading;
}

/* The request as it is read for now: a token that opens another reading of the path is right
 * for that one. */
static const avcsec_reading_t *reading_as(avcsec_facts_t *facts)
{
    apr_pool_t *p = facts->root->pool;
    avcsec_reading_t *reading;
    avcsec_slice_t path;
    char *text;
    size_t len;

    read_wire(facts);
    if (facts->as == AVCSEC_AS_IT_STANDS || !facts->reading.is_resolved)
        return &facts->reading;
    reading = apr_pmemdup(p, &facts->reading, sizeof(*reading));
    path = facts->as == AVCSEC_CUT_AS_IT_CAME ? reading->left : reading->decoded;
    text = apr_palloc(p, path.len + 1);
    len = avcsec_spelling_read(facts->as, path, text);
    reading->is_resolved = len > 0;
    reading->decoded = (avcsec_slice_t){text, len};
    text = apr_palloc(p, AVCSEC_PATH_CANONICAL_MAX(len) + 1);
    reading->canonical = (avcsec_slice_t){text, avcsec_path_encode(reading->decoded, text)};
    return reading;
}

avcsec_policy_t avcsec_facts_policy(const request_rec *r, avcsec_purpose_t asked, bool is_strict)
{
    const avcsec_section_t *section = avcsec_config_section(r);
    const apr_array_header_t *unsigned_args = avcsec_section_unsigned_args(r->pool, section);
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

static avcsec_answer_t *find_answer(const avcsec_facts_t *facts, const avcsec_section_t *section,
                                    avcsec_purpose_t asked, bool is_strict)
{
    avcsec_answer_t *a = facts->answers;

    while (a && (a->is_other || a->asked != asked || a->as != facts->as ||
                 a->is_strict != is_strict || a->origins != section->origins ||
                 !avcsec_names_are_same(a->unsigned_args, section->unsigned_args)))
        a = a->next;
    return a;
}

static avcsec_answer_t *judge(request_rec *r, avcsec_facts_t *facts, avcsec_purpose_t asked,
                              bool is_strict)
{
    const avcsec_section_t *section = avcsec_config_section(r);
    avcsec_answer_t *a = apr_pcalloc(facts->root->pool, sizeof(*a));
    avcsec_policy_t policy = avcsec_facts_policy(r, asked, is_strict);
    avcsec_keys_t keys = avcsec_keys_of(facts->root->server);
    avcsec_mac_t *mac = avcsec_keys_mac();
    int64_t now = avcsec_facts_now();

    a->asked = asked;
    a->is_strict = is_strict;
    a->as = facts->as;
    a->unsigned_args = avcsec_names_keep(facts->root->pool, section->unsigned_args);
    a->origins = section->origins;
    if (!mac) {
        avcsec_log_notice(r->server, AVCSEC_NOTICE_INTERNAL, "no memory to check macs with");
        return a;
    }
    avcsec_request_judge(&facts->wire, reading_as(facts), &policy, &keys, mac, now, &a->judgement);
    if (a->judgement.verdict == AVCSEC_ALLOWED && asked)
        avcsec_keys_used(facts->root->server, a->judgement.token.kid, now);
    a->next = facts->answers;
    facts->answers = a;
    return a;
}

void avcsec_facts_ask(avcsec_facts_t *facts, avcsec_purpose_t asked, bool only_logs)
{
    unsigned bit = 1u << asked;

    if (!only_logs)
        facts->only_logged &= ~bit;
    else if (!(facts->asked & bit))
        facts->only_logged |= bit;
    facts->asked |= bit;
}

const avcsec_judgement_t *avcsec_facts_judge(request_rec *r, avcsec_purpose_t asked, bool is_strict)
{
    return avcsec_facts_judge_for(r, asked, is_strict, false);
}

const avcsec_judgement_t *avcsec_facts_judge_for(request_rec *r, avcsec_purpose_t asked,
                                                 bool is_strict, bool only_logs)
{
    static const avcsec_judgement_t nobody = {.verdict = AVCSEC_NO_TOKEN};
    avcsec_facts_t *facts = avcsec_facts(r);
    avcsec_answer_t *a;

    if (!facts)
        return &nobody;
    avcsec_facts_ask(facts, asked, only_logs);
    if (!(a = find_answer(facts, avcsec_config_section(r), asked, is_strict)))
        a = judge(r, facts, asked, is_strict);
    if (asked && a->judgement.verdict == AVCSEC_ALLOWED) {
        facts->opened = &a->judgement;
        facts->is_opened_as_it_stands |= facts->as == AVCSEC_AS_IT_STANDS;
    }
    return &a->judgement;
}

avcsec_judgement_t *avcsec_facts_other_judgement(request_rec *r)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    avcsec_answer_t *answer = apr_pcalloc(facts->root->pool, sizeof(*answer));

    answer->is_other = true;
    answer->next = facts->answers;
    facts->answers = answer;
    return &answer->judgement;
}
