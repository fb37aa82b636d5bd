/* SPDX-License-Identifier: Apache-2.0
 *
 * Sections about files, beside a proxy that takes the requests for them away.
 */
#include "httpd/checks/rules.h"
#include "httpd/checks/where.h"
#include "httpd/config/protections.h"

#include "apr_strings.h"
#include "http_core.h"
#include "http_log.h"

APLOG_USE_MODULE(avcsec);

/* What a ProxyPass takes: an address, and whether it goes to another server ("!" keeps it). */
typedef struct {
    const char *url;
    bool is_kept, is_script; /* is_script: a server that runs files of this machine, perhaps */
} pass_t;

static bool read_pass(apr_pool_t *p, const ap_directive_t *line, pass_t *pass)
{
    const char *args = line->args, *target;
    avcsec_where_t where = avcsec_where_of(p, line);

    if (strcasecmp(line->directive, "ProxyPass"))
        return false;
    pass->url = where.section ? where.in == AVCSEC_IN_LOCATION ? where.path : NULL
                              : ap_getword_conf(p, &args);
    target = ap_getword_conf(p, &args);
    pass->is_kept = !strcmp(target, "!");
    pass->is_script = !strncasecmp(target, "fcgi:", 5) || !strncasecmp(target, "unix:", 5) ||
                      !strncasecmp(target, "scgi:", 5) || !strncasecmp(target, "uwsgi:", 6);
    return pass->url != NULL;
}

typedef struct {
    const avcsec_checks_t *check;
    const server_rec *s;
    const char *directory; /* that the section is about; NULL: files of any */
    bool is_kept;
    const ap_directive_t *taken;
} search_t;

static void look_at(search_t *search, const ap_directive_t *line)
{
    apr_pool_t *p = search->check->p;
    const char *mapped;
    pass_t pass;

    if (!read_pass(p, line, &pass) || pass.is_script)
        return;
    mapped = avcsec_where_mapped(p, search->s, strcmp(pass.url, "/") ? pass.url : "");
    if (search->directory ? !mapped || !avcsec_tree_is_below(search->directory, mapped)
                          : strcmp(pass.url, "/") != 0 && *pass.url)
        return;
    if (pass.is_kept)
        search->is_kept |= search->directory != NULL;
    else if (!search->is_kept && !search->taken)
        search->taken = line;
}

static void look_through(search_t *search, const ap_directive_t *line)
{
    for (; line; line = line->next) {
        const server_rec *its = avcsec_tree_server_of(search->check, line);

        if (its == search->s || its == search->check->main_server)
            look_at(search, line);
        look_through(search, line->first_child);
    }
}

/* The line that sends away whatever the section is about; NULL: none does. */
static const ap_directive_t *taken_by(const avcsec_checks_t *check, const server_rec *s,
                                      const avcsec_where_t *where)
{
    search_t search = {.check = check, .s = s};

    if (where->in == AVCSEC_IN_DIRECTORY)
        search.directory = *where->path ? where->path : "/";
    else if (where->in != AVCSEC_IN_FILES)
        return NULL;
    look_through(&search, ap_conftree);
    return search.taken;
}

void avcsec_check_proxied(avcsec_checks_t *check)
{
    for (int i = 0; i < avcsec_config_settings()->nelts; i++) {
        const avcsec_setting_t *setting = avcsec_tree_setting(i);
        avcsec_where_t where = avcsec_where_of(check->p, setting->line);
        const ap_directive_t *taken;

        if (!avcsec_setting_protects(setting) ||
            !(taken = taken_by(check, setting->server, &where)))
            continue;
        avcsec_complain(
            check, AVCSEC_NOTICE_CONFIG, &setting->place,
            apr_psprintf(check->p,
                         "%s stands in %s, but %s %s (%s line %d) sends every request for it to "
                         "another server, and httpd looks at no file then: write it into a "
                         "<Location>, or into the virtual host",
                         setting->directive, where.words, taken->directive, taken->args,
                         taken->filename, taken->line_num));
    }
}
