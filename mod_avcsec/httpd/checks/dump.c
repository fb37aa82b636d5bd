/* SPDX-License-Identifier: Apache-2.0
 *
 * httpd -t -D DUMP_AVCSEC: when it is asked for, and which virtual hosts it is about.
 */
#include "httpd/checks/dump.h"

#include "httpd/config/roots.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

const char *avcsec_dump_server_name(const avcsec_dump_t *dump, const server_rec *s)
{
    if (!s || s == dump->check->main_server)
        return "main server";
    return s->server_hostname ? s->server_hostname : "without a name";
}

const char *avcsec_dump_server_addresses(const avcsec_dump_t *dump, const server_rec *s)
{
    const char *text = "";

    for (const server_addr_rec *address = s->addrs; address; address = address->next)
        text = apr_pstrcat(
            dump->check->p, text, *text ? " " : "", address->virthost, ":",
            address->host_port ? apr_psprintf(dump->check->p, "%d", (int)address->host_port) : "*",
            NULL);
    return text;
}

static bool has_settings(const server_rec *s)
{
    for (int i = 0; i < avcsec_config_settings()->nelts; i++)
        if (avcsec_tree_setting(i)->server == s &&
            strncmp(avcsec_tree_setting(i)->directive, "AvcSt", 5)) /* about all, and about none */
            return true;
    return false;
}

/* httpd's list begins with the virtual host that was read last. */
static apr_array_header_t *in_order(apr_pool_t *p, server_rec *main_server)
{
    apr_array_header_t *servers = apr_array_make(p, 8, sizeof(server_rec *));

    for (server_rec *s = main_server; s; s = s->next)
        APR_ARRAY_PUSH(servers, server_rec *) = s;
    for (int i = 1, k = servers->nelts - 1; i < k; i++, k--) {
        server_rec *moved = APR_ARRAY_IDX(servers, i, server_rec *);

        APR_ARRAY_IDX(servers, i, server_rec *) = APR_ARRAY_IDX(servers, k, server_rec *);
        APR_ARRAY_IDX(servers, k, server_rec *) = moved;
    }
    return servers;
}

/* What stands outside of virtual hosts holds in each of them. */
static void gather(avcsec_dump_t *dump)
{
    server_rec *main_server = dump->check->main_server;
    const apr_array_header_t *servers = in_order(dump->check->p, main_server);
    bool is_everywhere = has_settings(main_server);

    for (int i = 0; i < servers->nelts; i++) {
        server_rec *s = APR_ARRAY_IDX(servers, i, server_rec *);

        if (is_everywhere || has_settings(s) || !main_server->next)
            avcsec_dump_host(dump->check, s, &APR_ARRAY_PUSH(dump->hosts, avcsec_dump_host_t));
        else
            APR_ARRAY_PUSH(dump->bare, server_rec *) = s;
    }
    avcsec_dump_look(dump);
}

int avcsec_dump_print(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                      server_rec *main_server)
{
    bool as_json = ap_exists_config_define("DUMP_AVCSEC=json"),
         as_text = ap_exists_config_define("DUMP_AVCSEC");
    avcsec_checks_t check = {ptemp, main_server, avcsec_phase(ptemp), false};
    avcsec_dump_t dump = {.check = &check};

    if ((!as_json && !as_text) || check.phase != AVCSEC_PHASE_TEST)
        return OK;
    avcsec_roots_note(pconf, plog, ptemp, main_server);
    dump.hosts = apr_array_make(ptemp, 4, sizeof(avcsec_dump_host_t));
    dump.bare = apr_array_make(ptemp, 4, sizeof(server_rec *));
    gather(&dump);
    if (as_json)
        avcsec_dump_write_json(&dump);
    else
        avcsec_dump_write_text(&dump);
    fflush(stdout);
    return OK;
}
