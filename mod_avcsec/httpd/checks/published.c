/* SPDX-License-Identifier: Apache-2.0
 *
 * What must lie where no address leads to: secrets, and what is believed.
 */
#include "httpd/checks/rules.h"
#include "httpd/checks/ways.h"
#include "httpd/config/roots.h"
#include "httpd/state/key_check.h"
#include "httpd/state/state_dir.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

/* "the DocumentRoot /x", or NULL. */
static const char *who_publishes(const avcsec_checks_t *check, const char *path)
{
    const char *real = avcsec_path_real(check->p, path);
    const apr_array_header_t *ways = avcsec_ways_to(check, real ? real : path);
    const avcsec_way_t *way;

    if (!ways->nelts)
        return NULL;
    way = &APR_ARRAY_IDX(ways, 0, avcsec_way_t);
    return way->place.file ? apr_psprintf(check->p, "what %s (%s line %d) publishes", way->how,
                                          way->place.file, way->place.line)
                           : way->how;
}

static void check_path(avcsec_checks_t *check, const avcsec_place_t *place, const char *name,
                       const char *path)
{
    const char *publisher = who_publishes(check, path);

    if (publisher)
        avcsec_complain(
            check, AVCSEC_NOTICE_CONFIG, place,
            apr_psprintf(check->p,
                         "%s %s lies in %s, where anybody could fetch it; move it out of "
                         "there",
                         name, path, publisher));
}

static void check_keys(avcsec_checks_t *check, const server_rec *s)
{
    const avcsec_key_file_t *file = avcsec_config_server(s)->key_file;
    avcsec_keys_found_t found;
    bool is_denied;

    check_path(check, &file->place, "AvcKeyFile", file->path);
    if (avcsec_keys_check(check->p, s, &is_denied, &found))
        return;
    for (int i = 0; i < found.pems->nelts; i++)
        check_path(check, &file->place, "the private key",
                   APR_ARRAY_IDX(found.pems, i, const char *));
}

static void check_state(avcsec_checks_t *check, const avcsec_place_t *place)
{
    const avcsec_store_t *store = avcsec_config_store(check->main_server);
    avcsec_state_dir_t dir;

    if (!avcsec_state_dir_look(check->p, check->main_server, &dir))
        check_path(check, dir.place.file ? &dir.place : place, "the state directory", dir.path);
    if (!store->redis && store->path[0] == '/')
        check_path(check, &store->place, "the file of AvcStore", store->path);
    if (store->redis && store->redis->password_file)
        check_path(check, &store->place, "the password file", store->redis->password_file);
}

void avcsec_check_published(avcsec_checks_t *check)
{
    const avcsec_revocations_file_t *revocations = NULL;
    const avcsec_key_file_t *keys = NULL;
    const avcsec_place_t *user = NULL; /* of some line that needs a state directory */

    for (const server_rec *s = check->main_server; s; s = s->next) {
        const avcsec_server_t *server = avcsec_config_server(s);

        if (server->key_file && server->key_file != keys)
            check_keys(check, s);
        if (server->revocations && server->revocations != revocations)
            check_path(check, &server->revocations->place, "AvcRevocations",
                       server->revocations->path);
        keys = server->key_file;
        revocations = server->revocations;
        if (!user)
            user = keys ? &keys->place : revocations ? &revocations->place : NULL;
    }
    if (user)
        check_state(check, user);
}
