/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests: the published vectors, and what attackers try beyond them: carriers,
 * two tokens, idle path tokens, cookies of other sites, order of checks. Every
 * request is read into room of exactly the documented size.
 */
#include "../forge.h"
#include "../vectors.h"

#include "core/request/arguments.h"
#include "core/request/request.h"

#define NOW 1893452400
#define E "~exp.1893456000"

static avcsec_mac_t *mac;

/* ---- one request ---- */

typedef struct {
    avcsec_judgement_t judgement;
    avcsec_reading_t reading;
} outcome_t;

/* Reads and judges a request whose every part ends or begins at a guard page. */
static outcome_t judge(avcsec_request_t request, const avcsec_policy_t *policy,
                       const avcsec_keyring_t *ring, int64_t now, int side)
{
    avcsec_slice_t *parts[] = {&request.path,   &request.query,         &request.method,
                               &request.host,   &request.authorization, &request.cookie,
                               &request.origin, &request.referer,       &request.sec_fetch_site,
                               &request.upgrade};
    avcsec_keys_t keys = avcsec_keyring_keys(ring);
    outcome_t outcome;

    for (size_t i = 0; i < COUNT_OF(parts); i++)
        *parts[i] = guarded(*parts[i], side);
    avcsec_request_read(
        &request, guarded_room(AVCSEC_READING_ROOM(request.path.len, request.query.len), side),
        &outcome.reading);
    avcsec_request_judge(&request, &outcome.reading, policy, &keys, mac, now, &outcome.judgement);
    return outcome;
}

/* Puts "Name: value" where it belongs. */
static void set_header(avcsec_request_t *request, const char *header)
{
    const struct {
        const char *name;
        avcsec_slice_t *field;
    } fields[] = {
        {"host", &request->host},       {"authorization", &request->authorization},
        {"cookie", &request->cookie},   {"origin", &request->origin},
        {"referer", &request->referer}, {"sec-fetch-site", &request->sec_fetch_site},
        {"upgrade", &request->upgrade},
    };
    avcsec_slice_t value = avcsec_slice_of(header), name;

    avcsec_slice_cut(&value, ':', &name);
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (avcsec_slice_equals_nocase(name, avcsec_slice_of(fields[i].name))) {
            *fields[i].field = avcsec_slice_trim(value);
            return;
        }
    check(false, "the test knows the header %s", header);
}

/* ---- published vectors ---- */

static void published(void)
{
    vectors_t vectors = vectors_open("requests");

    while (vectors_next(&vectors)) {
        static avcsec_keyring_t ring;
        char **f = vectors.field;
        avcsec_request_t request = {.path = avcsec_slice_of(f[5]),
                                    .query = avcsec_slice_of(f[6]),
                                    .method = avcsec_slice_of(f[8]),
                                    .host = avcsec_slice_of(f[4])};
        avcsec_policy_t policy = {.asked = avcsec_purpose_of(avcsec_slice_of(f[7])),
                                  .has_strict_args = f[11][0] == '1',
                                  .unsigned_args = avcsec_unsigned_args,
                                  .unsigned_args_count = AVCSEC_UNSIGNED_ARGS,
                                  .clock_skew = atoll(f[3])};
        size_t line;
        bool is_ready =
            !avcsec_keyring_parse(avcsec_slice_of(f[1]), avcsec_slice_of(f[2]), &ring, &line) &&
            avcsec_address_parse(avcsec_slice_of(f[9]), &request.client);

        for (size_t i = 15; i < VECTOR_FIELDS && f[i]; i++)
            set_header(&request, f[i]);
        EACH_SIDE(side)
        {
            outcome_t outcome = judge(request, &policy, &ring, atoll(f[10]), side);
            avcsec_slice_t query = policy.asked ? outcome.reading.query : request.query;
            bool is_refused_path =
                !outcome.reading.is_resolved ||
                (outcome.reading.path_tokens.count && outcome.reading.path_tokens.has_odd_segment);

            check(is_ready && strcmp(avcsec_verdict_word(outcome.judgement.verdict), f[12]) == 0,
                  "published request: %s: %s, got %s", f[0], f[12],
                  avcsec_verdict_word(outcome.judgement.verdict));
            check(f[13] ? is_text(outcome.reading.canonical, f[13]) : is_refused_path,
                  "published request: %s: canonical path", f[0]);
            check(!f[14] || is_text(query, f[14]) || (!query.p && !*f[14]),
                  "published request: %s: remaining query", f[0]);
        }
    }
    vectors_close(&vectors, 140);
}

/* ---- what attackers try ---- */

/* Tokens that "<name>" in the cases below stands for. */
static const struct {
    const char *name, *kid, *scope, *claims, *lines;
} tokens[] = {
    {"file", "k1", "/a/b", "avc1~for.file~kid.k1" E, ""},
    {"file2", "k1", "/a/b", "avc1~for.file~kid.k1" E "~iat.1", ""},
    {"dir", "k1", "/a/", "avc1~for.file~kid.k1" E "~dir.1", ""},
    {"over", "k1", "/a/b", "avc1~for.file~kid.k1~exp.1893452400", ""},
    {"upload", "k1", "/a/b", "avc1~for.upload~kid.k1" E, ""},
    {"call", "k1", "/a/b", "avc1~for.call~kid.k1", ""},
    {"session", "k1", "*", "avc1~for.session~kid.k1" E, ""},
    {"ended", "k3", "/a/b", "avc1~for.file~kid.k3" E, ""},
    {"limited", "k2", "/a/b", "avc1~for.file~kid.k2" E, ""},
    {"nokey", "k1", "/a/b", "avc1~for.file~kid.k9" E, ""},
    {"wrong", "k2", "/a/b", "avc1~for.file~kid.k1" E, ""},
    {"wrongupload", "k1", "/a/c", "avc1~for.upload~kid.k1" E, ""},
    {"noexp", "k1", "/a/b", "avc1~for.file~kid.k1", ""},
    {"badupload", "k1", "/a/b", "avc1~for.upload~kid.k1" E "~foo.1", ""},
    {"other", "k1", "/a/c", "avc1~for.file~kid.k1" E, ""},
    {"args", "k1", "/a/b", "avc1~for.file~kid.k1" E "~args.s", "s=1\n"},
    {"uploadargs", "k1", "/a/b", "avc1~for.upload~kid.k1" E "~args.s", "s=1\n"},
    {"ip", "k1", "/a/b", "avc1~for.file~kid.k1" E "~ip4.192.0.2.0-24", ""},
    {"ip6", "k1", "/a/b", "avc1~for.file~kid.k1" E "~ip6.__-1", ""},
    {"otherip", "k1", "/a/b", "avc1~for.file~kid.k1" E "~ip4.198.51.100.7", ""},
    {"org", "k1", "/a/b", "avc1~for.file~kid.k1" E "~org.chat.example", ""},
    {"soon", "k1", "/a/b", "avc1~for.file~kid.k1" E "~nbf.1893452430", ""},
    {"inskew", "k1", "/a/b", "avc1~for.file~kid.k1" E "~iat.1893452430", ""},
    {"ahead", "k1", "/a/b", "avc1~for.file~kid.k1" E "~iat.1893452431", ""},
    {"max", "k1", "/a/b", "avc1~for.file~kid.k1" E "~iat.1~id.0123456789abcdef~max.5", ""},
    {"all", "k1", "/a/b",
     "avc1~for.file~kid.k1~exp.1893452400~args.s~ip4.198.51.100.7~org.chat.example~mth.PUT",
     "s=1\n"},
    {"allbutexp", "k1", "/a/b",
     "avc1~for.file~kid.k1" E "~args.s~ip4.198.51.100.7~org.chat.example~mth.PUT", "s=1\n"},
    {"orgmth", "k1", "/a/b", "avc1~for.file~kid.k1" E "~org.chat.example~mth.PUT", ""},
};

/* Puts the tokens in for "<name>". */
static const char *fill_in(const char *pattern, char *out, size_t room)
{
    size_t n = 0;

    if (!pattern)
        return NULL;
    while (*pattern) {
        size_t i = 0, len = strcspn(pattern + 1, ">");

        if (*pattern != '<') {
            out[n++] = *pattern++;
            continue;
        }
        while (i < COUNT_OF(tokens) &&
               (strlen(tokens[i].name) != len || memcmp(tokens[i].name, pattern + 1, len) != 0))
            i++;
        if (i == COUNT_OF(tokens) || n + 1200 > room) {
            printf("not ok - the test knows the token %s\n", pattern);
            exit(2);
        }
        forge_with(tokens[i].kid, tokens[i].scope, tokens[i].claims, tokens[i].lines, out + n,
                   room - n);
        n += strlen(out + n);
        pattern += len + 2;
    }
    out[n] = '\0';
    return out;
}

typedef struct {
    const char *label;
    avcsec_purpose_t asked;
    const char *method, *path, *query;
    const char *headers[3];
    const char *want;
} case_t;

#define FILE_ AVCSEC_FILE
#define NONE AVCSEC_NO_PURPOSE

static const case_t carriers[] = {
    {"nothing", FILE_, "GET", "/a/b", NULL, {0}, "no-token"},
    {"query", FILE_, "GET", "/a/b", "avc=<file>", {0}, "ok"},
    {"query, upper-case name", FILE_, "GET", "/a/b", "AVC=<file>", {0}, "no-token"},
    {"query, as an array", FILE_, "GET", "/a/b", "avc[]=<file>", {0}, "no-token"},
    {"query, without value", FILE_, "GET", "/a/b", "avc", {0}, "malformed"},
    {"query, a token and an empty one", FILE_, "GET", "/a/b", "avc=<file>&avc", {0}, "malformed"},
    {"query, a token and an escaped one",
     FILE_,
     "GET",
     "/a/b",
     "avc=<file>&av%63=<session>",
     {0},
     "malformed"},
    {"query, spaces around", FILE_, "GET", "/a/b", "avc=+<file>", {0}, "malformed"},
    {"query, NUL behind", FILE_, "GET", "/a/b", "avc=<file>%00", {0}, "malformed"},
    {"query, line feed behind", FILE_, "GET", "/a/b", "avc=<file>%0A", {0}, "malformed"},
    {"header", FILE_, "GET", "/a/b", NULL, {"Authorization: Bearer <file>"}, "ok"},
    {"header, lower case", FILE_, "GET", "/a/b", NULL, {"Authorization: bearer <file>"}, "ok"},
    {"header, more spaces", FILE_, "GET", "/a/b", NULL, {"Authorization: Bearer  <file> "}, "ok"},
    {"header, another scheme",
     FILE_,
     "GET",
     "/a/b",
     NULL,
     {"Authorization: Basic <file>"},
     "no-token"},
    {"header, no space", FILE_, "GET", "/a/b", NULL, {"Authorization: Bearer<file>"}, "no-token"},
    {"header, scheme only", FILE_, "GET", "/a/b", NULL, {"Authorization: Bearer"}, "no-token"},
    {"header, two joined",
     FILE_,
     "GET",
     "/a/b",
     NULL,
     {"Authorization: Bearer <file>, Bearer <file>"},
     "malformed"},
    {"header, escaped",
     FILE_,
     "GET",
     "/a/b",
     NULL,
     {"Authorization: Bearer %61vc1~for.file~x"},
     "no-token"},
    {"header, version 2",
     FILE_,
     "GET",
     "/a/b",
     NULL,
     {"Authorization: Bearer avc2~for.file~x"},
     "no-token"},
    {"header, empty", FILE_, "GET", "/a/b", NULL, {"Authorization: "}, "no-token"},
    {"cookie", FILE_, "GET", "/a/b", NULL, {"Cookie: __Host-avc=<file>"}, "ok"},
    {"cookie among others",
     FILE_,
     "GET",
     "/a/b",
     NULL,
     {"Cookie: a=b;__Host-avc=<file>; ; c"},
     "ok"},
    {"cookie, another name", FILE_, "GET", "/a/b", NULL, {"Cookie: __host-avc=<file>"}, "no-token"},
    {"cookie, a longer name",
     FILE_,
     "GET",
     "/a/b",
     NULL,
     {"Cookie: x__Host-avc=<file>"},
     "no-token"},
    {"cookie, quoted", FILE_, "GET", "/a/b", NULL, {"Cookie: __Host-avc=\"<file>\""}, "malformed"},
    {"cookie, no value", FILE_, "GET", "/a/b", NULL, {"Cookie: __Host-avc"}, "malformed"},
    {"cookie, comma", FILE_, "GET", "/a/b", NULL, {"Cookie: a=b, __Host-avc=<file>"}, "no-token"},
    {"cookie, two for one purpose",
     FILE_,
     "GET",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<file>; __Host-avc=<file2>"},
     "malformed"},
    {"cookie, two for two purposes",
     FILE_,
     "GET",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>; __Host-avc=<file>"},
     "ok"},
    {"cookie, HEAD", FILE_, "HEAD", "/a/b", NULL, {"Cookie: __Host-avc=<file>"}, "ok"},
    {"cookie, a file token and POST from the page",
     FILE_,
     "POST",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<file>", "Sec-Fetch-Site: same-origin"},
     "no-token"},
    {"cookie, a call token",
     AVCSEC_CALL,
     "GET",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<call>"},
     "no-token"},
    {"cookie, an upload token where a file is asked",
     FILE_,
     "GET",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<upload>"},
     "no-token"},
    {"path", FILE_, "GET", "/a/~<file>/b", NULL, {0}, "ok"},
    {"path, in front", FILE_, "GET", "/~<file>/a/b", NULL, {0}, "ok"},
    {"path, behind", FILE_, "GET", "/a/b/~<file>", NULL, {0}, "ok"},
    {"path, behind with a slash: another path",
     FILE_,
     "GET",
     "/a/b/~<file>/",
     NULL,
     {0},
     "signature"},
    {"path, NUL behind", FILE_, "GET", "/a/~<file>%00/b", NULL, {0}, "malformed"},
    {"path, parameters behind", FILE_, "GET", "/a/~<file>;x/b", NULL, {0}, "malformed"},
    {"path, an escaped slash behind", FILE_, "GET", "/a/~<file>%2F/b", NULL, {0}, "malformed"},
};

static const case_t precedence[] = {
    {"query before path", FILE_, "GET", "/a/~<file>/b", "avc=<over>", {0}, "expired"},
    {"query before header",
     FILE_,
     "GET",
     "/a/b",
     "avc=<wrong>",
     {"Authorization: Bearer <file>"},
     "signature"},
    {"path before header",
     FILE_,
     "GET",
     "/a/~<over>/b",
     NULL,
     {"Authorization: Bearer <file>"},
     "expired"},
    {"header before cookie",
     FILE_,
     "GET",
     "/a/b",
     NULL,
     {"Authorization: Bearer <over>", "Cookie: __Host-avc=<file>"},
     "expired"},
    {"a token for another purpose is passed over",
     FILE_,
     "GET",
     "/a/b",
     "avc=<session>",
     {"Authorization: Bearer <file>"},
     "ok"},
    {"a broken one for this purpose is not",
     FILE_,
     "GET",
     "/a/b",
     "avc=<noexp>",
     {"Authorization: Bearer <file>"},
     "malformed"},
    {"junk is passed over",
     FILE_,
     "GET",
     "/a/b",
     "avc=junk",
     {"Authorization: Bearer <file>"},
     "ok"},
    {"purpose before junk",
     FILE_,
     "GET",
     "/a/b",
     "avc=junk",
     {"Authorization: Bearer <call>"},
     "purpose"},
    {"junk alone", FILE_, "GET", "/a/b", "avc=junk", {0}, "malformed"},
    {"purpose alone", FILE_, "GET", "/a/b", "avc=<call>", {0}, "purpose"},
    {"two queries beside a header",
     FILE_,
     "GET",
     "/a/b",
     "avc=a&avc=b",
     {"Authorization: Bearer <file>"},
     "malformed"},
    {"two cookies for another purpose beside a header",
     FILE_,
     "GET",
     "/a/b",
     NULL,
     {"Authorization: Bearer <file>", "Cookie: __Host-avc=<session>; __Host-avc=<session>"},
     "malformed"},
};

static const case_t path_tokens[] = {
    {"right, none asked", NONE, "GET", "/a/~<file>/b", NULL, {0}, "ok"},
    {"over, none asked", NONE, "GET", "/a/~<over>/b", NULL, {0}, "ok"},
    {"of an ended key, none asked", NONE, "GET", "/a/~<ended>/b", NULL, {0}, "ok"},
    {"of a key that is not for this, none asked",
     NONE,
     "GET",
     "/a/~<limited>/b",
     NULL,
     {0},
     "unknown-key"},
    {"of an unknown key, none asked", NONE, "GET", "/a/~<nokey>/b", NULL, {0}, "unknown-key"},
    {"forged, none asked", NONE, "GET", "/a/~<wrong>/b", NULL, {0}, "signature"},
    {"for another path, none asked", NONE, "GET", "/a/~<other>/b", NULL, {0}, "signature"},
    {"malformed, none asked", NONE, "GET", "/a/~<noexp>/b", NULL, {0}, "malformed"},
    {"with signed arguments, none asked", NONE, "GET", "/a/~<args>/b", "s=1", {0}, "malformed"},
    {"a session, none asked", NONE, "GET", "/a/~<session>/b", NULL, {0}, "signature"},
    {"a session, a file asked", FILE_, "GET", "/a/~<session>/b", "avc=<file>", {0}, "signature"},
    {"a session, asked", AVCSEC_SESSION, "GET", "/a/~<session>/b", NULL, {0}, "ok"},
    {"not yet valid and for another address, none asked",
     NONE,
     "GET",
     "/a/~<soon>/b",
     NULL,
     {0},
     "ok"},
    {"over, asked", FILE_, "GET", "/a/~<over>/b", NULL, {0}, "expired"},
    {"of an ended key, asked", FILE_, "GET", "/a/~<ended>/b", NULL, {0}, "unknown-key"},
    {"two for two purposes", FILE_, "GET", "/a/~<file>/~<upload>/b", NULL, {0}, "ok"},
    {"a forged one for another purpose",
     FILE_,
     "GET",
     "/a/~<file>/~<wrongupload>/b",
     NULL,
     {0},
     "signature"},
    {"a malformed one for another purpose",
     FILE_,
     "GET",
     "/a/~<file>/~<badupload>/b",
     NULL,
     {0},
     "malformed"},
    {"one for another purpose with signed arguments",
     FILE_,
     "GET",
     "/a/~<file>/~<uploadargs>/b",
     "s=1",
     {0},
     "malformed"},
    {"a forged one beside a right query",
     FILE_,
     "GET",
     "/a/~<wrong>/b",
     "avc=<file>",
     {0},
     "signature"},
    {"two for one purpose, none asked",
     NONE,
     "GET",
     "/a/~<file>/~<file2>/b",
     NULL,
     {0},
     "malformed"},
    {"the same twice", FILE_, "GET", "/a/~<file>/~<file>/b", NULL, {0}, "malformed"},
    {"four for four purposes",
     FILE_,
     "GET",
     "/a/~<file>/~<upload>/~<call>/~<session>/b",
     NULL,
     {0},
     "signature"},
    {"five",
     FILE_,
     "GET",
     "/a/~<file>/~<upload>/~<call>/~<session>/~<file>/b",
     NULL,
     {0},
     "malformed"},
    {"junk beside a right query", FILE_, "GET", "/~avc1~x/a/b", "avc=<file>", {0}, "malformed"},
    {"junk, none asked", NONE, "GET", "/~avc1~/a/b", NULL, {0}, "malformed"},
    {"dots behind", NONE, "GET", "/a/~<file>/../a/b", NULL, {0}, "malformed"},
    {"dots before", NONE, "GET", "/x/../a/~<file>/b", NULL, {0}, "malformed"},
    {"dots with parameters, none asked", NONE, "GET", "/a/~<dir>/..;/b", NULL, {0}, "malformed"},
    {"an encoded slash, none asked", NONE, "GET", "/a/~<dir>/b%2Fc", NULL, {0}, "malformed"},
    {"a backslash, none asked", NONE, "GET", "/a/~<dir>/b%5Cc", NULL, {0}, "malformed"},
    {"an empty segment", NONE, "GET", "/a//~<dir>/b", NULL, {0}, "malformed"},
    {"an empty last segment", NONE, "GET", "/a/~<dir>/b/", NULL, {0}, "ok"},
    {"a directory's, outside", NONE, "GET", "/~<dir>/b", NULL, {0}, "signature"},
    {"a directory's, its own slash only", NONE, "GET", "/a/~<dir>", NULL, {0}, "signature"},
    {"a directory's, itself", NONE, "GET", "/a/~<dir>/", NULL, {0}, "ok"},
};

static const case_t cookies_of_others[] = {
    {"GET from elsewhere",
     AVCSEC_SESSION,
     "GET",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Sec-Fetch-Site: cross-site"},
     "ok"},
    {"POST that says nothing",
     AVCSEC_SESSION,
     "POST",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>"},
     "no-token"},
    {"POST from the page",
     AVCSEC_SESSION,
     "POST",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Sec-Fetch-Site: same-origin"},
     "ok"},
    {"POST from a sibling",
     AVCSEC_SESSION,
     "POST",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Sec-Fetch-Site: same-site"},
     "no-token"},
    {"POST typed by hand",
     AVCSEC_SESSION,
     "POST",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Sec-Fetch-Site: none"},
     "no-token"},
    {"POST, upper-case value",
     AVCSEC_SESSION,
     "POST",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Sec-Fetch-Site: Same-Origin"},
     "no-token"},
    {"POST, own origin",
     AVCSEC_SESSION,
     "POST",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Origin: https://chat.example"},
     "ok"},
    {"POST, own origin, own port",
     AVCSEC_SESSION,
     "POST",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Origin: https://chat.example:443"},
     "ok"},
    {"POST, own origin, both ports",
     AVCSEC_SESSION,
     "POST",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Origin: https://chat.example:8443",
      "Host: chat.example:8443"},
     "ok"},
    {"POST, another port",
     AVCSEC_SESSION,
     "POST",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Origin: https://chat.example:8443"},
     "no-token"},
    {"POST, the port of the other scheme",
     AVCSEC_SESSION,
     "POST",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Origin: https://chat.example:80"},
     "no-token"},
    {"POST, a listed origin",
     AVCSEC_SESSION,
     "POST",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Origin: https://app.example"},
     "ok"},
    {"POST, a listed origin, another port",
     AVCSEC_SESSION,
     "POST",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Origin: https://app.example:444"},
     "no-token"},
    {"POST, a listed origin, another scheme",
     AVCSEC_SESSION,
     "POST",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Origin: http://app.example"},
     "no-token"},
    {"POST, origin null",
     AVCSEC_SESSION,
     "POST",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Origin: null"},
     "no-token"},
    {"POST, origin null from the page: never with null",
     AVCSEC_SESSION,
     "POST",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Origin: null", "Sec-Fetch-Site: same-origin"},
     "no-token"},
    {"POST, origin null and a host of that name",
     AVCSEC_SESSION,
     "POST",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Origin: null", "Host: null"},
     "no-token"},
    {"POST, origin that starts like the host",
     AVCSEC_SESSION,
     "POST",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Origin: https://chat.example.evil.example"},
     "no-token"},
    {"POST, origin without a host and no Host",
     AVCSEC_SESSION,
     "POST",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Origin: https://", "Host: "},
     "no-token"},
    {"POST, file origin",
     AVCSEC_SESSION,
     "POST",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Origin: file://chat.example"},
     "no-token"},
    {"WebSocket from the page",
     AVCSEC_SESSION,
     "GET",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Upgrade: websocket", "Origin: https://chat.example"},
     "ok"},
    {"WebSocket from elsewhere",
     AVCSEC_SESSION,
     "GET",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Upgrade: websocket", "Origin: https://evil.example"},
     "no-token"},
    {"WebSocket that says nothing",
     AVCSEC_SESSION,
     "GET",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Upgrade: websocket"},
     "no-token"},
    {"an empty Upgrade",
     AVCSEC_SESSION,
     "GET",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>", "Upgrade: "},
     "no-token"},
    {"OPTIONS that says nothing",
     AVCSEC_SESSION,
     "OPTIONS",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>"},
     "no-token"},
    {"lower-case get",
     AVCSEC_SESSION,
     "get",
     "/a/b",
     NULL,
     {"Cookie: __Host-avc=<session>"},
     "no-token"},
    {"a header needs no page",
     AVCSEC_SESSION,
     "POST",
     "/a/b",
     NULL,
     {"Authorization: Bearer <session>", "Origin: https://evil.example"},
     "ok"},
};

static const case_t checks[] = {
    {"address within", FILE_, "GET", "/a/b", "avc=<ip>", {0}, "ok"},
    {"address outside", FILE_, "GET", "/a/b", "avc=<otherip>", {0}, "address"},
    {"address of the other family only", FILE_, "GET", "/a/b", "avc=<ip6>", {0}, "address"},
    {"origin", FILE_, "GET", "/a/b", "avc=<org>", {"Origin: https://chat.example"}, "ok"},
    {"origin, any port",
     FILE_,
     "GET",
     "/a/b",
     "avc=<org>",
     {"Origin: http://chat.example:81"},
     "ok"},
    {"origin, another case",
     FILE_,
     "GET",
     "/a/b",
     "avc=<org>",
     {"Origin: https://Chat.Example"},
     "ok"},
    {"origin, a host below",
     FILE_,
     "GET",
     "/a/b",
     "avc=<org>",
     {"Origin: https://x.chat.example"},
     "origin"},
    {"origin, a host that ends so",
     FILE_,
     "GET",
     "/a/b",
     "avc=<org>",
     {"Origin: https://evilchat.example"},
     "origin"},
    {"origin, user information",
     FILE_,
     "GET",
     "/a/b",
     "avc=<org>",
     {"Referer: https://chat.example@evil.example/"},
     "origin"},
    {"origin, user information with a port",
     FILE_,
     "GET",
     "/a/b",
     "avc=<org>",
     {"Referer: https://chat.example:x@evil.example/"},
     "origin"},
    {"origin, backslash",
     FILE_,
     "GET",
     "/a/b",
     "avc=<org>",
     {"Referer: https://chat.example\\.evil.example/"},
     "origin"},
    {"origin, in the path",
     FILE_,
     "GET",
     "/a/b",
     "avc=<org>",
     {"Referer: https://evil.example/https://chat.example/"},
     "origin"},
    {"origin, in the query",
     FILE_,
     "GET",
     "/a/b",
     "avc=<org>",
     {"Referer: https://evil.example?://chat.example"},
     "origin"},
    {"origin, in the fragment",
     FILE_,
     "GET",
     "/a/b",
     "avc=<org>",
     {"Referer: https://evil.example#://chat.example"},
     "origin"},
    {"origin, a path before the scheme's end",
     FILE_,
     "GET",
     "/a/b",
     "avc=<org>",
     {"Referer: /x://chat.example"},
     "origin"},
    {"origin, empty beside a referer",
     FILE_,
     "GET",
     "/a/b",
     "avc=<org>",
     {"Origin: ", "Referer: https://chat.example/"},
     "origin"},
    {"origin, null beside a referer",
     FILE_,
     "GET",
     "/a/b",
     "avc=<org>",
     {"Origin: null", "Referer: https://chat.example/"},
     "origin"},
    {"origin, no scheme", FILE_, "GET", "/a/b", "avc=<org>", {"Referer: chat.example/"}, "origin"},
    {"origin, no scheme but slashes",
     FILE_,
     "GET",
     "/a/b",
     "avc=<org>",
     {"Referer: ://chat.example/"},
     "origin"},
    {"referer without a path",
     FILE_,
     "GET",
     "/a/b",
     "avc=<org>",
     {"Referer: https://chat.example"},
     "ok"},
    {"referer with a query",
     FILE_,
     "GET",
     "/a/b",
     "avc=<org>",
     {"Referer: https://chat.example?x=/"},
     "ok"},
    {"argument once", FILE_, "GET", "/a/b", "s=1&avc=<args>", {0}, "ok"},
    {"argument twice", FILE_, "GET", "/a/b", "s=1&avc=<args>&s[]=2", {0}, "argument"},
    {"argument behind the token", FILE_, "GET", "/a/b", "avc=<args>&s=1", {0}, "ok"},
    {"argument, another first", FILE_, "GET", "/a/b", "s=2&s=1&avc=<args>", {0}, "signature"},
    {"argument under a header",
     FILE_,
     "GET",
     "/a/b",
     "s=1",
     {"Authorization: Bearer <args>"},
     "ok"},
    {"max, which nobody counts yet", FILE_, "GET", "/a/b", "avc=<max>", {0}, "used-up"},
    {"not before, within the skew", FILE_, "GET", "/a/b", "avc=<soon>", {0}, "ok"},
    {"issued within the skew", FILE_, "GET", "/a/b", "avc=<inskew>", {0}, "ok"},
    {"issued beyond the skew", FILE_, "GET", "/a/b", "avc=<ahead>", {0}, "not-yet-valid"},
    {"no path at all", FILE_, "OPTIONS", NULL, NULL, {0}, "no-token"},
    {"no path at all, none asked", NONE, "OPTIONS", NULL, NULL, {0}, "ok"},
    {"asterisk", FILE_, "OPTIONS", "*", "avc=<file>", {0}, "malformed"},
    {"a fragment that httpd cuts off", FILE_, "GET", "/x#/../a/b", "avc=<file>", {0}, "malformed"},
    {"an empty path", FILE_, "GET", "", "avc=<file>", {0}, "malformed"},
};

/* Everything is wrong at once; then one thing less each time. The order is SPEC's. */
static const case_t order[] = {
    {"nothing and a bad path", FILE_, "GET", "/a/..;/b", NULL, {0}, "no-token"},
    {"a bad path before purpose", FILE_, "GET", "/a/..;/b", "avc=<call>", {0}, "malformed"},
    {"a bad path before the key", FILE_, "GET", "/a/..;/b", "avc=<nokey>", {0}, "malformed"},
    {"purpose before the key", FILE_, "GET", "/a/b", "avc=<upload>", {0}, "purpose"},
    {"malformed before the key", FILE_, "GET", "/a/b", "avc=<noexp>", {0}, "malformed"},
    {"key before signature", FILE_, "GET", "/a/c", "avc=<nokey>", {0}, "unknown-key"},
    {"an ended key before expired", FILE_, "GET", "/a/b", "avc=<ended>", {0}, "unknown-key"},
    {"signature before argument", FILE_, "GET", "/a/c", "s=1&s=1&avc=<all>", {0}, "signature"},
    {"argument before expired", FILE_, "GET", "/a/b", "s=1&s=1&avc=<all>", {0}, "argument"},
    {"expired before address", FILE_, "GET", "/a/b", "s=1&avc=<all>", {0}, "expired"},
    {"address before origin", FILE_, "GET", "/a/b", "s=1&avc=<allbutexp>", {0}, "address"},
    {"origin before method", FILE_, "GET", "/a/b", "avc=<orgmth>", {0}, "origin"},
    {"method at last",
     FILE_,
     "GET",
     "/a/b",
     "avc=<orgmth>",
     {"Origin: https://chat.example"},
     "method"},
    {"method before used-up", FILE_, "POST", "/a/b", "avc=<max>", {0}, "method"},
};

static void table(const char *topic, const case_t *cases, size_t count)
{
    static const avcsec_slice_t credentials[] = {{"https://app.example", 19}};

    for (size_t i = 0; i < count; i++)
        EACH_SIDE(side)
        {
            char path[6000], query[6000], headers[3][6000];
            avcsec_request_t request = {.method = avcsec_slice_of(cases[i].method),
                                        .host = AVCSEC_LITERAL("chat.example")};
            avcsec_policy_t policy = {.asked = cases[i].asked,
                                      .clock_skew = 30,
                                      .credential_origins = credentials,
                                      .credential_origins_count = 1};
            outcome_t outcome;

            check_begins(cases[i].label);
            request.path = avcsec_slice_of(fill_in(cases[i].path, path, sizeof(path)));
            request.query = avcsec_slice_of(fill_in(cases[i].query, query, sizeof(query)));
            avcsec_address_parse(AVCSEC_LITERAL("192.0.2.7"), &request.client);
            for (size_t k = 0; k < 3 && cases[i].headers[k]; k++)
                set_header(&request, fill_in(cases[i].headers[k], headers[k], sizeof(headers[k])));
            outcome = judge(request, &policy, forge_ring(), NOW, side);
            check(!cases[i].asked || outcome.judgement.verdict != AVCSEC_ALLOWED ||
                      (outcome.judgement.has_token && outcome.judgement.carrier),
                  "%s: %s: the token that opened is told", topic, cases[i].label);
            check(strcmp(avcsec_verdict_word(outcome.judgement.verdict), cases[i].want) == 0,
                  "%s: %s: %s, got %s", topic, cases[i].label, cases[i].want,
                  avcsec_verdict_word(outcome.judgement.verdict));
        }
}

/* ---- arguments below AvcSignedURL ---- */

static void strict_arguments(void)
{
    static const struct {
        const char *query, *want, *culprit;
    } cases[] = {
        {"avc=<file>", "ok", NULL},
        {"avc=<file>&", "ok", NULL},
        {"&&avc=<file>", "ok", NULL},
        {"avc=<file>&x=1", "argument", "x"},
        {"avc=<file>&x", "argument", "x"},
        {"avc=<file>&=1", "argument", ""},
        {"avc=<file>&avc[]=1", "argument", "avc[]"},
        {"avc=<file>&utm_x=1", "ok", NULL},
        {"avc=<file>&utm_=1", "ok", NULL},
        {"avc=<file>&utm=1", "argument", "utm"},
        {"avc=<file>&UTM_x=1", "argument", "UTM_x"},
        {"avc=<file>&_HLS_msn=1", "ok", NULL},
        {"avc=<file>&%5fHLS_msn=1", "argument", "%5fHLS_msn"},
        {"avc=<args>&s=1&gclid=2", "ok", NULL},
        {"avc=<file>&_=17&CMCD=bl%3D1&cookieCheck=1&msclkid=x&gbraid=y&_gl=1", "ok", NULL},
        {"avc=<file>&__=17", "argument", "__"},
        {"avc=<file>&session=17", "argument", "session"},
        {"avc=<file>&utm_x=1;admin=true", "argument", "utm_x"},
        {"avc=<file>&utm_x;admin=true", "argument", "utm_x;admin"},
        {"avc=<file>&utm_x=;", "argument", "utm_x"},
        {"avc=<file>&utm_x;", "argument", "utm_x;"},
        {"avc=<file>&utm_x=1%3Badmin=true", "ok", NULL},
        {"avc=<file>&utm_x%3Badmin=true", "ok", NULL},
        {"avc=<args>&s=1&t=2", "argument", "t"},
        {"avc=<args>&s=1&s.=2", "argument", "s."},
        {"avc=<args>&s=1&s[=2", "argument", "s"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        EACH_SIDE(side)
        {
            char query[4000];
            avcsec_request_t request = {
                .method = AVCSEC_LITERAL("GET"),
                .path = AVCSEC_LITERAL("/a/b"),
                .query = avcsec_slice_of(fill_in(cases[i].query, query, sizeof(query)))};
            avcsec_policy_t policy = {.asked = AVCSEC_FILE,
                                      .has_strict_args = true,
                                      .unsigned_args = avcsec_unsigned_args,
                                      .unsigned_args_count = AVCSEC_UNSIGNED_ARGS};
            outcome_t outcome = judge(request, &policy, forge_ring(), NOW, side);

            check(strcmp(avcsec_verdict_word(outcome.judgement.verdict), cases[i].want) == 0 &&
                      is_text(outcome.judgement.argument, cases[i].culprit),
                  "strict arguments: %s: %s, got %s", cases[i].query, cases[i].want,
                  avcsec_verdict_word(outcome.judgement.verdict));
        }
}

/* ---- a signed argument behind many others ---- */

static void many_arguments(void)
{
    for (size_t others = 498; others <= 502; others++)
        EACH_SIDE(side)
        {
            char query[4000], *end = query;
            avcsec_request_t request = {.method = AVCSEC_LITERAL("GET"),
                                        .path = AVCSEC_LITERAL("/a/b")};
            avcsec_policy_t policy = {.asked = AVCSEC_FILE};
            outcome_t outcome;

            for (size_t i = 0; i < others; i++)
                end += sprintf(end, "a&");
            fill_in("s=1&avc=<args>", end, sizeof(query) - (size_t)(end - query));
            request.query = avcsec_slice_of(query);
            outcome = judge(request, &policy, forge_ring(), NOW, side);
            /* With s and avc, there are two more. */
            check(outcome.judgement.verdict ==
                      (others + 2 > 500 ? AVCSEC_ARGUMENT : AVCSEC_ALLOWED),
                  "a signed argument behind %zu others, of which PHP may drop some", others);
        }
}

/* ---- a page without encryption, and a request with it ---- */

static void encrypted(void)
{
    static const struct {
        const char *origin;
        bool is_encrypted;
        avcsec_verdict_t want;
    } cases[] = {
        {"https://chat.example", true, AVCSEC_ALLOWED},
        {"http://chat.example", true, AVCSEC_NO_TOKEN},
        {"http://chat.example:80", true, AVCSEC_NO_TOKEN},
        {"https://chat.example", false, AVCSEC_ALLOWED}, /* TLS ended in front */
        {"http://chat.example", false, AVCSEC_ALLOWED},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        EACH_SIDE(side)
        {
            char cookie[2000];
            avcsec_request_t request = {.method = AVCSEC_LITERAL("POST"),
                                        .path = AVCSEC_LITERAL("/a/b"),
                                        .host = AVCSEC_LITERAL("chat.example"),
                                        .origin = avcsec_slice_of(cases[i].origin),
                                        .is_encrypted = cases[i].is_encrypted};
            avcsec_policy_t policy = {.asked = AVCSEC_SESSION};

            request.cookie =
                avcsec_slice_of(fill_in("__Host-avc=<session>", cookie, sizeof(cookie)));
            check(judge(request, &policy, forge_ring(), NOW, side).judgement.verdict ==
                      cases[i].want,
                  "a cookie, a page of %s, %s", cases[i].origin,
                  cases[i].is_encrypted ? "a request by TLS" : "a request without TLS");
        }
}

/* ---- what comes out ---- */

static void reading(void)
{
    static const struct {
        const char *path, *query, *left, *canonical, *rest, *token;
        size_t count;
    } cases[] = {
        {"/a", NULL, "/a", "/a", NULL, NULL, 0},
        {"/a", "", "/a", "/a", "", NULL, 0},
        {"/a", "avc=%61", "/a", "/a", NULL, "a", 1},
        {"/a", "avc", "/a", "/a", NULL, "", 1},
        {"/a", "avc=%41+b", "/a", "/a", NULL, "A+b", 1},
        {"/a", "b&avc=1&avc=2&c", "/a", "/a", "b&c", "1", 2},
        {"/a/~avc1~x/b%20c", "b", "/a/b%20c", "/a/b%20c", "b", NULL, 0},
        {"/a%2fb", "b", "/a%2fb", NULL, "b", NULL, 0},
        {NULL, NULL, "", NULL, NULL, NULL, 0},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        EACH_SIDE(side)
        {
            avcsec_request_t request = {.path = guarded_text(cases[i].path, side),
                                        .query = guarded_text(cases[i].query, side)};
            avcsec_reading_t got;

            avcsec_request_read(
                &request,
                guarded_room(AVCSEC_READING_ROOM(request.path.len, request.query.len), side), &got);
            check(is_text(got.left, cases[i].left) && is_text(got.canonical, cases[i].canonical) &&
                      got.is_resolved == (cases[i].canonical != NULL) &&
                      is_text(got.query, cases[i].rest) &&
                      is_text(got.query_token, cases[i].token) &&
                      got.query_tokens == cases[i].count,
                  "reading %s?%s", cases[i].path ? cases[i].path : "(absent)",
                  cases[i].query ? cases[i].query : "(absent)");
        }
}

/* The worst a path and a query can need: each byte becomes three, each token text two. */
static void room(void)
{
    for (size_t len = 1; len < 400; len += 7)
        EACH_SIDE(side)
        {
            char path[500], query[500];
            avcsec_request_t request = {.path = {path, len}, .query = {query, len}};
            avcsec_policy_t policy = {.asked = AVCSEC_FILE};

            memset(path, '!', sizeof(path));
            path[0] = '/';
            memset(query, 'q', sizeof(query));
            memcpy(query, "avc=", 4);
            if (len > 250)
                memcpy(path + len - 8, "/~avc1~%", 8);
            judge(request, &policy, forge_ring(), NOW, side);
        }
    check(true, "the documented room is enough for what grows most");
}

int main(void)
{
    check_start();
    mac = avcsec_mac_create();
    published();
    table("carriers", carriers, COUNT_OF(carriers));
    table("precedence", precedence, COUNT_OF(precedence));
    table("path tokens", path_tokens, COUNT_OF(path_tokens));
    table("cookies", cookies_of_others, COUNT_OF(cookies_of_others));
    table("checks", checks, COUNT_OF(checks));
    table("order", order, COUNT_OF(order));
    strict_arguments();
    many_arguments();
    encrypted();
    reading();
    room();
    avcsec_mac_destroy(mac);
    return check_end();
}
