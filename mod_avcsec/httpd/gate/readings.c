/* SPDX-License-Identifier: Apache-2.0
 *
 * Other readings of a step's address.
 */
#include "httpd/gate/readings.h"

#include "httpd/config/protections.h"
#include "httpd/gate/behind.h"
#include "httpd/gate/elsewhere.h"
#include "httpd/gate/tokens.h"
#include "httpd/request/facts.h"

#include "core/text/spelling.h"

#include "apr_strings.h"
#include "http_core.h"

/* mod_jk is another proxy for Tomcat, which keeps its addresses to itself. */
static bool is_for_jk(const request_rec *r)
{
    return r->handler && *r->handler == 'j' && !strcmp(r->handler, "jakarta-servlet");
}

/* One of them may be asked; else none is. */
static bool is_likely(const request_rec *r)
{
    return avcsec_behind_is_likely(r) || is_for_jk(r);
}

/* What a server behind is asked for, as it stands; NULL if none is asked. PHP and its like,
 * wired by a handler, run the file that httpd itself has found. */
static const char *asked_behind(request_rec *r)
{
    avcsec_behind_t behind;

    if (r->proxyreq == PROXYREQ_PROXY)
        return NULL;
    if (is_for_jk(r) && !avcsec_behind_is_likely(r))
        return r->uri;
    behind = avcsec_behind_of(r);
    return behind.kind != AVCSEC_BEHIND_FILE || avcsec_behind_is_address(r->filename)
               ? behind.path[0]
               : NULL;
}

/* What httpd decoded goes out encoded again, but for escapes that it never decoded (nocanon,
 * mapping=encoded, a rule's [NE], AllowEncodedSlashes NoDecode, a handler's address). */
static bool is_decoded_behind(request_rec *r)
{
    const core_dir_config *core = ap_get_core_module_config(r->per_dir_config);

    return (core->allow_encoded_slashes && !core->decode_encoded_slashes) ||
           apr_table_get(r->notes, "proxy-nocanon") || apr_table_get(r->notes, "proxy-noencode") ||
           !avcsec_behind_is_address(r->filename);
}

static bool is_malformed(request_rec *r, const char *path)
{
    avcsec_slice_t s = avcsec_slice_of(path);
    char *decoded;

    if (avcsec_spelling_is_malformed(s))
        return true;
    if (!strchr(path, '%') || !is_decoded_behind(r))
        return false;
    decoded = apr_palloc(r->pool, s.len);
    return avcsec_spelling_is_malformed(
        (avcsec_slice_t){decoded, avcsec_slice_unescape(s, false, decoded)});
}

int avcsec_readings_check(request_rec *r)
{
    const char *asked = is_likely(r) ? asked_behind(r) : NULL;

    if (!asked || !avcsec_host_is_guarded(r->server) ||
        (!is_malformed(r, r->uri) && !is_malformed(r, asked)))
        return OK;
    return avcsec_gate_refuse(r, AVCSEC_MALFORMED,
                              "a server behind may read this path as another one: it has a "
                              "backslash, or a segment that is . or .. before its ;",
                              false);
}

/* That reading; NULL if it is none of this step. */
static const char *read_as(request_rec *r, avcsec_facts_t *facts, avcsec_spelling_t as)
{
    avcsec_slice_t path = avcsec_slice_of(r->uri);
    char *text;

    if ((as == AVCSEC_DECODED || as == AVCSEC_DECODED_CUT || as == AVCSEC_CUT_DECODED) &&
        !is_decoded_behind(r))
        return NULL;
    if (as == AVCSEC_CUT_AS_IT_CAME) {
        if (!facts || !avcsec_facts_is_root(r) || !facts->mapped_uri ||
            strcmp(r->uri, facts->mapped_uri))
            return NULL;
        path = avcsec_facts_reading(facts)->left;
    }
    text = apr_palloc(r->pool, path.len + 1);
    return avcsec_spelling_read(as, path, text) ? text : NULL;
}

static int decide_as(request_rec *r, avcsec_facts_t *facts, avcsec_spelling_t as, const char *uri,
                     int (*decide)(request_rec *r))
{
    const avcsec_elsewhere_t where = {.uri = uri, .is_reading = true};
    int status;

    if (facts)
        facts->as = as;
    status = avcsec_elsewhere_decide(r, &where, decide);
    if (facts)
        facts->as = AVCSEC_AS_IT_STANDS;
    return status;
}

static bool is_among(const char *uri, const char *const *seen)
{
    while (*seen && strcmp(*seen, uri))
        seen++;
    return *seen != NULL;
}

static int decide_each(request_rec *r, int (*decide)(request_rec *r))
{
    const char *seen[AVCSEC_SPELLINGS + 1] = {NULL};
    avcsec_facts_t *facts = avcsec_facts(r);
    int status = OK;

    for (int as = 0, n = 0; as < AVCSEC_SPELLINGS && status == OK; as++) {
        const char *uri = read_as(r, facts, (avcsec_spelling_t)as);

        if (!uri || is_among(uri, seen))
            continue;
        seen[n++] = uri;
        if (as != AVCSEC_AS_IT_STANDS)
            status = decide_as(r, facts, (avcsec_spelling_t)as, uri, decide);
    }
    return status;
}

int avcsec_readings_decide(request_rec *r, int (*decide)(request_rec *r))
{
    return is_likely(r) && asked_behind(r) && avcsec_host_is_guarded(r->server)
               ? decide_each(r, decide)
               : OK;
}
