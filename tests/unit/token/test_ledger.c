/* SPDX-License-Identifier: Apache-2.0
 *
 * The ledger: which words Redis gets for which question, and what answers mean.
 */
#include "../check.h"

#include "core/token/ledger.h"

#define NOW 1767225600
#define CHECK(is_right) check(is_right, "%s, line %d", __func__, __LINE__)

static const avcsec_slice_t digest = {"d1", 2}, run_id = {"r1", 2};
static avcsec_ledger_command_t command;
static avcsec_mac_t *macs;

static bool word_is(size_t place, const char *text)
{
    return place < command.count &&
           avcsec_slice_equals(command.words[place], avcsec_slice_of(text));
}

static bool word_starts(size_t place, const char *text)
{
    return place < command.count &&
           avcsec_slice_has_prefix(command.words[place], avcsec_slice_of(text));
}

static bool ask(avcsec_ledger_wish_t wish, const avcsec_token_t *token,
                const avcsec_address_t *client)
{
    const avcsec_ledger_question_t question = {wish, token, client, "site", 600, NOW};

    return avcsec_ledger_ask(&question, digest, run_id, macs, &command);
}

static const avcsec_token_t token = {.purpose = AVCSEC_FILE,
                                     .kid = {"k1", 2},
                                     .id = {"abcdefghijklmnop", 16},
                                     .sub = {"QWxpY2U", 7},
                                     .exp = NOW + 60,
                                     .iat = NOW - 5,
                                     .max = 3};

static void all_that_may_be_known_of_a_token_is_asked(void)
{
    avcsec_address_t client;

    CHECK(avcsec_address_parse(AVCSEC_LITERAL("192.0.2.7"), &client));
    CHECK(ask(AVCSEC_LEDGER_SPEND, &token, &client));
    CHECK(word_is(0, "EVALSHA") && word_is(1, "d1") && word_is(2, "7"));
    CHECK(word_is(3, "avcsec:born:2") && word_starts(4, "avcsec:uses:") &&
          word_starts(5, "avcsec:use:"));
    CHECK(word_is(6, "avcsec:revoked:all") && word_is(7, "avcsec:revoked:kid:k1") &&
          word_is(8, "avcsec:revoked:id:abcdefghijklmnop") &&
          word_is(9, "avcsec:revoked:sub:QWxpY2U"));
    CHECK(word_is(10, "spend") && word_is(11, "r1") && word_is(12, "1767225600") &&
          word_is(13, "1767225595") && word_is(14, "3") && word_is(15, "3660") &&
          word_is(16, "602") && command.count == 17);
}

static void without_a_client_each_use_is_one_of_its_own(void)
{
    const avcsec_token_t bare = {.purpose = AVCSEC_CALL, .kid = AVCSEC_LITERAL("k1")};

    CHECK(ask(AVCSEC_LEDGER_PASS, &bare, NULL));
    CHECK(word_is(2, "5") && avcsec_slice_equals(command.words[4], command.words[5]));
    CHECK(word_is(8, "pass") && word_is(11, "0") && word_is(12, "0") && word_is(13, "3600"));
}

static void names_differ_by_all_that_a_count_belongs_to(void)
{
    avcsec_token_t other[] = {token, token, token, token};
    char first[128];
    size_t len;

    CHECK(ask(AVCSEC_LEDGER_SPEND, &token, NULL));
    len = command.words[4].len;
    memcpy(first, command.words[4].p, len);
    other[0].kid = AVCSEC_LITERAL("k2");
    other[1].id = AVCSEC_LITERAL("abcdefghijklmnoq");
    other[2].purpose = AVCSEC_UPLOAD;
    other[3].key_print[15] = 1; /* another key that is called alike */
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        CHECK(ask(AVCSEC_LEDGER_SPEND, &other[i], NULL));
        CHECK(!avcsec_slice_equals(command.words[4], (avcsec_slice_t){first, len}));
    }
    CHECK(ask(AVCSEC_LEDGER_SPEND, &token, NULL));
    CHECK(avcsec_slice_equals(command.words[4], (avcsec_slice_t){first, len}));
}

static void the_longest_claims_fit(void)
{
    static char text[400];
    avcsec_token_t longest = token;

    memset(text, 'a', sizeof(text));
    longest.sub = (avcsec_slice_t){text, 256};
    longest.id = (avcsec_slice_t){text, 64};
    longest.exp = longest.iat = longest.max = INT64_MAX;
    CHECK(ask(AVCSEC_LEDGER_SPEND, &longest, NULL));
    CHECK(command.count == 17 && word_is(2, "7") && word_is(14, "9223372036854775807"));
    longest.sub.len = sizeof(text); /* of a JWT: nobody can take it back by that */
    CHECK(ask(AVCSEC_LEDGER_SPEND, &longest, NULL));
    CHECK(command.count == 16 && word_is(2, "6"));
}

static void only_the_scripts_own_answers_are_answers(void)
{
    CHECK(avcsec_ledger_read(AVCSEC_LITERAL("ok")) == AVCSEC_ALLOWED);
    CHECK(avcsec_ledger_read(AVCSEC_LITERAL("used-up")) == AVCSEC_USED_UP);
    CHECK(avcsec_ledger_read(AVCSEC_LITERAL("revoked")) == AVCSEC_REVOKED);
    CHECK(avcsec_ledger_read(AVCSEC_LITERAL("OK")) == AVCSEC_UNDECIDED);
    CHECK(avcsec_ledger_read(AVCSEC_LITERAL("")) == AVCSEC_UNDECIDED);
}

static void taking_back_names_what_and_for_how_long(void)
{
    avcsec_revocation_t entry = {
        .kind = AVCSEC_REVOKE_KID, .value = "k1", .len = 2, .until = NOW + 100};

    avcsec_ledger_revoke(&entry, NOW, &command);
    CHECK(word_is(0, "EVAL") && word_is(1, avcsec_ledger_revoking_script) && word_is(2, "1") &&
          word_is(3, "avcsec:revoked:kid:k1") && word_is(4, "0") && word_is(5, "100"));
    entry = (avcsec_revocation_t){.kind = AVCSEC_REVOKE_ALL, .before = 77, .until = NOW};
    avcsec_ledger_revoke(&entry, NOW, &command);
    CHECK(word_is(3, "avcsec:revoked:all") && word_is(4, "77") && word_is(5, "1"));
}

int main(void)
{
    check_start();
    macs = avcsec_mac_create();
    all_that_may_be_known_of_a_token_is_asked();
    without_a_client_each_use_is_one_of_its_own();
    names_differ_by_all_that_a_count_belongs_to();
    the_longest_claims_fit();
    only_the_scripts_own_answers_are_answers();
    taking_back_names_what_and_for_how_long();
    avcsec_mac_destroy(macs);
    return check_end();
}
