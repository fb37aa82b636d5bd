/* SPDX-License-Identifier: Apache-2.0
 *
 * Complaints: one line each, on standard error.
 */
#include "complain.h"

#include <stdarg.h>

static const char *running;

void avcsec_complain_as(const char *subcommand)
{
    running = subcommand;
}

void avcsec_print_safely(FILE *out, avcsec_slice_t text)
{
    bool is_text = avcsec_slice_is_text(text);

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.p[i];

        putc(is_text || (c >= 0x20 && c < 0x7f) ? c : '?', out);
    }
}

__attribute__((format(printf, 1, 0))) static void write_line(const char *format, va_list values)
{
    char text[2048];
    int len = vsnprintf(text, sizeof(text), format, values);

    fputs("avcsec", stderr);
    if (running)
        fprintf(stderr, " %s", running);
    fputs(": ", stderr);
    if (len > 0)
        avcsec_print_safely(
            stderr,
            (avcsec_slice_t){text, (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1});
    putc('\n', stderr);
}

bool avcsec_complain(const char *format, ...)
{
    va_list values;

    va_start(values, format);
    write_line(format, values);
    va_end(values);
    return false;
}

void avcsec_warn(const char *format, ...)
{
    va_list values;

    va_start(values, format);
    write_line(format, values);
    va_end(values);
}
