/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses and sets: what is read means the same to getaddrinfo; who is in is
 * counted again with 128-bit numbers. Lines of the input: a set, an address.
 */
#include "fuzz.h"

#include "core/text/peer.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

typedef unsigned __int128 number_t;

static number_t number_of(const avcsec_address_t *address)
{
    number_t n = 0;

    for (size_t i = 0; i < 16; i++)
        n = n << 8 | address->bytes[i];
    return n;
}

/* The address as the C library reads it; IPv4 as its mapped form. */
static bool library_reads(avcsec_slice_t text, avcsec_address_t *address)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM}, *found;
    char *string = fuzz_string(text);
    bool is_read = getaddrinfo(string, NULL, &hints, &found) == 0;

    free(string);
    if (!is_read)
        return false;
    if (found->ai_family == AF_INET6) {
        memcpy(address->bytes, &((struct sockaddr_in6 *)(void *)found->ai_addr)->sin6_addr, 16);
    } else {
        memset(address->bytes, 0, 10);
        memset(address->bytes + 10, 0xff, 2);
        memcpy(address->bytes + 12, &((struct sockaddr_in *)(void *)found->ai_addr)->sin_addr, 4);
    }
    freeaddrinfo(found);
    return true;
}

static void reading(avcsec_slice_t text)
{
    avcsec_address_t ours, theirs;

    if (avcsec_address_parse(text, &ours)) {
        PROMISE(library_reads(text, &theirs));
        PROMISE(memcmp(&ours, &theirs, sizeof(ours)) == 0);
        PROMISE(avcsec_address_is_ip4(&ours) == (number_of(&ours) >> 32 == 0xffff));
    }
}

/* The set is what its text says, and holds `probe` if and only if it should. */
static void membership(avcsec_slice_t text, const avcsec_address_t *probe)
{
    avcsec_slice_t rest = text, first;
    avcsec_address_t address;
    avcsec_peer_t peer;
    number_t low, high, n = number_of(probe);
    bool is_ip4;

    if (avcsec_peer_parse(text, &peer))
        return;
    fuzz_accepted += avcsec_peer_contains(&peer, probe);
    low = number_of(&peer.low);
    high = number_of(&peer.high);
    is_ip4 = low >> 32 == 0xffff;
    PROMISE(low <= high);
    PROMISE(avcsec_peer_contains(&peer, &peer.low));
    PROMISE(avcsec_peer_contains(&peer, probe) ==
            (n >= low && n <= high && (n >> 32 == 0xffff) == is_ip4));
    /* Never everybody. */
    PROMISE(!is_ip4 || high - low < 0xffffffff || memchr(text.p, '-', text.len));
    avcsec_slice_cut(&rest, '/', &first);
    if (rest.p) {
        number_t size = high - low + 1;

        PROMISE((size & (size - 1)) == 0 && (low & (size - 1)) == 0);
        PROMISE(avcsec_address_parse(first, &address) && number_of(&address) == low);
    }
}

/* A claim holds what the same network holds in an administrator's spelling. */
static void claim(avcsec_slice_t value, bool is_ip4, const avcsec_address_t *probe)
{
    char *text;
    avcsec_peer_t ours, theirs;

    if (!avcsec_peer_parse_claim(value, is_ip4, &ours))
        return;
    text = fuzz_string(value);
    for (char *c = text; *c; c++)
        *c = *c == '_' ? ':' : *c == '-' ? '/' : *c;
    PROMISE(strlen(text) == value.len);
    if (!avcsec_peer_parse(avcsec_slice_of(text), &theirs)) {
        PROMISE(memcmp(&ours, &theirs, sizeof(ours)) == 0);
        PROMISE(avcsec_peer_contains(&ours, probe) == avcsec_peer_contains(&theirs, probe));
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    avcsec_slice_t rest = {(const char *)data, size}, set = fuzz_copy(fuzz_line(&rest)),
                   text = fuzz_copy(fuzz_line(&rest));
    avcsec_address_t probe;

    reading(set);
    reading(text);
    if (avcsec_address_parse(text, &probe)) {
        membership(set, &probe);
        claim(set, true, &probe);
        claim(set, false, &probe);
    }
    fuzz_free(set);
    fuzz_free(text);
    return 0;
}
