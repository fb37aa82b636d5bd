/* SPDX-License-Identifier: Apache-2.0
 *
 * Claims of a JWT: of a grant, of what its media server expects, of the administrator.
 */
#include "httpd/session/jwt_claims.h"

#ifdef AVCSEC_HAVE_JANSSON

#include "httpd/config/template.h"

#include "apr_strings.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

static const avcsec_slice_t *granted(const avcsec_jwt_writer_t *w, avcsec_grant_value_t which)
{
    return w->grant->values[which].len ? &w->grant->values[which] : NULL;
}

static void put(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

static void put_granted(const avcsec_jwt_writer_t *w, const char *name, avcsec_grant_value_t which)
{
    const avcsec_slice_t *value = granted(w, which);

    if (value)
        put(w->claims, name, json_stringn(value->p, value->len));
}

/* ---- What media servers expect ---- */

static const char *check_limits(const avcsec_jwt_writer_t *w, bool knows_app)
{
    if (!knows_app && granted(w, AVCSEC_GRANT_APP))
        return "this media server's tokens know no application: AvcTokenApp none";
    return w->grant->has_client
               ? "this media server's tokens know no client's address: AvcTokenAddress Off"
               : NULL;
}

/* Our own: `scope` as OAuth has it (RFC 8693, 4.2), since `act` means another thing there. */
static const char *say_plain(const avcsec_jwt_writer_t *w)
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
static const char *say_mediamtx(const avcsec_jwt_writer_t *w)
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
static const char *say_livekit(const avcsec_jwt_writer_t *w)
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
static const char *say_ant_media(const avcsec_jwt_writer_t *w)
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

typedef const char *say_t(const avcsec_jwt_writer_t *w);

static say_t *const say[AVCSEC_JWT_KINDS] = {
    [AVCSEC_JWT_PLAIN] = say_plain,
    [AVCSEC_JWT_MEDIAMTX] = say_mediamtx,
    [AVCSEC_JWT_LIVEKIT] = say_livekit,
    [AVCSEC_JWT_ANT_MEDIA] = say_ant_media,
};

/* ---- All claims of a token ---- */

void avcsec_jwt_say_issuer(request_rec *r, const avcsec_jwt_writer_t *w,
                           const avcsec_jwt_form_t *form)
{
    const char *name = r->server->server_hostname;

    put(w->claims, "iss",
        json_string(form->is_issued_by_key ? w->kid
                                           : apr_pstrcat(r->pool, "https://", name, NULL)));
    if (*form->name)
        put(w->claims, "aud", json_string(form->name));
}

/* `nbf` lies as far back as clocks may differ (AvcClockSkew): receivers compare it. */
static void say_times(request_rec *r, const avcsec_jwt_writer_t *w, int64_t now)
{
    put(w->claims, "iat", json_integer(now));
    put(w->claims, "nbf", json_integer(now - avcsec_config_clock_skew(r->server)));
    put(w->claims, "exp", json_integer(now + w->grant->life));
    put(w->claims, "jti", json_string(w->id));
}

const char *avcsec_jwt_say_configured(request_rec *r, const avcsec_jwt_writer_t *w,
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
const char *avcsec_jwt_check_parties(const avcsec_jwt_writer_t *w)
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

const char *avcsec_jwt_say_claims(request_rec *r, const avcsec_jwt_writer_t *w,
                                  const avcsec_jwt_form_t *form, int64_t now)
{
    const char *error;

    avcsec_jwt_say_issuer(r, w, form);
    say_times(r, w, now);
    put_granted(w, "sub", AVCSEC_GRANT_SUB);
    if ((error = say[form->kind](w)) ||
        (error = avcsec_jwt_say_configured(r, w, avcsec_config_section(r)->token_claim)))
        return error;
    return avcsec_jwt_check_parties(w);
}

#endif
