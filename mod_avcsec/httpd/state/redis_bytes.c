/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes to Redis and back.
 */
#include "httpd/state/redis_bytes.h"

#ifdef AVCSEC_HAVE_HIREDIS

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

int64_t avcsec_redis_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool avcsec_redis_give_up(avcsec_redis_t *redis, const char *what, const char *detail)
{
    if (redis->why[0])
        return false;
    snprintf(redis->why, sizeof(redis->why), "%s%s%.120s", what, detail ? ": " : "",
             detail ? detail : "");
    for (char *c = redis->why; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            *c = ' ';
    return false;
}

bool avcsec_redis_wait_for(avcsec_redis_t *redis, short events, int64_t deadline)
{
    struct pollfd poller = {redis->fd, events, 0};
    int64_t left;
    int n;

    do {
        left = deadline - avcsec_redis_now();
        n = left > 0 ? poll(&poller, 1, (int)left) : 0;
    } while (n < 0 && errno == EINTR);
    return n > 0 || avcsec_redis_give_up(redis, "it did not answer in time", NULL);
}

static const char *tls_error(const SSL *tls)
{
    long result = SSL_get_verify_result(tls);
    const char *reason;

    if (result != X509_V_OK)
        return X509_verify_cert_error_string(result);
    reason = ERR_reason_error_string(ERR_peek_error());
    return reason ? reason : "the connection was closed";
}

bool avcsec_redis_tls_goes_on(avcsec_redis_t *redis, int result)
{
    int error = SSL_get_error(redis->tls, result);

    redis->wants_write = error == SSL_ERROR_WANT_WRITE;
    return error == SSL_ERROR_WANT_READ || redis->wants_write ||
           avcsec_redis_give_up(redis, "TLS failed", tls_error(redis->tls));
}

ssize_t avcsec_redis_send(avcsec_redis_t *redis, const char *bytes, size_t len)
{
    ssize_t n;

    if (redis->tls) {
        ERR_clear_error();
        n = SSL_write(redis->tls, bytes, (int)len);
        return n > 0 ? n : avcsec_redis_tls_goes_on(redis, (int)n) ? 0 : -1;
    }
    redis->wants_write = true;
    n = send(redis->fd, bytes, len, MSG_NOSIGNAL);
    if (n > 0 || errno == EAGAIN || errno == EINTR)
        return n > 0 ? n : 0;
    avcsec_redis_give_up(redis, "it cannot be asked", strerror(errno));
    return -1;
}

ssize_t avcsec_redis_receive(avcsec_redis_t *redis, char *bytes, size_t room)
{
    ssize_t n;

    if (redis->tls) {
        ERR_clear_error();
        n = SSL_read(redis->tls, bytes, (int)room);
        return n > 0 ? n : avcsec_redis_tls_goes_on(redis, (int)n) ? 0 : -1;
    }
    redis->wants_write = false;
    n = recv(redis->fd, bytes, room, 0);
    if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
        return n > 0 ? n : 0;
    avcsec_redis_give_up(redis, "it closed the connection", n < 0 ? strerror(errno) : NULL);
    return -1;
}

bool avcsec_redis_wait_again(avcsec_redis_t *redis, int64_t deadline)
{
    return avcsec_redis_wait_for(redis, redis->wants_write ? POLLOUT : POLLIN, deadline);
}

#endif
