/* SPDX-License-Identifier: Apache-2.0
 *
 * Hooking into other modules without linking to them.
 */
#include "httpd/config/others.h"

#include "apr_optional_hooks.h"

#include <dlfcn.h>
#include <string.h>

typedef void registrar_t(void (*function)(void), const char *const *before,
                         const char *const *behind, int order);

bool avcsec_others_hook(const char *registrar, void (*function)(void), int order)
{
    const char *current = apr_hook_debug_current;
    /* httpd loads modules so that they see each other, and sorts hooks once more after this
     * phase. */
    void *found = dlsym(RTLD_DEFAULT, registrar);
    registrar_t *call;

    if (!found)
        return false;
    memcpy(&call, &found, sizeof(call));
    apr_hook_debug_current = "mod_avcsec.c";
    call(function, NULL, NULL, order);
    apr_hook_debug_current = current;
    return true;
}
