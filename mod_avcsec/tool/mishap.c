/* SPDX-License-Identifier: Apache-2.0
 *
 * Mishaps: one table of signs.
 */
#include "mishap.h"

#include "core/request/hint.h"

#include <string.h>

/* What often happens to links on their way. */
static const struct {
    const char *sign, *text;
} mishaps[] = {
    {"amp;avc=", "'&amp;avc=' stands where '&avc=' should: the link was escaped for HTML twice, or "
                 "copied out of the page's source."},
    {"%257E", "'%257E' stands for '~': the link was percent-encoded twice."},
    {"%257e", "'%257e' stands for '~': the link was percent-encoded twice."},
    {"avc%3D", "'avc%3D' stands where 'avc=' should: the query was encoded as if it were a value."},
    {"avc%3d", "'avc%3d' stands where 'avc=' should: the query was encoded as if it were a value."},
    {"&amp;", "'&amp;' stands where '&' should: the link was escaped for HTML twice, or copied out "
              "of the page's source."},
    {"?avc=avc1~", NULL}, /* all is well with these */
    {"&avc=avc1~", NULL},
    {"AVC1~", "The token starts with 'AVC1': something changed its letters to upper case."},
    {"avck1~",
     "'avck1' starts a page key, which is a secret and no token: never put it in a link."},
};
#define MISHAPS (sizeof(mishaps) / sizeof(mishaps[0]))

const char *avcsec_mishap(const avcsec_inquiry_t *inquiry, avcsec_verdict_t verdict)
{
    if (verdict > AVCSEC_ARGUMENT) /* AVCSEC_ALLOWED is */
        return NULL;
    for (size_t i = 0; i < MISHAPS; i++)
        if (strstr(inquiry->source->text, mishaps[i].sign))
            return mishaps[i].text;
    return NULL;
}

const char *avcsec_mishap_hint(const avcsec_inquiry_t *inquiry, avcsec_verdict_t verdict)
{
    return inquiry->judged ? avcsec_hint(verdict, &inquiry->judged->reading, false) : NULL;
}
