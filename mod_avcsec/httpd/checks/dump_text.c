/* SPDX-License-Identifier: Apache-2.0
 *
 * The report for people: plain words, 80 columns, no colours, no control characters.
 */
#include "httpd/checks/dump.h"

#include "httpd/request/redact.h"
#include "httpd/state/key_check.h"

#include "core/text/utc.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

#include <stdarg.h>
#include <stdio.h>

APLOG_USE_MODULE(avcsec);

#define COLUMNS 80

typedef struct {
    const avcsec_dump_t *dump;
    apr_pool_t *p;
} page_t;

/* Names of files may hold anything, and terminals obey C1 controls as well. */
static void put_word(avcsec_slice_t word)
{
    for (size_t i = 0, n; i < word.len; i += n) {
        for (n = 1; n < 4 && i + n < word.len && ((unsigned char)word.p[i + n] & 0xc0) == 0x80;)
            n++;
        if (avcsec_slice_is_text((avcsec_slice_t){word.p + i, n}))
            fwrite(word.p + i, 1, n, stdout);
        else
            putchar('?');
    }
}

/* Words between spaces; one that is longer than a line has a line of its own. */
static void put_wrapped(const char *text, size_t indent)
{
    size_t column = 0;
    bool is_first = true;

    while (*text) {
        size_t len = strcspn(text, " ");

        if (column && column + 1 + len > COLUMNS) {
            putchar('\n');
            column = 0;
        }
        if (!column) {
            printf("%*s", (int)indent, "");
            column = indent;
        } else {
            putchar(' ');
            column++;
        }
        put_word((avcsec_slice_t){text, len});
        column += len;
        text += len;
        text += strspn(text, " ");
        indent += is_first ? 2 : 0; /* what follows the first word of a paragraph hangs */
        is_first = false;
    }
    putchar('\n');
}

/* A paragraph; its further lines stand two columns deeper. */
static void put(const page_t *page, size_t indent, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void put(const page_t *page, size_t indent, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_wrapped(apr_pvsprintf(page->p, format, args), indent);
    va_end(args);
}

static const char *at(const page_t *page, const avcsec_place_t *place)
{
    return place->file ? apr_psprintf(page->p, "%s line %d", place->file, place->line) : "";
}

static const char *line_words(const page_t *page, const ap_directive_t *line)
{
    avcsec_place_t place = avcsec_tree_place(line);

    return apr_psprintf(page->p, "%s %s (%s)", line->directive,
                        avcsec_redacted(page->p, line->args), at(page, &place));
}

static const char *setting_words(const page_t *page, const avcsec_setting_t *setting)
{
    return line_words(page, setting->line);
}

/* ---- Keys ---- */

static const char *date(const page_t *page, int64_t seconds)
{
    char text[AVCSEC_UTC_CHARS + 1];

    avcsec_utc_format(seconds, text);
    return apr_pstrdup(page->p, text);
}

static void show_key(const page_t *page, const avcsec_key_told_t *key)
{
    const char *purposes = "";

    for (avcsec_purpose_t purpose = AVCSEC_FILE;
         key->kind == AVCSEC_HS256 && purpose < AVCSEC_PURPOSES; purpose++)
        if (key->purposes & 1u << purpose)
            purposes = apr_pstrcat(page->p, purposes, " ", avcsec_purpose_word(purpose).p, NULL);
    put(page, 4, "%s %s%s%s%s%s, %s%s", key->kid, avcsec_key_kind_word(key->kind),
        *purposes ? " for" : "", purposes, key->from ? ", signs from " : "",
        key->from ? date(page, key->from) : "", key->until ? "until " : "without an end",
        key->until ? date(page, key->until) : "");
}

static void show_keys(const page_t *page, const avcsec_dump_host_t *host)
{
    const avcsec_server_t *server = avcsec_config_server(host->server);
    const avcsec_key_file_t *file = server->key_file;

    if (!file) {
        put(page, 2, "Keys: none, so that no token opens anything");
        return;
    }
    put(page, 2, "Keys: %s (%s), %s%s", file->path, at(page, &file->place),
        server->realm ? "realm " : "no realm", server->realm ? server->realm : "");
    if (host->keys_error)
        put(page, 4, "cannot be used: %s", host->keys_error);
    for (int i = 0; i < host->keys->nelts; i++)
        show_key(page, &APR_ARRAY_IDX(host->keys, i, avcsec_key_told_t));
}

/* ---- Protections ---- */

static void show_name(const page_t *page, const avcsec_dump_name_t *name)
{
    for (int i = 0; i < name->files->nelts; i++)
        put(page, 6, "%s: %s", name->text, APR_ARRAY_IDX(name->files, i, const char *));
    if (name->more)
        put(page, 6, "%s: and %d more", name->text, name->more);
}

static void show_names(const page_t *page, const apr_array_header_t *names)
{
    const char *missing = "";

    for (int i = 0; i < names->nelts; i++) {
        const avcsec_dump_name_t *name = &APR_ARRAY_IDX(names, i, avcsec_dump_name_t);

        show_name(page, name);
        if (!name->files->nelts)
            missing = apr_pstrcat(page->p, missing, *missing ? ", " : "", name->text, NULL);
    }
    if (*missing)
        put(page, 6, "match nothing on disk: %s", missing);
}

static void show_caller(const page_t *page, const avcsec_dump_protection_t *told)
{
    bool asks_address;

    put(page, 6, "open to: %s%s", told->who,
        told->only_logs ? "; but AvcEnforce Log lets everybody pass" : "");
    if (strncmp(told->setting->directive, "AvcMediaServer", 14) &&
        strncmp(told->setting->directive, "AvcAdmin", 8))
        return;
    asks_address = avcsec_proof_has(told->proof ? told->proof->value : NULL, AVCSEC_PROOF_ADDRESS);
    put(page, 6, "proof: %s",
        told->proof ? setting_words(page, told->proof) : "the address, as no line says otherwise");
    if (asks_address)
        put(page, 6, "address: %s",
            told->addresses ? setting_words(page, told->addresses) : "none is named: nobody");
}

static void show_protection(const page_t *page, const avcsec_dump_protection_t *told)
{
    const avcsec_setting_t *setting = told->setting;

    put(page, 4, "%s %s", setting->directive,
        strncmp(setting->directive, "Require", 7) ? setting->line->args : "");
    put(page, 6, "%s, in %s", at(page, &setting->place),
        told->where.words ? told->where.words : "the whole host");
    if (told->directory && !avcsec_tree_is(setting, "AvcFiles"))
        put(page, 6, "on disk: %s%s", told->directory,
            told->is_there ? "" : ", which is not there: right where it is proxied or a handler");
    show_caller(page, told);
    if (told->names)
        show_names(page, told->names);
}

static void show_protections(const page_t *page, const avcsec_dump_host_t *host)
{
    put(page, 2, host->protections->nelts ? "Closed:" : "Closed: nothing");
    for (int i = 0; i < host->protections->nelts; i++)
        show_protection(page, &APR_ARRAY_IDX(host->protections, i, avcsec_dump_protection_t));
    if (host->off->nelts)
        put(page, 2, "Opened again, by lines that say so:");
    for (int i = 0; i < host->off->nelts; i++)
        put(page, 4, "%s",
            setting_words(page, APR_ARRAY_IDX(host->off, i, const avcsec_setting_t *)));
}

/* ---- Private directories, handlers ---- */

static void show_private(const page_t *page, const avcsec_dump_private_t *told)
{
    put(page, 4, "%s is served at %s/ (%s)", told->files->directory, told->files->url,
        at(page, &told->files->place));
    for (int i = 0; i < told->ways->nelts; i++) {
        const avcsec_way_t *way = &APR_ARRAY_IDX(told->ways, i, avcsec_way_t);

        put(page, 6, "another way: %s of %s%s%s%s", way->how,
            way->server ? avcsec_dump_server_name(page->dump, way->server) : "every host",
            way->place.file ? " (" : "", at(page, &way->place), way->place.file ? ")" : "");
    }
    for (int i = 0; i < told->links->nelts; i++)
        put(page, 6, "a link leads there, and is closed to visitors: %s",
            APR_ARRAY_IDX(told->links, i, const char *));
    if (told->more_links)
        put(page, 6, "and %d more links", told->more_links);
    if (!told->ways->nelts && !told->links->nelts)
        put(page, 6, "no other way leads there");
}

static void show_handler(const page_t *page, const avcsec_dump_handler_t *told)
{
    avcsec_place_t place = avcsec_tree_place(told->line);

    put(page, 4, "%s answers in %s (%s)", told->name,
        told->where.words ? told->where.words : "the whole host", at(page, &place));
    for (int i = 0; i < told->fronts->nelts; i++)
        put(page, 6, "may redirect before it: %s",
            line_words(page, APR_ARRAY_IDX(told->fronts, i, const ap_directive_t *)));
}

static void show_lists(const page_t *page, const avcsec_dump_host_t *host)
{
    if (host->privates->nelts)
        put(page, 2, "Private directories:");
    for (int i = 0; i < host->privates->nelts; i++)
        show_private(page, &APR_ARRAY_IDX(host->privates, i, avcsec_dump_private_t));
    if (host->handlers->nelts)
        put(page, 2, "Handlers:");
    for (int i = 0; i < host->handlers->nelts; i++)
        show_handler(page, &APR_ARRAY_IDX(host->handlers, i, avcsec_dump_handler_t));
    if (host->open->nelts)
        put(page, 2, "Open beside what is closed:");
    for (int i = 0; i < host->open->nelts; i++) {
        const avcsec_dump_open_t *told = &APR_ARRAY_IDX(host->open, i, avcsec_dump_open_t);

        if (told->host)
            put(page, 4, "%s (%s) serves %s without %s",
                avcsec_dump_server_name(page->dump, told->host),
                avcsec_dump_server_addresses(page->dump, told->host), told->what, told->beside);
        else
            put(page, 4, "%s, beside %s", told->what, told->beside);
    }
    if (host->more_open)
        put(page, 4, "and %d more", host->more_open);
}

static void show_host(const page_t *page, const avcsec_dump_host_t *host)
{
    const server_rec *s = host->server;
    const char *addresses = avcsec_dump_server_addresses(page->dump, s);

    putchar('\n');
    if (s == page->dump->check->main_server)
        put(page, 0, "MAIN SERVER, and what every virtual host inherits");
    else
        put(page, 0, "VIRTUAL HOST %s (%s), %s line %u", avcsec_dump_server_name(page->dump, s),
            addresses, s->defn_name, s->defn_line_number);
    put(page, 2, "Document root: %s", host->root ? host->root : "none");
    show_keys(page, host);
    show_protections(page, host);
    show_lists(page, host);
}

void avcsec_dump_write_text(const avcsec_dump_t *dump)
{
    const page_t page = {dump, dump->check->p};

    put(&page, 0, "mod_avcsec " AVCSEC_VERSION ": what is protected, and what is not");
    for (int i = 0; i < dump->hosts->nelts; i++)
        show_host(&page, &APR_ARRAY_IDX(dump->hosts, i, avcsec_dump_host_t));
    putchar('\n');
    for (int i = 0; i < dump->bare->nelts; i++) {
        const server_rec *s = APR_ARRAY_IDX(dump->bare, i, server_rec *);

        put(&page, 0, "No line of this module holds in: %s (%s)", avcsec_dump_server_name(dump, s),
            avcsec_dump_server_addresses(dump, s));
    }
    if (dump->stopped)
        put(&page, 0, "On disk this looked no further %s: what matches \"nothing\" may be there.",
            dump->stopped);
    else
        put(&page, 0, "On disk this looked at %d entries of directories, which are all.",
            dump->entries);
}
