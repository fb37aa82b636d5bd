/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts a step elsewhere and takes it back. httpd's own walks find the sections, so that they are
 * those that a request for the place would have.
 */
#include "httpd/gate/elsewhere.h"

#include "httpd/config/protections.h"
#include "httpd/gate/tokens.h"
#include "httpd/request/facts.h"
#include "httpd/state/places.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "http_request.h"

APLOG_USE_MODULE(avcsec);

bool avcsec_elsewhere_may_differ(const request_rec *r)
{
    const avcsec_section_t *section = avcsec_config_section(r);

    return section->hidden || section->media_server_scripts || section->admin_scripts ||
           avcsec_places_are_there() || avcsec_host_has_places(r->server);
}

/* What the walks and the place itself change. */
typedef struct {
    char *uri, *filename, *canonical_filename, *path_info;
    apr_finfo_t finfo;
    int status;
    ap_conf_vector_t *per_dir_config;
    apr_table_t *subprocess_env; /* <LocationMatch> writes MATCH_... there */
    const struct ap_logconf *log;
    void *notes[AP_NUM_STD_NOTES]; /* what httpd remembers of its walks */
    const char *asked_uri;
} state_t;

static state_t save(const request_rec *r, const avcsec_facts_t *facts)
{
    state_t state = {
        .uri = r->uri,
        .filename = r->filename,
        .canonical_filename = r->canonical_filename,
        .path_info = r->path_info,
        .finfo = r->finfo,
        .status = r->status,
        .per_dir_config = r->per_dir_config,
        .subprocess_env = r->subprocess_env,
        .log = r->log,
        .asked_uri = facts ? facts->asked_uri : NULL,
    };

    for (apr_size_t i = 0; i < AP_NUM_STD_NOTES; i++)
        state.notes[i] = *ap_get_request_note((request_rec *)r, i);
    return state;
}

static void restore(request_rec *r, avcsec_facts_t *facts, const state_t *state)
{
    r->uri = state->uri;
    r->filename = state->filename;
    r->canonical_filename = state->canonical_filename;
    r->path_info = state->path_info;
    r->finfo = state->finfo;
    r->status = state->status;
    r->per_dir_config = state->per_dir_config;
    r->subprocess_env = state->subprocess_env;
    r->log = state->log;
    for (apr_size_t i = 0; i < AP_NUM_STD_NOTES; i++)
        *ap_get_request_note(r, i) = state->notes[i];
    if (facts)
        facts->asked_uri = state->asked_uri;
}

static int walk(request_rec *r, const avcsec_elsewhere_t *where)
{
    int status;

    if (where->is_reading)
        r->per_dir_config = r->server->lookup_defaults;
    if (where->uri)
        r->uri = apr_pstrdup(r->pool, where->uri);
    if (where->file) {
        r->filename = apr_pstrdup(r->pool, where->file);
        r->canonical_filename = NULL;
        r->path_info = apr_pstrdup(r->pool, where->path_info ? where->path_info : "");
        r->per_dir_config = r->server->lookup_defaults;
        if (apr_stat(&r->finfo, r->filename, APR_FINFO_MIN, r->pool) != APR_SUCCESS)
            r->finfo.filetype = APR_NOFILE;
        if ((status = ap_directory_walk(r)) != OK || (status = ap_file_walk(r)) != OK)
            return status;
    }
    if ((status = ap_location_walk(r)) != OK)
        return status;
    return ap_if_walk(r);
}

int avcsec_elsewhere_decide(request_rec *r, const avcsec_elsewhere_t *where,
                            int (*decide)(request_rec *r))
{
    /* A look that the client did not ask for says nothing in httpd's name. */
    static const struct ap_logconf quiet = {NULL, APLOG_EMERG};
    avcsec_section_t here = *avcsec_config_section(r);
    avcsec_facts_t *facts = avcsec_facts(r);
    state_t state = save(r, facts);
    int status;

    r->subprocess_env = apr_table_copy(r->pool, r->subprocess_env);
    r->log = &quiet;
    status = walk(r, where);
    r->log = state.log;
    if (facts && !facts->asked_uri)
        facts->asked_uri = state.uri;
    if (status != OK)
        status = where->is_by_the_way ? OK : avcsec_gate_refuse(r, AVCSEC_UNCLEAR, NULL, false);
    else if (where->is_reading || where->has_other_names ||
             memcmp(&here, avcsec_config_section(r), sizeof(here)))
        status = decide(r);
    restore(r, facts, &state);
    return status;
}
