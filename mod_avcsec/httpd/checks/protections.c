/* SPDX-License-Identifier: Apache-2.0
 *
 * Protections that nobody could pass, or that anybody could.
 */
#include "httpd/checks/rules.h"

#include "apr_strings.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

static bool proof_asks(const avcsec_proof_t *proof, bool for_address)
{
    for (int i = 0; proof && i < proof->kinds->nelts; i++)
        if ((APR_ARRAY_IDX(proof->kinds, i, avcsec_proof_kind_t).kind == AVCSEC_PROOF_ADDRESS) ==
            for_address)
            return true;
    return !proof && for_address;
}

/* The proofs that hold in a server: those that stand in it, or the default. */
static bool some_proof_asks(const avcsec_checks_t *check, const server_rec *s, const char *name,
                            bool for_address)
{
    bool stands = false;

    for (int i = 0; i < avcsec_config_settings()->nelts; i++)
        if (avcsec_tree_is(avcsec_tree_setting(i), name) &&
            (avcsec_tree_setting(i)->server == s ||
             avcsec_tree_setting(i)->server == check->main_server)) {
            stands = true;
            if (proof_asks(avcsec_tree_setting(i)->value, for_address))
                return true;
        }
    return !stands && for_address;
}

static bool is_turned_on(const avcsec_setting_t *setting)
{
    return avcsec_switch_is_on(setting->value);
}

static bool asks_session(const avcsec_setting_t *setting)
{
    return avcsec_tree_is(setting, "AvcSessionFor") &&
           ((const avcsec_session_for_t *)setting->value)->is_on;
}

static bool lists_names(const avcsec_setting_t *setting)
{
    return ((const avcsec_names_t *)setting->value)->names->nelts > 0;
}

static void check_area(avcsec_checks_t *check, const avcsec_setting_t *setting, const char *peers,
                       const char *proof)
{
    if (some_proof_asks(check, setting->server, proof, true) &&
        !avcsec_tree_has(check, setting->server, peers))
        avcsec_complain_of_shut(
            check, &setting->place,
            apr_psprintf(check->p,
                         "%s asks for an address, but %s stands nowhere: name the addresses "
                         "that may call, or another %s",
                         setting->directive, peers, proof));
    if (some_proof_asks(check, setting->server, proof, false) &&
        !avcsec_tree_has(check, setting->server, "AvcKeyFile"))
        avcsec_complain_of_shut(
            check, &setting->place,
            apr_psprintf(
                check->p,
                "%s asks for a token, a secret or a webhook, but there is no AvcKeyFile: make one "
                "with `avcsec keygen`",
                setting->directive));
}

void avcsec_check_needs_keys(avcsec_checks_t *check, const avcsec_setting_t *setting)
{
    if (!avcsec_tree_has(check, setting->server, "AvcKeyFile"))
        avcsec_complain_of_shut(
            check, &setting->place,
            apr_psprintf(check->p,
                         "%s needs tokens, but there is no AvcKeyFile: make one with `avcsec "
                         "keygen`",
                         setting->directive));
}

void avcsec_check_setting(avcsec_checks_t *check, const avcsec_setting_t *setting)
{
    bool is_switch =
        avcsec_tree_is(setting, "AvcMediaServerOnly") || avcsec_tree_is(setting, "AvcAdminOnly") ||
        avcsec_tree_is(setting, "AvcSignedURL") || avcsec_tree_is(setting, "AvcTokenEnv");
    bool is_list = avcsec_tree_is(setting, "AvcMediaServerScripts") ||
                   avcsec_tree_is(setting, "AvcAdminScripts");

    if ((is_switch && !is_turned_on(setting)) || (is_list && !lists_names(setting)))
        return;
    if (!strncmp(setting->directive, "AvcMediaServer", 14) && (is_switch || is_list))
        check_area(check, setting, "AvcMediaServer", "AvcMediaServerProof");
    if (!strncmp(setting->directive, "AvcAdmin", 8) && (is_switch || is_list))
        check_area(check, setting, "AvcAdmin", "AvcAdminProof");
    if (avcsec_tree_is(setting, "AvcSignedURL") || avcsec_tree_is(setting, "AvcTokenEnv") ||
        asks_session(setting))
        avcsec_check_needs_keys(check, setting);
    if (avcsec_tree_is(setting, "AvcFiles"))
        avcsec_check_files(check, setting);
}

/* SetHandler avcsec-token or avcsec-token-request. */
static bool is_issuing(const ap_directive_t *directive, const void *baton)
{
    const char *args = directive->args, *name;

    (void)baton;
    if (strcasecmp(directive->directive, "SetHandler"))
        return false;
    name = ap_getword_conf(avcsec_config_settings()->pool, &args);
    return !strcasecmp(name, "avcsec-token") || !strcasecmp(name, "avcsec-token-request");
}

void avcsec_check_issuing(avcsec_checks_t *check)
{
    for (server_rec *s = check->main_server; s; s = s->next) {
        avcsec_tree_search_t search = {is_issuing, NULL, s == check->main_server ? NULL : s};
        const ap_directive_t *found =
            avcsec_tree_find(ap_conftree, avcsec_tree_is_in_server, &search);
        avcsec_place_t place;

        if (!found || avcsec_tree_has(check, s, "AvcKeyFile"))
            continue;
        place = avcsec_tree_place(found);
        avcsec_complain_of_shut(
            check, &place,
            apr_psprintf(check->p,
                         "SetHandler %s signs tokens, but there is no AvcKeyFile: make one "
                         "with `avcsec keygen`",
                         found->args));
    }
}
