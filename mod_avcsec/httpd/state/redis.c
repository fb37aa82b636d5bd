/* SPDX-License-Identifier: Apache-2.0
 *
 * Talking to Redis.
 */
#include "httpd/state/redis.h"

#include "httpd/state/redis_bytes.h"

#ifdef AVCSEC_HAVE_HIREDIS

#include <arpa/inet.h>
#include <errno.h>
#include <hiredis.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WORDS 24
#define ANSWER_MAX 65536

/* ---- Questions and answers ---- */

static bool send_command(avcsec_redis_t *redis, const avcsec_slice_t *words, size_t count,
                         int64_t deadline)
{
    const char *starts[WORDS];
    size_t lengths[WORDS];
    char *command = NULL;
    bool is_sent = true;
    long long len;

    for (size_t i = 0; i < count && i < WORDS; i++) {
        starts[i] = words[i].p;
        lengths[i] = words[i].len;
    }
    len = redisFormatCommandArgv(&command, (int)count, starts, lengths);
    if (len < 0)
        return avcsec_redis_give_up(redis, "out of memory", NULL);
    for (long long sent = 0; is_sent && sent < len;) {
        ssize_t n = avcsec_redis_send(redis, command + sent, (size_t)(len - sent));

        sent += n > 0 ? n : 0;
        is_sent = n > 0 || (n == 0 && avcsec_redis_wait_again(redis, deadline));
    }
    redisFreeCommand(command);
    return is_sent;
}

/* Nothing that is wanted starts otherwise. Lists are not even read: the length they claim
 * costs time and memory before anything of them came. */
static bool may_start_answer(char c)
{
    return memchr("+-$", c, 3) != NULL;
}

static bool has_more(const avcsec_redis_t *redis)
{
    return redis->reader->pos < redis->reader->len || (redis->tls && SSL_pending(redis->tls) > 0);
}

/* NULL: it is lost. The caller's to free. */
static redisReply *receive(avcsec_redis_t *redis, int64_t deadline)
{
    void *reply = NULL;
    char bytes[4096];
    size_t total = 0;

    while (redisReaderGetReply(redis->reader, &reply) == REDIS_OK && !reply) {
        ssize_t n = avcsec_redis_receive(redis, bytes, sizeof(bytes));

        if (n < 0 || (n == 0 && !avcsec_redis_wait_again(redis, deadline)))
            return NULL;
        if (n > 0 && !total && !may_start_answer(bytes[0]))
            break;
        if (n > 0 && ((total += (size_t)n) > ANSWER_MAX ||
                      redisReaderFeed(redis->reader, bytes, (size_t)n) != REDIS_OK))
            break;
    }
    if (reply && has_more(redis)) {
        freeReplyObject(reply);
        reply = NULL;
    }
    if (!reply)
        avcsec_redis_give_up(redis, "what answers is no Redis", NULL);
    return reply;
}

static bool is_text(const redisReply *reply)
{
    return (reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS) &&
           !memchr(reply->str, '\0', (size_t)reply->len);
}

avcsec_redis_kind_t avcsec_redis_ask(avcsec_redis_t *redis, const avcsec_slice_t *words,
                                     size_t count, avcsec_redis_answer_t *answer)
{
    int64_t deadline = avcsec_redis_now() + redis->reply_ms;
    redisReply *reply;

    answer->kind = AVCSEC_REDIS_LOST;
    answer->text[0] = '\0';
    if (!send_command(redis, words, count, deadline) || !(reply = receive(redis, deadline)))
        return AVCSEC_REDIS_LOST;
    if (is_text(reply) || reply->type == REDIS_REPLY_ERROR) {
        answer->kind = reply->type == REDIS_REPLY_ERROR ? AVCSEC_REDIS_ERROR : AVCSEC_REDIS_TEXT;
        snprintf(answer->text, sizeof(answer->text), "%.*s", (int)reply->len, reply->str);
    } else
        avcsec_redis_give_up(redis, "it answered something else", NULL);
    freeReplyObject(reply);
    return answer->kind;
}

/* ---- Opening ---- */

static bool connect_to(avcsec_redis_t *redis, const struct addrinfo *address, int64_t deadline)
{
    int error = 0, one = 1;
    socklen_t size = sizeof(error);

    redis->why[0] = '\0';
    redis->fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (redis->fd < 0)
        return avcsec_redis_give_up(redis, "there is no socket", strerror(errno));
    setsockopt(redis->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (connect(redis->fd, address->ai_addr, address->ai_addrlen) && errno != EINPROGRESS)
        error = errno;
    else if (avcsec_redis_wait_for(redis, POLLOUT, deadline))
        getsockopt(redis->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (!error && !redis->why[0])
        return true;
    close(redis->fd);
    redis->fd = -1;
    return avcsec_redis_give_up(redis, "it cannot be reached", strerror(error));
}

static bool reach(avcsec_redis_t *redis, const avcsec_redis_server_t *server)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG};
    struct addrinfo *addresses;
    int64_t deadline;
    char port[8];
    int error;

    snprintf(port, sizeof(port), "%d", server->port);
    if ((error = getaddrinfo(server->host, port, &hints, &addresses)) != 0)
        return avcsec_redis_give_up(redis, "its name cannot be resolved", gai_strerror(error));
    deadline = avcsec_redis_now() + (server->wait_ms ? server->wait_ms : AVCSEC_REDIS_CONNECT_MS);
    for (struct addrinfo *a = addresses; a && redis->fd < 0; a = a->ai_next)
        connect_to(redis, a, deadline);
    freeaddrinfo(addresses);
    return redis->fd >= 0;
}

static bool expect_server(SSL *tls, const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];

    if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host) == 1;
    return SSL_set1_host(tls, host) == 1 && SSL_set_tlsext_host_name(tls, host) == 1;
}

static bool encrypt(avcsec_redis_t *redis, const avcsec_redis_server_t *server, int64_t deadline)
{
    int result;

    if (!server->tls)
        return true;
    redis->tls = SSL_new(server->tls);
    if (!redis->tls || !SSL_set_fd(redis->tls, redis->fd) ||
        !expect_server(redis->tls, server->host))
        return avcsec_redis_give_up(redis, "OpenSSL failed", NULL);
    do {
        ERR_clear_error();
        if ((result = SSL_connect(redis->tls)) == 1)
            return true;
    } while (avcsec_redis_tls_goes_on(redis, result) && avcsec_redis_wait_again(redis, deadline));
    return false;
}

/* The value of `name` in what INFO says: lines "name:value". */
static void copy_info(const char *info, const char *name, char *to, size_t room)
{
    const char *line = strstr(info, name);

    if (!line)
        return;
    line += strlen(name);
    snprintf(to, room, "%.*s", (int)strcspn(line, "\r\n"), line);
}

/* Why it refuses. Of AUTH the code alone: sentences may repeat the password. */
static const char *refusal(redisReply *reply, const char *command)
{
    if (reply->type != REDIS_REPLY_ERROR)
        return NULL;
    if (!strcmp(command, "AUTH"))
        reply->str[strspn(reply->str, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] = '\0';
    return reply->str;
}

/* Sends one command; false, and why, if it is lost or Redis refuses. *reply, if asked for,
 * is a text and the caller's. */
static bool tell(avcsec_redis_t *redis, const char *const *texts, int64_t deadline,
                 redisReply **reply)
{
    avcsec_slice_t words[4];
    size_t count = 0;
    redisReply *got;
    bool is_good;

    for (; count < 4 && texts[count]; count++)
        words[count] = avcsec_slice_of(texts[count]);
    if (!send_command(redis, words, count, deadline) || !(got = receive(redis, deadline)))
        return false;
    is_good = is_text(got);
    if (!is_good)
        avcsec_redis_give_up(redis, "it refuses", refusal(got, texts[0]));
    if (is_good && reply)
        *reply = got;
    else
        freeReplyObject(got);
    return is_good;
}

static bool introduce(avcsec_redis_t *redis, const avcsec_redis_server_t *server, int64_t deadline)
{
    const char *who[] = {"AUTH", server->user ? server->user : server->password,
                         server->user ? server->password : NULL, NULL};
    char db[12];

    snprintf(db, sizeof(db), "%d", server->db);
    return (!server->password || tell(redis, who, deadline, NULL)) &&
           (!server->db || tell(redis, (const char *[]){"SELECT", db, NULL}, deadline, NULL));
}

/* Which process it is, what it does when it is full, and the script. */
static bool prepare(avcsec_redis_t *redis, const char *script, int64_t deadline)
{
    redisReply *reply;

    if (!script)
        return true;
    if (!tell(redis, (const char *[]){"INFO", "server", NULL}, deadline, &reply))
        return false;
    copy_info(reply->str, "\nrun_id:", redis->run_id, sizeof(redis->run_id));
    freeReplyObject(reply);
    if (!redis->run_id[0])
        return avcsec_redis_give_up(redis, "it does not say its run_id", NULL);
    if (!tell(redis, (const char *[]){"INFO", "memory", NULL}, deadline, &reply))
        return false;
    copy_info(reply->str, "\nmaxmemory_policy:", redis->eviction, sizeof(redis->eviction));
    freeReplyObject(reply);
    if (!tell(redis, (const char *[]){"SCRIPT", "LOAD", script, NULL}, deadline, &reply))
        return false;
    snprintf(redis->digest, sizeof(redis->digest), "%s", reply->str);
    freeReplyObject(reply);
    return true;
}

bool avcsec_redis_open(const avcsec_redis_server_t *server, avcsec_redis_t *redis)
{
    int64_t deadline;

    *redis = (avcsec_redis_t){
        .fd = -1, .reply_ms = server->wait_ms ? server->wait_ms : AVCSEC_REDIS_REPLY_MS};
    if (!reach(redis, server))
        return false;
    deadline = avcsec_redis_now() + redis->reply_ms;
    redis->reader = redisReaderCreate();
    if (!redis->reader)
        avcsec_redis_give_up(redis, "out of memory", NULL);
    if (redis->reader && encrypt(redis, server, deadline) && introduce(redis, server, deadline) &&
        prepare(redis, server->script, deadline))
        return true;
    avcsec_redis_close(redis);
    return false;
}

bool avcsec_redis_is_fresh(const avcsec_redis_t *redis)
{
    struct pollfd poller = {redis->fd, POLLIN, 0};

    return poll(&poller, 1, 0) == 0;
}

void avcsec_redis_close(avcsec_redis_t *redis)
{
    SSL_free(redis->tls);
    if (redis->reader)
        redisReaderFree(redis->reader);
    if (redis->fd >= 0)
        close(redis->fd);
    redis->tls = NULL;
    redis->reader = NULL;
    redis->fd = -1;
}

/* ---- What it takes to connect ---- */

struct ssl_ctx_st *avcsec_redis_tls_create(const char *ca_file, const char **error)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());

    *error = "OpenSSL failed";
    if (!tls || !SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION)) {
        SSL_CTX_free(tls);
        return NULL;
    }
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (ca_file ? SSL_CTX_load_verify_locations(tls, ca_file, NULL)
                : SSL_CTX_set_default_verify_paths(tls))
        return tls;
    *error = "has no certificate in PEM that can be read";
    SSL_CTX_free(tls);
    return NULL;
}

void avcsec_redis_tls_free(struct ssl_ctx_st *tls)
{
    SSL_CTX_free(tls);
}

const char *avcsec_redis_password_of(char *text, size_t *len)
{
    while (*len && (text[*len - 1] == '\n' || text[*len - 1] == '\r'))
        --*len;
    if (*len == 0 || *len > 512)
        return "is no password of 1 to 512 characters in one line";
    for (size_t i = 0; i < *len; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 127)
            return "has more than one line, or control characters";
    text[*len] = '\0';
    return NULL;
}

#else
typedef int avcsec_redis_is_not_built_in;
#endif
