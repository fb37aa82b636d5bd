/* SPDX-License-Identifier: Apache-2.0
 *
 * The module record and the hook table, nothing more. Why each hook stands where it
 * does is told in the header of the function that it calls.
 */
#include "httpd/checks/checks.h"
#include "httpd/checks/dump.h"
#include "httpd/config/backends.h"
#include "httpd/config/config.h"
#include "httpd/config/handlers.h"
#include "httpd/config/notice.h"
#include "httpd/config/protections.h"
#include "httpd/config/roots.h"
#include "httpd/files/beneath.h"
#include "httpd/files/cookie.h"
#include "httpd/files/files.h"
#include "httpd/files/pace.h"
#include "httpd/gate/backend.h"
#include "httpd/gate/closed.h"
#include "httpd/gate/dav.h"
#include "httpd/gate/gate.h"
#include "httpd/gate/questions.h"
#include "httpd/gate/require.h"
#include "httpd/gate/sendfile.h"
#include "httpd/request/answer.h"
#include "httpd/request/body.h"
#include "httpd/request/environment.h"
#include "httpd/request/facts.h"
#include "httpd/request/forwarding.h"
#include "httpd/request/gather.h"
#include "httpd/request/log.h"
#include "httpd/request/mask.h"
#include "httpd/request/outcome.h"
#include "httpd/request/question.h"
#include "httpd/request/redirect.h"
#include "httpd/request/spend.h"
#include "httpd/request/strip.h"
#include "httpd/session/admission.h"
#include "httpd/session/front.h"
#include "httpd/session/jwks.h"
#include "httpd/session/page.h"
#include "httpd/session/session.h"
#include "httpd/state/keys.h"
#include "httpd/state/open_files.h"
#include "httpd/state/places.h"
#include "httpd/state/rate.h"
#include "httpd/state/revocations.h"
#include "httpd/state/shared.h"
#include "httpd/state/store.h"
#include "httpd/status.h"

#include "http_core.h"
#include "http_log.h"
#include "http_protocol.h"
#include "http_request.h"
#include "mpm_common.h"

APLOG_USE_MODULE(avcsec);

static int reset_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    (void)plog, (void)ptemp;
    avcsec_config_reset(pconf);
    return OK;
}

static int prepare_threads(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    (void)plog, (void)ptemp, (void)s;
    avcsec_keys_prepare(pconf);
    avcsec_beneath_prepare(pconf);
    return OK;
}

/* What cannot be had ends a start; a server that runs goes on with what it has. */
static int load_state(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    const char *error;

    (void)plog, (void)ptemp;
    /* At a start, httpd reads its configuration twice; the first time is a rehearsal. */
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG)
        return OK;
    avcsec_open_files_load(pconf, s);
    if (!(error = avcsec_keys_load(pconf, s)) && !(error = avcsec_store_open(pconf, s)) &&
        !(error = avcsec_revocations_load(pconf, s)))
        return OK;
    avcsec_log_notice(s, AVCSEC_NOTICE_CONFIG, "%s", error);
    return HTTP_INTERNAL_SERVER_ERROR;
}

static int refresh_keys(apr_pool_t *pconf, server_rec *s)
{
    apr_pool_t *p;

    /* What is looked at every few seconds would fill the configuration's own pool. */
    if (apr_pool_create(&p, pconf) != APR_SUCCESS)
        return OK;
    avcsec_keys_refresh(p, s);
    avcsec_revocations_refresh(p, s);
    avcsec_store_watch(s);
    apr_pool_destroy(p);
    return OK;
}

static void enter_child(apr_pool_t *pchild, server_rec *s)
{
    avcsec_shared_close(pchild, s);
    avcsec_store_enter_child();
}

/* Configuration, start, children. */
static void hook_life(void)
{
    ap_hook_pre_config(reset_config, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_pre_config(avcsec_backend_register, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_pre_config(avcsec_dav_register, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(avcsec_dump_print, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_check_config(avcsec_checks_run, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(prepare_threads, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_post_config(load_state, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(avcsec_files_prepare, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(avcsec_backends_note, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(avcsec_roots_note, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(avcsec_handlers_note, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(avcsec_protections_note, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(avcsec_rate_prepare, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(avcsec_places_note, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(avcsec_sendfile_prepare, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_init(enter_child, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_child_init(avcsec_places_watch, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_monitor(refresh_keys, NULL, NULL, APR_HOOK_MIDDLE);
}

/* What of this module runs behind its gate: the first that does not decline answers. */
static int run_handlers(request_rec *r)
{
    static int (*const handlers[])(request_rec *) = {
        avcsec_spend_before_handlers, avcsec_files_serve,  avcsec_session_answer,
        avcsec_admission_handle,      avcsec_front_handle, avcsec_page_environment};
    int status = DECLINED;

    if (avcsec_is_idle() && !avcsec_handlers_may_be_ours(r->handler))
        return DECLINED;
    for (size_t i = 0; status == DECLINED && i < sizeof(handlers) / sizeof(handlers[0]); i++)
        status = handlers[i](r);
    return status;
}

/* The way of a request. */
static void hook_requests(void)
{
    static const char *const behind_rewriting[] = {"mod_rewrite.c", "mod_alias.c", "mod_proxy.c",
                                                   "mod_userdir.c", NULL};
    static const char *const before_virtual_aliases[] = {"mod_vhost_alias.c", NULL};
    static const char *const before_cache[] = {"mod_cache.c", NULL};
    static const char *const remoteip[] = {"mod_remoteip.c", NULL};
    static const char *const before_logs[] = {"mod_log_config.c", "mod_log_forensic.c", NULL};

    ap_hook_quick_handler(avcsec_closed_refuse, NULL, before_cache, APR_HOOK_REALLY_FIRST);
    ap_hook_post_read_request(avcsec_gather, NULL, NULL, APR_HOOK_REALLY_FIRST - 1);
    ap_hook_post_read_request(avcsec_pace_end, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_post_read_request(avcsec_forwarding_before_remoteip, NULL, remoteip, APR_HOOK_FIRST);
    ap_hook_post_read_request(avcsec_forwarding_behind_remoteip, remoteip, NULL, APR_HOOK_FIRST);
    ap_hook_post_read_request(avcsec_forwarding_scrub, remoteip, NULL, APR_HOOK_MIDDLE);
    ap_hook_translate_name(avcsec_mask_status, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_translate_name(avcsec_facts_note_mapped, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_translate_name(avcsec_files_translate, behind_rewriting, before_virtual_aliases,
                           APR_HOOK_MIDDLE);
    ap_hook_map_to_storage(avcsec_files_map, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_perdir_config(avcsec_gate_after_sections, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_perdir_config(avcsec_session_preflight, NULL, NULL, APR_HOOK_LAST);
    ap_hook_type_checker(avcsec_files_type, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_fixups(avcsec_environment_set, NULL, NULL, APR_HOOK_REALLY_LAST);
    ap_hook_handler(avcsec_gate_before_handlers, NULL, before_cache, APR_HOOK_REALLY_FIRST - 1);
    ap_hook_handler(run_handlers, NULL, before_cache, APR_HOOK_REALLY_FIRST);
    ap_hook_handler(avcsec_jwks_answer, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_insert_filter(avcsec_body_restore, NULL, NULL, APR_HOOK_LAST);
    ap_hook_insert_filter(avcsec_cookie_insert, NULL, NULL, APR_HOOK_REALLY_LAST);
    ap_hook_insert_error_filter(avcsec_log_denied, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_insert_error_filter(avcsec_redirect_hide_in_page, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_log_transaction(avcsec_mask_for_log, NULL, before_logs, APR_HOOK_REALLY_FIRST);
    ap_hook_log_transaction(avcsec_page_forget, NULL, before_logs, APR_HOOK_REALLY_FIRST);
}

static void register_hooks(apr_pool_t *p)
{
    hook_life();
    hook_requests();
    avcsec_store_register(p);
    avcsec_questions_register();
    avcsec_question_register(p);
    avcsec_answer_register(p);
    avcsec_outcome_register();
    avcsec_body_register();
    avcsec_forwarding_register();
    avcsec_require_register(p);
    avcsec_sendfile_register();
    avcsec_pace_register();
    avcsec_cookie_register();
    avcsec_status_register(p);
}

module AP_MODULE_DECLARE_DATA __attribute__((visibility("default"))) avcsec_module = {
    STANDARD20_MODULE_STUFF,
    avcsec_config_create_section,
    avcsec_config_merge_section,
    avcsec_config_create_server,
    avcsec_config_merge_server,
    avcsec_config_commands,
    register_hooks,
    0 /* flags */
};
