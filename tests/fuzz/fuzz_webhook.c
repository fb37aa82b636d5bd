/* SPDX-License-Identifier: Apache-2.0
 *
 * Webhooks: what is read is fresh and unambiguous; no stranger's text is signed. Lines of the
 * input: a secret, id, time, signatures; the rest is the body.
 */
#include "fuzz.h"

#include "core/token/webhook.h"

#define NOW 1614265330

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    avcsec_slice_t rest = {(const char *)data, size}, text = fuzz_copy(fuzz_line(&rest)),
                   id = fuzz_copy(fuzz_line(&rest)), time = fuzz_copy(fuzz_line(&rest)),
                   signature = fuzz_copy(fuzz_line(&rest)), body = fuzz_copy(rest);
    const avcsec_webhook_headers_t sent = {id, time, signature}, none = {.id = {NULL, 0}};
    unsigned char secret[AVCSEC_WEBHOOK_SECRET_MAX];
    avcsec_webhook_t hook, older;
    size_t len;
    const char *error = avcsec_webhook_read(&sent, &none, NOW, &hook);
    bool is_read = !error;

    PROMISE(!error || strlen(error) > 20);
    PROMISE(!avcsec_webhook_read(&none, &sent, NOW, &older) == is_read);
    if (id.p || time.p || signature.p)
        PROMISE(avcsec_webhook_read(&sent, &sent, NOW, &older) != NULL);
    if (is_read) {
        PROMISE(hook.sent >= NOW - 300 && hook.sent <= NOW + 300);
        PROMISE(id.len && !memchr(id.p, '.', id.len) && !memchr(id.p, ' ', id.len));
    }
    error = avcsec_webhook_read_secret(text, secret, &len);
    PROMISE(!error || strlen(error) > 20);
    if (!error)
        PROMISE(len >= 24 && len <= sizeof(secret));
    if (is_read && !error)
        fuzz_accepted +=
            avcsec_webhook_is_by(&hook, body, (avcsec_slice_t){(const char *)secret, len});
    fuzz_free(text);
    fuzz_free(id);
    fuzz_free(time);
    fuzz_free(signature);
    fuzz_free(body);
    return 0;
}
