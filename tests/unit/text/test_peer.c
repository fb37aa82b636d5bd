/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses and sets of them: what is read, what is refused, who is in.
 */
#include "../check.h"

#include "core/text/peer.h"

static void addresses(void)
{
    static const struct {
        const char *text;
        bool is_address, is_ip4;
    } table[] = {
        {"192.0.2.7", true, true},
        {"0.0.0.0", true, true},
        {"255.255.255.255", true, true},
        {"::", true, false},
        {"::1", true, false},
        {"2001:db8::1", true, false},
        {"2001:DB8::A", true, false},
        {"2001:db8:0:0:0:0:0:1", true, false},
        {"::ffff:192.0.2.7", true, true},
        {"::ffff:c000:207", true, true},
        {"0:0:0:0:0:ffff:192.0.2.7", true, true},
        {"::192.0.2.7", true, false},
        {"::ffff:0:192.0.2.7", true, false},
        {"64:ff9b::192.0.2.7", true, false},
        {"", false, false},
        {NULL, false, false},
        {"192.0.2", false, false},
        {"192.0.2.7.1", false, false},
        {"192.0.2.256", false, false},
        {"192.0.2.07", false, false},
        {"0300.0.2.7", false, false},
        {"0xc0.0.2.7", false, false},
        {"3221225991", false, false},
        {"192.0.2.7 ", false, false},
        {" 192.0.2.7", false, false},
        {"192.0.2.7:80", false, false},
        {"192.0.2.-7", false, false},
        {"2001:db8::1%eth0", false, false},
        {"[2001:db8::1]", false, false},
        {"2001:db8:::1", false, false},
        {"2001::db8::1", false, false},
        {"2001:db8:0:0:0:0:0:0:1", false, false},
        {"2001:db8:0:0:0:0:1", false, false},
        {"12345::", false, false},
        {":1", false, false},
        {"1:", false, false},
        {":", false, false},
        {"::ffff:192.0.2.256", false, false},
        {"::ffff:192.0.2.07", false, false},
        {"localhost", false, false},
        {"0000:0000:0000:0000:0000:ffff:192.168.100.200", true, true},
        {"0000:0000:0000:0000:0000:ffff:192.168.100.2000", false, false},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            avcsec_address_t address;
            bool is_address = avcsec_address_parse(guarded_text(table[i].text, side), &address);

            check(is_address == table[i].is_address &&
                      (!is_address || avcsec_address_is_ip4(&address) == table[i].is_ip4),
                  "'%s' is %s", table[i].text ? table[i].text : "(absent)",
                  table[i].is_ip4       ? "an IPv4 address"
                  : table[i].is_address ? "an IPv6 address"
                                        : "no address");
        }
    {
        avcsec_address_t address;

        check(!avcsec_address_parse(AVCSEC_LITERAL("192.0.2.7\0"), &address) &&
                  !avcsec_address_parse(AVCSEC_LITERAL("::1\0x"), &address),
              "an address ends where its text ends, not at NUL");
    }
}

static const struct {
    const char *set;
    const char *inside[4], *outside[6];
} sets[] = {
    {"192.0.2.7", {"192.0.2.7", "::ffff:192.0.2.7"}, {"192.0.2.6", "192.0.2.8", "::192.0.2.7"}},
    {"::ffff:192.0.2.7", {"192.0.2.7"}, {"192.0.2.8"}},
    {"192.0.2.0/24",
     {"192.0.2.0", "192.0.2.255", "::ffff:192.0.2.9"},
     {"192.0.1.255", "192.0.3.0", "2001:db8::1"}},
    {"192.0.2.128/25", {"192.0.2.128", "192.0.2.255"}, {"192.0.2.127", "192.0.3.0"}},
    {"192.0.2.7/32", {"192.0.2.7"}, {"192.0.2.6", "192.0.2.8"}},
    {"128.0.0.0/1", {"128.0.0.0", "255.255.255.255"}, {"127.255.255.255", "ffff::"}},
    {"::ffff:192.0.2.0/120", {"192.0.2.0", "192.0.2.255"}, {"192.0.3.0"}},
    {"2001:db8::/32",
     {"2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"},
     {"2001:db9::", "2001:db7:ffff::", "192.0.2.7"}},
    {"2001:db8::1/128", {"2001:db8::1"}, {"2001:db8::2", "2001:db8::"}},
    {"2001:db8::/33", {"2001:db8:7fff::1"}, {"2001:db8:8000::"}},
    {"192.0.2.10-192.0.2.20",
     {"192.0.2.10", "192.0.2.15", "192.0.2.20"},
     {"192.0.2.9", "192.0.2.21", "::1"}},
    {"192.0.2.10-192.0.2.10", {"192.0.2.10"}, {"192.0.2.9", "192.0.2.11"}},
    {"10.0.0.0-10.255.255.255", {"10.20.30.40"}, {"11.0.0.0", "9.255.255.255"}},
    {"2001:db8::5-2001:db8::a", {"2001:db8::5", "2001:db8::a"}, {"2001:db8::4", "2001:db8::b"}},
    {"::ffff:10.0.0.1-10.0.0.5", {"10.0.0.3"}, {"10.0.0.6"}},
    /* The mapped addresses lie in these numerically, but IPv4 was not meant. */
    {"::/64", {"::1", "::ffff:0:1:2"}, {"192.0.2.7", "0.0.0.0", "255.255.255.255", "127.0.0.1"}},
    {"::/80", {"::1"}, {"192.0.2.7", "255.255.255.255"}},
    {"::/1", {"2001:db8::1"}, {"192.0.2.7"}},
    {"::1-2001:db8::1", {"::1", "1::"}, {"192.0.2.7", "::"}},
};

static void membership(void)
{
    for (size_t i = 0; i < COUNT_OF(sets); i++)
        EACH_SIDE(side)
        {
            avcsec_peer_t peer;
            avcsec_address_t address;
            const char *error = avcsec_peer_parse(guarded_text(sets[i].set, side), &peer);

            check(!error, "'%s' is a set of addresses%s%s", sets[i].set, error ? ": " : "",
                  error ? error : "");
            for (size_t k = 0; !error && k < 4 && sets[i].inside[k]; k++)
                check(avcsec_address_parse(avcsec_slice_of(sets[i].inside[k]), &address) &&
                          avcsec_peer_contains(&peer, &address),
                      "%s lies in %s", sets[i].inside[k], sets[i].set);
            for (size_t k = 0; !error && k < 6 && sets[i].outside[k]; k++)
                check(avcsec_address_parse(avcsec_slice_of(sets[i].outside[k]), &address) &&
                          !avcsec_peer_contains(&peer, &address),
                      "%s does not lie in %s", sets[i].outside[k], sets[i].set);
        }
}

static void refused(void)
{
    static const char *const table[] = {
        "",
        "192.0.2.0/0",
        "0.0.0.0/0",
        "::/0",
        "::ffff:0.0.0.0/96",
        "::ffff:10.0.0.0/8",
        "::ffff:10.0.0.0/24",
        "::ffff:0:0/95",
        "192.0.2.7/24",
        "192.0.2.0/33",
        "192.0.2.0/",
        "192.0.2.0/024",
        "192.0.2.0/+24",
        "192.0.2.0/255.255.255.0",
        "192.0.2.0/24/24",
        "2001:db8::/129",
        "2001:db8::1/64",
        "/24",
        "192.0.2/24",
        "192.0.2.20-192.0.2.10",
        "192.0.2.10-20",
        "192.0.2.10-",
        "-192.0.2.10",
        "192.0.2.10 - 192.0.2.20",
        "192.0.2.1-2001:db8::1",
        "::1-192.0.2.1",
        "192.0.2.1-192.0.2.2-192.0.2.3",
        "2001:db8::b-2001:db8::a",
        "192.0.2.*",
        "192.0.2",
        "example.org",
        "all",
        "192.0.2.1,192.0.2.2",
        "[::1]",
        "::1%lo",
    };
    avcsec_peer_t peer;

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            const char *error;

            check_begins(table[i]);
            error = avcsec_peer_parse(guarded_text(table[i], side), &peer);
            check(error && strlen(error) > 20, "'%s' is refused with a sentence", table[i]);
        }
    check(avcsec_peer_parse((avcsec_slice_t){0}, &peer) != NULL, "absent is refused");
}

static void claims(void)
{
    static const struct {
        const char *value;
        bool is_ip4, want;
        const char *inside, *outside;
    } table[] = {
        {"192.0.2.0-24", true, true, "192.0.2.255", "192.0.3.0"},
        {"192.0.2.7", true, true, "192.0.2.7", "192.0.2.8"},
        {"192.0.2.7-32", true, true, "192.0.2.7", "192.0.2.8"},
        {"0.0.0.0-1", true, true, "127.255.255.255", "128.0.0.0"},
        {"2001_db8__-48", false, true, "2001:db8::ffff", "2001:db8:1::"},
        {"2001_db8__1", false, true, "2001:db8::1", "2001:db8::2"},
        {"2001_db8_0_0_0_0_0_0-48", false, true, "2001:db8::1", "2001:db9::"},
        {"fd0a_bcde_f__a-127", false, true, "fd0a:bcde:f::b", "fd0a:bcde:f::c"},
        {"fd0g__1", false, false, NULL, NULL},
        {"__1", false, true, "::1", "::2"},
        {"__-16", false, true, "::1", "192.0.2.7"},
        {"192.0.2.0-0", true, false, NULL, NULL},
        {"192.0.2.0-33", true, false, NULL, NULL},
        {"192.0.2.0-024", true, false, NULL, NULL},
        {"192.0.2.0-", true, false, NULL, NULL},
        {"192.0.2.0-24-24", true, false, NULL, NULL},
        {"-24", true, false, NULL, NULL},
        {"192.0.2.7-24", true, false, NULL, NULL},
        {"192.0.2", true, false, NULL, NULL},
        {"192.0.2.07", true, false, NULL, NULL},
        {"192.0.2.1_", true, false, NULL, NULL},
        {"2001_db8__-48", true, false, NULL, NULL},
        {"192.0.2.0-24", false, false, NULL, NULL},
        {"__ffff_192.0.2.7", false, false, NULL, NULL},
        {"2001_DB8__-48", false, false, NULL, NULL},
        {"2001:db8::-48", false, false, NULL, NULL},
        {"2001_db8__-0", false, false, NULL, NULL},
        {"2001_db8__-129", false, false, NULL, NULL},
        {"2001_db8__1-64", false, false, NULL, NULL},
        {"2001_db8", false, false, NULL, NULL},
        {"12345678", false, false, NULL, NULL},
        {"fe80__1-lo", false, false, NULL, NULL},
        {"_", false, false, NULL, NULL},
        {"___", false, false, NULL, NULL},
        {"", true, false, NULL, NULL},
        {"", false, false, NULL, NULL},
        {NULL, true, false, NULL, NULL},
        {"0000_0000_0000_0000_0000_0000_0000_0000", false, true, "::", "::1"},
        {"0000_0000_0000_0000_0000_0000_0000_00000", false, false, NULL, NULL},
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        EACH_SIDE(side)
        {
            avcsec_peer_t peer;
            avcsec_address_t in, out;
            bool is_right = avcsec_peer_parse_claim(guarded_text(table[i].value, side),
                                                    table[i].is_ip4, &peer) == table[i].want;

            if (is_right && table[i].want)
                is_right = avcsec_address_parse(avcsec_slice_of(table[i].inside), &in) &&
                           avcsec_address_parse(avcsec_slice_of(table[i].outside), &out) &&
                           avcsec_peer_contains(&peer, &in) && !avcsec_peer_contains(&peer, &out);
            check(is_right, "claim %s.%s is %s", table[i].is_ip4 ? "ip4" : "ip6",
                  table[i].value ? table[i].value : "(absent)",
                  table[i].want ? "a network" : "malformed");
        }
}

/* Each length of a network: its first and last address are in, their neighbours not. */
static void every_length(void)
{
    size_t wrong = 0;

    for (int bits = 1; bits <= 128; bits++) {
        avcsec_address_t base, last, before, after;
        avcsec_peer_t peer;
        char text[64] = "a555:5555:5555:5555:5555:5555:5555:5555", set[80];

        avcsec_address_parse(avcsec_slice_of(text), &base);
        for (int i = bits; i < 128; i++)
            base.bytes[i / 8] &= (unsigned char)~(0x80u >> i % 8);
        last = base;
        for (int i = bits; i < 128; i++)
            last.bytes[i / 8] |= (unsigned char)(0x80u >> i % 8);
        snprintf(set, sizeof(set),
                 "%02x%02x:%02x%02x:%02x%02x:%02x%02x:%02x%02x:%02x%02x:%02x%02x:%02x%02x/%d",
                 base.bytes[0], base.bytes[1], base.bytes[2], base.bytes[3], base.bytes[4],
                 base.bytes[5], base.bytes[6], base.bytes[7], base.bytes[8], base.bytes[9],
                 base.bytes[10], base.bytes[11], base.bytes[12], base.bytes[13], base.bytes[14],
                 base.bytes[15], bits);
        before = base;
        for (int i = 15; i >= 0 && before.bytes[i]-- == 0; i--)
            ;
        after = last;
        for (int i = 15; i >= 0 && ++after.bytes[i] == 0; i--)
            ;
        wrong += avcsec_peer_parse(avcsec_slice_of(set), &peer) != NULL ||
                 !avcsec_peer_contains(&peer, &base) || !avcsec_peer_contains(&peer, &last) ||
                 avcsec_peer_contains(&peer, &before) || avcsec_peer_contains(&peer, &after);
    }
    check(wrong == 0, "networks of each length end where they end");
}

int main(void)
{
    check_start();
    addresses();
    membership();
    refused();
    claims();
    every_length();
    return check_end();
}
