/* SPDX-License-Identifier: Apache-2.0
 *
 * Types by endings, and names that have none.
 */
#include "../check.h"

#include "core/text/mediatype.h"

static void types(void)
{
    static const struct {
        const char *name, *type;
    } rows[] = {
        {"a.jpg", "image/jpeg"},
        {"a.JFIF", "image/jpeg"},
        {"a.heic", "image/heic"},
        {"a.heif", "image/heif"},
        {"a.jxl", "image/jxl"},
        {"a.apng", "image/apng"},
        {"a.3gp", "video/3gpp"},
        {"a.avi", "video/x-msvideo"},
        {"a.MPG", "video/mpeg"},
        {"a.amr", "audio/amr"},
        {"a.m4b", "audio/mp4"},
        {"a.m3u", "audio/x-mpegurl"},
        {"a.srt", "application/x-subrip"},
        {"a.php.png", "image/png"},
        {"a.png.php", AVCSEC_ANY_TYPE},
        {"png", AVCSEC_ANY_TYPE},
        {".png", AVCSEC_ANY_TYPE},
        {"a.png.", AVCSEC_ANY_TYPE},
        {"a.pngx", AVCSEC_ANY_TYPE},
        {"a.pn", AVCSEC_ANY_TYPE},
        {"", AVCSEC_ANY_TYPE},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        EACH_SIDE(side)
    check(strcmp(avcsec_mediatype_of(guarded_text(rows[i].name, side)), rows[i].type) == 0,
          "type of \"%s\"", rows[i].name);
}

static void endings(void)
{
    check(is_text(avcsec_mediatype_ending(AVCSEC_LITERAL("a.tar.gz")), "gz"), "the last one");
    check(!avcsec_mediatype_ending(AVCSEC_LITERAL("8f3a0c")).p, "none");
    check(!avcsec_mediatype_ending(AVCSEC_LITERAL(".htaccess")).p, "a first dot");
    check(!avcsec_mediatype_ending(AVCSEC_LITERAL("a.")).p, "nothing behind it");
}

static void known(void)
{
    check(avcsec_mediatype_is_known(AVCSEC_LITERAL("Image/HEIC")), "whatever the case");
    check(!avcsec_mediatype_is_known(AVCSEC_LITERAL("image/x-nothing")), "no ending");
    check(!avcsec_mediatype_is_known(AVCSEC_LITERAL(AVCSEC_ANY_TYPE)), "what nothing is known of");
}

int main(void)
{
    check_start();
    types();
    endings();
    known();
    return check_end();
}
