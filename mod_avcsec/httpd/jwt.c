/* SPDX-License-Identifier: Apache-2.0
 *
 * Issuing JWTs: claims of a grant, claims that a media server expects, claims of the
 * administrator, in this order; then the signature. And judging those in no form.
 */
#include "jwt.h"

#include "facts.h"
#include "jose.h"
#include "keys.h"
#include "template.h"

#include "../core/b64url.h"
#include "../core/jwt.h"

#include "apr_general.h"
#include "apr_strings.h"
#include "http_log.h"

#include <stdlib.h>

APLOG_USE_MODULE(avcsec);

bool avcsec_jwt_is_wanted(const avcsec_section_t *section)
{
    return section->token_format && section->token_format->is_jwt;
}

bool avcsec_jwt_is_meant(const avcsec_section_t *section, const avcsec_wish_t *wish)
{
    return avcsec_jwt_is_wanted(section) && !section->token_format->form && wish->token.p &&
           !avcsec_slice_has_prefix(wish->token, AVCSEC_LITERAL("avc1~"));
}

#ifdef AVCSEC_HAVE_JANSSON

static const char own_type[] = "avcsec+jwt"; /* typ of tokens in no other server's form */

/* What is written into a token. */
typedef struct {
    json_t *claims;
    const avcsec_grant_t *grant;
    const char *kid, *id;
    bool may_play, may_publish;
} writer_t;

/* NULL, or why a token cannot say what is granted. */
typedef const char *say_t(const writer_t *w);

struct avcsec_jwt_form_t {
    const char *name;
    avcsec_algorithm_t algorithm; /* AVCSEC_NO_ALGORITHM: several */
    bool needs_pair;
    bool is_issued_by_key; /* iss is the key id */
    say_t *say;
};

static const avcsec_slice_t *granted(const writer_t *w, avcsec_grant_value_t which)
{
    return w->grant->values[which].len ? &w->grant->values[which] : NULL;
}

static void put(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

static void put_granted(const writer_t *w, const char *name, avcsec_grant_value_t which)
{
    const avcsec_slice_t *value = granted(w, which);

    if (value)
        put(w->claims, name, json_stringn(value->p, value->len));
}

/* ---- What media servers expect ---- */

static const char *check_limits(const writer_t *w, bool knows_app)
{
    if (!knows_app && granted(w, AVCSEC_GRANT_APP))
        return "this media server's tokens know no application: AvcTokenApp none";
    return w->grant->has_client
               ? "this media server's tokens know no client's address: AvcTokenAddress Off"
               : NULL;
}

/* Our own: `scope` as OAuth has it (RFC 8693, 4.2), since `act` means another thing there. */
static const char *say_plain(const writer_t *w)
{
    char scope[64];

    if (w->grant->has_client)
        return "a JWT's verifier looks at no client's address: AvcTokenAddress Off";
    apr_snprintf(scope, sizeof(scope), "%s%s%s%s",
                 avcsec_grant_allows(w->grant, AVCSEC_LITERAL("connect")) ? " connect" : "",
                 w->may_play ? " play" : "", w->may_publish ? " publish" : "",
                 avcsec_grant_allows(w->grant, AVCSEC_LITERAL("upload")) ? " upload" : "");
    put(w->claims, "scope", json_string(scope + 1));
    put_granted(w, "role", AVCSEC_GRANT_ROLE);
    put_granted(w, "app", AVCSEC_GRANT_APP);
    put_granted(w, "room", AVCSEC_GRANT_ROOM);
    if (w->grant->max)
        put(w->claims, "max", json_integer(w->grant->max));
    return NULL;
}

static void permit(json_t *permissions, const char *action, const char *path)
{
    json_array_append_new(permissions, json_pack("{s:s,s:s}", "action", action, "path", path));
}

/* MediaMTX: its path is "app/room" or "room"; one that starts with '~' is a regular
 * expression there, and an empty one is all of them. */
static const char *say_mediamtx(const writer_t *w)
{
    const avcsec_slice_t *app = granted(w, AVCSEC_GRANT_APP), *room = granted(w, AVCSEC_GRANT_ROOM);
    char path[2 * AVCSEC_CLAIM_VALUE_MAX + 2] = "";
    json_t *permissions;

    if (app && !room)
        return "MediaMTX's tokens know no application without a stream: give AvcTokenRoom as well";
    if (room && !app && room->p[0] == '~')
        return "AvcTokenRoom gives a name that starts with \"~\", which MediaMTX would read as a "
               "regular expression";
    if (!w->may_play && !w->may_publish)
        return "AvcTokenAct gives neither play nor publish: MediaMTX knows nothing else";
    if (room)
        apr_snprintf(path, sizeof(path), "%.*s%s%.*s", app ? (int)app->len : 0, app ? app->p : "",
                     app ? "/" : "", (int)room->len, room->p);
    permissions = json_array();
    if (w->may_play)
        permit(permissions, "read", path);
    if (w->may_publish)
        permit(permissions, "publish", path);
    put(w->claims, "mediamtx_permissions", permissions);
    return check_limits(w, true);
}

/* LiveKit: sub is the participant, and must be there; without `room` it is any. */
static const char *say_livekit(const writer_t *w)
{
    const avcsec_slice_t *room = granted(w, AVCSEC_GRANT_ROOM),
                         *role = granted(w, AVCSEC_GRANT_ROLE);
    json_t *video = json_pack("{s:b,s:b,s:b,s:b}", "roomJoin", 1, "canSubscribe", w->may_play,
                              "canPublish", w->may_publish, "canPublishData", w->may_publish);

    if (room)
        put(video, "room", json_stringn(room->p, room->len));
    if (role && avcsec_slice_equals(*role, AVCSEC_LITERAL("admin")))
        put(video, "roomAdmin", json_true());
    put(w->claims, "video", video);
    if (!granted(w, AVCSEC_GRANT_SUB))
        put(w->claims, "sub", json_string(w->id));
    return check_limits(w, false);
}

/* Ant Media: one stream, and to play it or to publish it, not both. */
static const char *say_ant_media(const writer_t *w)
{
    if (!granted(w, AVCSEC_GRANT_ROOM))
        return "Ant Media's tokens are for one stream: give AvcTokenRoom";
    if (w->may_play == w->may_publish)
        return "Ant Media's tokens are either for play or for publish: AvcTokenAct must give one "
               "of "
               "them";
    put_granted(w, "streamId", AVCSEC_GRANT_ROOM);
    put(w->claims, "type", json_string(w->may_play ? "play" : "publish"));
    return check_limits(w, false);
}

static const avcsec_jwt_form_t forms[] = {
    {"mediamtx", AVCSEC_NO_ALGORITHM, true, false, say_mediamtx},
    {"livekit", AVCSEC_ALGORITHM_HS256, false, true, say_livekit},
    {"ant-media", AVCSEC_ALGORITHM_HS256, false, false, say_ant_media},
};

static const avcsec_jwt_form_t plain = {"", AVCSEC_NO_ALGORITHM, false, false, say_plain};

const avcsec_jwt_form_t *avcsec_jwt_form_find(const char *name)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (!strcasecmp(name, forms[i].name))
            return &forms[i];
    return NULL;
}

avcsec_algorithm_t avcsec_jwt_form_algorithm(const avcsec_jwt_form_t *form)
{
    return form->algorithm;
}

bool avcsec_jwt_form_needs_pair(const avcsec_jwt_form_t *form)
{
    return form->needs_pair;
}

/* ---- Claims ---- */

/* Whom the receiver should expect: not the Host that a client sends. */
static void say_issuer(request_rec *r, const writer_t *w, const avcsec_jwt_form_t *form)
{
    const char *name = r->server->server_hostname;

    put(w->claims, "iss",
        json_string(form->is_issued_by_key ? w->kid
                                           : apr_pstrcat(r->pool, "https://", name, NULL)));
    if (*form->name)
        put(w->claims, "aud", json_string(form->name));
}

/* `nbf` lies as far back as clocks may differ (AvcClockSkew): receivers compare it. */
static void say_times(request_rec *r, const writer_t *w, int64_t now)
{
    put(w->claims, "iat", json_integer(now));
    put(w->claims, "nbf", json_integer(now - avcsec_config_clock_skew(r->server)));
    put(w->claims, "exp", json_integer(now + w->grant->life));
    put(w->claims, "jti", json_string(w->id));
}

static const char *say_configured(request_rec *r, const writer_t *w,
                                  const apr_array_header_t *claims)
{
    for (int i = 0; claims && i < claims->nelts; i++) {
        const avcsec_token_claim_t *claim = &APR_ARRAY_IDX(claims, i, avcsec_token_claim_t);
        const char *error;
        json_t *value = avcsec_template_fill(r, claim->value, &error);

        if (!value)
            return apr_psprintf(r->pool, "AvcTokenClaim %s (%s line %d) %s", claim->name,
                                claim->place.file, claim->place.line, error);
        if (json_is_null(value)) {
            json_object_del(w->claims, claim->name);
            json_decref(value);
        } else
            put(w->claims, claim->name, value);
    }
    return NULL;
}

static bool is_name(const json_t *value)
{
    return json_is_string(value) && json_string_length(value) > 0;
}

/* A token for nobody in particular is one for everybody (RFC 8725, 3.9). */
static const char *check_parties(const writer_t *w)
{
    const json_t *aud = json_object_get(w->claims, "aud");
    bool has_aud = is_name(aud) || json_array_size(aud) > 0;

    for (size_t i = 0; i < json_array_size(aud); i++)
        has_aud &= is_name(json_array_get(aud, i));
    if (!has_aud)
        return "AvcTokenClaim aud must name the media server, in a string or a list of strings";
    return is_name(json_object_get(w->claims, "iss"))
               ? NULL
               : "AvcTokenClaim iss must name this site, in a string";
}

static const char *say_claims(request_rec *r, const writer_t *w, const avcsec_jwt_form_t *form,
                              int64_t now)
{
    const char *error;

    say_issuer(r, w, form);
    say_times(r, w, now);
    put_granted(w, "sub", AVCSEC_GRANT_SUB);
    if ((error = form->say(w)) ||
        (error = say_configured(r, w, avcsec_config_section(r)->token_claim)))
        return error;
    return check_parties(w);
}

/* ---- The compact form ---- */

/* Appends base64url of `text`. */
static char *encode(char *end, const char *text)
{
    return end + avcsec_b64url_encode((const unsigned char *)text, strlen(text), end);
}

/* typ says what it is to us; the media servers of ready forms know "JWT" only. */
static const char *header_of(apr_pool_t *p, const avcsec_key_t *key, const avcsec_jwt_form_t *form)
{
    return apr_psprintf(p, "{\"alg\":\"%s\",\"kid\":\"%s\",\"typ\":\"%s\"}",
                        avcsec_algorithm_word(key->signing.algorithm).p, key->kid,
                        *form->name ? "JWT" : own_type);
}

static const char *sign(apr_pool_t *pool, const avcsec_key_t *key, const char *header,
                        const char *claims, const char **token)
{
    size_t room = AVCSEC_B64URL_CHARS(strlen(header)) + AVCSEC_B64URL_CHARS(strlen(claims)) +
                  AVCSEC_B64URL_CHARS(AVCSEC_SIGNATURE_BYTES) + 3,
           len;
    unsigned char signature[AVCSEC_SIGNATURE_BYTES];
    char *text, *end;

    if (room > AVCSEC_JWT_MAX)
        return "the token would be longer than 4096 characters";
    end = text = apr_palloc(pool, room);
    end = encode(end, header);
    *end++ = '.';
    end = encode(end, claims);
    if (!avcsec_signing_key_sign(&key->signing, avcsec_slice_between(text, end), signature, &len))
        return "OpenSSL failed";
    *end++ = '.';
    end += avcsec_b64url_encode(signature, len, end);
    *end = '\0';
    *token = text;
    return NULL;
}

static const char *write_token(request_rec *r, const writer_t *w, const avcsec_jwt_form_t *form,
                               const avcsec_key_t *key, int64_t now, apr_pool_t *pool,
                               const char **token)
{
    const char *error = say_claims(r, w, form, now);
    char *text;

    if (error)
        return error;
    if (!(text = json_dumps(w->claims, JSON_COMPACT)))
        return "out of memory";
    error = sign(pool, key, header_of(r->pool, key, form), text, token);
    free(text);
    return error;
}

static const char *issue_with(request_rec *r, const avcsec_grant_t *grant,
                              const avcsec_jwt_form_t *form, const avcsec_key_t *key, int64_t now,
                              apr_pool_t *pool, const char **token)
{
    unsigned char bytes[16];
    char id[AVCSEC_B64URL_CHARS(sizeof(bytes)) + 1];
    writer_t w = {json_object(),
                  grant,
                  key->kid,
                  id,
                  avcsec_grant_allows(grant, AVCSEC_LITERAL("play")),
                  avcsec_grant_allows(grant, AVCSEC_LITERAL("publish"))};
    const char *error = "no randomness";

    if (!apr_generate_random_bytes(bytes, sizeof(bytes))) {
        id[avcsec_b64url_encode(bytes, sizeof(bytes), id)] = '\0';
        error = write_token(r, &w, form, key, now, pool, token);
    }
    json_decref(w.claims);
    return error;
}

const char *avcsec_jwt_issue(request_rec *r, const avcsec_grant_t *grant, int64_t now,
                             apr_pool_t *pool, const char **token)
{
    const avcsec_token_format_t *format = avcsec_config_section(r)->token_format;
    const avcsec_jwt_form_t *form = format->form ? format->form : &plain;
    const char *error;
    avcsec_key_t key;

    if ((error =
             avcsec_keys_jwt_signer(r->server, format->algorithm, now, now + grant->life, &key)))
        return error;
    if (form->needs_pair && key.signing.algorithm == AVCSEC_ALGORITHM_HS256)
        error = "no ed25519 or es256 key of AvcKeyFile may sign now, and this media server takes "
                "public keys only";
    else
        error = issue_with(r, grant, form, &key, now, pool, token);
    if (!error)
        avcsec_keys_used(r->server, avcsec_slice_of(key.kid), now);
    avcsec_wipe(&key, sizeof(key));
    return error;
}

/* ---- Judging ---- */

static apr_status_t close_jose(void *jose)
{
    avcsec_jose_close(jose);
    return APR_SUCCESS;
}

/* Whom this section would name as issuer, and for whom: the first of several. */
static const char *read_parties(request_rec *r, avcsec_jwt_policy_t *policy)
{
    const avcsec_grant_t nothing = {.life = 0};
    writer_t w = {json_object(), &nothing, "", "", false, false};
    const char *error;
    json_t *aud;

    say_issuer(r, &w, &plain);
    if (!(error = say_configured(r, &w, avcsec_config_section(r)->token_claim)) &&
        !(error = check_parties(&w))) {
        aud = json_object_get(w.claims, "aud");
        aud = json_is_array(aud) ? json_array_get(aud, 0) : aud;
        policy->audience = avcsec_slice_of(apr_pstrdup(r->pool, json_string_value(aud)));
        policy->issuer = avcsec_slice_of(
            apr_pstrdup(r->pool, json_string_value(json_object_get(w.claims, "iss"))));
    }
    json_decref(w.claims);
    return error;
}

/* The signature, by the key that the header names; that key says which algorithm. */
static avcsec_verdict_t check_signature(request_rec *r, const avcsec_jose_t *jose, int64_t now,
                                        avcsec_token_t *token)
{
    avcsec_keys_t keys = avcsec_keys_of(r->server);
    avcsec_slice_t kid = avcsec_jwt_kid(&jose->header);
    avcsec_verdict_t verdict = AVCSEC_UNKNOWN_KEY;
    avcsec_key_t key;

    if (kid.p && keys.find(keys.baton, kid, &key) && avcsec_key_verifies_jwt(&key, now))
        verdict = avcsec_jose_check(jose, &key.signing);
    if (verdict == AVCSEC_ALLOWED)
        token->kid = kid;
    avcsec_wipe(&key, sizeof(key));
    return verdict;
}

static avcsec_verdict_t check_claims(request_rec *r, avcsec_jose_t *jose,
                                     const avcsec_policy_t *asked, int64_t now,
                                     avcsec_token_t *token, const char **detail)
{
    avcsec_jwt_policy_t policy = {
        avcsec_slice_of(own_type), {NULL, 0}, {NULL, 0}, asked->clock_skew};
    avcsec_slice_t kid = token->kid;
    avcsec_jwt_claims_t judged;
    avcsec_verdict_t verdict;

    if (!avcsec_jose_open_claims(jose))
        return AVCSEC_MALFORMED;
    if ((*detail = read_parties(r, &policy)))
        return AVCSEC_PURPOSE;
    verdict = avcsec_jwt_check_claims(&jose->header, &jose->claims, &policy, now, &judged);
    if (verdict != AVCSEC_ALLOWED)
        return verdict;
    if (!avcsec_jwt_to_session(&jose->claims, &judged, apr_palloc(r->pool, AVCSEC_JWT_ROOM), token))
        return AVCSEC_MALFORMED;
    token->kid = kid;
    return asked->check_revoked ? asked->check_revoked(asked->revoked_baton, token, now)
                                : AVCSEC_ALLOWED;
}

void avcsec_jwt_judge(request_rec *r, const avcsec_wish_t *wish, const avcsec_policy_t *policy,
                      int64_t now, avcsec_judgement_t *judgement)
{
    avcsec_jose_t *jose = apr_palloc(r->pool, sizeof(*jose));
    avcsec_token_t *token = &judgement->token;

    judgement->verdict = AVCSEC_MALFORMED;
    if (r->method_number != M_POST) {
        judgement->detail = "a JWT in a query is one in every log on the way: ask by POST";
        return;
    }
    if (!avcsec_jose_open(wish->token, jose))
        return;
    /* What is judged points into it. */
    apr_pool_cleanup_register(r->pool, jose, close_jose, apr_pool_cleanup_null);
    judgement->verdict = check_signature(r, jose, now, token);
    if (judgement->verdict != AVCSEC_ALLOWED)
        return;
    judgement->has_token = true;
    token->purpose = AVCSEC_SESSION;
    judgement->verdict = check_claims(r, jose, policy, now, token, &judgement->detail);
    if (judgement->verdict == AVCSEC_ALLOWED)
        judgement->verdict = avcsec_admission_allows(token, wish);
}

#else /* AvcTokenFormat jwt is refused when the configuration is read */

const avcsec_jwt_form_t *avcsec_jwt_form_find(const char *name)
{
    (void)name;
    return NULL;
}

avcsec_algorithm_t avcsec_jwt_form_algorithm(const avcsec_jwt_form_t *form)
{
    (void)form;
    return AVCSEC_NO_ALGORITHM;
}

bool avcsec_jwt_form_needs_pair(const avcsec_jwt_form_t *form)
{
    (void)form;
    return false;
}

const char *avcsec_jwt_issue(request_rec *r, const avcsec_grant_t *grant, int64_t now,
                             apr_pool_t *pool, const char **token)
{
    (void)r, (void)grant, (void)now, (void)pool, (void)token;
    return "this module was built without jansson";
}

void avcsec_jwt_judge(request_rec *r, const avcsec_wish_t *wish, const avcsec_policy_t *policy,
                      int64_t now, avcsec_judgement_t *judgement)
{
    (void)r, (void)wish, (void)policy, (void)now;
    judgement->verdict = AVCSEC_MALFORMED;
}

#endif
