/* SPDX-License-Identifier: Apache-2.0
 *
 * Walks document roots and targets of aliases, the upper directories first: which files each
 * name matches, which scripts lie beside them, which links lead into private directories. Ends
 * after a number of entries, or a time, and says so.
 */
#include "httpd/checks/dump.h"

#include "httpd/config/roots.h"

#include "apr_fnmatch.h"
#include "apr_hash.h"
#include "apr_strings.h"
#include "http_log.h"

#include <dirent.h>
#include <sys/stat.h>

APLOG_USE_MODULE(avcsec);

#define ENTRIES_MAX 200000
#define SECONDS_MAX 5

typedef struct {
    const char *path, *folder; /* folder: its name, NULL where names begin */
    bool is_closed;            /* all that is below */
} directory_t;

typedef struct {
    dev_t device;
    ino_t inode;
} identity_t;

typedef struct {
    avcsec_dump_t *dump;
    avcsec_dump_host_t *host;
    apr_pool_t *p, *scratch;   /* scratch: for one directory */
    apr_array_header_t *queue; /* of directory_t */
    apr_hash_t *seen;          /* identity_t */
    apr_time_t deadline;
} walk_t;

typedef struct {
    const char *name;
    unsigned char type; /* DT_... */
} entry_t;

/* Of one directory: what was closed by a list of scripts, and the scripts that were not. */
typedef struct {
    const char *closed;
    apr_array_header_t *open; /* of const char * */
} beside_t;

/* ---- What protects an entry ---- */

static bool is_in(const avcsec_dump_protection_t *protection, const char *path, const char *name)
{
    if (protection->where.in == AVCSEC_IN_FILES)
        return apr_fnmatch(protection->where.path, name, 0) == APR_SUCCESS;
    return !protection->directory || avcsec_tree_is_below(path, protection->directory);
}

static void add_shown(apr_array_header_t *list, int *more, const char *text)
{
    if (list->nelts < AVCSEC_DUMP_SHOWN)
        APR_ARRAY_PUSH(list, const char *) = text;
    else
        ++*more;
}

static bool is_named(const avcsec_name_t *entry, const directory_t *directory, const char *name)
{
    avcsec_name_t bare = *entry;

    bare.arguments = (avcsec_slice_t){NULL, 0};
    return avcsec_name_is_below(&bare, avcsec_slice_of(directory->folder), avcsec_slice_of(name),
                                bare.arguments);
}

/* What a path alone does not say of an entry of a preset, as where requests are judged. */
static bool is_meant(const walk_t *walk, const avcsec_dump_protection_t *protection,
                     const avcsec_name_t *entry, const directory_t *directory, const char *name)
{
    const char *dot = strrchr(name, '.');

    for (int i = 0;
         entry->is_but_for_admins && protection->admins && i < protection->admins->names->nelts;
         i++)
        if (is_named(&APR_ARRAY_IDX(protection->admins->names, i, avcsec_name_t), directory, name))
            return false;
    return !entry->beside.p ||
           (dot && avcsec_tree_is_there(apr_psprintf(walk->scratch, "%s/%.*s%.*s", directory->path,
                                                     (int)(dot - name), name,
                                                     (int)entry->beside.len, entry->beside.p)));
}

/* Some name of the list matches, whatever its arguments; notes what it does. *is_whole: it has
 * none. */
static bool match(const walk_t *walk, avcsec_dump_protection_t *protection,
                  const directory_t *directory, const char *name, const char *shown, bool *is_whole)
{
    bool is_matched = false;

    for (int i = 0; i < protection->names->nelts; i++) {
        avcsec_dump_name_t *told = &APR_ARRAY_IDX(protection->names, i, avcsec_dump_name_t);

        if (!is_named(told->entry, directory, name) ||
            !is_meant(walk, protection, told->entry, directory, name))
            continue;
        add_shown(told->files, &told->more, apr_pstrdup(walk->p, shown));
        is_matched = true;
        *is_whole |= !told->entry->arguments.p;
    }
    return is_matched;
}

static bool is_caller_list(const avcsec_dump_protection_t *protection)
{
    return protection->names && !avcsec_tree_is(protection->setting, "AvcHidden");
}

/* A switch holds for all that is there; what says how an argument looks closes no file. */
static bool holds_for_all(const avcsec_dump_protection_t *protection)
{
    if (avcsec_tree_is(protection->setting, "AvcArguments"))
        return false;
    return protection->directory || protection->where.in == AVCSEC_IN_SERVER ||
           protection->where.in == AVCSEC_IN_FILES;
}

/* Something protects it; *is_whole: all that is below it as well. */
static bool close_entry(const walk_t *walk, const directory_t *directory, const char *path,
                        const char *name, bool is_folder, bool *is_whole, beside_t *beside)
{
    const char *shown = is_folder ? apr_pstrcat(walk->scratch, path, "/", NULL) : path;
    bool is_closed = false;

    for (int i = 0; i < walk->host->protections->nelts; i++) {
        avcsec_dump_protection_t *protection =
            &APR_ARRAY_IDX(walk->host->protections, i, avcsec_dump_protection_t);

        if (!is_in(protection, path, name))
            continue;
        if (!protection->names) {
            is_closed |= holds_for_all(protection);
        } else if (match(walk, protection, directory, name, shown, is_whole)) {
            is_closed = true;
            if (!is_folder && is_caller_list(protection) && !beside->closed)
                beside->closed = shown;
        }
    }
    return is_closed;
}

static bool is_script(const char *name)
{
    static const char *const endings[] = {"php",  "phtml", "phar", "asp",  "aspx", "ashx", "asmx",
                                          "jsp",  "jspx",  "cgi",  "pl",   "py",   "rb",   "cfm",
                                          "php3", "php4",  "php5", "php7", "php8", NULL};
    const char *dot = strrchr(name, '.');

    for (int i = 0; dot && endings[i]; i++)
        if (!strcasecmp(dot + 1, endings[i]))
            return true;
    return false;
}

/* ---- Links into private directories ---- */

/* Hosts that share a root come by it each. */
static bool has_text(const apr_array_header_t *list, const char *text)
{
    for (int i = 0; i < list->nelts; i++)
        if (!strcmp(APR_ARRAY_IDX(list, i, const char *), text))
            return true;
    return false;
}

/* True if it leads into one. */
static bool note_link(const walk_t *walk, const char *path)
{
    const char *real = avcsec_tree_real_path(walk->scratch, path);
    bool is_found = false;

    for (int i = 0; i < walk->dump->hosts->nelts; i++) {
        apr_array_header_t *privates =
            APR_ARRAY_IDX(walk->dump->hosts, i, avcsec_dump_host_t).privates;

        for (int k = 0; k < privates->nelts; k++) {
            avcsec_dump_private_t *told = &APR_ARRAY_IDX(privates, k, avcsec_dump_private_t);

            if (!avcsec_tree_is_below(real, told->real))
                continue;
            is_found = true;
            if (!has_text(told->links, path))
                add_shown(told->links, &told->more_links, apr_pstrdup(walk->p, path));
        }
    }
    return is_found;
}

/* ---- Walking ---- */

/* Each directory once, whatever links lead to it. */
static void push(walk_t *walk, const char *path, const char *folder, bool is_closed)
{
    struct stat st;
    identity_t *identity;

    if (stat(path, &st) || !S_ISDIR(st.st_mode))
        return;
    identity = apr_pcalloc(walk->p, sizeof(*identity)); /* padding is compared */
    identity->device = st.st_dev;
    identity->inode = st.st_ino;
    if (apr_hash_get(walk->seen, identity, sizeof(*identity)))
        return;
    apr_hash_set(walk->seen, identity, sizeof(*identity), identity);
    APR_ARRAY_PUSH(walk->queue, directory_t) =
        (directory_t){apr_pstrdup(walk->p, path), apr_pstrdup(walk->p, folder), is_closed};
}

static void look_at_entry(walk_t *walk, const directory_t *directory, const entry_t *entry,
                          beside_t *beside)
{
    const char *name = entry->name,
               *path = apr_pstrcat(walk->scratch, directory->path, "/", name, NULL);
    bool is_link = entry->type == DT_LNK, is_folder = entry->type == DT_DIR,
         is_closed = directory->is_closed, is_whole = directory->is_closed;
    struct stat st;

    if ((is_link || entry->type == DT_UNKNOWN) && !stat(path, &st))
        is_folder = S_ISDIR(st.st_mode);
    if (is_link && note_link(walk, path))
        return;
    if (!is_closed)
        is_closed = close_entry(walk, directory, path, name, is_folder, &is_whole, beside);
    if (is_folder)
        push(walk, path, name, is_whole);
    else if (!is_closed && is_script(name))
        APR_ARRAY_PUSH(beside->open, const char *) = path;
}

static bool may_go_on(walk_t *walk)
{
    if (walk->dump->entries >= ENTRIES_MAX)
        walk->dump->stopped =
            apr_psprintf(walk->p, "after %d entries of directories", walk->dump->entries);
    else if (apr_time_now() > walk->deadline)
        walk->dump->stopped = apr_psprintf(walk->p, "after %d seconds", SECONDS_MAX);
    return !walk->dump->stopped;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const entry_t *)a)->name, ((const entry_t *)b)->name);
}

/* In order, so that two reports can be compared. */
static apr_array_header_t *read_entries(walk_t *walk, const char *path)
{
    apr_array_header_t *entries = apr_array_make(walk->scratch, 16, sizeof(entry_t));
    DIR *stream = opendir(path);
    const struct dirent *entry;

    while (stream && (entry = readdir(stream)) != NULL && may_go_on(walk))
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) {
            walk->dump->entries++;
            APR_ARRAY_PUSH(entries, entry_t) =
                (entry_t){apr_pstrdup(walk->scratch, entry->d_name), entry->d_type};
        }
    if (stream)
        closedir(stream);
    qsort(entries->elts, (size_t)entries->nelts, sizeof(entry_t), by_name);
    return entries;
}

static void note_open(const walk_t *walk, const beside_t *beside)
{
    avcsec_dump_host_t *host = walk->host;

    for (int i = 0; beside->closed && i < beside->open->nelts; i++) {
        const char *what = APR_ARRAY_IDX(beside->open, i, const char *);

        if (host->open->nelts < AVCSEC_DUMP_SHOWN)
            APR_ARRAY_PUSH(host->open, avcsec_dump_open_t) = (avcsec_dump_open_t){
                NULL, apr_pstrdup(walk->p, what), apr_pstrdup(walk->p, beside->closed)};
        else
            host->more_open++;
    }
}

static void look_into(walk_t *walk, const directory_t *directory)
{
    beside_t beside = {NULL, apr_array_make(walk->scratch, 4, sizeof(const char *))};
    const apr_array_header_t *entries = read_entries(walk, directory->path);

    for (int i = 0; i < entries->nelts; i++)
        look_at_entry(walk, directory, &APR_ARRAY_IDX(entries, i, entry_t), &beside);
    note_open(walk, &beside);
    apr_pool_clear(walk->scratch);
}

/* A document root is where names begin; what an alias leads to has a name. */
static void push_roots(walk_t *walk)
{
    const apr_array_header_t *roots = avcsec_roots();

    for (int is_alias = 0; is_alias < 2; is_alias++)
        for (int i = 0; i < roots->nelts; i++) {
            const avcsec_root_t *root = &APR_ARRAY_IDX(roots, i, avcsec_root_t);
            const char *slash = strrchr(root->directory, '/');

            if (root->is_alias == (is_alias == 1) &&
                (!root->server || root->server == walk->host->server))
                push(walk, root->directory, is_alias && slash ? slash + 1 : NULL, false);
        }
}

static void walk_host(avcsec_dump_t *dump, avcsec_dump_host_t *host, apr_time_t deadline)
{
    walk_t walk = {.dump = dump, .host = host, .p = dump->check->p, .deadline = deadline};

    apr_pool_create(&walk.scratch, walk.p);
    walk.queue = apr_array_make(walk.p, 64, sizeof(directory_t));
    walk.seen = apr_hash_make(walk.p);
    push_roots(&walk);
    for (int i = 0; i < walk.queue->nelts && may_go_on(&walk); i++) {
        const directory_t directory = APR_ARRAY_IDX(walk.queue, i, directory_t);

        look_into(&walk, &directory);
    }
}

void avcsec_dump_look(avcsec_dump_t *dump)
{
    apr_time_t deadline = apr_time_now() + apr_time_from_sec(SECONDS_MAX);
    bool has_private = false;

    for (int i = 0; i < dump->hosts->nelts; i++) {
        avcsec_dump_host_t *host = &APR_ARRAY_IDX(dump->hosts, i, avcsec_dump_host_t);

        has_private |= host->privates->nelts > 0;
        walk_host(dump, host, deadline);
    }
    /* Of the others only what links there are into what is private here. */
    for (int i = 0; has_private && i < dump->bare->nelts; i++) {
        avcsec_dump_host_t bare = {.server = APR_ARRAY_IDX(dump->bare, i, server_rec *)};

        bare.protections = apr_array_make(dump->check->p, 1, sizeof(avcsec_dump_protection_t));
        bare.open = apr_array_make(dump->check->p, 1, sizeof(avcsec_dump_open_t));
        walk_host(dump, &bare, deadline);
    }
}
