/* SPDX-License-Identifier: Apache-2.0
 *
 * The report for programs; mod_avcsec(5) says what each member is.
 */
#include "httpd/checks/dump.h"

#include "httpd/request/redact.h"
#include "httpd/state/key_check.h"

#include "core/text/json.h"
#include "core/text/utc.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

#include <stdio.h>

APLOG_USE_MODULE(avcsec);

#define SCHEMA 1

static void put_text(const char *name, const char *text)
{
    avcsec_json_text(name, avcsec_slice_of(text));
}

static void put_place(const char *name, const char *file, int line)
{
    if (!file) {
        put_text(name, NULL);
        return;
    }
    avcsec_json_open(name, '{');
    put_text("file", file);
    avcsec_json_number("line", line);
    avcsec_json_close('}');
}

static void put_texts(const char *name, const apr_array_header_t *texts)
{
    avcsec_json_open(name, '[');
    for (int i = 0; i < texts->nelts; i++)
        put_text(NULL, APR_ARRAY_IDX(texts, i, const char *));
    avcsec_json_close(']');
}

static void put_line(const char *name, const ap_directive_t *line)
{
    avcsec_json_open(name, '{');
    put_text("directive", line->directive);
    put_text("arguments", avcsec_redacted(avcsec_config_settings()->pool, line->args));
    put_place("at", line->filename, line->line_num);
    avcsec_json_close('}');
}

static void put_setting(const char *name, const avcsec_setting_t *setting)
{
    if (setting)
        put_line(name, setting->line);
    else
        put_text(name, NULL);
}

static void put_date(const char *name, int64_t seconds)
{
    char text[AVCSEC_UTC_CHARS + 1];

    avcsec_utc_format(seconds, text);
    put_text(name, seconds ? text : NULL);
}

static void put_key(const avcsec_key_told_t *key)
{
    avcsec_json_open(NULL, '{');
    put_text("kid", key->kid);
    put_text("kind", avcsec_key_kind_word(key->kind));
    avcsec_json_open("purposes", '[');
    for (avcsec_purpose_t purpose = AVCSEC_FILE;
         key->kind == AVCSEC_HS256 && purpose < AVCSEC_PURPOSES; purpose++)
        if (key->purposes & 1u << purpose)
            avcsec_json_text(NULL, avcsec_purpose_word(purpose));
    avcsec_json_close(']');
    put_date("from", key->from);
    put_date("until", key->until);
    avcsec_json_close('}');
}

static void put_keys(const avcsec_dump_host_t *host)
{
    const avcsec_server_t *server = avcsec_config_server(host->server);

    if (!server->key_file) {
        put_text("keys", NULL);
        return;
    }
    avcsec_json_open("keys", '{');
    put_text("path", server->key_file->path);
    put_place("at", server->key_file->place.file, server->key_file->place.line);
    put_text("realm", server->realm);
    put_text("error", host->keys_error);
    avcsec_json_open("list", '[');
    for (int i = 0; i < host->keys->nelts; i++)
        put_key(&APR_ARRAY_IDX(host->keys, i, avcsec_key_told_t));
    avcsec_json_close(']');
    avcsec_json_close('}');
}

static void put_name(const avcsec_dump_name_t *name)
{
    avcsec_json_open(NULL, '{');
    put_text("name", name->text);
    put_texts("files", name->files);
    avcsec_json_number("more", name->more);
    avcsec_json_close('}');
}

static void put_protection(const avcsec_dump_protection_t *told)
{
    avcsec_json_open(NULL, '{');
    put_line("line", told->setting->line);
    put_text("section", told->where.words);
    put_text("directory", told->directory);
    avcsec_json_bool("is_there", told->is_there);
    put_text("open_to", told->who);
    put_setting("proof", told->proof);
    put_setting("addresses", told->addresses);
    avcsec_json_bool("only_logs", told->only_logs);
    avcsec_json_open("names", '[');
    for (int i = 0; told->names && i < told->names->nelts; i++)
        put_name(&APR_ARRAY_IDX(told->names, i, avcsec_dump_name_t));
    avcsec_json_close(']');
    avcsec_json_close('}');
}

static void put_private(const avcsec_dump_t *dump, const avcsec_dump_private_t *told)
{
    avcsec_json_open(NULL, '{');
    put_text("directory", told->files->directory);
    put_text("location", *told->files->url ? told->files->url : "/");
    put_place("at", told->files->place.file, told->files->place.line);
    avcsec_json_open("ways", '[');
    for (int i = 0; i < told->ways->nelts; i++) {
        const avcsec_way_t *way = &APR_ARRAY_IDX(told->ways, i, avcsec_way_t);

        avcsec_json_open(NULL, '{');
        put_text("how", way->how);
        put_text("host", way->server ? avcsec_dump_server_name(dump, way->server) : NULL);
        put_place("at", way->place.file, way->place.line);
        avcsec_json_close('}');
    }
    avcsec_json_close(']');
    put_texts("links", told->links);
    avcsec_json_number("more_links", told->more_links);
    avcsec_json_close('}');
}

static void put_handler(const avcsec_dump_handler_t *told)
{
    avcsec_json_open(NULL, '{');
    put_text("handler", told->name);
    put_text("section", told->where.words);
    put_place("at", told->line->filename, told->line->line_num);
    avcsec_json_open("in_front", '[');
    for (int i = 0; i < told->fronts->nelts; i++)
        put_line(NULL, APR_ARRAY_IDX(told->fronts, i, const ap_directive_t *));
    avcsec_json_close(']');
    avcsec_json_close('}');
}

static void put_open(const avcsec_dump_t *dump, const avcsec_dump_open_t *told)
{
    avcsec_json_open(NULL, '{');
    put_text("host", told->host ? avcsec_dump_server_name(dump, told->host) : NULL);
    put_text("what", told->what);
    put_text("beside", told->beside);
    avcsec_json_close('}');
}

static void put_lists(const avcsec_dump_t *dump, const avcsec_dump_host_t *host)
{
    avcsec_json_open("protections", '[');
    for (int i = 0; i < host->protections->nelts; i++)
        put_protection(&APR_ARRAY_IDX(host->protections, i, avcsec_dump_protection_t));
    avcsec_json_close(']');
    avcsec_json_open("off", '[');
    for (int i = 0; i < host->off->nelts; i++)
        put_setting(NULL, APR_ARRAY_IDX(host->off, i, const avcsec_setting_t *));
    avcsec_json_close(']');
    avcsec_json_open("private", '[');
    for (int i = 0; i < host->privates->nelts; i++)
        put_private(dump, &APR_ARRAY_IDX(host->privates, i, avcsec_dump_private_t));
    avcsec_json_close(']');
    avcsec_json_open("handlers", '[');
    for (int i = 0; i < host->handlers->nelts; i++)
        put_handler(&APR_ARRAY_IDX(host->handlers, i, avcsec_dump_handler_t));
    avcsec_json_close(']');
    avcsec_json_open("open", '[');
    for (int i = 0; i < host->open->nelts; i++)
        put_open(dump, &APR_ARRAY_IDX(host->open, i, avcsec_dump_open_t));
    avcsec_json_close(']');
    avcsec_json_number("more_open", host->more_open);
}

static void put_server(const avcsec_dump_t *dump, const server_rec *s)
{
    put_text("name", avcsec_dump_server_name(dump, s));
    put_text("addresses", avcsec_dump_server_addresses(dump, s));
    put_place("at", s->defn_name, (int)s->defn_line_number);
}

static void put(const char *text, size_t len)
{
    fwrite(text, 1, len, stdout);
}

void avcsec_dump_write_json(const avcsec_dump_t *dump)
{
    avcsec_json_to(put);
    avcsec_json_open(NULL, '{');
    avcsec_json_number("schema", SCHEMA);
    put_text("version", AVCSEC_VERSION);
    avcsec_json_open("hosts", '[');
    for (int i = 0; i < dump->hosts->nelts; i++) {
        const avcsec_dump_host_t *host = &APR_ARRAY_IDX(dump->hosts, i, avcsec_dump_host_t);

        avcsec_json_open(NULL, '{');
        put_server(dump, host->server);
        put_text("document_root", host->root);
        put_keys(host);
        put_lists(dump, host);
        avcsec_json_close('}');
    }
    avcsec_json_close(']');
    avcsec_json_open("unprotected_hosts", '[');
    for (int i = 0; i < dump->bare->nelts; i++) {
        avcsec_json_open(NULL, '{');
        put_server(dump, APR_ARRAY_IDX(dump->bare, i, server_rec *));
        avcsec_json_close('}');
    }
    avcsec_json_close(']');
    avcsec_json_number("entries", dump->entries);
    put_text("stopped", dump->stopped);
    avcsec_json_close('}');
}
