# SPDX-License-Identifier: Apache-2.0
# Lists of addresses in every form that AVChat, httpd and people write them, IPv6 included; the
# address comes through mod_remoteip, so that any can be tried.
import pytest

from avc.httpd import USUAL

# list, addresses inside, addresses outside
FORMS = [
    ("192.0.2.7", ["192.0.2.7", "::ffff:192.0.2.7", "::ffff:c000:207"],
     ["192.0.2.8", "192.0.2.70", "::192.0.2.7", "2001:db8::192.0.2.7"]),
    ("192.0.2.0/24", ["192.0.2.0", "192.0.2.255", "::ffff:192.0.2.99"], ["192.0.3.0", "192.0.1.255"]),
    ("192.0.2.128/25", ["192.0.2.128", "192.0.2.255"], ["192.0.2.127"]),
    ("192.0.2.7/32", ["192.0.2.7"], ["192.0.2.6"]),
    ("192.0.0.0/2", ["192.0.2.7", "203.0.113.255", "::ffff:200.8.8.8"], ["2001:db8::1", "127.0.0.9"]),
    ("192.0.2.10-192.0.2.20", ["192.0.2.10", "192.0.2.15", "192.0.2.20"], ["192.0.2.9", "192.0.2.21"]),
    ("192.0.2.200-192.0.3.10", ["192.0.2.200", "192.0.2.255", "192.0.3.0", "192.0.3.10"],
     ["192.0.2.199", "192.0.3.11", "192.0.2.5"]),
    ("192.0.2.7-192.0.2.7", ["192.0.2.7"], ["192.0.2.8"]),
    ("2001:db8::7", ["2001:db8::7", "2001:0db8:0:0:0:0:0:7"], ["2001:db8::8", "192.0.2.7"]),
    ("2001:db8::/32", ["2001:db8::", "2001:db8:ffff:ffff::1"], ["2001:db9::", "::ffff:192.0.2.7"]),
    ("2001:db8:0:4000::/50", ["2001:db8:0:4000::1", "2001:db8:0:7fff::"], ["2001:db8:0:3fff::", "2001:db8:0:8000::"]),
    ("2001:DB8::A", ["2001:db8::a"], ["2001:db8::b"]),
    ("::ffff:192.0.2.7", ["192.0.2.7", "::ffff:192.0.2.7"], ["192.0.2.8"]),
    ("::ffff:192.0.2.0/120", ["192.0.2.0", "192.0.2.255"], ["192.0.3.0"]),
    ("192.0.2.1 2001:db8::/64 198.51.100.1-198.51.100.9",
     ["192.0.2.1", "2001:db8::5", "198.51.100.5"], ["192.0.2.2", "198.51.100.10", "2001:db8:0:1::"]),
    ("::1", ["::1"], ["127.0.0.9", "::2"]),
]


@pytest.fixture(scope="module")
def web(serve):
    config = ("RemoteIPHeader X-Client\nRemoteIPInternalProxy 127.0.0.1\n"
              "AvcClientAddress useragent\n")
    for number, (listed, _, _) in enumerate(FORMS):
        config += '<Location "/%d/">\nAvcMediaServer %s\nAvcMediaServerOnly On\n</Location>\n' % (
            number, listed)
        config += '<Location "/a%d/">\nAvcAdmin %s\nAvcAdminOnly On\n</Location>\n' % (number, listed)
    docroot = {"%s%d/x" % (kind, number): "in" for kind in ("", "a") for number in range(len(FORMS))}
    return serve(config, modules=USUAL + ["remoteip"], keys=None, docroot=docroot)


@pytest.mark.parametrize("number", range(len(FORMS)), ids=[form[0] for form in FORMS])
def test_a_list_opens_to_the_addresses_inside_and_to_no_other(web, number):
    _, inside, outside = FORMS[number]
    for kind in ("", "a"):
        for address in inside:
            web.allowed("/%s%d/x" % (kind, number), headers=[("X-Client", address)], shows="in")
        for address in outside:
            web.refused("/%s%d/x" % (kind, number), "address", headers=[("X-Client", address)])
