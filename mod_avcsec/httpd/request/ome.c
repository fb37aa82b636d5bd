/* SPDX-License-Identifier: Apache-2.0
 *
 * Judging what OvenMediaEngine has signed.
 */
#include "httpd/request/ome.h"

#include "httpd/request/body.h"
#include "httpd/request/facts.h"
#include "httpd/state/keys.h"

#include "core/token/ome.h"

#include "apr_strings.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

static avcsec_verdict_t judge(request_rec *r, request_rec *root, const char **detail)
{
    avcsec_slice_t signature = avcsec_slice_of(apr_table_get(root->headers_in, "X-OME-Signature")),
                   body;
    size_t limit = (size_t)avcsec_section_body_limit(avcsec_config_section(r));
    int64_t now = avcsec_facts_now();
    char kid[AVCSEC_KID_MAX + 1];
    int status;

    *detail = "it has no header X-OME-Signature, or none that is base64url of HMAC-SHA1";
    /* Strangers send a header before they may send a body. */
    if (!avcsec_ome_is_signature(signature))
        return AVCSEC_UNSIGNED;
    status = avcsec_body_read(r, limit, &body);
    *detail = NULL;
    if (status == HTTP_REQUEST_ENTITY_TOO_LARGE)
        return AVCSEC_TOO_LARGE;
    *detail = "its body did not come in whole";
    if (status != OK)
        return AVCSEC_UNSIGNED;
    *detail = "no password of the key file made its X-OME-Signature: write one of kind password "
              "into OvenMediaEngine's <SecretKey>";
    if (!avcsec_keys_signed_ome(root->server, signature, body, now, kid))
        return AVCSEC_UNSIGNED;
    *detail = NULL;
    avcsec_keys_used(root->server, avcsec_slice_of(kid), now);
    apr_table_setn(root->notes, "avc-kid", apr_pstrdup(root->pool, kid));
    return AVCSEC_ALLOWED;
}

avcsec_verdict_t avcsec_ome_judge(request_rec *r, const char **detail)
{
    avcsec_verdict_t verdict = judge(r, avcsec_facts(r)->root, detail);

    while (r->main)
        r = r->main;
    avcsec_body_restore(r);
    return verdict;
}
