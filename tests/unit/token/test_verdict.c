/* SPDX-License-Identifier: Apache-2.0
 *
 * Verdicts: the table of reasons is whole, its numbers and words are unique, and
 * what nobody decided is refused.
 */
#include "../check.h"

#include "core/token/verdict.h"

static void every_reason(void)
{
    bool seen[10000] = {false};

    for (int v = AVCSEC_UNDECIDED + 1; v < AVCSEC_ALLOWED; v++) {
        avcsec_verdict_t verdict = (avcsec_verdict_t)v;
        int number = avcsec_verdict_number(verdict), status = avcsec_verdict_status(verdict);
        const char *word = avcsec_verdict_word(verdict);
        bool is_unique = number > 0 && number < 10000 && !seen[number];

        for (int other = AVCSEC_UNDECIDED + 1; other < v; other++)
            is_unique =
                is_unique && strcmp(word, avcsec_verdict_word((avcsec_verdict_t)other)) != 0;
        seen[is_unique ? number : 0] = true;
        check(is_unique, "reason %s: its number and its word are its own", word);
        check(status >= 400 && status < 600, "reason %s: refuses", word);
        check(strlen(avcsec_verdict_sentence(verdict)) > 20, "reason %s: says what to do", word);
    }
}

static void statuses(void)
{
    check(avcsec_verdict_status(AVCSEC_EXPIRED) == 410, "expired is 410");
    check(avcsec_verdict_status(AVCSEC_NO_TOKEN) == 403, "no-token is 403");
    check(avcsec_verdict_status(AVCSEC_SIGNATURE) == 403, "signature is 403");
    check(avcsec_verdict_status(AVCSEC_NOT_FOUND) == 404, "not-found is 404");
    check(avcsec_verdict_status(AVCSEC_ALLOWED) == 200 &&
              avcsec_verdict_number(AVCSEC_ALLOWED) == 0 &&
              strcmp(avcsec_verdict_word(AVCSEC_ALLOWED), "ok") == 0,
          "allowed is 200, ok and has no number");
}

static void undecided(void)
{
    avcsec_verdict_t zero = {0};

    check(zero == AVCSEC_UNDECIDED && zero != AVCSEC_ALLOWED, "zero is not allowed");
    check(avcsec_verdict_status(zero) == 403 && strcmp(avcsec_verdict_word(zero), "malformed") == 0,
          "what nobody decided is refused as malformed");
    check(avcsec_verdict_status(AVCSEC_VERDICTS) == 403 &&
              avcsec_verdict_status((avcsec_verdict_t)1000) == 403,
          "what is no verdict is refused");
}

/* SPEC lists the checks in this order; each has its word. */
static void order(void)
{
    static const char *const words[] = {
        "no-token",      "malformed", "purpose", "unknown-key", "signature", "argument", "expired",
        "not-yet-valid", "revoked",   "address", "origin",      "method",    "used-up"};

    for (size_t i = 0; i < COUNT_OF(words); i++)
        check(strcmp(avcsec_verdict_word((avcsec_verdict_t)(AVCSEC_NO_TOKEN + (int)i)), words[i]) ==
                  0,
              "check %zu is %s", i + 1, words[i]);
}

int main(void)
{
    check_start();
    every_reason();
    statuses();
    undecided();
    order();
    return check_end();
}
