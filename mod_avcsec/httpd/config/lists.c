/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists that add, and of those without names of scripts: what they hold.
 */
#include "httpd/config/lists.h"

#include "core/request/arguments.h"
#include "core/text/mediatype.h"

#include "apr_strings.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

const avcsec_names_t *avcsec_names_merge(apr_pool_t *p, const avcsec_names_t *outer,
                                         const avcsec_names_t *inner)
{
    avcsec_names_t *merged;

    if (!outer || !inner || inner->clears)
        return inner ? inner : outer;
    merged = apr_pmemdup(p, inner, sizeof(*merged));
    merged->names = apr_array_append(p, outer->names, inner->names);
    merged->clears = outer->clears;
    return merged;
}

bool avcsec_names_are_same(const avcsec_names_t *a, const avcsec_names_t *b)
{
    if (a == b || !a || !b)
        return a == b;
    return a->clears == b->clears && a->names->elt_size == b->names->elt_size &&
           a->names->nelts == b->names->nelts &&
           !memcmp(a->names->elts, b->names->elts,
                   (size_t)a->names->nelts * (size_t)a->names->elt_size);
}

const avcsec_names_t *avcsec_names_keep(apr_pool_t *p, const avcsec_names_t *names)
{
    avcsec_names_t *kept = names ? apr_pmemdup(p, names, sizeof(*kept)) : NULL;

    if (kept)
        kept->names = apr_array_copy(p, names->names);
    return kept;
}

/* An empty list of this line, with room for `argc` of `size`; *names is its own. */
static avcsec_names_t *begin_list(const cmd_parms *cmd, int argc, size_t size,
                                  apr_array_header_t **names)
{
    avcsec_names_t *list = apr_pcalloc(cmd->pool, sizeof(*list));

    list->names = *names = apr_array_make(cmd->pool, argc, (int)size);
    list->place = avcsec_config_place(cmd);
    return list;
}

static bool clears(avcsec_names_t *list, apr_array_header_t *names, const char *word)
{
    if (strcasecmp(word, "none"))
        return false;
    list->clears = true;
    apr_array_clear(names);
    return true;
}

/* ---- AvcUnsignedArgs ---- */

const char *avcsec_config_unsigned_args(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    apr_array_header_t *patterns;
    avcsec_names_t *list = begin_list(cmd, argc, sizeof(avcsec_slice_t), &patterns);

    for (int i = 0; i < argc; i++) {
        if (clears(list, patterns, argv[i]))
            continue;
        if (!argv[i][0] || strpbrk(argv[i], "=&;,#"))
            return apr_psprintf(
                cmd->pool, "takes names of query arguments, as lang or utm_*, not \"%s\"", argv[i]);
        APR_ARRAY_PUSH(patterns, avcsec_slice_t) = avcsec_slice_of(apr_pstrdup(cmd->pool, argv[i]));
    }
    *(const avcsec_names_t **)field = list;
    return NULL;
}

const apr_array_header_t *avcsec_section_unsigned_args(apr_pool_t *p,
                                                       const avcsec_section_t *section)
{
    /* Nobody writes to what is read from there. */
    static const apr_array_header_t initial = {.nelts = AVCSEC_UNSIGNED_ARGS,
                                               .elt_size = sizeof(avcsec_slice_t),
                                               .elts = (char *)avcsec_unsigned_args};
    const avcsec_names_t *own = section->unsigned_args;

    if (!own)
        return &initial;
    return own->clears ? own->names : apr_array_append(p, &initial, own->names);
}

/* ---- AvcInlineTypes ---- */

/* Types that carry script, whatever the sandbox: never shown from somebody's upload. */
static const char *const active_types[] = {
    "text/html",       "image/svg+xml",   "application/xhtml+xml",  "text/xml",
    "application/xml", "text/javascript", "application/javascript", NULL};

static const char *check_type(apr_pool_t *p, const char *type)
{
    const char *slash = strchr(type, '/');

    for (int k = 0; active_types[k]; k++)
        if (!strcasecmp(type, active_types[k]))
            return apr_psprintf(p, "cannot show %s: such a file runs script in your site's name",
                                type);
    if (!slash || slash == type || !slash[1] || strchr(slash + 1, '*'))
        return apr_psprintf(p, "takes types as image/png, not \"%s\"", type);
    return avcsec_mediatype_is_known(avcsec_slice_of(type))
               ? NULL
               : apr_psprintf(p,
                              "can't show %s: AvcFiles gives that type to no ending of a name; "
                              "those that it knows stand in man mod_avcsec",
                              type);
}

const char *avcsec_config_inline_types(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    apr_array_header_t *types;
    avcsec_names_t *list = begin_list(cmd, argc, sizeof(const char *), &types);

    for (int i = 0; i < argc; i++) {
        const char *error;

        if (clears(list, types, argv[i]))
            continue;
        if ((error = check_type(cmd->pool, argv[i])))
            return error;
        APR_ARRAY_PUSH(types, const char *) = apr_pstrdup(cmd->pool, argv[i]);
    }
    *(const avcsec_names_t **)field = list;
    return NULL;
}

static bool is_shown_by_default(const char *type)
{
    static const char *const raster[] = {"image/png",  "image/jpeg", "image/gif",  "image/webp",
                                         "image/avif", "image/bmp",  "image/apng", "image/heic",
                                         "image/heif", "image/jxl",  NULL};

    for (int i = 0; raster[i]; i++)
        if (!strcmp(type, raster[i]))
            return true;
    return !strncmp(type, "audio/", 6) || !strncmp(type, "video/", 6) ||
           !strcmp(type, "text/plain") || !strcmp(type, "application/vnd.apple.mpegurl");
}

bool avcsec_section_shows_inline(const avcsec_section_t *section, const char *type)
{
    const avcsec_names_t *own = section->inline_types;

    for (int i = 0; own && i < own->names->nelts; i++)
        if (!strcasecmp(type, APR_ARRAY_IDX(own->names, i, const char *)))
            return true;
    return (!own || !own->clears) && is_shown_by_default(type);
}
