/* SPDX-License-Identifier: Apache-2.0
 *
 * Claims of an issued session: one table of values. All other claims are made here.
 */
#include "core/token/grant.h"

#include "core/text/b64url.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

typedef enum { WORD, NAME, WORDS, TEXT } shape_t;

static const struct {
    const char *claim;
    shape_t shape;
    bool may_be_empty;
} values[AVCSEC_GRANT_VALUES] = {
    [AVCSEC_GRANT_SUB] = {"sub", TEXT, true},    [AVCSEC_GRANT_ROLE] = {"role", WORD, true},
    [AVCSEC_GRANT_APP] = {"app", NAME, false},   [AVCSEC_GRANT_ACT] = {"act", WORDS, false},
    [AVCSEC_GRANT_ROOM] = {"room", TEXT, false},
};

/* ---- Checking ---- */

#define BETWEEN_WORDS " ,."

/* The bit of an action; 0 for another word. */
static unsigned action_of(avcsec_slice_t word)
{
    static const avcsec_slice_t actions[] = {
        {"connect", 7}, {"play", 4}, {"publish", 7}, {"upload", 6}};

    for (unsigned i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
        if (avcsec_slice_equals(word, actions[i]))
            return 1u << i;
    return 0;
}

static const char *check_words(avcsec_slice_t value)
{
    avcsec_slice_t rest = value, word;
    unsigned seen = 0, bit;

    while (avcsec_slice_next_word(&rest, BETWEEN_WORDS, &word)) {
        if (!(bit = action_of(word)))
            return "gives another word than connect, play, publish and upload";
        if (seen & bit)
            return "gives a word twice";
        seen |= bit;
    }
    return seen ? NULL : "gives nothing, which would allow connect and play";
}

static const char *check_text(avcsec_slice_t value)
{
    if (!avcsec_slice_is_text(value))
        return "gives what is not UTF-8, or has a control character";
    return value.len > AVCSEC_B64URL_BYTES(AVCSEC_CLAIM_VALUE_MAX) ? "gives more than 192 bytes"
                                                                   : NULL;
}

const char *avcsec_grant_check(avcsec_grant_value_t which, avcsec_slice_t value)
{
    if (!value.p || (!value.len && values[which].may_be_empty))
        return NULL;
    if (!value.len)
        return "gives nothing, which would allow all there is";
    if (values[which].shape == TEXT)
        return check_text(value);
    if (values[which].shape == WORDS)
        return check_words(value);
    if (value.len > AVCSEC_CLAIM_VALUE_MAX)
        return "gives more than 256 characters";
    if (values[which].shape == WORD)
        return avcsec_slice_is_made_of(value, AVCSEC_WORD)
                   ? NULL
                   : "gives another character than A-Z a-z 0-9 _ -";
    return avcsec_slice_is_made_of(value, AVCSEC_VALUE)
               ? NULL
               : "gives another character than A-Z a-z 0-9 _ - .";
}

bool avcsec_grant_allows(const avcsec_grant_t *grant, avcsec_slice_t act)
{
    avcsec_slice_t rest = grant->values[AVCSEC_GRANT_ACT], word;

    if (!rest.p)
        rest = AVCSEC_LITERAL("connect play");
    while (avcsec_slice_next_word(&rest, BETWEEN_WORDS, &word))
        if (avcsec_slice_equals(word, act))
            return true;
    return false;
}

bool avcsec_grant_equals(const avcsec_grant_t *a, const avcsec_grant_t *b)
{
    for (int i = 0; i < AVCSEC_GRANT_VALUES; i++)
        if (!a->values[i].p != !b->values[i].p || !avcsec_slice_equals(a->values[i], b->values[i]))
            return false;
    return a->life == b->life && a->max == b->max && a->has_client == b->has_client &&
           (!a->has_client || !memcmp(&a->client, &b->client, sizeof(a->client)));
}

/* ---- Writing ---- */

/* Too long a text is remembered in `len`, not written. */
typedef struct {
    char *text;
    size_t len;
} writer_t;

static void append(writer_t *w, avcsec_slice_t s)
{
    if (s.len && w->len <= AVCSEC_TOKEN_MAX && s.len <= AVCSEC_TOKEN_MAX - w->len)
        memcpy(w->text + w->len, s.p, s.len);
    w->len += s.len;
}

static void put(writer_t *w, const char *name, avcsec_slice_t value)
{
    append(w, AVCSEC_LITERAL("~"));
    append(w, avcsec_slice_of(name));
    append(w, AVCSEC_LITERAL("."));
    append(w, value);
}

static void put_number(writer_t *w, const char *name, int64_t number)
{
    char digits[20];
    size_t n = sizeof(digits);

    do
        digits[--n] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    put(w, name, (avcsec_slice_t){digits + n, sizeof(digits) - n});
}

static void put_text(writer_t *w, const char *name, avcsec_slice_t value)
{
    char encoded[AVCSEC_CLAIM_VALUE_MAX];

    put(w, name,
        (avcsec_slice_t){encoded,
                         avcsec_b64url_encode((const unsigned char *)value.p, value.len, encoded)});
}

static void put_words(writer_t *w, const char *name, avcsec_slice_t value)
{
    avcsec_slice_t rest = value, word;
    const char *joint = ".";

    append(w, AVCSEC_LITERAL("~"));
    append(w, avcsec_slice_of(name));
    while (avcsec_slice_next_word(&rest, BETWEEN_WORDS, &word)) {
        append(w, avcsec_slice_of(joint));
        append(w, word);
    }
}

static void put_value(writer_t *w, avcsec_grant_value_t which, avcsec_slice_t value)
{
    if (!value.len)
        return;
    if (values[which].shape == TEXT)
        put_text(w, values[which].claim, value);
    else if (values[which].shape == WORDS)
        put_words(w, values[which].claim, value);
    else
        put(w, values[which].claim, value);
}

/* The address itself, or the /64 that one household or phone has. */
static bool put_client(writer_t *w, const avcsec_address_t *client)
{
    avcsec_address_t network = avcsec_address_network(client);
    bool is_ip4 = avcsec_address_is_ip4(client);
    char text[INET6_ADDRSTRLEN + 3];
    size_t len;

    if (!inet_ntop(is_ip4 ? AF_INET : AF_INET6, network.bytes + (is_ip4 ? 12 : 0), text,
                   INET6_ADDRSTRLEN))
        return false;
    for (len = 0; text[len]; len++)
        if (text[len] == ':')
            text[len] = '_';
    if (!is_ip4) {
        memcpy(text + len, "-64", 3);
        len += 3;
    }
    put(w, is_ip4 ? "ip4" : "ip6", (avcsec_slice_t){text, len});
    return true;
}

const char *avcsec_grant_write(const avcsec_grant_t *grant, avcsec_slice_t kid, avcsec_slice_t id,
                               int64_t now, char text[AVCSEC_TOKEN_MAX], size_t *len)
{
    writer_t w = {.len = 0};
    const char *error;

    w.text = text;
    for (int i = 0; i < AVCSEC_GRANT_VALUES; i++)
        if ((error = avcsec_grant_check((avcsec_grant_value_t)i, grant->values[i])))
            return error;
    append(&w, AVCSEC_LITERAL("avc1~for.session"));
    put(&w, "kid", kid);
    put_number(&w, "iat", now);
    put_number(&w, "exp", now + grant->life);
    put(&w, "id", id);
    if (grant->max)
        put_number(&w, "max", grant->max);
    if (grant->has_client && !put_client(&w, &grant->client))
        return "the client's address cannot be written";
    for (int i = 0; i < AVCSEC_GRANT_VALUES; i++)
        put_value(&w, (avcsec_grant_value_t)i, grant->values[i]);
    *len = w.len;
    return w.len > AVCSEC_TOKEN_MAX ? "the token would be longer than 1024 characters" : NULL;
}
