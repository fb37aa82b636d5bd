/* SPDX-License-Identifier: Apache-2.0
 *
 * Cache-Control of a private answer: what keeps caches away stays, what lets them keep longer
 * or give to others goes, in whatever spelling.
 */
#include "../check.h"

#include "core/text/cache_control.h"

#define AS_IT_SAYS                                                                                 \
    {                                                                                              \
        -1, false                                                                                  \
    }
#define UP_TO(seconds)                                                                             \
    {                                                                                              \
        seconds, false                                                                             \
    }
#define TOLD(seconds)                                                                              \
    {                                                                                              \
        seconds, true                                                                              \
    }

static const struct {
    const char *label, *field;
    avcsec_freshness_t freshness;
    const char *want;
} table[] = {
    {"no field", NULL, AS_IT_SAYS, "private"},
    {"an empty one", "", AS_IT_SAYS, "private"},
    {"nothing but commas", ", ,,", AS_IT_SAYS, "private"},
    {"for everybody, for a year", "public, max-age=31536000", UP_TO(100), "private, max-age=100"},
    {"in capitals", "PUBLIC, Max-Age=31536000", UP_TO(100), "private, max-age=100"},
    {"no limit", "max-age=31536000", AS_IT_SAYS, "private, max-age=31536000"},
    {"shorter than the limit", "max-age=5", UP_TO(100), "private, max-age=5"},
    {"as long", "max-age=100", UP_TO(100), "private, max-age=100"},
    {"nothing is left", "max-age=100", UP_TO(0), "private, max-age=0"},
    {"none is added", "no-transform", UP_TO(100), "private, no-transform"},
    {"one is told", NULL, TOLD(100), "private, max-age=100"},
    {"the field's is shorter than what is told", "max-age=7", TOLD(100), "private, max-age=7"},
    {"the field's is longer than what is told", "max-age=700", TOLD(100), "private, max-age=100"},
    {"shared caches", "s-maxage=600, max-age=10", UP_TO(100), "private, max-age=10"},
    {"of two the shorter, first", "max-age=5, max-age=50", UP_TO(100), "private, max-age=5"},
    {"of two the shorter, last", "max-age=50, max-age=5", UP_TO(100), "private, max-age=5"},
    {"quoted", "max-age=\"3600\"", UP_TO(100), "private, max-age=100"},
    {"spaces around it", "max-age = 3600", UP_TO(100), "private, max-age=100"},
    {"no number", "max-age=soon", UP_TO(100), "private, max-age=0"},
    {"a number and more", "max-age=5d", UP_TO(100), "private, max-age=0"},
    {"a negative one", "max-age=-1", UP_TO(100), "private, max-age=0"},
    {"without a value", "max-age", UP_TO(100), "private, max-age=0"},
    {"with an empty value", "max-age=", UP_TO(100), "private, max-age=0"},
    {"longer than any number", "max-age=99999999999999999999999999", UP_TO(100),
     "private, max-age=100"},
    {"longer than any number, no limit", "max-age=99999999999999999999999999", AS_IT_SAYS,
     "private, max-age=2147483648"},
    {"what is strict", "no-store, no-cache, must-revalidate, proxy-revalidate, no-transform",
     UP_TO(100), "private, no-store, no-cache, must-revalidate, proxy-revalidate, no-transform"},
    {"strict in capitals", "No-Store", AS_IT_SAYS, "private, no-store"},
    {"what is over may be served",
     "max-age=5, stale-while-revalidate=86400, stale-if-error=\"86400\"", UP_TO(100),
     "private, max-age=5"},
    {"immutable", "max-age=5, immutable", UP_TO(100), "private, max-age=5"},
    {"no-store may be ignored", "must-understand, no-store", UP_TO(100), "private, no-store"},
    {"private already", "private, max-age=5", UP_TO(100), "private, max-age=5"},
    {"private for some fields", "private=\"Set-Cookie, X-A\", max-age=5", UP_TO(100),
     "private, max-age=5"},
    {"no-cache for some fields", "no-cache=\"Set-Cookie, x\", max-age=5", UP_TO(100),
     "private, no-cache=\"Set-Cookie, x\", max-age=5"},
    {"a directive inside of quotes", "no-cache=\"x, max-age=999\", max-age=5", UP_TO(100),
     "private, no-cache, max-age=5"},
    {"an escaped quote", "no-cache=\"a\\\", max-age=999\", max-age=5", UP_TO(100),
     "private, no-cache, max-age=5"},
    {"a quote that never ends", "no-cache=\"x, max-age=999", UP_TO(100), "private, no-cache"},
    {"an escape at the end", "no-cache=\"x\\", UP_TO(100), "private, no-cache"},
    {"no-cache for one that is not quoted", "no-cache=Set-Cookie", UP_TO(100), "private, no-cache"},
    {"no-cache for none", "no-cache=\"\"", UP_TO(100), "private, no-cache"},
    {"what is not known", "x-forever, edge=\"a, b\", max-age=5", UP_TO(100), "private, max-age=5"},
    {"tabs", "\tmax-age=5\t,\tno-store\t", UP_TO(100), "private, no-store, max-age=5"},
};

static void writing(void)
{
    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            avcsec_slice_t field = guarded_text(table[i].field, side), got;
            char *out = guarded_room(AVCSEC_CACHE_CONTROL_ROOM(field.len), side);

            check_begins(table[i].label);
            got = (avcsec_slice_t){out,
                                   avcsec_cache_control_private(field, &table[i].freshness, out)};
            check(is_text(got, table[i].want), "%s: \"%.*s\"", table[i].label, (int)got.len, got.p);
        }
}

/* What was written is read as it stands. */
static void writing_twice(void)
{
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        avcsec_slice_t field = avcsec_slice_of(table[i].want);
        char out[512];
        size_t len = avcsec_cache_control_private(field, &table[i].freshness, out);

        check(is_text((avcsec_slice_t){out, len}, table[i].want), "%s: again", table[i].label);
    }
}

static void sharing(void)
{
    static const struct {
        const char *field;
        avcsec_sharing_t want;
    } rows[] = {
        {NULL, AVCSEC_SHARING_UNSAID},
        {"", AVCSEC_SHARING_UNSAID},
        {"must-revalidate", AVCSEC_SHARING_UNSAID},
        {"public", AVCSEC_SHARED},
        {"Public, max-age=0", AVCSEC_SHARED},
        {"max-age=60", AVCSEC_SHARED},
        {"max-age=\"60\"", AVCSEC_SHARED},
        {"max-age=0, s-maxage=5", AVCSEC_SHARED},
        {"max-age=0", AVCSEC_UNSHARED},
        {"max-age=x", AVCSEC_UNSHARED},
        {"max-age=60, private", AVCSEC_UNSHARED},
        {"public, no-store", AVCSEC_UNSHARED},
        {"NO-CACHE, max-age=60", AVCSEC_UNSHARED},
        {"private=\"set-cookie\", max-age=60", AVCSEC_SHARED},
        {"no-cache=\"set-cookie, x\", public", AVCSEC_SHARED},
        {"x=\"private\", max-age=60", AVCSEC_SHARED},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        EACH_SIDE(side)
    check(avcsec_cache_control_sharing(rows[i].field ? guarded_text(rows[i].field, side)
                                                     : (avcsec_slice_t){NULL, 0}) == rows[i].want,
          "\"%s\"", rows[i].field ? rows[i].field : "none");
}

int main(void)
{
    check_start();
    writing();
    sharing();
    writing_twice();
    return check_end();
}
