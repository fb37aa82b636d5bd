/* SPDX-License-Identifier: Apache-2.0
 *
 * Things of threads, by keys whose destructors stand in this module.
 */
#include "httpd/state/threads.h"

static apr_status_t end(void *baton)
{
    avcsec_threads_kind_t *kind = baton;
    void *thing = pthread_getspecific(kind->key);

    /* A thread that still ran would from here on end without calling what is unloaded. */
    pthread_key_delete(kind->key);
    kind->is_ready = false;
    if (thing)
        kind->free(thing);
    return APR_SUCCESS;
}

void avcsec_threads_prepare(avcsec_threads_kind_t *kind, apr_pool_t *pconf)
{
    if (kind->is_ready)
        return;
    kind->is_ready = !pthread_key_create(&kind->key, kind->free);
    if (kind->is_ready)
        apr_pool_cleanup_register(pconf, kind, end, apr_pool_cleanup_null);
}

void *avcsec_threads_get(const avcsec_threads_kind_t *kind)
{
    return kind->is_ready ? pthread_getspecific(kind->key) : NULL;
}

bool avcsec_threads_set(const avcsec_threads_kind_t *kind, void *thing)
{
    return kind->is_ready && !pthread_setspecific(kind->key, thing);
}
