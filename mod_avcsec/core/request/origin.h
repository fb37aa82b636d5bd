/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose page sent a request, by what browsers say of it.
 */
#ifndef AVCSEC_ORIGIN_H
#define AVCSEC_ORIGIN_H

#include "core/request/request.h"

/* This site's, or one that the policy lists: another site's page must not make the browser's
 * cookie act (CSRF). */
bool avcsec_origin_is_own_page(const avcsec_request_t *request, const avcsec_policy_t *policy);

/* The host of "scheme://host[:port][/...]"; absent if it is not of that form or has
 * user information. */
avcsec_slice_t avcsec_request_origin_host(avcsec_slice_t url);

/* A page of this host sent it, or of one of these origins ("https://host[:port]" in lower
 * case), and the browser says so: Origin and Sec-Fetch-Site (Fetch Metadata). False if it
 * says nothing. */
bool avcsec_request_is_from_page(const avcsec_request_t *request, const avcsec_slice_t *origins,
                                 size_t count);

#endif
