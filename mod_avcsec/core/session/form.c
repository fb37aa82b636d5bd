/* SPDX-License-Identifier: Apache-2.0
 *
 * Forms.
 */
#include "core/session/form.h"

#include "core/text/query.h"

bool avcsec_form_is_clean(avcsec_slice_t text)
{
    avcsec_slice_t rest = text, before;

    if (avcsec_slice_has_control(text))
        return false;
    for (avcsec_slice_cut(&rest, '%', &before); rest.p; avcsec_slice_cut(&rest, '%', &before)) {
        int byte = avcsec_escape_at(rest.p - 1, rest.len + 1);

        if (byte >= 0 && avcsec_is((unsigned char)byte, AVCSEC_CONTROL))
            return false;
    }
    return true;
}

bool avcsec_form_get(avcsec_slice_t text, avcsec_slice_t name, char *room, avcsec_slice_t *value)
{
    avcsec_argument_t argument;

    while (avcsec_query_next(&text, &argument))
        if (avcsec_slice_unescapes_to(argument.name, name)) {
            *value = (avcsec_slice_t){room, avcsec_slice_unescape(argument.value, false, room)};
            return true;
        }
    return false;
}
