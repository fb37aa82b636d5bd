/* SPDX-License-Identifier: Apache-2.0
 *
 * What a server issues from an administrator's expressions. Lines of the input: life, uses,
 * the client's address ("-" for none), then sub, role, app, act and room, each with a
 * letter in front that says it is there. Whatever is written is a token that reads back as
 * it was granted, and grants no more.
 */
#include "fuzz.h"

#include "core/session/admission.h"
#include "core/text/b64url.h"
#include "core/token/grant.h"
#include "core/token/signed_text.h"

#define NOW INT64_C(1767225600)

static avcsec_grant_t read_grant(avcsec_slice_t *rest)
{
    avcsec_grant_t grant = {.life = 1, .max = 0};
    avcsec_slice_t line = fuzz_line(rest);

    avcsec_slice_to_number(line, 86400, &grant.life);
    avcsec_slice_to_number(fuzz_line(rest), 1000000, &grant.max);
    grant.has_client = avcsec_address_parse(fuzz_line(rest), &grant.client);
    for (int i = 0; i < AVCSEC_GRANT_VALUES; i++) {
        line = fuzz_line(rest);
        if (line.len)
            grant.values[i] = fuzz_copy((avcsec_slice_t){line.p + 1, line.len - 1});
    }
    return grant;
}

/* A claim of text decodes to what was given; an empty value is no claim. */
static void promise_text(avcsec_slice_t claim, avcsec_slice_t given)
{
    unsigned char *text = fuzz_room(AVCSEC_B64URL_BYTES(claim.len) + 1);
    size_t len = 0;

    PROMISE(!claim.p == !given.len);
    PROMISE(!claim.p || avcsec_b64url_decode(claim, text, &len));
    PROMISE(len == given.len && (!len || !memcmp(text, given.p, len)));
    free(text);
}

/* Who gets the token may do what the grant says, and no other act. */
static void promise_acts(const avcsec_token_t *token, const avcsec_grant_t *grant)
{
    static const avcsec_slice_t acts[] = {
        {"connect", 7}, {"play", 4}, {"publish", 7}, {"upload", 6}};

    for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
        const avcsec_wish_t wish = {.act = acts[i],
                                    .app = grant->values[AVCSEC_GRANT_APP],
                                    .room = grant->values[AVCSEC_GRANT_ROOM],
                                    .is_admin_address = true};

        PROMISE((avcsec_admission_allows(token, &wish) == AVCSEC_ALLOWED) ==
                avcsec_grant_allows(grant, acts[i]));
    }
}

static void promise_same(const avcsec_token_t *token, const avcsec_grant_t *grant)
{
    const avcsec_slice_t *values = grant->values;
    bool is_ip4 = avcsec_address_is_ip4(&grant->client);

    PROMISE(token->purpose == AVCSEC_SESSION && token->iat == NOW);
    PROMISE(token->exp == NOW + grant->life && token->max == grant->max);
    promise_text(token->sub, values[AVCSEC_GRANT_SUB]);
    promise_text(token->room, values[AVCSEC_GRANT_ROOM]);
    PROMISE(avcsec_slice_equals(token->role, values[AVCSEC_GRANT_ROLE]));
    PROMISE(avcsec_slice_equals(token->app, values[AVCSEC_GRANT_APP]));
    PROMISE(token->has_ip4 == (grant->has_client && is_ip4));
    PROMISE(token->has_ip6 == (grant->has_client && !is_ip4));
    if (grant->has_client)
        PROMISE(avcsec_peer_contains(is_ip4 ? &token->ip4 : &token->ip6, &grant->client));
    promise_acts(token, grant);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    avcsec_slice_t rest = {(const char *)data, size};
    avcsec_grant_t grant = read_grant(&rest);
    char *text = fuzz_room(AVCSEC_TOKEN_MAX);
    const avcsec_signed_target_t anywhere = {{0}, {0}};
    const avcsec_mac_key_t key = {{1}};
    avcsec_mac_t *mac = avcsec_mac_create();
    avcsec_token_t token;
    size_t len = 0;

    PROMISE(avcsec_grant_equals(&grant, &grant));
    if (mac &&
        !avcsec_grant_write(&grant, AVCSEC_LITERAL("k1"), AVCSEC_LITERAL("0123456789abcdef"), NOW,
                            text, &len) &&
        len + 48 <= AVCSEC_TOKEN_MAX) {
        PROMISE(!avcsec_token_sign(text, &len, &anywhere, &key, mac, &token));
        promise_same(&token, &grant);
        fuzz_accepted++;
    }
    avcsec_mac_destroy(mac);
    for (int i = 0; i < AVCSEC_GRANT_VALUES; i++)
        fuzz_free(grant.values[i]);
    free(text);
    return 0;
}
