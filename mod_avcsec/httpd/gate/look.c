/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking at other addresses.
 */
#include "httpd/gate/look.h"

#include "httpd/gate/tokens.h"
#include "httpd/request/facts.h"
#include "httpd/request/log.h"

#include "apr_strings.h"
#include "http_request.h"

avcsec_look_t avcsec_look(request_rec *r, const char *method, const char *uri)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    avcsec_verdict_t denied = facts->denied;
    const char *detail = facts->denied_detail;
    request_rec *there;
    avcsec_look_t seen;

    facts->denied = AVCSEC_UNDECIDED;
    facts->denied_detail = NULL;
    facts->gated_step = NULL;
    there = ap_sub_req_method_uri(method, uri, r, NULL);
    seen = (avcsec_look_t){facts->denied, facts->denied_detail,
                           there->filename && there->finfo.filetype == APR_DIR
                               ? apr_pstrdup(r->pool, there->filename)
                               : NULL};
    /* The gate was not come to: an .htaccess with a mistake in it, too many steps. */
    if (facts->gated_step != there && ap_is_HTTP_SERVER_ERROR(there->status))
        seen.verdict = AVCSEC_UNCLEAR;
    ap_destroy_sub_req(there);
    facts->denied = denied;
    facts->denied_detail = detail;
    return seen;
}

int avcsec_look_refuse(request_rec *r, const avcsec_look_t *seen, const char *uri)
{
    const char *detail = seen->detail ? seen->detail : avcsec_verdict_sentence(seen->verdict);

    return avcsec_gate_refuse(
        r, seen->verdict,
        apr_psprintf(r->pool, "%s is touched as well: %s", avcsec_log_safe(r, uri), detail), false);
}
