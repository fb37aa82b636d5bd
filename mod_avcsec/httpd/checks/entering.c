/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks the system as the user that mod_unixd names. Counting mode bits would miss access lists
 * and what a mount says.
 */
#include "httpd/checks/entering.h"

#include "httpd.h"
#include "http_log.h"
#include "unixd.h"

#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

APLOG_USE_MODULE(avcsec);

const char *avcsec_user_name(void)
{
    return ap_unixd_config.user_name ? ap_unixd_config.user_name : "the server's user";
}

static int ask(const char *directory)
{
    if (ap_unixd_config.user_name &&
        initgroups(ap_unixd_config.user_name, ap_unixd_config.group_id))
        return 0;
    if (setgid(ap_unixd_config.group_id) || setuid(ap_unixd_config.user_id))
        return 0;
    return access(directory, X_OK) ? 1 : 0;
}

bool avcsec_may_enter(const char *directory)
{
    int status = 0;
    pid_t pid;

    if (geteuid() != 0)
        return access(directory, X_OK) == 0;
    if (!ap_unixd_config.user_id || (pid = fork()) < 0)
        return true;
    if (pid == 0)
        _exit(ask(directory));
    return waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 1;
}
