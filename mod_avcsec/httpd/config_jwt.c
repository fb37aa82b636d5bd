/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads what JWTs are. Refuses what could never be issued.
 */
#include "config_jwt.h"

#include "jwt.h"
#include "keys.h"
#include "template.h"

#include "../core/jwt.h"

#include "apr_strings.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

static avcsec_place_t place_of(const cmd_parms *cmd)
{
    return (avcsec_place_t){cmd->directive->filename, cmd->directive->line_num};
}

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
    avcsec_algorithm_t only =
        format->form ? avcsec_jwt_form_algorithm(format->form) : AVCSEC_NO_ALGORITHM;

    if (only && format->algorithm && format->algorithm != only)
        return apr_psprintf(p,
                            "names an algorithm that this media server does not verify; it "
                            "verifies %s",
                            avcsec_algorithm_word(only).p);
    if (format->form && avcsec_jwt_form_needs_pair(format->form) &&
        format->algorithm == AVCSEC_ALGORITHM_HS256)
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
    format->place = place_of(cmd);
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
    *claim = (avcsec_token_claim_t){apr_pstrdup(cmd->pool, argv[0]), NULL, place_of(cmd)};
    if (!error)
        error = avcsec_template_read(cmd, argv[1], &claim->value);
    *list = claims;
    return error ? apr_psprintf(cmd->pool, "%s %s", argv[0], error) : NULL;
}

/* ---- As a whole ---- */

static bool is_of(const avcsec_setting_t *setting, const server_rec *s)
{
    return setting->server == s || !setting->server->is_virtual;
}

/* Some AvcTokenClaim of the server is about `name`. */
static bool has_claim(const server_rec *s, const char *name)
{
    const apr_array_header_t *settings = avcsec_config_settings();

    for (int i = 0; i < settings->nelts; i++) {
        const avcsec_setting_t *setting = &APR_ARRAY_IDX(settings, i, avcsec_setting_t);
        const apr_array_header_t *claims = setting->value;

        if (strcmp(setting->directive, "AvcTokenClaim") || !is_of(setting, s))
            continue;
        /* The list grows line by line: the last one is this line's. */
        if (!strcmp(APR_ARRAY_IDX(claims, claims->nelts - 1, avcsec_token_claim_t).name, name))
            return true;
    }
    return false;
}

/* NULL, or what is wrong with the keys for this format. */
static const char *check_keys(apr_pool_t *p, const avcsec_token_format_t *format,
                              const avcsec_keys_found_t *found, bool *is_advice)
{
    bool needs_pair = (format->form && avcsec_jwt_form_needs_pair(format->form)) ||
                      (format->algorithm && format->algorithm != AVCSEC_ALGORITHM_HS256);
    bool is_shared =
        !needs_pair && (format->algorithm == AVCSEC_ALGORITHM_HS256 || !found->has_pair);

    *is_advice = false;
    if (needs_pair && !found->has_pair)
        return "AvcTokenFormat jwt needs a key whose public half the media server gets, and "
               "AvcKeyFile has none: add one with `avcsec keygen --kind ed25519`";
    if (is_shared && !found->has_secret)
        return "AvcTokenFormat jwt needs a key that may sign sessions, and AvcKeyFile has none: "
               "add "
               "one with `avcsec keygen --for session`";
    *is_advice = true;
    return is_shared && found->shares_more
               ? apr_psprintf(p,
                              "AvcTokenFormat jwt signs with a secret that the media server has as "
                              "well, and whoever has that of %s can also make links to files and "
                              "scripts: give this key for=session, and other things keys of their "
                              "own",
                              found->shares_more)
               : NULL;
}

static const char *check_format(apr_pool_t *p, const server_rec *s,
                                const avcsec_token_format_t *format, bool *is_advice)
{
    avcsec_keys_found_t found;
    bool is_denied;

    *is_advice = false;
    if (!avcsec_config_server(s)->key_file)
        return "AvcTokenFormat jwt signs tokens, but there is no AvcKeyFile: make one with `avcsec "
               "keygen`";
    if (!format->form && !has_claim(s, "aud"))
        return "AvcTokenFormat jwt needs AvcTokenClaim aud: the name by which the media server "
               "knows that a token is for it";
    return avcsec_keys_check(p, s, &is_denied, &found) ? NULL
                                                       : check_keys(p, format, &found, is_advice);
}

const char *avcsec_config_check_jwt(apr_pool_t *p, const server_rec *s, bool *is_advice,
                                    avcsec_place_t *place)
{
    const apr_array_header_t *settings = avcsec_config_settings();

    for (int i = 0; i < settings->nelts; i++) {
        const avcsec_setting_t *setting = &APR_ARRAY_IDX(settings, i, avcsec_setting_t);
        const avcsec_token_format_t *format = setting->value;
        const char *error;

        if (strcmp(setting->directive, "AvcTokenFormat") || !format->is_jwt || setting->server != s)
            continue;
        *place = format->place;
        if ((error = check_format(p, s, format, is_advice)))
            return error;
    }
    return NULL;
}
