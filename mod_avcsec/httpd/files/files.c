/* SPDX-License-Identifier: Apache-2.0
 *
 * Serving private files. Trusts neither a file's content nor its name.
 */
#include "httpd/files/files.h"

#include "httpd/files/beneath.h"
#include "httpd/files/filetype.h"
#include "httpd/files/pace.h"
#include "httpd/request/cors.h"
#include "httpd/request/facts.h"
#include "httpd/request/log.h"
#include "httpd/request/old_links.h"
#include "httpd/request/spend.h"

#include "core/text/b64url.h"
#include "core/text/mediatype.h"

#include "apr_portable.h"
#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"
#include "http_protocol.h"
#include "http_request.h"
#include "util_filter.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

APLOG_USE_MODULE(avcsec);

#define SMALL_FILE (32 * 1024) /* read at once; mapping or sendfile costs more */
#define CACHE_SECONDS 3600     /* the most that a browser keeps a file unasked */

/* ---- Mapping ---- */

/* The sections were found for the path as it came; a rule may have changed it since. */
static const avcsec_files_t *files_here(request_rec *r)
{
    const avcsec_facts_t *facts = avcsec_facts(r);

    if (!facts || !avcsec_facts_is_root(r) || facts->mapped_uri != r->uri) {
        r->per_dir_config = r->server->lookup_defaults;
        ap_location_walk(r);
    }
    return avcsec_config_section(r)->files;
}

int avcsec_files_translate(request_rec *r)
{
    const avcsec_files_t *files;
    const char *name;

    if (r->proxyreq == PROXYREQ_PROXY || !r->uri || r->uri[0] != '/' || !(files = files_here(r)) ||
        strncmp(r->uri, files->url, files->url_len))
        return DECLINED;
    name = r->uri + files->url_len;
    if (*name && *name != '/')
        return DECLINED;
    /* No real path: modules that look at file names must not find one. */
    r->filename = apr_pstrcat(r->pool, AVCSEC_PRIVATE_FILE, *name ? name : "/", NULL);
    return OK;
}

int avcsec_files_map(request_rec *r)
{
    return avcsec_facts_is_private_file(r) ? OK : DECLINED;
}

int avcsec_files_type(request_rec *r)
{
    if (!avcsec_facts_is_private_file(r))
        return DECLINED;
    /* FallbackResource takes requests that have no handler. */
    r->handler = "avcsec-files";
    return OK;
}

/* ---- Opening ---- */

/* The name below the directory, or NULL for one that is never served. */
static const char *name_of(const request_rec *r)
{
    const char *name = r->filename + strlen(AVCSEC_PRIVATE_FILE);

    while (*name == '/')
        name++;
    if (!*name || name[strlen(name) - 1] == '/')
        return NULL;
    for (const char *part = name; part; part = strchr(part, '/')) {
        part += part != name;
        if (*part == '.' || *part == '/')
            return NULL;
    }
    return name;
}

/* Who has no token is told nothing of what is there (AvcFilesOpenUntil). */
static int not_found(request_rec *r, const char *why)
{
    return avcsec_log_refusal(r, avcsec_facts(r)->opened ? AVCSEC_NOT_FOUND : AVCSEC_NO_TOKEN,
                              avcsec_facts(r)->opened ? why : NULL, false);
}

static const char *why_not_opened(request_rec *r, int error)
{
    char text[128];

    if (error == ELOOP)
        return "the name is or crosses a symbolic link, and those are not followed";
    return apr_psprintf(r->pool, "the private directory's file cannot be opened: %s",
                        apr_strerror(error, text, sizeof(text)));
}

/* OK with *fd, the caller's to close, and r->finfo; or a status. */
static int open_file(request_rec *r, const avcsec_files_t *files, int *fd)
{
    const char *name = name_of(r);
    struct stat st;

    if (!name)
        return not_found(r, "directories and names that start with a dot are not served");
    *fd = avcsec_open_beneath(files->directory, name);
    if (*fd < 0)
        return not_found(r, why_not_opened(r, errno));
    if (fstat(*fd, &st) || !S_ISREG(st.st_mode)) {
        close(*fd);
        return not_found(r, "it is no regular file");
    }
    r->finfo = (apr_finfo_t){
        .valid = APR_FINFO_TYPE | APR_FINFO_SIZE | APR_FINFO_MTIME | APR_FINFO_INODE,
        .filetype = APR_REG,
        .size = st.st_size,
        .inode = st.st_ino,
        .mtime = apr_time_from_sec(st.st_mtim.tv_sec) + st.st_mtim.tv_nsec / 1000,
        .ctime = apr_time_from_sec(st.st_ctim.tv_sec) + st.st_ctim.tv_nsec / 1000,
    };
    return OK;
}

/* ---- Headers ---- */

static const char *decode_claim(apr_pool_t *p, avcsec_slice_t claim)
{
    unsigned char *text = apr_pcalloc(p, AVCSEC_B64URL_BYTES(claim.len) + 1);
    size_t len;

    return avcsec_b64url_decode(claim, text, &len) ? (const char *)text : NULL;
}

/* What it is called by its page, else on disk. */
static const char *name_for(request_rec *r, const avcsec_token_t *token)
{
    return token->fn.p ? decode_claim(r->pool, token->fn) : strrchr(r->filename, '/') + 1;
}

/* Pages that store under a bare id say in the token what it is; an ending on disk counts more,
 * for other programs go by it. */
static const char *type_of(request_rec *r, const avcsec_token_t *token)
{
    avcsec_slice_t stored = avcsec_slice_of(strrchr(r->filename, '/') + 1);

    return avcsec_mediatype_of(
        avcsec_mediatype_ending(stored).p ? stored : avcsec_slice_of(name_for(r, token)));
}

static const char *disposition_of(request_rec *r, const avcsec_token_t *token, bool is_shown)
{
    bool is_inline = is_shown && !avcsec_slice_equals(token->disp, AVCSEC_LITERAL("attachment"));

    return avcsec_filetype_disposition(r->pool, is_inline, name_for(r, token));
}

static bool has_expires_module;

int avcsec_files_prepare(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    (void)pconf, (void)plog, (void)ptemp, (void)s;
    has_expires_module = ap_find_linked_module("mod_expires.c") != NULL;
    return OK;
}

/* mod_expires adds its own max-age to what has no Expires. */
static void set_expires(request_rec *r, int64_t age)
{
    char *date;

    if (!has_expires_module)
        return;
    date = apr_palloc(r->pool, APR_RFC822_DATE_LEN);
    apr_rfc822_date(date, apr_time_now() + apr_time_from_sec(age));
    apr_table_setn(r->headers_out, "Expires", date);
}

/* The playlist of a live stream is another one each second. */
static bool is_playlist(const char *type)
{
    return !strcmp(type, "application/vnd.apple.mpegurl") || !strcmp(type, "application/dash+xml");
}

static int64_t age_of(int64_t end, const char *type)
{
    int64_t left = end - avcsec_facts_now();

    return left < 0 || is_playlist(type) ? 0 : left > CACHE_SECONDS ? CACHE_SECONDS : left;
}

static bool is_cross_origin(const avcsec_section_t *section)
{
    return section->files_policy == AVCSEC_CROSS_ORIGIN ||
           (section->origins && section->origins->origins->nelts);
}

/* What the answer says in the end; a part of a page says nothing for the page. */
static void set_headers(request_rec *r, const avcsec_section_t *section,
                        const avcsec_token_t *token, int64_t end)
{
    avcsec_sent_file_t *sent = apr_pcalloc(r->pool, sizeof(*sent));
    const char *type = type_of(r, token);
    bool is_shown = avcsec_section_shows_inline(section, type);

    sent->age = age_of(end, type);
    if (!is_shown)
        type = AVCSEC_ANY_TYPE;
    sent->type = strcmp(type, "text/plain") ? type : "text/plain; charset=utf-8";
    sent->disposition = disposition_of(r, token, is_shown);
    sent->policy = avcsec_filetype_sandbox(type);
    sent->is_cross_origin = is_cross_origin(section);
    if (!r->main)
        avcsec_facts(r)->sent = sent;
    ap_set_content_type(r, sent->type);
    set_expires(r, sent->age);
    /* Compressed on the way, a file has no ranges. */
    apr_table_setn(r->subprocess_env, "no-gzip", "1");
    apr_table_setn(r->subprocess_env, "no-brotli", "1");
}

/* ---- Sending ---- */

/* Files go out as they are: INCLUDES, set for a whole site or for a type, would run what
 * somebody uploaded. */
static void drop_content_filters(request_rec *r)
{
    ap_filter_t *next;

    for (ap_filter_t *f = r->output_filters; f && f != r->proto_output_filters; f = next) {
        next = f->next;
        if (f->r == r && f->frec->ftype < AP_FTYPE_CONTENT_SET)
            ap_remove_output_filter(f);
    }
}

static bool may_sendfile(const request_rec *r)
{
    const core_dir_config *core = ap_get_core_module_config(r->per_dir_config);

    return core->enable_sendfile != ENABLE_SENDFILE_OFF;
}

static apr_bucket *read_small(request_rec *r, int fd)
{
    apr_bucket_alloc_t *alloc = r->connection->bucket_alloc;
    size_t size = (size_t)r->finfo.size, len = 0;
    char *bytes = apr_bucket_alloc(size, alloc);
    ssize_t n = 1;

    while (len < size && n != 0) {
        n = read(fd, bytes + len, size - len);
        if (n < 0 && errno != EINTR)
            break;
        len += n > 0 ? (size_t)n : 0;
    }
    if (len < size) {
        apr_bucket_free(bytes);
        return NULL;
    }
    return apr_bucket_heap_create(bytes, size, apr_bucket_free, alloc);
}

/* APR duplicates without it, and what another thread starts would have somebody's file. */
static void close_on_exec(apr_file_t *file)
{
    apr_os_file_t fd;

    if (apr_os_file_get(&fd, file) == APR_SUCCESS)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static int add_content(request_rec *r, apr_file_t *file, int fd, apr_bucket_brigade *bb)
{
    apr_file_t *owned;
    apr_bucket *bucket;

    if (r->finfo.size == 0)
        return OK;
    /* Memory that is taken here HTTP/2 gives back to the kernel with each answer; a file it reads
     * into memory that it keeps. */
    if (r->finfo.size <= SMALL_FILE && !r->connection->master) {
        if (!(bucket = read_small(r, fd)))
            return HTTP_INTERNAL_SERVER_ERROR;
        APR_BRIGADE_INSERT_TAIL(bb, bucket);
        return OK;
    }
    /* APR owns it from here: the bucket outlives this handler, and what still has to be
     * sent then takes the descriptor along to a pool that closes it. */
    if (apr_file_dup(&owned, file, r->pool) != APR_SUCCESS)
        return HTTP_INTERNAL_SERVER_ERROR;
    close_on_exec(owned);
    bucket = apr_brigade_insert_file(bb, owned, 0, r->finfo.size, r->pool);
    apr_bucket_file_enable_mmap(bucket, 0);
    apr_bucket_file_set_buf_size(bucket, 64 * 1024);
    return OK;
}

/* OK, with the file in `bb`; or a status, and whoever asked has used nothing. */
static int make_content(request_rec *r, apr_file_t *file, int fd, int64_t rate,
                        apr_bucket_brigade *bb)
{
    int status = r->header_only ? OK : avcsec_spend_for_file(r);

    if (status == OK && rate)
        avcsec_pace(r, rate);
    if (status == OK)
        status = add_content(r, file, fd, bb);
    avcsec_spend_settle(r, status == OK ? HTTP_OK : status);
    return status;
}

static int send_file(request_rec *r, int fd, int64_t rate)
{
    apr_bucket_brigade *bb = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    apr_file_t *file = NULL;
    int status;

    if (apr_os_file_put(&file, &fd,
                        APR_FOPEN_READ | (may_sendfile(r) ? APR_FOPEN_SENDFILE_ENABLED : 0),
                        r->pool) != APR_SUCCESS)
        return HTTP_INTERNAL_SERVER_ERROR;
    ap_update_mtime(r, r->finfo.mtime);
    ap_set_last_modified(r);
    ap_set_etag_fd(r, file);
    ap_set_accept_ranges(r);
    ap_set_content_length(r, r->finfo.size);
    if ((status = ap_meets_conditions(r)) != OK) {
        r->status = status;
        return status;
    }
    if ((status = make_content(r, file, fd, rate, bb)) != OK)
        return status;
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(r->connection->bucket_alloc));
    if (ap_pass_brigade(r->output_filters, bb) == APR_SUCCESS || r->status != HTTP_OK ||
        r->connection->aborted)
        return OK;
    return HTTP_INTERNAL_SERVER_ERROR;
}

int avcsec_files_serve(request_rec *r)
{
    const avcsec_section_t *section = avcsec_config_section(r);
    const avcsec_judgement_t *judgement;
    bool is_old_link;
    int fd = -1, status;

    if (!section->files || !avcsec_facts_is_private_file(r))
        return DECLINED;
    if (r->method_number == M_OPTIONS)
        return avcsec_cors_preflight(r);
    if (r->method_number != M_GET) {
        ap_allow_standard_methods(r, REPLACE_ALLOW, M_GET, M_OPTIONS, -1);
        return HTTP_METHOD_NOT_ALLOWED;
    }
    if ((status = ap_discard_request_body(r)) != OK)
        return status;
    judgement = avcsec_facts_judge(r, AVCSEC_FILE, avcsec_switch_is_on(section->signed_url));
    is_old_link = judgement->verdict == AVCSEC_NO_TOKEN && avcsec_old_links_hold(r, section);
    if (judgement->verdict != AVCSEC_ALLOWED && !is_old_link)
        return avcsec_log_refusal(r, judgement->verdict, NULL, false);
    if ((status = open_file(r, section->files, &fd)) != OK)
        return status;
    if (is_old_link && !avcsec_old_links_open(r, section)) {
        close(fd);
        return not_found(r, NULL);
    }
    drop_content_filters(r);
    set_headers(r, section, &judgement->token,
                is_old_link ? section->files_open_until->until : judgement->token.exp);
    status = send_file(r, fd, judgement->token.rate);
    close(fd);
    return status;
}
