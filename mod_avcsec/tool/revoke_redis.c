/* SPDX-License-Identifier: Apache-2.0
 *
 * One connection, one command.
 */
#include "revoke_redis.h"

#include "complain.h"
#include "secretfile.h"

#include "core/text/redis_url.h"
#include "core/token/ledger.h"
#include "httpd/state/redis.h"

#include <signal.h>
#include <string.h>

bool avcsec_revoke_redis_reads(const char *text)
{
    avcsec_redis_url_t url;
    const char *error = avcsec_redis_url_parse(avcsec_slice_of(text), &url);

    return !error || avcsec_complain("--store: %s", error);
}

#ifdef AVCSEC_HAVE_HIREDIS

#define TEXT_MAX 1024
#define PATIENCE_MS 5000 /* an administrator waits rather than tries again */

/* The pieces of the address, as strings. */
typedef struct {
    char host[TEXT_MAX], user[TEXT_MAX], password_file[TEXT_MAX], ca_file[TEXT_MAX];
} texts_t;

static const char *copy(avcsec_slice_t s, char to[TEXT_MAX])
{
    size_t len = s.len < TEXT_MAX ? s.len : TEXT_MAX - 1;

    if (!s.p)
        return NULL;
    memcpy(to, s.p, len);
    to[len] = '\0';
    return to;
}

static bool read_password(const char *path, avcsec_secret_t *secret)
{
    const char *error;

    if (!avcsec_secret_read_key_file(path, secret))
        return false;
    error = avcsec_redis_password_of(secret->bytes, &secret->len);
    return !error || avcsec_complain("%s: it %s", path, error);
}

static bool run(const avcsec_redis_server_t *server, const avcsec_revocation_t *entry, int64_t now)
{
    avcsec_ledger_command_t command;
    avcsec_redis_answer_t answer;
    avcsec_redis_t redis;
    avcsec_redis_kind_t kind;

    if (!avcsec_redis_open(server, &redis))
        return avcsec_complain("--store: %s", redis.why);
    avcsec_ledger_revoke(entry, now, &command);
    kind = avcsec_redis_ask(&redis, command.words, command.count, &answer);
    avcsec_redis_close(&redis);
    return kind == AVCSEC_REDIS_TEXT ||
           avcsec_complain("--store: %s", kind == AVCSEC_REDIS_LOST ? redis.why : answer.text);
}

bool avcsec_revoke_redis_add(const char *text, const avcsec_revocation_t *entry, int64_t now)
{
    avcsec_secret_t secret = {NULL, 0};
    avcsec_redis_server_t server;
    avcsec_redis_url_t url;
    const char *error;
    texts_t texts;
    bool is_done;

    if (strlen(text) >= TEXT_MAX || avcsec_redis_url_parse(avcsec_slice_of(text), &url))
        return avcsec_complain("--store: the address is too long");
    server = (avcsec_redis_server_t){.host = copy(url.host, texts.host),
                                     .user = copy(url.user, texts.user),
                                     .port = (int)url.port,
                                     .db = (int)url.db,
                                     .wait_ms = PATIENCE_MS};
    if (url.has_tls &&
        !(server.tls = avcsec_redis_tls_create(copy(url.ca_file, texts.ca_file), &error)))
        return avcsec_complain("--store: %s %s", url.ca_file.p ? texts.ca_file : "this system",
                               error);
    signal(SIGPIPE, SIG_IGN);
    is_done = !url.password_file.p ||
              read_password(copy(url.password_file, texts.password_file), &secret);
    server.password = secret.bytes;
    is_done = is_done && run(&server, entry, now);
    avcsec_redis_tls_free(server.tls);
    avcsec_secret_wipe(&secret);
    return is_done;
}

#else

bool avcsec_revoke_redis_add(const char *text, const avcsec_revocation_t *entry, int64_t now)
{
    (void)text, (void)entry, (void)now;
    return avcsec_complain("--store: this avcsec was built without hiredis");
}

#endif
