/* SPDX-License-Identifier: Apache-2.0
 *
 * Webhooks as of Standard Webhooks, version 1: is this message by whoever has the secret?
 *
 *     webhook-id         names the message, the same when it is sent again
 *     webhook-timestamp  Unix seconds of this sending
 *     webhook-signature  v1,<base64> ...: HMAC-SHA-256 of id "." timestamp "." body, several
 *                        between spaces while the sender changes its secret
 *     the secret         whsec_<base64 of 24 to 64 bytes>
 *
 * Asks no clock, remembers no id: that it comes once is the caller's to see. Signatures of
 * other versions (v1a, Ed25519) count for nothing. Source:
 * github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
 */
#ifndef AVCSEC_WEBHOOK_H
#define AVCSEC_WEBHOOK_H

#include "core/text/slice.h"

#define AVCSEC_WEBHOOK_TOLERANCE 300 /* seconds, either way */
#define AVCSEC_WEBHOOK_SECRET_MAX 64

/* The headers of one message as they came; absent ones are absent slices. */
typedef struct {
    avcsec_slice_t id, timestamp, signature;
} avcsec_webhook_headers_t;

typedef struct {
    avcsec_webhook_headers_t headers;
    int64_t sent; /* Unix seconds */
} avcsec_webhook_t;

/* Reads the one set of headers that came: named webhook-... or, as older senders have them,
 * svix-...; both, a missing or a repeated one (httpd joins them by ", "), and a time that is
 * not now are refused. NULL, or a sentence for the administrator that holds nothing of what
 * was sent. The slices of *hook are those of the headers. */
const char *avcsec_webhook_read(const avcsec_webhook_headers_t *standard,
                                const avcsec_webhook_headers_t *svix, int64_t now,
                                avcsec_webhook_t *hook);

/* Reads "whsec_<base64>", padded or not. NULL or a sentence. */
const char *avcsec_webhook_read_secret(avcsec_slice_t text,
                                       unsigned char secret[AVCSEC_WEBHOOK_SECRET_MAX],
                                       size_t *len);

/* One of the signatures of `hook` is of this body by this secret. */
bool avcsec_webhook_is_by(const avcsec_webhook_t *hook, avcsec_slice_t body, avcsec_slice_t secret);

#endif
