/* SPDX-License-Identifier: Apache-2.0
 *
 * AVC_* for scripts.
 */
#include "httpd/request/environment.h"

#include "httpd/request/facts.h"

#include "core/text/b64url.h"

#include "apr_strings.h"

int avcsec_environment_set(request_rec *r)
{
    static const char *const names[] = {"AVC_SUB",
                                        "AVC_ROLE",
                                        "AVC_KID",
                                        "AVC_REASON",
                                        "AVC_TOKEN",
                                        "REDIRECT_AVC_SUB",
                                        "REDIRECT_AVC_ROLE",
                                        "REDIRECT_AVC_KID",
                                        "REDIRECT_AVC_REASON",
                                        "REDIRECT_AVC_TOKEN",
                                        NULL};
    const avcsec_facts_t *facts = avcsec_facts(r);
    const char *reason = facts ? apr_table_get(facts->root->notes, "avc-reason") : NULL;
    const avcsec_token_t *token = facts && facts->opened ? &facts->opened->token : NULL;
    const char *kid = facts ? apr_table_get(facts->root->notes, "avc-kid") : NULL;

    if (avcsec_facts_is_private_file(r)) /* no script sees it */
        return DECLINED;
    for (int i = 0; names[i]; i++)
        apr_table_unset(r->subprocess_env, names[i]);
    if (reason)
        apr_table_setn(r->subprocess_env, "AVC_REASON", reason);
    if (token && token->sub.p) {
        unsigned char *sub = apr_pcalloc(r->pool, AVCSEC_B64URL_BYTES(token->sub.len) + 1);
        size_t len;

        if (avcsec_b64url_decode(token->sub, sub, &len))
            apr_table_setn(r->subprocess_env, "AVC_SUB", (const char *)sub);
    }
    if (token && token->role.p)
        apr_table_setn(r->subprocess_env, "AVC_ROLE",
                       apr_pstrmemdup(r->pool, token->role.p, token->role.len));
    if (token)
        kid = apr_pstrmemdup(r->pool, token->kid.p, token->kid.len);
    if (kid)
        apr_table_setn(r->subprocess_env, "AVC_KID", kid);
    return DECLINED;
}
