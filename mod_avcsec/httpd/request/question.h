/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions of media servers, from the moment when it is known that one is asked until its
 * answer is sent. Nobody's answer goes out but that of whom was asked, and refusals are
 * httpd's own pages, whatever ErrorDocument, ProxyErrorOverride, rules and redirects say.
 * What asks where is found out by the gate.
 */
#ifndef AVCSEC_QUESTION_ANSWER_H
#define AVCSEC_QUESTION_ANSWER_H

#include "httpd/request/facts.h"

#include "core/session/question.h"

/* Of one request. */
typedef struct avcsec_question_t {
    avcsec_asked_t asked;        /* of several steps, the strictest */
    bool only_logs;              /* AvcEnforce says so of the script */
    const request_rec *first;    /* the step that first asks something, */
    const char *uri;             /* and the address that asks it there */
    const request_rec *answered; /* the step that whoever was asked answers in; NULL: none yet */
    const char *location;        /* of a handler's answer, whatever mod_headers makes of it */
    const request_rec *paged;    /* the last step that has httpd's own pages for refusals */
} avcsec_question_t;

/* Phase register_hooks: the output filter that looks at answers, and the hooks that put it
 * in, before the one for headers. */
void avcsec_question_register(apr_pool_t *p);

/* A media server asks at this step of a request, by this address, or nobody does. only_logs:
 * AvcEnforce says so of the script. */
void avcsec_question_note(request_rec *r, const char *uri, avcsec_asked_t asked, bool only_logs);

/* What is asked by this request, as far as it is known. */
avcsec_asked_t avcsec_question_asked(const avcsec_facts_t *facts);

/* What runs at this step is whom the media server asked: a script, or a handler of this
 * module that has set status and headers of its answer. */
void avcsec_question_answered(request_rec *r);

/* Hooks insert_filter and insert_error_filter, and right before handlers, when it may have
 * turned out only now that a media server asks: puts the filter in, if it has to be there. */
void avcsec_question_watch(request_rec *r);

/* Media servers ask somewhere in this configuration: what could not even be read may have
 * been a question. Phase post_config, in any case; holds for all servers. */
void avcsec_question_expect(apr_pool_t *pconf, bool is_expected);

#endif
