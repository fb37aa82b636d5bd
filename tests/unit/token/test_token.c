/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens: every claim in every form it may and may not have, always under a right
 * mac; the published tokens; that no byte of a token can change.
 */
#include "../forge.h"
#include "../vectors.h"

#include "core/token/signed_text.h"

static avcsec_mac_t *mac;

/* "x" repeated, for values of a certain length. */
#define X16 "xxxxxxxxxxxxxxxx"
#define X64 X16 X16 X16 X16
#define X256 X64 X64 X64 X64

/* ---- one claim ---- */

/* What stands behind "avc1~for.file~kid.k1~exp.1893456000". */
static const struct {
    const char *claims;
    bool is_good;
} claims[] = {
    {"", true},
    /* times */
    {"~iat.1", true},
    {"~iat.100000000000", true},
    {"~iat.100000000001", false},
    {"~iat.1893448800000", false},
    {"~iat.0", false},
    {"~iat.01", false},
    {"~iat.-1", false},
    {"~iat.1.0", false},
    {"~iat.1e3", false},
    {"~iat.", false},
    {"~iat", false},
    {"~nbf.1893448800", true},
    {"~nbf.0", false},
    {"~nbf.100000000001", false},
    {"~exp.1893456000", false}, /* twice */
    {"~iat.1~iat.1", false},
    /* dir */
    {"~dir.1", true},
    {"~dir.64", true},
    {"~dir.65", false},
    {"~dir.0", false},
    {"~dir.01", false},
    {"~dir.a", false},
    {"~dir.1~dir.2", false},
    /* networks */
    {"~ip4.192.0.2.0-24", true},
    {"~ip4.192.0.2.7", true},
    {"~ip4.192.0.2.7-24", false},
    {"~ip4.192.0.2.0-0", false},
    {"~ip4.192.0.2.0-33", false},
    {"~ip4.192.0.2.0-24.192.0.3.0-24", false},
    {"~ip4.192.0.2.7~ip4.192.0.2.7", false},
    {"~ip4.2001_db8__-48", false},
    {"~ip6.2001_db8__-48", true},
    {"~ip6.2001_db8__1", true},
    {"~ip6.2001_DB8__-48", false},
    {"~ip6.2001_db8__1-48", false},
    {"~ip6.__ffff_192.0.2.7", false},
    {"~ip6.192.0.2.7", false},
    {"~ip6.2001_db8__-48~ip6.2001_db8__-48", false},
    {"~ip4.192.0.2.7~ip6.2001_db8__-48", true},
    /* org */
    {"~org.chat.example", true},
    {"~org.chat.example_www.chat.example", true},
    {"~org.xn--caf-dma.example", true},
    {"~org.localhost", true},
    {"~org.Chat.example", false},
    {"~org.chat.example_", false},
    {"~org._chat.example", false},
    {"~org.chat.example__a.example", false},
    {"~org.chat.example_chat.example", false},
    {"~org.a~org.b", false},
    /* mth */
    {"~mth.GET", true},
    {"~mth.GET.POST", true},
    {"~mth.M-SEARCH", true},
    {"~mth.get", false},
    {"~mth.Get", false},
    {"~mth.GET.", false},
    {"~mth..GET", false},
    {"~mth.GET..POST", false},
    {"~mth.GET.GET", false},
    {"~mth.GET.POST.GET", false},
    /* id, max */
    {"~id." X16, true},
    {"~id." X64, true},
    {"~id.A-z_0.9-xxxxxxxx", true},
    {"~id.xxxxxxxxxxxxxxx", false},
    {"~id." X64 "x", false},
    {"~iat.1~id." X16 "~max.1", true},
    {"~max.1000000~id." X16 "~iat.1", true},
    {"~iat.1~id." X16 "~max.1000001", false},
    {"~iat.1~id." X16 "~max.0", false},
    {"~iat.1~max.1", false},
    {"~id." X16 "~max.1", false},
    /* text */
    {"~sub.Wm_Dqw", true},
    {"~room.Y2Fmw6k", true},
    {"~fn.WsO8cmljaC5qcGc", true},
    {"~sub.Wm_Dqx", false},  /* unused bits */
    {"~sub.Wm_Dq", false},   /* cut: not UTF-8 */
    {"~sub.Wm_Dqwx", false}, /* bad UTF-8 */
    {"~sub.A", false},       /* no length */
    {"~sub.AA", false},      /* NUL */
    {"~sub.Cg", false},      /* line feed */
    {"~sub.fw", false},      /* DEL */
    {"~sub.woU", false},     /* U+0085 */
    {"~sub.wq8", true},      /* U+00AF */
    {"~sub.wK8", false},     /* a slash in two bytes */
    {"~sub.wq8~sub.wq8", false},
    {"~sub.a.b", false},
    {"~fn.7aCA", false}, /* a surrogate */
    {"~fn.wIA", false},  /* NUL in two bytes */
    {"~room.Cg", false},
    /* words */
    {"~role.admin", true},
    {"~role.A-z_09", true},
    {"~role.a.b", false},
    {"~app.live", true},
    {"~app.live.2-x_Y", true},
    {"~act.connect", true},
    {"~act.connect.play.publish", true},
    {"~act.connect.connect", false},
    {"~act.Connect", false},
    {"~act.connect1", false},
    {"~act.connect.", false},
    {"~act.connect-play", false},
    {"~disp.inline", true},
    {"~disp.attachment", true},
    {"~disp.Inline", false},
    {"~disp.inline.attachment", false},
    {"~disp.x", false},
    /* numbers */
    {"~rate.1", true},
    {"~rate.1000000000000000", true},
    {"~rate.1000000000000001", false},
    {"~rate.9999999999999999", false},
    {"~rate.18446744073709551617", false},
    {"~rate.0", false},
    {"~len.1", true},
    {"~len.1000000000000000", true},
    {"~len.1000000000000001", false},
    {"~len.0", false},
    {"~len.1k", false},
    {"~typ.image", true},
    {"~typ.image.audio", true},
    {"~typ.image.image", false},
    {"~typ.image.", false},
    {"~typ.", false},
    /* args */
    {"~args.size", true},
    {"~args.size.id", true},
    {"~args.Size_1-x", true},
    {"~args.avc", false},
    {"~args.size.avc", false},
    {"~args.AVC", true},
    {"~args.size.size", false},
    {"~args.size.", false},
    {"~args..size", false},
    /* applications' own */
    {"~x.1", true},
    {"~xfoo.bar", true},
    {"~x1234567.A-z.0_9", true},
    {"~xfoo.bar~xbar.foo", true},
    {"~xfoo.bar~xfoo.bar", false},
    {"~xfoo.bar~xbar.foo~xfoo.other", false},
    {"~xfoo." X256, true},
    {"~xfoo." X256 "x", false},
    {"~xfoo.", false},
    {"~xfoo", false},
    {"~x12345678.a", false},
    /* others */
    {"~foo.bar", false},
    {"~for.file", false},
    {"~kid.k1", false},
    {"~mac.x", false},
    {"~avc1.x", false},
    {"~EXP.1", false},
    {"~1x.a", false},
    {"~.a", false},
    {"~.", false},
    {"~", false},
    {"~~iat.1", false},
    {"~iat.1~", false},
    {"~iat=1", false},
    {"~xfoo.a b", false},
    {"~xfoo.a%20b", false},
    {"~xfoo.a+b", false},
    {"~xfoo.a/b", false},
    {"~xfoo.a\nb", false},
    {"~xfoo.\xc3\xa9", false},
    {"~x\xc3\xa9.a", false},
};

static void one_claim(void)
{
    for (size_t i = 0; i < COUNT_OF(claims); i++)
        EACH_SIDE(side)
        {
            char text[2048], token_text[2048];
            avcsec_token_t token;
            const char *error;

            snprintf(text, sizeof(text), "avc1~for.file~kid.k1~exp.1893456000%s", claims[i].claims);
            forge("/a", text, token_text, sizeof(token_text));
            check_begins(claims[i].claims);
            error = avcsec_token_parse(guarded_text(token_text, side), &token);
            check(!error == claims[i].is_good, "a token with %.60s is %s%s%s",
                  *claims[i].claims ? claims[i].claims : "nothing else",
                  claims[i].is_good ? "well-formed" : "malformed", error ? ": " : "",
                  error ? error : "");
        }
}

/* ---- the whole ---- */

static const struct {
    const char *label, *claims;
    bool is_good;
} wholes[] = {
    {"a file token", "avc1~for.file~kid.k1~exp.1", true},
    {"an upload token", "avc1~for.upload~kid.k1~exp.1", true},
    {"a call token without exp", "avc1~for.call~kid.k1", true},
    {"a call token with exp", "avc1~for.call~kid.k1~exp.1", true},
    {"a session token", "avc1~for.session~kid.k1~exp.1", true},
    {"a session token with dir", "avc1~for.session~kid.k1~exp.1~dir.1", false},
    {"a file token without exp", "avc1~for.file~kid.k1~iat.1", false},
    {"an upload token without exp", "avc1~for.upload~kid.k1", false},
    {"a session token without exp", "avc1~for.session~kid.k1", false},
    {"max on a call token without exp", "avc1~for.call~kid.k1~iat.1~id." X16 "~max.1", false},
    {"no kid", "avc1~for.file", false},
    {"no kid but exp", "avc1~for.file~exp.1", false},
    {"kid behind exp", "avc1~for.file~exp.1~kid.k1", false},
    {"an own claim before kid", "avc1~for.file~xa.1~kid.k1~exp.1", false},
    {"kid before for", "avc1~kid.k1~for.file~exp.1", false},
    {"an empty kid", "avc1~for.file~kid.~exp.1", false},
    {"a kid of 16", "avc1~for.file~kid.0123456789abcdef~exp.1", true},
    {"a kid of 17", "avc1~for.file~kid.0123456789abcdefg~exp.1", false},
    {"a kid with a dot", "avc1~for.file~kid.k.1~exp.1", false},
    {"another purpose", "avc1~for.files~kid.k1~exp.1", false},
    {"an upper-case purpose", "avc1~for.File~kid.k1~exp.1", false},
    {"no purpose", "avc1~for.~kid.k1~exp.1", false},
    {"two purposes", "avc1~for.file.call~kid.k1~exp.1", false},
    {"no for", "avc1~kid.k1~exp.1", false},
    {"version 2", "avc2~for.file~kid.k1~exp.1", false},
    {"upper-case version", "AVC1~for.file~kid.k1~exp.1", false},
    {"a space in front", " avc1~for.file~kid.k1~exp.1", false},
    {"a tilde in front", "~avc1~for.file~kid.k1~exp.1", false},
    {"nothing in front of the mac", "", false},
};

static void whole(void)
{
    for (size_t i = 0; i < COUNT_OF(wholes); i++)
        EACH_SIDE(side)
        {
            char text[2048];
            avcsec_token_t token;
            const char *error;

            forge("/a", wholes[i].claims, text, sizeof(text));
            check_begins(wholes[i].label);
            error = avcsec_token_parse(guarded_text(text, side), &token);
            check(!error == wholes[i].is_good, "%s is %s%s%s", wholes[i].label,
                  wholes[i].is_good ? "well-formed" : "malformed", error ? ": " : "",
                  error ? error : "");
        }
}

/* A token of exactly so many characters: own claims fill it up. */
static size_t fill(char *claims_text, size_t wanted)
{
    size_t len = (size_t)sprintf(claims_text, "avc1~for.file~kid.k1~exp.1893456000"),
           end = wanted - 48;

    for (int n = 0; len < end; n++) {
        size_t rest = end - len, value = rest > 300 ? 200 : rest > 206 ? 100 : rest - 5;

        len += (size_t)sprintf(claims_text + len, "~xa%c.", 'a' + n);
        memset(claims_text + len, 'v', value);
        len += value;
    }
    claims_text[len] = '\0';
    return len;
}

static void longest(void)
{
    static const size_t lens[] = {1023, 1024, 1025, 2000};

    for (size_t i = 0; i < COUNT_OF(lens); i++)
        EACH_SIDE(side)
        {
            char text[3000], token_text[3000];
            avcsec_token_t token;
            const char *error;

            fill(text, lens[i]);
            forge("/a", text, token_text, sizeof(token_text));
            error = avcsec_token_parse(guarded_text(token_text, side), &token);
            check(strlen(token_text) == lens[i] && !error == (lens[i] <= AVCSEC_TOKEN_MAX),
                  "a token of %zu characters is %s", lens[i],
                  lens[i] <= AVCSEC_TOKEN_MAX ? "well-formed" : "malformed");
        }
}

/* Every shorter piece of a token is malformed, and read within its memory. */
static void cut_everywhere(void)
{
    char text[1024];
    size_t wrong = 0, len;

    forge("/a", "avc1~for.file~kid.k1~exp.1893456000~ip6.2001_db8__-48~args.a.b~fn.WsO8", text,
          sizeof(text));
    len = strlen(text);
    EACH_SIDE(side)
    for (size_t n = 0; n < len; n++) {
        avcsec_token_t token;

        wrong += avcsec_token_parse(guarded((avcsec_slice_t){text, n}, side), &token) == NULL;
        wrong +=
            avcsec_token_parse(guarded((avcsec_slice_t){text + len - n, n}, side), &token) == NULL;
    }
    check(wrong == 0, "a token that is cut anywhere is malformed");
}

/* Every change of one byte: malformed, or another mac. So is every byte too many. */
static void every_byte_changed(void)
{
    char text[1024];
    const avcsec_key_t *key = avcsec_keyring_find(forge_ring(), AVCSEC_LITERAL("k1"));
    avcsec_signed_target_t target = {AVCSEC_LITERAL("/a/b"), {0}};
    size_t opened = 0, len;
    avcsec_token_t token;

    forge("/a/", "avc1~for.file~kid.k1~exp.1893456000~dir.1~iat.1~xa.b", text, sizeof(text));
    len = strlen(text);
    for (size_t at = 0; at < len; at++)
        for (int c = 0; c < 256; c++) {
            char changed[1024];

            memcpy(changed, text, len);
            changed[at] = (char)c;
            if (c != (unsigned char)text[at] &&
                !avcsec_token_parse((avcsec_slice_t){changed, len}, &token))
                opened +=
                    avcsec_token_is_right(&token, &target, &key->u.derived[token.purpose], mac);
            memmove(changed + at + 1, text + at, len - at);
            changed[at] = (char)c;
            if (!avcsec_token_parse((avcsec_slice_t){changed, len + 1}, &token))
                opened +=
                    avcsec_token_is_right(&token, &target, &key->u.derived[token.purpose], mac);
        }
    check(opened == 0, "no other spelling of a token is right");
    check(!avcsec_token_parse((avcsec_slice_t){text, len}, &token) &&
              avcsec_token_is_right(&token, &target, &key->u.derived[token.purpose], mac),
          "the token itself is right");
}

/* ---- scope ---- */

static void scopes(void)
{
    static const struct {
        const char *claims, *scope, *path;
        bool want;
    } table[] = {
        {"avc1~for.file~kid.k1~exp.1", "/a/b", "/a/b", true},
        {"avc1~for.file~kid.k1~exp.1", "/a/b", "/a/b/", false},
        {"avc1~for.file~kid.k1~exp.1", "/a/b", "/a/B", false},
        {"avc1~for.file~kid.k1~exp.1", "/a/b", "/a/%62", false},
        {"avc1~for.file~kid.k1~exp.1~dir.1", "/a/", "/a/b", true},
        {"avc1~for.file~kid.k1~exp.1~dir.1", "/a/", "/a/", true},
        {"avc1~for.file~kid.k1~exp.1~dir.1", "/a/", "/a/b/c", true},
        {"avc1~for.file~kid.k1~exp.1~dir.1", "/a/", "/a", false},
        {"avc1~for.file~kid.k1~exp.1~dir.1", "/a/", "/ab/c", false},
        {"avc1~for.file~kid.k1~exp.1~dir.2", "/a/b/", "/a/b/c", true},
        {"avc1~for.file~kid.k1~exp.1~dir.2", "/a/b/", "/a/b", false},
        {"avc1~for.file~kid.k1~exp.1~dir.1", "/", "/a/", false},
        {"avc1~for.session~kid.k1~exp.1", "*", "/a", true},
        {"avc1~for.session~kid.k1~exp.1", "/a", "/a", false},
        {"avc1~for.file~kid.k1~exp.1", "*", "/a", false},
        {"avc1~for.file~kid.k1~exp.1", "*", "*", true},
    };
    const avcsec_key_t *key = avcsec_keyring_find(forge_ring(), AVCSEC_LITERAL("k1"));

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            char text[1024];
            avcsec_token_t token;
            avcsec_signed_target_t target = {guarded_text(table[i].path, side), {0}};

            forge(table[i].scope, table[i].claims, text, sizeof(text));
            check(!avcsec_token_parse(guarded_text(text, side), &token) &&
                      avcsec_token_is_right(&token, &target, &key->u.derived[token.purpose], mac) ==
                          table[i].want,
                  "%s signed for %s %s %s", table[i].claims, table[i].scope,
                  table[i].want ? "opens" : "does not open", table[i].path);
        }
}

static void signed_arguments(void)
{
    static const struct {
        const char *args, *lines, *query;
        bool want;
    } table[] = {
        {"a", "a=1\n", "a=1", true},
        {"a", "a=1\n", "b=2&a=1", true},
        {"a", "a=1\n", "a=2", false},
        {"a", "a=1\n", "a=1 ", false},
        {"a", "a=1\n", "%61=1", false},
        {"a", "a=1\n", "a=%31", false},
        {"a", "a=1\n", "", false},
        {"a", "a=1\n", NULL, false},
        {"a", "a=\n", "a", true},
        {"a", "a=\n", "a=", true},
        {"a", "a==\n", "a==", true},
        {"a", "a=1\n", "a=1&a=2", true}, /* twice: refused later, as argument */
        {"a.b", "a=1\nb=2\n", "b=2&a=1", true},
        {"b.a", "b=2\na=1\n", "a=1&b=2", true},
        {"b.a", "a=1\nb=2\n", "a=1&b=2", false},
        {"a.b", "a=1\nb=2\n", "a=1", false},
        {"a.b", "a=1\nb=2\n", "a=1\nb=2", false},
        {"a", "a=1\nb=2\n", "a=1\nb=2", true}, /* httpd lets no line feed in */
        {"a", "a=1+%20\n", "a=1+%20", true},
    };
    const avcsec_key_t *key = avcsec_keyring_find(forge_ring(), AVCSEC_LITERAL("k1"));

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            char text[1024], claims_text[256];
            avcsec_token_t token;
            avcsec_signed_target_t target = {guarded_text("/a", side),
                                             guarded_text(table[i].query, side)};

            snprintf(claims_text, sizeof(claims_text), "avc1~for.file~kid.k1~exp.1~args.%s",
                     table[i].args);
            forge_with("k1", "/a", claims_text, table[i].lines, text, sizeof(text));
            check(!avcsec_token_parse(guarded_text(text, side), &token) &&
                      avcsec_token_is_right(&token, &target, &key->u.derived[token.purpose], mac) ==
                          table[i].want,
                  "arguments %s %s in '%s'", table[i].args,
                  table[i].want ? "are right" : "are not right",
                  table[i].query ? table[i].query : "(absent)");
        }
}

/* As many signed arguments as a claim holds, at their room's end. */
static void most_arguments(void)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    char args[300] = "", query[2000] = "", claims_text[600], text[AVCSEC_TOKEN_MAX];
    avcsec_token_t token;
    avcsec_signed_target_t target = {AVCSEC_LITERAL("/a"), {0}};
    const avcsec_key_t *key = avcsec_keyring_find(forge_ring(), AVCSEC_LITERAL("k1"));
    size_t len;
    const char *error;

    for (size_t i = 0; i < 64; i++) {
        sprintf(args + strlen(args), "%s%c", i ? "." : "", letters[i]);
        sprintf(query + strlen(query), "&%c=%zu", letters[i], i);
    }
    for (size_t i = 0; strlen(args) < 250; i++) {
        sprintf(args + strlen(args), ".a%c", letters[i]);
        sprintf(query + strlen(query), "&a%c", letters[i]);
    }
    len = (size_t)sprintf(claims_text, "avc1~for.file~kid.k1~exp.1893456000~args.%s", args);
    memcpy(text, claims_text, len);
    target.query = guarded_text(query, ENDS_AT_GUARD);
    error = avcsec_token_sign(text, &len, &target, &key->u.derived[AVCSEC_FILE], mac, &token);
    check(!error && avcsec_token_is_right(&token, &target, &key->u.derived[AVCSEC_FILE], mac),
          "a hundred signed arguments%s%s", error ? ": " : "", error ? error : "");
}

/* ---- signing ---- */

static void published_tokens(void)
{
    vectors_t vectors = vectors_open("tokens");

    while (vectors_next(&vectors)) {
        static avcsec_keyring_t ring;
        char **f = vectors.field, scratch[2048];
        avcsec_signed_target_t target = {guarded_text(f[5], ENDS_AT_GUARD),
                                         guarded_text(f[6], ENDS_AT_GUARD)};
        avcsec_purpose_t purpose = avcsec_purpose_of(avcsec_slice_of(f[3]));
        const avcsec_key_t *key;
        unsigned char expected[AVCSEC_MAC_BYTES];
        avcsec_slice_t to_sign = avcsec_slice_of(f[8]);
        avcsec_token_t token;
        size_t line, len = strlen(f[7]);
        char *room = guarded_room(AVCSEC_TOKEN_MAX, ENDS_AT_GUARD);
        const char *error =
            avcsec_keyring_parse(avcsec_slice_of(f[1]), avcsec_slice_of(f[4]), &ring, &line);

        key = error ? NULL : avcsec_keyring_find(&ring, avcsec_slice_of(f[2]));
        if (!check(key != NULL, "the key of the published token: %s", f[0]))
            continue;
        memcpy(room, f[7], len);
        error = avcsec_token_sign(room, &len, &target, &key->u.derived[purpose], mac, &token);
        snprintf(scratch, sizeof(scratch), "%.*s", (int)len, room);
        check(!error && strcmp(scratch, f[9]) == 0, "the published token: %s%s%s", f[0],
              error ? ": " : "", error ? error : "");
        check(avcsec_mac_compute(mac, &key->u.derived[purpose], &to_sign, 1, expected) &&
                  !avcsec_token_parse(guarded_text(f[9], ENDS_AT_GUARD), &token) &&
                  memcmp(expected, token.mac, sizeof(expected)) == 0 &&
                  avcsec_token_is_right(&token, &target, &key->u.derived[purpose], mac),
              "the published text that is signed: %s", f[0]);
    }
    vectors_close(&vectors, 10);
}

static void signing_refuses(void)
{
    static const struct {
        const char *label, *claims, *path, *query;
    } table[] = {
        {"no exp", "avc1~for.file~kid.k1", "/a", NULL},
        {"an unknown claim", "avc1~for.file~kid.k1~exp.1~foo.1", "/a", NULL},
        {"a mac already", "avc1~for.file~kid.k1~exp.1~mac.x", "/a", NULL},
        {"nothing", "", "/a", NULL},
        {"dir deeper than the path", "avc1~for.file~kid.k1~exp.1~dir.2", "/a/b", NULL},
        {"a signed argument that is not there", "avc1~for.file~kid.k1~exp.1~args.a", "/a", "b=1"},
    };
    const avcsec_key_t *key = avcsec_keyring_find(forge_ring(), AVCSEC_LITERAL("k1"));

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            char *room = guarded_room(AVCSEC_TOKEN_MAX, side);
            avcsec_signed_target_t target = {avcsec_slice_of(table[i].path),
                                             avcsec_slice_of(table[i].query)};
            avcsec_token_t token;
            size_t len = strlen(table[i].claims);

            memcpy(room, table[i].claims, len);
            check(avcsec_token_sign(room, &len, &target, &key->u.derived[AVCSEC_FILE], mac,
                                    &token) != NULL,
                  "nothing is signed with %s", table[i].label);
        }
    EACH_SIDE(side)
    for (size_t wanted = 1022; wanted < 1027; wanted++) {
        char *room = guarded_room(AVCSEC_TOKEN_MAX, side), text[3000];
        avcsec_signed_target_t target = {AVCSEC_LITERAL("/a"), {0}};
        avcsec_token_t token;
        size_t len = fill(text, wanted);

        memcpy(room, text, len);
        check(!avcsec_token_sign(room, &len, &target, &key->u.derived[AVCSEC_FILE], mac, &token) ==
                  (wanted <= AVCSEC_TOKEN_MAX),
              "a token of %zu characters is %s", wanted,
              wanted <= AVCSEC_TOKEN_MAX ? "signed" : "not signed");
    }
}

/* ---- what it allows ---- */

static void methods(void)
{
    static const struct {
        const char *claims, *method;
        bool want;
    } table[] = {
        {"avc1~for.file~kid.k~exp.1", "GET", true},
        {"avc1~for.file~kid.k~exp.1", "HEAD", true},
        {"avc1~for.file~kid.k~exp.1", "POST", false},
        {"avc1~for.file~kid.k~exp.1", "get", false},
        {"avc1~for.file~kid.k~exp.1", "", false},
        {"avc1~for.file~kid.k~exp.1", NULL, false},
        {"avc1~for.file~kid.k~exp.1~mth.POST", "POST", true},
        {"avc1~for.file~kid.k~exp.1~mth.POST", "GET", false},
        {"avc1~for.file~kid.k~exp.1~mth.POST", "HEAD", false},
        {"avc1~for.file~kid.k~exp.1~mth.POST.GET", "HEAD", true},
        {"avc1~for.file~kid.k~exp.1~mth.HEAD", "GET", false},
        {"avc1~for.file~kid.k~exp.1~mth.GET", "GET.POST", false},
        {"avc1~for.upload~kid.k~exp.1", "POST", true},
        {"avc1~for.upload~kid.k~exp.1", "PUT", true},
        {"avc1~for.upload~kid.k~exp.1", "PATCH", true},
        {"avc1~for.upload~kid.k~exp.1", "HEAD", true},
        {"avc1~for.upload~kid.k~exp.1", "DELETE", true},
        {"avc1~for.upload~kid.k~exp.1", "GET", false},
        {"avc1~for.upload~kid.k~exp.1~mth.PUT", "POST", false},
        {"avc1~for.call~kid.k", "ANYTHING", true},
        {"avc1~for.call~kid.k~mth.POST", "GET", false},
        {"avc1~for.session~kid.k~exp.1", "POST", true},
        {"avc1~for.session~kid.k~exp.1~mth.GET", "POST", false},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            char text[1024];
            avcsec_token_t token;

            forge("/a", table[i].claims, text, sizeof(text));
            check(!avcsec_token_parse(guarded_text(text, side), &token) &&
                      avcsec_token_allows_method(&token, guarded_text(table[i].method, side)) ==
                          table[i].want,
                  "%s %s %s", table[i].claims, table[i].want ? "allows" : "does not allow",
                  table[i].method ? table[i].method : "(absent)");
        }
}

static void purposes_shown(void)
{
    static const struct {
        const char *text;
        avcsec_purpose_t want;
    } table[] = {
        {"avc1~for.file~", AVCSEC_FILE},
        {"avc1~for.upload~x", AVCSEC_UPLOAD},
        {"avc1~for.call~", AVCSEC_CALL},
        {"avc1~for.session~\xff", AVCSEC_SESSION},
        {"avc1~for.file", AVCSEC_NO_PURPOSE},
        {"avc1~for.~", AVCSEC_NO_PURPOSE},
        {"avc1~for.files~", AVCSEC_NO_PURPOSE},
        {"avc1~for", AVCSEC_NO_PURPOSE},
        {"avc1~", AVCSEC_NO_PURPOSE},
        {"", AVCSEC_NO_PURPOSE},
        {NULL, AVCSEC_NO_PURPOSE},
        {"Avc1~for.file~", AVCSEC_NO_PURPOSE},
        {"avc1~for.file.~", AVCSEC_NO_PURPOSE},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
    check(avcsec_token_shows(guarded_text(table[i].text, side)) == table[i].want,
          "'%s' shows its purpose, or none", table[i].text ? table[i].text : "(absent)");
}

int main(void)
{
    check_start();
    mac = avcsec_mac_create();
    one_claim();
    whole();
    longest();
    cut_everywhere();
    every_byte_changed();
    scopes();
    signed_arguments();
    most_arguments();
    published_tokens();
    signing_refuses();
    methods();
    purposes_shown();
    avcsec_mac_destroy(mac);
    return check_end();
}
