/* SPDX-License-Identifier: Apache-2.0
 *
 * Connections that wait for the next question.
 */
#include "httpd/state/redis_pool.h"

#ifdef AVCSEC_HAVE_HIREDIS

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define IDLE_MAX 128
#define PAUSE_MS 500

static const avcsec_redis_server_t *whom;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static avcsec_redis_t *idle[IDLE_MAX];
static size_t idle_count;
static _Atomic int64_t resume_at; /* 0: all is well */

static int64_t milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void avcsec_redis_pool_close(avcsec_redis_t *redis)
{
    avcsec_redis_close(redis);
    free(redis);
}

static avcsec_redis_t *pop(void)
{
    avcsec_redis_t *redis = NULL;

    pthread_mutex_lock(&mutex);
    if (idle_count)
        redis = idle[--idle_count];
    pthread_mutex_unlock(&mutex);
    return redis;
}

void avcsec_redis_pool_give(avcsec_redis_t *redis)
{
    pthread_mutex_lock(&mutex);
    if (idle_count < IDLE_MAX) {
        idle[idle_count++] = redis;
        redis = NULL;
    }
    pthread_mutex_unlock(&mutex);
    if (redis)
        avcsec_redis_pool_close(redis);
}

void avcsec_redis_pool_drop(void)
{
    for (avcsec_redis_t *redis; (redis = pop()) != NULL;)
        avcsec_redis_pool_close(redis);
}

void avcsec_redis_pool_begin(const avcsec_redis_server_t *server)
{
    avcsec_redis_pool_drop();
    whom = server;
    atomic_store(&resume_at, 0);
}

void avcsec_redis_pool_fail(avcsec_redis_t *redis)
{
    avcsec_redis_pool_close(redis);
    atomic_store(&resume_at, milliseconds() + PAUSE_MS);
    avcsec_redis_pool_drop(); /* the others likely hang as this one did */
}

/* Of those who ask after a pause, one tries. */
static bool may_connect(void)
{
    int64_t then = atomic_load(&resume_at), now = milliseconds();

    return !then ||
           (now >= then && atomic_compare_exchange_strong(&resume_at, &then, now + PAUSE_MS));
}

static avcsec_redis_t *connect_anew(char why[AVCSEC_REDIS_WHY])
{
    avcsec_redis_t *redis = may_connect() ? malloc(sizeof(*redis)) : NULL;

    if (!redis)
        return NULL;
    if (avcsec_redis_open(whom, redis)) {
        atomic_store(&resume_at, 0);
        return redis;
    }
    memcpy(why, redis->why, AVCSEC_REDIS_WHY);
    avcsec_redis_pool_fail(redis);
    return NULL;
}

avcsec_redis_t *avcsec_redis_pool_take(char why[AVCSEC_REDIS_WHY])
{
    avcsec_redis_t *redis;

    why[0] = '\0';
    while ((redis = pop()) != NULL && !avcsec_redis_is_fresh(redis))
        avcsec_redis_pool_close(redis);
    return redis ? redis : connect_anew(why);
}

#else
typedef int avcsec_redis_pool_is_not_built_in;
#endif
