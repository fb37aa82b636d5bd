/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of quotas: made by the parent, kept over restarts, shared by children.
 */
#include "httpd/state/rate.h"

#include "httpd/config/notice.h"
#include "httpd/config/phase.h"
#include "httpd/state/keys.h"
#include "httpd/state/shared.h"

#include "apr_general.h"
#include "apr_strings.h"
#include "http_core.h"

#define LAYOUT 1 /* of what outlives a restart; a new number starts afresh */

typedef struct {
    int layout;
    avcsec_quota_t *quota;
    avcsec_mac_key_t key; /* nobody outside chooses where he is counted */
} retained_t;

static retained_t *retained;

static bool is_configured(void)
{
    const apr_array_header_t *settings = avcsec_config_settings();

    for (int i = 0; i < settings->nelts; i++)
        if (!strcmp(APR_ARRAY_IDX(settings, i, avcsec_setting_t).directive, "AvcTokenRate"))
            return true;
    return false;
}

static retained_t *retain(void)
{
    static const char name[] = "mod_avcsec rate";

    if (!(retained = ap_retained_data_get(name)))
        retained = ap_retained_data_create(name, sizeof(*retained));
    if (retained->layout != LAYOUT) {
        memset(retained, 0, sizeof(*retained));
        retained->layout = LAYOUT;
    }
    return retained;
}

int avcsec_rate_prepare(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    void *memory;

    (void)pconf, (void)plog, (void)ptemp;
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG || !is_configured() ||
        retain()->quota)
        return OK;
    memory = avcsec_shared_count(sizeof(avcsec_quota_t));
    if (!memory || apr_generate_random_bytes(retained->key.bytes, sizeof(retained->key.bytes))) {
        avcsec_log_notice(s, AVCSEC_NOTICE_INTERNAL,
                          "no memory or no randomness for AvcTokenRate: what it limits is refused");
        return avcsec_phase_is_restart() ? OK : HTTP_INTERNAL_SERVER_ERROR;
    }
    retained->quota = memory;
    return OK;
}

/* A setting counts for itself, in each server. */
static bool who_is(const server_rec *s, const avcsec_token_rate_t *rate,
                   const avcsec_address_t *client, uint64_t *who)
{
    avcsec_address_t network = avcsec_address_network(client);
    avcsec_mac_t *mac = avcsec_keys_mac();
    unsigned char bytes[AVCSEC_MAC_BYTES];
    const avcsec_slice_t pieces[] = {
        {(const char *)network.bytes, sizeof(network.bytes)},
        {(const char *)&rate->place.line, sizeof(rate->place.line)},
        avcsec_slice_of(rate->place.file),
        AVCSEC_LITERAL("\n"),
        avcsec_slice_of(s->server_hostname ? s->server_hostname : ""),
        {(const char *)&s->port, sizeof(s->port)},
    };

    if (!mac ||
        !avcsec_mac_compute(mac, &retained->key, pieces, sizeof(pieces) / sizeof(pieces[0]), bytes))
        return false;
    memcpy(who, bytes, sizeof(*who));
    return true;
}

bool avcsec_rate_take(const server_rec *s, const avcsec_token_rate_t *rate,
                      const avcsec_address_t *client, int64_t *wait)
{
    uint64_t who;

    *wait = rate->limit.span;
    if (!retained || !retained->quota || !who_is(s, rate, client, &who))
        return false;
    return avcsec_quota_take(retained->quota, who, &rate->limit,
                             (int64_t)apr_time_as_msec(apr_time_now()), wait);
}
