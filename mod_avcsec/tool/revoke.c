/* SPDX-License-Identifier: Apache-2.0
 *
 * avcsec revoke: takes tokens back before their end, by a line in a file that the server
 * watches, in the Redis that it asks, or both. The file is replaced in one step and on disk
 * before the command ends; entries whose time is over are left out.
 */
#include "claims.h"
#include "commands.h"
#include "complain.h"
#include "core/text/b64url.h"
#include "core/text/json.h"
#include "core/text/utc.h"
#include "revoke_redis.h"
#include "revoked.h"
#include "when.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const char *file, *store, *id, *sub, *kid, *before, *keep;
} revoke_options_t;

static const avcsec_option_t revoke_options[] = {
    {"file", "F", offsetof(revoke_options_t, file), AVCSEC_OPTION_TEXT,
     "the file that AvcRevocations names; made if it is not there"},
    {"store", "URL", offsetof(revoke_options_t, store), AVCSEC_OPTION_TEXT,
     "the Redis that AvcStore names, as it is written there"},
    {"id", "ID", offsetof(revoke_options_t, id), AVCSEC_OPTION_TEXT, "the token of this id"},
    {"sub", "USER", offsetof(revoke_options_t, sub), AVCSEC_OPTION_TEXT, "this user's tokens"},
    {"kid", "K", offsetof(revoke_options_t, kid), AVCSEC_OPTION_TEXT, "tokens of this key"},
    {"before", "TIME", offsetof(revoke_options_t, before), AVCSEC_OPTION_TEXT,
     "only tokens issued before TIME, or that do not say when;\n"
     "alone: all such tokens"},
    {"keep", "SPAN", offsetof(revoke_options_t, keep), AVCSEC_OPTION_TEXT,
     "how long the entry stands, longer than any token lives;\n"
     "365d if it is not given"},
    {.name = NULL},
};

static bool set_value(avcsec_revocation_t *entry, const char *value)
{
    size_t len = strlen(value);

    if (len > sizeof(entry->value))
        return avcsec_complain("the value is longer than 256 characters");
    memcpy(entry->value, value, len);
    entry->len = len;
    return true;
}

static bool set_user(avcsec_revocation_t *entry, const char *user)
{
    size_t len = strlen(user);

    if (AVCSEC_B64URL_CHARS(len) > sizeof(entry->value))
        return avcsec_complain("--sub: the name is too long for a token");
    entry->len = avcsec_b64url_encode((const unsigned char *)user, len, entry->value);
    return true;
}

static bool read_target(const revoke_options_t *options, avcsec_revocation_t *entry)
{
    int given = (options->id != NULL) + (options->sub != NULL) + (options->kid != NULL);

    if (given > 1)
        return avcsec_complain("give one of --id, --sub and --kid; two calls make two entries");
    if (!given && !options->before)
        return avcsec_complain("give --id, --sub, --kid or --before: what is taken back");
    entry->kind = options->id    ? AVCSEC_REVOKE_ID
                  : options->sub ? AVCSEC_REVOKE_SUB
                  : options->kid ? AVCSEC_REVOKE_KID
                                 : AVCSEC_REVOKE_ALL;
    if (options->sub)
        return set_user(entry, options->sub);
    return !given || set_value(entry, options->id ? options->id : options->kid);
}

/* The entry as a line that reads back as itself. */
static bool make_entry(const revoke_options_t *options, int64_t now, avcsec_revocation_t *entry,
                       char line[AVCSEC_REVOCATION_LINE_MAX], size_t *len)
{
    avcsec_revocation_t again;
    const char *error;
    int64_t span;

    memset(entry, 0, sizeof(*entry));
    if (!read_target(options, entry) ||
        (options->before && !avcsec_when_read("before", options->before, &entry->before)) ||
        !avcsec_when_read_span("keep", options->keep ? options->keep : "365d", &span))
        return false;
    entry->until = now + span;
    *len = avcsec_revocation_write(entry, line);
    if (!avcsec_revocation_parse((avcsec_slice_t){line, *len - 1}, &again, &error))
        return avcsec_complain("%s", error ? error : "nothing to take back");
    return true;
}

/* ---- The file ---- */

/* Opens what will take the file's place, and waits while another command has it: of two
 * who read the same old list, the later would lose the other's entry. -1 and errno. */
static int open_fresh(const char *fresh)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct stat mine, there;

    for (;;) {
        int fd = open(fresh, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

        if (fd < 0)
            return -1;
        if (fcntl(fd, F_SETLKW, &whole) || fstat(fd, &mine)) {
            close(fd);
            return -1;
        }
        /* Otherwise the one before has put it in its place. */
        if (!lstat(fresh, &there) && there.st_ino == mine.st_ino && there.st_dev == mine.st_dev)
            return fd;
        close(fd);
    }
}

static bool put(FILE *out, const avcsec_revocations_t *list, const char *line)
{
    char old[AVCSEC_REVOCATION_LINE_MAX];
    bool is_there = false;

    fputs("# Written by avcsec revoke; entries whose time is over are left out.\n", out);
    for (size_t i = 0; i < list->count; i++) {
        avcsec_revocation_write(&list->entries[i], old);
        fputs(old, out);
        is_there |= strcmp(old, line) == 0;
    }
    if (!is_there)
        fputs(line, out);
    return fflush(out) == 0 && fsync(fileno(out)) == 0;
}

/* That a file has a new name is on disk as well. */
static void sync_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *directory = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    int fd = directory ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (fd < 0 || fsync(fd))
        avcsec_warn("%s: it may not outlast a power cut: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    free(directory);
}

/* Writes the list to `fd`, which is `fresh`, and puts it in place; closes fd. */
static bool replace(const char *path, const char *fresh, int fd, const struct stat *old,
                    const avcsec_revocations_t *list, const char *line)
{
    FILE *out = fdopen(fd, "w");

    if (old->st_nlink && fchown(fd, old->st_uid, old->st_gid) && geteuid() == 0)
        avcsec_warn("%s: its owner could not be kept", path);
    /* The lock ends with the file, so the new name comes first. */
    if (!out || ftruncate(fd, 0) || fchmod(fd, 0600) || !put(out, list, line) ||
        rename(fresh, path)) {
        avcsec_complain("%s: %s", path, strerror(errno));
        unlink(fresh);
        if (out)
            fclose(out);
        else
            close(fd);
        return false;
    }
    fclose(out);
    sync_directory(path);
    return true;
}

/* What is in the file now, and the entry, into `fresh`, which is open and whose turn it is. */
static bool add_to(const char *path, const char *fresh, int fd, const char *line, int64_t now)
{
    struct stat old;
    avcsec_revocations_t *list = avcsec_revoked_read(path, true, now, &old);
    bool is_full = list && list->count == AVCSEC_REVOCATIONS_MAX, is_done = false;

    if (is_full)
        avcsec_complain("%s is full; revoke a key or a time instead", path);
    if (list && !is_full)
        is_done = replace(path, fresh, fd, &old, list, line);
    else {
        unlink(fresh);
        close(fd);
    }
    free(list);
    return is_done;
}

static bool add(const char *path, const char *line, int64_t now)
{
    char fresh[4096];
    int fd;

    if (snprintf(fresh, sizeof(fresh), "%s.new", path) >= (int)sizeof(fresh))
        return avcsec_complain("%s: the path is too long", path);
    fd = open_fresh(fresh);
    return fd < 0 ? avcsec_complain("%s: %s", fresh, strerror(errno))
                  : add_to(path, fresh, fd, line, now);
}

static bool take_back(const revoke_options_t *options, const avcsec_common_t *common)
{
    char line[AVCSEC_REVOCATION_LINE_MAX];
    avcsec_revocation_t entry;
    int64_t now;
    size_t len;

    if (!options->file && !options->store)
        return avcsec_complain("give --file or --store: what AvcRevocations or AvcStore names");
    if ((options->store && !avcsec_revoke_redis_reads(options->store)) ||
        !avcsec_when_now(common->now, &now) || !make_entry(options, now, &entry, line, &len) ||
        (options->file && !add(options->file, line, now)) ||
        (options->store && !avcsec_revoke_redis_add(options->store, &entry, now)))
        return false;
    if (common->has_json) {
        avcsec_json_open(NULL, '{');
        avcsec_json_text("entry", (avcsec_slice_t){line, len - 1});
        avcsec_json_close('}');
    } else
        fputs(line, stdout);
    return true;
}

static int run(int argc, char **argv)
{
    avcsec_common_t common = {.now = NULL};
    revoke_options_t options = {.file = NULL};
    const avcsec_option_group_t groups[] = {
        {"What is taken back, and where", revoke_options, &options},
        {"Other options", avcsec_clock_options, &common},
        {.title = NULL},
    };
    avcsec_words_t words;
    int status;

    if (!avcsec_command_begin(&avcsec_command_revoke, argc, argv, groups, &common, &words, &status))
        return status;
    return avcsec_command_has_words(&words, 0, 0, "") && take_back(&options, &common)
               ? AVCSEC_DONE
               : AVCSEC_WRONG;
}

const avcsec_command_t avcsec_command_revoke = {
    "revoke",
    "--file F|--store URL --id ID|--sub USER|--kid K|--before TIME",
    "Take tokens back before their end",
    "The server notices the changed file within 15 seconds (AvcRevocations); in its Redis\n"
    "(AvcStore) the entry holds at once. A token that does not say when it was issued falls\n"
    "to any --before.",
    run,
};
