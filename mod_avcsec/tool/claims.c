/* SPDX-License-Identifier: Apache-2.0
 *
 * CLAIMS: one table of options, one of how claims are written. What a value must be is
 * core's affair; here is only what would let one option become two claims, or time and
 * names that nobody could mean.
 */
#include "claims.h"

#include "complain.h"
#include "core/text/b64url.h"
#include "core/text/utc.h"
#include "when.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define FIELD(name) offsetof(avcsec_claim_options_t, name)
#define TEXT AVCSEC_OPTION_TEXT
#define WORDS AVCSEC_OPTION_WORDS

const avcsec_option_t avcsec_claim_options[] = {
    {"purpose", "P", FIELD(purpose), TEXT, "file (default), upload, call or session"},
    {"expires", "1h", FIELD(expires), TEXT, "ends so long from now: 30s, 15m, 1h, 90d, 4w"},
    {"until", "TIME", FIELD(until), TEXT,
     "or then: 2030-01-31T12:00:00Z, or Unix seconds;\nonly a call token may have no end"},
    {"nbf", "TIME", FIELD(nbf), TEXT, "not before then"},
    {"dir", "N", FIELD(dir), TEXT, "opens all below the first N segments of the path"},
    {"ip", "ADDRESS", FIELD(ip), WORDS,
     "only this client: 192.0.2.7, 2001:db8::/48; one\nof each family"},
    {"origin", "HOST", FIELD(origin), WORDS, "only from pages of this host, or of several"},
    {"method", "GET", FIELD(method), WORDS, "these methods instead of the purpose's own"},
    {"max", "N", FIELD(max), TEXT, "how many uses; gets a random --id"},
    {"id", "ID", FIELD(id), TEXT, "16 to 64 characters, to count and to revoke"},
    {"sub", "USER", FIELD(sub), TEXT, "the user, for scripts and logs"},
    {"role", "ROLE", FIELD(role), TEXT, "in a session: admin, publisher, ..."},
    {"app", "APP", FIELD(app), TEXT, "... application (without: any)"},
    {"act", "WORD", FIELD(act), WORDS, "... what it may: connect, play, publish, upload"},
    {"room", "ROOM", FIELD(room), TEXT, "... room or stream name (without: any)"},
    {"name", "FILE", FIELD(name), TEXT, "name of the download"},
    {"disposition", "D", FIELD(disposition), TEXT, "inline or attachment"},
    {"rate", "KB", FIELD(rate), TEXT, "speed of the download, in 1000 bytes a second"},
    {"length", "BYTES", FIELD(length), TEXT, "largest upload"},
    {"type", "GROUP", FIELD(type), WORDS, "kinds of upload: image, audio, video, ..."},
    {"args", "NAMES", FIELD(args), TEXT,
     "sign these arguments of the query, not all;\n'' signs none"},
    {"claim", "xNAME=VALUE", FIELD(claim), WORDS, "a claim of your own"},
    {.name = NULL},
};

bool avcsec_claims_read_purpose(const char *word, avcsec_purpose_t *purpose)
{
    *purpose = word ? avcsec_purpose_of(avcsec_slice_of(word)) : AVCSEC_FILE;
    return *purpose ? true : avcsec_complain("--purpose is file, upload, call or session");
}

/* ---- Writing ---- */

static bool append(avcsec_claims_t *claims, avcsec_slice_t s)
{
    if (claims->len + s.len > sizeof(claims->text))
        return avcsec_complain("the token would be longer than %d characters: sign fewer claims",
                               AVCSEC_TOKEN_MAX);
    memcpy(claims->text + claims->len, s.p, s.len);
    claims->len += s.len;
    return true;
}

/* Everything goes through here: no value may end its claim and begin another. */
static bool put(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                avcsec_slice_t value)
{
    if (value.len > AVCSEC_CLAIM_VALUE_MAX)
        return avcsec_complain("--%s is too long: a claim has at most %d characters", option,
                               AVCSEC_CLAIM_VALUE_MAX);
    if (!avcsec_slice_is_made_of(value, AVCSEC_VALUE))
        return avcsec_complain("--%s: a value is of A-Z a-z 0-9 - . _", option);
    return append(claims, AVCSEC_LITERAL("~")) && append(claims, name) &&
           append(claims, AVCSEC_LITERAL(".")) && append(claims, value);
}

static bool put_number(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                       int64_t number)
{
    char digits[24];
    int len = snprintf(digits, sizeof(digits), "%" PRId64, number);

    return put(claims, option, name, (avcsec_slice_t){digits, (size_t)len});
}

/* A value that core reads as it stands. */
static bool put_plain(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                      const void *field)
{
    const char *const *text = field;

    return !*text || put(claims, option, name, avcsec_slice_of(*text));
}

static bool put_bytes(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                      avcsec_slice_t bytes)
{
    char value[AVCSEC_B64URL_CHARS(AVCSEC_CLAIM_VALUE_MAX)];

    if (!avcsec_slice_is_text(bytes))
        return avcsec_complain("--%s is empty, not UTF-8, or has a control character", option);
    if (AVCSEC_B64URL_CHARS(bytes.len) > AVCSEC_CLAIM_VALUE_MAX)
        return avcsec_complain("--%s is too long: at most %d bytes", option,
                               AVCSEC_B64URL_BYTES(AVCSEC_CLAIM_VALUE_MAX));
    return put(claims, option, name,
               (avcsec_slice_t){
                   value, avcsec_b64url_encode((const unsigned char *)bytes.p, bytes.len, value)});
}

static bool put_text(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                     const void *field)
{
    const char *const *text = field;

    return !*text || put_bytes(claims, option, name, avcsec_slice_of(*text));
}

/* A long file name is cut between two characters, its extension stays. */
static bool put_file_name(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                          const void *field)
{
    enum { most = AVCSEC_B64URL_BYTES(AVCSEC_CLAIM_VALUE_MAX), longest_extension = 32 };
    avcsec_slice_t text = avcsec_slice_of(*(const char *const *)field), extension = {"", 0};
    char cut[most];
    const char *dot;
    size_t len;

    if (text.len <= most || !avcsec_slice_is_text(text))
        return !text.p || put_bytes(claims, option, name, text);
    dot = strrchr(text.p, '.');
    if (dot && dot > text.p && strlen(dot) <= longest_extension)
        extension = avcsec_slice_of(dot);
    for (len = most - extension.len; ((unsigned char)text.p[len] & 0xc0) == 0x80; len--)
        ;
    memcpy(cut, text.p, len);
    memcpy(cut + len, extension.p, extension.len);
    return put_bytes(claims, option, name, (avcsec_slice_t){cut, len + extension.len});
}

/* ---- Lists ---- */

/* Of a list that people wrote: "a,b", "a b". */
#define BETWEEN_WORDS " ,"

/* All words of a repeated option, each as `write` writes it, joined by `joint`. */
static bool put_list(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                     const avcsec_words_t *words, char joint,
                     bool (*write)(avcsec_slice_t word, char *out))
{
    char value[AVCSEC_CLAIM_VALUE_MAX + 1];
    avcsec_slice_t rest, word;
    size_t len = 0;

    if (words->count == 0)
        return true;
    for (size_t i = 0; i < words->count; i++)
        for (rest = avcsec_slice_of(words->items[i]);
             avcsec_slice_next_word(&rest, BETWEEN_WORDS, &word);) {
            if (len + 1 + word.len > AVCSEC_CLAIM_VALUE_MAX)
                return avcsec_complain("--%s is too long: a claim has at most %d characters",
                                       option, AVCSEC_CLAIM_VALUE_MAX);
            if (len)
                value[len++] = joint;
            if (!write(word, value + len))
                return avcsec_complain("--%s is host names, without scheme and port", option);
            len += word.len;
        }
    if (len == 0)
        return avcsec_complain("--%s is empty", option);
    return put(claims, option, name, (avcsec_slice_t){value, len});
}

static bool write_word(avcsec_slice_t word, char *out)
{
    memcpy(out, word.p, word.len);
    return true;
}

static bool put_words(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                      const void *field)
{
    return put_list(claims, option, name, field, '.', write_word);
}

static bool write_host(avcsec_slice_t word, char *out)
{
    for (size_t i = 0; i < word.len; i++) {
        out[i] = (char)avcsec_to_lower((unsigned char)word.p[i]);
        if (!avcsec_is((unsigned char)out[i], AVCSEC_VALUE) || out[i] == '_')
            return false;
    }
    return true;
}

static bool put_hosts(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                      const void *field)
{
    return put_list(claims, option, name, field, '_', write_host);
}

/* ---- Addresses ---- */

/* "192.0.2.0/24" as "192.0.2.0-24", "2001:DB8::/48" as "2001_db8__-48"; a length that
 * says the whole address is left out. */
static avcsec_slice_t write_network(avcsec_slice_t text, bool is_ip4, char *out)
{
    avcsec_slice_t bits = text, address;
    size_t len = 0;

    avcsec_slice_cut(&bits, '/', &address);
    for (; len < address.len; len++)
        out[len] = address.p[len] == ':' ? '_' : (char)avcsec_to_lower((unsigned char)text.p[len]);
    if (bits.p &&
        !avcsec_slice_equals(bits, is_ip4 ? AVCSEC_LITERAL("32") : AVCSEC_LITERAL("128"))) {
        out[len++] = '-';
        memcpy(out + len, bits.p, bits.len);
        len += bits.len;
    }
    return (avcsec_slice_t){out, len};
}

static bool put_network(avcsec_claims_t *claims, avcsec_slice_t text, bool is_ip4)
{
    avcsec_slice_t mapped = AVCSEC_LITERAL("::ffff:"), head = {text.p, mapped.len}, value;
    avcsec_peer_t peer;
    const char *error = avcsec_peer_parse(text, &peer);
    char out[64];

    if (error)
        return avcsec_complain("--ip: %s", error);
    if (avcsec_address_is_ip4(&peer.low) != is_ip4)
        return true;
    /* Dual-stack sockets show IPv4 clients so. */
    if (text.len > mapped.len && avcsec_slice_equals_nocase(head, mapped)) {
        text.p += mapped.len;
        text.len -= mapped.len;
    }
    value = text.len < sizeof(out) ? write_network(text, is_ip4, out) : text;
    if (!avcsec_peer_parse_claim(value, is_ip4, &peer))
        return avcsec_complain("--ip: a token names one address or network of each family, as "
                               "192.0.2.0/24 or 2001:db8::/48");
    return put(claims, "ip", is_ip4 ? AVCSEC_LITERAL("ip4") : AVCSEC_LITERAL("ip6"), value);
}

static bool put_networks(avcsec_claims_t *claims, const avcsec_words_t *words, bool is_ip4)
{
    size_t before = claims->len;
    avcsec_slice_t rest, word;

    for (size_t i = 0; i < words->count; i++)
        for (rest = avcsec_slice_of(words->items[i]);
             avcsec_slice_next_word(&rest, BETWEEN_WORDS, &word);) {
            size_t len = claims->len;

            if (!put_network(claims, word, is_ip4))
                return false;
            if (len != before && claims->len != len)
                return avcsec_complain("--ip: give one network of each family");
        }
    return true;
}

static bool put_ip4(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                    const void *field)
{
    (void)option;
    (void)name;
    return put_networks(claims, field, true);
}

static bool put_ip6(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                    const void *field)
{
    (void)option;
    (void)name;
    return put_networks(claims, field, false);
}

/* ---- Times, uses ---- */

static bool read_end(const avcsec_claim_options_t *options, int64_t now, avcsec_claims_t *claims)
{
    int64_t span;

    if (options->expires && options->until)
        return avcsec_complain("--expires and --until: give one of them");
    if (options->until && !avcsec_when_read("until", options->until, &claims->exp))
        return false;
    if (options->expires) {
        if (!avcsec_when_read_span("expires", options->expires, &span))
            return false;
        claims->exp = now + span;
    }
    if (!claims->exp && claims->purpose != AVCSEC_CALL)
        return avcsec_complain("say how long the token holds: --expires 1h, or --until TIME");
    if (claims->exp > AVCSEC_TIME_MAX)
        return avcsec_complain("--expires is too long");
    if (claims->exp && claims->exp <= now)
        return avcsec_complain("--until is over already");
    return true;
}

static bool read_times(const avcsec_claim_options_t *options, const avcsec_key_t *key, int64_t now,
                       avcsec_claims_t *claims)
{
    char until[AVCSEC_UTC_CHARS + 1];

    claims->iat = now;
    claims->exp = claims->nbf = 0;
    if (!read_end(options, now, claims) ||
        (options->nbf && !avcsec_when_read("nbf", options->nbf, &claims->nbf)))
        return false;
    if (claims->exp && claims->nbf >= claims->exp)
        return avcsec_complain("--nbf: the token would end before it begins");
    avcsec_utc_format(key->until, until);
    if (key->until && claims->exp > key->until)
        return avcsec_complain("the token would outlive its key %s, which ends at %s: let it end "
                               "earlier, or sign with the next key",
                               key->kid, until);
    return true;
}

static bool put_nbf(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                    const void *field)
{
    (void)field;
    return !claims->nbf || put_number(claims, option, name, claims->nbf);
}

/* Uses are counted and tokens taken back by id: 128 random bits, if the caller has none. */
static bool put_random_id(avcsec_claims_t *claims)
{
    unsigned char bytes[16];
    char id[AVCSEC_B64URL_CHARS(sizeof(bytes))];

    if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
        return avcsec_complain("no random bytes: %s", strerror(errno));
    return put(claims, "id", AVCSEC_LITERAL("id"),
               (avcsec_slice_t){id, avcsec_b64url_encode(bytes, sizeof(bytes), id)});
}

static bool put_max(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                    const void *field)
{
    const char *const *text = field;

    if (*text && !claims->exp)
        return avcsec_complain("--max needs --expires or --until");
    return put_plain(claims, option, name, text);
}

/* ---- The whole ---- */

typedef struct {
    const char *name, *option;
    size_t field;
    bool (*put)(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                const void *field);
} claim_t;

static const claim_t order[] = {
    {"nbf", "nbf", FIELD(nbf), put_nbf},
    {"dir", "dir", FIELD(dir), put_plain},
    {"ip4", "ip", FIELD(ip), put_ip4},
    {"ip6", "ip", FIELD(ip), put_ip6},
    {"org", "origin", FIELD(origin), put_hosts},
    {"mth", "method", FIELD(method), put_words},
    {"sub", "sub", FIELD(sub), put_text},
    {"role", "role", FIELD(role), put_plain},
    {"app", "app", FIELD(app), put_plain},
    {"act", "act", FIELD(act), put_words},
    {"room", "room", FIELD(room), put_text},
    {"id", "id", FIELD(id), put_plain},
    {"max", "max", FIELD(max), put_max},
    {"fn", "name", FIELD(name), put_file_name},
    {"disp", "disposition", FIELD(disposition), put_plain},
    {"rate", "rate", FIELD(rate), put_plain},
    {"len", "length", FIELD(length), put_plain},
    {"typ", "type", FIELD(type), put_words},
};
#define CLAIMS (sizeof(order) / sizeof(order[0]))

static bool put_head(avcsec_claims_t *claims, const char *kid)
{
    claims->len = 0;
    return append(claims, AVCSEC_LITERAL("avc1~for.")) &&
           append(claims, avcsec_purpose_word(claims->purpose)) &&
           put(claims, "kid", AVCSEC_LITERAL("kid"), avcsec_slice_of(kid)) &&
           put_number(claims, "now", AVCSEC_LITERAL("iat"), claims->iat) &&
           (!claims->exp || put_number(claims, "until", AVCSEC_LITERAL("exp"), claims->exp));
}

static bool put_own(avcsec_claims_t *claims, const avcsec_words_t *words)
{
    for (size_t i = 0; i < words->count; i++) {
        avcsec_slice_t value = avcsec_slice_of(words->items[i]), name;

        avcsec_slice_cut(&value, '=', &name);
        if (!value.p || name.len == 0 || name.p[0] != 'x')
            return avcsec_complain("--claim is xNAME=VALUE: the name of your own claim starts "
                                   "with x");
        for (size_t k = 0; k < name.len; k++)
            if (name.len > 8 || !(avcsec_is((unsigned char)name.p[k], AVCSEC_LOWER) ||
                                  avcsec_is((unsigned char)name.p[k], AVCSEC_DIGIT)))
                return avcsec_complain("--claim: a name is x and up to 7 of a-z 0-9");
        if (!put(claims, "claim", name, value))
            return false;
    }
    return true;
}

bool avcsec_claims_write(const avcsec_claim_options_t *options, const avcsec_key_t *key,
                         avcsec_slice_t args, int64_t now, avcsec_claims_t *claims)
{
    if (!read_times(options, key, now, claims) || !put_head(claims, key->kid))
        return false;
    for (size_t i = 0; i < CLAIMS; i++) {
        const void *field = (const char *)options + order[i].field;

        if (strcmp(order[i].name, "id") == 0 && !options->id &&
            (options->max || options->needs_id)) {
            if (!put_random_id(claims))
                return false;
        } else if (!order[i].put(claims, order[i].option, avcsec_slice_of(order[i].name), field))
            return false;
    }
    if (args.p && !put(claims, "args", AVCSEC_LITERAL("args"), args))
        return false;
    return put_own(claims, &options->claim);
}
