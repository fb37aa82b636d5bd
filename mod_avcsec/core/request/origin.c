/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose page sent a request.
 */
#include "core/request/origin.h"

/* "host[:port]" of an origin and of Host, the scheme's own port left out. A page that came
 * without encryption, from anybody, is not this site's where the request is encrypted. */
static bool is_same_authority(const avcsec_request_t *request)
{
    avcsec_slice_t origin = request->origin, host = request->host;
    static const avcsec_slice_t schemes[] = {{"https://", 8}, {"http://", 7}};
    static const avcsec_slice_t ports[] = {{":443", 4}, {":80", 3}};

    for (size_t i = 0; i < 2; i++) {
        avcsec_slice_t both[2];

        if (!avcsec_slice_has_prefix(origin, schemes[i]) || (i == 1 && request->is_encrypted))
            continue;
        both[0] = (avcsec_slice_t){origin.p + schemes[i].len, origin.len - schemes[i].len};
        both[1] = host;
        for (size_t k = 0; k < 2; k++)
            if (both[k].len > ports[i].len &&
                avcsec_slice_equals(
                    (avcsec_slice_t){both[k].p + both[k].len - ports[i].len, ports[i].len},
                    ports[i]))
                both[k].len -= ports[i].len;
        return host.len > 0 && avcsec_slice_equals_nocase(both[0], both[1]);
    }
    return false;
}

bool avcsec_origin_is_own_page(const avcsec_request_t *request, const avcsec_policy_t *policy)
{
    /* A sandboxed page, or one that hides where it is: never, whatever else it says. */
    if (avcsec_slice_equals(request->origin, AVCSEC_LITERAL("null")))
        return false;
    if (avcsec_slice_equals(request->sec_fetch_site, AVCSEC_LITERAL("same-origin")))
        return true;
    if (!request->origin.p)
        return false;
    for (size_t i = 0; i < policy->credential_origins_count; i++)
        if (avcsec_slice_equals_nocase(request->origin, policy->credential_origins[i]))
            return true;
    return is_same_authority(request);
}

bool avcsec_request_is_from_page(const avcsec_request_t *request, const avcsec_slice_t *origins,
                                 size_t count)
{
    if (avcsec_slice_equals(request->origin, AVCSEC_LITERAL("null")))
        return false;
    for (size_t i = 0; request->origin.p && i < count; i++)
        if (avcsec_slice_equals_nocase(request->origin, origins[i]))
            return true;
    /* Where the browser says it, the scheme counts too: http is not https of that host. */
    if (request->sec_fetch_site.p)
        return avcsec_slice_equals(request->sec_fetch_site, AVCSEC_LITERAL("same-origin"));
    return request->origin.p && is_same_authority(request);
}

static bool is_scheme_char(unsigned char c)
{
    return (avcsec_is(c, AVCSEC_VALUE) && c != '_') || c == '+';
}

avcsec_slice_t avcsec_request_origin_host(avcsec_slice_t url)
{
    const avcsec_slice_t mark = AVCSEC_LITERAL("://");
    avcsec_slice_t none = {0}, host;
    size_t start = 0, end;

    while (start < url.len && is_scheme_char((unsigned char)url.p[start]))
        start++;
    if (start == 0 ||
        !avcsec_slice_has_prefix((avcsec_slice_t){url.p + start, url.len - start}, mark))
        return none;
    start += mark.len;
    for (end = start; end < url.len && url.p[end] != '/' && url.p[end] != '?' && url.p[end] != '#';
         end++)
        if (url.p[end] == '@' || url.p[end] == '\\')
            return none;
    url = (avcsec_slice_t){url.p + start, end - start};
    avcsec_slice_cut(&url, ':', &host);
    return host;
}
