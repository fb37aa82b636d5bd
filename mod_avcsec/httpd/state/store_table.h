/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of counts: memory that all processes share. The parent takes the file
 * (store_disk.h); children and later generations inherit the memory. Counts last over restarts
 * and over a clean stop. After anything else they begin anew, with a line that says why, and
 * tokens that are older than they count as used up.
 */
#ifndef AVCSEC_STORE_TABLE_H
#define AVCSEC_STORE_TABLE_H

#include "httpd/config/config.h"
#include "httpd/state/store_disk.h"

/* Phase post_config: goes on with the table there is, or takes the file. NULL, or a sentence;
 * what was there then stays. store->path is absolute. */
const char *avcsec_store_table_open(apr_pool_t *pconf, server_rec *main_server,
                                    const avcsec_store_t *store);

/* Phase pre_config: at the end of the server the counts are written. */
void avcsec_store_table_register(apr_pool_t *pconf);

/* Phase child_init. */
void avcsec_store_table_enter_child(void);

/* Phase monitor, in the parent: looks at the clock. */
void avcsec_store_table_watch(const server_rec *s);

/* Another kind of store counts from now on: what the table has is history. */
void avcsec_store_table_leave(void);

/* The table that counts now; NULL: there is none, or another one does. */
const avcsec_counts_t *avcsec_store_table(void);

/* The path of its file. */
const char *avcsec_store_table_path(void);

#endif
