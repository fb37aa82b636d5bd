/* SPDX-License-Identifier: Apache-2.0
 *
 * Uses and revocations in a Redis that several machines share (SPEC, "Uses"): which script
 * is run there with which words, and what its answer means. Who talks to Redis does that.
 *
 *     avcsec:born:2                    "<Unix seconds> <run id>": since when it counts by these
 *                                      names, of which there was an earlier kind
 *     avcsec:uses:<name>               how often a token was used
 *     avcsec:use:<name>                a client's use that runs: how many requests went along
 *     avcsec:revoked:id|sub|kid:<value>, avcsec:revoked:all
 *                                      tokens issued before this second; "0": all
 *
 * A name is the mac of what it stands for. Everything but the birth ends by itself. What
 * counts is the time that passes in Redis, never the clocks of two machines: a count stays
 * SLACK longer than its token lives by the clock of whoever asks.
 *
 * Whatever loses counts is a new birth: a Redis that has no birth (new, flushed) or that
 * was another process when it was born (restarted, with an older copy of its data; a
 * replica that took over). Of tokens that were issued until then nobody knows how often
 * they were used.
 */
#ifndef AVCSEC_LEDGER_H
#define AVCSEC_LEDGER_H

#include "core/token/revocation.h"
#include "core/token/verdict.h"

/* Text in Lua, for Redis 5 or newer. */
extern const char avcsec_ledger_script[];
extern const char avcsec_ledger_revoking_script[];

typedef enum {
    AVCSEC_LEDGER_PASS = 0, /* only whether it was taken back */
    AVCSEC_LEDGER_SPEND,    /* and counts one use */
    AVCSEC_LEDGER_LOOK,     /* or says whether a use of this client runs */
    AVCSEC_LEDGER_RELEASE   /* takes a use back that came to nothing */
} avcsec_ledger_wish_t;

typedef struct {
    avcsec_ledger_wish_t wish;
    const avcsec_token_t *token;
    const avcsec_address_t *client; /* NULL: each use is one of its own */
    const char *realm;              /* NULL: none */
    int64_t grace, now;             /* seconds, as avcsec_claim_t; Unix seconds */
} avcsec_ledger_question_t;

#define AVCSEC_LEDGER_WORDS 20

/* A command for Redis; slices point into it, into the question's token and into what was
 * handed in. */
typedef struct {
    avcsec_slice_t words[AVCSEC_LEDGER_WORDS];
    size_t count;
    char room[1024];
    size_t used;
} avcsec_ledger_command_t;

/* Says how to ask: EVALSHA, by the digest of the script, of a Redis with this run id.
 * False if OpenSSL fails. */
bool avcsec_ledger_ask(const avcsec_ledger_question_t *question, avcsec_slice_t digest,
                       avcsec_slice_t run_id, avcsec_mac_t *macs, avcsec_ledger_command_t *command);

/* ALLOWED, USED_UP or REVOKED; UNDECIDED: that is no answer of the script. Of LOOK,
 * USED_UP says that no use runs. */
avcsec_verdict_t avcsec_ledger_read(avcsec_slice_t answer);

/* Says how to take back, with EVAL. Of two entries for the same tokens the later `before`
 * and the later `until` stand. */
void avcsec_ledger_revoke(const avcsec_revocation_t *entry, int64_t now,
                          avcsec_ledger_command_t *command);

/* The name of what is counted: of the token (realm, key and its id, purpose and id), or of one
 * client's use of it (an IPv4 address or an IPv6 /64). The key itself is in it, so that two
 * sites that call theirs alike share no count. False if OpenSSL fails. */
bool avcsec_ledger_name(const avcsec_token_t *token, const avcsec_address_t *client,
                        const char *realm, const avcsec_mac_key_t *seed, avcsec_mac_t *macs,
                        unsigned char name[AVCSEC_MAC_BYTES]);

#endif
