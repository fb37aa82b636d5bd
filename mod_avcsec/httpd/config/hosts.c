/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of AvcRedirectHosts.
 */
#include "httpd/config/hosts.h"

#include "core/text/url.h"

#include "apr_strings.h"

typedef struct {
    avcsec_slice_t name;
    int port; /* 0: each */
} host_t;

const char *avcsec_config_redirect_hosts(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    const apr_array_header_t **list = field;
    apr_array_header_t *hosts = apr_array_make(cmd->pool, argc, sizeof(host_t));

    for (int i = 0; i < argc; i++) {
        avcsec_slice_t text = avcsec_slice_of(apr_pstrdup(cmd->pool, argv[i]));
        host_t host;

        if (argc == 1 && !strcasecmp(argv[i], "none"))
            continue;
        if (!avcsec_url_read_host(text, &host.name, &host.port))
            return apr_psprintf(cmd->pool,
                                "takes hosts as www.example.org or www.example.org:8443, one by "
                                "one and without scheme, path or *, not \"%s\"",
                                argv[i]);
        APR_ARRAY_PUSH(hosts, host_t) = host;
    }
    *list = hosts;
    return NULL;
}

bool avcsec_config_lists_host(const server_rec *s, avcsec_slice_t host, int port)
{
    const apr_array_header_t *hosts = avcsec_config_server(s)->redirect_hosts;

    for (int i = 0; hosts && i < hosts->nelts; i++) {
        const host_t *listed = &APR_ARRAY_IDX(hosts, i, host_t);

        if (avcsec_slice_equals_nocase(listed->name, host) &&
            (!listed->port || listed->port == port))
            return true;
    }
    return false;
}
