/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses of a Redis: what each piece is, and what is refused.
 */
#include "../check.h"

#include "core/text/redis_url.h"

static bool is(avcsec_slice_t s, const char *text)
{
    return text ? avcsec_slice_equals(s, avcsec_slice_of(text)) : !s.p;
}

static void right_ones(void)
{
    static const struct {
        const char *text, *host, *user, *password_file, *ca_file;
        int port, db;
        bool has_tls;
    } rows[] = {
        {"redis://10.0.0.5", "10.0.0.5", NULL, NULL, NULL, 6379, 0, false},
        {"redis://db.example.org:7000/12", "db.example.org", NULL, NULL, NULL, 7000, 12, false},
        {"redis://[2001:db8::1]:7000", "2001:db8::1", NULL, NULL, NULL, 7000, 0, false},
        {"redis://:/etc/pass@h/0", "h", NULL, "/etc/pass", NULL, 6379, 0, false},
        {"redis://u:/etc/a@b/p@h", "h", "u", "/etc/a@b/p", NULL, 6379, 0, false},
        {"rediss://u:p@[::1]/3?ca=/etc/c/ca.pem", "::1", "u", "p", "/etc/c/ca.pem", 6379, 3, true},
        {"redis://h/", "h", NULL, NULL, NULL, 6379, 0, false},
        {"rediss://h", "h", NULL, NULL, NULL, 6379, 0, true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        EACH_SIDE(side)
        {
            avcsec_redis_url_t url;
            const char *error = avcsec_redis_url_parse(guarded_text(rows[i].text, side), &url);

            check(!error && is(url.host, rows[i].host) && is(url.user, rows[i].user) &&
                      is(url.password_file, rows[i].password_file) &&
                      is(url.ca_file, rows[i].ca_file) && url.port == rows[i].port &&
                      url.db == rows[i].db && url.has_tls == rows[i].has_tls,
                  "%s is read", rows[i].text);
        }
}

static void wrong_ones(void)
{
    static const char *const texts[] = {
        "",
        "redis:",
        "redis:/h",
        "Redis://h",
        "redis://",
        "redis:///1",
        "redis://h:",
        "redis://h:0",
        "redis://h:65536",
        "redis://h:7x",
        "redis://h:1:2",
        "redis://::1",
        "redis://[::1",
        "redis://[::1]7",
        "redis://[h]",
        "redis://h/-1",
        "redis://h/65536",
        "redis://h/00",
        "redis://u@h",
        "redis://u:@h",
        "redis://@h",
        "redis://:@h",
        "redis://h?ca=/x",
        "rediss://h?",
        "rediss://h?ca=",
        "rediss://h?cafile=/x",
        "redis://h i",
        "redis://h\t",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        EACH_SIDE(side)
        {
            avcsec_redis_url_t url;

            check(avcsec_redis_url_parse(guarded_text(texts[i], side), &url) != NULL,
                  "\"%s\" is refused", texts[i]);
        }
}

int main(void)
{
    check_start();
    right_ones();
    wrong_ones();
    return check_end();
}
