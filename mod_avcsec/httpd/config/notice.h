/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of the error log that speak of the server: its configuration, keys and store. Nothing
 * here ever gets a secret.
 */
#ifndef AVCSEC_NOTICE_H
#define AVCSEC_NOTICE_H

#include "httpd/config/config.h"

typedef enum {
#define NOTICE(name, number, level, sentence) AVCSEC_NOTICE_##name,
#include "httpd/config/notices.def"
#undef NOTICE
    AVCSEC_NOTICES
} avcsec_notice_t;

/* Writes "AVCnnnn: ..." at the notice's level. */
void avcsec_log_notice(const server_rec *s, avcsec_notice_t notice, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
