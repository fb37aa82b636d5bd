/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose yes an answer is.
 */
#include "core/session/question.h"

#include <string.h>

#define NAME_MAX_LEN 255 /* nginx-rtmp cuts names behind it */

static bool has_control_or_space(avcsec_slice_t text)
{
    for (size_t i = 0; i < text.len; i++)
        if (avcsec_is((unsigned char)text.p[i], AVCSEC_CONTROL) || text.p[i] == ' ')
            return true;
    return false;
}

static bool has_scheme(avcsec_slice_t url, avcsec_slice_t scheme)
{
    return url.len > scheme.len &&
           avcsec_slice_equals_nocase((avcsec_slice_t){url.p, scheme.len}, scheme);
}

static bool is_bare_name(avcsec_slice_t name)
{
    for (size_t i = 0; i < name.len; i++)
        if (strchr("/\\?#:", name.p[i]))
            return false;
    return name.len <= NAME_MAX_LEN && !avcsec_slice_equals(name, AVCSEC_LITERAL(".")) &&
           !avcsec_slice_equals(name, AVCSEC_LITERAL(".."));
}

bool avcsec_question_is_rename(avcsec_slice_t location)
{
    return location.len && !has_control_or_space(location) &&
           (has_scheme(location, AVCSEC_LITERAL("rtmp://")) ||
            has_scheme(location, AVCSEC_LITERAL("rtmps://")) || is_bare_name(location));
}

/* Of our handlers every answer is their own: what they redirect to, they have made. */
static bool may_redirect(const avcsec_reply_facts_t *reply)
{
    return reply->is_own && !reply->is_page_of_refusal &&
           (reply->asked == AVCSEC_ASKED_HANDLER || avcsec_question_is_rename(reply->location));
}

/* A site may well answer its media server from a front controller; not from an error page. */
static bool may_say_yes(const avcsec_reply_facts_t *reply)
{
    return !reply->is_page_of_refusal && (reply->is_own || reply->asked == AVCSEC_ASKED_SCRIPT);
}

avcsec_verdict_t avcsec_question_judge(const avcsec_reply_facts_t *reply)
{
    if (reply->asked == AVCSEC_ASKED_NOBODY || reply->status >= 400)
        return AVCSEC_ALLOWED;
    if (reply->status >= 300)
        return may_redirect(reply) ? AVCSEC_ALLOWED : AVCSEC_REDIRECTED;
    return may_say_yes(reply) ? AVCSEC_ALLOWED : AVCSEC_REPLACED;
}
