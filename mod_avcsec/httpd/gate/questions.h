/* SPDX-License-Identifier: Apache-2.0
 *
 * Where media servers ask: by SetHandler, or at what only they may call. Found out at each
 * step, and, where httpd answers before it has looked at any section, by the path that was
 * asked for. What then may be answered is decided in request/question.
 */
#ifndef AVCSEC_QUESTIONS_H
#define AVCSEC_QUESTIONS_H

#include "httpd/config/config.h"

/* Phase register_hooks. At post_config: whether media servers ask anywhere. First at
 * translate_name: refuses what a server in front asked for below its place and what lies
 * elsewhere ("/check/../x"), and TRACE, which httpd answers by itself. Where filters are put
 * in, before that of request/question: looks whether an answer without any gate, of a rule in
 * the virtual host or of httpd itself, is one to a question. */
void avcsec_questions_register(void);

/* Looks whether a media server asks by the address alone: the client's request is refused
 * before its names and sections have been looked at. */
void avcsec_questions_look(request_rec *r);

/* At the gate: only the media server may call what runs at this step. */
void avcsec_questions_note(request_rec *r, bool only_logs);

/* At the gate, of a step itself: notes that a handler of this module is asked. OK, or the
 * status of a refusal: one was asked, and a rule leads elsewhere. */
int avcsec_questions_check(request_rec *r);

/* Right before handlers: the handler that SetHandler names is the one that answers, whatever
 * rules, proxies and actions have made of the request. */
void avcsec_questions_take(request_rec *r);

/* And behind the gate: the script that runs is whom the media server asked, or is not. OK, or
 * the status of a refusal: a page stands in its place, or a script whose answer nobody could
 * look at. */
int avcsec_questions_settle(request_rec *r);

#endif
