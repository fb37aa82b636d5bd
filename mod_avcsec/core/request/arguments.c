/* SPDX-License-Identifier: Apache-2.0
 *
 * Arguments without a signature.
 */
#include "core/request/arguments.h"

#include <string.h>

#define WORD(s)                                                                                    \
    {                                                                                              \
        s, sizeof(s) - 1                                                                           \
    }

const avcsec_slice_t avcsec_unsigned_args[AVCSEC_UNSIGNED_ARGS] = {
    WORD("_HLS_*"), WORD("hls_ctx"), WORD("nimblesessionid"), WORD("cookieCheck"), WORD("CMCD"),
    WORD("utm_*"),  WORD("gclid"),   WORD("gbraid"),          WORD("wbraid"),      WORD("dclid"),
    WORD("fbclid"), WORD("msclkid"), WORD("mc_cid"),          WORD("mc_eid"),      WORD("_gl"),
    WORD("_"),
};

static bool is_listed(avcsec_slice_t name, const avcsec_slice_t *patterns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (avcsec_slice_matches(name, patterns[i], false))
            return true;
    return false;
}

static bool has_semicolon(avcsec_slice_t s)
{
    return s.len && memchr(s.p, ';', s.len);
}

/* Some servers behind split at ';' as well: "utm_x=1;admin=true" is two arguments there. They
 * split before they decode, so an escaped one is but a character of the value. */
bool avcsec_argument_may_be_unsigned(const avcsec_argument_t *argument,
                                     const avcsec_slice_t *patterns, size_t count)
{
    return is_listed(argument->name, patterns, count) && !has_semicolon(argument->name) &&
           !has_semicolon(argument->value);
}
