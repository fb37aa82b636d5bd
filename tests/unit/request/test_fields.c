/* SPDX-License-Identifier: Apache-2.0
 *
 * Fields of forms by their names as PHP reads them: repeated, arrays, wrong values, cookies,
 * and which bodies are forms.
 */
#include "../check.h"

#include "core/request/fields.h"

#include <string.h>

/* Right is what is made of letters alone; no letter is right as well. */
static bool is_letters(const void *baton, avcsec_slice_t decoded)
{
    (void)baton;
    return !decoded.len || avcsec_slice_is_made_of(decoded, AVCSEC_UPPER | AVCSEC_LOWER);
}

static void forms(void)
{
    static const struct {
        const char *form;
        avcsec_field_t found;
    } table[] = {
        {"", AVCSEC_FIELD_PASSES},
        {"other=1", AVCSEC_FIELD_PASSES},
        {"a_b=right", AVCSEC_FIELD_PASSES},
        {"a_b=", AVCSEC_FIELD_PASSES},
        {"a_b", AVCSEC_FIELD_PASSES},
        {"&&x=1&a_b=right&&", AVCSEC_FIELD_PASSES},
        {"a_b=r%69ght", AVCSEC_FIELD_PASSES},
        {"a_b=../x", AVCSEC_FIELD_WRONG},
        {"a_b=%2e%2E%2fx", AVCSEC_FIELD_WRONG},
        {"a_b=right%00", AVCSEC_FIELD_WRONG},
        {"a_b=right%0a", AVCSEC_FIELD_WRONG},
        {"a_b=two+words", AVCSEC_FIELD_WRONG},
        {"a_b=c=d", AVCSEC_FIELD_WRONG},
        {"a_b=%c0%ae%c0%ae/x", AVCSEC_FIELD_WRONG},
        {"a_b=%2", AVCSEC_FIELD_WRONG},
        {"%61_b=../x", AVCSEC_FIELD_WRONG},
        {"a.b=../x", AVCSEC_FIELD_WRONG},
        {"a+b=../x", AVCSEC_FIELD_WRONG},
        {"a%20b=../x", AVCSEC_FIELD_WRONG},
        {"++a_b=../x", AVCSEC_FIELD_WRONG},
        {"a_b%00c=../x", AVCSEC_FIELD_WRONG},
        {"A_B=../x", AVCSEC_FIELD_PASSES},
        {"xa_b=../x", AVCSEC_FIELD_PASSES},
        {"a_b=right&a_b=right", AVCSEC_FIELD_REPEATED},
        {"a_b=right&a.b=right", AVCSEC_FIELD_REPEATED},
        {"a_b=right&a+b%00=right", AVCSEC_FIELD_REPEATED},
        {"a_b[]=right", AVCSEC_FIELD_ARRAY},
        {"a_b%5B%5d=right", AVCSEC_FIELD_ARRAY},
        {"a.b[x]=right", AVCSEC_FIELD_ARRAY},
        {"a[b=right", AVCSEC_FIELD_ARRAY},
        {"a_b=right&a[b=right", AVCSEC_FIELD_ARRAY},
        {"x=1;a_b=../x", AVCSEC_FIELD_WRONG},
        {"x=1;a_b=right", AVCSEC_FIELD_PASSES},
        {"a_b=right;a_b=right", AVCSEC_FIELD_WRONG},
        {"a_b=right;x=1", AVCSEC_FIELD_WRONG},
        {"x=1%3Ba_b=../x", AVCSEC_FIELD_PASSES},
        {"[a_b]=right", AVCSEC_FIELD_ARRAY},
        {"%5ba_b%5D=right", AVCSEC_FIELD_ARRAY},
        {"a_b]=right", AVCSEC_FIELD_ARRAY},
        {"[][a%5fb][x]=right", AVCSEC_FIELD_ARRAY},
        {"[a_b", AVCSEC_FIELD_ARRAY},
        {"[a_bc]=../x&[=1&[]=1&=1&x[a_b]=1", AVCSEC_FIELD_PASSES},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        avcsec_demand_t demand = {AVCSEC_LITERAL("a_b"), is_letters, NULL};
        avcsec_slice_t form = guarded_text(table[i].form, ENDS_AT_GUARD);
        char *room = guarded_room(form.len, ENDS_AT_GUARD);

        check(avcsec_fields_judge(form, &demand, room) == table[i].found, "the form \"%s\"",
              table[i].form);
    }
}

static void cookies(void)
{
    static const struct {
        const char *cookie;
        bool has;
    } table[] = {
        {NULL, false},    {"", false},        {"b=a", false},      {"b=a;c=a=1", false},
        {"a=1", true},    {"b=1; a=1", true}, {"b=1;\ta=1", true}, {"b=1, a=1", true},
        {"a", true},      {"a[]=1", true},    {"%61=1", true},     {"a%00b=1", true},
        {" a = 1", true}, {"A=1", false},     {"b=1;;a=2;", true}, {"b=1;\v\fa=1", true},
        {"\r\na", true},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        check(avcsec_fields_in_cookie(guarded_text(table[i].cookie, ENDS_AT_GUARD),
                                      AVCSEC_LITERAL("a")) == table[i].has,
              "the cookie \"%s\"", table[i].cookie ? table[i].cookie : "");
}

static void bodies(void)
{
    static const struct {
        const char *type;
        bool is_form;
    } table[] = {
        {NULL, false},
        {"", false},
        {"application/x-www-form-urlencoded", true},
        {"Application/X-WWW-Form-URLEncoded", true},
        {"application/x-www-form-urlencoded; charset=utf-8", true},
        {"application/x-www-form-urlencoded;", true},
        {"application/x-www-form-urlencoded,text/plain", true},
        {"application/x-www-form-urlencoded x", true},
        {"application/x-www-form-urlencoded\t", true},
        {"text/plain, application/x-www-form-urlencoded", true},
        {"application/x-www-form-urlencodedx", true},
        {"application/x-www-form-urlencode", false},
        {"x; application/x-www-form-urlencoded", false},
        {"multipart/form-data; boundary=application/x-www-form-urlencoded", false},
        {"application/octet-stream", false},
        {"application/json", false},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        check(avcsec_fields_are_in_body(guarded_text(table[i].type, ENDS_AT_GUARD)) ==
                  table[i].is_form,
              "a body of type \"%s\"", table[i].type ? table[i].type : "");
}

static void charsets(void)
{
    static const struct {
        const char *type;
        bool keeps;
    } table[] = {
        {NULL, true},
        {"", true},
        {"text/plain", true},
        {"a/b; charset", true},
        {"a/b; charset=", true},
        {"a/b; charset=utf-8", true},
        {"a/b;CHARSET=UTF-8;x=y", true},
        {"a/b; charset=\"iso-8859-15\"", true},
        {"a/b; charset=utf-8, c/d", true},
        {"a/b; charset=ibm037", false},
        {"a/b; charset = \"ibm037\"", false},
        {"a/b; charset='utf-16'", false},
        {"a/b; charset=utf-8; charset=utf-7", false},
        {"a/b; charset*=utf-8''ibm037", false},
        {"a/b; charset*0=ibm; charset*1=037", false},
        {"a/b; charset=utf-8x", false},
        {"a/b; charset=x", false},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        check(avcsec_fields_keep_ascii(guarded_text(table[i].type, ENDS_AT_GUARD)) ==
                  table[i].keeps,
              "the charset of \"%s\"", table[i].type ? table[i].type : "");
}

int main(void)
{
    check_start();
    forms();
    cookies();
    bodies();
    charsets();
    return check_end();
}
