/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of scripts: patterns against a second matcher that is slow and obvious, and
 * paths against a second search. Lines of the input: an entry, a path, a query, a folder.
 */
#include "fuzz.h"

#include "core/request/names.h"
#include "core/text/query.h"

static bool slow_matches(const char *s, size_t len, const char *pattern, size_t pattern_len)
{
    if (pattern_len == 0)
        return len == 0;
    if (*pattern == '*') {
        for (size_t skip = 0; skip <= len; skip++)
            if (slow_matches(s + skip, len - skip, pattern + 1, pattern_len - 1))
                return true;
        return false;
    }
    return len && avcsec_to_lower((unsigned char)*s) == avcsec_to_lower((unsigned char)*pattern) &&
           slow_matches(s + 1, len - 1, pattern + 1, pattern_len - 1);
}

/* Without what stands behind the first ';', and without spaces around it. */
static avcsec_slice_t without_parameters(avcsec_slice_t segment)
{
    const char *end = segment.len ? memchr(segment.p, ';', segment.len) : NULL;

    if (end)
        segment.len = (size_t)(end - segment.p);
    while (segment.len && strchr(" \t", segment.p[segment.len - 1]) && segment.p[segment.len - 1])
        segment.len--;
    while (segment.len && (*segment.p == ' ' || *segment.p == '\t')) {
        segment.p++;
        segment.len--;
    }
    return segment;
}

/* `name`, or `name` and what stands behind a dot. */
static bool slow_named(avcsec_slice_t segment, avcsec_slice_t name)
{
    for (int round = 0; round < 2; round++, segment = without_parameters(segment))
        for (size_t n = 0; n <= segment.len; n++)
            if ((n == segment.len || segment.p[n] == '.') &&
                slow_matches(segment.p, n, name.p, name.len))
                return true;
    return false;
}

static bool slow_folder(avcsec_slice_t segment, avcsec_slice_t folder)
{
    return segment.p && (avcsec_slice_equals_nocase(segment, folder) ||
                         avcsec_slice_equals_nocase(without_parameters(segment), folder));
}

static bool slow_is_in(const avcsec_name_t *name, avcsec_slice_t above, avcsec_slice_t path)
{
    avcsec_slice_t segment;

    while (avcsec_slice_cut(&path, '/', &segment)) {
        if (slow_named(segment, name->name) &&
            (!name->folder.p || slow_folder(above, name->folder)))
            return true;
        if (segment.len || !path.p)
            above = segment;
    }
    return name->folder.p && name->name.len == 1 && name->name.p[0] == '*' &&
           slow_folder(above, name->folder);
}

/* Wherever one of `list` starts, the query has it. */
static bool has_each(avcsec_slice_t list, avcsec_slice_t query)
{
    for (size_t at = 0; at < list.len;) {
        const char *end = memchr(list.p + at, '&', list.len - at);
        avcsec_slice_t one = {list.p + at, end ? (size_t)(end - list.p) - at : list.len - at};
        const char *sign = memchr(one.p, '=', one.len);
        avcsec_slice_t name = {one.p, sign ? (size_t)(sign - one.p) : one.len}, value = {0};

        if (sign)
            value = (avcsec_slice_t){sign + 1, one.len - name.len - 1};
        if (!avcsec_query_has(query, name, value))
            return false;
        at += one.len + 1;
    }
    return true;
}

static size_t stars(avcsec_slice_t s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++)
        n += s.p[i] == '*';
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    avcsec_slice_t rest = {(const char *)data, size}, text = fuzz_copy(fuzz_line(&rest)),
                   path = fuzz_copy(fuzz_line(&rest)), query = fuzz_copy(fuzz_line(&rest)),
                   folder = fuzz_copy(fuzz_line(&rest)), none = {0};
    avcsec_name_t name;
    const char *error = avcsec_name_parse(text, &name);

    PROMISE(!error || strlen(error) > 20);
    if (!error && path.p && path.len < 48 && stars(name.name) < 4) {
        bool has = has_each(name.arguments, query);

        fuzz_accepted += avcsec_name_is_in(&name, path, query);
        PROMISE(name.name.len && !memchr(name.name.p, '/', name.name.len));
        PROMISE(!name.folder.p || !memchr(name.folder.p, '/', name.folder.len));
        PROMISE(avcsec_name_is_in(&name, path, query) == (has && slow_is_in(&name, none, path)));
        PROMISE(avcsec_name_is_below(&name, folder, path, query) ==
                (has && slow_is_in(&name, folder, path)));
    }
    if (text.p && path.p && text.len < 48 && path.len < 48 && stars(text) < 4)
        PROMISE(avcsec_slice_matches(path, text, true) ==
                slow_matches(path.p, path.len, text.p, text.len));
    fuzz_free(text);
    fuzz_free(path);
    fuzz_free(query);
    fuzz_free(folder);
    return 0;
}
