/* SPDX-License-Identifier: Apache-2.0
 *
 * Times: every day until the year 2400 and many seconds after it agree with the C
 * library; every other spelling is refused.
 */
#include "../check.h"

#include "core/text/utc.h"

#include <time.h>

/* What the C library makes of these seconds. */
static void slow_format(int64_t seconds, char out[32])
{
    time_t t = (time_t)seconds;
    struct tm tm;

    gmtime_r(&t, &tm);
    strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static bool agrees(int64_t seconds)
{
    char slow[32], *fast = guarded_room(AVCSEC_UTC_CHARS + 1, ENDS_AT_GUARD);
    int64_t back = -1;

    slow_format(seconds, slow);
    avcsec_utc_format(seconds, fast);
    return strcmp(slow, fast) == 0 &&
           avcsec_utc_parse((avcsec_slice_t){fast, AVCSEC_UTC_CHARS}, &back) && back == seconds;
}

static void days(void)
{
    const int64_t day = 86400, end = 253402300799; /* 9999-12-31T23:59:59Z */

    for (int64_t century = 0; century < 5; century++) {
        int64_t wrong = 0;

        for (int64_t d = century * 36525; d < (century + 1) * 36525; d++)
            wrong += !agrees(d * day) + !agrees(d * day + day - 1);
        check(wrong == 0, "each day's first and last second, from day %lld",
              (long long)century * 36525);
    }
    for (int64_t t = 12345; t < end; t += 7777777777)
        check(agrees(t), "second %lld", (long long)t);
    check(agrees(0) && agrees(end), "the first and the last second there is");
}

static void beyond(void)
{
    static const int64_t table[] = {-1, INT64_MIN, 253402300800, INT64_MAX};

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            char *out = guarded_room(AVCSEC_UTC_CHARS + 1, side);

            avcsec_utc_format(table[i], out);
            check(strcmp(out, "-") == 0, "%lld has no such form", (long long)table[i]);
        }
}

static void refused(void)
{
    static const char *const table[] = {
        "",
        "2030-01-31",
        "2030-01-31T00:00:00",
        "2030-01-31T00:00:00z",
        "2030-01-31t00:00:00Z",
        "2030-01-31 00:00:00Z",
        "2030-01-31T00:00:00Z ",
        " 2030-01-31T00:00:00Z",
        "2030-01-31T00:00:00+00:00",
        "2030-01-31T00:00:00.0Z",
        "2030-1-31T00:00:00Z",
        "02030-01-31T00:00:0Z",
        "2030-00-01T00:00:00Z",
        "2030-13-01T00:00:00Z",
        "2030-01-00T00:00:00Z",
        "2030-01-32T00:00:00Z",
        "2030-04-31T00:00:00Z",
        "2030-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2030-01-31T24:00:00Z",
        "2030-01-31T23:60:00Z",
        "2016-12-31T23:59:60Z",
        "1969-12-31T23:59:59Z",
        "0000-01-01T00:00:00Z",
        "-030-01-31T00:00:00Z",
        "+030-01-31T00:00:00Z",
        "X030-01-31T00:00:00Z",
        "2030-01-31T 1:00:00Z",
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            int64_t seconds;

            check(!avcsec_utc_parse(guarded_text(table[i], side), &seconds), "no time: '%s'",
                  table[i]);
        }
}

int main(void)
{
    int64_t seconds;

    check_start();
    days();
    beyond();
    refused();
    check(avcsec_utc_parse(AVCSEC_LITERAL("2000-02-29T12:34:56Z"), &seconds) &&
              seconds == 951827696,
          "a leap day of a year that 400 divides");
    check(!avcsec_utc_parse((avcsec_slice_t){0}, &seconds), "absent is no time");
    return check_end();
}
