/* SPDX-License-Identifier: Apache-2.0
 *
 * This process's connections to one Redis: as many as threads ask at a time, handed on
 * from one to the next. After a failure it leaves Redis alone for a moment, so that one
 * that is dead or hangs costs one thread its time now and then, not each request.
 */
#ifndef AVCSEC_REDIS_POOL_H
#define AVCSEC_REDIS_POOL_H

#include "httpd/state/redis.h"

/* Whom to ask from now on; the struct stays the caller's and must last. Not while others
 * ask. A process that forks drops what it has before. */
void avcsec_redis_pool_begin(const avcsec_redis_server_t *server);
void avcsec_redis_pool_drop(void);

/* An open connection, the caller's alone. NULL: there is none; `why` says why not, or is ""
 * if it was not tried because it failed a moment ago. */
avcsec_redis_t *avcsec_redis_pool_take(char why[AVCSEC_REDIS_WHY]);

/* Gives it back when its question was answered; or closes it (Redis refused this question,
 * another one it may answer); or closes it and all that are idle, and pauses. */
void avcsec_redis_pool_give(avcsec_redis_t *redis);
void avcsec_redis_pool_close(avcsec_redis_t *redis);
void avcsec_redis_pool_fail(avcsec_redis_t *redis);

#endif
