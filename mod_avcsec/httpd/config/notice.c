/* SPDX-License-Identifier: Apache-2.0
 *
 * The error log: numbered lines about the server.
 */
#include "httpd/config/notice.h"

#include "apr_strings.h"
#include "http_log.h"

#include <stdarg.h>

APLOG_USE_MODULE(avcsec);

static const struct {
    int number, level;
} notices[AVCSEC_NOTICES] = {
#define NOTICE(name, number, level, sentence) {number, APLOG_##level},
#include "httpd/config/notices.def"
#undef NOTICE
};

void avcsec_log_notice(const server_rec *s, avcsec_notice_t notice, const char *format, ...)
{
    char text[2048];
    va_list args;

    va_start(args, format);
    apr_vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    ap_log_error(APLOG_MARK, notices[notice].level, 0, s, "AVC%04d: %s", notices[notice].number,
                 text);
}
