/* SPDX-License-Identifier: Apache-2.0
 *
 * Webhooks: the published vector, every way to be wrong, and secrets.
 */
#include "../check.h"

#include "core/token/webhook.h"

/* From the test suite of Standard Webhooks. */
#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define ID "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define TIME "1614265330"
#define BODY "{\"test\": 2432232314}"
#define RIGHT "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
#define WRONG "v1,h0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
#define NEWER                                                                                      \
    "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
#define SENT 1614265330

static bool is_by(const avcsec_webhook_t *hook, const char *body, const char *text, int side)
{
    unsigned char secret[AVCSEC_WEBHOOK_SECRET_MAX];
    size_t len;

    return !avcsec_webhook_read_secret(guarded_text(text, side), secret, &len) &&
           avcsec_webhook_is_by(hook, guarded_text(body, side),
                                (avcsec_slice_t){(const char *)secret, len});
}

static avcsec_webhook_headers_t headers(const char *id, const char *time, const char *signature,
                                        int side)
{
    return (avcsec_webhook_headers_t){guarded_text(id, side), guarded_text(time, side),
                                      guarded_text(signature, side)};
}

static void messages(void)
{
    static const struct {
        const char *label, *id, *time, *signature, *body;
        bool is_read, is_right;
    } table[] = {
        {"the published one", ID, TIME, RIGHT, BODY, true, true},
        {"the right signature second", ID, TIME, WRONG " " RIGHT, BODY, true, true},
        {"the right signature first", ID, TIME, RIGHT " " WRONG, BODY, true, true},
        {"one of another version beside it", ID, TIME, NEWER " " RIGHT, BODY, true, true},
        {"a wrong signature", ID, TIME, WRONG, BODY, true, false},
        {"another body", ID, TIME, RIGHT, BODY " ", true, false},
        {"no body", ID, TIME, RIGHT, "", true, false},
        {"another id", ID "x", TIME, RIGHT, BODY, true, false},
        {"another time", ID, "1614265331", RIGHT, BODY, true, false},
        {"other versions only", ID, TIME, NEWER, BODY, false, false},
        {"v2 instead of v1", ID, TIME, "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", BODY,
         false, false},
        {"unused bits", ID, TIME, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OF=", BODY, false,
         false},
        {"base64url", ID, TIME, "v1,g0hM9SsE-OTPJTGt_tmIKtSyZlE3uFJELVlNIOLJ1OE=", BODY, false,
         false},
        {"no padding", ID, TIME, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE", BODY, false,
         false},
        {"a short signature", ID, TIME, "v1,g0hM", BODY, false, false},
        {"an empty signature", ID, TIME, "v1,", BODY, false, false},
        {"no version", ID, TIME, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", BODY, false,
         false},
        {"two headers of signatures, joined", ID, TIME, WRONG ", " RIGHT, BODY, false, false},
        {"two spaces", ID, TIME, RIGHT "  " RIGHT, BODY, false, false},
        {"no signatures", ID, TIME, "", BODY, false, false},
        {"no header of signatures", ID, TIME, NULL, BODY, false, false},
        {"no id", NULL, TIME, RIGHT, BODY, false, false},
        {"an empty id", "", TIME, RIGHT, BODY, false, false},
        {"two ids, joined", ID ", " ID, TIME, RIGHT, BODY, false, false},
        {"an id with a dot", "msg.1", TIME, RIGHT, BODY, false, false},
        {"an id with a control character", "msg\x01", TIME, RIGHT, BODY, false, false},
        {"an id beyond ASCII", "msg\xc3\xa9", TIME, RIGHT, BODY, false, false},
        {"no time", ID, NULL, RIGHT, BODY, false, false},
        {"two times, joined", ID, TIME ", " TIME, RIGHT, BODY, false, false},
        {"a time with a sign", ID, "+1614265330", RIGHT, BODY, false, false},
        {"a time with a zero in front", ID, "01614265330", RIGHT, BODY, false, false},
        {"milliseconds", ID, "1614265330000", RIGHT, BODY, false, false},
        {"a fraction", ID, "1614265330.0", RIGHT, BODY, false, false},
    };
    const avcsec_webhook_headers_t none = {.id = {NULL, 0}};

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            avcsec_webhook_headers_t sent =
                headers(table[i].id, table[i].time, table[i].signature, side);
            avcsec_webhook_t hook;
            const char *error = avcsec_webhook_read(&sent, &none, SENT, &hook);
            bool is_right = !error && is_by(&hook, table[i].body, SECRET, side);

            check(!error == table[i].is_read && is_right == table[i].is_right,
                  "a webhook with %s%s%s", table[i].label, error ? ": " : "", error ? error : "");
            error = avcsec_webhook_read(&none, &sent, SENT, &hook);
            check(!error == table[i].is_read, "the same in headers of the older name");
        }
}

static void sets(void)
{
    const avcsec_webhook_headers_t none = {.id = {NULL, 0}},
                                   whole = headers(ID, TIME, RIGHT, ENDS_AT_GUARD),
                                   id = headers(ID, NULL, NULL, ENDS_AT_GUARD),
                                   rest = headers(NULL, TIME, RIGHT, ENDS_AT_GUARD);
    avcsec_webhook_t hook;

    check(avcsec_webhook_read(&none, &none, SENT, &hook) != NULL, "no headers at all");
    check(avcsec_webhook_read(&whole, &whole, SENT, &hook) != NULL, "both sets, though alike");
    check(avcsec_webhook_read(&whole, &id, SENT, &hook) != NULL,
          "a header of the other set besides");
    check(avcsec_webhook_read(&id, &rest, SENT, &hook) != NULL, "one set out of two halves");
}

static void times(void)
{
    static const struct {
        int64_t ago;
        bool is_read;
    } table[] = {{0, true},    {300, true},   {-300, true},
                 {301, false}, {-301, false}, {1 << 30, false}};
    const avcsec_webhook_headers_t none = {.id = {NULL, 0}},
                                   sent = headers(ID, TIME, RIGHT, ENDS_AT_GUARD);

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        avcsec_webhook_t hook;

        check(!avcsec_webhook_read(&sent, &none, SENT + table[i].ago, &hook) == table[i].is_read,
              "sent %ld seconds ago", (long)table[i].ago);
    }
}

static void secrets(void)
{
    static const struct {
        const char *label, *text;
        size_t len; /* 0: refused */
    } table[] = {
        {"24 bytes", SECRET, 24},
        {"32 bytes, padded", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", 32},
        {"32 bytes, not padded", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", 32},
        {"64 bytes",
         "whsec_"
         "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+"
         "Pw==",
         64},
        {"23 bytes", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRY=", 0},
        {"65 bytes",
         "whsec_"
         "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+"
         "P0A=",
         0},
        {"too much padding", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8==", 0},
        {"padding alone", "whsec_====", 0},
        {"base64url", "whsec_-_-_AwQFBgcICQoLDA0ODxAREhMUFRYX", 0},
        {"no mark", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 0},
        {"the mark alone", "whsec_", 0},
        {"an asymmetric one",
         "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dR", 0},
        {"nothing", "", 0},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            unsigned char secret[AVCSEC_WEBHOOK_SECRET_MAX];
            size_t len = 0;
            const char *error =
                avcsec_webhook_read_secret(guarded_text(table[i].text, side), secret, &len);

            check(!error == (table[i].len > 0) && (error || len == table[i].len),
                  "a secret with %s", table[i].label);
        }
}

int main(void)
{
    check_start();
    messages();
    sets();
    times();
    secrets();
    return check_end();
}
