/* SPDX-License-Identifier: Apache-2.0
 *
 * What a media server asks about, in words.
 */
#include "httpd/session/subject.h"

#include "httpd/request/facts.h"
#include "httpd/request/log.h"

#include "core/text/b64url.h"

#include "apr_strings.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

#define LONGEST                                                                                    \
    160 /* of what strangers choose; a token is longer, and is shown without its mac               \
         */

/* ", <what> <text>", of text from strangers; "" if it is not there. */
static const char *part(request_rec *r, const char *what, avcsec_slice_t text)
{
    const char *safe;

    if (!text.p)
        return "";
    safe = avcsec_log_safe(r, apr_pstrmemdup(r->pool, text.p, text.len));
    if (strlen(safe) > LONGEST)
        safe = apr_pstrcat(r->pool, apr_pstrmemdup(r->pool, safe, LONGEST), "...", NULL);
    return apr_pstrcat(r->pool, ", ", what, " ", *safe ? safe : "\"\"", NULL);
}

static avcsec_slice_t decoded(request_rec *r, avcsec_slice_t claim)
{
    unsigned char *text = apr_palloc(r->pool, AVCSEC_B64URL_BYTES(claim.len) + 1);
    avcsec_slice_t none = {0};
    size_t len;

    if (!claim.p || !avcsec_b64url_decode(claim, text, &len))
        return none;
    return (avcsec_slice_t){(const char *)text, len};
}

void avcsec_subject_note(request_rec *r, const char *asker, const avcsec_wish_t *wish,
                         const avcsec_token_t *token)
{
    avcsec_facts_t *facts = avcsec_facts(r);
    const avcsec_token_t nobodys = {.kid = {0}};

    if (!facts)
        return;
    if (!token)
        token = &nobodys;
    facts->subject = apr_pstrcat(
        facts->root->pool, asker, part(r, "act", wish->act), part(r, "application", wish->app),
        part(r, "stream", wish->room), part(r, "client", wish->client_text),
        part(r, "user", decoded(r, token->sub)), part(r, "token", token->id), NULL);
}
