/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses and sets of them. Refuses nonsense instead of guessing.
 */
#include "core/text/peer.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool avcsec_address_parse(avcsec_slice_t text, avcsec_address_t *address)
{
    char string[INET6_ADDRSTRLEN];

    if (text.len == 0 || text.len >= sizeof(string) || memchr(text.p, '\0', text.len))
        return false;
    memcpy(string, text.p, text.len);
    string[text.len] = '\0';
    if (strchr(string, ':'))
        return inet_pton(AF_INET6, string, address->bytes) == 1;
    memcpy(address->bytes, mapped, sizeof(mapped));
    return inet_pton(AF_INET, string, address->bytes + sizeof(mapped)) == 1;
}

bool avcsec_address_is_ip4(const avcsec_address_t *address)
{
    return memcmp(address->bytes, mapped, sizeof(mapped)) == 0;
}

avcsec_address_t avcsec_address_network(const avcsec_address_t *address)
{
    avcsec_address_t network = *address;

    if (!avcsec_address_is_ip4(address))
        memset(network.bytes + 8, 0, 8);
    return network;
}

/* The network of the first `bits` of 128 bits; false if `low` has host bits. */
static bool make_network(const avcsec_address_t *low, unsigned bits, avcsec_peer_t *peer)
{
    peer->low = peer->high = *low;
    for (unsigned i = bits; i < 128; i++) {
        unsigned char bit = (unsigned char)(0x80u >> (i % 8));

        if (low->bytes[i / 8] & bit)
            return false;
        peer->high.bytes[i / 8] |= bit;
    }
    return true;
}

static const char *parse_network(avcsec_slice_t text, avcsec_slice_t bits, avcsec_peer_t *peer)
{
    bool is_dotted = text.len && !memchr(text.p, ':', text.len);
    avcsec_address_t address;
    int64_t n;

    if (!avcsec_address_parse(text, &address))
        return "what stands before the slash is no IP address";
    if (avcsec_slice_equals(bits, AVCSEC_LITERAL("0")) ||
        (!is_dotted && avcsec_address_is_ip4(&address) &&
         avcsec_slice_equals(bits, AVCSEC_LITERAL("96"))))
        return "a network of length 0 is everybody; name the addresses that may";
    if (!avcsec_slice_to_number(bits, is_dotted ? 32 : 128, &n))
        return is_dotted ? "an IPv4 network's length is 1 to 32"
                         : "an IPv6 network's length is 1 to 128";
    if (is_dotted)
        n += 96;
    else if (avcsec_address_is_ip4(&address) && n < 96)
        return "this length cuts an IPv4-mapped address short and would let in far more than IPv4; "
               "write the network as IPv4, as in 10.0.0.0/8";
    if (!make_network(&address, (unsigned)n, peer))
        return "the address has bits beyond the network's length; write the network's first "
               "address, "
               "as in 192.0.2.0/24";
    return NULL;
}

static const char *parse_range(avcsec_slice_t low, avcsec_slice_t high, avcsec_peer_t *peer)
{
    if (!avcsec_address_parse(low, &peer->low) || !avcsec_address_parse(high, &peer->high))
        return "a range is two IP addresses joined by '-', as in 192.0.2.10-192.0.2.20";
    if (avcsec_address_is_ip4(&peer->low) != avcsec_address_is_ip4(&peer->high))
        return "a range has both ends in one family, IPv4 or IPv6";
    if (memcmp(peer->low.bytes, peer->high.bytes, sizeof(peer->low.bytes)) > 0)
        return "the range's first address is above its last";
    return NULL;
}

const char *avcsec_peer_parse(avcsec_slice_t text, avcsec_peer_t *peer)
{
    avcsec_slice_t rest = text, first;

    avcsec_slice_cut(&rest, '/', &first);
    if (rest.p)
        return parse_network(first, rest, peer);
    rest = text;
    avcsec_slice_cut(&rest, '-', &first);
    if (rest.p)
        return parse_range(first, rest, peer);
    if (!avcsec_address_parse(text, &peer->low))
        return "it is no IP address, network (192.0.2.0/24) or range (192.0.2.10-192.0.2.20); host "
               "names are not looked up";
    peer->high = peer->low;
    return NULL;
}

bool avcsec_peer_parse_claim(avcsec_slice_t value, bool is_ip4, avcsec_peer_t *peer)
{
    avcsec_slice_t bits = value, text = {0};
    avcsec_address_t address;
    char string[40];
    int64_t n = is_ip4 ? 32 : 128;

    avcsec_slice_cut(&bits, '-', &text);
    if (text.len >= sizeof(string) || (bits.p && !avcsec_slice_to_number(bits, n, &n)))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.p[i];

        if (is_ip4 ? !(avcsec_is((unsigned char)c, AVCSEC_DIGIT) || c == '.')
                   : !(avcsec_is((unsigned char)c, AVCSEC_DIGIT) || (c >= 'a' && c <= 'f') ||
                       c == '_'))
            return false;
        string[i] = c == '_' ? ':' : c;
    }
    if (!avcsec_address_parse((avcsec_slice_t){string, text.len}, &address) ||
        (!is_ip4 && !memchr(string, ':', text.len)))
        return false;
    return make_network(&address, (unsigned)(is_ip4 ? n + 96 : n), peer);
}

bool avcsec_peer_contains(const avcsec_peer_t *peer, const avcsec_address_t *address)
{
    /* An IPv6 network such as ::/64 spans the mapped addresses; it is not meant to let
     * in all of IPv4. */
    return avcsec_address_is_ip4(address) == avcsec_address_is_ip4(&peer->low) &&
           memcmp(address->bytes, peer->low.bytes, sizeof(address->bytes)) >= 0 &&
           memcmp(address->bytes, peer->high.bytes, sizeof(address->bytes)) <= 0;
}
