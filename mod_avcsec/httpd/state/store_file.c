/* SPDX-License-Identifier: Apache-2.0
 *
 * Uses, counted by the processes of one server in the table that they share.
 */
#include "httpd/state/store_kind.h"

#include "httpd/config/notice.h"
#include "httpd/state/keys.h"
#include "httpd/state/store_table.h"

#include "core/token/ledger.h"
#include "core/token/webhook.h"

#include "http_log.h"

APLOG_USE_MODULE(avcsec);

/* 64 bits that nobody outside can choose; never 0. */
static uint64_t key_of(const avcsec_counts_t *counts, const server_rec *s,
                       const avcsec_token_t *token, const avcsec_address_t *client)
{
    unsigned char name[AVCSEC_MAC_BYTES];
    avcsec_mac_t *macs = avcsec_keys_mac();
    uint64_t key;

    if (!macs || !avcsec_ledger_name(token, client, avcsec_config_server(s)->realm, &counts->seed,
                                     macs, name))
        return 0;
    memcpy(&key, name, sizeof(key));
    return key ? key : 1;
}

/* NULL if nothing can be counted. */
static const avcsec_counts_t *make_claim(const server_rec *s, const avcsec_token_t *token,
                                         const avcsec_address_t *client, avcsec_claim_t *claim)
{
    const avcsec_counts_t *counts = avcsec_store_table();

    if (!counts)
        return NULL;
    claim->token = key_of(counts, s, token, NULL);
    claim->client = client ? key_of(counts, s, token, client) : 0;
    claim->max = (uint32_t)token->max;
    claim->until = token->exp;
    claim->grace = avcsec_config_use_grace(s);
    return claim->token && (!client || claim->client) ? counts : NULL;
}

/* Of what was used before this store was born nothing is known. A webhook's time may differ by
 * more than a token's. */
static bool is_older(const avcsec_token_t *token, const avcsec_counts_t *counts)
{
    int64_t leeway = counts->leeway;

    if (token->purpose == AVCSEC_NO_PURPOSE && leeway < AVCSEC_WEBHOOK_TOLERANCE)
        leeway = AVCSEC_WEBHOOK_TOLERANCE;
    return token->iat < counts->born + (counts->follows ? leeway : 0);
}

static avcsec_verdict_t spend(const server_rec *s, const avcsec_token_t *token,
                              const avcsec_address_t *client, int64_t now, bool *is_counted)
{
    const avcsec_counts_t *counts;
    avcsec_claim_t claim;

    *is_counted = false;
    if (!(counts = make_claim(s, token, client, &claim)))
        return AVCSEC_STORE;
    if (is_older(token, counts))
        return AVCSEC_USED_UP;
    switch (avcsec_uses_claim(&counts->uses, &claim, now)) {
    case AVCSEC_USE_GRANTED:
    case AVCSEC_USE_RUNNING:
        *is_counted = true;
        return AVCSEC_ALLOWED;
    case AVCSEC_USE_FULL:
        avcsec_log_notice(s, AVCSEC_NOTICE_STORE_FULL,
                          "AvcStore %s is full: give it more entries, or tokens shorter lives",
                          avcsec_store_table_path());
        return AVCSEC_STORE;
    case AVCSEC_USE_REFUSED:
        break;
    }
    return AVCSEC_USED_UP;
}

static bool is_running(const server_rec *s, const avcsec_token_t *token,
                       const avcsec_address_t *client, int64_t now)
{
    avcsec_claim_t claim;
    const avcsec_counts_t *counts = make_claim(s, token, client, &claim);

    return counts && avcsec_uses_is_running(&counts->uses, &claim, now);
}

static void give_back(const server_rec *s, const avcsec_token_t *token,
                      const avcsec_address_t *client, int64_t now)
{
    avcsec_claim_t claim;
    const avcsec_counts_t *counts = make_claim(s, token, client, &claim);

    if (counts)
        avcsec_uses_release(&counts->uses, &claim, now);
}

/* Only AvcRevocations takes back here, and that is known already. */
static avcsec_verdict_t pass(const server_rec *s, const avcsec_token_t *token, int64_t now)
{
    (void)s, (void)token, (void)now;
    return AVCSEC_ALLOWED;
}

const avcsec_store_kind_t avcsec_store_file = {avcsec_store_table_open, spend, is_running,
                                               give_back, pass};
