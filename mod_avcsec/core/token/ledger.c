/* SPDX-License-Identifier: Apache-2.0
 *
 * The ledger in Redis: one script, so that each answer is one step that nobody divides.
 */
#include "core/token/ledger.h"

#include "core/text/b64url.h"

#include <string.h>

/* By which a count outlives its token: clocks of two machines may differ by that much. */
#define SLACK 3600

/* By which a client's use stays known beyond the grace: who takes it back reckons in whole
 * seconds and asks a moment later, when another one must not have begun. */
#define AFTERWARDS 2

/* KEYS: birth, uses, the client's use (or uses again: no client), revocations. ARGV: what
 * is wanted, run id, now, iat (0: none), max, seconds that the count stays, grace. */
const char avcsec_ledger_script[] =
    "local birth, uses, use = KEYS[1], KEYS[2], KEYS[3]\n"
    "local wish, run, iat = ARGV[1], ARGV[2], tonumber(ARGV[4])\n"
    "if wish == 'release' then\n"
    "  if use ~= uses then\n"
    "    local along = tonumber(redis.call('GET', use) or 0)\n"
    "    if along > 1 then redis.call('DECR', use) end\n"
    "    if along ~= 1 then return 'ok' end\n"
    "    redis.call('DEL', use)\n"
    "  end\n"
    "  if tonumber(redis.call('GET', uses) or 0) > 0 then redis.call('DECR', uses) end\n"
    "  return 'ok'\n"
    "end\n"
    "for _, before in ipairs(redis.call('MGET', unpack(KEYS, 4))) do\n"
    "  if before and (before == '0' or iat < tonumber(before)) then return 'revoked' end\n"
    "end\n"
    "if wish == 'pass' then return 'ok' end\n"
    "local born, by = string.match(redis.call('GET', birth) or '', '^(%d+) (.*)$')\n"
    "if by ~= run then\n"
    "  born = math.max(tonumber(ARGV[3]), tonumber(redis.call('TIME')[1]))\n"
    "  redis.call('SET', birth, string.format('%.0f', born) .. ' ' .. run)\n"
    "end\n"
    /* Of the second in which it was born nobody knows the half that came before. */
    "if iat <= tonumber(born) then return 'used-up' end\n"
    "if use ~= uses and redis.call('EXISTS', use) == 1 then\n"
    "  redis.call('INCR', use)\n"
    "  redis.call('EXPIRE', use, ARGV[7])\n"
    "  return 'ok'\n"
    "end\n"
    "if wish == 'look' or tonumber(redis.call('GET', uses) or 0) >= tonumber(ARGV[5]) then\n"
    "  return 'used-up'\n"
    "end\n"
    "redis.call('INCR', uses)\n"
    "if redis.call('TTL', uses) < tonumber(ARGV[6]) then redis.call('EXPIRE', uses, ARGV[6]) end\n"
    "if use ~= uses then redis.call('SET', use, 1, 'EX', ARGV[7]) end\n"
    "return 'ok'\n";

/* KEYS: one revocation. ARGV: before, seconds that it stays. */
const char avcsec_ledger_revoking_script[] =
    "local old, before = redis.call('GET', KEYS[1]), ARGV[1]\n"
    "if old and (old == '0' or (before ~= '0' and tonumber(old) > tonumber(before))) then\n"
    "  before = old\n"
    "end\n"
    "redis.call('SET', KEYS[1], before, 'EX', math.max(redis.call('TTL', KEYS[1]), "
    "tonumber(ARGV[2])))\n"
    "return before\n";

/* ---- Words ---- */

static void add(avcsec_ledger_command_t *command, avcsec_slice_t word)
{
    if (command->count < AVCSEC_LEDGER_WORDS)
        command->words[command->count++] = word;
}

/* Adds a word of two pieces; false, and nothing, if it does not fit. */
static bool add_joined(avcsec_ledger_command_t *command, avcsec_slice_t first,
                       avcsec_slice_t second)
{
    char *to = command->room + command->used;

    if (first.len + second.len > sizeof(command->room) - command->used)
        return false;
    memcpy(to, first.p, first.len);
    if (second.len)
        memcpy(to + first.len, second.p, second.len);
    command->used += first.len + second.len;
    add(command, (avcsec_slice_t){to, first.len + second.len});
    return true;
}

static void add_number(avcsec_ledger_command_t *command, int64_t number)
{
    uint64_t left = number > 0 ? (uint64_t)number : 0;
    char digits[20], *first = digits + sizeof(digits);

    do
        *--first = (char)('0' + left % 10);
    while ((left /= 10) != 0);
    add_joined(command, avcsec_slice_between(first, digits + sizeof(digits)),
               (avcsec_slice_t){NULL, 0});
}

/* ---- Asking ---- */

bool avcsec_ledger_name(const avcsec_token_t *token, const avcsec_address_t *client,
                        const char *realm, const avcsec_mac_key_t *seed, avcsec_mac_t *macs,
                        unsigned char name[AVCSEC_MAC_BYTES])
{
    static const avcsec_slice_t separator = {"", 1};
    size_t network = !client ? 0 : avcsec_address_is_ip4(client) ? 16 : 8;
    const avcsec_slice_t pieces[] = {avcsec_slice_of(realm ? realm : ""),
                                     separator,
                                     token->kid,
                                     {(const char *)token->key_print, sizeof(token->key_print)},
                                     separator,
                                     avcsec_purpose_word(token->purpose),
                                     separator,
                                     token->id,
                                     separator,
                                     {client ? (const char *)client->bytes : "", network}};

    return avcsec_mac_compute(macs, seed, pieces, sizeof(pieces) / sizeof(pieces[0]), name);
}

static bool add_name(avcsec_ledger_command_t *command, avcsec_slice_t kind,
                     const avcsec_ledger_question_t *question, const avcsec_address_t *client,
                     avcsec_mac_t *macs)
{
    /* All machines have the same; so many bits need no secret. */
    static const avcsec_mac_key_t seed = {"avcsec ledger"};
    unsigned char name[AVCSEC_MAC_BYTES];
    char text[AVCSEC_B64URL_CHARS(AVCSEC_MAC_BYTES)];

    return avcsec_ledger_name(question->token, client, question->realm, &seed, macs, name) &&
           add_joined(command, kind,
                      (avcsec_slice_t){text, avcsec_b64url_encode(name, sizeof(name), text)});
}

static size_t add_keys(const avcsec_ledger_question_t *question, avcsec_mac_t *macs,
                       avcsec_ledger_command_t *command)
{
    const avcsec_token_t *token = question->token;
    size_t before = command->count;

    add(command, AVCSEC_LITERAL("avcsec:born:2"));
    if (!add_name(command, AVCSEC_LITERAL("avcsec:uses:"), question, NULL, macs))
        return 0;
    if (!question->client)
        add(command, command->words[command->count - 1]);
    else if (!add_name(command, AVCSEC_LITERAL("avcsec:use:"), question, question->client, macs))
        return 0;
    add(command, AVCSEC_LITERAL("avcsec:revoked:all"));
    add_joined(command, AVCSEC_LITERAL("avcsec:revoked:kid:"), token->kid);
    /* One that is longer, of a webhook or a JWT, cannot be taken back. */
    if (token->id.p && token->id.len <= AVCSEC_CLAIM_VALUE_MAX)
        add_joined(command, AVCSEC_LITERAL("avcsec:revoked:id:"), token->id);
    if (token->sub.p && token->sub.len <= AVCSEC_CLAIM_VALUE_MAX)
        add_joined(command, AVCSEC_LITERAL("avcsec:revoked:sub:"), token->sub);
    return command->count - before;
}

bool avcsec_ledger_ask(const avcsec_ledger_question_t *question, avcsec_slice_t digest,
                       avcsec_slice_t run_id, avcsec_mac_t *macs, avcsec_ledger_command_t *command)
{
    static const avcsec_slice_t wishes[] = {{"pass", 4}, {"spend", 5}, {"look", 4}, {"release", 7}};
    static const char digits[] = "0123456789";
    const avcsec_token_t *token = question->token;
    int64_t left = token->exp - question->now;
    size_t keys;

    command->count = command->used = 0;
    add(command, AVCSEC_LITERAL("EVALSHA"));
    add(command, digest);
    add(command, (avcsec_slice_t){digits, 1});
    if ((keys = add_keys(question, macs, command)) == 0)
        return false;
    command->words[2].p = &digits[keys];
    add(command, wishes[question->wish]);
    add(command, run_id);
    add_number(command, question->now);
    add_number(command, token->iat);
    add_number(command, token->max);
    add_number(command, (left > 0 ? left : 0) + SLACK);
    add_number(command, question->grace + AFTERWARDS);
    return true;
}

avcsec_verdict_t avcsec_ledger_read(avcsec_slice_t answer)
{
    static const avcsec_verdict_t known[] = {AVCSEC_ALLOWED, AVCSEC_USED_UP, AVCSEC_REVOKED};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (avcsec_slice_equals(answer, avcsec_slice_of(avcsec_verdict_word(known[i]))))
            return known[i];
    return AVCSEC_UNDECIDED;
}

/* ---- Taking back ---- */

void avcsec_ledger_revoke(const avcsec_revocation_t *entry, int64_t now,
                          avcsec_ledger_command_t *command)
{
    static const avcsec_slice_t kinds[] = {
        {"avcsec:revoked:all", 18},
        {"avcsec:revoked:id:", 18},
        {"avcsec:revoked:sub:", 19},
        {"avcsec:revoked:kid:", 19},
    };
    int64_t left = entry->until - now;

    command->count = command->used = 0;
    add(command, AVCSEC_LITERAL("EVAL"));
    add(command, avcsec_slice_of(avcsec_ledger_revoking_script));
    add(command, AVCSEC_LITERAL("1"));
    add_joined(command, kinds[entry->kind], (avcsec_slice_t){entry->value, entry->len});
    add_number(command, entry->before);
    add_number(command, left > 0 ? left : 1);
}
