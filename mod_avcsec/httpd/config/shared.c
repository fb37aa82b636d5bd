/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading along. httpd gives a directive to every module that has one of that name.
 */
#include "httpd/config/shared.h"

#include "httpd/config/protections.h"

#include "apr_strings.h"

static bool hides_proxy;

/* Of a module that is not there it would be a mistake that nobody is told of. */
static const char *check_module(const cmd_parms *cmd)
{
    return ap_find_linked_module("mod_proxy_fcgi.c")
               ? NULL
               : apr_pstrcat(cmd->pool, cmd->cmd->name, " needs mod_proxy_fcgi", NULL);
}

static bool is_in_guarded_htaccess(cmd_parms *cmd)
{
    return ap_check_cmd_context(cmd, NOT_IN_HTACCESS) && avcsec_host_is_guarded(cmd->server);
}

/* It says which script runs, what is asked of it, or in whose name: what was judged. */
static bool is_judged(const char *name)
{
    static const char *const prefixes[] = {"AVC_", "HTTP_X_AVC_", "REDIRECT_", "ORIG_", NULL};
    static const char *const names[] = {
        "SCRIPT_FILENAME", "SCRIPT_NAME",           "PATH_INFO",      "PATH_TRANSLATED",
        "DOCUMENT_ROOT",   "CONTEXT_DOCUMENT_ROOT", "CONTEXT_PREFIX", "REQUEST_METHOD",
        "REQUEST_URI",     "QUERY_STRING",          "REMOTE_ADDR",    NULL};

    name += *name == '!';
    for (int i = 0; prefixes[i]; i++)
        if (!strncasecmp(name, prefixes[i], strlen(prefixes[i])))
            return true;
    for (int i = 0; names[i]; i++)
        if (!strcasecmp(name, names[i]))
            return true;
    return false;
}

const char *avcsec_shared_read_environment(cmd_parms *cmd, void *section, const char *condition,
                                           const char *name, const char *value)
{
    (void)section, (void)condition, (void)value;
    if (!is_in_guarded_htaccess(cmd) || !is_judged(name))
        return check_module(cmd);
    return apr_pstrcat(cmd->pool, "ProxyFCGISetEnvIf ", name,
                       ": in a host with protections of mod_avcsec, no .htaccess says what runs or "
                       "in whose name; it may stand in the server's configuration",
                       NULL);
}

const char *avcsec_shared_read_backend(cmd_parms *cmd, void *section, const char *type)
{
    (void)section;
    if (strcasecmp(type, "GENERIC"))
        return check_module(cmd);
    if (is_in_guarded_htaccess(cmd))
        return "ProxyFCGIBackendType GENERIC: in a host with protections of mod_avcsec, no "
               ".htaccess "
               "hides from PHP that a proxy asks, for it would take another script; it may stand "
               "in "
               "the server's configuration";
    if (!ap_check_cmd_context(cmd, NOT_IN_HTACCESS))
        hides_proxy = true;
    return check_module(cmd);
}

bool avcsec_shared_hides_proxy(void)
{
    return hides_proxy;
}

void avcsec_shared_reset(void)
{
    hides_proxy = false;
}
