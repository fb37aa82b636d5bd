/* SPDX-License-Identifier: Apache-2.0
 *
 * What proves a caller: its address, a token, a secret, a signed body. Decides nothing of
 * what is protected, and refuses nobody itself.
 */
#include "httpd/gate/proofs.h"

#include "httpd/request/facts.h"
#include "httpd/request/ome.h"
#include "httpd/request/strip.h"
#include "httpd/request/webhook.h"
#include "httpd/state/keys.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "http_protocol.h"

APLOG_USE_MODULE(avcsec);

avcsec_caller_t avcsec_caller_media_server(const avcsec_section_t *section)
{
    return (avcsec_caller_t){"AvcMediaServer", section->media_server, section->media_server_proof,
                             false, false};
}

avcsec_caller_t avcsec_caller_admin(const avcsec_section_t *section)
{
    return (avcsec_caller_t){"AvcAdmin", section->admin, section->admin_proof, false, false};
}

bool avcsec_peers_have(const apr_array_header_t *peers, const avcsec_address_t *client)
{
    for (int i = 0; peers && i < peers->nelts; i++)
        if (avcsec_peer_contains(&APR_ARRAY_IDX(peers, i, avcsec_peer_t), client))
            return true;
    return false;
}

static avcsec_verdict_t check_address(request_rec *r, const avcsec_caller_t *caller,
                                      const char **detail)
{
    const avcsec_facts_t *facts = avcsec_facts(r);
    bool is_useragent = avcsec_config_uses_useragent(r->server) && !caller->is_front;
    avcsec_address_t client = is_useragent ? avcsec_facts_client(r) : avcsec_facts_peer(r);

    if (!facts || !avcsec_peers_have(caller->peers, &client)) {
        *detail = apr_psprintf(r->pool, "%s is not listed in %s%s",
                               is_useragent ? r->useragent_ip : r->connection->client_ip,
                               caller->directive,
                               caller->peers ? "" : ", which stands nowhere: name its addresses");
        return AVCSEC_ADDRESS;
    }
    if (caller->is_front)
        return AVCSEC_ALLOWED;
    if (facts->is_forwarded && (!avcsec_config_uses_useragent(r->server) || !facts->is_vouched)) {
        *detail = apr_psprintf(
            r->pool,
            "the request came through a proxy at %s, which is listed in %s: everybody behind it "
            "would have that address. Set mod_remoteip for this proxy and AvcClientAddress "
            "useragent",
            is_useragent ? r->useragent_ip : r->connection->client_ip, caller->directive);
        return AVCSEC_ADDRESS;
    }
    return AVCSEC_ALLOWED;
}

/* The password of `Authorization: Basic` or the token of `Bearer`; absent otherwise. */
static avcsec_slice_t sent_secret(request_rec *r, avcsec_slice_t authorization)
{
    avcsec_slice_t rest = authorization, scheme, none = {0};
    const char *colon;
    char *plain;

    if (!avcsec_slice_cut(&rest, ' ', &scheme) || !rest.p)
        return none;
    rest = avcsec_slice_trim(rest);
    if (avcsec_slice_equals_nocase(scheme, AVCSEC_LITERAL("Bearer")))
        return rest;
    if (!avcsec_slice_equals_nocase(scheme, AVCSEC_LITERAL("Basic")))
        return none;
    plain = ap_pbase64decode(r->pool, apr_pstrmemdup(r->pool, rest.p, rest.len));
    colon = strchr(plain, ':');
    return avcsec_slice_of(colon ? colon + 1 : NULL);
}

static avcsec_verdict_t check_secret(request_rec *r, const char *header)
{
    const avcsec_facts_t *facts = avcsec_facts(r);
    const char *value = header ? apr_table_get(facts->root->headers_in, header) : NULL;
    avcsec_slice_t secret =
        header ? avcsec_slice_of(value) : sent_secret(r, facts->wire.authorization);
    const char *already = apr_table_get(facts->root->notes, "avc-secret");
    char kid[AVCSEC_KID_MAX + 1];

    /* It was taken out of the request when it was accepted at an earlier step. */
    if (header && already && !strcmp(already, header))
        return AVCSEC_ALLOWED;
    if (!secret.p || !avcsec_keys_is_password(r->server, secret, avcsec_facts_now(), kid))
        return AVCSEC_SECRET;
    avcsec_keys_used(r->server, avcsec_slice_of(kid), avcsec_facts_now());
    apr_table_setn(facts->root->notes, "avc-kid", apr_pstrdup(facts->root->pool, kid));
    if (header)
        apr_table_setn(facts->root->notes, "avc-secret", header);
    avcsec_strip_secret(r, header);
    return AVCSEC_ALLOWED;
}

static avcsec_verdict_t check_kind(request_rec *r, const avcsec_caller_t *caller,
                                   const avcsec_proof_kind_t *kind, const char **detail)
{
    *detail = NULL;
    switch (kind->kind) {
    case AVCSEC_PROOF_ADDRESS:
        return check_address(r, caller, detail);
    case AVCSEC_PROOF_TOKEN:
        return avcsec_facts_judge_for(r, AVCSEC_CALL, false, caller->only_logs)->verdict;
    case AVCSEC_PROOF_SECRET:
        return check_secret(r, kind->header);
    case AVCSEC_PROOF_WEBHOOK:
        return avcsec_webhook_judge(r, detail);
    case AVCSEC_PROOF_OME:
        return avcsec_ome_judge(r, detail);
    }
    return AVCSEC_UNDECIDED;
}

bool avcsec_proofs_ask_token(const avcsec_proof_t *proof)
{
    return avcsec_proof_has(proof, AVCSEC_PROOF_TOKEN);
}

/* All proofs, or with "any" one; the first reason otherwise. */
static avcsec_verdict_t check_all(request_rec *r, const avcsec_caller_t *caller,
                                  const char **detail)
{
    static const avcsec_proof_kind_t by_address = {AVCSEC_PROOF_ADDRESS, NULL};
    avcsec_verdict_t first = AVCSEC_UNDECIDED;
    const char *why;

    *detail = NULL;
    if (!avcsec_facts(r))
        return AVCSEC_ADDRESS;
    if (!caller->proof)
        return check_kind(r, caller, &by_address, detail);
    for (int i = 0; i < caller->proof->kinds->nelts; i++) {
        avcsec_verdict_t verdict = check_kind(
            r, caller, &APR_ARRAY_IDX(caller->proof->kinds, i, avcsec_proof_kind_t), &why);

        if (caller->proof->is_any ? verdict == AVCSEC_ALLOWED : verdict != AVCSEC_ALLOWED) {
            *detail = why;
            return verdict;
        }
        if (first == AVCSEC_UNDECIDED) {
            first = verdict;
            *detail = why;
        }
    }
    return first;
}

/* With "any", the checks end at the first proof that holds: a right secret that was sent
 * besides stays here all the same. */
static void hide_secrets(request_rec *r, const avcsec_caller_t *caller)
{
    for (int i = 0; avcsec_facts(r) && caller->proof && i < caller->proof->kinds->nelts; i++) {
        const avcsec_proof_kind_t *kind =
            &APR_ARRAY_IDX(caller->proof->kinds, i, avcsec_proof_kind_t);

        if (kind->kind == AVCSEC_PROOF_SECRET)
            check_secret(r, kind->header);
    }
}

avcsec_verdict_t avcsec_proofs_check(request_rec *r, const avcsec_caller_t *caller,
                                     const char **detail)
{
    avcsec_verdict_t verdict = check_all(r, caller, detail);

    hide_secrets(r, caller);
    return verdict;
}
