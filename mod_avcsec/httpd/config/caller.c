/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads who may call, what proves it, and which scripts are theirs.
 */
#include "httpd/config/caller.h"

#include "apr_strings.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

const char *avcsec_config_peers(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    apr_array_header_t *peers = apr_array_make(cmd->pool, argc, sizeof(avcsec_peer_t));

    for (int i = 0; i < argc; i++) {
        const char *error =
            avcsec_peer_parse(avcsec_slice_of(argv[i]), &APR_ARRAY_PUSH(peers, avcsec_peer_t));

        if (error)
            return apr_psprintf(cmd->pool, "cannot use \"%s\": %s", argv[i], error);
    }
    *(const apr_array_header_t **)field = peers;
    return NULL;
}

static const char *read_proof_kind(apr_pool_t *p, const char *word, avcsec_proof_kind_t *kind)
{
    static const char *const unusable[] = {"Cookie", "Host", "Authorization", NULL};

    kind->header = NULL;
    if (!strcasecmp(word, "address"))
        kind->kind = AVCSEC_PROOF_ADDRESS;
    else if (!strcasecmp(word, "token"))
        kind->kind = AVCSEC_PROOF_TOKEN;
    else if (!strcasecmp(word, "webhook"))
        kind->kind = AVCSEC_PROOF_WEBHOOK;
    else if (!strcasecmp(word, "ome"))
        kind->kind = AVCSEC_PROOF_OME;
    else if (!strcasecmp(word, "secret"))
        kind->kind = AVCSEC_PROOF_SECRET;
    else if (!strncasecmp(word, "secret:", 7) &&
             avcsec_slice_is_made_of(avcsec_slice_of(word + 7), AVCSEC_WORD)) {
        kind->kind = AVCSEC_PROOF_SECRET;
        kind->header = apr_pstrdup(p, word + 7);
    } else
        return apr_psprintf(p,
                            "knows the proofs address, token, secret, secret:<header>, "
                            "webhook and ome, not \"%s\"; \"any\" stands first",
                            word);
    for (int i = 0; kind->header && unusable[i]; i++)
        if (!strcasecmp(kind->header, unusable[i]))
            return apr_psprintf(p, "cannot take the header %s for a secret", kind->header);
    return NULL;
}

/* A body is read only when the proofs that cost nothing leave it to be asked for. */
static bool reads_body(const avcsec_proof_kind_t *kind)
{
    return kind->kind == AVCSEC_PROOF_WEBHOOK || kind->kind == AVCSEC_PROOF_OME;
}

static void put_bodies_last(apr_array_header_t *kinds)
{
    for (int end = kinds->nelts; end > 1; end--)
        for (int i = 0; i + 1 < end; i++) {
            avcsec_proof_kind_t *kind = &APR_ARRAY_IDX(kinds, i, avcsec_proof_kind_t),
                                moved = *kind;

            if (reads_body(&kind[0]) && !reads_body(&kind[1])) {
                kind[0] = kind[1];
                kind[1] = moved;
            }
        }
}

const char *avcsec_config_proof(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    avcsec_proof_t *proof = apr_pcalloc(cmd->pool, sizeof(*proof));
    apr_array_header_t *kinds = apr_array_make(cmd->pool, argc, sizeof(avcsec_proof_kind_t));

    proof->is_any = !strcasecmp(argv[0], "any");
    for (int i = proof->is_any; i < argc; i++) {
        avcsec_proof_kind_t *kind = &APR_ARRAY_PUSH(kinds, avcsec_proof_kind_t);
        const char *error = read_proof_kind(cmd->pool, argv[i], kind);

        if (error)
            return error;
        for (int k = i + 1; k < argc; k++)
            if (!strcasecmp(argv[i], argv[k]))
                return apr_psprintf(cmd->pool, "names the proof \"%s\" twice", argv[i]);
    }
    if (kinds->nelts == 0)
        return "needs a kind of proof behind \"any\"";
    put_bodies_last(kinds);
    proof->kinds = kinds;
    proof->place = avcsec_config_place(cmd);
    *(const avcsec_proof_t **)field = proof;
    return NULL;
}

static const char *add_name(apr_pool_t *p, apr_array_header_t *names, const char *text)
{
    avcsec_name_t name;
    const char *error = avcsec_name_parse(avcsec_slice_of(apr_pstrdup(p, text)), &name);

    if (error)
        return apr_psprintf(p, "cannot use \"%s\": %s", text, error);
    APR_ARRAY_PUSH(names, avcsec_name_t) = name;
    return NULL;
}

/* The entries of a preset, or NULL if `word` is none. */
static const char *entries_of(const avcsec_preset_t *presets, const char *word)
{
    for (; presets->preset; presets++)
        if (!strcasecmp(word, presets->preset))
            return presets->entries;
    return NULL;
}

static const char *add_word(apr_pool_t *p, apr_array_header_t *names,
                            const avcsec_preset_t *presets, const char *word)
{
    const char *entries = entries_of(presets, word), *error;

    if (!entries)
        return add_name(p, names, word);
    for (char *rest = apr_pstrdup(p, entries), *entry;
         (entry = apr_strtok(rest, " ", &rest)) != NULL;)
        if ((error = add_name(p, names, entry)))
            return error;
    return NULL;
}

static const char *read_names(cmd_parms *cmd, void *field, int argc, char *const argv[],
                              const avcsec_preset_t *presets)
{
    avcsec_names_t *list = apr_pcalloc(cmd->pool, sizeof(*list));
    apr_array_header_t *names = apr_array_make(cmd->pool, argc, sizeof(avcsec_name_t));
    const char *error;

    for (int i = 0; i < argc; i++) {
        if (!strcasecmp(argv[i], "none")) {
            list->clears = true;
            apr_array_clear(names);
        } else if ((error = add_word(cmd->pool, names, presets, argv[i])))
            return error;
    }
    list->names = names;
    list->place = avcsec_config_place(cmd);
    *(const avcsec_names_t **)field = list;
    return NULL;
}

const char *avcsec_config_media_server_names(cmd_parms *cmd, void *field, int argc,
                                             char *const argv[])
{
    return read_names(cmd, field, argc, argv, avcsec_media_server_presets);
}

const char *avcsec_config_admin_names(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    return read_names(cmd, field, argc, argv, avcsec_admin_presets);
}

const char *avcsec_config_hidden_names(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    for (int i = 0; i < argc; i++)
        if (strchr(argv[i], '?'))
            return "hides names whatever the query is; leave out what follows the \"?\"";
    return read_names(cmd, field, argc, argv, avcsec_hidden_presets);
}

const char *avcsec_config_body_limit(cmd_parms *cmd, void *field, int argc, char *const argv[])
{
    int64_t bytes = 0;

    (void)cmd, (void)argc;
    if (!avcsec_slice_to_number(avcsec_slice_of(argv[0]), 1 << 30, &bytes))
        return "takes a number of bytes from 1 to 1073741824";
    *(int *)field = (int)bytes;
    return NULL;
}
