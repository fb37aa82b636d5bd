/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads what JWTs are. Refuses what could never be issued.
 */
#include "httpd/config/jwt.h"

#include "httpd/config/jwt_form.h"
#include "httpd/config/template.h"

#include "core/session/jwt.h"

#include "apr_strings.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

/* ---- AvcTokenFormat ---- */

/* An algorithm that this server signs with. */
static avcsec_algorithm_t algorithm_of(const char *word)
{
    avcsec_algorithm_t algorithm = avcsec_algorithm_of(avcsec_slice_of(word));

    return algorithm == AVCSEC_ALGORITHM_RS256 ? AVCSEC_NO_ALGORITHM : algorithm;
}

static const char *read_word(apr_pool_t *p, const char *word, avcsec_token_format_t *format)
{
    const avcsec_jwt_form_t *form = avcsec_jwt_form_find(word);
    avcsec_algorithm_t algorithm = algorithm_of(word);

    if (form && !format->form)
        format->form = form;
    else if (algorithm && !format->algorithm)
        format->algorithm = algorithm;
    else
        return apr_psprintf(p,
                            "takes behind jwt one of mediamtx, livekit and ant-media, and one of "
                            "HS256, ES256 and EdDSA, not \"%s\"",
                            word);
    return NULL;
}

/* The media server of a form verifies with one algorithm, or with public keys only. */
static const char *fit_algorithm(apr_pool_t *p, avcsec_token_format_t *format)
{
    avcsec_algorithm_t only = format->form ? format->form->algorithm : AVCSEC_NO_ALGORITHM;

    if (only && format->algorithm && format->algorithm != only)
        return apr_psprintf(p,
                            "names an algorithm that this media server does not verify; it "
                            "verifies %s",
                            avcsec_algorithm_word(only).p);
    if (format->form && format->form->needs_pair && format->algorithm == AVCSEC_ALGORITHM_HS256)
        return "names HS256, but this media server takes public keys only (SetHandler "
               "avcsec-jwks): ES256 or EdDSA";
    if (only)
        format->algorithm = only;
    return NULL;
}

const char *avcsec_config_token_format(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    avcsec_token_format_t *format = apr_pcalloc(cmd->pool, sizeof(*format));
    const char *error = NULL;

    format->is_jwt = !strcasecmp(argv[0], "jwt");
    format->place = avcsec_config_place(cmd);
    if (!format->is_jwt && strcasecmp(argv[0], "avc"))
        return apr_psprintf(cmd->pool, "takes \"avc\" or \"jwt\", not \"%s\"", argv[0]);
    if (!format->is_jwt && argc > 1)
        return "takes nothing behind \"avc\"";
#ifndef AVCSEC_HAVE_JANSSON
    if (format->is_jwt)
        return "jwt needs JSON, and this module was built without jansson: build it with "
               "--with-jansson";
#endif
    for (int i = 1; !error && i < argc; i++)
        error = read_word(cmd->pool, argv[i], format);
    if (!error)
        error = fit_algorithm(cmd->pool, format);
    *(const avcsec_token_format_t **)field = format;
    return error;
}

/* ---- AvcTokenClaim ---- */

static const char *check_name(const char *name)
{
    static const struct {
        const char *name, *says;
    } ours[] = {
        {"exp", "AvcTokenLife says when a token ends"},
        {"sub", "AvcTokenSubject says whose a token is"},
        {"iat", "is made by the module"},
        {"nbf", "is made by the module"},
        {"jti", "is made by the module"},
    };

    if (!*name || strlen(name) > AVCSEC_JWT_TEXT_MAX)
        return "takes a name of 1 to 256 characters";
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (!strcmp(name, ours[i].name))
            return ours[i].says;
    return NULL;
}

const char *avcsec_config_token_claim(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    const apr_array_header_t **list = field;
    apr_array_header_t *claims = *list ? apr_array_copy(cmd->pool, *list)
                                       : apr_array_make(cmd->pool, 4, sizeof(avcsec_token_claim_t));
    avcsec_token_claim_t *claim = &APR_ARRAY_PUSH(claims, avcsec_token_claim_t);
    const char *error = check_name(argv[0]);

    (void)argc;
    *claim =
        (avcsec_token_claim_t){apr_pstrdup(cmd->pool, argv[0]), NULL, avcsec_config_place(cmd)};
    if (!error)
        error = avcsec_template_read(cmd, argv[1], &claim->value);
    *list = claims;
    return error ? apr_psprintf(cmd->pool, "%s %s", argv[0], error) : NULL;
}
