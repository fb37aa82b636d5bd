/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys: every line that a key file may and may not have, who signs when, page keys
 * there and back, and that no complaint holds a secret.
 */
#include "../vectors.h"

#include "core/text/utc.h"
#include "core/token/key_text.h"

#define S32 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define S64 S32 "gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0-Pw"
#define X32 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define WHSEC "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define PASSWORD "not-a-secret-for-signing"

static avcsec_keyring_t ring;

/* ---- lines ---- */

static void accepted(void)
{
    static const struct {
        const char *label, *text;
        size_t count;
    } table[] = {
        {"one key", "k1 hs256 " S32 "\n", 1},
        {"a secret of 64 bytes",
         "k1 hs256 "
         "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0-Pw\n",
         1},
        {"a comment, an empty line, spaces", "# text\n\n \t\n  k1\t hs256  " S32 " \t\n", 1},
        {"a comment behind a key", "k1 hs256 " S32 " # why\n", 1},
        {"a comment that holds a key", "#k1 hs256 " S32 "\nk2 hs256 " S32 "\n", 1},
        {"the longest kid", "A-Z_a-z_0123456- hs256 " S32 "\n", 1},
        {"options in any order",
         "k1 hs256 " S32 " until=2031-01-01T00:00:00Z for=file,call from=2030-01-01T00:00:00Z\n",
         1},
        {"every kind",
         "a hs256 " S32 "\nb password " PASSWORD
         "\nc ed25519 file:/etc/x.pem\nd es256 file:y.pem\ne webhook " WHSEC "\n",
         5},
        {"a webhook with an end", "k1 webhook " WHSEC " until=2031-01-01T00:00:00Z\n", 1},
        {"the shortest password", "k1 password 01234567890123456789\n", 1},
        {"the longest password", "k1 password " X32 X32 X32 X32 "\n", 1},
        {"the longest path",
         "k1 es256 file:" X32 X32 X32 X32 X32 X32 X32 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n", 1},
        {"every character of a password", "k1 password ABCxyz019-._~ABCxyz0\n", 1},
        {"kids that differ by case", "k1 hs256 " S32 "\nK1 hs256 " S32 "\n", 2},
        {"a kid that starts another", "k hs256 " S32 "\nk1 hs256 " S32 "\n", 2},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            size_t line = 99;
            const char *error = avcsec_keyring_parse(guarded_text(table[i].text, side),
                                                     AVCSEC_LITERAL(""), &ring, &line);

            check(!error && ring.count == table[i].count && line == 0, "a key file with %s%s%s",
                  table[i].label, error ? ": " : "", error ? error : "");
        }
}

static void refused(void)
{
    static const struct {
        const char *label, *text;
        size_t line;
    } table[] = {
        {"nothing", "", 0},
        {"an empty line only", "\n", 0},
        {"a comment only", "# k1 hs256 " S32 "\n", 0},
        {"no final newline", "k1 hs256 " S32, 0},
        {"a comment without final newline", "k1 hs256 " S32 "\n# cut", 0},
        {"a kid alone", "k1\n", 1},
        {"no secret", "k1 hs256\n", 1},
        {"a comment instead of a secret", "k1 hs256 # " S32 "\n", 1},
        {"an unknown kind", "k1 hs512 " S32 "\n", 1},
        {"no kind", "k1 " S32 "\n", 1},
        {"an upper-case kind", "k1 HS256 " S32 "\n", 1},
        {"kind none", "k1 none " S32 "\n", 1},
        {"a webhook without its mark", "k1 webhook MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", 1},
        {"a webhook that is for something", "k1 webhook " WHSEC " for=call\n", 1},
        {"a kid of 17", "k1234567890123456 hs256 " S32 "\n", 1},
        {"a kid with a dot", "k.1 hs256 " S32 "\n", 1},
        {"a kid with a tilde", "k~1 hs256 " S32 "\n", 1},
        {"a kid beyond ASCII", "k\xc3\xa9 hs256 " S32 "\n", 1},
        {"a secret of 31 bytes", "k1 hs256 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg\n", 1},
        {"a secret of 65 bytes",
         "k1 hs256 "
         "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0-"
         "P0A\n",
         1},
        {"a very long secret", "k1 hs256 " S64 S64 S64 S64 "\n", 1},
        {"a padded secret", "k1 hs256 " S32 "=\n", 1},
        {"a secret with unused bits", "k1 hs256 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9\n", 1},
        {"a secret in base64", "k1 hs256 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd+/8\n", 1},
        {"a secret in hexadecimal with a colon", "k1 hs256 00:01\n", 1},
        {"a comment right behind the secret", "k1 hs256 " S32 "#why\n", 1},
        {"lines that end with a carriage return", "k1 hs256 " S32 "\r\n", 1},
        {"a byte order mark", "\xef\xbb\xbfk1 hs256 " S32 "\n", 1},
        {"a kid twice", "k1 hs256 " S32 "\nk2 hs256 " S32 "\nk1 password " PASSWORD "\n", 3},
        {"a bad line behind good ones", "k1 hs256 " S32 "\n# x\n\nk2 hs256 short\n", 4},
        {"a word too many", "k1 hs256 " S32 " x\n", 1},
        {"an unknown option", "k1 hs256 " S32 " realm=a\n", 1},
        {"an option without a value", "k1 hs256 " S32 " for\n", 1},
        {"an empty list of purposes", "k1 hs256 " S32 " for=\n", 1},
        {"an unknown purpose", "k1 hs256 " S32 " for=file,admin\n", 1},
        {"an empty purpose", "k1 hs256 " S32 " for=file,\n", 1},
        {"a purpose twice", "k1 hs256 " S32 " for=file,file\n", 1},
        {"an option twice", "k1 hs256 " S32 " for=file for=call\n", 1},
        {"purposes of a password", "k1 password " PASSWORD " for=file\n", 1},
        {"purposes of a key pair", "k1 ed25519 file:x for=file\n", 1},
        {"a time without zone", "k1 hs256 " S32 " until=2030-01-01T00:00:00\n", 1},
        {"a time with an offset", "k1 hs256 " S32 " until=2030-01-01T00:00:00+00:00\n", 1},
        {"a day that is none", "k1 hs256 " S32 " until=2030-02-29T00:00:00Z\n", 1},
        {"seconds", "k1 hs256 " S32 " until=1893456000\n", 1},
        {"an end at the beginning of time, which would be no end",
         "k1 hs256 " S32 " until=1970-01-01T00:00:00Z\n", 1},
        {"an end before its start",
         "k1 hs256 " S32 " from=2031-01-01T00:00:00Z until=2030-01-01T00:00:00Z\n", 1},
        {"an end at its start",
         "k1 hs256 " S32 " from=2030-01-01T00:00:00Z until=2030-01-01T00:00:00Z\n", 1},
        {"a password of 19", "k1 password 0123456789012345678\n", 1},
        {"a password of 129", "k1 password " X32 X32 X32 X32 "x\n", 1},
        {"a path of 256", "k1 es256 file:" X32 X32 X32 X32 X32 X32 X32 X32 "\n", 1},
        {"a password with a slash", "k1 password 0123456789/0123456789\n", 1},
        {"a key pair without file:", "k1 ed25519 /etc/x.pem\n", 1},
        {"a key pair without a path", "k1 es256 file:\n", 1},
        {"a control character in a path", "k1 es256 file:/etc/\x01.pem\n", 1},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            size_t line = 99;
            const char *error;

            check_begins(table[i].label);
            error = avcsec_keyring_parse(guarded_text(table[i].text, side), AVCSEC_LITERAL(""),
                                         &ring, &line);
            check(error && ring.count == 0 && line == table[i].line && !strstr(error, "AAECAw") &&
                      !strstr(error, PASSWORD),
                  "a key file is refused with %s", table[i].label);
        }
}

static void nul_bytes(void)
{
    static const char *const lines[] = {"k\0 hs256 " S32 "\n", "k1 es256 file:a\0b\n",
                                        "k1 password 01234567890123456789\0\n"};
    static const size_t lens[] = {9 + 43 + 1, 18, 34};

    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        size_t line;

        check(avcsec_keyring_parse(guarded((avcsec_slice_t){lines[i], lens[i]}, ENDS_AT_GUARD),
                                   AVCSEC_LITERAL(""), &ring, &line) != NULL,
              "a key file is refused with NUL, case %zu", i);
    }
}

/* The largest file, and the most keys it can hold. */
static void full(void)
{
    static char text[AVCSEC_KEY_FILE_MAX + 1];
    size_t len = 0, line;

    for (int k = 0; k < 1600; k++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%d password " PASSWORD "\n", k);
    memset(text + len, '\n', sizeof(text) - len);
    check(!avcsec_keyring_parse(guarded((avcsec_slice_t){text, len}, ENDS_AT_GUARD),
                                AVCSEC_LITERAL(""), &ring, &line) &&
              ring.count == 1600,
          "1600 keys in a file of nearly 64 KiB");
    check(!avcsec_keyring_parse((avcsec_slice_t){text, AVCSEC_KEY_FILE_MAX}, AVCSEC_LITERAL(""),
                                &ring, &line),
          "a key file of exactly 64 KiB");
    check(avcsec_keyring_parse((avcsec_slice_t){text, sizeof(text)}, AVCSEC_LITERAL(""), &ring,
                               &line) != NULL,
          "a key file of 64 KiB and a byte is refused");
    len = 0;
    for (int k = 0; k < 3000 && len < AVCSEC_KEY_FILE_MAX - 32; k++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%d es256 file:x\n", k);
    check(avcsec_keyring_parse((avcsec_slice_t){text, len}, AVCSEC_LITERAL(""), &ring, &line) !=
                  NULL &&
              ring.count == 0,
          "more keys than a ring holds are refused");
}

/* ---- who signs, who verifies ---- */

static int64_t at(const char *time)
{
    int64_t seconds = -1;

    avcsec_utc_parse(avcsec_slice_of(time), &seconds);
    return seconds;
}

static void signers(void)
{
    static const char text[] =
        "always hs256 " S32 "\n"
        "second hs256 " S32 "\n"
        "upload hs256 " S32 " for=upload from=2029-01-01T00:00:00Z\n"
        "spring hs256 " S32 " from=2030-03-01T00:00:00Z until=2030-06-01T00:00:00Z\n"
        "april hs256 " S32 " from=2030-04-01T00:00:00Z until=2030-05-01T00:00:00Z\n"
        "twin hs256 " S32 " from=2030-04-01T00:00:00Z\n"
        "word password " PASSWORD " from=2030-04-02T00:00:00Z\n";
    static const struct {
        const char *time;
        avcsec_purpose_t purpose;
        const char *kid, *want;
    } table[] = {
        {"2028-01-01T00:00:00Z", AVCSEC_FILE, NULL, "always"},
        {"2028-12-31T23:59:59Z", AVCSEC_UPLOAD, NULL, "always"},
        {"2029-01-01T00:00:00Z", AVCSEC_UPLOAD, NULL, "upload"},
        {"2029-01-01T00:00:00Z", AVCSEC_FILE, NULL, "always"},
        {"2030-02-28T23:59:59Z", AVCSEC_FILE, NULL, "always"},
        {"2030-03-01T00:00:00Z", AVCSEC_FILE, NULL, "spring"},
        {"2030-03-31T23:59:59Z", AVCSEC_FILE, NULL, "spring"},
        {"2030-04-01T00:00:00Z", AVCSEC_FILE, NULL, "april"},
        {"2030-04-30T23:59:59Z", AVCSEC_FILE, NULL, "april"},
        {"2030-05-01T00:00:00Z", AVCSEC_FILE, NULL, "twin"},
        {"2030-07-01T00:00:00Z", AVCSEC_UPLOAD, NULL, "twin"},
        {"2030-04-01T00:00:00Z", AVCSEC_FILE, "second", "second"},
        {"2030-06-01T00:00:00Z", AVCSEC_FILE, "spring", NULL},
        {"2030-02-01T00:00:00Z", AVCSEC_FILE, "spring", NULL},
        {"2030-04-01T00:00:00Z", AVCSEC_FILE, "upload", NULL},
        {"2030-05-01T00:00:00Z", AVCSEC_FILE, "word", NULL},
        {"2030-05-01T00:00:00Z", AVCSEC_FILE, "nobody", NULL},
        {"2030-05-01T00:00:00Z", AVCSEC_NO_PURPOSE, NULL, NULL},
    };
    size_t line;

    check(!avcsec_keyring_parse(avcsec_slice_of(text), AVCSEC_LITERAL(""), &ring, &line),
          "a key file for rotation");
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        const avcsec_key_t *key = avcsec_keyring_signer(
            &ring, table[i].purpose, avcsec_slice_of(table[i].kid), at(table[i].time));

        check(table[i].want ? key && strcmp(key->kid, table[i].want) == 0 : !key,
              "at %s key %s signs%s%s", table[i].time, table[i].want ? table[i].want : "nobody",
              table[i].kid ? ", asked for " : "", table[i].kid ? table[i].kid : "");
    }
}

static void verifiers(void)
{
    const avcsec_key_t *spring = avcsec_keyring_find(&ring, AVCSEC_LITERAL("spring")),
                       *upload = avcsec_keyring_find(&ring, AVCSEC_LITERAL("upload")),
                       *word = avcsec_keyring_find(&ring, AVCSEC_LITERAL("word"));

    check(spring && upload && word, "keys are found by their id");
    check(!avcsec_keyring_find(&ring, AVCSEC_LITERAL("sprin")) &&
              !avcsec_keyring_find(&ring, AVCSEC_LITERAL("springs")) &&
              !avcsec_keyring_find(&ring, AVCSEC_LITERAL("Spring")) &&
              !avcsec_keyring_find(&ring, AVCSEC_LITERAL("")) &&
              !avcsec_keyring_find(&ring, (avcsec_slice_t){0}) &&
              !avcsec_keyring_find(&ring, AVCSEC_LITERAL("spring\0")) &&
              !avcsec_keyring_find(&ring, AVCSEC_LITERAL("spring-and-more-than-a-kid-may-have")),
          "nothing else is found");
    check(avcsec_key_verifies(spring, AVCSEC_FILE, 0), "a key verifies before its from");
    check(avcsec_key_verifies(spring, AVCSEC_FILE, at("2030-05-31T23:59:59Z")) &&
              !avcsec_key_verifies(spring, AVCSEC_FILE, at("2030-06-01T00:00:00Z")),
          "it verifies until the second of its until");
    check(avcsec_key_is_for(upload, AVCSEC_UPLOAD) && !avcsec_key_is_for(upload, AVCSEC_FILE) &&
              !avcsec_key_is_for(upload, AVCSEC_NO_PURPOSE) &&
              !avcsec_key_is_for(upload, AVCSEC_PURPOSES),
          "for= limits what it is for");
    check(!avcsec_key_is_for(word, AVCSEC_FILE) && !avcsec_key_is_for(word, AVCSEC_CALL),
          "a password is for no purpose");
}

static void passwords(void)
{
    static const char text[] = "a password " PASSWORD " until=2030-01-01T00:00:00Z\n"
                               "b hs256 " S32 "\n";
    size_t line;

    check(!avcsec_keyring_parse(avcsec_slice_of(text), AVCSEC_LITERAL(""), &ring, &line),
          "a key file with a password");
    EACH_SIDE(side)
    {
        avcsec_slice_t right = guarded_text(PASSWORD, side);
        int64_t end = at("2030-01-01T00:00:00Z");

        check(avcsec_key_is_password(&ring.keys[0], right, end - 1), "the password");
        check(!avcsec_key_is_password(&ring.keys[0], right, end), "not when it has ended");
        check(!avcsec_key_is_password(&ring.keys[0], guarded_text(PASSWORD "x", side), 0) &&
                  !avcsec_key_is_password(&ring.keys[0], (avcsec_slice_t){right.p, right.len - 1},
                                          0) &&
                  !avcsec_key_is_password(&ring.keys[0],
                                          guarded_text("Not-a-secret-for-signing", side), 0) &&
                  !avcsec_key_is_password(&ring.keys[0], (avcsec_slice_t){0}, 0) &&
                  !avcsec_key_is_password(&ring.keys[0], guarded_text("", side), 0),
              "nothing else");
        check(!avcsec_key_is_password(&ring.keys[1], guarded_text(S32, side), 0),
              "a secret is no password");
    }
}

/* ---- page keys ---- */

static void published_page_keys(void)
{
    vectors_t vectors = vectors_open("page-keys");

    while (vectors_next(&vectors)) {
        char *out = guarded_room(AVCSEC_PAGE_KEY_MAX, ENDS_AT_GUARD);
        avcsec_purpose_t purpose = avcsec_purpose_of(avcsec_slice_of(vectors.field[2]));
        const avcsec_key_t *key;
        avcsec_key_t copy;
        size_t line, len;
        bool is_right;

        is_right = !avcsec_keyring_parse(avcsec_slice_of(vectors.field[0]),
                                         avcsec_slice_of(vectors.field[3]), &ring, &line) &&
                   (key = avcsec_keyring_find(&ring, avcsec_slice_of(vectors.field[1])));
        if (is_right) {
            copy = *key;
            len = avcsec_key_to_page_key(&copy, purpose, out);
            is_right = strcmp(out, vectors.field[4]) == 0 && len == strlen(out) &&
                       !avcsec_keyring_parse_page_key((avcsec_slice_t){out, len}, &ring) &&
                       ring.count == 1 && strcmp(ring.keys[0].kid, copy.kid) == 0 &&
                       ring.keys[0].until == copy.until &&
                       memcmp(&ring.keys[0].u.derived[purpose], &copy.u.derived[purpose],
                              sizeof(avcsec_mac_key_t)) == 0;
            for (int p = AVCSEC_FILE; is_right && p < AVCSEC_PURPOSES; p++)
                is_right = avcsec_key_is_for(&ring.keys[0], (avcsec_purpose_t)p) ==
                           ((avcsec_purpose_t)p == purpose);
        }
        check(is_right, "published page key of %s for %s in realm '%s', there and back",
              vectors.field[1], vectors.field[2], vectors.field[3]);
    }
    vectors_close(&vectors, 17);
}

static void longest_page_key(void)
{
    static const char text[] = "0123456789abcdef hs256 " S32 " until=9999-12-31T23:59:59Z\n";
    size_t line;

    check(!avcsec_keyring_parse(avcsec_slice_of(text), AVCSEC_LITERAL(""), &ring, &line),
          "a key that ends in the year 9999");
    EACH_SIDE(side)
    {
        static avcsec_keyring_t other;
        char *out = guarded_room(AVCSEC_PAGE_KEY_MAX, side);
        size_t len = avcsec_key_to_page_key(&ring.keys[0], AVCSEC_SESSION, out);

        check(!avcsec_keyring_parse_page_key((avcsec_slice_t){out, len}, &other),
              "its page key can be read again");
        check(!avcsec_key_verifies(&other.keys[0], AVCSEC_SESSION, 100000000000),
              "it ends when times that are no milliseconds end");
    }
}

static void refused_page_keys(void)
{
    static const struct {
        const char *label, *text;
    } table[] = {
        {"empty", ""},
        {"another mark", "avck2~k1~file~" S32},
        {"upper-case mark", "AVCK1~k1~file~" S32},
        {"the mark alone", "avck1"},
        {"no kid", "avck1~"},
        {"an empty kid", "avck1~~file~" S32},
        {"a long kid", "avck1~k1234567890123456~file~" S32},
        {"a kid with a dot", "avck1~k.1~file~" S32},
        {"no purpose", "avck1~k1"},
        {"an unknown purpose", "avck1~k1~admin~" S32},
        {"an empty purpose", "avck1~k1~~" S32},
        {"no bytes", "avck1~k1~file"},
        {"short bytes", "avck1~k1~file~AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg"},
        {"long bytes", "avck1~k1~file~" S32 "gA"},
        {"unused bits", "avck1~k1~file~AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9"},
        {"an empty end", "avck1~k1~file~" S32 "~"},
        {"an end of zero", "avck1~k1~file~" S32 "~0"},
        {"an end with a leading zero", "avck1~k1~file~" S32 "~01893450600"},
        {"an end in milliseconds", "avck1~k1~file~" S32 "~1893450600000"},
        {"an end as text", "avck1~k1~file~" S32 "~2030-01-01T00:00:00Z"},
        {"a word too many", "avck1~k1~file~" S32 "~1893450600~x"},
        {"a space in front", " avck1~k1~file~" S32},
        {"a newline at the end", "avck1~k1~file~" S32 "\n"},
        {"a key file's line", "k1 hs256 " S32},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            const char *error =
                avcsec_keyring_parse_page_key(guarded_text(table[i].text, side), &ring);

            check(error && ring.count == 0 && !strstr(error, "AAECAw"), "a page key is refused: %s",
                  table[i].label);
        }
    check(avcsec_keyring_parse_page_key((avcsec_slice_t){0}, &ring) != NULL,
          "a page key is refused: absent");
}

/* ---- words ---- */

static void words(void)
{
    static const char *const purposes[] = {"", "file", "upload", "call", "session"};
    char long_realm[65];

    for (int p = AVCSEC_FILE; p < AVCSEC_PURPOSES; p++)
        check(avcsec_purpose_of(avcsec_slice_of(purposes[p])) == (avcsec_purpose_t)p &&
                  is_text(avcsec_purpose_word((avcsec_purpose_t)p), purposes[p]),
              "purpose %s", purposes[p]);
    check(!avcsec_purpose_of(AVCSEC_LITERAL("")) && !avcsec_purpose_of((avcsec_slice_t){0}) &&
              !avcsec_purpose_of(AVCSEC_LITERAL("File")) &&
              !avcsec_purpose_of(AVCSEC_LITERAL("files")),
          "no other purpose");
    check(is_text(avcsec_purpose_word(AVCSEC_NO_PURPOSE), "") &&
              is_text(avcsec_purpose_word(AVCSEC_PURPOSES), "") &&
              is_text(avcsec_purpose_word((avcsec_purpose_t)77), ""),
          "no purpose has no word");
    memset(long_realm, 'r', sizeof(long_realm));
    check(avcsec_realm_is_valid(AVCSEC_LITERAL("Site-a.1_x")) &&
              avcsec_realm_is_valid((avcsec_slice_t){long_realm, 64}) &&
              !avcsec_realm_is_valid((avcsec_slice_t){long_realm, 65}) &&
              !avcsec_realm_is_valid(AVCSEC_LITERAL("")) &&
              !avcsec_realm_is_valid(AVCSEC_LITERAL("a/b")) &&
              !avcsec_realm_is_valid(AVCSEC_LITERAL("a~")),
          "a realm is 1 to 64 of its characters");
}

static void through_an_interface(void)
{
    size_t line;
    avcsec_keys_t keys;
    avcsec_key_t key;

    avcsec_keyring_parse(avcsec_slice_of("k1 hs256 " S32 "\n0123456789abcdef hs256 " S32 "\n"),
                         AVCSEC_LITERAL(""), &ring, &line);
    check(avcsec_keyring_find(&ring, AVCSEC_LITERAL("0123456789abcdef")) == &ring.keys[1],
          "the longest key id is found");
    keys = avcsec_keyring_keys(&ring);
    check(keys.find(keys.baton, AVCSEC_LITERAL("k1"), &key) && strcmp(key.kid, "k1") == 0 &&
              !keys.find(keys.baton, AVCSEC_LITERAL("k2"), &key),
          "a ring serves a decision");
}

int main(void)
{
    check_start();
    accepted();
    refused();
    nul_bytes();
    full();
    signers();
    verifiers();
    passwords();
    published_page_keys();
    longest_page_key();
    refused_page_keys();
    words();
    through_an_interface();
    return check_end();
}
