/* SPDX-License-Identifier: Apache-2.0
 *
 * What a thread has for itself. Threads come and go (mod_http2 ends its workers when they are
 * idle), so that each thing goes with its thread.
 */
#ifndef AVCSEC_THREADS_H
#define AVCSEC_THREADS_H

#include "httpd.h"

#include <pthread.h>
#include <stdbool.h>

/* A kind of thing of which each thread may have one; the caller's, static. */
typedef struct {
    void (*free)(void *thing);
    pthread_key_t key;
    bool is_ready;
} avcsec_threads_kind_t;

/* Phase post_config: lets threads of this configuration have such things; without memory none
 * has one. The parent gives up its own, and the kind, before this module is unloaded; children
 * never unload it while they have threads. */
void avcsec_threads_prepare(avcsec_threads_kind_t *kind, apr_pool_t *pconf);

/* This thread's; NULL: it has none. */
void *avcsec_threads_get(const avcsec_threads_kind_t *kind);

/* Gives it to this thread, which has none yet. False: it is still the caller's. */
bool avcsec_threads_set(const avcsec_threads_kind_t *kind, void *thing);

#endif
