/* SPDX-License-Identifier: Apache-2.0
 *
 * RFC 3339 in UTC, both ways, by the civil calendar.
 */
#include "core/text/utc.h"

#include <string.h>

static const char shape[] = "dddd-dd-ddTdd:dd:ddZ";

/* Days from 1970-01-01 to the first of January of `year`. */
static int64_t days_before_year(int64_t year)
{
    int64_t y = year - 1;

    return y * 365 + y / 4 - y / 100 + y / 400 - 719162;
}

static int days_in_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && is_leap);
}

static int digits(const char *p, int count)
{
    int n = 0;

    while (count--)
        n = n * 10 + (*p++ - '0');
    return n;
}

static bool has_shape(avcsec_slice_t text)
{
    if (text.len != AVCSEC_UTC_CHARS)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (shape[i] == 'd' ? !avcsec_is((unsigned char)text.p[i], AVCSEC_DIGIT)
                            : text.p[i] != shape[i])
            return false;
    return true;
}

bool avcsec_utc_parse(avcsec_slice_t text, int64_t *seconds)
{
    int year, month, day, hour, minute, second;
    int64_t days;

    if (!has_shape(text))
        return false;
    year = digits(text.p, 4);
    month = digits(text.p + 5, 2);
    day = digits(text.p + 8, 2);
    hour = digits(text.p + 11, 2);
    minute = digits(text.p + 14, 2);
    second = digits(text.p + 17, 2);
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) ||
        hour > 23 || minute > 59 || second > 59)
        return false;
    days = days_before_year(year) + day - 1;
    for (int m = 1; m < month; m++)
        days += days_in_month(year, m);
    *seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    return true;
}

static char *put(char *out, int64_t number, int count)
{
    for (int i = count - 1; i >= 0; i--, number /= 10)
        out[i] = (char)('0' + number % 10);
    return out + count;
}

void avcsec_utc_format(int64_t seconds, char out[AVCSEC_UTC_CHARS + 1])
{
    int64_t days = seconds / 86400, year = 1970, rest = seconds % 86400;
    int month = 1;

    memcpy(out, "-", 2);
    if (seconds < 0 || days >= days_before_year(10000))
        return;
    year += days / 366;
    while (days_before_year(year + 1) <= days)
        year++;
    for (days -= days_before_year(year); days >= days_in_month(year, month); month++)
        days -= days_in_month(year, month);
    memcpy(out, shape, sizeof(shape));
    put(out, year, 4);
    put(out + 5, month, 2);
    put(out + 8, days + 1, 2);
    put(out + 11, rest / 3600, 2);
    put(out + 14, rest / 60 % 60, 2);
    put(out + 17, rest % 60, 2);
}
