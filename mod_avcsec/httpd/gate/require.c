/* SPDX-License-Identifier: Apache-2.0
 *
 * Require lines of this module.
 */
#include "httpd/gate/require.h"

#include "httpd/config/protections.h"
#include "httpd/gate/proofs.h"
#include "httpd/request/facts.h"
#include "httpd/request/log.h"
#include "httpd/request/strip.h"

#include "apr_strings.h"
#include "http_log.h"
#include "http_request.h"
#include "mod_auth.h"

APLOG_USE_MODULE(avcsec);

/* Whether that refuses the request depends on the other Require lines. */
static authz_status deny(request_rec *r, avcsec_verdict_t verdict, const char *detail)
{
    avcsec_log_later(r, verdict, detail);
    return AUTHZ_DENIED;
}

static authz_status require_caller(request_rec *r, const avcsec_caller_t *caller)
{
    const char *detail;
    avcsec_verdict_t verdict = avcsec_proofs_check(r, caller, &detail);
    avcsec_facts_t *facts = avcsec_facts(r);

    avcsec_facts_guard(r);
    if (facts && avcsec_proofs_ask_token(caller->proof))
        avcsec_strip_settle(r, facts);
    return verdict == AVCSEC_ALLOWED ? AUTHZ_GRANTED : deny(r, verdict, detail);
}

static authz_status require_media_server(request_rec *r, const char *line, const void *parsed)
{
    avcsec_caller_t caller = avcsec_caller_media_server(avcsec_config_section(r));

    (void)line, (void)parsed;
    return require_caller(r, &caller);
}

static authz_status require_admin(request_rec *r, const char *line, const void *parsed)
{
    avcsec_caller_t caller = avcsec_caller_admin(avcsec_config_section(r));

    (void)line, (void)parsed;
    return require_caller(r, &caller);
}

static authz_status require_token(request_rec *r, const char *line, const void *parsed)
{
    avcsec_purpose_t purpose = *(const avcsec_purpose_t *)parsed;
    const avcsec_judgement_t *judgement = avcsec_facts_judge(r, purpose, false);
    avcsec_facts_t *facts = avcsec_facts(r);

    (void)line;
    avcsec_facts_guard(r);
    if (facts)
        avcsec_strip_settle(r, facts);
    return judgement->verdict == AVCSEC_ALLOWED ? AUTHZ_GRANTED
                                                : deny(r, judgement->verdict, judgement->detail);
}

static const char *parse_nothing(cmd_parms *cmd, const char *provider, const char *line,
                                 const void **parsed)
{
    *parsed = NULL;
    avcsec_require_note(cmd, provider);
    return *line ? apr_psprintf(cmd->pool, "takes nothing behind it, not \"%s\"", line) : NULL;
}

static const char *parse_media_server(cmd_parms *cmd, const char *line, const void **parsed)
{
    return parse_nothing(cmd, "avc-media-server", line, parsed);
}

static const char *parse_admin(cmd_parms *cmd, const char *line, const void **parsed)
{
    return parse_nothing(cmd, "avc-admin", line, parsed);
}

static const char *parse_purpose(cmd_parms *cmd, const char *line, const void **parsed)
{
    avcsec_purpose_t *purpose = apr_palloc(cmd->pool, sizeof(*purpose));

    avcsec_require_note(cmd, "avc-token");
    *purpose = avcsec_purpose_of(avcsec_slice_of(line));
    *parsed = purpose;
    return *purpose ? NULL : "takes one of file, upload, call, session";
}

void avcsec_require_register(apr_pool_t *p)
{
    static const authz_provider media_server = {require_media_server, parse_media_server},
                                admin = {require_admin, parse_admin},
                                token = {require_token, parse_purpose};

    ap_register_auth_provider(p, AUTHZ_PROVIDER_GROUP, "avc-media-server", AUTHZ_PROVIDER_VERSION,
                              &media_server, AP_AUTH_INTERNAL_PER_CONF);
    ap_register_auth_provider(p, AUTHZ_PROVIDER_GROUP, "avc-admin", AUTHZ_PROVIDER_VERSION, &admin,
                              AP_AUTH_INTERNAL_PER_CONF);
    ap_register_auth_provider(p, AUTHZ_PROVIDER_GROUP, "avc-token", AUTHZ_PROVIDER_VERSION, &token,
                              AP_AUTH_INTERNAL_PER_CONF);
}
