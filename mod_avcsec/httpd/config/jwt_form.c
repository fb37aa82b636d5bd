/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of media servers that verify JWTs.
 */
#include "httpd/config/jwt_form.h"

#include <strings.h>

const avcsec_jwt_form_t avcsec_jwt_plain = {"", AVCSEC_JWT_PLAIN, AVCSEC_NO_ALGORITHM, false,
                                            false};

static const avcsec_jwt_form_t forms[] = {
    {"mediamtx", AVCSEC_JWT_MEDIAMTX, AVCSEC_NO_ALGORITHM, true, false},
    {"livekit", AVCSEC_JWT_LIVEKIT, AVCSEC_ALGORITHM_HS256, false, true},
    {"ant-media", AVCSEC_JWT_ANT_MEDIA, AVCSEC_ALGORITHM_HS256, false, false},
};

const avcsec_jwt_form_t *avcsec_jwt_form_find(const char *name)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (!strcasecmp(name, forms[i].name))
            return &forms[i];
    return NULL;
}
