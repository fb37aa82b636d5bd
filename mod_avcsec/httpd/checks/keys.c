/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys, revocations and the store.
 */
#include "httpd/checks/rules.h"

#include "httpd/config/roots.h"
#include "httpd/state/key_check.h"
#include "httpd/state/revocations.h"
#include "httpd/state/store.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "mpm_common.h"

APLOG_USE_MODULE(avcsec);

/* A proof that no key of the file can give. */
static void check_proof_keys(avcsec_checks_t *check, const avcsec_key_file_t *file, int kind,
                             const char *word, const char *key_kind)
{
    for (int i = 0; i < avcsec_config_settings()->nelts; i++) {
        const avcsec_setting_t *setting = avcsec_tree_setting(i);

        if ((avcsec_tree_is(setting, "AvcMediaServerProof") ||
             avcsec_tree_is(setting, "AvcAdminProof")) &&
            avcsec_proof_has(setting->value, kind) &&
            avcsec_config_server(setting->server)->key_file == file)
            avcsec_complain(
                check, AVCSEC_NOTICE_ADVICE, &setting->place,
                apr_psprintf(check->p,
                             "%s asks for a %s, but %s has no key of kind %s: nobody can "
                             "call. Add one with `avcsec keygen --kind %s`",
                             setting->directive, word, file->path, key_kind, key_kind));
    }
}

static void check_key_file(avcsec_checks_t *check, const server_rec *s)
{
    bool is_denied = false;
    const avcsec_key_file_t *file = avcsec_config_server(s)->key_file;
    avcsec_keys_found_t found;
    const char *error = avcsec_keys_check(check->p, s, &is_denied, &found);

    if (!error && !found.has_password)
        check_proof_keys(check, file, AVCSEC_PROOF_SECRET, "secret", "password");
    if (!error && !found.has_password)
        check_proof_keys(check, file, AVCSEC_PROOF_OME, "signature of OvenMediaEngine", "password");
    if (!error && !found.has_webhook)
        check_proof_keys(check, file, AVCSEC_PROOF_WEBHOOK, "webhook", "webhook");
    if (error)
        avcsec_complain_of_state(check, &file->place, is_denied,
                                 apr_psprintf(check->p, "AvcKeyFile %s %s", file->path, error));
    else if (found.is_dead)
        avcsec_complain_in_test(check, &file->place,
                                apr_psprintf(check->p,
                                             "AvcKeyFile %s %s, and no other kind: nothing can be "
                                             "opened",
                                             file->path, found.is_over));
    else if (found.is_over)
        avcsec_complain(check, AVCSEC_NOTICE_ADVICE, &file->place,
                        apr_psprintf(check->p, "AvcKeyFile %s %s", file->path, found.is_over));
}

void avcsec_check_key_files(avcsec_checks_t *check)
{
    const avcsec_key_file_t *last = NULL;

    /* A restart keeps the keys that it has, and says so when it reads them. */
    if (check->phase == AVCSEC_PHASE_RESTART)
        return;
    for (server_rec *s = check->main_server; s; s = s->next) {
        const avcsec_server_t *server = avcsec_config_server(s);

        if (server->key_file && server->key_file != last)
            check_key_file(check, s);
        last = server->key_file;
    }
}

static bool is_same_realm(const avcsec_server_t *a, const avcsec_server_t *b)
{
    return !strcmp(a->realm ? a->realm : "", b->realm ? b->realm : "");
}

/* Two sites with one key file and one realm accept each other's tokens. */
void avcsec_check_shared_keys(avcsec_checks_t *check)
{
    for (server_rec *s = check->main_server->next; s; s = s->next)
        for (server_rec *t = s->next; t; t = t->next) {
            const avcsec_server_t *a = avcsec_config_server(s), *b = avcsec_config_server(t);

            if (!a->key_file || !b->key_file || strcmp(a->key_file->path, b->key_file->path) ||
                !is_same_realm(a, b) || !s->server_hostname || !t->server_hostname ||
                !strcasecmp(s->server_hostname, t->server_hostname))
                continue;
            avcsec_complain(
                check, AVCSEC_NOTICE_ADVICE, &b->key_file->place,
                apr_psprintf(check->p,
                             "virtual hosts %s and %s share keys and realm: each accepts the "
                             "other's links and tokens. Give them different AvcRealm names",
                             s->server_hostname, t->server_hostname));
            return;
        }
}

void avcsec_check_revocations(avcsec_checks_t *check)
{
    const avcsec_revocations_file_t *last = NULL;

    if (check->phase == AVCSEC_PHASE_RESTART)
        return;
    for (server_rec *s = check->main_server; s; s = s->next) {
        const avcsec_revocations_file_t *file = avcsec_config_server(s)->revocations;
        const char *error = NULL, *advice = NULL;
        bool is_denied = false;

        if (file && file != last)
            error =
                avcsec_revocations_check(check->p, check->main_server, file, &is_denied, &advice);
        if (error)
            avcsec_complain_of_state(
                check, &file->place, is_denied,
                apr_psprintf(check->p, "AvcRevocations %s %s", file->path, error));
        else if (advice && check->phase == AVCSEC_PHASE_TEST)
            avcsec_complain(check, AVCSEC_NOTICE_REVOCATIONS_MADE, &file->place,
                            apr_psprintf(check->p, "AvcRevocations %s %s", file->path, advice));
        last = file;
    }
}

/* The line that it is about: its own, or where there is none, that of the first key file, for
 * which it is needed. */
static avcsec_place_t place_of(const avcsec_checks_t *check, const avcsec_store_finding_t *found)
{
    const server_rec *s = check->main_server;

    if (found->place.file)
        return found->place;
    while (!avcsec_config_server(s)->key_file)
        s = s->next;
    return avcsec_config_server(s)->key_file->place;
}

/* The other line that names the store's file; its file is NULL: none does. A file that is not
 * there yet is only a name. */
static avcsec_place_t place_of_other(const avcsec_checks_t *check, const char *path,
                                     const char **directive)
{
    const char *real = avcsec_path_real(check->p, path);

    for (const server_rec *s = check->main_server; s; s = s->next) {
        const avcsec_server_t *server = avcsec_config_server(s);
        const char *others[] = {server->revocations ? server->revocations->path : NULL,
                                server->key_file ? server->key_file->path : NULL};

        for (int i = 0; i < 2; i++) {
            const char *other = others[i] ? avcsec_path_real(check->p, others[i]) : NULL;

            *directive = i ? "AvcKeyFile" : "AvcRevocations";
            if (others[i] && !strcmp(other ? other : others[i], real ? real : path))
                return i ? server->key_file->place : server->revocations->place;
        }
    }
    return (avcsec_place_t){NULL, 0};
}

static void check_one_file(avcsec_checks_t *check, const avcsec_store_finding_t *found)
{
    const char *directive;
    avcsec_place_t place =
        found->path ? place_of_other(check, found->path, &directive) : (avcsec_place_t){NULL, 0};

    if (place.file)
        avcsec_complain(check, AVCSEC_NOTICE_CONFIG, &place,
                        apr_psprintf(check->p,
                                     "%s names the file of the store, %s, and the one would take "
                                     "the other's place: write another path",
                                     directive, found->path));
}

void avcsec_check_store(avcsec_checks_t *check)
{
    avcsec_store_finding_t found;
    avcsec_place_t place;
    const char *error;

    /* What opens it says so. */
    if (check->phase == AVCSEC_PHASE_RESTART)
        return;
    error = avcsec_store_check(check->p, check->main_server, &found);
    check_one_file(check, &found);
    if (!error && !found.advice)
        return;
    place = place_of(check, &found);
    if (error)
        avcsec_complain_of_state(check, &place, found.is_denied, error);
    else if (check->phase == AVCSEC_PHASE_TEST)
        avcsec_complain(check, AVCSEC_NOTICE_ADVICE, &place, found.advice);
}
