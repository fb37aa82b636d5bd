/* SPDX-License-Identifier: Apache-2.0
 *
 * Where state lies, and who may write there.
 */
#include "httpd/state/state_dir.h"

#include "ap_config_layout.h"
#include "apr_strings.h"
#include "http_config.h"
#include "http_log.h"

#include <sys/stat.h>
#include <unistd.h>

APLOG_USE_MODULE(avcsec);

const char *avcsec_parent_of(apr_pool_t *p, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return ".";
    return slash == path ? "/" : apr_pstrmemdup(p, path, (apr_size_t)(slash - path));
}

#ifdef AVCSEC_HAVE_STATE_DIR
static const char *default_path(apr_pool_t *p)
{
    return ap_state_dir_relative(p, "avcsec");
}
#else
/* Servers that run side by side have runtime directories of their own; two that had one store
 * would not both start. */
static const char *default_path(apr_pool_t *p)
{
    const char *runtime = avcsec_parent_of(p, ap_runtime_dir_relative(p, "avcsec"));
    uint32_t sum = 2166136261u;

    if (!strcmp(runtime, DEFAULT_EXP_RUNTIMEDIR))
        return AVCSEC_STATE_DIR;
    for (const char *c = runtime; *c; c++)
        sum = (sum ^ (unsigned char)*c) * 16777619u;
    return apr_psprintf(p, "%s-%08x", AVCSEC_STATE_DIR, (unsigned)sum);
}
#endif

static const char *errno_text(apr_pool_t *p, const char *what)
{
    char text[128];

    return apr_psprintf(p, "%s: %s", what, apr_strerror(errno, text, sizeof(text)));
}

static bool is_ones_own(const struct stat *st)
{
    return st->st_uid == 0 || st->st_uid == geteuid();
}

/* In a sticky one, others can't move what is ours. */
static bool is_written_by_others(const struct stat *st, bool may_be_sticky)
{
    return (st->st_mode & 022) && !(may_be_sticky && (st->st_mode & S_ISVTX));
}

static const char *check_directory(apr_pool_t *p, const char *path, bool may_be_sticky,
                                   bool *is_missing)
{
    struct stat st;
    int failed;

    *is_missing = false;
    if (stat(path, &st)) {
        failed = errno;
        if (failed == ENOENT && !lstat(path, &st))
            return "is a symbolic link that leads nowhere";
        *is_missing = failed == ENOENT;
        errno = failed;
        return errno_text(p, "cannot be looked into");
    }
    if (!S_ISDIR(st.st_mode))
        return "is no directory";
    if (!is_ones_own(&st))
        return "belongs neither to root nor to the user who starts the server";
    return is_written_by_others(&st, may_be_sticky)
               ? "can be written by others than its owner; take that right away (chmod go-w)"
               : NULL;
}

const char *avcsec_guarded_directory(apr_pool_t *p, const char *path, bool *is_missing)
{
    return check_directory(p, path, false, is_missing);
}

typedef struct {
    bool is_there;
    bool is_lacking; /* somebody else's, or missing where it cannot be made */
    bool is_denied;  /* it may be right for who starts the server */
} look_t;

static const char *look_at_parent(apr_pool_t *p, const char *path, look_t *look)
{
    const char *parent = avcsec_parent_of(p, path);
    bool is_missing;
    const char *error = check_directory(p, parent, true, &is_missing);

    if (!error && access(parent, W_OK | X_OK))
        error = errno_text(p, "cannot be written");
    look->is_lacking = error != NULL;
    return error
               ? apr_psprintf(p, "is missing, and %s %s: make it, for its owner alone (mode 0700)",
                              parent, error)
               : NULL;
}

/* NULL: it may be used, or made. */
static const char *look_at(apr_pool_t *p, const char *path, look_t *look)
{
    bool is_missing;
    const char *error = check_directory(p, path, false, &is_missing);
    struct stat st;

    *look = (look_t){.is_there = !is_missing};
    if (is_missing)
        return look_at_parent(p, path, look);
    if (!error && access(path, W_OK | X_OK)) {
        look->is_denied = errno == EACCES && geteuid() != 0;
        error = errno_text(p, "cannot be written");
    }
    look->is_lacking = error && geteuid() != 0 && (stat(path, &st) || st.st_uid != geteuid());
    return error;
}

static const char *fall_back(apr_pool_t *p, const char *why, avcsec_state_dir_t *dir)
{
    const char *file = ap_runtime_dir_relative(p, "avcsec");

    dir->absent = dir->path;
    dir->lacking = why;
    dir->path = avcsec_parent_of(p, file);
    dir->is_there = true;
    return NULL;
}

const char *avcsec_state_dir_look(apr_pool_t *p, const server_rec *main_server,
                                  avcsec_state_dir_t *dir)
{
    const avcsec_directory_t *asked = avcsec_config_server(main_server)->state_dir;
    const char *error;
    look_t look;

    *dir = (avcsec_state_dir_t){.path = asked ? asked->path : default_path(p)};
    if (asked)
        dir->place = asked->place;
    error = look_at(p, dir->path, &look);
    dir->is_there = look.is_there;
    dir->is_denied = look.is_denied;
    if (!error)
        return NULL;
    if (look.is_lacking && !asked)
        return fall_back(p, error, dir);
    return apr_psprintf(p, "%s %s", dir->path, error);
}

const char *avcsec_state_dir_make(apr_pool_t *p, const server_rec *main_server,
                                  avcsec_state_dir_t *dir)
{
    const char *error = avcsec_state_dir_look(p, main_server, dir);

    if (error || dir->is_there)
        return error;
    if (!mkdir(dir->path, 0700) || errno == EEXIST)
        return avcsec_state_dir_look(p, main_server, dir);
    error = errno_text(p, "cannot be made");
    return avcsec_config_server(main_server)->state_dir ? apr_psprintf(p, "%s %s", dir->path, error)
                                                        : fall_back(p, error, dir);
}
