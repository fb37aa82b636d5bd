/* SPDX-License-Identifier: Apache-2.0
 *
 * What arguments may be.
 */
#include "httpd/config/arguments.h"

#include "apr_strings.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

static bool matches(const void *regex, avcsec_slice_t decoded)
{
    return !ap_regexec_len(regex, decoded.p, decoded.len, 0, NULL, 0);
}

/* NULL: it is none. The whole value must match: "$" would let a newline stand behind it, and
 * what is right between the brackets only must be right alone. */
static const ap_regex_t *compile(apr_pool_t *p, const char *regex)
{
    if (!ap_pregcomp(p, regex, AP_REG_EXTENDED))
        return NULL;
    return ap_pregcomp(p, apr_pstrcat(p, "\\A(?:", regex, ")\\z", NULL), AP_REG_EXTENDED);
}

static const char *add_demand(cmd_parms *cmd, apr_array_header_t *demands, char *const argv[])
{
    avcsec_demand_t *demand = &APR_ARRAY_PUSH(demands, avcsec_demand_t);

    *demand = (avcsec_demand_t){avcsec_slice_of(apr_pstrdup(cmd->pool, argv[0])), matches,
                                compile(cmd->pool, argv[1])};
    if (!avcsec_slice_is_made_of(demand->name, AVCSEC_WORD) || !strcasecmp(argv[0], "none"))
        return apr_psprintf(
            cmd->pool,
            "takes the name of one argument, of A-Z a-z 0-9 _ -, not \"%s\": a \".\" "
            "or space in it is \"_\" for PHP; \"none\" stands alone",
            argv[0]);
    return demand->baton ? NULL
                         : apr_psprintf(cmd->pool,
                                        "takes a regular expression, which \"%s\" is not", argv[1]);
}

const char *avcsec_config_arguments(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    avcsec_names_t *list = apr_pcalloc(cmd->pool, sizeof(*list));
    apr_array_header_t *demands = apr_array_make(cmd->pool, 1, sizeof(avcsec_demand_t));
    const char *error = NULL;

    list->names = demands;
    list->place = avcsec_config_place(cmd);
    if (argc == 2)
        error = add_demand(cmd, demands, argv);
    else if (!(list->clears = !strcasecmp(argv[0], "none")))
        error = "takes the name of an argument and what its value may be, a regular expression: "
                "AvcArguments siteId \"[0-9]+\"";
    *(const avcsec_names_t **)field = list;
    return error;
}
