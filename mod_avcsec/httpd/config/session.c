/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads what issued tokens say. Refuses what no token can carry.
 */
#include "httpd/config/session.h"

#include "core/token/grant.h"

#include "ap_expr.h"
#include "apr_strings.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

/* No variable, function or escape stands in it. */
static bool is_constant(const char *text)
{
    return !text[strcspn(text, "%$\\")];
}

static const char *read_expression(cmd_parms *cmd, void *field, const char *text,
                                   avcsec_grant_value_t which)
{
    avcsec_expression_t *expression = apr_pcalloc(cmd->pool, sizeof(*expression));
    const char *error = NULL;

    expression->place = avcsec_config_place(cmd);
    *(const avcsec_expression_t **)field = expression;
    if (!strcasecmp(text, "none"))
        return NULL;
    expression->parsed = ap_expr_parse_cmd(
        cmd, text, AP_EXPR_FLAG_STRING_RESULT | AP_EXPR_FLAG_DONT_VARY, &error, NULL);
    if (error)
        return apr_psprintf(cmd->pool, "is no expression: %s", error);
    return is_constant(text) ? avcsec_grant_check(which, avcsec_slice_of(text)) : NULL;
}

const char *avcsec_config_token_subject(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    (void)argc;
    return read_expression(cmd, field, argv[0], AVCSEC_GRANT_SUB);
}

const char *avcsec_config_token_role(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    (void)argc;
    return read_expression(cmd, field, argv[0], AVCSEC_GRANT_ROLE);
}

const char *avcsec_config_token_app(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    (void)argc;
    return read_expression(cmd, field, argv[0], AVCSEC_GRANT_APP);
}

const char *avcsec_config_token_act(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    (void)argc;
    return read_expression(cmd, field, argv[0], AVCSEC_GRANT_ACT);
}

const char *avcsec_config_token_room(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    (void)argc;
    return read_expression(cmd, field, argv[0], AVCSEC_GRANT_ROOM);
}

const char *avcsec_config_token_life(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    int64_t seconds;

    (void)cmd, (void)argc;
    if (!avcsec_slice_to_number(avcsec_slice_of(argv[0]), 86400, &seconds))
        return "takes a number of seconds from 1 to 86400; for longer ones there is `avcsec token`";
    *(int *)field = (int)seconds;
    return NULL;
}

const char *avcsec_config_token_uses(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    int64_t uses = 0;

    (void)cmd, (void)argc;
    if (strcasecmp(argv[0], "unlimited") &&
        !avcsec_slice_to_number(avcsec_slice_of(argv[0]), 1000000, &uses))
        return "takes a number from 1 to 1000000, or \"unlimited\"";
    *(int *)field = (int)uses;
    return NULL;
}

const char *avcsec_config_token_rate(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    avcsec_token_rate_t *rate = apr_pcalloc(cmd->pool, sizeof(*rate));
    avcsec_slice_t span = avcsec_slice_of(argv[0]), count;

    (void)argc;
    rate->place = avcsec_config_place(cmd);
    *(const avcsec_token_rate_t **)field = rate;
    if (!strcasecmp(argv[0], "Off"))
        return NULL;
    avcsec_slice_cut(&span, '/', &count);
    if (!avcsec_slice_to_number(count, 1000000, &rate->limit.count) || !span.p ||
        !avcsec_slice_to_number(span, 86400, &rate->limit.span) ||
        rate->limit.count > rate->limit.span * 1000)
        return "takes tokens/seconds, as 30/60 for thirty in a minute, at most 1000 in a second, "
               "or "
               "\"Off\"";
    rate->is_on = true;
    return NULL;
}
