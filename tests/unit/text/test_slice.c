/* SPDX-License-Identifier: Apache-2.0
 *
 * Slices: comparing, cutting, classes, numbers, escapes, text, patterns.
 */
#include "../check.h"

/* ---- comparing ---- */

static void equality(void)
{
    static const struct {
        const char *label, *a, *b;
        bool equal, nocase, prefix;
    } table[] = {
        {"the same", "abc", "abc", true, true, true},
        {"another case", "aBC", "Abc", false, true, false},
        {"a prefix", "abc", "ab", false, false, true},
        {"longer than the other", "ab", "abc", false, false, false},
        {"both empty", "", "", true, true, true},
        {"absent and empty", NULL, "", true, true, true},
        {"empty and absent", "", NULL, true, true, true},
        {"absent twice", NULL, NULL, true, true, true},
        {"a prefix of absent", NULL, "a", false, false, false},
        {"letters beyond ASCII keep their case", "\xc3\x84", "\xc3\xa4", false, false, false},
        {"at sign and backtick differ by the case bit only", "@", "`", false, false, false},
        {"bracket and brace differ by the case bit only", "[", "{", false, false, false},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            avcsec_slice_t a = guarded_text(table[i].a, side), b = guarded_text(table[i].b, side);

            check(avcsec_slice_equals(a, b) == table[i].equal &&
                      avcsec_slice_equals_nocase(a, b) == table[i].nocase &&
                      avcsec_slice_has_prefix(a, b) == table[i].prefix,
                  "comparing: %s", table[i].label);
        }
}

/* ---- cutting ---- */

static void cutting(void)
{
    static const struct {
        const char *label, *text;
        const char *pieces[5]; /* up to the first NULL */
    } table[] = {
        {"absent has no piece", NULL, {NULL}},
        {"empty has one empty piece", "", {"", NULL}},
        {"no separator", "abc", {"abc", NULL}},
        {"two pieces", "a/bc", {"a", "bc", NULL}},
        {"a separator alone", "/", {"", "", NULL}},
        {"empty pieces are pieces", "a//", {"a", "", "", NULL}},
        {"a separator in front", "/a/b", {"", "a", "b", NULL}},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            avcsec_slice_t rest = guarded_text(table[i].text, side), piece;
            bool is_right = true;
            size_t n = 0;

            for (; avcsec_slice_cut(&rest, '/', &piece); n++)
                is_right = is_right && table[i].pieces[n] && is_text(piece, table[i].pieces[n]);
            check(is_right && !table[i].pieces[n] && !rest.p, "cutting: %s", table[i].label);
        }
}

static void trimming(void)
{
    static const struct {
        const char *text, *want;
    } table[] = {
        {"", ""},       {" ", ""},      {" \t a b\t ", "a b"}, {"a", "a"},
        {"\na", "\na"}, {"a\r", "a\r"}, {NULL, NULL},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
    check(is_text(avcsec_slice_trim(guarded_text(table[i].text, side)), table[i].want),
          "trimming spaces and tabs, case %zu", i);
}

static void words(void)
{
    static const struct {
        const char *text, *between, *words; /* joined by "|" */
        bool is_line;
    } table[] = {
        {"a, b.c", " ,.", "a|b|c|", false},
        {" ,a,,", " ,", "a|", false},
        {"", " ", "", false},
        {" , ", " ,", "", false},
        {NULL, " ", "", false},
        {" k1\t hs256  x#y # z", NULL, "k1|hs256|x#y|", true},
        {"#a b", NULL, "", true},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            avcsec_slice_t rest = guarded_text(table[i].text, side), word;
            char found[64] = "";

            while (table[i].is_line ? avcsec_slice_next_on_line(&rest, &word)
                                    : avcsec_slice_next_word(&rest, table[i].between, &word)) {
                strncat(found, word.p, word.len);
                strcat(found, "|");
            }
            check(!strcmp(found, table[i].words), "words of case %zu: %s", i, found);
        }
}

/* ---- classes ---- */

static void classes(void)
{
    static const char word[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t wrong = 0;

    for (int c = 0; c < 256; c++) {
        bool is_word = c && strchr(word, c);
        unsigned char byte = (unsigned char)c;

        wrong += avcsec_is(byte, AVCSEC_WORD) != is_word;
        wrong += avcsec_is(byte, AVCSEC_VALUE) != (is_word || c == '.');
        wrong += avcsec_is(byte, AVCSEC_UNRESERVED) != (is_word || c == '.' || c == '~');
        wrong += avcsec_is(byte, AVCSEC_DIGIT) != (c >= '0' && c <= '9');
        wrong += avcsec_is(byte, AVCSEC_LOWER) != (c >= 'a' && c <= 'z');
        wrong += avcsec_is(byte, AVCSEC_CONTROL) != (c < 32 || c == 127);
        wrong += avcsec_to_lower(byte) != (c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    check(wrong == 0, "classes hold what they say, for each of the 256 bytes");
    check(!avcsec_slice_is_made_of(AVCSEC_LITERAL(""), AVCSEC_WORD), "nothing is not made of it");
    check(!avcsec_slice_is_made_of((avcsec_slice_t){0}, AVCSEC_WORD), "nor is absent");
    check(!avcsec_slice_is_made_of(AVCSEC_LITERAL("a\0b"), AVCSEC_WORD), "NUL is no word");
}

/* ---- numbers ---- */

/* Each byte, at each place of texts that are longer than what is looked at at once. */
static void controls(void)
{
    size_t wrong = 0;

    for (size_t len = 1; len <= 19; len++)
        for (size_t at = 0; at < len; at++)
            for (unsigned c = 0; c < 256; c++) {
                char text[32];

                memset(text, c % 2 ? 'a' : 0xff, sizeof(text));
                text[at] = (char)c;
                EACH_SIDE(side)
                wrong += avcsec_slice_has_control(guarded((avcsec_slice_t){text, len}, side)) !=
                         (c < 0x20 || c == 0x7f);
            }
    check(wrong == 0, "a control character is seen wherever it stands, and nothing else");
    check(!avcsec_slice_has_control((avcsec_slice_t){NULL, 0}), "absent text has none");
}

static void numbers(void)
{
    static const struct {
        const char *text;
        int64_t max, want; /* 0: refused */
    } table[] = {
        {"1", 1, 1},
        {"2", 1, 0},
        {"0", 9, 0},
        {"", 9, 0},
        {NULL, 9, 0},
        {"01", 9, 0},
        {"+1", 9, 0},
        {"-1", 9, 0},
        {" 1", 9, 0},
        {"1 ", 9, 0},
        {"1.", 9, 0},
        {"0x1", 99, 0},
        {"1e1", 99, 0},
        {"\xd9\xa1", 9, 0}, /* ARABIC-INDIC DIGIT ONE */
        {"1000000000000000", 1000000000000000, 1000000000000000},
        {"1000000000000001", 1000000000000000, 0},
        {"9999999999999999", INT64_MAX, 9999999999999999},
        {"10000000000000000", INT64_MAX, 0},
        {"18446744073709551617", 9, 0}, /* 2^64 + 1 */
        {"100000000000", 100000000000, 100000000000},
        {"100000000001", 100000000000, 0},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            int64_t n = -7;
            bool is_number =
                avcsec_slice_to_number(guarded_text(table[i].text, side), table[i].max, &n);

            check(table[i].want ? is_number && n == table[i].want : !is_number,
                  "a number of at most %lld: '%s'", (long long)table[i].max,
                  table[i].text ? table[i].text : "(absent)");
        }
}

/* ---- escapes ---- */

static const struct {
    const char *label, *raw, *want, *want_form;
} escapes[] = {
    {"nothing to decode", "abc", "abc", "abc"},
    {"lower and upper hexadecimal", "%2f%2F%C3%a9", "//\xc3\xa9", "//\xc3\xa9"},
    {"a zero in front and behind", "%0a%a0", "\n\xa0", "\n\xa0"},
    {"once only", "%2541", "%41", "%41"},
    {"plus is a space in a form only", "a+b%2B", "a+b+", "a b+"},
    {"cut after the percent sign", "a%", "a%", "a%"},
    {"cut after one digit", "a%4", "a%4", "a%4"},
    {"no hexadecimal digit", "%4g%g4%%41", "%4g%g4%A", "%4g%g4%A"},
    {"a sign is no digit", "%+1%-1% 1", "%+1%-1% 1", "% 1%-1% 1"},
    {"empty", "", "", ""},
};

static void unescaping(void)
{
    for (size_t i = 0; i < COUNT_OF(escapes); i++)
        EACH_SIDE(side)
        {
            avcsec_slice_t raw = guarded_text(escapes[i].raw, side);
            char *plain = guarded_room(raw.len, side), *form = guarded_room(raw.len, side);
            avcsec_slice_t a = {plain, avcsec_slice_unescape(raw, false, plain)},
                           b = {form, avcsec_slice_unescape(raw, true, form)};

            check(is_text(a, escapes[i].want) && is_text(b, escapes[i].want_form), "unescaping: %s",
                  escapes[i].label);
            check(avcsec_slice_unescapes_to(raw, guarded(a, side)) &&
                      avcsec_slice_unescapes_to_prefix(raw, guarded(a, side)),
                  "unescaping in place: %s", escapes[i].label);
        }
}

static void unescaping_nul(void)
{
    char out[8];

    check(avcsec_slice_unescape(AVCSEC_LITERAL("a%00b"), false, out) == 3 &&
              memcmp(out, "a\0b", 3) == 0 &&
              avcsec_slice_unescapes_to(AVCSEC_LITERAL("a%00b"), AVCSEC_LITERAL("a\0b")),
          "an escaped NUL is a byte like others");
}

static void unescaping_to_another(void)
{
    static const struct {
        const char *raw, *plain;
        bool whole, prefix;
    } table[] = {
        {"%7Eavc1%7ex", "~avc1~", false, true},
        {"%7eavc1", "~avc1~", false, false},
        {"%61vc", "avc", true, true},
        {"avc%", "avc", false, true},
        {"av%6", "avc", false, false},
        {"", "avc", false, false},
        {"", "", true, true},
        {"%2561vc", "avc", false, false},
        {NULL, "avc", false, false},
        {"avc%00", "avc", false, true},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            avcsec_slice_t raw = guarded_text(table[i].raw, side),
                           plain = guarded_text(table[i].plain, side);

            check(avcsec_slice_unescapes_to(raw, plain) == table[i].whole &&
                      avcsec_slice_unescapes_to_prefix(raw, plain) == table[i].prefix,
                  "'%s' decoded against '%s'", table[i].raw ? table[i].raw : "(absent)",
                  table[i].plain);
        }
}

/* ---- text ---- */

static void text(void)
{
    static const struct {
        const char *label, *bytes;
        size_t len;
        bool is_text;
    } table[] = {
        {"ASCII", "a b", 3, true},
        {"two, three and four bytes", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9, true},
        {"the first and last of each length",
         "\xc2\xa0\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 18, true},
        {"on both sides of the surrogates", "\xed\x9f\xbf\xee\x80\x80", 6, true},
        {"empty", "", 0, false},
        {"NUL", "a\0b", 3, false},
        {"line feed", "a\nb", 3, false},
        {"DEL", "\x7f", 1, false},
        {"a C1 control character", "\xc2\x85", 2, false},
        {"the last C1 control character", "\xc2\x9f", 2, false},
        {"a continuation alone", "\x80", 1, false},
        {"cut in the middle", "a\xe2\x82", 3, false},
        {"cut after the first byte of four", "\xf0", 1, false},
        {"an ASCII byte where a continuation must be", "\xc3(", 2, false},
        {"slash in two bytes", "\xc0\xaf", 2, false},
        {"NUL in two bytes", "\xc0\x80", 2, false},
        {"slash in three bytes", "\xe0\x80\xaf", 3, false},
        {"slash in four bytes", "\xf0\x80\x80\xaf", 4, false},
        {"a surrogate", "\xed\xa0\x80", 3, false},
        {"the last surrogate", "\xed\xbf\xbf", 3, false},
        {"above U+10FFFF", "\xf4\x90\x80\x80", 4, false},
        {"five bytes", "\xf8\x88\x80\x80\x80", 5, false},
        {"0xff", "\xff", 1, false},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            avcsec_slice_t s = guarded((avcsec_slice_t){table[i].bytes, table[i].len}, side);

            check_begins(table[i].label);
            check(avcsec_slice_is_text(s) == table[i].is_text, "text: %s", table[i].label);
        }
    check(!avcsec_slice_is_text((avcsec_slice_t){0}), "text: absent");
}

/* ---- patterns ---- */

static void patterns(void)
{
    static const struct {
        const char *s, *pattern;
        bool want, want_nocase;
    } table[] = {
        {"abc", "abc", true, true},
        {"aBc", "abc", false, true},
        {"abc", "ab", false, false},
        {"ab", "abc", false, false},
        {"", "", true, true},
        {"", "*", true, true},
        {"", "**", true, true},
        {"", "a", false, false},
        {"abc", "*", true, true},
        {"abc", "a*", true, true},
        {"abc", "*c", true, true},
        {"abc", "a*c", true, true},
        {"ac", "a*c", true, true},
        {"abcabd", "*ab*d", true, true},
        {"abcabd", "*ab*c", false, false},
        {"a*c", "a*c", true, true},
        {"aXc", "a*C", false, true},
        {"utm_source", "utm_*", true, true},
        {"utm", "utm_*", false, false},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "*a*a*a*a*a*a*a*a*c", false, false},
        {NULL, "*", true, true},
        {NULL, NULL, true, true},
        {"a", NULL, false, false},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            avcsec_slice_t s = guarded_text(table[i].s, side),
                           pattern = guarded_text(table[i].pattern, side);

            check(avcsec_slice_matches(s, pattern, false) == table[i].want &&
                      avcsec_slice_matches(s, pattern, true) == table[i].want_nocase,
                  "pattern '%s' and '%s'", table[i].pattern ? table[i].pattern : "(absent)",
                  table[i].s ? table[i].s : "(absent)");
        }
}

int main(void)
{
    check_start();
    equality();
    cutting();
    trimming();
    words();
    classes();
    controls();
    numbers();
    unescaping();
    unescaping_nul();
    unescaping_to_another();
    text();
    patterns();
    return check_end();
}
