/* SPDX-License-Identifier: Apache-2.0
 *
 * avcsec keygen: a line for the key file.
 */
#include "commands.h"
#include "complain.h"
#include "core/text/b64url.h"
#include "core/text/json.h"
#include "core/token/key_text.h"
#include "core/token/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define SECRET_BYTES 32
#define SECRET_CHARS AVCSEC_B64URL_CHARS(SECRET_BYTES)

typedef struct {
    const char *kid, *kind, *purposes, *from, *until, *pem;
} keygen_options_t;

#define FIELD(name) offsetof(keygen_options_t, name)

static const avcsec_option_t keygen_options[] = {
    {"kid", "KID", FIELD(kid), AVCSEC_OPTION_TEXT,
     "key id, 1 to 16 of A-Z a-z 0-9 _ - (default: one that\ntells the date)"},
    {"kind", "KIND", FIELD(kind), AVCSEC_OPTION_TEXT,
     "hs256 (default) signs and verifies tokens;\npassword is for callers that can't sign;\n"
     "webhook verifies what its sender signs;\ned25519 signs what others verify"},
    {"for", "P,...", FIELD(purposes), AVCSEC_OPTION_TEXT, "hs256: only for these purposes"},
    {"from", "TIME", FIELD(from), AVCSEC_OPTION_TEXT, "signs from then on: 2030-01-31T12:00:00Z"},
    {"until", "TIME", FIELD(until), AVCSEC_OPTION_TEXT, "ends then"},
    {"pem", "FILE", FIELD(pem), AVCSEC_OPTION_TEXT,
     "ed25519: where the private key is written\n(default: KID.pem here); must not exist"},
    {.name = NULL},
};

/* A key to come. */
typedef struct {
    const char *kind;
    char kid[AVCSEC_KID_MAX + 1];
    char material[SECRET_CHARS + 8]; /* secret or password */
    char pem[4096];                  /* absolute path; ed25519 only */
    char line[8192];
    size_t len; /* of the line, its newline included */
} made_t;

static bool fill_random(unsigned char *bytes, size_t len)
{
    if (getrandom(bytes, len, 0) != (ssize_t)len)
        return avcsec_complain("no random bytes: %s", strerror(errno));
    return true;
}

/* "k20301231-a1b2": tells its age; two of one day differ. */
static bool make_kid(char kid[AVCSEC_KID_MAX + 1])
{
    unsigned char bytes[2];
    time_t now = time(NULL);
    struct tm day;

    if (!fill_random(bytes, sizeof(bytes)))
        return false;
    if (!gmtime_r(&now, &day) || strftime(kid, AVCSEC_KID_MAX + 1, "k%Y%m%d", &day) != 9)
        return avcsec_complain("the clock is wrong: give --kid");
    snprintf(kid + 9, AVCSEC_KID_MAX - 8, "-%02x%02x", bytes[0], bytes[1]);
    return true;
}

static bool read_kid(const char *kid, char out[AVCSEC_KID_MAX + 1])
{
    avcsec_slice_t s = avcsec_slice_of(kid);

    if (!kid)
        return make_kid(out);
    if (s.len > AVCSEC_KID_MAX || !avcsec_slice_is_made_of(s, AVCSEC_WORD))
        return avcsec_complain("--kid: a key id is 1 to 16 of A-Z a-z 0-9 _ -");
    memcpy(out, kid, s.len + 1);
    return true;
}

/* base64url to the common base64 (RFC 4648, section 4). */
static void make_common(char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        text[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
}

static bool make_material(made_t *made)
{
    unsigned char secret[SECRET_BYTES];
    bool is_made = fill_random(secret, sizeof(secret));

    made->material[avcsec_b64url_encode(secret, sizeof(secret), made->material)] = '\0';
    avcsec_wipe(secret, sizeof(secret));
    return is_made;
}

/* As Standard Webhooks has it: senders take the same text. */
static bool make_webhook(made_t *made)
{
    static const char mark[] = "whsec_";
    unsigned char secret[SECRET_BYTES];
    bool is_made = fill_random(secret, sizeof(secret));
    char *text = made->material + sizeof(mark) - 1;
    size_t len = avcsec_b64url_encode(secret, sizeof(secret), text);

    memcpy(made->material, mark, sizeof(mark) - 1);
    make_common(text, len);
    memcpy(text + len, "=", 2);
    avcsec_wipe(secret, sizeof(secret));
    return is_made;
}

/* ---- Ed25519 ---- */

/* RFC 8410: these bytes and the 32 of the private key are its PKCS #8 form. Together
 * 48 bytes: 64 characters of base64, no padding. */
static const unsigned char pkcs8_head[16] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                             0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
#define PEM_HEAD "-----BEGIN PRIVATE KEY-----\n"
#define PEM_TAIL "\n-----END PRIVATE KEY-----\n"

static bool write_whole(const char *path, int fd, const char *text, size_t len)
{
    while (len) {
        ssize_t n = write(fd, text, len);

        if (n < 0 && errno != EINTR)
            return avcsec_complain("%s: %s", path, strerror(errno));
        if (n > 0) {
            text += n;
            len -= (size_t)n;
        }
    }
    return fsync(fd) == 0 || errno == EINVAL ? true
                                             : avcsec_complain("%s: %s", path, strerror(errno));
}

/* Writes a file that was not there and that only its owner may read. */
static bool write_new_file(const char *path, const char *text, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool is_written;

    if (fd < 0 && errno == EEXIST)
        return avcsec_complain("%s is there already: name another file with --pem", path);
    if (fd < 0)
        return avcsec_complain("%s: %s", path, strerror(errno));
    is_written = write_whole(path, fd, text, len);
    if (close(fd) != 0 && is_written)
        is_written = avcsec_complain("%s: %s", path, strerror(errno));
    if (!is_written)
        unlink(path);
    return is_written;
}

static bool make_pem(const char *path)
{
    unsigned char key[sizeof(pkcs8_head) + SECRET_BYTES];
    char pem[sizeof(PEM_HEAD) + AVCSEC_B64URL_CHARS(sizeof(key)) + sizeof(PEM_TAIL)] = PEM_HEAD;
    size_t len = sizeof(PEM_HEAD) - 1, end;
    bool is_made;

    memcpy(key, pkcs8_head, sizeof(pkcs8_head));
    is_made = fill_random(key + sizeof(pkcs8_head), SECRET_BYTES);
    end = len + avcsec_b64url_encode(key, sizeof(key), pem + len);
    make_common(pem + len, end - len);
    memcpy(pem + end, PEM_TAIL, sizeof(PEM_TAIL));
    is_made = is_made && write_new_file(path, pem, strlen(pem));
    avcsec_wipe(key, sizeof(key));
    avcsec_wipe(pem, sizeof(pem));
    return is_made;
}

/* The key file is read elsewhere, so it names the PEM file from the root on. */
static bool name_pem(const char *path, made_t *made)
{
    char here[2048] = "";
    int len;

    if (path && path[0] == '/')
        len = snprintf(made->pem, sizeof(made->pem), "%s", path);
    else if (!getcwd(here, sizeof(here)))
        return avcsec_complain("--pem: the current directory has no path: %s", strerror(errno));
    else if (path)
        len = snprintf(made->pem, sizeof(made->pem), "%s/%s", here, path);
    else
        len = snprintf(made->pem, sizeof(made->pem), "%s/%s.pem", here, made->kid);
    return len > 0 && (size_t)len < sizeof(made->pem)
               ? true
               : avcsec_complain("--pem: the path is too long");
}

/* ---- The line ---- */

static bool add(made_t *made, const char *before, const char *text)
{
    int n;

    if (!text)
        return true;
    /* It would end the word, or the line. */
    for (const char *p = text; *p; p++)
        if (*p == ' ' || avcsec_is((unsigned char)*p, AVCSEC_CONTROL))
            return avcsec_complain("a key file can't hold white space in '%s'", text);
    n = snprintf(made->line + made->len, sizeof(made->line) - made->len, "%s%s", before, text);
    if (n < 0 || (size_t)n >= sizeof(made->line) - made->len)
        return avcsec_complain("the line is too long");
    made->len += (size_t)n;
    return true;
}

/* What the server would refuse is not handed out. */
static bool check_line(const made_t *made)
{
    avcsec_keyring_t *ring = calloc(1, sizeof(*ring));
    const avcsec_slice_t no_realm = {NULL, 0};
    const char *error = "there is no memory";
    size_t line;

    if (ring) {
        error =
            avcsec_keyring_parse((avcsec_slice_t){made->line, made->len}, no_realm, ring, &line);
        avcsec_wipe(ring->keys, sizeof(ring->keys[0]));
    }
    free(ring);
    return error ? avcsec_complain("%s", error) : true;
}

static bool make_line(const keygen_options_t *options, made_t *made)
{
    bool is_pem = made->pem[0] != '\0';

    return add(made, "", made->kid) && add(made, " ", made->kind) &&
           add(made, is_pem ? " file:" : " ", is_pem ? made->pem : made->material) &&
           add(made, " for=", options->purposes) && add(made, " from=", options->from) &&
           add(made, " until=", options->until) && add(made, "\n", "") && check_line(made);
}

static void write_json(const made_t *made)
{
    avcsec_json_open(NULL, '{');
    avcsec_json_text("line", (avcsec_slice_t){made->line, made->len - 1});
    avcsec_json_text("kid", avcsec_slice_of(made->kid));
    avcsec_json_text("kind", avcsec_slice_of(made->kind));
    if (made->pem[0])
        avcsec_json_text("pem", avcsec_slice_of(made->pem));
    avcsec_json_close('}');
}

static bool make(const keygen_options_t *options, made_t *made)
{
    static const char *const kinds[] = {"hs256", "password", "ed25519", "webhook"};
    const char *kind = options->kind ? options->kind : kinds[0];
    bool is_pem = strcmp(kind, kinds[2]) == 0, is_webhook = strcmp(kind, kinds[3]) == 0;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kind, kinds[i]) == 0)
            made->kind = kinds[i];
    if (!made->kind)
        return avcsec_complain("--kind is hs256, password, webhook or ed25519");
    if (options->pem && !is_pem)
        return avcsec_complain("--pem goes with --kind ed25519");
    return read_kid(options->kid, made->kid) &&
           (is_pem       ? name_pem(options->pem, made)
            : is_webhook ? make_webhook(made)
                         : make_material(made)) &&
           make_line(options, made) && (!is_pem || make_pem(made->pem));
}

static int run(int argc, char **argv)
{
    avcsec_common_t common = {.now = NULL};
    keygen_options_t options = {.kid = NULL};
    const avcsec_option_group_t groups[] = {
        {"Options", keygen_options, &options},
        {"Other options", avcsec_common_options, &common},
        {.title = NULL},
    };
    made_t made = {.kind = NULL};
    avcsec_words_t words;
    int status;

    if (!avcsec_command_begin(&avcsec_command_keygen, argc, argv, groups, &common, &words, &status))
        return status;
    status = avcsec_command_has_words(&words, 0, 0, "") && make(&options, &made) ? AVCSEC_DONE
                                                                                 : AVCSEC_WRONG;
    if (status == AVCSEC_DONE && common.has_json)
        write_json(&made);
    else if (status == AVCSEC_DONE)
        fwrite(made.line, 1, made.len, stdout);
    avcsec_wipe(&made, sizeof(made));
    return status;
}

const avcsec_command_t avcsec_command_keygen = {
    "keygen",
    "[--kid KID] [--kind hs256|password|webhook|ed25519]",
    "Write a line with a new key for the key file",
    "Append it to the key file, which nobody else may read:\n\n"
    "    umask 077; avcsec keygen >> /etc/apache2/avcsec.keys",
    run,
};
