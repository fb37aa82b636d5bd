/* SPDX-License-Identifier: Apache-2.0
 *
 * What is said of refused requests by their look.
 */
#include "../check.h"

#include "core/request/hint.h"

#include <stdlib.h>

#define MAC "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const char *hint_of(avcsec_verdict_t verdict, const char *path, const char *query,
                           bool is_part)
{
    avcsec_request_t request = {.path = avcsec_slice_of(path), .query = avcsec_slice_of(query)};
    char *room = malloc(AVCSEC_READING_ROOM(request.path.len, request.query.len));
    avcsec_reading_t reading;
    const char *hint;

    avcsec_request_read(&request, room, &reading);
    hint = avcsec_hint(verdict, &reading, is_part);
    free(room);
    return hint;
}

static void hints(void)
{
    static const struct {
        avcsec_verdict_t verdict;
        const char *path, *query, *word; /* NULL: nothing is said */
        bool is_part;
    } rows[] = {
        {AVCSEC_NO_TOKEN, "/live/seg1.ts", NULL, "playlist", false},
        {AVCSEC_NO_TOKEN, "/live/720p/INDEX.M3U8", NULL, "playlist", false},
        {AVCSEC_NO_TOKEN, "/live/init-0.mp4", NULL, "playlist", false},
        {AVCSEC_SIGNATURE, "/live/seg%31.m4s", "avc=avc1~for.file~mac." MAC, "playlist", false},
        {AVCSEC_NO_TOKEN, "/photo.jpg", NULL, NULL, false},
        {AVCSEC_NO_TOKEN, "/film.mp4", NULL, NULL, false},
        {AVCSEC_ORIGIN, "/live/seg1.ts", NULL, NULL, false},
        {AVCSEC_MALFORMED, "/a", "avc=avc1~for.file~kid.k1~mac.*", "masked", false},
        {AVCSEC_MALFORMED, "/~avc1~for.file~kid.k1~mac.*/a", NULL, "masked", false},
        {AVCSEC_MALFORMED, "/a", "avc=avc1~for.file~mac." MAC "%22", "behind its mac", false},
        {AVCSEC_MALFORMED, "/a", "avc=avc1~for.file~mac.AAAA", "too short", false},
        {AVCSEC_MALFORMED, "/a", "avc=avc1~for.fi", "too short", false},
        {AVCSEC_MALFORMED, "/a", "avc=avc1~for.file~mac." MAC, NULL, false},
        {AVCSEC_MALFORMED, "/a", "avc=nothing", NULL, false},
        {AVCSEC_MALFORMED, "/a/..;/b", NULL, NULL, false},
        {AVCSEC_EXPIRED, "/film.mp4", NULL, "seeks", false},
        {AVCSEC_EXPIRED, "/film.bin", NULL, "seeks", true},
        {AVCSEC_EXPIRED, "/photo.jpg", NULL, NULL, false},
        {AVCSEC_NOT_FOUND, "/caf%C3%A9.jpg", NULL, "NFD", false},
        {AVCSEC_NOT_FOUND, "/cafe%CC%81.jpg", NULL, "NFC", false},
        {AVCSEC_SIGNATURE, "/cafe%CC%81.jpg", NULL, "NFC", false},
        {AVCSEC_NOT_FOUND, "/%E6%97%A5.jpg", NULL, NULL, false},
        {AVCSEC_NOT_FOUND, "/x%", NULL, NULL, false},
        {AVCSEC_ALLOWED, "/live/seg1.ts", NULL, NULL, false},
        {AVCSEC_UNDECIDED, "/live/seg1.ts", NULL, NULL, true},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *hint = hint_of(rows[i].verdict, rows[i].path, rows[i].query, rows[i].is_part);

        check(rows[i].word ? hint && strstr(hint, rows[i].word) : !hint, "row %zu: %s", i,
              hint ? hint : "nothing");
    }
}

int main(void)
{
    check_start();
    hints();
    return check_end();
}
