/* SPDX-License-Identifier: Apache-2.0
 *
 * URLs and paths: apart and together.
 */
#include "target.h"

#include "complain.h"

#include <stdlib.h>
#include <string.h>

/* ---- Apart ---- */

/* Takes what stands before the first of these characters. */
static avcsec_slice_t take_until(avcsec_slice_t *rest, const char *ends)
{
    avcsec_slice_t piece = {rest->p, 0};

    while (piece.len < rest->len && !strchr(ends, rest->p[piece.len]))
        piece.len++;
    rest->p += piece.len;
    rest->len -= piece.len;
    return piece;
}

static bool is_scheme(avcsec_slice_t s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (!avcsec_is(avcsec_to_lower(c), AVCSEC_LOWER) &&
            (i == 0 || (!avcsec_is(c, AVCSEC_DIGIT) && c != '+' && c != '-' && c != '.')))
            return false;
    }
    return s.len > 0;
}

/* "scheme://authority" off the front of *rest. */
static bool split_site(avcsec_slice_t *rest, avcsec_target_t *target)
{
    const avcsec_slice_t mark = AVCSEC_LITERAL("://");
    avcsec_slice_t whole = *rest, scheme = take_until(rest, ":/?#");

    if (!is_scheme(scheme) || !avcsec_slice_has_prefix(*rest, mark))
        return false;
    rest->p += mark.len;
    rest->len -= mark.len;
    target->host = take_until(rest, "/?#");
    target->site = avcsec_slice_between(whole.p, rest->p);
    return target->host.len > 0;
}

bool avcsec_target_split(avcsec_slice_t text, avcsec_target_t *target)
{
    avcsec_slice_t rest = text;

    *target = (avcsec_target_t){.site = {text.p, 0}};
    if ((text.len == 0 || text.p[0] != '/') && !split_site(&rest, target))
        return false;
    target->path = take_until(&rest, "?#");
    if (target->path.len == 0)
        target->path = AVCSEC_LITERAL("/");
    if (rest.len && rest.p[0] == '?') {
        rest.p++;
        rest.len--;
        target->query = take_until(&rest, "#");
    }
    target->fragment = rest;
    return true;
}

/* What browsers encode before they send it (URL standard, percent-encode sets); the
 * apostrophe only in a query. */
static bool is_sent_as_is(unsigned char c, bool is_query)
{
    return c > 0x20 && c < 0x7f && !strchr("\"<>\\^`{|}", c) && !(is_query && c == '\'');
}

static bool check_characters(avcsec_slice_t text, bool is_query)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if (!is_sent_as_is(c, is_query))
            return avcsec_complain("the %s has a character that browsers send as %%%02X: write it "
                                   "percent-encoded",
                                   is_query ? "query" : "path", c);
        if (c == '%' && avcsec_escape_at(text.p + i, text.len - i) < 0)
            return avcsec_complain("the %s has a '%%' that is not followed by two hexadecimal "
                                   "digits: write it as %%25",
                                   is_query ? "query" : "path");
    }
    return true;
}

bool avcsec_target_read(const char *text, avcsec_target_t *target)
{
    if (!avcsec_target_split(avcsec_slice_of(text), target))
        return avcsec_complain("give a URL, or a path that starts with '/'");
    return check_characters(target->path, false) && check_characters(target->query, true);
}

/* ---- Together ---- */

static char *append(char *out, avcsec_slice_t s)
{
    if (s.p)
        memcpy(out, s.p, s.len);
    return out + s.len;
}

/* How much of the path stands before the token: its first `dir` segments with their
 * slashes, or all but the last one. */
static size_t place_in_path(avcsec_slice_t path, int64_t dir)
{
    int64_t slashes = 0;
    size_t place = 0;

    for (size_t i = 0; i < path.len; i++)
        if (path.p[i] == '/') {
            place = i + 1;
            if (dir && slashes++ == dir)
                break;
        }
    return place;
}

char *avcsec_target_with_token(const avcsec_target_t *target, avcsec_slice_t token,
                               avcsec_carrier_t carrier, int64_t dir)
{
    size_t room = target->site.len + target->path.len + target->query.len + target->fragment.len;
    char *url = malloc(room + token.len + 10), *end = url;
    size_t before = carrier == AVCSEC_IN_PATH ? place_in_path(target->path, dir) : 0;

    if (!url)
        return NULL;
    end = append(end, target->site);
    end = append(end, (avcsec_slice_t){target->path.p, before});
    if (carrier == AVCSEC_IN_PATH) {
        *end++ = '~';
        end = append(end, token);
        *end++ = '/';
    }
    end = append(end, (avcsec_slice_t){target->path.p + before, target->path.len - before});
    if (target->query.p || carrier == AVCSEC_IN_QUERY)
        *end++ = '?';
    end = append(end, target->query);
    if (carrier == AVCSEC_IN_QUERY) {
        if (target->query.len)
            *end++ = '&';
        end = append(append(end, AVCSEC_LITERAL("avc=")), token);
    }
    end = append(end, target->fragment);
    *end = '\0';
    return url;
}
