/* SPDX-License-Identifier: Apache-2.0
 *
 * JWTs: what must fit together between their settings and the keys.
 */
#include "httpd/checks/rules.h"

#include "httpd/config/jwt_form.h"
#include "httpd/state/key_check.h"

#include "apr_strings.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

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
    bool needs_pair = (format->form && format->form->needs_pair) ||
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

static const char *check_server(apr_pool_t *p, const server_rec *s, bool *is_advice,
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

void avcsec_check_jwts(avcsec_checks_t *check)
{
    for (server_rec *s = check->main_server; s; s = s->next) {
        avcsec_place_t place;
        bool is_advice;
        const char *error = check_server(check->p, s, &is_advice, &place);

        if (error && is_advice)
            avcsec_complain(check, AVCSEC_NOTICE_ADVICE, &place, error);
        else if (error)
            avcsec_complain_of_shut(check, &place, error);
    }
}
