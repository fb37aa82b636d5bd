# SPDX-License-Identifier: Apache-2.0
"""The signers for pages: php, node and python run for real, against the vectors,
against each other, and against a second reading of the token's grammar.

Every test runs in all three languages. Metadata and documents are tested beside it.
"""
import base64
import re
from urllib.parse import quote, unquote, urlsplit

import pytest

import page_jobs as pools
import page_reference as reference
from page_signers import (ALL_KEYS, END, LANGUAGES, NOW, VECTORS, job, page_key, run, run_everywhere)

PURPOSES = ["file", "upload", "call", "session"]
every_language = pytest.mark.parametrize("language", LANGUAGES)


def made(jobs, **env):
    answers = run_everywhere(jobs, **env)
    assert all("made" in a for a in answers), answers
    return [a["made"] for a in answers]


def refused(jobs, **env):
    answers = run_everywhere(jobs, **env)
    assert all("refused" in a for a in answers), [(j, a) for j, a in zip(jobs, answers) if "made" in a]
    return [a["refused"] for a in answers]


def token_of(url):
    return re.search(r"avc1~for\.[A-Za-z0-9._~-]+", url)[0]


def claims_of(url):
    return reference.read(token_of(url))


def text_of(value):
    return reference.b64url(value).decode("utf-8")


# The vectors

OPTION_OF = {"exp": "until", "iat": "now", "nbf": "nbf", "dir": "dir", "mth": "method", "id": "id",
             "max": "max", "role": "role", "app": "app", "act": "act", "disp": "disposition",
             "rate": "rate", "len": "length", "typ": "type"}


def vector_job(vector, call):
    claims = dict(vector["claims"])
    given = {OPTION_OF[name]: value for name, value in claims.items() if name in OPTION_OF}
    given["ip"] = [claims[n].replace("_", ":").replace("-", "/") for n in ("ip4", "ip6") if n in claims]
    given["origin"] = claims.get("org", "").split("_")
    given["claim"] = {n: v for n, v in claims.items() if n.startswith("x")}
    given["args"] = vector["args"]
    for option, claim in (("sub", "sub"), ("room", "room"), ("name", "fn")):
        given[option] = text_of(claims[claim]) if claim in claims else ""
    given = {name: value for name, value in given.items() if value and value != [""]}
    if call == "sign":
        given["force"] = True  # a playlist in the query
    key = page_key(vector["purpose"], vector["kid"], vector["realm"])
    return {"call": call, "path": vector["path"],
            "options": {"key": key, "purpose": vector["purpose"], **given}}


def test_every_signer_makes_every_token_of_the_vectors():
    vectors = VECTORS["vectors"]
    assert len(vectors) == 10
    assert made([vector_job(v, "token") for v in vectors]) == [v["token"] for v in vectors]


# SPEC [command-2]
def test_signed_urls_carry_the_vectors_tokens_behind_the_encoded_path():
    vectors = VECTORS["vectors"]
    queries = ["&".join([f"{n}={v}" for n, v in v["args"]] + ["avc=" + v["token"]]) for v in vectors]
    wanted = [quote(v["path"], safe="/") + "?" + q for v, q in zip(vectors, queries)]
    assert made([vector_job(v, "sign") for v in vectors]) == wanted


# Page keys


# SPEC [pagekey-2]
def test_a_page_key_signs_for_its_own_purpose_and_for_no_other():
    path, end = "/chat/x.php", {"until": NOW + 60}
    for held in PURPOSES:
        others = [p for p in PURPOSES if p != held]
        own = made([job("token", path, key=page_key(held), purpose=held, **end)])
        assert claims_of(own[0])["for"] == held
        messages = refused([job(call, path, key=page_key(held), purpose=p, **end)
                            for p in others for call in ("sign", "token")])
        for message, purpose in zip(messages, [p for p in others for _ in "12"]):
            assert message == (f"no page key for {purpose}, only for {held}: "
                               f"`avcsec pagekey --purpose {purpose}` makes one")


# SPEC [pagekey-3]
def test_the_first_page_key_of_the_purpose_that_has_not_ended_signs():
    ending, lasting = page_key("file", "k3"), page_key("file", "k2")
    both = f"  {page_key('upload')}\n{ending}\t{lasting}\r\n"
    urls = made([job("token", "/a", key=both, now=END - 1, until=END),
                 job("token", "/a", key=both, now=END, until=END + 60),
                 job("token", "/a", key=f"{lasting} {ending}", until=END),
                 job("token", "/a", key=both, purpose="upload", until=END + 60)])
    assert [claims_of(u)["kid"] for u in urls] == ["k3", "k2", "k2", "k1"]


# SPEC [pagekey-2]
def test_no_token_outlives_its_page_key():
    ending = page_key("file", "k3")
    (over,) = refused([job("token", "/a", key=ending, until=END + 1)])
    assert f"which ends at {END}" in over
    (late,) = refused([job("token", "/a", key=f"{ending} {page_key('call')}", now=END, until=END + 5)])
    assert late.startswith("page key for file has ended")


def test_only_well_formed_page_keys_are_taken():
    good, secret = page_key("file"), page_key("file").split("~")[3]
    ended = page_key("file", "k3")
    bad = [good[:-1], good + "A", good[:-1] + "F", good + "=", good.replace("~file~", "~files~"),
           good.replace("avck1", "avck2"), good.replace("~k1~", "~" + "k" * 17 + "~"),
           good.replace("~k1~", "~~"), good.replace("~k1~", "~k.1~"), good + "~", good + "~0",
           good + "~01893450600", good + "~+1893450600", good + "~100000000001", ended + "~1",
           good + "\0", "\u00a0" + good, good.replace(secret, secret.replace("_", "+"))]
    messages = refused([job("token", "/a", key=f"{page_key('call')} {b}", until=NOW + 5) for b in bad])
    assert set(messages) == {"page key 2 is not well-formed: give it as `avcsec pagekey` printed it"}
    made([job("token", "/a", key=good + "~100000000000", until=NOW + 5),
          job("token", "/a", key=good.replace("~k1~", "~" + "k" * 16 + "~"), until=NOW + 5)])


def test_the_environment_gives_the_page_key_and_the_option_goes_first():
    plain = {"call": "token", "path": "/a", "options": {"now": NOW, "until": NOW + 5}}
    own = {**plain, "options": {**plain["options"], "key": page_key("file", "k2")}}
    urls = made([plain, own], AVC_PAGE_KEY=page_key("file"))
    assert [claims_of(u)["kid"] for u in urls] == ["k1", "k2"]
    for env in ({}, {"AVC_PAGE_KEY": ""}, {"AVC_PAGE_KEY": " \n"}):
        assert refused([plain], **env)[0].startswith("no page key: give option key or set AVC_PAGE_KEY")


# Paths


# SPEC [command-3]
@pytest.mark.parametrize("path, more, wanted", [
    ("/chat/room7/a.jpg", {}, "/chat/room7/~{}/a.jpg"),
    ("/a.jpg", {}, "/~{}/a.jpg"),
    ("/chat/", {}, "/chat/~{}/"),
    ("/", {}, "/~{}/"),
    ("/chat/room7/a b.m3u8", {"dir": 1}, "/chat/~{}/room7/a%20b.m3u8"),
    ("/chat/room7/a.MPD", {"dir": 2}, "/chat/room7/~{}/a.MPD"),
    ("/chat/room7/", {"dir": 2}, "/chat/room7/~{}/"),
    ("/chat/index.html", {"force": True}, "/chat/~{}/index.html"),
    ("/chat/room7/a.ts", {"dir": 1, "args": {"a.b": "1", "x": "y z"}}, "/chat/~{}/room7/a.ts?a.b=1&x=y%20z"),
])
def test_a_path_token_stands_behind_its_directory_or_before_the_last_segment(path, more, wanted):
    (url,) = made([job("sign", path, carrier="path", until=NOW + 5, **more)])
    assert url == wanted.format(token_of(url))


# SPEC [command-4]
@pytest.mark.parametrize("name", ["index.html", "INDEX.HTML", "index.htm", "live.m3u8", "live.mpd", "live.M3U8;v=1"])
def test_what_names_others_relatively_takes_a_path_token_only_for_its_directory(name):
    path = "/chat/room7/" + name
    (message,) = refused([job("sign", path, carrier="path", until=NOW + 5)])
    assert message.endswith("give carrier path and dir, or force")
    made([job("sign", path, carrier="path", dir=2, until=NOW + 5),
          job("sign", path, carrier="path", force=True, until=NOW + 5)])


@pytest.mark.parametrize("name", ["live.m3u8", "Live.MPD", "live.m3u8;v=1"])
@pytest.mark.parametrize("more", [{}, {"dir": 1}, {"args": {"id": 7}}, {"carrier": "query"}])
def test_a_playlist_whose_token_its_segments_would_not_have_is_refused(name, more):
    (message,) = refused([job("sign", "/chat/" + name, until=NOW + 5, **more)])
    assert message == ("path names others relatively, which this token would not open: "
                       "give carrier path and dir, or force")
    (url,) = made([job("sign", "/chat/" + name, force=True, until=NOW + 5, **more)])
    assert "?" in url and "avc=" + token_of(url) in url


def test_pages_and_names_that_only_look_like_playlists_are_signed_in_the_query():
    made([job("sign", "/chat/" + name, until=NOW + 5)
          for name in ("index.html", "m3u8", "live.m3u8.jpg", "live.m3u", "a.m3u8/photo.jpg", "amp.d")])


# SPEC [command-5]
@pytest.mark.parametrize("path, held", [
    ("/x.php?id=7", "?"), ("/x?", "?"), ("/a#top", "#"), ("/chat/caf%C3%A9.jpg", "%C3"), ("/a%2fb", "%2f"),
    ("/100%25", "%25"), ("/%7Ea/b", "%7E"), ("/a/%41?#", "%41")])
def test_what_looks_like_an_address_is_refused_unless_it_is_meant(path, held):
    for call in ("sign", "token"):
        for more in ({}, {"literal": False}):
            (message,) = refused([job(call, path, until=NOW + 5, **more)])
            assert message == (f"path holds '{held}': give it decoded, and arguments as option args; "
                               "or give literal, if that is part of a name")
    (url,) = made([job("sign", path, literal=True, until=NOW + 5)])
    assert url.split("?")[0] == quote(path, safe="/")


def test_a_percent_sign_that_begins_no_escape_is_a_name_like_others():
    paths = ["/100 %.jpg", "/a%", "/a%4", "/a%zz/b", "/%%", "/%4x"]
    urls = made([job("sign", path, until=NOW + 5) for path in paths])
    assert [unquote(url.split("?")[0]) for url in urls] == paths


# SPEC [command-5]
@pytest.mark.parametrize("data", [b"/\xff", b"/caf\xe9/\xdcber.jpg", b"/\xc0\xaf", b"/\xed\xa0\x80",
                                  b"/\xf4\x90\x80\x80", b"/\xc3", b"/\x80\x9f", "/é🎥".encode()])
def test_names_are_bytes(data):
    jobs = [job("sign", raw(data), until=NOW + 5), job("sign", raw(data), carrier="path", until=NOW + 5)]
    query, path = made(jobs)
    assert query.split("?")[0] == quote(data, safe="/")
    for url in (query, path):
        assert reference.mac_is_right(token_of(url), ALL_KEYS, quote(data, safe="/"), "")
    # as Python's os gives them
    as_text = data.decode("utf-8", "surrogateescape")
    assert run("python", [job("sign", as_text, until=NOW + 5)]) == [{"made": query}]


def test_a_long_path_is_signed_and_what_is_no_path_is_refused_as_such():
    (url,) = made([job("sign", "/" + "é" * 150000, until=NOW + 5)])
    assert url.startswith("/%C3%A9%C3%A9")
    messages = [a["refused"] for p in ("js", "python") for a in run(p, [
        job("sign", path, until=NOW + 5) for path in (None, 7, True, ["/a"], {"a": "/b"})])]
    assert set(messages) == {"path must be text or bytes"}


@pytest.mark.parametrize("data", [b"", b"a", b"/\xff\x00", b"/\xff\\", b"/\xff//a", b"/..;\xff/a", b"/\xff?"])
def test_bytes_are_checked_as_text_is(data):
    refused([job("sign", raw(data), until=NOW + 5)])


@pytest.mark.parametrize("path, word", [
    ("", "begin with '/'"), ("chat/a.jpg", "begin with '/'"), ("https://chat.example/a", "begin with '/'"),
    ("//a", "empty segment"), ("/a//b", "empty segment"), ("/a//", "empty segment"),
    ("/.", "'.' or '..'"), ("/a/..", "'.' or '..'"), ("/./a", "'.' or '..'"), ("/..;x/a", "'.' or '..'"),
    ("/.;", "'.' or '..'"), ("/a\\b", "backslash"), ("/a\0", "control"), ("/a\n", "control"),
    ("/a\x7fb", "control"), ("/~avc1~x/a", "token already"), ("/a/~avc1~", "token already"),
])
def test_paths_that_the_server_would_refuse_are_refused(path, word):
    for call in ("sign", "token"):
        (message,) = refused([job(call, path, until=NOW + 5)])
        assert message.startswith("path ") and word in message


def test_dir_needs_that_many_segments_each_followed_by_a_slash():
    for path, most in (("/a/b/c.jpg", 2), ("/a/b/", 2), ("/a", 0), ("/", 0), ("/x" * 80, 64)):
        if most:
            made([job("token", path, dir=most, until=NOW + 5)])
        refused([job("token", path, dir=most + 1, until=NOW + 5)])
    refused([job("token", "/a/b", purpose="session", dir=1, until=NOW + 5)])


def test_a_session_needs_no_path_and_signs_none():
    tokens = made([job("token", p, purpose="session", until=NOW + 5) for p in (None, "/", "/a/b.php")])
    assert len(set(tokens)) == 1
    assert refused([job("token", None, until=NOW + 5)]) == ["path must be text or bytes"]


# Arguments


def test_arguments_are_encoded_and_all_signed_in_their_order():
    args = [["q", "a b+c&d=e"], ["t", "é🎥\n"], ["7", "x"], ["empty", ""], ["n", 5]]
    (url,) = made([job("sign", "/play.php", args=args, until=NOW + 5)])
    assert url.split("&avc=")[0] == "/play.php?q=a%20b%2Bc%26d%3De&t=%C3%A9%F0%9F%8E%A5%0A&7=x&empty=&n=5"
    assert claims_of(url)["args"] == "q.t.7.empty.n"


def test_arguments_named_in_unsigned_stay_unsigned():
    args = {"utm_source": "x", "id": "7", "tag[]": "a"}
    some, none, below = made([
        job("sign", "/p", args=args, unsigned=["utm_source", "tag[]", "other"], until=NOW + 5),
        job("sign", "/p", args=args, unsigned=True, until=NOW + 5),
        job("sign", "/d/p", args=args, dir=1, until=NOW + 5)])
    assert claims_of(some)["args"] == "id"
    assert "args" not in claims_of(none) and "args" not in claims_of(below)
    assert {u.split("?")[1].split("&avc=")[0] for u in (some, none, below)} == {
        "utm_source=x&id=7&tag%5B%5D=a"}


# SPEC [args-2]
@pytest.mark.parametrize("args", [
    {"tag[]": "1"}, {"a.b": "1"}, {"a b": "1"}, {"é": "1"}, {"": "1"}, {"a\0": "1"},
    [["id", "1"], ["id", "2"]], {"avc": "1"}, {"avc[]": "1"}, {" avc": "1"}, {"avc\0x": "1"}])
def test_an_argument_that_cannot_be_signed_is_refused_by_name(args):
    (message,) = refused([job("sign", "/p", args=args, until=NOW + 5)])
    name = args[0][0] if isinstance(args, list) else next(iter(args))
    assert message.startswith(f"args: '{name}' ")


@pytest.mark.parametrize("name", ["user.id", "user id", " user_id", "user[id", "user_id[]", "user_id[a]",
                                  "user_id\0x", "user id[.]"])
def test_an_unsigned_argument_that_php_reads_as_a_signed_one_is_refused(name):
    args = [["user_id", "5"], [name, "9"]]
    (message,) = refused([job("sign", "/p", args=args, unsigned=[name], until=NOW + 5)])
    assert message == f"args: PHP reads '{name}' as a signed argument: rename it"


@pytest.mark.parametrize("more", [{"unsigned": True}, {"dir": 1}])
def test_the_tokens_own_argument_name_is_never_taken(more):
    assert "token's own name" in refused([job("sign", "/a/p", args={"avc": "x"}, until=NOW + 5, **more)])[0]


# SPEC [args-3]
def test_a_path_token_signs_no_arguments():
    (message,) = refused([job("sign", "/a/p", carrier="path", args={"id": 1}, until=NOW + 5)])
    assert "can't sign arguments" in message
    made([job("sign", "/a/p", carrier="path", args={"id": 1}, unsigned=["id"], until=NOW + 5)])


# Claims


def test_a_missing_end_is_refused_except_for_calls():
    messages = refused([job("token", "/a", purpose=p) for p in ("file", "upload", "session")])
    assert all(m.startswith("expires or until is needed") for m in messages)
    (call,) = made([job("token", "/a", purpose="call")])
    assert "exp" not in claims_of(call)
    assert refused([job("token", "/a", purpose="call", max=1)]) == ["max needs expires or until"]
    assert refused([job("token", "/a", expires=1, until=NOW + 1)]) == ["expires and until: give one of them"]


@pytest.mark.parametrize("expires, seconds", [
    (1, 1), ("90", 90), ("90s", 90), ("30m", 1800), ("2h", 7200), ("7d", 604800), ("4w", 2419200)])
def test_expires_counts_from_now(expires, seconds):
    assert claims_of(made([job("token", "/a", expires=expires)])[0])["exp"] == str(NOW + seconds)


# SPEC [command-6]
@pytest.mark.parametrize("window, seconds", [("1h", 3600), ("90s", 90), (60, 60), ("1d", 86400)])
def test_a_link_with_a_window_stays_the_same_for_so_long(window, seconds):
    start = NOW - NOW % seconds
    moments = [start, start + 1, start + seconds - 1, start + seconds]
    urls = made([job("sign", "/a.jpg", now=now, expires=600, window=window) for now in moments])
    assert urls[0] == urls[1] == urls[2] != urls[3]
    claims = claims_of(urls[1])
    assert claims["iat"] == str(start) and claims["exp"] == str(start + seconds + 600)
    fixed = made([job("sign", "/a.jpg", now=now, until=start + 90000, window=window) for now in moments[:3]])
    assert len(set(fixed)) == 1 and claims_of(fixed[0])["exp"] == str(start + 90000)


def test_a_window_does_not_reach_beyond_the_key():
    key, hour = page_key("file", "k3"), END - END % 3600
    inside, capped = made([job("sign", "/a", key=key, now=now, expires=60, window=window)
                           for now, window in ((END - 3000, "10m"), (END - 300, "1h"))])
    assert int(claims_of(inside)["exp"]) <= END
    assert claims_of(capped)["exp"] == str(END) and claims_of(capped)["iat"] == str(hour)
    (over,) = refused([job("sign", "/a", key=key, now=END - 30, expires=60, window="1h")])
    assert f"which ends at {END}" in over


def test_a_window_does_not_go_with_what_makes_each_token_another():
    messages = refused([job("token", "/a", expires=60, window=60, **more)
                        for more in ({"max": 1}, {"id": "0123456789abcdef"})])
    assert set(messages) == {"window can't stand beside max or id, which make each token another"}
    assert refused([job("token", "/a", now=100, expires=60, window=101)]) == ["window is too long"]


# SPEC [command-7]
@every_language
def test_the_clock_gives_the_time_of_issue(language):
    import time
    before = int(time.time())
    (answer,) = run(language, [{"call": "token", "path": "/a", "options": {"key": ALL_KEYS, "expires": "1h"}}])
    claims = claims_of(answer["made"])
    assert before <= int(claims["iat"]) <= time.time()
    assert int(claims["exp"]) == int(claims["iat"]) + 3600


@every_language
def test_max_gets_a_random_id_unless_one_is_given(language):
    jobs = [job("token", "/a", expires=60, max=3)] * 20
    claims = [claims_of(a["made"]) for a in run(language, jobs)]
    assert len({c["id"] for c in claims}) == 20 and {len(c["id"]) for c in claims} == {22}
    (own,) = run(language, [job("token", "/a", expires=60, max=3, id="0123456789abcdef")])
    assert claims_of(own["made"])["id"] == "0123456789abcdef"


@pytest.mark.parametrize("ip, claims", [
    ("192.0.2.0/24", {"ip4": "192.0.2.0-24"}), ("192.0.2.7", {"ip4": "192.0.2.7"}),
    ("192.0.2.7/32", {"ip4": "192.0.2.7"}), ("::ffff:192.0.2.7", {"ip4": "192.0.2.7"}),
    ("2001:DB8::/48", {"ip6": "2001_db8__-48"}), ("::1/128", {"ip6": "__1"}),
    (["2001:db8::/48", "192.0.2.0/24"], {"ip4": "192.0.2.0-24", "ip6": "2001_db8__-48"})])
def test_addresses_become_the_claim_of_their_family(ip, claims):
    got = claims_of(made([job("token", "/a", ip=ip, expires=60)])[0])
    assert {n: v for n, v in got.items() if n.startswith("ip")} == claims


@pytest.mark.parametrize("name, wanted", [
    ("x" * 192, "x" * 192),
    ("x" * 193, "x" * 192),
    ("x" * 300 + ".jpeg", "x" * 187 + ".jpeg"),
    ("é" * 150 + ".mp4", "é" * 94 + ".mp4"),
    ("日" * 100, "日" * 64),
    ("🎥" * 60 + ".m", "🎥" * 47 + ".m"),
    ("." + "x" * 300, "." + "x" * 191),
    ("x" * 200 + "." + "y" * 31, "x" * 160 + "." + "y" * 31),
    ("x" * 200 + "." + "y" * 32, "x" * 192)], ids=lambda name: f"{len(name)} characters")
def test_long_file_names_are_shortened_between_characters_and_keep_their_extension(name, wanted):
    (token,) = made([job("token", "/a", name=name, expires=60)])
    assert text_of(claims_of(token)["fn"]) == wanted


def test_a_token_that_would_be_too_long_is_refused():
    long = {"sub": "x" * 192, "room": "x" * 192, "app": "x" * 256}
    made([job("token", None, purpose="session", expires=60, **long)])
    (message,) = refused([job("token", None, purpose="session", expires=60, role="x" * 256, **long)])
    assert "more than 1024 characters" in message


def test_an_option_that_is_unknown_or_has_no_value_is_refused():
    assert refused([job("sign", "/a", ips="192.0.2.7", expires=60), job("token", "/a", carrier="path", expires=60),
                    job("sign", "/a", ip=None, expires=60)]) == [
        "there is no option 'ips' here", "there is no option 'carrier' here",
        "ip has no value: leave it out, or give one"]


# Each language against the others

BUILTINS = list(pools.single_jobs())


def test_every_good_value_is_taken_and_every_bad_one_refused_everywhere():
    answers = run_everywhere([one for _, _, one in BUILTINS])
    assert len(answers) > 400
    for (name, good, one), answer in zip(BUILTINS, answers):
        assert ("made" in answer) == good, (one, answer)
        if good:
            reference.read(token_of(answer["made"]))
        elif one["options"][name] is not None and name not in ("key", "claim", "args"):
            assert answer["refused"].startswith(name), (one, answer)


def test_random_options_give_the_same_bytes_or_the_same_refusal_everywhere():
    jobs = pools.random_jobs(600)
    answers = run_everywhere(jobs)
    signed = [(j, a["made"]) for j, a in zip(jobs, answers) if "made" in a]
    assert len(signed) > 150 and len(jobs) - len(signed) > 150
    assert len({a["refused"] for a in answers if "refused" in a}) > 25
    for one, url in signed:
        check_made(one, url)


def check_made(one, url):
    """A made URL or token is well-formed, and its mac fits the path and query that arrive."""
    token = token_of(url)
    if one["call"] == "token":
        assert url == token
        options = one["options"]
        canonical = quote(one["path"], safe="/")
        args = options.get("args", {})
        pairs = args.items() if isinstance(args, dict) else args
        query = "&".join(f"{quote(str(n), safe='')}={quote(str(v), safe='')}" for n, v in pairs)
    else:
        parts = urlsplit(url)
        canonical = parts.path.replace(f"/~{token}", "", 1)
        query = parts.query
        assert unquote(canonical) == one["path"]
    assert reference.mac_is_right(token, one["options"]["key"], canonical, query), url


def test_no_message_holds_a_page_key():
    jobs = [one for _, _, one in BUILTINS] + pools.random_jobs(200, seed=8)
    secrets = [k["page_key"].split("~")[3] for k in VECTORS["page_keys"]]
    answers = run_everywhere(jobs)
    assert not [a for a in answers if any(s[:10] in a.get("refused", "") for s in secrets)]


# What only one language can get wrong


def raw(data):
    return {"$bytes": base64.b64encode(data).decode()}


@pytest.mark.parametrize("data", [b"/\xff", b"/\xc0\xaf", b"/\xed\xa0\x80", b"/\xf4\x90\x80\x80", b"/\xc3"])
def test_php_refuses_bytes_that_are_not_utf8_but_in_paths(data):
    bad = raw(data)
    jobs = [job("sign", "/a", sub=bad, expires=60),
            job("sign", "/a", name=bad, expires=60), job("sign", "/a", args={"a": bad}, expires=60),
            job("sign", "/a", args=[[bad, "a"]], expires=60), job("sign", "/a", ip=bad, expires=60),
            job("sign", "/a", claim={"xa": bad}, expires=60), job("sign", "/a", unsigned=[bad], expires=60)]
    assert [a["refused"].endswith("UTF-8") or a["refused"].endswith("whole number") for a in run("php", jobs)] \
        == [True] * len(jobs)


@pytest.mark.parametrize("language", ["js", "python"])
def test_lone_surrogates_are_refused(language):
    for bad in ("\ud800", "a\udfff", "\udc00\ud800"):
        jobs = [job("sign", "/" + bad, expires=60), job("sign", "/a", sub=bad, expires=60),
                job("sign", "/a", name=bad, expires=60), job("sign", "/a", args={"a": bad}, expires=60),
                job("sign", "/a", args={bad: "a"}, unsigned=True, expires=60)]
        assert ["refused" in a for a in run(language, jobs)] == [True] * len(jobs)


def test_php_keys_that_became_integers_are_names_again():
    (url,) = made([job("sign", "/a", args={"7": "x", "12": "y"}, expires=60)])
    assert claims_of(url)["args"] == "7.12"
