/* SPDX-License-Identifier: Apache-2.0
 *
 * Hints: one table of what is seen in a refused request, and what to do.
 */
#include "core/request/hint.h"

#include "core/text/b64url.h"

/* What stands behind the last "~mac." of a token; absent without one. */
static avcsec_slice_t mac_of(avcsec_slice_t token)
{
    const avcsec_slice_t mark = AVCSEC_LITERAL("~mac.");

    for (size_t i = token.len; i-- > 0;) {
        avcsec_slice_t rest = {token.p + i, token.len - i};

        if (avcsec_slice_has_prefix(rest, mark))
            return (avcsec_slice_t){rest.p + mark.len, rest.len - mark.len};
    }
    return (avcsec_slice_t){NULL, 0};
}

/* That stands in the request line and comes first; absent without one. */
static avcsec_slice_t first_token(const avcsec_reading_t *reading)
{
    if (reading->query_tokens)
        return reading->query_token;
    if (reading->path_tokens.count)
        return reading->path_tokens.token[0];
    return (avcsec_slice_t){NULL, 0};
}

static bool is_masked(const avcsec_reading_t *reading, bool is_part)
{
    avcsec_slice_t mac = mac_of(first_token(reading));

    (void)is_part;
    return mac.len && mac.p[0] == '*';
}

static bool has_text_behind(const avcsec_reading_t *reading, bool is_part)
{
    (void)is_part;
    return mac_of(first_token(reading)).len > AVCSEC_B64URL_CHARS(AVCSEC_MAC_BYTES);
}

static bool is_cut(const avcsec_reading_t *reading, bool is_part)
{
    avcsec_slice_t token = first_token(reading);

    (void)is_part;
    return avcsec_slice_has_prefix(token, AVCSEC_LITERAL("avc1~")) &&
           mac_of(token).len < AVCSEC_B64URL_CHARS(AVCSEC_MAC_BYTES);
}

/* The path matches one of the patterns, up to a NULL; each ends in a lower case letter or a
 * digit, by which most are told apart. */
static bool is_one_of(const avcsec_reading_t *reading, const char *const *patterns)
{
    avcsec_slice_t path = reading->decoded;
    unsigned char last =
        reading->is_resolved && path.len ? avcsec_to_lower((unsigned char)path.p[path.len - 1]) : 0;

    for (; last && *patterns; patterns++) {
        avcsec_slice_t pattern = avcsec_slice_of(*patterns);

        if ((unsigned char)pattern.p[pattern.len - 1] == last &&
            avcsec_slice_matches(path, pattern, true))
            return true;
    }
    return false;
}

/* What playlists name, further playlists included. */
static bool is_named_by_playlist(const avcsec_reading_t *reading, bool is_part)
{
    static const char *const patterns[] = {"*.ts",   "*.m2ts", "*.m4s",  "*.m4f",       "*.cmfv",
                                           "*.cmfa", "*.cmft", "*.m3u8", "*/init*.mp4", NULL};

    (void)is_part;
    return is_one_of(reading, patterns);
}

static bool is_film(const avcsec_reading_t *reading, bool is_part)
{
    static const char *const patterns[] = {"*.mp4", "*.m4v", "*.webm", "*.mov", "*.mkv",
                                           "*.ogv", "*.mp3", "*.m4a",  "*.m4b", "*.ogg",
                                           "*.ts",  "*.m4s", "*.m3u8", "*.mpd", NULL};

    return is_part || is_one_of(reading, patterns);
}

/* Letters with marks, in UTF-8: those of Latin languages in one piece (U+00C0 to U+017F), or
 * marks that stand by themselves (U+0300 to U+036F). */
static bool has_marks(const avcsec_reading_t *reading, bool is_part)
{
    const avcsec_slice_t path = reading->decoded;

    (void)is_part;
    for (size_t i = 0; reading->is_resolved && i + 1 < path.len; i++) {
        unsigned char c = (unsigned char)path.p[i];

        if (c == 0xcc || c == 0xcd || c == 0xc4 || c == 0xc5 ||
            (c == 0xc3 && (unsigned char)path.p[i + 1] >= 0x80))
            return true;
    }
    return false;
}

static const struct {
    avcsec_verdict_t verdict;
    bool (*is_seen)(const avcsec_reading_t *reading, bool is_part);
    const char *sentence;
} hints[] = {
    {AVCSEC_MALFORMED, is_masked,
     "Its mac is masked, as every log shows it: take the link from the page, not from a log."},
    {AVCSEC_MALFORMED, has_text_behind,
     "Text stands behind its mac: something wrote on into the link after it was signed."},
    {AVCSEC_MALFORMED, is_cut, "Its mac is too short: the link was cut on its way."},
    {AVCSEC_NO_TOKEN, is_named_by_playlist,
     "If a playlist names it: the playlist was signed, its segments were not. Sign it with "
     "--carrier path and --dir, and they inherit its token."},
    {AVCSEC_SIGNATURE, is_named_by_playlist,
     "If a playlist names it: the playlist was signed, its segments were not. Sign it with "
     "--carrier path and --dir, and they inherit its token."},
    {AVCSEC_EXPIRED, is_film,
     "A player that seeks or goes on asks anew: let the link of a film last as long as somebody "
     "may watch it, pauses included."},
    {AVCSEC_NOT_FOUND, has_marks,
     "Its name has letters with marks, and names are bytes: composed (NFC) and decomposed (NFD, "
     "as macOS writes them) are two names."},
    {AVCSEC_SIGNATURE, has_marks,
     "Its path has letters with marks, and names are bytes: composed (NFC) and decomposed (NFD, "
     "as macOS writes them) are two names."},
};

const char *avcsec_hint(avcsec_verdict_t verdict, const avcsec_reading_t *reading, bool is_part)
{
    for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
        if (hints[i].verdict == verdict && hints[i].is_seen(reading, is_part))
            return hints[i].sentence;
    return NULL;
}
