/* SPDX-License-Identifier: Apache-2.0
 *
 * Redirects: where a token goes along, and where it stays out. "<claims>" in a request or in
 * what is expected is a token for the request's path, made with the right key; "[claims]" the
 * same as others were shown it.
 */
#include "../forge.h"

#include "core/request/redirect.h"
#include "core/text/redact.h"

#define FILE_ "avc1~for.file~kid.k1~exp.1893456000"
#define DIR1 "avc1~for.file~kid.k1~exp.1893456000~dir.1"
#define SESSION "avc1~for.session~kid.k1~exp.1893456000"
#define ENDED "avc1~for.file~kid.k3~exp.1893456000"
#define ARGS "avc1~for.file~kid.k1~exp.1893456000~args.id"

static avcsec_mac_t *mac;

/* The scope of these tests' claims for `path`. */
static const char *scope_of(const char *claims, const char *path)
{
    static char scope[100];
    const char *slash = strchr(path + 1, '/');

    if (strstr(claims, "session"))
        return "*";
    if (!strstr(claims, "~dir.1") || !slash)
        return path;
    snprintf(scope, sizeof(scope), "%.*s", (int)(slash + 1 - path), path);
    return scope;
}

/* Copies `text` with tokens for their claims. */
static const char *fill(const char *text, const char *path, const char *lines, char *out)
{
    char *at = out;

    for (; *text; text++) {
        char claims[200], token[300], masked[300];
        const char *end = *text == '<'   ? strchr(text, '>')
                          : *text == '[' ? strchr(text, ']')
                                         : NULL;

        if (!end || text[1] != 'a') {
            *at++ = *text;
            continue;
        }
        snprintf(claims, sizeof(claims), "%.*s", (int)(end - text - 1), text + 1);
        forge_with(strstr(claims, "kid.k3") ? "k3" : "k1", scope_of(claims, path), claims,
                   strstr(claims, "~args.") ? lines : "", token, sizeof(token));
        masked[avcsec_redact(avcsec_slice_of(token), masked)] = '\0';
        at += sprintf(at, "%s", *text == '<' ? token : masked);
        text = end;
    }
    *at = '\0';
    return out;
}

/* What becomes of a Location, where everything stands beside guard pages. */
static const char *rewrite(const char *target, const char *path, const char *lines,
                           const char *location, unsigned where, int side)
{
    static char got[4000];
    char sent[2000], to[2000], shown[2000];
    avcsec_slice_t rest, written;
    avcsec_request_t request = {.method = AVCSEC_LITERAL("GET")};
    avcsec_keys_t keys = avcsec_keyring_keys(forge_ring());
    avcsec_redirect_t redirect = {.request = &request, .keys = &keys, .mac = mac};
    avcsec_reading_t reading;
    avcsec_url_t url;

    rest = guarded_text(fill(target, path, lines, sent), side);
    avcsec_slice_cut(&rest, '?', &request.path);
    request.query = rest;
    avcsec_request_read(
        &request, guarded_room(AVCSEC_READING_ROOM(request.path.len, request.query.len), side),
        &reading);
    redirect.reading = &reading;
    if (request.query.p)
        redirect.masked = (avcsec_slice_t){shown, avcsec_redact(request.query, shown)};
    redirect.is_home = where & 1;
    redirect.is_same_name = where & 2;
    redirect.is_same_place = where & 4;
    redirect.is_followed = !(where & 8);
    redirect.is_created = where & 16;
    rest = guarded_text(fill(location, path, lines, to), side);
    avcsec_url_read(rest, false, &url);
    written = avcsec_redirect_write(&redirect, rest, &url,
                                    guarded_room(AVCSEC_REDIRECT_ROOM(&redirect, rest.len), side));
    snprintf(got, sizeof(got), "%.*s", (int)written.len, written.p);
    return got;
}

enum { AWAY = 0, HOME = 1, NAME = 3, PLACE = 7, STAYS = 8, CREATED = 16 };

static const struct {
    const char *label, *target, *path, *location;
    unsigned where;
    const char *want;
} table[] = {
    {"a query that was dropped", "/d/a?avc=<" FILE_ ">", "/d/a", "http://h/d/a", HOME,
     "http://h/d/a?avc=<" FILE_ ">"},
    {"a query that was copied", "/d/a?x=1&avc=<" FILE_ ">&y", "/d/a",
     "http://h/d/a?x=1&avc=[" FILE_ "]&y", HOME, "http://h/d/a?x=1&avc=<" FILE_ ">&y"},
    {"copied twice", "/d/a?avc=<" FILE_ ">", "/d/a", "http://h/d/a?avc=[" FILE_ "]&avc=[" FILE_ "]",
     HOME, "http://h/d/a?avc=<" FILE_ ">"},
    {"copied as it is", "/d/a?avc=<" FILE_ ">", "/d/a", "http://h/d/a?avc=<" FILE_ ">", HOME,
     "http://h/d/a?avc=<" FILE_ ">"},
    {"in front of a fragment", "/d/a?avc=<" FILE_ ">", "/d/a", "http://h/d/a?x#y", HOME,
     "http://h/d/a?x&avc=<" FILE_ ">#y"},
    {"behind an empty query", "/d/a?avc=<" FILE_ ">", "/d/a", "http://h/d/a?", HOME,
     "http://h/d/a?avc=<" FILE_ ">"},
    {"an escaped name is kept", "/d/a?%61vc=<" FILE_ ">", "/d/a", "http://h/d/a", HOME,
     "http://h/d/a?%61vc=<" FILE_ ">"},
    {"another path", "/d/a?avc=<" FILE_ ">", "/d/a", "http://h/d/b?avc=[" FILE_ "]", HOME,
     "http://h/d/b"},
    {"another path, copied as it is", "/d/a?avc=<" FILE_ ">", "/d/a",
     "http://h/d/b?avc=<" FILE_ ">", HOME, "http://h/d/b"},
    {"a folder", "/d/a?avc=<" DIR1 ">", "/d/a", "/d/b/?x", HOME, "/d/b/?x&avc=<" DIR1 ">"},
    {"out of the folder", "/d/a?avc=<" DIR1 ">", "/d/a", "/e/b/?x", HOME, "/e/b/?x"},
    {"up out of the folder", "/d/a?avc=<" DIR1 ">", "/d/a", "/d/../e", HOME, "/d/../e"},
    {"another host", "/d/a?avc=<" FILE_ ">", "/d/a", "http://h/d/a", AWAY, "http://h/d/a"},
    {"copied to another host", "/d/a?x&avc=<" FILE_ ">", "/d/a", "http://h/d/a?x&avc=[" FILE_ "]",
     AWAY, "http://h/d/a?x"},
    {"copied alone to another host", "/d/a?avc=<" FILE_ ">", "/d/a", "//h/a?avc=[" FILE_ "]#y",
     AWAY, "//h/a#y"},
    {"copied as it is to another host", "/d/a?avc=<" FILE_ ">", "/d/a",
     "http://h/d/a?avc=<" FILE_ ">", AWAY, "http://h/d/a"},
    {"in another argument to another host", "/d/a?avc=<" FILE_ ">", "/d/a",
     "http://h/?next=/d/a%3Favc%3D<" FILE_ ">", AWAY, "http://h/?next=/d/a%3Favc%3D[" FILE_ "]"},
    {"in the path to another host", "/d/a?avc=<" FILE_ ">", "/d/a", "http://h/<" FILE_ ">/x", AWAY,
     "http://h/[" FILE_ "]/x"},
    {"to what is odd", "/d/a?avc=<" FILE_ ">", "/d/a", "http:h?avc=<" FILE_ ">", HOME, "http:h"},
    {"not followed", "/d/a?avc=<" FILE_ ">", "/d/a", "/d/a", HOME | STAYS, "/d/a"},
    {"not followed, to another host", "/d/a?avc=<" FILE_ ">", "/d/a", "http://h/?avc=[" FILE_ "]",
     AWAY | STAYS, "http://h/"},
    {"made anew", "/d/a?avc=<" DIR1 ">", "/d/a", "/d/b", HOME | CREATED, "/d/b"},
    {"made anew below a path token", "/d/~<" DIR1 ">/a", "/d/a", "/d/b", HOME | CREATED,
     "/d/~<" DIR1 ">/b"},
    {"the address that was asked for", "/d/a?avc=<" FILE_ ">&x", "/d/a", "http://h/d/a?x", PLACE,
     "http://h/d/a?x"},
    {"the address that was asked for, copied", "/d/a?x&avc=<" FILE_ ">", "/d/a",
     "/d/a?x&avc=[" FILE_ "]", PLACE, "/d/a?x"},
    {"another argument than was asked for", "/d/a?avc=<" FILE_ ">&x", "/d/a", "http://h/d/a?y",
     PLACE, "http://h/d/a?y&avc=<" FILE_ ">"},
    {"a query alone", "/d/a?avc=<" FILE_ ">", "/d/a", "?x=1", PLACE, "?x=1&avc=<" FILE_ ">"},
    {"a fragment alone", "/d/a?avc=<" FILE_ ">", "/d/a", "#x", PLACE, "#x"},
    {"two tokens in the query", "/d/a?avc=<" FILE_ ">&avc=<" DIR1 ">", "/d/a",
     "http://h/d/a?avc=[" FILE_ "]&avc=[" DIR1 "]", HOME, "http://h/d/a"},
    {"two to another host", "/d/a?avc=<" FILE_ ">&avc=<" DIR1 ">", "/d/a",
     "http://h/d/a?avc=<" FILE_ ">&b=<" DIR1 ">", AWAY, "http://h/d/a?b=[" DIR1 "]"},
    {"an argument of an application", "/d/a?avc=own", "/d/a", "http://h/?avc=own", AWAY,
     "http://h/?avc=own"},
    {"another token than was asked with", "/d/a?avc=<" FILE_ ">", "/d/a",
     "http://h/d/a?avc=<" DIR1 ">", HOME, "http://h/d/a?avc=<" DIR1 ">"},
    {"another token, and ours", "/d/a?avc=<" FILE_ ">", "/d/a",
     "http://h/d/a?avc=<" DIR1 ">&avc=[" FILE_ "]", HOME, "http://h/d/a?avc=<" DIR1 ">"},
    {"a token of an application, for another path", "/x/go?avc=<" FILE_ ">", "/d/a",
     "http://h/d/a?avc=<" FILE_ ">", HOME, "http://h/d/a?avc=<" FILE_ ">"},
    {"the same to another host", "/x/go?avc=<" FILE_ ">", "/d/a", "http://h/d/a?avc=<" FILE_ ">",
     AWAY, "http://h/d/a"},
    {"a key that has ended", "/d/a?avc=<" ENDED ">", "/d/a", "http://h/d/a", HOME,
     "http://h/d/a?avc=<" ENDED ">"},
    {"an argument that is signed", "/d/a?id=7&avc=<" ARGS ">", "/d/a", "http://h/d/a?id=7", HOME,
     "http://h/d/a?id=7&avc=<" ARGS ">"},
    {"an argument that is signed and changed", "/d/a?id=7&avc=<" ARGS ">", "/d/a",
     "http://h/d/a?id=8&avc=[" ARGS "]", HOME, "http://h/d/a?id=8"},
    {"a session", "/x?avc=<" SESSION ">", "/x", "http://h/y", NAME, "http://h/y?avc=<" SESSION ">"},
    {"a session to another name", "/x?avc=<" SESSION ">", "/x", "http://h/y", HOME, "http://h/y"},
    {"another argument that holds a token", "/x?n=<" FILE_ ">&m", "/d/a",
     "http://h/y?n=[" FILE_ "]&m", HOME, "http://h/y?n=<" FILE_ ">&m"},
    {"the same to another host", "/x?n=<" FILE_ ">", "/d/a", "http://h/y?n=[" FILE_ "]", AWAY,
     "http://h/y?n=[" FILE_ "]"},

    {"a path token", "/d/~<" FILE_ ">/a", "/d/a", "http://h/d/a", HOME,
     "http://h/d/~<" FILE_ ">/a"},
    {"a path token of a folder", "/d/~<" DIR1 ">/a", "/d/a", "/d/b/c?x#y", HOME,
     "/d/~<" DIR1 ">/b/c?x#y"},
    {"at the root", "/~<" DIR1 ">/d/a", "/d/a", "/d/b", HOME, "/~<" DIR1 ">/d/b"},
    {"at the end", "/d/a/~<" FILE_ ">", "/d/a", "http://h/d/a", HOME, "http://h/d/~<" FILE_ ">/a"},
    {"deeper than the redirect", "/d/e/f/~<" DIR1 ">/a", "/d/e/f/a", "/d/b", HOME,
     "/d/~<" DIR1 ">/b"},
    {"a path token to another path", "/d/~<" FILE_ ">/a", "/d/a", "/d/b", HOME, "/d/b"},
    {"a path token to another host", "/d/~<" FILE_ ">/a", "/d/a", "http://h/d/a", AWAY,
     "http://h/d/a"},
    {"a path token to the address that was asked", "/d/~<" FILE_ ">/a", "/d/a", "/d/a", PLACE,
     "/d/~<" FILE_ ">/a"},
    {"a relative path", "/d/~<" DIR1 ">/e/a", "/d/e/a", "../b", PLACE, "/d/~<" DIR1 ">/b"},
    {"a relative path out of it", "/d/~<" DIR1 ">/e/a", "/d/e/a", "../../b", PLACE, "/b"},
    {"a relative path above the root", "/d/~<" DIR1 ">/e/a", "/d/e/a", "../../../b", PLACE,
     "../../../b"},
    {"dots", "/d/~<" DIR1 ">/a", "/d/a", "/d/./x/%2e%2e//b c", PLACE, "/d/~<" DIR1 ">/b%20c"},
    {"two path tokens", "/~<" DIR1 ">/d/~<" SESSION ">/a", "/d/a", "/d/b", NAME,
     "/~<" DIR1 ">/d/~<" SESSION ">/b"},
    {"two path tokens, one of which stays", "/~<" DIR1 ">/d/~<" SESSION ">/a", "/d/a",
     "http://h/d/b", HOME, "http://h/~<" DIR1 ">/d/b"},
    {"a path that has another token", "/d/~<" DIR1 ">/a", "/d/a", "/d/~<" FILE_ ">/a", HOME,
     "/d/~<" FILE_ ">/a"},
    {"a path token for another path", "/e/~<" DIR1 ">/a", "/d/a", "/e/b", HOME, "/e/b"},
    {"a wrong one beside a right one", "/d/~<" DIR1 ">/~<" SESSION "x>/a", "/d/a", "/d/b", NAME,
     "/d/b"},
    {"a path token and dots", "/d/~<" DIR1 ">/./a", "/d/a", "/d/b", HOME, "/d/b"},
    {"path and query", "/d/~<" DIR1 ">/a?avc=<" FILE_ ">", "/d/a", "http://h/d/a?x", HOME,
     "http://h/d/~<" DIR1 ">/a?x&avc=<" FILE_ ">"},
    {"path and query, as it was asked", "/d/~<" DIR1 ">/a?avc=<" FILE_ ">", "/d/a", "http://h/d/a",
     PLACE, "http://h/d/~<" DIR1 ">/a"},
    {"a host alone", "/~<" SESSION ">/x", "/x", "http://h", NAME, "http://h/~<" SESSION ">/"},
};

static void writing(void)
{
    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            char want[4000];
            const char *got;

            check_begins(table[i].label);
            got = rewrite(table[i].target, table[i].path, "id=7\n", table[i].location,
                          table[i].where, side);
            fill(table[i].want, table[i].path, "id=7\n", want);
            check(!strcmp(got, want), "%s: %s", table[i].label, got);
        }
}

/* What was written once is left as it is: httpd may ask twice. */
static void writing_again(void)
{
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        char once[4000];

        snprintf(once, sizeof(once), "%s",
                 rewrite(table[i].target, table[i].path, "id=7\n", table[i].location,
                         table[i].where, ENDS_AT_GUARD));
        check(!strcmp(once, rewrite(table[i].target, table[i].path, "id=7\n", once, table[i].where,
                                    ENDS_AT_GUARD)) ||
                  table[i].where == PLACE,
              "twice: %s", table[i].label);
    }
}

int main(void)
{
    check_start();
    mac = avcsec_mac_create();
    writing();
    writing_again();
    return check_end();
}
