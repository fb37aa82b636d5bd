/* SPDX-License-Identifier: Apache-2.0
 *
 * Queries: arguments, `avc` taken out, names as PHP reads them.
 */
#include "../check.h"

#include "core/text/query.h"

static void arguments(void)
{
    static const struct {
        const char *label, *query;
        struct {
            const char *name, *value;
        } want[4];
    } table[] = {
        {"absent", NULL, {{NULL, NULL}}},
        {"empty", "", {{NULL, NULL}}},
        {"separators only", "&&", {{NULL, NULL}}},
        {"one", "a=1", {{"a", "1"}}},
        {"no equals sign", "a", {{"a", NULL}}},
        {"an empty value", "a=", {{"a", ""}}},
        {"an empty name", "=1", {{"", "1"}}},
        {"nothing but an equals sign", "=", {{"", ""}}},
        {"two equals signs", "a==1=", {{"a", "=1="}}},
        {"empty pieces", "&a=1&&b&", {{"a", "1"}, {"b", NULL}}},
        {"a semicolon separates nothing", "a=1;b=2", {{"a", "1;b=2"}}},
        {"an encoded separator separates nothing", "a=1%26b=2", {{"a", "1%26b=2"}}},
        {"raw bytes stay", "%61=%20+", {{"%61", "%20+"}}},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            avcsec_slice_t rest = guarded_text(table[i].query, side);
            avcsec_argument_t argument;
            bool is_right = true;
            size_t n = 0;

            for (; avcsec_query_next(&rest, &argument); n++)
                is_right = is_right && is_text(argument.name, table[i].want[n].name) &&
                           is_text(argument.value, table[i].want[n].value);
            check(is_right && !table[i].want[n].name, "arguments: %s", table[i].label);
        }
}

static void token_out(void)
{
    static const struct {
        const char *label, *query, *want;
    } table[] = {
        {"absent", NULL, ""},
        {"no token", "a=1&b=2", "a=1&b=2"},
        {"nothing else", "avc=x", ""},
        {"in front", "avc=x&a=1", "a=1"},
        {"in the middle", "a=1&avc=x&b=2", "a=1&b=2"},
        {"at the end", "a=1&avc=x", "a=1"},
        {"escaped name", "a=1&%61v%63=x", "a=1"},
        {"escaped twice is another name", "%2561vc=x", "%2561vc=x"},
        {"without a value", "a&avc&b", "a&b"},
        {"twice", "avc=x&a=1&avc=y", "a=1"},
        {"one separator goes with it", "a=1&&avc=x&&b", "a=1&&&b"},
        {"separators in front stay", "&avc=x", ""},
        {"an empty piece stays", "&&avc=x&", "&&"},
        {"other bytes stay", "a=%20b&avc=x&c&c=&d=+", "a=%20b&c&c=&d=+"},
        {"case matters", "AVC=x", "AVC=x"},
        {"an array is another name", "avc[]=x", "avc[]=x"},
        {"a longer name", "avcx=1&xavc=2", "avcx=1&xavc=2"},
        {"in a value", "a=avc=x", "a=avc=x"},
        {"a bad escape in its value", "avc=%zz&a=%zz", "a=%zz"},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            avcsec_slice_t query = guarded_text(table[i].query, side);
            char *out = guarded_room(query.len, side);
            avcsec_slice_t got = {out, avcsec_query_without_token(query, out)};

            check(is_text(got, table[i].want), "token out of a query: %s", table[i].label);
        }
}

static void names_as_php_reads_them(void)
{
    static const struct {
        const char *name, *plain;
        bool want;
    } table[] = {
        {"size", "size", true},
        {"s%69ze", "size", true},
        {"Size", "size", false},
        {"size[]", "size", true},
        {"size%5b%5D", "size", true},
        {"size[a][b]", "size", true},
        {"size[", "size", true},
        {"size[", "size_", true}, /* older PHP, and newer without the closing bracket */
        {"size]", "size", false},
        {"+size", "size", true},
        {"%20%20size", "size", true},
        {"%09size", "size", false},
        {"size+", "size_", true},
        {"size+", "size", false},
        {"size%00x", "size", true},
        {"%00size", "size", false},
        {"user.id", "user_id", true},
        {"user%2eid", "user_id", true},
        {"user id", "user_id", true},
        {"user[id", "user_id", true},
        {"user[id.x", "user_id_x", true},
        {"user[id][x", "user_id", false},
        {"user-id", "user_id", false},
        {"+user.id[]", "user_id", true},
        {"user_id", "user_id", true},
        {"%", "size", false},
        {"size%", "size", false},
        {"size%5", "size", false},
        {"", "size", false},
        {NULL, "size", false},
        {"%2573ize", "size", false},
        {"siz", "size", false},
        {"sizes", "size", false},
        {"+", "_", false},
        {".", "_", true},
        {"[", "_", true},
        {"[a]", "a", false},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
    check(avcsec_query_php_reads_as(guarded_text(table[i].name, side),
                                    guarded_text(table[i].plain, side)) == table[i].want,
          "'%s' %s '%s'", table[i].name ? table[i].name : "(absent)",
          table[i].want ? "may be read as" : "is never read as", table[i].plain);
}

static void having(void)
{
    static const struct {
        const char *label, *query, *name, *value;
        bool want;
    } table[] = {
        {"literally", "a=1&admin=true", "admin", "true", true},
        {"another value", "admin=false", "admin", "true", false},
        {"another case of the value", "admin=TRUE", "admin", "true", true},
        {"an escaped value", "admin=%74rue", "admin", "true", true},
        {"plus in a value is a space", "admin=t+x", "admin", "t x", true},
        {"an escaped name", "%61dmin=true", "admin", "true", true},
        {"as an array", "admin[]=true", "admin", "true", true},
        {"the second of two", "admin=false&admin=true", "admin", "true", true},
        {"any value", "admin=x", "admin", NULL, true},
        {"any value, none sent", "admin", "admin", NULL, true},
        {"no value, one wanted", "admin", "admin", "true", false},
        {"no value, an empty one wanted", "admin", "admin", "", true},
        {"a value, an empty one wanted", "admin=x", "admin", "", false},
        {"a longer value", "admin=trues", "admin", "true", false},
        {"a shorter value", "admin=tru", "admin", "true", false},
        {"absent query", NULL, "admin", NULL, false},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
    check(avcsec_query_has(guarded_text(table[i].query, side), guarded_text(table[i].name, side),
                           guarded_text(table[i].value, side)) == table[i].want,
          "a query has an argument: %s", table[i].label);
}

int main(void)
{
    check_start();
    arguments();
    token_out();
    names_as_php_reads_them();
    having();
    return check_end();
}
