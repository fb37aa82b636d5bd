/* SPDX-License-Identifier: Apache-2.0
 *
 * Redaction in a pool.
 */
#include "httpd/request/redact.h"

#include "core/text/redact.h"

const char *avcsec_redacted(apr_pool_t *p, const char *text)
{
    avcsec_slice_t s = avcsec_slice_of(text);
    char *out;

    if (!text || avcsec_redact_is_needless(s))
        return text;
    out = apr_palloc(p, s.len + 1);
    out[avcsec_redact(s, out)] = '\0';
    return out;
}
