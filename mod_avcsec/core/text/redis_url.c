/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses of a Redis. Files may have an '@' in their names, hosts may not: the last one
 * divides.
 */
#include "core/text/redis_url.h"

#include "core/text/peer.h"

#include <string.h>

static const avcsec_slice_t plain = {"redis://", 8}, encrypted = {"rediss://", 9};

bool avcsec_redis_url_is_meant(avcsec_slice_t text)
{
    return avcsec_slice_has_prefix(text, plain) || avcsec_slice_has_prefix(text, encrypted);
}

static avcsec_slice_t behind(avcsec_slice_t text, size_t len)
{
    return (avcsec_slice_t){text.p + len, text.len - len};
}

/* The last place of `c`; NULL: it is not there. */
static const char *last_of(avcsec_slice_t text, char c)
{
    const char *found = NULL;

    for (size_t i = 0; i < text.len; i++)
        if (text.p[i] == c)
            found = text.p + i;
    return found;
}

static const char *read_ca(avcsec_slice_t *text, avcsec_redis_url_t *url)
{
    static const avcsec_slice_t name = {"ca=", 3};
    const char *mark = last_of(*text, '?');
    avcsec_slice_t option;

    if (!mark)
        return NULL;
    option = avcsec_slice_between(mark + 1, text->p + text->len);
    if (!url->has_tls || !avcsec_slice_has_prefix(option, name) || option.len == name.len)
        return "behind the \"?\" of a rediss:// stands ca=file, the authorities to believe, "
               "and nothing else";
    url->ca_file = behind(option, name.len);
    text->len = (size_t)(mark - text->p);
    return NULL;
}

static const char *read_user(avcsec_slice_t *text, avcsec_redis_url_t *url)
{
    const char *at = last_of(*text, '@'), *colon;
    avcsec_slice_t who;

    if (!at)
        return NULL;
    who = avcsec_slice_between(text->p, at);
    *text = avcsec_slice_between(at + 1, text->p + text->len);
    colon = who.len ? memchr(who.p, ':', who.len) : NULL;
    if (!colon || colon + 1 == at)
        return "before the \"@\" stands user:password-file, or :password-file; the password itself "
               "stands in that file";
    if (colon != who.p)
        url->user = avcsec_slice_between(who.p, colon);
    url->password_file = avcsec_slice_between(colon + 1, at);
    return NULL;
}

static const char *read_db(avcsec_slice_t *text, avcsec_redis_url_t *url)
{
    const char *slash = last_of(*text, '/');
    avcsec_slice_t db;

    url->db = 0;
    if (!slash)
        return NULL;
    db = avcsec_slice_between(slash + 1, text->p + text->len);
    text->len = (size_t)(slash - text->p);
    if (!db.len || (db.len == 1 && db.p[0] == '0') ||
        avcsec_slice_to_number(db, AVCSEC_REDIS_DB_MAX, &url->db))
        return NULL;
    return "the database is a number from 0 to 65535";
}

static bool is_host(avcsec_slice_t host, bool is_bracketed)
{
    avcsec_address_t address;

    return is_bracketed ? avcsec_address_parse(host, &address)
                        : host.len <= 253 && avcsec_slice_is_made_of(host, AVCSEC_VALUE);
}

static const char *read_host(avcsec_slice_t text, avcsec_redis_url_t *url)
{
    bool is_bracketed = text.len && text.p[0] == '[';
    const char *end = is_bracketed ? last_of(text, ']') : last_of(text, ':');
    avcsec_slice_t port = {NULL, 0};

    url->port = AVCSEC_REDIS_PORT;
    url->host = text;
    if (is_bracketed && end) {
        url->host = avcsec_slice_between(text.p + 1, end);
        port = avcsec_slice_between(end + 1, text.p + text.len);
    } else if (end) {
        url->host = avcsec_slice_between(text.p, end);
        port = avcsec_slice_between(end, text.p + text.len);
    }
    if (!is_host(url->host, is_bracketed))
        return "the host is a name, an IPv4 address, or an IPv6 address in brackets";
    if (port.len &&
        (port.p[0] != ':' || !avcsec_slice_to_number(behind(port, 1), 65535, &url->port)))
        return "behind the host stands :port, a number from 1 to 65535";
    return NULL;
}

const char *avcsec_redis_url_parse(avcsec_slice_t text, avcsec_redis_url_t *url)
{
    const char *error;

    *url = (avcsec_redis_url_t){.has_tls = avcsec_slice_has_prefix(text, encrypted)};
    if (!avcsec_redis_url_is_meant(text))
        return "it starts with redis:// or rediss://";
    text = behind(text, url->has_tls ? encrypted.len : plain.len);
    if ((error = read_ca(&text, url)) || (error = read_user(&text, url)) ||
        (error = read_db(&text, url)))
        return error;
    return read_host(text, url);
}
