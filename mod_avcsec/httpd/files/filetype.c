/* SPDX-License-Identifier: Apache-2.0
 *
 * Names for downloads.
 */
#include "httpd/files/filetype.h"

#include "core/text/slice.h"

#include "apr_strings.h"

#include <string.h>

/* A byte that all clients read alike between quotes. */
static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '%' && c != '/';
}

static bool is_all_plain(const char *name)
{
    while (is_plain((unsigned char)*name))
        name++;
    return !*name;
}

/* attr-char of RFC 8187. */
static bool is_attribute_char(unsigned char c)
{
    return avcsec_is(c, AVCSEC_VALUE) || c == '~';
}

/* Browsers keep what is left of a path; no client should see one. */
static char *without_slashes(apr_pool_t *p, const char *name)
{
    char *copy = apr_pstrdup(p, name);

    for (char *c = copy; *c; c++)
        if (*c == '/' || *c == '\\')
            *c = '_';
    return copy;
}

static const char *escape(apr_pool_t *p, const char *name)
{
    char *out = apr_palloc(p, 3 * strlen(name) + 1), *end = out;

    for (; *name; name++) {
        unsigned char c = (unsigned char)*name;

        if (is_attribute_char(c))
            *end++ = (char)c;
        else
            end += apr_snprintf(end, 4, "%%%02X", c);
    }
    *end = '\0';
    return out;
}

const char *avcsec_filetype_disposition(apr_pool_t *p, bool is_inline, const char *name)
{
    const char *kind = is_inline ? "inline" : "attachment", *whole;
    char *ascii, *end;
    bool is_whole = true;

    if (is_all_plain(name))
        return apr_pstrcat(p, kind, "; filename=\"", name, "\"", NULL);
    whole = without_slashes(p, name);
    ascii = end = apr_pstrdup(p, whole);

    for (const char *c = whole; *c; c++) {
        unsigned char byte = (unsigned char)*c;

        if ((byte & 0xc0) == 0x80) /* goes with the byte before it */
            continue;
        is_whole &= is_plain(byte);
        *end++ = is_plain(byte) ? (char)byte : '_';
    }
    *end = '\0';
    if (is_whole || !avcsec_slice_is_text(avcsec_slice_of(whole)))
        return apr_psprintf(p, "%s; filename=\"%s\"", kind, ascii);
    return apr_psprintf(p, "%s; filename=\"%s\"; filename*=UTF-8''%s", kind, ascii,
                        escape(p, whole));
}

/* What is shown loads nothing but itself and runs nothing. A video that is opened directly
 * is fetched by the page that the browser makes for it: in a sandbox without an origin
 * that would be another site's page. */
#define SANDBOX "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"
#define MEDIA_SANDBOX                                                                              \
    "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox allow-same-origin"

const char *avcsec_filetype_sandbox(const char *type)
{
    return !strncmp(type, "video/", 6) || !strncmp(type, "audio/", 6) ? MEDIA_SANDBOX : SANDBOX;
}
