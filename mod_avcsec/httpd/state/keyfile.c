/* SPDX-License-Identifier: Apache-2.0
 *
 * Key files on disk.
 */
#include "httpd/state/keyfile.h"

#include "core/token/key_text.h"

#include "apr_strings.h"
#include "http_config.h"
#include "http_log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

APLOG_USE_MODULE(avcsec);

static const char *check_file(const struct stat *st, bool is_mounted)
{
    if (!S_ISREG(st->st_mode))
        return "is not a regular file";
    if (st->st_uid != 0 && st->st_uid != geteuid())
        return "belongs neither to root nor to the user who starts the server; change its owner";
    if (st->st_mode & (is_mounted ? 037 : 077))
        return is_mounted ? "can be written by its group or read by others; give it mode 0440"
                          : "can be read by others than its owner; give it mode 0600";
    if (st->st_size > AVCSEC_KEY_FILE_MAX)
        return "is larger than 64 KiB";
    return NULL;
}

static const char *why_not_opened(apr_pool_t *p, int error, bool *is_denied)
{
    char text[128];

    *is_denied = error == EACCES && geteuid() != 0;
    if (error == ELOOP)
        return "is a symbolic link; name the file itself, or write \"mounted\" behind a container "
               "system's secret";
    return apr_psprintf(p, "cannot be opened: %s", apr_strerror(error, text, sizeof(text)));
}

static ssize_t read_all(int fd, char *buffer, size_t room)
{
    size_t len = 0;
    ssize_t n;

    while (len < room && (n = read(fd, buffer + len, room - len)) != 0) {
        if (n < 0 && errno != EINTR)
            return -1;
        len += n > 0 ? (size_t)n : 0;
    }
    return (ssize_t)len;
}

static avcsec_identity_t identity_of(const struct stat *st)
{
    return (avcsec_identity_t){st->st_dev, st->st_ino, st->st_size, st->st_mtim, st->st_ctim};
}

/* ---- Secrets in memory ---- */

typedef struct {
    char *bytes; /* AVCSEC_KEY_FILE_MAX + 1 */
    size_t len;
} content_t;

static void forget(content_t *content)
{
    if (content->bytes)
        avcsec_wipe(content->bytes, AVCSEC_KEY_FILE_MAX + 1);
    free(content->bytes);
    content->bytes = NULL;
}

/* Reads a file that only the right people could have written or read. NULL, or how the
 * sentence goes on behind its path. */
static const char *read_secret_file(apr_pool_t *p, const char *path, bool is_mounted,
                                    content_t *content, avcsec_identity_t *identity,
                                    bool *is_denied)
{
    int fd =
        open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (is_mounted ? 0 : O_NOFOLLOW));
    const char *error = "cannot be examined";
    struct stat st;
    ssize_t len;

    *content = (content_t){NULL, 0};
    *identity = (avcsec_identity_t){.size = 0};
    if (fd < 0)
        return why_not_opened(p, errno, is_denied);
    if (fstat(fd, &st) == 0) {
        *identity = identity_of(&st);
        error = check_file(&st, is_mounted);
    }
    if (!error) {
        content->bytes = malloc(AVCSEC_KEY_FILE_MAX + 1);
        len = content->bytes ? read_all(fd, content->bytes, AVCSEC_KEY_FILE_MAX + 1) : -1;
        content->len = len > 0 ? (size_t)len : 0;
        error = len < 0 ? "cannot be read" : NULL;
    }
    close(fd);
    return error;
}

const char *avcsec_keyfile_read_text(apr_pool_t *p, const char *path, char **text, size_t *len,
                                     bool *is_denied)
{
    avcsec_identity_t identity;
    content_t content;
    const char *error = read_secret_file(p, path, false, &content, &identity, is_denied);

    if (!error) {
        *text = apr_pstrmemdup(p, content.bytes, content.len);
        *len = content.len;
    }
    forget(&content);
    return error;
}

/* ---- PEM files ---- */

const char *avcsec_keyfile_pem(apr_pool_t *p, const avcsec_key_t *key)
{
    const char *name = apr_pstrmemdup(p, key->u.text.bytes, key->u.text.len);
    const char *path = ap_server_root_relative(p, name);

    return path ? path : name;
}

static bool is_pair(const avcsec_key_t *key)
{
    return key->kind == AVCSEC_ED25519 || key->kind == AVCSEC_ES256;
}

static const char *take_pem(apr_pool_t *p, const avcsec_keyfile_t *file, avcsec_key_t *key,
                            bool *is_denied)
{
    const char *path = avcsec_keyfile_pem(p, key), *error;
    avcsec_identity_t identity;
    content_t content;

    error = read_secret_file(p, path, file->is_mounted, &content, &identity, is_denied);
    if (!error &&
        !avcsec_key_take_pem(key, (avcsec_slice_t){content.bytes, content.len}, file->signs_jwt))
        error = key->kind == AVCSEC_ES256
                    ? "is no private key of the curve P-256 in PEM without a passphrase"
                    : "is no private key for Ed25519 in PEM without a passphrase";
    forget(&content);
    return error ? apr_psprintf(p, "names the key %s, whose file %s %s", key->kid, path, error)
                 : NULL;
}

static const char *take_pems(apr_pool_t *p, const avcsec_keyfile_t *file, avcsec_keyring_t *keys,
                             avcsec_keyfile_state_t *state, bool *is_denied)
{
    const char *error = NULL;

    for (size_t i = 0; !error && i < keys->count; i++)
        if (is_pair(&keys->keys[i]) && (error = take_pem(p, file, &keys->keys[i], is_denied)))
            apr_cpystrn(state->refused, avcsec_keyfile_pem(p, &keys->keys[i]),
                        sizeof(state->refused));
    return error;
}

/* ---- The key file ---- */

static const char *parse(apr_pool_t *p, const avcsec_keyfile_t *file, const content_t *content,
                         avcsec_keyring_t *keys)
{
    avcsec_slice_t text = {content->bytes, content->len}, realm = avcsec_slice_of(file->realm);
    size_t line = 0;
    const char *error = file->signs_jwt
                            ? avcsec_keyring_parse_with_secrets(text, realm, keys, &line)
                            : avcsec_keyring_parse(text, realm, keys, &line);

    if (!error)
        return NULL;
    return line ? apr_psprintf(p, "line %" APR_SIZE_T_FMT ": %s", line, error)
                : apr_psprintf(p, "cannot be used: %s", error);
}

const char *avcsec_keyfile_read(apr_pool_t *p, const avcsec_keyfile_t *file, avcsec_keyring_t *keys,
                                avcsec_keyfile_state_t *state, bool *is_denied)
{
    const char *error;
    content_t content;

    *is_denied = false;
    state->refused[0] = '\0';
    error =
        read_secret_file(p, file->path, file->is_mounted, &content, &state->identity, is_denied);
    if (!error)
        error = parse(p, file, &content, keys);
    forget(&content);
    return error ? error : take_pems(p, file, keys, state, is_denied);
}

/* ---- Whether something changed ---- */

static bool look(const char *path, bool is_mounted, avcsec_identity_t *identity)
{
    struct stat st;

    *identity = (avcsec_identity_t){.size = 0};
    if ((is_mounted ? stat : lstat)(path, &st))
        return false;
    *identity = identity_of(&st);
    return true;
}

/* FNV-1a, to notice changes, not attacks: these files are root's. */
static uint64_t add_number(uint64_t sum, uint64_t number)
{
    for (int i = 0; i < 8; i++, number >>= 8)
        sum = (sum ^ (number & 255)) * 1099511628211u;
    return sum;
}

static uint64_t add_file(uint64_t sum, const char *path, bool is_mounted)
{
    avcsec_identity_t it;

    sum = add_number(sum, look(path, is_mounted, &it));
    sum = add_number(add_number(sum, (uint64_t)it.device), (uint64_t)it.inode);
    sum = add_number(add_number(sum, (uint64_t)it.size), (uint64_t)it.modified.tv_sec);
    sum = add_number(add_number(sum, (uint64_t)it.modified.tv_nsec), (uint64_t)it.changed.tv_sec);
    return add_number(sum, (uint64_t)it.changed.tv_nsec);
}

static uint64_t sum_of(apr_pool_t *p, const avcsec_keyfile_t *file, const avcsec_keyring_t *used,
                       const avcsec_keyfile_state_t *state)
{
    uint64_t sum = 14695981039346656037u;

    for (size_t i = 0; i < used->count; i++)
        if (is_pair(&used->keys[i]))
            sum = add_file(sum, avcsec_keyfile_pem(p, &used->keys[i]), file->is_mounted);
    return state->refused[0] ? add_file(sum, state->refused, file->is_mounted) : sum;
}

void avcsec_keyfile_note(apr_pool_t *p, const avcsec_keyfile_t *file, const avcsec_keyring_t *used,
                         avcsec_keyfile_state_t *state)
{
    /* A link or an unreadable file gave no identity while it was opened; what is seen of it
     * is remembered, so that it is reported once. */
    if (!state->identity.inode)
        look(file->path, file->is_mounted, &state->identity);
    state->pems = sum_of(p, file, used, state);
}

bool avcsec_keyfile_is_unchanged(apr_pool_t *p, const avcsec_keyfile_t *file,
                                 const avcsec_keyring_t *used, const avcsec_keyfile_state_t *state)
{
    const avcsec_identity_t *then = &state->identity;
    avcsec_identity_t now;

    look(file->path, file->is_mounted, &now);
    return now.device == then->device && now.inode == then->inode && now.size == then->size &&
           !memcmp(&now.modified, &then->modified, sizeof(now.modified)) &&
           !memcmp(&now.changed, &then->changed, sizeof(now.changed)) &&
           sum_of(p, file, used, state) == state->pems;
}
