# SPDX-License-Identifier: Apache-2.0
# What the line of a refusal says beside its reason: what often happens to links in the field; and
# the line about everybody being one client behind a proxy.
import pytest

from avc.httpd import USUAL
from avc.tokens import signed

CONFIG = """
AvcKeyFile "@keys@"
<Location "/files">
    AvcFiles "@private@"
</Location>
<Location "/live">
    AvcSignedURL On
</Location>
"""
TRUST = "RemoteIPHeader X-Forwarded-For\nRemoteIPInternalProxy 127.0.0.4\n"


@pytest.fixture(scope="module")
def web(serve):
    return serve(CONFIG, private={"a.txt": "content", "film.mp4": "film"},
                 docroot={"live/index.m3u8": "#EXTM3U\nseg1.ts\n", "live/seg1.ts": "segment", "live/a.jpg": "x"})


def line_of(web, reason, target, status=403, **how):
    answer = web.ask(target, **how)
    assert answer.status == status, answer
    line, = web.log.claim(r"AVC\d{4}: %s: " % reason)
    return line


PLAYLIST = "the playlist was signed, its segments were not. Sign it with --carrier path and --dir"


def test_a_refused_segment_tells_of_its_playlist(web):
    link = signed("/live/index.m3u8")
    web.allowed(link, shows="#EXTM3U\nseg1.ts")
    assert PLAYLIST in line_of(web, "no-token", "/live/seg1.ts")
    # Some players hand the playlist's query on.
    assert PLAYLIST in line_of(web, "signature", "/live/seg1.ts?" + link.split("?")[1])
    assert PLAYLIST not in line_of(web, "no-token", "/live/a.jpg")


def test_a_mac_out_of_a_log_and_one_with_text_behind_it(web):
    link = signed("/live/a.jpg")
    head = link.rpartition("~mac.")[0]
    assert "masked, as every log shows it" in line_of(web, "malformed", head + "~mac.*")
    assert "Text stands behind its mac" in line_of(web, "malformed", link + "%3C/a%3E")
    assert "Text stands behind its mac" in line_of(web, "malformed", link + ".")
    assert "the link was cut" in line_of(web, "malformed", link[:-9])
    assert "the link was cut" in line_of(web, "malformed", head)


def test_a_player_that_goes_on_behind_the_end(web):
    late = signed("/files/film.mp4", expires=-5, issued=-90)
    assert "let the link of a film last" in line_of(web, "expired", late, 410)
    late = signed("/files/a.txt", expires=-5, issued=-90)
    assert "let the link of a film last" not in line_of(web, "expired", late, 410)
    assert "let the link of a film last" in line_of(web, "expired", late, 410, headers=[("Range", "bytes=7-")])


@pytest.mark.parametrize("name", ["caf\u00e9.jpg", "cafe\u0301.jpg"])
def test_a_name_in_the_other_form_of_unicode(web, name):
    assert "(NFC) and decomposed (NFD" in line_of(web, "not-found", signed("/files/" + name), 404)
    assert "(NFC)" not in line_of(web, "not-found", signed("/files/cafe.jpg"), 404)


def test_used_up_links_tell_of_previews_and_proxies(web):
    link = signed("/files/a.txt", max=1, id="previewed-by-a-program")
    web.allowed(link)
    line = line_of(web, "used-up", link, source="127.0.0.9")
    assert "preview links in mail and chat" in line and "AvcClientAddress" in line


# -- everybody behind a proxy

def spend(web, name, headers, source="127.0.0.4"):
    answer = web.ask(signed("/files/a.txt", max=1, id="behind-a-proxy-" + name), headers=headers, source=source)
    assert answer.status == 200, answer


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "CF-Connecting-IP"])
def test_a_counted_link_behind_a_proxy_that_nobody_vouches_for_is_noticed(serve_once, header):
    web = serve_once(CONFIG, private={"a.txt": "content"})
    spend(web, "before", [])
    web.log.assert_quiet()
    spend(web, "first", [(header, "192.0.2.9")])
    line, = web.log.claim("AVC0150: ")
    assert "127.0.0.4" in line and "AvcClientAddress useragent" in line
    # Once a minute, whatever happens.
    for i in range(5):
        spend(web, "again-%d" % i, [(header, "192.0.2.9")])
    web.log.assert_quiet()


def test_what_counts_nothing_or_is_vouched_for_is_not(serve_once):
    web = serve_once("AvcClientAddress useragent\n" + TRUST + CONFIG, private={"a.txt": "content"},
                     modules=USUAL + ["remoteip"])
    spend(web, "vouched", [("X-Forwarded-For", "192.0.2.9")])
    answer = web.ask(signed("/files/a.txt"), headers=[("X-Forwarded-For", "192.0.2.9")], source="127.0.0.5")
    assert answer.status == 200
    web.log.assert_quiet()
    # From somebody whom mod_remoteip does not trust.
    spend(web, "stranger", [("X-Forwarded-For", "192.0.2.9")], source="127.0.0.5")
    web.log.claim("AVC0150: ")
