/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses in headers: what two clients could take for two places is odd.
 */
#include "../check.h"

#include "core/text/url.h"

/* "kind|host|port|front|path|query|end" of an address; "-" for an absent query. */
static void describe(const avcsec_url_t *url, char *out, size_t room)
{
    static const char *const kinds[] = {"odd", "local", "full"};

    snprintf(out, room, "%s|%.*s|%d|%.*s|%.*s|%.*s|%.*s", kinds[url->kind], (int)url->host.len,
             url->host.p ? url->host.p : "", url->port, (int)url->front.len,
             url->front.p ? url->front.p : "", (int)url->path.len, url->path.p ? url->path.p : "",
             url->query.p ? (int)url->query.len : 1, url->query.p ? url->query.p : "-",
             (int)url->end.len, url->end.p ? url->end.p : "");
}

static const struct {
    const char *text, *want;
} addresses[] = {
    {"/a/b?x=1#y", "local||0||/a/b|x=1|#y"},
    {"/", "local||0||/|-|"},
    {"a/b", "local||0||a/b|-|"},
    {"../a", "local||0||../a|-|"},
    {"?x", "local||0|||x|"},
    {"?", "local||0||||"},
    {"#y", "local||0|||-|#y"},
    {"/a?x?y#z#?", "local||0||/a|x?y|#z#?"},
    {"/a#?x", "local||0||/a|-|#?x"},
    {"./a:b", "local||0||./a:b|-|"},
    {"?a:b", "local||0|||a:b|"},
    {"/a b", "local||0||/a b|-|"},
    {"/a?b\\c", "local||0||/a|b\\c|"},
    {"http://a.example", "full|a.example|80|http://a.example||-|"},
    {"https://a.example/", "full|a.example|443|https://a.example|/|-|"},
    {"HTTP://A.Example:8080/x", "full|A.Example|8080|HTTP://A.Example:8080|/x|-|"},
    {"http://a.example:/x", "full|a.example|80|http://a.example:|/x|-|"},
    {"http://a.example?x", "full|a.example|80|http://a.example||x|"},
    {"http://a.example#@b.example", "full|a.example|80|http://a.example||-|#@b.example"},
    {"http://a.example?@b.example/", "full|a.example|80|http://a.example||@b.example/|"},
    {"//a.example/x", "full|a.example|80|//a.example|/x|-|"},
    {"http://[2001:db8::1]:81/x", "full|2001:db8::1|81|http://[2001:db8::1]:81|/x|-|"},
    {"http://192.0.2.7/", "full|192.0.2.7|80|http://192.0.2.7|/|-|"},
    {"http://a_b-c.example/", "full|a_b-c.example|80|http://a_b-c.example|/|-|"},
    {"", "odd||0|||-|"},
    {" /a", "odd||0|| /a|-|"},
    {"/a ", "odd||0||/a |-|"},
    {"/a\tb", "odd||0||/a\tb|-|"},
    {"/\t/a.example", "odd||0||/\t/a.example|-|"},
    {"/a?b\x01"
     "c",
     "odd||0||/a|b\x01"
     "c|"},
    {"/\\a.example", "odd||0||/\\a.example|-|"},
    {"\\\\a.example", "odd||0||\\\\a.example|-|"},
    {"http:\\\\a.example", "odd||0||http:\\\\a.example|-|"},
    {"http:/a.example/", "odd||0||http:/a.example/|-|"},
    {"https:a.example", "odd||0||https:a.example|-|"},
    {"http:///a.example", "odd||0||http:///a.example|-|"},
    {"///a.example", "odd||0||///a.example|-|"},
    {"http://", "odd||0||http://|-|"},
    {"http://:80/", "odd||0||http://:80/|-|"},
    {"http://a@b.example/", "odd||0||http://a@b.example/|-|"},
    {"http://a:80@b.example/", "odd||0||http://a:80@b.example/|-|"},
    {"http://a.example\\@b.example/", "odd||0||http://a.example\\@b.example/|-|"},
    {"http://a.example./", "odd||0||http://a.example./|-|"},
    {"http://.a.example/", "odd||0||http://.a.example/|-|"},
    {"http://a%2eexample/", "odd||0||http://a%2eexample/|-|"},
    {"http://\xc3\xa4.example/", "odd||0||http://\xc3\xa4.example/|-|"},
    {"http://a.example:0/", "odd||0||http://a.example:0/|-|"},
    {"http://a.example:080/", "odd||0||http://a.example:080/|-|"},
    {"http://a.example:65536/", "odd||0||http://a.example:65536/|-|"},
    {"http://a.example:+80/", "odd||0||http://a.example:+80/|-|"},
    {"http://a.example:80:80/", "odd||0||http://a.example:80:80/|-|"},
    {"http://[a.example]/", "odd||0||http://[a.example]/|-|"},
    {"http://[::1/", "odd||0||http://[::1/|-|"},
    {"http://[::1]x/", "odd||0||http://[::1]x/|-|"},
    {"http://[fe80::1%25eth0]/", "odd||0||http://[fe80::1%25eth0]/|-|"},
    {"http://::1/", "odd||0||http://::1/|-|"},
    {"ftp://a.example/", "odd||0||ftp://a.example/|-|"},
    {"javascript:x", "odd||0||javascript:x|-|"},
    {"rtmp://a.example/live?avc=x", "odd||0||rtmp://a.example/live|avc=x|"},
    {"a:b", "odd||0||a:b|-|"},
};

static void reading(void)
{
    for (size_t i = 0; i < COUNT_OF(addresses); i++)
        EACH_SIDE(side)
        {
            avcsec_url_t url;
            char got[300];

            check_begins(addresses[i].text);
            avcsec_url_read(guarded_text(addresses[i].text, side), false, &url);
            describe(&url, got, sizeof(got));
            check(!strcmp(got, addresses[i].want), "address '%s': %s", addresses[i].text, got);
        }
}

static void schemes(void)
{
    static const struct {
        const char *text;
        bool of_page, is_https;
        int port;
    } table[] = {
        {"http://a.example", true, false, 80},   {"https://a.example", false, true, 443},
        {"HTTPS://a.example", false, true, 443}, {"//a.example", true, true, 443},
        {"//a.example", false, false, 80},       {"//a.example:81", true, true, 81},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        avcsec_url_t url;

        avcsec_url_read(avcsec_slice_of(table[i].text), table[i].of_page, &url);
        check(url.kind == AVCSEC_URL_FULL && url.is_https == table[i].is_https &&
                  url.port == table[i].port,
              "scheme and port of %s", table[i].text);
    }
}

int main(void)
{
    check_start();
    reading();
    schemes();
    return check_end();
}
