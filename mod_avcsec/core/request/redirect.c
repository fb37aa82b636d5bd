/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens in redirects.
 */
#include "core/request/redirect.h"

#include "core/request/copies.h"
#include "core/token/signed_text.h"

#include <string.h>

/* Text that is being written; the room is the caller's. */
typedef struct {
    char *p;
    size_t len;
} text_t;

static void put(text_t *out, avcsec_slice_t s)
{
    if (s.p && s.len)
        memcpy(out->p + out->len, s.p, s.len);
    out->len += s.len;
}

static avcsec_slice_t slice_of(text_t text)
{
    return (avcsec_slice_t){text.p, text.len};
}

/* Scratch behind what was written: gives `len` bytes of it. */
static char *take(char **room, size_t len)
{
    char *p = *room;

    *room += len;
    return p;
}

/* ---- What is right here and there ---- */

/* Its mac is the one for this path and query; it may be over. */
static bool is_right(const avcsec_redirect_t *redirect, const avcsec_token_t *token,
                     avcsec_slice_t path, avcsec_slice_t query)
{
    const avcsec_signed_target_t target = {path, query};
    bool is_it = false;
    avcsec_key_t key;

    if (!redirect->keys->find(redirect->keys->baton, token->kid, &key))
        return false;
    if (avcsec_key_is_for(&key, token->purpose))
        is_it =
            avcsec_token_is_right(token, &target, &key.u.derived[token->purpose], redirect->mac);
    avcsec_wipe(&key, sizeof(key));
    return is_it;
}

/* The token was right where it was asked; whether it may go along. */
static bool goes_along(const avcsec_redirect_t *redirect, const avcsec_token_t *token,
                       avcsec_slice_t path, avcsec_slice_t query)
{
    return (token->purpose != AVCSEC_SESSION || redirect->is_same_name) &&
           is_right(redirect, token, path, query);
}

/* The one token of the query, if it is right where it was asked. */
static bool read_query_token(const avcsec_redirect_t *redirect, avcsec_token_t *token)
{
    const avcsec_reading_t *reading = redirect->reading;

    return reading->query_tokens == 1 && !avcsec_token_parse(reading->query_token, token) &&
           is_right(redirect, token, reading->canonical, redirect->request->query);
}

/* The tokens of the path, if all of them are right where they were asked. */
static bool read_path_tokens(const avcsec_redirect_t *redirect,
                             avcsec_token_t tokens[AVCSEC_PATH_TOKENS])
{
    const avcsec_path_tokens_t *found = &redirect->reading->path_tokens;
    avcsec_slice_t none = {0};

    if (!found->count || found->count > AVCSEC_PATH_TOKENS || found->has_odd_segment)
        return false;
    for (size_t i = 0; i < found->count; i++)
        if (avcsec_token_parse(found->token[i], &tokens[i]) || tokens[i].args.p ||
            !is_right(redirect, &tokens[i], redirect->reading->canonical, none))
            return false;
    return true;
}

/* ---- The path ---- */

/* Where the redirect leads, as the application means it, which knows of no path tokens; raw.
 * A path of its own, or beside the one that was asked for. */
static avcsec_slice_t target_path(const avcsec_redirect_t *redirect, const avcsec_url_t *url,
                                  char **room)
{
    avcsec_slice_t asked = redirect->reading->left, path = url->path;
    text_t joined;

    if (path.len && path.p[0] == '/')
        return path;
    if (!path.len)
        return url->kind == AVCSEC_URL_FULL ? AVCSEC_LITERAL("/") : asked;
    while (asked.len && asked.p[asked.len - 1] != '/')
        asked.len--;
    joined = (text_t){take(room, asked.len + path.len), 0};
    put(&joined, asked);
    put(&joined, path);
    return slice_of(joined);
}

/* Of a path that may have tokens of its own. */
static avcsec_slice_t canonical_of(avcsec_slice_t raw, char **room)
{
    char *left = take(room, raw.len + 1), *decoded = take(room, raw.len + 1), *canonical;
    avcsec_path_tokens_t found;
    avcsec_slice_t none = {0};
    size_t len = avcsec_path_cut_tokens(raw, left, take(room, raw.len), &found);

    if (!avcsec_path_resolve((avcsec_slice_t){left, len}, decoded, &len))
        return none;
    canonical = take(room, AVCSEC_PATH_CANONICAL_MAX(len));
    return (avcsec_slice_t){canonical,
                            avcsec_path_encode((avcsec_slice_t){decoded, len}, canonical)};
}

/* How often a slash ends a segment before the token. */
static size_t place_of(avcsec_slice_t raw, size_t token)
{
    avcsec_slice_t segment;
    size_t place = 0, seen = 0;

    avcsec_slice_cut(&raw, '/', &segment);
    while (avcsec_slice_cut(&raw, '/', &segment)) {
        if (avcsec_slice_unescapes_to_prefix(segment, AVCSEC_LITERAL("~avc1~"))) {
            if (seen++ == token)
                break;
        } else
            place++;
    }
    return place;
}

typedef struct {
    bool is_kept[AVCSEC_PATH_TOKENS];
    avcsec_token_t tokens[AVCSEC_PATH_TOKENS];
} path_plan_t;

static void put_tokens(text_t *out, const avcsec_redirect_t *redirect, const path_plan_t *plan,
                       size_t from, size_t to)
{
    const avcsec_path_tokens_t *found = &redirect->reading->path_tokens;

    for (size_t i = 0; i < found->count; i++) {
        size_t place = plan->is_kept[i] ? place_of(redirect->request->path, i) : to;

        if (place < from || place >= to)
            continue;
        put(out, AVCSEC_LITERAL("/~"));
        put(out, found->token[i]);
    }
}

/* The path with its tokens where they stood, or, of a shorter one, before its last segment. */
static avcsec_slice_t write_path(const avcsec_redirect_t *redirect, const path_plan_t *plan,
                                 avcsec_slice_t path, char **room)
{
    text_t out = {take(room, path.len + 3 * redirect->request->path.len), 0};
    avcsec_slice_t rest = path, segment;
    size_t place = 0;

    avcsec_slice_cut(&rest, '/', &segment);
    while (avcsec_slice_cut(&rest, '/', &segment)) {
        bool is_last = rest.p == NULL;

        put_tokens(&out, redirect, plan, place, is_last ? SIZE_MAX : place + 1);
        put(&out, AVCSEC_LITERAL("/"));
        put(&out, segment);
        place++;
    }
    return slice_of(out);
}

/* ---- The whole ---- */

typedef struct {
    const avcsec_redirect_t *redirect;
    const avcsec_url_t *url;
    avcsec_slice_t path;      /* as it is to be written */
    avcsec_slice_t canonical; /* where it leads; absent: to nowhere that a token may */
    avcsec_slice_t query;     /* as it is to be written */
    char *room;
} plan_t;

static bool keeps_any(const path_plan_t *path)
{
    for (size_t i = 0; i < AVCSEC_PATH_TOKENS; i++)
        if (path->is_kept[i])
            return true;
    return false;
}

static bool has_odd_segment(avcsec_slice_t raw, char *room)
{
    avcsec_path_tokens_t found;

    avcsec_path_cut_tokens(raw, room, room + raw.len + 1, &found);
    return found.has_odd_segment;
}

static bool has_path_tokens(avcsec_slice_t raw, char *room)
{
    avcsec_path_tokens_t found;

    avcsec_path_cut_tokens(raw, room, room + raw.len + 1, &found);
    return found.count > 0;
}

/* Which path tokens go along; false: the path is none of ours to write. */
static bool plan_path(plan_t *plan, path_plan_t *path)
{
    size_t count = plan->redirect->reading->path_tokens.count;
    avcsec_slice_t none = {0};

    *path = (path_plan_t){.is_kept = {false}};
    if (!plan->canonical.p || has_path_tokens(plan->url->path, plan->room) ||
        !read_path_tokens(plan->redirect, path->tokens))
        return false;
    for (size_t i = 0; i < count; i++)
        path->is_kept[i] = goes_along(plan->redirect, &path->tokens[i], plan->canonical, none);
    return true;
}

/* The argument of the query as it was sent, if it goes along to what `bare` is the query of. */
static avcsec_slice_t plan_query(const plan_t *plan, avcsec_slice_t bare, bool *is_right_here)
{
    avcsec_slice_t rest = plan->redirect->request->query, piece, none = {0};
    avcsec_token_t token;

    *is_right_here = read_query_token(plan->redirect, &token);
    if (!plan->canonical.p || !*is_right_here || plan->redirect->is_created ||
        !goes_along(plan->redirect, &token, plan->canonical, bare))
        return none;
    while (avcsec_slice_cut(&rest, '&', &piece))
        if (avcsec_copies_is_token(piece))
            return piece;
    return none;
}

/* With the token of the query, a client that follows would ask what it has just asked: a rule
 * that takes queries away would do so for ever. */
static bool is_asked_address(const plan_t *plan, const path_plan_t *path, avcsec_slice_t bare)
{
    const avcsec_reading_t *reading = plan->redirect->reading;

    for (size_t i = 0; i < reading->path_tokens.count && i < AVCSEC_PATH_TOKENS; i++)
        if (!path->is_kept[i])
            return false;
    return (plan->url->kind == AVCSEC_URL_LOCAL || plan->redirect->is_same_place) &&
           avcsec_slice_equals(plan->canonical, reading->canonical) &&
           avcsec_slice_equals(bare, reading->query);
}

/* Room for the query as it may be written. */
static char *take_for_query(plan_t *plan)
{
    return take(&plan->room, plan->url->query.len + plan->redirect->request->query.len + 1);
}

static void write_planned_path(plan_t *plan, const path_plan_t *path)
{
    bool is_relative = plan->url->path.len && plan->url->path.p[0] != '/';

    if (keeps_any(path)) {
        if (has_odd_segment(plan->path, plan->room))
            plan->path = plan->canonical;
        plan->path = write_path(plan->redirect, path, plan->path, &plan->room);
    } else /* beside the client's address another path may stand than beside ours */
        plan->path = is_relative ? plan->canonical : plan->url->path;
}

static void decide(plan_t *plan)
{
    const avcsec_redirect_t *redirect = plan->redirect;
    avcsec_copies_t query = {.sent = redirect->request->query,
                             .shown = redirect->masked,
                             .query = plan->url->query,
                             .is_home = redirect->is_home};
    avcsec_slice_t bare = avcsec_copies_write(&query, take_for_query(plan));
    path_plan_t path;
    bool is_right_here, writes_path = plan_path(plan, &path);

    query.piece = plan_query(plan, bare, &is_right_here);
    query.leaves_real = redirect->is_home && !is_right_here;
    if (query.piece.p && is_asked_address(plan, &path, bare))
        query.piece = (avcsec_slice_t){0};
    plan->query = query.piece.p || query.leaves_real
                      ? avcsec_copies_write(&query, take_for_query(plan))
                      : bare;
    if (writes_path)
        write_planned_path(plan, &path);
    else
        plan->path = plan->url->path;
}

/* Where a fragment stands alone, the client stays where it is. */
static bool is_fragment(const avcsec_url_t *url)
{
    return url->kind == AVCSEC_URL_LOCAL && !url->path.len && !url->query.p;
}

avcsec_slice_t avcsec_redirect_write(const avcsec_redirect_t *redirect, avcsec_slice_t location,
                                     const avcsec_url_t *url, char *room)
{
    avcsec_redirect_t own = *redirect;
    plan_t plan = {.redirect = &own, .url = url};
    text_t out;

    plan.room = room;
    own.is_home &= url->kind != AVCSEC_URL_ODD;
    if (own.is_home && (!own.is_followed || is_fragment(url)))
        return location;
    if (own.is_home && own.reading->is_resolved) {
        plan.path = target_path(&own, url, &plan.room);
        plan.canonical = canonical_of(plan.path, &plan.room);
    }
    decide(&plan);
    out = (text_t){plan.room, 0};
    put(&out, url->front);
    put(&out, plan.path);
    if (plan.query.p)
        put(&out, AVCSEC_LITERAL("?"));
    put(&out, plan.query);
    put(&out, url->end);
    if (!own.is_home)
        out.len = avcsec_copies_hide(own.request->query, slice_of(out), out.p);
    return avcsec_slice_equals(slice_of(out), location) ? location : slice_of(out);
}
