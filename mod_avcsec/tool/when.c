/* SPDX-License-Identifier: Apache-2.0
 *
 * Times and spans of the command line.
 */
#include "when.h"

#include "complain.h"
#include "core/text/utc.h"
#include "core/token/token.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

typedef struct {
    char letter;
    int64_t seconds;
    const char *word;
} unit_t;

static const unit_t units[] = {
    {'y', 365 * 86400, "year"}, {'w', 7 * 86400, "week"}, {'d', 86400, "day"},
    {'h', 3600, "hour"},        {'m', 60, "minute"},      {'s', 1, "second"},
};
#define UNITS (sizeof(units) / sizeof(units[0]))

bool avcsec_when_now(const char *now, int64_t *seconds)
{
    if (now)
        return avcsec_when_read("now", now, seconds);
    *seconds = (int64_t)time(NULL);
    return true;
}

bool avcsec_when_read(const char *option, const char *text, int64_t *seconds)
{
    avcsec_slice_t s = avcsec_slice_of(text);

    if (avcsec_utc_parse(s, seconds) || avcsec_slice_to_number(s, AVCSEC_TIME_MAX, seconds))
        return true;
    return avcsec_complain(
        "--%s: a time is UTC as in 2030-01-31T12:00:00Z, or Unix seconds (not milliseconds)",
        option);
}

bool avcsec_when_read_span(const char *option, const char *text, int64_t *seconds)
{
    avcsec_slice_t digits = avcsec_slice_of(text);
    int64_t factor = 1;

    for (size_t i = 1; i < UNITS && digits.len; i++) /* a year has no fixed length */
        if (digits.p[digits.len - 1] == units[i].letter) {
            factor = units[i].seconds;
            digits.len--;
            break;
        }
    if (!avcsec_slice_to_number(digits, AVCSEC_TIME_MAX / factor, seconds))
        return avcsec_complain("--%s: a span is 30s, 15m, 1h, 90d or 4w", option);
    *seconds *= factor;
    return true;
}

void avcsec_when_span_in_words(int64_t seconds, char out[AVCSEC_SPAN_CHARS])
{
    size_t len = 0, parts = 0;

    seconds = seconds < 0 ? -seconds : seconds;
    memcpy(out, "0 seconds", 10);
    for (size_t i = 0; i < UNITS && parts < 2; i++) {
        int64_t count = seconds / units[i].seconds;

        /* "1 year 4 days", but "9 days", not "1 week 2 days". */
        if (units[i].letter == 'w' || (count == 0 && parts == 0))
            continue;
        parts++;
        seconds -= count * units[i].seconds;
        if (count)
            len += (size_t)snprintf(out + len, AVCSEC_SPAN_CHARS - len, "%s%" PRId64 " %s%s",
                                    len ? " " : "", count, units[i].word, count == 1 ? "" : "s");
    }
}
