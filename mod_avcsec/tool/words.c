/* SPDX-License-Identifier: Apache-2.0
 *
 * Claims in words: one table.
 */
#include "words.h"

#include "core/text/b64url.h"
#include "core/text/utc.h"
#include "when.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    avcsec_slice_t value, scope;
    int64_t now;
    const char *text; /* of the table */
    char *out;
} phrase_t;

/* The value itself stands where the table's text has "%". */
static void say_value(const phrase_t *phrase, avcsec_slice_t value)
{
    avcsec_slice_t tail = avcsec_slice_of(phrase->text), head;

    avcsec_slice_cut(&tail, '%', &head);
    snprintf(phrase->out, AVCSEC_WORDS_CHARS, "%.*s%.*s%.*s", (int)head.len, head.p,
             tail.p ? (int)value.len : 0, value.p, (int)tail.len, tail.p ? tail.p : "");
}

static void say_plain(const phrase_t *phrase)
{
    say_value(phrase, phrase->value);
}

static void say_purpose(const phrase_t *phrase)
{
    static const char *const opens[AVCSEC_PURPOSES] = {
        "", "opens reading a file or stream", "opens sending a file",
        "opens a script that only the media server may call",
        "opens connecting to the media server, and the page's own calls"};

    snprintf(phrase->out, AVCSEC_WORDS_CHARS, "%s", opens[avcsec_purpose_of(phrase->value)]);
}

static void say_time(const phrase_t *phrase)
{
    char utc[AVCSEC_UTC_CHARS + 1], span[AVCSEC_SPAN_CHARS];
    int64_t seconds;

    if (!avcsec_slice_to_number(phrase->value, AVCSEC_TIME_MAX, &seconds))
        return;
    avcsec_utc_format(seconds, utc);
    avcsec_when_span_in_words(seconds - phrase->now, span);
    snprintf(phrase->out, AVCSEC_WORDS_CHARS, "%s %s, %s%s%s", phrase->text, utc,
             seconds > phrase->now ? "in " : "", span, seconds > phrase->now ? "" : " ago");
}

static void say_end(const phrase_t *phrase)
{
    phrase_t end = *phrase;
    int64_t seconds;

    if (avcsec_slice_to_number(phrase->value, AVCSEC_TIME_MAX, &seconds) && seconds <= phrase->now)
        end.text = "ended";
    say_time(&end);
}

static void say_scope(const phrase_t *phrase)
{
    if (phrase->scope.p)
        snprintf(phrase->out, AVCSEC_WORDS_CHARS, "opens everything below %.*s",
                 (int)phrase->scope.len, phrase->scope.p);
    else
        say_plain(phrase);
}

static void replace(char *text, char from, const char *to, char *out, size_t room)
{
    size_t len = 0;

    for (; *text && len + strlen(to) + 1 < room; text++) {
        if (*text == from) {
            memcpy(out + len, to, strlen(to));
            len += strlen(to);
        } else
            out[len++] = *text;
    }
    out[len] = '\0';
}

/* A list with its joint, the first character of the text, read as ", ". */
static void say_list(const phrase_t *phrase)
{
    char value[AVCSEC_CLAIM_VALUE_MAX + 1], list[AVCSEC_WORDS_CHARS];
    phrase_t rest = *phrase;

    if (phrase->value.len > AVCSEC_CLAIM_VALUE_MAX)
        return;
    memcpy(value, phrase->value.p, phrase->value.len);
    value[phrase->value.len] = '\0';
    replace(value, phrase->text[0], ", ", list, sizeof(list));
    rest.text++;
    say_value(&rest, avcsec_slice_of(list));
}

static void say_network(const phrase_t *phrase)
{
    char value[AVCSEC_CLAIM_VALUE_MAX + 1];

    if (phrase->value.len > AVCSEC_CLAIM_VALUE_MAX)
        return;
    for (size_t i = 0; i < phrase->value.len; i++) {
        char c = phrase->value.p[i];

        value[i] = c == '_' ? ':' : c == '-' ? '/' : c;
    }
    say_value(phrase, (avcsec_slice_t){value, phrase->value.len});
}

static void say_text(const phrase_t *phrase)
{
    unsigned char bytes[AVCSEC_B64URL_BYTES(AVCSEC_CLAIM_VALUE_MAX)];
    size_t len;

    if (avcsec_b64url_is_text(phrase->value) && avcsec_b64url_decode(phrase->value, bytes, &len))
        say_value(phrase, (avcsec_slice_t){(const char *)bytes, len});
}

static const struct {
    const char *name;
    void (*say)(const phrase_t *phrase);
    const char *text;
} table[] = {
    {"for", say_purpose, ""},
    {"kid", say_plain, "signed with key %"},
    {"exp", say_end, "ends"},
    {"nbf", say_time, "not before"},
    {"iat", say_time, "issued"},
    {"dir", say_scope, "opens everything below the first % segments of the path"},
    {"ip4", say_network, "only for clients in %"},
    {"ip6", say_network, "only for clients in %"},
    {"org", say_list, "_only from pages of %"},
    {"mth", say_list, ".only for methods %"},
    {"id", say_plain, "unique id, to count and to revoke it"},
    {"max", say_plain, "may be used % times"},
    {"sub", say_text, "user \"%\""},
    {"role", say_plain, "in the role %"},
    {"app", say_plain, "in application %"},
    {"act", say_list, ".may %"},
    {"room", say_text, "in room or stream \"%\""},
    {"fn", say_text, "is saved as \"%\""},
    {"disp", say_plain, "Content-Disposition: %"},
    {"rate", say_plain, "is sent with % kB/s"},
    {"len", say_plain, "at most % bytes"},
    {"typ", say_list, ".only kinds %"},
    {"args", say_list, ".signs the arguments %"},
};

void avcsec_words_for_claim(avcsec_slice_t name, avcsec_slice_t value, avcsec_slice_t scope,
                            int64_t now, char out[AVCSEC_WORDS_CHARS])
{
    phrase_t phrase = {value, scope, now, "", out};

    out[0] = '\0';
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (avcsec_slice_equals(name, avcsec_slice_of(table[i].name))) {
            phrase.text = table[i].text;
            table[i].say(&phrase);
        }
    if (name.len && name.p[0] == 'x')
        snprintf(out, AVCSEC_WORDS_CHARS, "the application's own");
}
