/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes to Redis and back, encrypted or not, each step with a deadline: for redis.c alone.
 */
#ifndef AVCSEC_REDIS_BYTES_H
#define AVCSEC_REDIS_BYTES_H

#include "httpd/state/redis.h"

#include <sys/types.h>

/* Milliseconds of a clock that nobody sets; deadlines are of it. */
int64_t avcsec_redis_now(void);

/* Notes in redis->why that it is of no use, and why, the first time; always false. Text from
 * elsewhere cannot break a line. */
bool avcsec_redis_give_up(avcsec_redis_t *redis, const char *what, const char *detail);

/* Until the socket is ready for POLLIN or POLLOUT; false if it is not in time. */
bool avcsec_redis_wait_for(avcsec_redis_t *redis, short events, int64_t deadline);

/* The same, for what the last call of those below was short of. */
bool avcsec_redis_wait_again(avcsec_redis_t *redis, int64_t deadline);

/* Whether a call of OpenSSL that gave `result` is to be tried again; else it is the end. */
bool avcsec_redis_tls_goes_on(avcsec_redis_t *redis, int result);

/* Sends or receives some bytes. 0: wait and try again; -1: it is lost. */
ssize_t avcsec_redis_send(avcsec_redis_t *redis, const char *bytes, size_t len);
ssize_t avcsec_redis_receive(avcsec_redis_t *redis, char *bytes, size_t room);

#endif
