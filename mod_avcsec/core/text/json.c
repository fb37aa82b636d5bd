/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing JSON.
 */
#include "core/text/json.h"

static avcsec_json_put_t *put;
static unsigned depth;
static bool needs_comma;

void avcsec_json_to(avcsec_json_put_t *where)
{
    put = where;
}

static void put_char(char c)
{
    put(&c, 1);
}

static void put_literal(avcsec_slice_t text)
{
    put(text.p, text.len);
}

/* The length of the UTF-8 character at p, 0 if there is none; control characters count. */
static size_t character(const char *p, size_t len)
{
    unsigned char c = (unsigned char)*p;
    size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 0;

    if (n > len || n == 1)
        return n == 1;
    /* The readers of core know which are well-formed; C1 controls are escaped here. */
    return n && avcsec_slice_is_text((avcsec_slice_t){p, n}) ? n : 0;
}

static void put_escape(unsigned char c)
{
    static const char digits[] = "0123456789abcdef";
    char escape[] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};

    put(escape, sizeof(escape));
}

static void put_string(avcsec_slice_t text)
{
    put_char('"');
    for (size_t i = 0, n; i < text.len; i += n ? n : 1) {
        unsigned char c = (unsigned char)text.p[i];

        n = character(text.p + i, text.len - i);
        if (n == 0)
            put_literal(AVCSEC_LITERAL("\\ufffd"));
        else if (n == 1 && (c < 0x20 || c == 0x7f))
            put_escape(c);
        else {
            if (n == 1 && (c == '"' || c == '\\'))
                put_char('\\');
            put(text.p + i, n);
        }
    }
    put_char('"');
}

static void begin(const char *name)
{
    if (needs_comma)
        put_literal(AVCSEC_LITERAL(", "));
    needs_comma = true;
    if (name) {
        put_string(avcsec_slice_of(name));
        put_literal(AVCSEC_LITERAL(": "));
    }
}

void avcsec_json_open(const char *name, char bracket)
{
    begin(name);
    put_char(bracket);
    needs_comma = false;
    depth++;
}

void avcsec_json_close(char bracket)
{
    put_char(bracket);
    needs_comma = true;
    if (--depth == 0) {
        put_char('\n');
        needs_comma = false;
    }
}

void avcsec_json_text(const char *name, avcsec_slice_t text)
{
    begin(name);
    if (text.p)
        put_string(text);
    else
        put_literal(AVCSEC_LITERAL("null"));
}

void avcsec_json_number(const char *name, int64_t number)
{
    char digits[24], *first = digits + sizeof(digits);
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

    begin(name);
    do
        *--first = (char)('0' + rest % 10);
    while (rest /= 10);
    if (number < 0)
        *--first = '-';
    put(first, (size_t)(digits + sizeof(digits) - first));
}

void avcsec_json_bool(const char *name, bool value)
{
    begin(name);
    put_literal(value ? AVCSEC_LITERAL("true") : AVCSEC_LITERAL("false"));
}
