/* SPDX-License-Identifier: Apache-2.0
 *
 * Paths: tokens taken out, dots resolved, one spelling for each path, scopes.
 */
#include "../check.h"

#include "core/text/path.h"

/* ---- tokens out ---- */

static void cutting_tokens(void)
{
    static const struct {
        const char *label, *raw, *left;
        size_t count;
        bool is_odd;
        const char *tokens[AVCSEC_PATH_TOKENS];
    } table[] = {
        {"no token", "/a/b", "/a/b", 0, false, {NULL}},
        {"in the middle", "/a/~avc1~x/b", "/a/b", 1, false, {"avc1~x"}},
        {"at the front", "/~avc1~x/a", "/a", 1, false, {"avc1~x"}},
        {"at the end", "/a/~avc1~x", "/a", 1, false, {"avc1~x"}},
        {"at the end, with a slash", "/a/~avc1~x/", "/a/", 1, false, {"avc1~x"}},
        {"nothing but a token", "/~avc1~x", "/", 1, false, {"avc1~x"}},
        {"nothing but a token and a slash", "/~avc1~x/", "/", 1, false, {"avc1~x"}},
        {"the mark alone", "/~avc1~/a", "/a", 1, false, {"avc1~"}},
        {"escaped", "/%7Eavc1%7ex%2D/a", "/a", 1, false, {"avc1~x-"}},
        {"plus in an escaped one is a plus", "/~avc1~%41+b/a", "/a", 1, false, {"avc1~A+b"}},
        {"escaped twice is a name", "/%257Eavc1~x/a", "/%257Eavc1~x/a", 0, false, {NULL}},
        {"escaped to the end", "/a/%7e%61%76%63%31%7e", "/a", 1, false, {"avc1~"}},
        {"a bad escape in it stays", "/~avc1~x%2/a", "/a", 1, false, {"avc1~x%2"}},
        {"an escaped slash does not end it", "/~avc1~x%2Fb/a", "/a", 1, false, {"avc1~x/b"}},
        {"upper case is a name", "/~AVC1~x/a", "/~AVC1~x/a", 0, false, {NULL}},
        {"not at the segment's start is a name", "/a~avc1~x/b", "/a~avc1~x/b", 0, false, {NULL}},
        {"another version is a name", "/~avc2~x/b", "/~avc2~x/b", 0, false, {NULL}},
        {"four",
         "/~avc1~1/~avc1~2/a/~avc1~3/~avc1~4",
         "/a",
         4,
         false,
         {"avc1~1", "avc1~2", "avc1~3", "avc1~4"}},
        {"five are counted",
         "/~avc1~1/~avc1~2/a/~avc1~3/~avc1~4/~avc1~%35",
         "/a",
         5,
         false,
         {"avc1~1", "avc1~2", "avc1~3", "avc1~4"}},
        {"dots before it", "/a/../~avc1~x/b", "/a/../b", 1, true, {"avc1~x"}},
        {"dots after it", "/~avc1~x/../b", "/../b", 1, true, {"avc1~x"}},
        {"escaped dots", "/~avc1~x/%2e./b", "/%2e./b", 1, true, {"avc1~x"}},
        {"one dot", "/~avc1~x/./b", "/./b", 1, true, {"avc1~x"}},
        {"dots at the end", "/~avc1~x/..", "/..", 1, true, {"avc1~x"}},
        {"an empty segment", "/a//~avc1~x/b", "/a//b", 1, true, {"avc1~x"}},
        {"an empty segment before the last", "/~avc1~x//", "//", 1, true, {"avc1~x"}},
        {"an empty segment in front", "//~avc1~x", "/", 1, true, {"avc1~x"}},
        {"three dots are a name", "/~avc1~x/.../b", "/.../b", 1, false, {"avc1~x"}},
        {"no slash in front: no token", "~avc1~x/b", "~avc1~x/b", 0, false, {NULL}},
        {"asterisk", "*", "*", 0, false, {NULL}},
        {"empty", "", "", 0, false, {NULL}},
        {"absent", NULL, "", 0, false, {NULL}},
        {"root", "/", "/", 0, false, {NULL}},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            avcsec_slice_t raw = guarded_text(table[i].raw, side);
            char *left = guarded_room(raw.len + 1, side), *texts = guarded_room(raw.len, side);
            avcsec_path_tokens_t found;
            bool is_right;

            check_begins(table[i].label);
            is_right =
                is_text((avcsec_slice_t){left, avcsec_path_cut_tokens(raw, left, texts, &found)},
                        table[i].left) &&
                found.count == table[i].count && found.has_odd_segment == table[i].is_odd;
            for (size_t k = 0; k < found.count && k < AVCSEC_PATH_TOKENS; k++)
                is_right = is_right && is_text(found.token[k], table[i].tokens[k]);
            check(is_right, "tokens out of a path: %s", table[i].label);
        }
}

/* The length that both rooms need is reached by a path of escaped tokens only. */
static void cutting_long_tokens(void)
{
    EACH_SIDE(side)
    {
        char raw[4000] = "";
        avcsec_slice_t s;
        avcsec_path_tokens_t found;
        size_t len;

        for (int i = 0; i < 6; i++) {
            strcat(raw, "/~avc1~%41");
            memset(raw + strlen(raw), 'x', 500);
        }
        s = guarded_text(raw, side);
        len = avcsec_path_cut_tokens(s, guarded_room(s.len + 1, side), guarded_room(s.len, side),
                                     &found);
        check(len == 1 && found.count == 6 && found.token[3].len == 506,
              "long escaped tokens stay in their room");
    }
}

/* ---- one spelling ---- */

static const struct {
    const char *label, *raw, *canonical; /* NULL: malformed */
} spellings[] = {
    {"root", "/", "/"},
    {"a name", "/a", "/a"},
    {"a directory", "/a/", "/a/"},
    {"needless escapes", "/%61%2D%2e%5F%7eb", "/a-._~b"},
    {"needed escapes, lower case", "/%c3%a9", "/%C3%A9"},
    {"raw bytes", "/\xc3\xa9", "/%C3%A9"},
    {"what RFC 3986 lets stand is escaped too", "/!$&'()*+,;=:@",
     "/%21%24%26%27%28%29%2A%2B%2C%3B%3D%3A%40"},
    {"percent", "/100%25", "/100%25"},
    {"decoded once", "/%2541", "/%2541"},
    {"space", "/a%20b", "/a%20b"},
    {"doubled slashes", "//a///b//", "/a/b/"},
    {"nothing but slashes", "////", "/"},
    {"a dot", "/./a/./b/.", "/a/b/"},
    {"dots", "/a/../b", "/b"},
    {"dots at the end", "/a/b/..", "/a/"},
    {"dots and a slash at the end", "/a/b/../", "/a/"},
    {"dots to the root", "/a/..", "/"},
    {"dots over doubled slashes", "/a/b//../c", "/a/c"},
    {"encoded dots", "/a/%2e%2E/b/%2e/c", "/b/c"},
    {"half encoded dots", "/a/.%2e/b", "/b"},
    {"three dots are a name", "/.../a", "/.../a"},
    {"a dot file", "/.a/..b", "/.a/..b"},
    {"up and down again", "/a/b/../../c/d/../e", "/c/e"},
    {"above the root", "/..", NULL},
    {"above the root and back", "/../a", NULL},
    {"above the root later", "/a/../../a", NULL},
    {"above the root, encoded", "/%2e%2e/a", NULL},
    {"encoded slash", "/a%2Fb", NULL},
    {"encoded slash, lower case", "/a%2fb", NULL},
    {"encoded slash and dots", "/a%2f..%2fb", NULL},
    {"backslash", "/a\\b", NULL},
    {"encoded backslash", "/a%5Cb", NULL},
    {"encoded backslash, lower case", "/a%5cb", NULL},
    {"NUL", "/a%00", NULL},
    {"line feed", "/a%0Ab", NULL},
    {"unit separator", "/a%1fb", NULL},
    {"DEL", "/a%7F", NULL},
    {"a raw control character", "/a\tb", NULL},
    {"a raw DEL", "/a\x7f", NULL},
    {"dots before a semicolon", "/a/..;/b", NULL},
    {"dots before parameters", "/a/..;x=y/b", NULL},
    {"dots before an encoded semicolon", "/a/%2e%2e%3b/b", NULL},
    {"dots before a semicolon at the end", "/a/..;", NULL},
    {"a dot before a semicolon", "/a/.;x/b", NULL},
    {"dots behind a semicolon are a name", "/a/x;../b", "/a/x%3B../b"},
    {"three dots before a semicolon are a name", "/a/...;/b", "/a/...%3B/b"},
    {"a semicolon alone is a name", "/;/b", "/%3B/b"},
    {"an escape cut after the percent sign", "/a%", NULL},
    {"an escape cut after one digit", "/a%4", NULL},
    {"an escape of no hexadecimal digits", "/a%4gb", NULL},
    {"an escape with a sign", "/a%+4", NULL},
    {"a Unicode escape", "/a%u0041", NULL},
    {"no slash in front", "a/b", NULL},
    {"an encoded slash in front", "%2Fa", NULL},
    {"asterisk", "*", NULL},
    {"empty", "", NULL},
    {"absent", NULL, NULL},
    {"slash in two bytes of bad UTF-8 is bytes", "/%c0%af", "/%C0%AF"},
    {"C1 control characters are bytes", "/%c2%85", "/%C2%85"},
    {"a fragment, which httpd cuts off", "/a#/../b", NULL},
    {"an encoded number sign is a name", "/a%23b", "/a%23b"},
    {"a query, which httpd cuts off", "/a?/../b", NULL},
    {"an encoded question mark is a name", "/a%3Fb", "/a%3Fb"},
};

/* The canonical form of raw, in rooms of the documented sizes; absent if malformed. */
static avcsec_slice_t canonical_of(avcsec_slice_t raw, int side)
{
    char *decoded = guarded_room(raw.len + 1, side), *canonical;
    size_t len = 0;

    if (!avcsec_path_resolve(raw, decoded, &len))
        return (avcsec_slice_t){0};
    canonical = guarded_room(AVCSEC_PATH_CANONICAL_MAX(len), side);
    return (avcsec_slice_t){canonical,
                            avcsec_path_encode((avcsec_slice_t){decoded, len}, canonical)};
}

static void resolving(void)
{
    for (size_t i = 0; i < COUNT_OF(spellings); i++)
        EACH_SIDE(side)
        {
            avcsec_slice_t canonical;

            check_begins(spellings[i].label);
            canonical = canonical_of(guarded_text(spellings[i].raw, side), side);
            check(is_text(canonical, spellings[i].canonical), "canonical path: %s",
                  spellings[i].label);
            if (canonical.p)
                check(is_text(canonical_of(canonical, side), spellings[i].canonical),
                      "canonical of canonical: %s", spellings[i].label);
        }
}

/* Each byte, raw and as an escape, is one of: itself, escaped, malformed. */
static void every_byte(void)
{
    size_t wrong = 0;

    for (int c = 1; c < 256; c++) {
        char raw[3] = {'/', (char)c, '\0'}, escaped[5], want[5];
        bool is_bad = c < 32 || c == 127 || c == '\\' || c == '/';

        snprintf(escaped, sizeof(escaped), "/%%%02x", (unsigned)c);
        if (avcsec_is((unsigned char)c, AVCSEC_UNRESERVED) && c != '.')
            memcpy(want, raw, sizeof(raw));
        else
            snprintf(want, sizeof(want), "/%%%02X", (unsigned)c);
        if (c == '.') /* the segment "." */
            memcpy(want, "/", 2);
        EACH_SIDE(side)
        {
            wrong +=
                !is_text(canonical_of(guarded_text(escaped, side), side), is_bad ? NULL : want);
            if (c != '%' && c != '/' && c != '#' && c != '?')
                wrong +=
                    !is_text(canonical_of(guarded_text(raw, side), side), is_bad ? NULL : want);
        }
    }
    check(wrong == 0, "each byte has one spelling, or none");
}

/* ---- paths that nothing has to be done for ---- */

/* A path that is said to be plain comes out of all the others as it went in. */
static bool stays_as_it_is(avcsec_slice_t raw)
{
    char left[32], texts[32], decoded[32], canonical[96];
    avcsec_path_tokens_t found;
    size_t len = avcsec_path_cut_tokens(raw, left, texts, &found);

    if (found.count || !avcsec_slice_equals((avcsec_slice_t){left, len}, raw) ||
        !avcsec_path_resolve(raw, decoded, &len) ||
        !avcsec_slice_equals((avcsec_slice_t){decoded, len}, raw))
        return false;
    len = avcsec_path_encode(raw, canonical);
    return avcsec_slice_equals((avcsec_slice_t){canonical, len}, raw);
}

static void plain_paths(void)
{
    static const char alphabet[] = "/.~a%2e;\\#? \t";
    static const char *const endings[] = {"", "~avc1~x", "/b.jpg"};
    const size_t letters = sizeof(alphabet) - 1, longest = 4;
    size_t wrong = 0, plain = 0;

    for (size_t n = 0; n < letters * letters * letters * letters; n++)
        for (size_t e = 0; e < COUNT_OF(endings); e++) {
            char text[32] = "/";
            size_t rest = n;

            for (size_t i = 1; i <= longest; i++, rest /= letters)
                text[i] = alphabet[rest % letters];
            strcat(text, endings[e]);
            if (avcsec_path_is_plain(avcsec_slice_of(text))) {
                plain++;
                wrong += !stays_as_it_is(avcsec_slice_of(text));
            }
        }
    check(wrong == 0 && plain > 0, "what is plain has no token and one spelling");
    EACH_SIDE(side)
    {
        check(avcsec_path_is_plain(guarded_text("/files/1K/a-b_c.~1.jpg", side)) &&
                  avcsec_path_is_plain(guarded_text("/", side)) &&
                  avcsec_path_is_plain(guarded_text("/a/", side)),
              "most paths are plain");
        check(!avcsec_path_is_plain(guarded_text("", side)) &&
                  !avcsec_path_is_plain(guarded_text(NULL, side)) &&
                  !avcsec_path_is_plain(guarded_text("a", side)) &&
                  !avcsec_path_is_plain(guarded_text("/~avc1~x", side)) &&
                  !avcsec_path_is_plain(guarded_text("/%7Eavc1~x", side)),
              "none and others are not");
    }
}

/* ---- scopes ---- */

static void scopes(void)
{
    static const struct {
        const char *path;
        int64_t segments;
        const char *scope;
    } table[] = {
        {"/a/b/c", 1, "/a/"}, {"/a/b/c", 2, "/a/b/"}, {"/a/b/c", 3, NULL}, {"/a/b/", 2, "/a/b/"},
        {"/a", 1, NULL},      {"/a/", 1, "/a/"},      {"/", 1, NULL},      {"", 1, NULL},
        {"/a/b/", 64, NULL},  {NULL, 1, NULL},
    };
    char deep[200] = "";

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            avcsec_slice_t scope = {0};
            bool has =
                avcsec_path_scope(guarded_text(table[i].path, side), table[i].segments, &scope);

            check(has == (table[i].scope != NULL) && is_text(scope, table[i].scope),
                  "scope of %lld segments of '%s'", (long long)table[i].segments,
                  table[i].path ? table[i].path : "(absent)");
        }
    for (int i = 0; i < 64; i++)
        strcat(deep, "/a");
    EACH_SIDE(side)
    {
        avcsec_slice_t scope = {0};

        check(!avcsec_path_scope(guarded_text(deep, side), 64, &scope),
              "the last of 64 segments needs its slash");
        strcat(deep, "/");
        check(avcsec_path_scope(guarded_text(deep, side), 64, &scope) && is_text(scope, deep),
              "64 segments, each with its slash");
        deep[strlen(deep) - 1] = '\0';
    }
}

int main(void)
{
    check_start();
    cutting_tokens();
    cutting_long_tokens();
    resolving();
    every_byte();
    plain_paths();
    scopes();
    return check_end();
}
