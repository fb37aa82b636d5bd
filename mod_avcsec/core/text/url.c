/* SPDX-License-Identifier: Apache-2.0
 *
 * URL references in headers.
 */
#include "core/text/url.h"

#include <string.h>

#define PORT_MAX 65535

/* Bytes before the first one that is in `ends`. */
static size_t span(avcsec_slice_t s, const char *ends)
{
    size_t len = 0;

    while (len < s.len && !strchr(ends, s.p[len]))
        len++;
    return len;
}

static avcsec_slice_t from(avcsec_slice_t s, size_t at)
{
    return s.p ? (avcsec_slice_t){s.p + at, s.len - at} : s;
}

/* ---- Hosts ---- */

static bool is_ip6_text(avcsec_slice_t s)
{
    size_t colons = 0;

    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = avcsec_to_lower((unsigned char)s.p[i]);

        colons += c == ':';
        if (c != ':' && c != '.' && !avcsec_is(c, AVCSEC_DIGIT) && (c < 'a' || c > 'f'))
            return false;
    }
    return colons >= 2;
}

static bool is_name(avcsec_slice_t s)
{
    return avcsec_slice_is_made_of(s, AVCSEC_VALUE) && s.p[0] != '.' && s.p[s.len - 1] != '.';
}

/* ":port", ":" alone, or nothing. */
static bool read_port(avcsec_slice_t text, int *port)
{
    int64_t number = 0;

    *port = 0;
    if (text.len == 0)
        return true;
    if (text.p[0] != ':')
        return false;
    if (text.len > 1 && !avcsec_slice_to_number(from(text, 1), PORT_MAX, &number))
        return false;
    *port = (int)number;
    return true;
}

bool avcsec_url_read_host(avcsec_slice_t text, avcsec_slice_t *host, int *port)
{
    bool is_ip6 = text.len && text.p[0] == '[';
    size_t len = is_ip6 ? span(text, "]") : span(text, ":");

    if (text.len == 0 || (is_ip6 && len == text.len))
        return false;
    *host = is_ip6 ? (avcsec_slice_t){text.p + 1, len - 1} : (avcsec_slice_t){text.p, len};
    return (is_ip6 ? is_ip6_text(*host) : is_name(*host)) &&
           read_port(from(text, len + is_ip6), port);
}

/* ---- References ---- */

/* A path, a query and a fragment, off the end of `text`. */
static void split(avcsec_slice_t text, avcsec_url_t *url)
{
    size_t fragment = span(text, "#"), query;

    url->end = from(text, fragment);
    text.len = fragment;
    query = span(text, "?");
    url->path = (avcsec_slice_t){text.p, query};
    url->query = query < text.len ? from(text, query + 1) : (avcsec_slice_t){0};
}

/* Browsers take a backslash for a slash, drop tabs and line ends wherever they stand, and
 * cut control characters and blanks off both ends. */
static bool has_odd_byte(avcsec_slice_t text)
{
    size_t before_query = span(text, "?#");

    for (size_t i = 0; i < text.len; i++)
        if (avcsec_is((unsigned char)text.p[i], AVCSEC_CONTROL) ||
            (text.p[i] == '\\' && i < before_query))
            return true;
    return text.len == 0 || text.p[0] == ' ' || text.p[text.len - 1] == ' ';
}

static bool has_prefix_nocase(avcsec_slice_t s, avcsec_slice_t prefix)
{
    return s.len >= prefix.len &&
           avcsec_slice_equals_nocase((avcsec_slice_t){s.p, prefix.len}, prefix);
}

/* Where the authority starts; 0 if there is none. */
static size_t start_of_authority(avcsec_slice_t text, bool *is_https)
{
    static const avcsec_slice_t http = {"http://", 7}, https = {"https://", 8};

    if (has_prefix_nocase(text, http) || has_prefix_nocase(text, https)) {
        *is_https = text.p[4] != ':';
        return *is_https ? https.len : http.len;
    }
    return has_prefix_nocase(text, AVCSEC_LITERAL("//")) ? 2 : 0;
}

void avcsec_url_read(avcsec_slice_t text, bool is_https, avcsec_url_t *url)
{
    size_t start, len;
    avcsec_slice_t host;

    *url = (avcsec_url_t){.kind = AVCSEC_URL_ODD, .is_https = is_https};
    split(text, url);
    if (has_odd_byte(text))
        return;
    start = start_of_authority(text, &url->is_https);
    if (!start) {
        /* A ':' before the first slash ends the name of a scheme: "https:host" too. */
        if (span(text, ":") >= span(text, "/?#"))
            url->kind = AVCSEC_URL_LOCAL;
        return;
    }
    len = span(from(text, start), "/?#");
    if (!avcsec_url_read_host((avcsec_slice_t){text.p + start, len}, &host, &url->port)) {
        url->port = 0;
        return;
    }
    if (!url->port)
        url->port = url->is_https ? 443 : 80;
    url->kind = AVCSEC_URL_FULL;
    url->host = host;
    url->front = (avcsec_slice_t){text.p, start + len};
    split(from(text, start + len), url);
}
