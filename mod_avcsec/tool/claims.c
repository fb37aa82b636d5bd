/* SPDX-License-Identifier: Apache-2.0
 *
 * CLAIMS: one table of options, one of how claims are written. What a value must be is
 * core's affair; here is only what would let one option become two claims, or time and
 * names that nobody could mean.
 */
#include "claims.h"

#include "claim_values.h"
#include "complain.h"
#include "core/text/b64url.h"
#include "core/text/utc.h"
#include "when.h"

#include <errno.h>
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
    {"window", "1h", FIELD(window), TEXT,
     "the same link for so long; it ends up to so much\nlater. Not with --max or --id"},
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

/* A token that stays the same for a while says that it was issued when that began. */
static bool read_window(const avcsec_claim_options_t *options, int64_t now, int64_t *window,
                        avcsec_claims_t *claims)
{
    *window = 0;
    claims->iat = now;
    if (!options->window)
        return true;
    if (options->max || options->id || options->needs_id)
        return avcsec_complain("--window: max, id, and that a session has one by itself, make each "
                               "token another");
    if (!avcsec_when_read_span("window", options->window, window))
        return false;
    claims->iat = *window > now ? 0 : now - now % *window;
    return claims->iat > 0 ? true : avcsec_complain("--window is too long");
}

/* Asked for at any moment of the window, the end is this one. */
static int64_t end_of_window(const avcsec_claims_t *claims, const avcsec_key_t *key, int64_t span,
                             int64_t window)
{
    int64_t most = key->until ? key->until : AVCSEC_TIME_MAX;

    return claims->iat + window > most - span ? most : claims->iat + window + span;
}

static bool read_times(const avcsec_claim_options_t *options, const avcsec_key_t *key, int64_t now,
                       avcsec_claims_t *claims)
{
    char until[AVCSEC_UTC_CHARS + 1];

    int64_t window;

    claims->exp = claims->nbf = 0;
    if (!read_window(options, now, &window, claims) || !read_end(options, now, claims) ||
        (options->nbf && !avcsec_when_read("nbf", options->nbf, &claims->nbf)))
        return false;
    avcsec_utc_format(key->until, until);
    if (key->until && claims->exp > key->until)
        return avcsec_complain("the token would outlive its key %s, which ends at %s: let it end "
                               "earlier, or sign with the next key",
                               key->kid, until);
    if (window && options->expires)
        claims->exp = end_of_window(claims, key, claims->exp - now, window);
    if (claims->exp && claims->nbf >= claims->exp)
        return avcsec_complain("--nbf: the token would end before it begins");
    return true;
}

static bool put_nbf(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                    const void *field)
{
    (void)field;
    return !claims->nbf || avcsec_claims_put_number(claims, option, name, claims->nbf);
}

/* Uses are counted and tokens taken back by id: 128 random bits, if the caller has none. */
static bool put_random_id(avcsec_claims_t *claims)
{
    unsigned char bytes[16];
    char id[AVCSEC_B64URL_CHARS(sizeof(bytes))];

    if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
        return avcsec_complain("no random bytes: %s", strerror(errno));
    return avcsec_claims_put(claims, "id", AVCSEC_LITERAL("id"),
                             (avcsec_slice_t){id, avcsec_b64url_encode(bytes, sizeof(bytes), id)});
}

static bool put_max(avcsec_claims_t *claims, const char *option, avcsec_slice_t name,
                    const void *field)
{
    const char *const *text = field;

    if (*text && !claims->exp)
        return avcsec_complain("--max needs --expires or --until");
    return avcsec_claims_put_plain(claims, option, name, text);
}

/* ---- The whole ---- */

typedef struct {
    const char *name, *option;
    size_t field;
    avcsec_claims_put_t *put;
} claim_t;

static const claim_t order[] = {
    {"nbf", "nbf", FIELD(nbf), put_nbf},
    {"dir", "dir", FIELD(dir), avcsec_claims_put_plain},
    {"ip4", "ip", FIELD(ip), avcsec_claims_put_ip4},
    {"ip6", "ip", FIELD(ip), avcsec_claims_put_ip6},
    {"org", "origin", FIELD(origin), avcsec_claims_put_hosts},
    {"mth", "method", FIELD(method), avcsec_claims_put_words},
    {"sub", "sub", FIELD(sub), avcsec_claims_put_text},
    {"role", "role", FIELD(role), avcsec_claims_put_plain},
    {"app", "app", FIELD(app), avcsec_claims_put_plain},
    {"act", "act", FIELD(act), avcsec_claims_put_words},
    {"room", "room", FIELD(room), avcsec_claims_put_text},
    {"id", "id", FIELD(id), avcsec_claims_put_plain},
    {"max", "max", FIELD(max), put_max},
    {"fn", "name", FIELD(name), avcsec_claims_put_file_name},
    {"disp", "disposition", FIELD(disposition), avcsec_claims_put_plain},
    {"rate", "rate", FIELD(rate), avcsec_claims_put_plain},
    {"len", "length", FIELD(length), avcsec_claims_put_plain},
    {"typ", "type", FIELD(type), avcsec_claims_put_words},
};
#define CLAIMS (sizeof(order) / sizeof(order[0]))

static bool put_head(avcsec_claims_t *claims, const char *kid)
{
    claims->len = 0;
    return avcsec_claims_append(claims, AVCSEC_LITERAL("avc1~for.")) &&
           avcsec_claims_append(claims, avcsec_purpose_word(claims->purpose)) &&
           avcsec_claims_put(claims, "kid", AVCSEC_LITERAL("kid"), avcsec_slice_of(kid)) &&
           avcsec_claims_put_number(claims, "now", AVCSEC_LITERAL("iat"), claims->iat) &&
           (!claims->exp ||
            avcsec_claims_put_number(claims, "until", AVCSEC_LITERAL("exp"), claims->exp));
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
        if (!avcsec_claims_put(claims, "claim", name, value))
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
    if (args.p && !avcsec_claims_put(claims, "args", AVCSEC_LITERAL("args"), args))
        return false;
    return put_own(claims, &options->claim);
}
