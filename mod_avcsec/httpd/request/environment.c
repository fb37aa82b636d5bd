/* SPDX-License-Identifier: Apache-2.0
 *
 * AVC_* for scripts.
 */
#include "httpd/request/environment.h"

#include "httpd/request/facts.h"

#include "core/text/b64url.h"

#include "apr_strings.h"

/* AVC_SUB and its like, also as a redirect inside calls them. */
static bool is_ours(const char *name)
{
    static const char *const names[] = {"SUB", "ROLE", "KID", "REASON", "TOKEN", NULL};

    if (!strncasecmp(name, "REDIRECT_", 9))
        name += 9;
    if (strncasecmp(name, "AVC_", 4))
        return false;
    for (int i = 0; names[i]; i++)
        if (!strcasecmp(name + 4, names[i]))
            return true;
    return false;
}

/* Nobody else says what is said below. */
static void clear(apr_table_t *environment)
{
    const apr_array_header_t *entries = apr_table_elts(environment);

    for (int i = 0; i < entries->nelts;) {
        const char *name = APR_ARRAY_IDX(entries, i, apr_table_entry_t).key;

        if (is_ours(name))
            apr_table_unset(environment, name);
        else
            i++;
    }
}

static void set(request_rec *r, const char *name, avcsec_slice_t value)
{
    if (value.p)
        apr_table_setn(r->subprocess_env, name, apr_pstrmemdup(r->pool, value.p, value.len));
}

static void set_note(request_rec *r, const char *name, const apr_table_t *notes, const char *note)
{
    const char *value = apr_table_get(notes, note);

    if (value)
        apr_table_setn(r->subprocess_env, name, value);
}

static void set_claims(request_rec *r, const avcsec_token_t *token)
{
    set(r, "AVC_ROLE", token->role);
    set(r, "AVC_KID", token->kid);
    if (token->sub.p) {
        unsigned char *sub = apr_pcalloc(r->pool, AVCSEC_B64URL_BYTES(token->sub.len) + 1);
        size_t len;

        if (avcsec_b64url_decode(token->sub, sub, &len))
            apr_table_setn(r->subprocess_env, "AVC_SUB", (const char *)sub);
    }
}

int avcsec_environment_set(request_rec *r)
{
    const avcsec_facts_t *facts;

    if (avcsec_facts_is_private_file(r)) /* no script sees it */
        return DECLINED;
    clear(r->subprocess_env);
    if (!(facts = avcsec_facts(r)))
        return DECLINED;
    if (facts->is_logged || facts->webhook) {
        set_note(r, "AVC_REASON", facts->root->notes, "avc-reason");
        set_note(r, "AVC_KID", facts->root->notes, "avc-kid");
    }
    if (facts->opened)
        set_claims(r, &facts->opened->token);
    return DECLINED;
}
