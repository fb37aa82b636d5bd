/* SPDX-License-Identifier: Apache-2.0
 *
 * Which token of a request counts.
 */
#include "core/request/carriers.h"

#include "core/request/origin.h"

static void offer(avcsec_selection_t *selection, avcsec_purpose_t asked, avcsec_carrier_t carrier,
                  avcsec_slice_t text, unsigned *seen)
{
    avcsec_purpose_t shown = avcsec_token_shows(text);

    if (shown == AVCSEC_NO_PURPOSE) {
        selection->has_junk = true;
        return;
    }
    selection->has_double |= (*seen & 1u << shown) != 0;
    *seen |= 1u << shown;
    if (shown != asked)
        selection->has_other = true;
    else if (selection->carrier == AVCSEC_NO_CARRIER) {
        selection->token = text;
        selection->carrier = carrier;
    }
}

static void offer_query(avcsec_selection_t *selection, avcsec_purpose_t asked,
                        const avcsec_reading_t *reading)
{
    unsigned seen = 0;

    selection->has_double |= reading->query_tokens > 1;
    if (reading->query_tokens)
        offer(selection, asked, AVCSEC_IN_QUERY, reading->query_token, &seen);
}

static void offer_path(avcsec_selection_t *selection, avcsec_purpose_t asked,
                       const avcsec_path_tokens_t *tokens)
{
    unsigned seen = 0;

    for (size_t i = 0; i < tokens->count && i < AVCSEC_PATH_TOKENS; i++)
        offer(selection, asked, AVCSEC_IN_PATH, tokens->token[i], &seen);
}

avcsec_slice_t avcsec_request_bearer(avcsec_slice_t authorization)
{
    avcsec_slice_t rest = authorization, scheme, none = {0};

    if (!avcsec_slice_cut(&rest, ' ', &scheme) || !rest.p ||
        !avcsec_slice_equals_nocase(scheme, AVCSEC_LITERAL("Bearer")))
        return none;
    rest = avcsec_slice_trim(rest);
    return avcsec_slice_has_prefix(rest, AVCSEC_LITERAL("avc1~")) ? rest : none;
}

static void offer_header(avcsec_selection_t *selection, avcsec_purpose_t asked,
                         const avcsec_request_t *request)
{
    avcsec_slice_t token = avcsec_request_bearer(request->authorization);
    unsigned seen = 0;

    if (token.p)
        offer(selection, asked, AVCSEC_IN_HEADER, token, &seen);
}

static bool is_reading(avcsec_slice_t method)
{
    return avcsec_slice_equals(method, AVCSEC_LITERAL("GET")) ||
           avcsec_slice_equals(method, AVCSEC_LITERAL("HEAD"));
}

/* The cookie carries file (GET and HEAD) and session, nothing else. */
static bool cookie_carries(avcsec_purpose_t shown, avcsec_slice_t method)
{
    return shown == AVCSEC_NO_PURPOSE || shown == AVCSEC_SESSION ||
           (shown == AVCSEC_FILE && is_reading(method));
}

static void offer_cookies(avcsec_selection_t *selection, const avcsec_request_t *request,
                          const avcsec_policy_t *policy)
{
    avcsec_slice_t rest = request->cookie, pair, name;
    unsigned seen = 0;

    if ((!is_reading(request->method) || request->upgrade.p) &&
        !avcsec_origin_is_own_page(request, policy))
        return;
    while (avcsec_slice_cut(&rest, ';', &pair)) {
        avcsec_slice_cut(&pair, '=', &name);
        if (!avcsec_slice_equals(avcsec_slice_trim(name), AVCSEC_LITERAL("__Host-avc")))
            continue;
        pair = avcsec_slice_trim(pair);
        if (cookie_carries(avcsec_token_shows(pair), request->method))
            offer(selection, policy->asked, AVCSEC_IN_COOKIE, pair, &seen);
    }
}

avcsec_verdict_t avcsec_carriers_select(const avcsec_request_t *request,
                                        const avcsec_reading_t *reading,
                                        const avcsec_policy_t *policy,
                                        avcsec_selection_t *selection)
{
    offer_query(selection, policy->asked, reading);
    offer_path(selection, policy->asked, &reading->path_tokens);
    offer_header(selection, policy->asked, request);
    offer_cookies(selection, request, policy);
    if (selection->has_double)
        return AVCSEC_MALFORMED;
    if (selection->carrier != AVCSEC_NO_CARRIER)
        return AVCSEC_ALLOWED;
    return selection->has_other  ? AVCSEC_PURPOSE
           : selection->has_junk ? AVCSEC_MALFORMED
                                 : AVCSEC_NO_TOKEN;
}
