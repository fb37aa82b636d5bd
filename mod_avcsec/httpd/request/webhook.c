/* SPDX-License-Identifier: Apache-2.0
 *
 * Judging webhooks.
 */
#include "httpd/request/webhook.h"

#include "httpd/request/body.h"
#include "httpd/request/facts.h"
#include "httpd/state/keys.h"
#include "httpd/state/store.h"

#include "core/token/webhook.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "http_protocol.h"

APLOG_USE_MODULE(avcsec);

/* What was found, for all steps of the request. */
typedef struct avcsec_webhook_state_t {
    avcsec_verdict_t verdict;
    const char *detail;
    avcsec_webhook_t hook;
    avcsec_signer_t signers[AVCSEC_WEBHOOK_SIGNERS];
    size_t spent; /* for so many of them it was counted */
} state_t;

static avcsec_slice_t header(const request_rec *root, const char *set, const char *name)
{
    return avcsec_slice_of(
        apr_table_get(root->headers_in, apr_pstrcat(root->pool, set, name, NULL)));
}

static avcsec_webhook_headers_t headers_of(const request_rec *root, const char *set)
{
    return (avcsec_webhook_headers_t){header(root, set, "-id"), header(root, set, "-timestamp"),
                                      header(root, set, "-signature")};
}

/* A message counts as a token that can be used once, by the key that signed it: another site's
 * messages have ids of their own. */
static avcsec_token_t token_of(const state_t *state, size_t signer)
{
    avcsec_token_t token = {.kid = AVCSEC_LITERAL("webhook"),
                            .id = state->hook.headers.id,
                            .iat = state->hook.sent,
                            .exp = state->hook.sent + AVCSEC_WEBHOOK_TOLERANCE + 1,
                            .max = 1};

    memcpy(token.key_print, state->signers[signer].print, sizeof(token.key_print));
    return token;
}

static avcsec_verdict_t refuse(state_t *state, const char *detail)
{
    state->detail = detail;
    return AVCSEC_UNSIGNED;
}

static void give_back(const request_rec *root, state_t *state)
{
    while (state->spent > 0) {
        avcsec_token_t token = token_of(state, --state->spent);

        avcsec_store_give_back(root->server, &token, NULL, avcsec_facts_now());
    }
}

/* By each key that signed it, for of several signatures a stranger may leave out all but
 * one. */
static avcsec_verdict_t spend(const request_rec *root, state_t *state, size_t signers, int64_t now)
{
    avcsec_verdict_t verdict = AVCSEC_ALLOWED;

    for (size_t i = 0; i < signers && verdict == AVCSEC_ALLOWED; i++) {
        avcsec_token_t token = token_of(state, i);
        bool is_counted;

        verdict = avcsec_store_spend(root->server, &token, NULL, now, &is_counted);
        state->spent += verdict == AVCSEC_ALLOWED && is_counted && state->spent == i;
    }
    if (verdict == AVCSEC_USED_UP)
        state->detail = "this webhook came before, or before uses were counted here";
    else if (verdict != AVCSEC_ALLOWED)
        give_back(root, state);
    return verdict;
}

static avcsec_verdict_t judge(request_rec *r, request_rec *root, state_t *state)
{
    avcsec_webhook_headers_t standard = headers_of(root, "webhook"),
                             svix = headers_of(root, "svix");
    size_t limit = (size_t)avcsec_section_body_limit(avcsec_config_section(r));
    int64_t now = avcsec_facts_now();
    const char *error = avcsec_webhook_read(&standard, &svix, now, &state->hook);
    avcsec_slice_t body;
    size_t signers;
    int status;

    /* Strangers send a header before they may send a body. */
    if (error)
        return refuse(state, error);
    status = avcsec_body_read(r, limit, &body);
    if (status == HTTP_REQUEST_ENTITY_TOO_LARGE)
        return AVCSEC_TOO_LARGE;
    if (status != OK)
        return refuse(state, "its body did not come in whole");
    signers = avcsec_keys_signed_webhook(root->server, &state->hook, body, now, state->signers);
    if (signers == 0)
        return refuse(state, "no webhook key of the key file signed this id, time and body");
    if (signers > AVCSEC_WEBHOOK_SIGNERS)
        return refuse(state, "more than 4 webhook keys of the key file signed it");
    avcsec_keys_used(root->server, avcsec_slice_of(state->signers[0].kid), now);
    apr_table_setn(root->notes, "avc-kid", state->signers[0].kid);
    return spend(root, state, signers, now);
}

avcsec_verdict_t avcsec_webhook_judge(request_rec *r, const char **detail)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    state_t *state = facts->webhook;

    if (!state) {
        state = facts->webhook = apr_pcalloc(facts->root->pool, sizeof(*state));
        state->verdict = judge(r, facts->root, state);
    }
    while (r->main)
        r = r->main;
    avcsec_body_restore(r);
    *detail = state->detail;
    return state->verdict;
}

void avcsec_webhook_settle(const request_rec *r)
{
    const avcsec_facts_t *facts = avcsec_facts(r);

    if (facts->webhook && !ap_is_HTTP_SUCCESS(r->status))
        give_back(facts->root, facts->webhook);
}
