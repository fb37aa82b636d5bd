/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing JSON.
 */
#include "core/text/json.h"

#include <inttypes.h>
#include <stdio.h>

static unsigned depth;
static bool needs_comma;

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

static void put_string(avcsec_slice_t text)
{
    putchar('"');
    for (size_t i = 0, n; i < text.len; i += n ? n : 1) {
        unsigned char c = (unsigned char)text.p[i];

        n = character(text.p + i, text.len - i);
        if (n == 0)
            fputs("\\ufffd", stdout);
        else if (n == 1 && (c == '"' || c == '\\'))
            printf("\\%c", c);
        else if (n == 1 && (c < 0x20 || c == 0x7f))
            printf("\\u%04x", c);
        else
            fwrite(text.p + i, 1, n, stdout);
    }
    putchar('"');
}

static void begin(const char *name)
{
    if (needs_comma)
        fputs(", ", stdout);
    needs_comma = true;
    if (name) {
        put_string(avcsec_slice_of(name));
        fputs(": ", stdout);
    }
}

void avcsec_json_open(const char *name, char bracket)
{
    begin(name);
    putchar(bracket);
    needs_comma = false;
    depth++;
}

void avcsec_json_close(char bracket)
{
    putchar(bracket);
    needs_comma = true;
    if (--depth == 0) {
        putchar('\n');
        needs_comma = false;
    }
}

void avcsec_json_text(const char *name, avcsec_slice_t text)
{
    begin(name);
    if (text.p)
        put_string(text);
    else
        fputs("null", stdout);
}

void avcsec_json_number(const char *name, int64_t number)
{
    begin(name);
    printf("%" PRId64, number);
}

void avcsec_json_bool(const char *name, bool value)
{
    begin(name);
    fputs(value ? "true" : "false", stdout);
}
