# SPDX-License-Identifier: Apache-2.0
# avcsec sign and token: where tokens stand, what is signed, what is refused, and that the
# server takes whatever comes out.
import base64
import re

import pytest

from conftest import ISSUED

TOKEN = r"avc1~for\.[a-z]+~kid\.k[0-9][A-Za-z0-9._~-]*~mac\.[A-Za-z0-9_-]{43}"


def b64(text):
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def claims(token):
    return [tuple(claim.split(".", 1)) for claim in token.split("~")[1:-1]]


def token_of(url):
    found = re.findall(TOKEN, url)
    assert len(found) == 1, url
    return found[0]


def verdict(avcsec, keys, url, purpose="file", *more, now=ISSUED):
    return avcsec("verify", "--key-file", keys, "--purpose", purpose, "--now", str(now),
                  "--strict-args", "--clock-skew", "0", *more, url).out.strip()


# ---- where it stands ---------------------------------------------------------

@pytest.mark.parametrize("given, made", [
    ("/a.jpg", "/a.jpg?avc=T"),
    ("/a.jpg?", "/a.jpg?avc=T"),
    ("/a.jpg?x=1", "/a.jpg?x=1&avc=T"),
    ("/a.jpg?x=1&", "/a.jpg?x=1&&avc=T"),
    ("/a.jpg#top", "/a.jpg?avc=T#top"),
    ("/a.jpg?x=1#top?y#z", "/a.jpg?x=1&avc=T#top?y#z"),
    ("/a.jpg#?x=1", "/a.jpg?avc=T#?x=1"),
    ("https://chat.example/a.jpg", "https://chat.example/a.jpg?avc=T"),
    ("http://user@chat.example:8080/a/b.jpg?x=1#t",
     "http://user@chat.example:8080/a/b.jpg?x=1&avc=T#t"),
    ("https://[2001:db8::1]:8443/a", "https://[2001:db8::1]:8443/a?avc=T"),
    ("https://chat.example", "https://chat.example/?avc=T"),
    ("https://chat.example?x=1", "https://chat.example/?x=1&avc=T"),
    ("wss://chat.example/ws", "wss://chat.example/ws?avc=T"),
    ("/caf%C3%A9%20%281%29.jpg", "/caf%C3%A9%20%281%29.jpg?avc=T"),
    ("/", "/?avc=T"),
])
def test_query_carrier(avcsec, sign, keys, given, made):
    url = sign(given).line
    token = token_of(url)
    assert url == made.replace("T", token)
    assert verdict(avcsec, keys, url) == "ok"


@pytest.mark.parametrize("given, words, made", [
    ("/a/b/c.jpg", [], "/a/b/~T/c.jpg"),
    ("/a.jpg", [], "/~T/a.jpg"),
    ("/", [], "/~T/"),
    ("/a/b/", [], "/a/b/~T/"),
    ("/a/b/c.jpg", ["--dir", "1"], "/a/~T/b/c.jpg"),
    ("/a/b/c.jpg", ["--dir", "2"], "/a/b/~T/c.jpg"),
    ("/a/b/", ["--dir", "2"], "/a/b/~T/"),
    ("/a/b/c.m3u8?x=1&y[]=2", ["--dir", "1"], "/a/~T/b/c.m3u8?x=1&y[]=2"),
    ("/a/b/c.jpg?x=1#f", ["--args", ""], "/a/b/~T/c.jpg?x=1#f"),
    ("https://chat.example/a/b.jpg#/x/y", [], "https://chat.example/a/~T/b.jpg#/x/y"),
    ("https://chat.example", [], "https://chat.example/~T/"),
    ("/a/b.jpg?u=/x/y/z", ["--args", ""], "/a/~T/b.jpg?u=/x/y/z"),
    ("/a/index.html", ["--force"], "/a/~T/index.html"),
])
def test_path_carrier(avcsec, sign, keys, given, words, made):
    url = sign("--carrier", "path", *words, given).line
    assert url == made.replace("T", token_of(url))
    told = avcsec("verify", "--key-file", keys, "--purpose", "file", "--now", str(ISSUED), url)
    assert told.out == "ok\n"


# SPEC [command-4]
@pytest.mark.parametrize("name", ["index.html", "x.htm", "LIVE.M3U8", "manifest.mpd", "a.Html"])
def test_what_names_others_relatively_needs_dir_or_force(sign, name):
    told = sign("--carrier", "path", "/live/" + name).complaint
    assert "--carrier path and --dir, or --force" in told
    assert sign("--carrier", "path", "--dir", "1", "/live/" + name).status == 0
    assert sign("--carrier", "path", "--force", "/live/" + name).status == 0


# SPEC [command-4]
@pytest.mark.parametrize("name", ["index.m3u8", "LIVE.M3U8", "manifest.mpd", "index%2Em3u8", "index.m3%758",
                                  "index.m3u8;v=1", "index.m3u8%3Bv", "index.m3u8?_HLS_msn=1", "a.mpd#t"])
@pytest.mark.parametrize("words", [[], ["--dir", "1"], ["--carrier", "query"]])
def test_a_playlist_whose_segments_would_not_have_its_token_is_refused(sign, name, words):
    told = sign(*words, "/live/" + name).complaint
    assert "--carrier path and --dir, or --force" in told
    assert "avc=avc1~" in sign(*words, "--force", "/live/" + name).line


@pytest.mark.parametrize("name", ["index.html", "x.htm", "m3u8", "a.m3u8.jpg", "a.m3u", "x.m3u8/a.jpg", "a?b=.mpd"])
def test_pages_and_names_that_only_look_like_playlists_are_signed_in_the_query(sign, name):
    assert "avc=avc1~" in sign("/live/" + name).line


# ---- a window ----------------------------------------------------------------

# SPEC [command-6]
@pytest.mark.parametrize("window, seconds", [("1h", 3600), ("90s", 90), ("60", 60), ("1d", 86400)])
def test_a_link_with_a_window_stays_the_same_for_so_long(avcsec, sign, keys, window, seconds):
    start = ISSUED - ISSUED % seconds
    moments = (start, start + 1, start + seconds - 1, start + seconds)
    urls = [sign("--window", window, "/a.jpg", now=now).line for now in moments]
    assert urls[0] == urls[1] == urls[2] != urls[3]
    said = dict(claims(token_of(urls[0])))
    assert (said["iat"], said["exp"]) == (str(start), str(start + seconds + 7200))
    assert verdict(avcsec, keys, urls[2], now=start + seconds + 7199) == "ok"
    fixed = {sign("--window", window, "/a.jpg", now=now, ends=("--until", str(start + 90000))).line
             for now in moments[:3]}
    assert len(fixed) == 1 and "exp.%d~" % (start + 90000) in fixed.pop()


def test_a_window_does_not_reach_beyond_the_key(sign):
    end = 1893450600                                        # of key k3
    words = ("--kid", "k3", "--window", "1h", "/a.jpg")
    said = dict(claims(token_of(sign(*words, now=end - 300, ends=("--expires", "60s")).line)))
    assert said["exp"] == str(end) and int(said["iat"]) % 3600 == 0
    assert "would outlive its key k3" in sign(*words, now=end - 30, ends=("--expires", "60s")).complaint


@pytest.mark.parametrize("command, words", [
    ("sign", ["--max", "1", "/a"]), ("sign", ["--id", "x" * 16, "/a"]),
    ("token", ["--purpose", "session"])])
def test_a_window_does_not_go_with_what_makes_each_token_another(sign, command, words):
    assert "--window: max, id" in sign("--window", "1h", *words, command=command).complaint


@pytest.mark.parametrize("window", ["0", "x", "100000w", ""])
def test_windows_that_are_none(sign, window):
    assert "--window" in sign("--window", window, "/a.jpg").complaint


# SPEC [command-6]
def test_what_is_taken_back_takes_links_of_the_same_window_along(avcsec, sign):
    """The entry covers what was issued before; these say when their window began."""
    start = ISSUED - ISSUED % 3600
    moment = start + 1800
    for now, is_covered in ((start + 10, True), (moment + 600, True), (start + 3600, False)):
        issued = dict(claims(token_of(sign("--window", "1h", "/a.jpg", now=now).line)))["iat"]
        assert (int(issued) < moment) == is_covered


def test_dir_opens_what_is_below_and_nothing_else(avcsec, sign, keys):
    url = sign("--carrier", "path", "--dir", "2", "/live/room7/index.m3u8").line
    below = url.replace("index.m3u8", "hi/seg1.ts?x=1")
    words = ["verify", "--key-file", keys, "--purpose", "file", "--now", str(ISSUED)]
    assert avcsec(*words, below).out == "ok\n"
    assert avcsec(*words, url.replace("room7", "room8")).out == "signature\n"
    assert avcsec(*words, url.replace("/live/room7/", "/live/room7x/")).out == "signature\n"


# ---- arguments ---------------------------------------------------------------

@pytest.mark.parametrize("query, words, names", [
    ("a=1&b=2", [], "a.b"),
    ("b=2&a=1", [], "b.a"),
    ("a=1&b=2", ["--args", "b,a"], "b.a"),
    ("a=1&b=2", ["--args", "b"], "b"),
    ("a=1&b=2", ["--args", "b a"], "b.a"),
    ("a=1&b=2", ["--args", ""], None),
    ("a=1&b=2", ["--args="], None),
    ("a&b=&c==x", [], "a.b.c"),
    ("", [], None),
    ("utm_source=x", [], "utm_source"),
    ("a=%20+%2b&_-Z9=~", [], "a._-Z9"),
    ("a=1&tag[]=2&b.c=3", ["--args", "a"], "a"),
    ("a=1&b[]=2", ["--dir", "1"], None),
])
def test_which_arguments_are_signed(avcsec, sign, keys, query, words, names):
    url = sign(*words, "/p/play.php?" + query).line
    assert dict(claims(token_of(url))).get("args") == names
    told = avcsec("verify", "--key-file", keys, "--purpose", "file", "--now", str(ISSUED), url)
    assert told.out == "ok\n"
    if names and "a=1" in query and "a" in names.split("."):
        changed = avcsec("verify", "--key-file", keys, "--purpose", "file", "--now", str(ISSUED),
                         url.replace("a=1", "a=2"))
        assert changed.out == "signature\n"


@pytest.mark.parametrize("query, words, named", [
    ("a=1&tag[]=x", [], "tag[]"),
    ("a.b=x", [], "a.b"),
    ("a%20b=x", [], "a%20b"),
    ("%61=x", [], "%61"),
    ("+a=x", [], "+a"),
    ("=x", [], "''"),
    ("a=1&a=2", [], "'a'"),
    ("a_b=1&a.b=2", ["--args", "a_b"], "'a_b'"),
    ("a_b=1&a[b=2", ["--args", "a_b"], "'a_b'"),
    ("a=1&%61=2", ["--args", "a"], "'a'"),
    ("a=1&a[x]=2", ["--args", "a"], "'a'"),
    ("a=1", ["--args", "b"], "'b'"),
    ("a=1", ["--args", "a,a"], "twice"),
    ("avc[]=1", [], "avc[]"),
    ("a=1", ["--args", "a~x"], "a~x"),
    ("a=1", ["--dir", "1", "--args", "a"], "--dir"),
    ("a=1", ["--carrier", "path"], "--carrier query"),
    ("x" * 257 + "=1", [], "256"),
])
def test_an_argument_that_cant_be_signed_is_named(sign, query, words, named):
    assert named in sign(*words, "/p/play.php?" + query).complaint


def test_many_long_names(sign):
    query = "&".join("a%03d=1" % i for i in range(60))
    assert "256" in sign("/play.php?" + query).complaint


# ---- what is refused ---------------------------------------------------------

@pytest.mark.parametrize("given, reason", [
    ("a.jpg", "starts with '/'"),
    ("", "starts with '/'"),
    ("chat.example/a.jpg", "starts with '/'"),
    ("https:///a.jpg", "starts with '/'"),
    ("https:/a.jpg", "starts with '/'"),
    ("1http://x/a", "starts with '/'"),
    ("?x=1", "starts with '/'"),
    ("/a b.jpg", "%20"),
    ("/café.jpg", "%C3"),
    ("/a\\b", "%5C"),
    ("/a\nb", "%0A"),
    ("/a\x7fb", "%7F"),
    ("/a|b", "%7C"),
    ("/a\"b", "%22"),
    ("/a?x=y'", "%27"),
    ("/a?x=<b>", "%3C"),
    ("/a?x=é", "%C3"),
    ("/100%", "%25"),
    ("/a?x=100%", "%25"),
    ("/a%2", "%25"),
    ("/a%zz", "%25"),
    ("/a%2Fb", "encoded slash"),
    ("/a%5cb", "backslash"),
    ("/a%00", "control"),
    ("/a%0ab", "control"),
    ("/a/..;/b", "dots"),
    ("/a/%2e%2e%3bx/b", "dots"),
    ("/../a", "dots"),
    ("/a?avc=x", "'avc' already"),
    ("/a?%61vc=x", "'avc' already"),
    ("/a?x=1&avc", "'avc' already"),
    ("/~avc1~x/a", "token already"),
    ("/%7Eavc1%7Ex/a", "token already"),
    ("/b/~avc1~for.upload~kid.k1~exp.1893456000~mac." + "A" * 43 + "/a", "token already"),
])
@pytest.mark.parametrize("command", ["sign", "token"])
def test_addresses_that_are_not_signed(sign, command, given, reason):
    assert reason in sign(given, command=command).complaint


def test_a_signed_link_is_not_signed_again(sign):
    assert "already" in sign(sign("/a.jpg").line).complaint
    assert "already" in sign(sign("--carrier", "path", "/a.jpg").line).complaint


@pytest.mark.parametrize("given", ["/a/../b.jpg", "/a//b.jpg", "/./b.jpg", "//b.jpg"])
def test_dots_and_doubled_slashes_fit_the_query_only(avcsec, sign, keys, given):
    url = sign(given).line
    assert verdict(avcsec, keys, url) == "ok"
    assert "beside a token in the path" in sign("--carrier", "path", given).complaint


BASE = ("--expires", "1h")


@pytest.mark.parametrize("words, reason", [
    ([], "--expires 1h, or --until"),
    (["--expires", "1h", "--until", "1893456000"], "one of them"),
    (["--expires", "0"], "30s, 15m"),
    (["--expires", "-5"], "30s, 15m"),
    (["--expires", "1y"], "30s, 15m"),
    (["--expires", "1H"], "30s, 15m"),
    (["--expires", "01h"], "30s, 15m"),
    (["--expires", "h"], "30s, 15m"),
    (["--expires", ""], "30s, 15m"),
    (["--expires", "1.5h"], "30s, 15m"),
    (["--expires", "99999999999"], "too long"),
    (["--expires", "99999999999999999999"], "30s, 15m"),
    (["--expires", "9999999999w"], "30s, 15m"),
    (["--until", "1893448800"], "over already"),
    (["--until", "2029-12-31T21:59:59Z"], "over already"),
    (["--until", "2030-01-01"], "UTC"),
    (["--until", "2030-01-01T00:00:00+00:00"], "UTC"),
    (["--until", "1893456000000"], "milliseconds"),
    (["--until", "0"], "UTC"),
    (["--purpose", "files", *BASE], "file, upload, call or session"),
    (["--purpose", "", *BASE], "file, upload, call or session"),
    (["--nbf", "1893452400", *BASE], "end before it begins"),
    (["--nbf", "x", *BASE], "--nbf"),
    (["--dir", "0", *BASE], "dir is a number"),
    (["--dir", "65", *BASE], "dir is a number"),
    (["--dir", "01", *BASE], "dir is a number"),
    (["--dir", "3", *BASE], "segments"),
    (["--dir", "1", "--purpose", "session", *BASE], "session has no dir"),
    (["--max", "0", *BASE], "max is a number"),
    (["--max", "1000001", *BASE], "max is a number"),
    (["--max", "1", "--purpose", "call"], "--max needs"),
    (["--id", "short", *BASE], "16 to 64"),
    (["--id", "x" * 65, *BASE], "16 to 64"),
    (["--id", "x" * 16 + "~role.admin", *BASE], "A-Z a-z 0-9"),
    (["--id", "x" * 16 + "\n", *BASE], "A-Z a-z 0-9"),
    (["--role", "", *BASE], "A-Z a-z 0-9"),
    (["--role", "a.b", *BASE], "role is of"),
    (["--app", "a/b", *BASE], "A-Z a-z 0-9"),
    (["--act", "Connect", *BASE], "act is words"),
    (["--act", "play,play", *BASE], "act is words"),
    (["--act", ",", *BASE], "--act is empty"),
    (["--method", "get", *BASE], "mth is methods"),
    (["--method", "GET", "--method", "GET", *BASE], "mth is methods"),
    (["--origin", "https://chat.example", *BASE], "--origin"),
    (["--origin", "chat.example:8443", *BASE], "--origin"),
    (["--origin", "a_b", *BASE], "--origin"),
    (["--origin", "café.example", *BASE], "--origin"),
    (["--origin", "a,a", *BASE], "org is hosts"),
    (["--ip", "192.0.2.7/24", *BASE], "--ip"),
    (["--ip", "192.0.2.0/0", *BASE], "--ip"),
    (["--ip", "192.0.2.1-192.0.2.9", *BASE], "--ip"),
    (["--ip", "192.0.2.7,192.0.2.8", *BASE], "one network of each family"),
    (["--ip", "2001:db8::1", "--ip", "2001:db8::2", *BASE], "one network of each family"),
    (["--ip", "::ffff:10.0.0.0/8", *BASE], "--ip"),
    (["--ip", "64:ff9b::192.0.2.1", *BASE], "--ip"),
    (["--ip", "fe80::1%eth0", *BASE], "--ip"),
    (["--ip", "chat.example", *BASE], "--ip"),
    (["--ip", "192.0.2.07", *BASE], "--ip"),
    (["--sub", "", *BASE], "--sub"),
    (["--sub", "a\tb", *BASE], "--sub"),
    (["--room", "x" * 193, *BASE], "too long"),
    (["--name", "a\u0085b", *BASE], "--name"),
    (["--name", "x" * 300 + "\n", *BASE], "--name"),
    (["--disposition", "maybe", *BASE], "inline or attachment"),
    (["--rate", "0", *BASE], "rate is a number"),
    (["--rate", "+1", *BASE], "A-Z a-z 0-9"),
    (["--length", "-1", *BASE], "len is a number"),
    (["--length", "1000000000000001", *BASE], "len is a number"),
    (["--type", "image/png", *BASE], "A-Z a-z 0-9"),
    (["--claim", "xnote", *BASE], "xNAME=VALUE"),
    (["--claim", "exp=1893456000", *BASE], "starts with x"),
    (["--claim", "=x", *BASE], "starts with x"),
    (["--claim", "xNote=1", *BASE], "a-z 0-9"),
    (["--claim", "xlongnames=1", *BASE], "up to 7"),
    (["--claim", "xa=", *BASE], "A-Z a-z 0-9"),
    (["--claim", "xa=1~exp.1", *BASE], "A-Z a-z 0-9"),
    (["--claim", "xa=1", "--claim", "xa=2", *BASE], "twice"),
    (["--claim", "xa=" + "x" * 257, *BASE], "too long"),
    (["--claim", "xa=" + "x" * 256, "--claim", "xb=" + "x" * 256, "--claim", "xc=" + "x" * 256,
      "--claim", "xd=" + "x" * 256, *BASE], "1024"),
    (["--carrier", "cookie", *BASE], "query or path"),
    (["--expires", "1h", "--expires", "2h"], "twice"),
])
def test_claims_that_are_not_signed(sign, words, reason):
    assert reason in sign(*words, "/a/b/c.jpg", ends=()).complaint


@pytest.mark.parametrize("bytes_", [b"\xff", b"a\xc3", b"\xed\xa0\x80", b"\xc0\x80"])
@pytest.mark.parametrize("option", ["--sub", "--room", "--name"])
def test_text_that_is_no_utf8_is_refused(sign, option, bytes_):
    told = sign(option.encode(), bytes_, b"/a.jpg")
    assert told.status == 2 and option in told.err and told.out == ""


# ---- claims ------------------------------------------------------------------

@pytest.mark.parametrize("span, seconds", [
    ("30", 30), ("30s", 30), ("15m", 900), ("1h", 3600), ("90d", 7776000), ("4w", 2419200),
])
def test_spans(sign, span, seconds):
    made = dict(claims(token_of(sign("/a", ends=("--expires", span)).line)))
    assert made["exp"] == str(ISSUED + seconds) and made["iat"] == str(ISSUED)


def test_times_in_both_forms(sign):
    plain = sign("/a", ends=("--until", "1893456000")).line
    assert plain == sign("/a", ends=("--until", "2030-01-01T00:00:00Z")).line
    assert "exp.1893456000" in plain
    assert plain == sign("/a", now="2029-12-31T22:00:00Z", ends=("--until", "1893456000")).line


@pytest.mark.parametrize("words, made", [
    (["--ip", "192.0.2.0/24"], [("ip4", "192.0.2.0-24")]),
    (["--ip", "192.0.2.7/32"], [("ip4", "192.0.2.7")]),
    (["--ip", "::ffff:192.0.2.7"], [("ip4", "192.0.2.7")]),
    (["--ip", "::FFFF:192.0.2.7"], [("ip4", "192.0.2.7")]),
    (["--ip", "2001:DB8::/48"], [("ip6", "2001_db8__-48")]),
    (["--ip", "2001:db8::1/128"], [("ip6", "2001_db8__1")]),
    (["--ip", "2001:db8::1,192.0.2.7"], [("ip4", "192.0.2.7"), ("ip6", "2001_db8__1")]),
    (["--origin", "WWW.Chat.example, chat.example"], [("org", "www.chat.example_chat.example")]),
    (["--method", "GET,POST", "--method", "PUT"], [("mth", "GET.POST.PUT")]),
    (["--act", "connect publish"], [("act", "connect.publish")]),
    (["--sub", "Zoë"], [("sub", b64("Zoë"))]),
    (["--room", "a/b ☃"], [("room", b64("a/b ☃"))]),
    (["--claim", "xb=2", "--claim", "xa=1"], [("xb", "2"), ("xa", "1")]),
    (["--claim", "x=1=2"], None),
    (["--type", "image", "--type", "audio"], [("typ", "image.audio")]),
    (["--disposition", "inline"], [("disp", "inline")]),
])
def test_claims_as_they_are_written(sign, words, made):
    if made is None:
        assert sign(*words, "/a").status == 2
    else:
        assert claims(token_of(sign(*words, "/a").line))[4:] == made


def test_claims_stand_in_one_order_whatever_the_options(sign):
    words = ["--claim", "xn=1", "--args", "q", "--type", "image", "--length", "5", "--rate", "7",
             "--disposition", "inline", "--name", "n", "--max", "2", "--id", "i" * 16, "--room",
             "r", "--act", "play", "--app", "p", "--role", "o", "--sub", "u", "--method", "POST",
             "--origin", "h", "--ip", "2001:db8::1", "--ip", "192.0.2.1", "--nbf", str(ISSUED + 1)]
    made = claims(token_of(sign(*words, "/a?q=1").line))
    assert [name for name, _ in made] == [
        "for", "kid", "iat", "exp", "nbf", "ip4", "ip6", "org", "mth", "sub", "role", "app", "act",
        "room", "id", "max", "fn", "disp", "rate", "len", "typ", "args", "xn"]


@pytest.mark.parametrize("given, kept", [
    ("a" * 192, "a" * 192),
    ("a" * 193, "a" * 192),
    ("a" * 300 + ".jpg", "a" * 188 + ".jpg"),
    ("é" * 200 + ".jpg", "é" * 94 + ".jpg"),
    ("☃" * 100 + ".tar.gz", "☃" * 63 + ".gz"),
    ("x" + "☃" * 100 + ".j", "x" + "☃" * 63 + ".j"),
    ("😀" * 60, "😀" * 48),
    ("." + "a" * 300, "." + "a" * 191),
    ("a" * 250 + "." + "e" * 31, "a" * 160 + "." + "e" * 31),
    ("a" * 250 + "." + "e" * 32, "a" * 192),
])
def test_a_long_name_keeps_its_extension(sign, given, kept):
    made = dict(claims(token_of(sign("--name", given, "/a").line)))
    assert made["fn"] == b64(kept)


def test_max_gets_a_random_id(sign):
    ids = {dict(claims(token_of(sign("--max", "1", "/a").line)))["id"] for _ in range(20)}
    assert len(ids) == 20 and all(re.fullmatch(r"[A-Za-z0-9_-]{22}", one) for one in ids)
    own = dict(claims(token_of(sign("--max", "1", "--id", "0123456789abcdef", "/a").line)))
    assert own["id"] == "0123456789abcdef"
    assert "id" not in dict(claims(token_of(sign("/a").line)))


def test_only_a_call_needs_no_end(avcsec, sign, keys):
    url = sign("--purpose", "call", "/x.php", ends=()).line
    assert claims(token_of(url)) == [("for", "call"), ("kid", "k1"), ("iat", str(ISSUED))]
    assert verdict(avcsec, keys, url, "call", now=ISSUED + 10 ** 9) == "ok"
    for purpose in ("file", "upload", "session"):
        assert "--expires" in sign("--purpose", purpose, "/x", ends=()).complaint


def test_only_a_session_token_needs_no_path(avcsec, sign, keys):
    given = ("--purpose", "session", "--id", "0123456789abcdef")
    token = sign(*given, command="token").line
    assert re.fullmatch(TOKEN, token)
    assert token == sign(*given, "/anything", command="token").line
    for purpose in ("file", "upload", "call"):
        assert "path" in sign("--purpose", purpose, command="token").complaint
    told = avcsec("verify", "--key-file", keys, "--purpose", "session", "--now", str(ISSUED),
                  "--header", "Cookie: a=b; __Host-avc=" + token, "/chat/ws")
    assert told.out == "ok\n"


def test_a_session_token_has_an_id_of_its_own_to_be_taken_back_by(sign):
    """A stream key of months is used as often as one likes, and still can be revoked alone."""
    told = [sign("--purpose", "session", "--act", "publish", "--room", "lobby", "--json",
                 command="token", ends=("--expires", "90d")).json for _ in range(2)]
    assert told[0]["id"] != told[1]["id"] and len(told[0]["id"]) == 22
    assert "~id.%s~" % told[0]["id"] in told[0]["token"] and "~max." not in told[0]["token"]


def test_sign_needs_an_address(sign):
    assert "URL or path" in sign().complaint
    assert "one word too many: '/b'" in sign("/a", "/b").complaint


@pytest.mark.parametrize("words, context", [
    (["--ip", "192.0.2.0/24"], ["--client", "192.0.2.9"]),
    (["--ip", "2001:db8::/48"], ["--client", "2001:db8::9"]),
    (["--origin", "chat.example"], ["--header", "Origin: https://chat.example:8443"]),
    (["--origin", "chat.example"], ["--header", "referer: https://chat.example/x"]),
    (["--method", "POST"], ["--method", "POST"]),
    (["--purpose", "upload"], ["--method", "PUT"]),
])
def test_a_bound_link_opens_in_its_context_only(avcsec, sign, keys, words, context):
    url = sign(*words, "/a.jpg").line
    purpose = "upload" if "upload" in words else "file"
    assert verdict(avcsec, keys, url, purpose, *context) == "ok"
    bare = verdict(avcsec, keys, url, purpose, *(["--method", "GET"] if purpose == "upload" else []))
    assert bare == {"--ip": "address", "--origin": "origin"}.get(words[0], "method")


def test_json(sign):
    told = sign("--json", "--carrier", "path", "--max", "3", "/a/b.jpg").json
    assert told["url"] == "/a/~" + told["token"] + "/b.jpg" and told["carrier"] == "path"
    assert (told["purpose"], told["kid"], told["iat"], told["exp"]) == \
        ("file", "k1", ISSUED, ISSUED + 7200)
    assert "~id.%s~" % told["id"] in told["token"]
    bare = sign("--json", "--purpose", "call", "/x.php", command="token", ends=()).json
    assert set(bare) == {"token", "purpose", "kid", "iat"}
