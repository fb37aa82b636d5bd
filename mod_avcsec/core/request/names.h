/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of scripts and folders as administrators list them, and whether a path
 * holds one (SPEC: AvcMediaServerScripts, AvcAdminScripts, AvcHidden).
 *
 *     [folder/]name[?argument[=value][&argument[=value]...]][|condition]
 *
 * A path holds a name if one of its segments is `name` or `name.*`, whatever the
 * case; with a folder, if that segment stands right below it; with arguments, if
 * the query has them all, as PHP reads queries. '*' in a name stands for any run; the name '*'
 * below a folder is the folder and all that is right below it. Entries of presets may have one
 * condition: except-<folder>, beside-<ending> or but-for-admins.
 */
#ifndef AVCSEC_NAMES_H
#define AVCSEC_NAMES_H

#include "core/text/slice.h"

typedef struct {
    avcsec_slice_t folder; /* absent: anywhere */
    avcsec_slice_t name;
    avcsec_slice_t arguments; /* name[=value], joined by '&'; absent: with any query */
    /* Conditions */
    avcsec_slice_t except;  /* not right below this folder; absent: nowhere excepted */
    avcsec_slice_t beside;  /* only where a file lies beside it that ends so; absent: anywhere.
                               Whoever asks looks for it: a path alone does not say. */
    bool is_but_for_admins; /* not where the administrators' list has the name, likewise */
} avcsec_name_t;

/* Reads one entry; its slices point into `text`. NULL or a sentence. */
const char *avcsec_name_parse(avcsec_slice_t text, avcsec_name_t *name);

/* `path` is decoded, or what httpd mapped it to; '/' separates its segments. `query`
 * is raw, absent for none. */
bool avcsec_name_is_in(const avcsec_name_t *name, avcsec_slice_t path, avcsec_slice_t query);

/* The same for a path that begins right below a folder of this name (absent: none). The
 * folder's own name is none that a script could have: it counts for names with a folder. */
bool avcsec_name_is_below(const avcsec_name_t *name, avcsec_slice_t folder, avcsec_slice_t path,
                          avcsec_slice_t query);

/* What a preset stands for: entries separated by spaces. */
typedef struct {
    const char *preset, *entries;
} avcsec_preset_t;

/* Each table ends with a NULL preset. */
extern const avcsec_preset_t avcsec_media_server_presets[];
extern const avcsec_preset_t avcsec_admin_presets[];
extern const avcsec_preset_t avcsec_hidden_presets[];

#endif
