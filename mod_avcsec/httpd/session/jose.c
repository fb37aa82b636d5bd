/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON of JWTs, by jansson.
 */
#include "httpd/session/jose.h"

#include "core/text/b64url.h"

#ifdef AVCSEC_HAVE_JANSSON

#include <jansson.h>

static avcsec_json_t read_value(const json_t *value)
{
    avcsec_json_t read = {AVCSEC_JSON_OTHER, {NULL, 0}, 0};

    if (!value)
        read.kind = AVCSEC_JSON_ABSENT;
    else if (json_is_string(value))
        read = (avcsec_json_t){
            AVCSEC_JSON_TEXT, {json_string_value(value), json_string_length(value)}, 0};
    else if (json_is_number(value))
        read = (avcsec_json_t){AVCSEC_JSON_NUMBER, {NULL, 0}, json_number_value(value)};
    else if (json_is_array(value))
        read = (avcsec_json_t){AVCSEC_JSON_LIST, {NULL, 0}, (double)json_array_size(value)};
    return read;
}

static avcsec_json_t get_member(void *baton, const char *name)
{
    return read_value(json_object_get(baton, name));
}

static avcsec_json_t get_item(void *baton, const char *name, size_t place)
{
    return read_value(json_array_get(json_object_get(baton, name), place));
}

/* The object that base64url holds; NULL if it is none. */
static json_t *parse(avcsec_slice_t encoded)
{
    char bytes[AVCSEC_B64URL_BYTES(AVCSEC_JWT_MAX)];
    avcsec_slice_t text = {bytes, 0};
    json_t *object;

    if (encoded.len > AVCSEC_JWT_MAX ||
        !avcsec_b64url_decode(encoded, (unsigned char *)bytes, &text.len) ||
        !avcsec_json_is_shallow(text))
        return NULL;
    object = json_loadb(text.p, text.len, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(object))
        return object;
    json_decref(object);
    return NULL;
}

bool avcsec_jose_open(avcsec_slice_t text, avcsec_jose_t *jose)
{
    jose->parsed_claims = NULL;
    jose->signature.p = (const char *)jose->bytes;
    if (!avcsec_jws_split(text, &jose->jws) ||
        !avcsec_b64url_decode(jose->jws.signature, jose->bytes, &jose->signature.len) ||
        !(jose->parsed_header = parse(jose->jws.header)))
        return false;
    jose->header = (avcsec_members_t){get_member, get_item, jose->parsed_header};
    return true;
}

avcsec_verdict_t avcsec_jose_check(const avcsec_jose_t *jose, const avcsec_signing_key_t *key)
{
    avcsec_verdict_t verdict = avcsec_jwt_check_header(&jose->header, key->algorithm);

    if (verdict != AVCSEC_ALLOWED)
        return verdict;
    return avcsec_signing_key_verifies(key, jose->jws.signed_text, jose->signature)
               ? AVCSEC_ALLOWED
               : AVCSEC_SIGNATURE;
}

bool avcsec_jose_open_claims(avcsec_jose_t *jose)
{
    if (!(jose->parsed_claims = parse(jose->jws.payload)))
        return false;
    jose->claims = (avcsec_members_t){get_member, get_item, jose->parsed_claims};
    return true;
}

void avcsec_jose_close(avcsec_jose_t *jose)
{
    json_decref(jose->parsed_header);
    json_decref(jose->parsed_claims);
    jose->parsed_header = jose->parsed_claims = NULL;
}

#else

bool avcsec_jose_open(avcsec_slice_t text, avcsec_jose_t *jose)
{
    (void)text, (void)jose;
    return false;
}

avcsec_verdict_t avcsec_jose_check(const avcsec_jose_t *jose, const avcsec_signing_key_t *key)
{
    (void)jose, (void)key;
    return AVCSEC_MALFORMED;
}

bool avcsec_jose_open_claims(avcsec_jose_t *jose)
{
    (void)jose;
    return false;
}

void avcsec_jose_close(avcsec_jose_t *jose)
{
    (void)jose;
}

#endif
