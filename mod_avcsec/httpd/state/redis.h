/* SPDX-License-Identifier: Apache-2.0
 *
 * A connection to Redis: opened, asked, closed, each within a bounded time. hiredis reads
 * and writes the protocol, OpenSSL encrypts; sockets are handled here, so that one
 * deadline holds for all of an answer. Module and command use it; knows nothing of httpd.
 *
 * A connection on which anything went wrong is closed: an answer that comes late must not
 * be taken for that of the next question.
 */
#ifndef AVCSEC_REDIS_H
#define AVCSEC_REDIS_H

#include "core/text/slice.h"

#define AVCSEC_REDIS_CONNECT_MS 100
#define AVCSEC_REDIS_REPLY_MS 250

#define AVCSEC_REDIS_WHY 200

struct ssl_ctx_st;
struct ssl_st;
struct redisReader;

/* Whom to ask. */
typedef struct {
    const char *host, *user, *password; /* user, password: NULL for none */
    int port, db;
    struct ssl_ctx_st *tls; /* NULL: not encrypted */
    const char *script;     /* is loaded at once; NULL: none */
    int wait_ms;            /* for each step, of who has time; 0: as above */
} avcsec_redis_server_t;

typedef struct {
    int fd;
    struct ssl_st *tls;
    struct redisReader *reader;
    bool wants_write; /* why TLS did not go on */
    int reply_ms;
    char run_id[64];            /* of that Redis process */
    char digest[64];            /* of the loaded script */
    char eviction[32];          /* maxmemory-policy; "": it does not say */
    char why[AVCSEC_REDIS_WHY]; /* it is of no use any more: a sentence, else "" */
} avcsec_redis_t;

typedef enum {
    AVCSEC_REDIS_LOST = 0, /* no answer; close it */
    AVCSEC_REDIS_ERROR,    /* Redis refused: `text` says why */
    AVCSEC_REDIS_TEXT
} avcsec_redis_kind_t;

typedef struct {
    avcsec_redis_kind_t kind;
    char text[AVCSEC_REDIS_WHY];
} avcsec_redis_answer_t;

/* Opens a connection: TLS, password, database, script. False, and a->why, otherwise; it is
 * closed then. */
bool avcsec_redis_open(const avcsec_redis_server_t *server, avcsec_redis_t *redis);

/* Nothing came in unasked, and the other end has not closed it. */
bool avcsec_redis_is_fresh(const avcsec_redis_t *redis);

/* Runs one command that answers with a text. LOST: redis->why says it. */
avcsec_redis_kind_t avcsec_redis_ask(avcsec_redis_t *redis, const avcsec_slice_t *words,
                                     size_t count, avcsec_redis_answer_t *answer);

void avcsec_redis_close(avcsec_redis_t *redis);

/* Makes what verifies servers by the authorities in `ca_file`, or those that the system
 * trusts (NULL). NULL, and *error, if there are none. The caller's to free with
 * avcsec_redis_tls_free. */
struct ssl_ctx_st *avcsec_redis_tls_create(const char *ca_file, const char **error);
void avcsec_redis_tls_free(struct ssl_ctx_st *tls);

/* The text of a password file as the password: without its newline, 1 to 512 characters
 * that can be seen. Cuts it in place; NULL, or how the sentence goes on. */
const char *avcsec_redis_password_of(char *text, size_t *len);

#endif
