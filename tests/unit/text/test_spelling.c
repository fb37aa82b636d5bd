/* SPDX-License-Identifier: Apache-2.0
 *
 * How servers behind a proxy read paths: what is malformed, and what else a path may be.
 */
#include "../check.h"

#include "core/text/spelling.h"

static void malformed_ones(void)
{
    static const struct {
        const char *path;
        bool is_malformed;
    } rows[] = {
        {"/a\\b", true},
        {"\\", true},
        {"/open/..;/streams", true},
        {"/.;/a", true},
        {"/..;x=1/a", true},
        {"/a/..;", true},
        {"/a/.;b;c/d", true},
        {"/a/../b", true},
        {"/./a", true},
        {"/a/..", true},
        {"..;", true},
        {"/..;;/a", true},
        {"/a/...;/b", false},
        {"/a/;../b", false},
        {"/a/.b;/c", false},
        {"/a;x/b", false},
        {"/;x/a", false},
        {"/", false},
        {"", false},
        {"//a", false},
        {"/a/x..;/b", false},
        {"/a/%2e%2e;/b", false},
        {"/a/. ;/b", false},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        EACH_SIDE(side)
    check(avcsec_spelling_is_malformed(guarded_text(rows[i].path, side)) == rows[i].is_malformed,
          "%s is %smalformed", rows[i].path, rows[i].is_malformed ? "" : "not ");
}

static void readings(void)
{
    static const struct {
        const char *path;
        avcsec_spelling_t as;
        const char *want; /* NULL: none */
    } rows[] = {
        {"/a;b/c", AVCSEC_AS_IT_STANDS, "/a;b/c"},
        {"/a//./b/../c/", AVCSEC_AS_IT_STANDS, "/a/c/"},
        {"/streams;x/a.m3u8", AVCSEC_CUT, "/streams/a.m3u8"},
        {"/;x/streams/a", AVCSEC_CUT, "/streams/a"},
        {"/a;x=1;y=2/b;z", AVCSEC_CUT, "/a/b"},
        {"/callbacks;jsessionid=1/x", AVCSEC_CUT, "/callbacks/x"},
        {"/a;", AVCSEC_CUT, "/a"},
        {"/;", AVCSEC_CUT, "/"},
        {"/a/;", AVCSEC_CUT, "/a/"},
        {"/;a/;b/", AVCSEC_CUT, "/"},
        {"/a/..;/b", AVCSEC_CUT, "/b"},
        {"/..;/b", AVCSEC_CUT, NULL},
        {"/a%3Bb/c", AVCSEC_CUT, "/a%3Bb/c"},
        {"/a%3Bb/c", AVCSEC_DECODED, "/a;b/c"},
        {"/a%3Bb/c", AVCSEC_DECODED_CUT, "/a/c"},
        {"/a%3Bb/c", AVCSEC_CUT_DECODED, "/a;b/c"},
        {"/%2fstreams/a", AVCSEC_DECODED, "/streams/a"},
        {"/streams%2Fa", AVCSEC_DECODED, "/streams/a"},
        {"/a;b%2Fc/d", AVCSEC_DECODED_CUT, "/a/c/d"},
        {"/a;b%2Fc/d", AVCSEC_CUT_DECODED, "/a/d"},
        {"/a;b%2Fc/d", AVCSEC_CUT_AS_IT_CAME, "/a/d"},
        {"/open%2f..%2fstreams/a", AVCSEC_DECODED, "/streams/a"},
        {"/%2e%2e/a", AVCSEC_DECODED, NULL},
        {"/a%", AVCSEC_DECODED, "/a%"},
        {"/a%2", AVCSEC_DECODED_CUT, "/a%2"},
        {"*", AVCSEC_CUT, NULL},
        {"", AVCSEC_CUT, NULL},
        {";/a", AVCSEC_CUT, "/a"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        EACH_SIDE(side)
        {
            avcsec_slice_t path = guarded_text(rows[i].path, side);
            char *out = guarded_room(path.len + 1, side);
            size_t len = avcsec_spelling_read(rows[i].as, path, out);

            check(rows[i].want ? len == strlen(rows[i].want) && strcmp(out, rows[i].want) == 0
                               : len == 0,
                  "%s read as %d is %s, got %.*s", rows[i].path, rows[i].as,
                  rows[i].want ? rows[i].want : "(none)", (int)len, out);
        }
}

int main(void)
{
    check_start();
    malformed_ones();
    readings();
    return check_end();
}
