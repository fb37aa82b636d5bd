/* SPDX-License-Identifier: Apache-2.0
 *
 * Compares words letter by letter.
 */
#include "httpd/checks/nearly.h"

#include <string.h>
#include <strings.h>

bool avcsec_is_nearly(const char *word, const char *other)
{
    size_t len = strlen(word), other_len = strlen(other), same = 0;

    while (word[same] && !strncasecmp(word + same, other + same, 1))
        same++;
    if (!word[same] && !other[same])
        return false;
    word += same;
    other += same;
    if (len == other_len)
        return !strcasecmp(word + 1, other + 1) ||
               (word[1] && !strncasecmp(word, other + 1, 1) && !strncasecmp(word + 1, other, 1) &&
                !strcasecmp(word + 2, other + 2));
    if (len == other_len + 1)
        return !strcasecmp(word + 1, other);
    return len + 1 == other_len && !strcasecmp(word, other + 1);
}
