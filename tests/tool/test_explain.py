# SPDX-License-Identifier: Apache-2.0
# avcsec explain: what a site's owner sees who pastes a link that does not work.
import re

import pytest

from conftest import ISSUED, TOKENS


@pytest.fixture
def explain(avcsec, keys):
    def run(*words, now=ISSUED, key=True):
        return avcsec("explain", *(["--key-file", keys] if key else []), "--now", str(now), *words)
    return run


def rows(text):
    """The claims as printed: name to (value, words)."""
    found = {}
    for line in text.splitlines():
        shape = re.fullmatch(r"  ([a-z0-9]{1,8}) +(\S+)(?: {2,}(.*))?", line)
        if shape and not line.startswith("  |"):
            found[shape[1]] = (shape[2], shape[3] or "")
    return found


def test_a_right_link(sign, explain):
    url = sign("https://chat.example/a/b.jpg?size=small#top").line
    told = explain(url)
    assert told.status == 0 and told.err == ""
    assert told.out.startswith("Right: nothing refuses it.\n")
    seen = rows(told.out)
    assert seen["for"] == ("file", "opens reading a file or stream")
    assert seen["exp"] == (str(ISSUED + 7200), "ends 2030-01-01T00:00:00Z, in 2 hours")
    assert seen["iat"][1] == "issued 2029-12-31T22:00:00Z, 0 seconds ago"
    assert seen["mac"] == ("*", "right")
    assert seen["site"][0] == "https://chat.example" and seen["path"][0] == "/a/b.jpg"
    for line in ("avcsec-v1", "/a/b.jpg", "size=small"):
        assert "  | %s\n" % line in told.out
    assert url[-47:-4] not in told.out


def test_without_a_key_all_but_the_signature_is_judged(sign, explain):
    url = sign("/a.jpg").line
    told = explain(url, key=False)
    assert told.status == 0 and told.out.startswith("Nothing refuses it so far.\n")
    assert "not checked: no key was given" in told.out
    forged = url[:-43] + "B" * 42 + "A"
    assert explain(forged, key=False).status == 0
    told = explain(forged)
    assert told.status == 1 and told.out.startswith("Refused: signature (403)\n")
    late = explain(url, key=False, now=ISSUED + 7200)
    assert late.status == 1 and late.out.startswith("Refused: expired (410)\n")
    assert "ended 2030-01-01T00:00:00Z, 0 seconds ago" in late.out


def test_the_right_mac_of_a_wrong_link_is_never_shown(sign, explain):
    right = sign("/a.jpg").line
    wrong = right[:-43] + "A" * 43
    for words in ([], ["--json"]):
        told = explain(*words, wrong)
        assert told.status == 1 and right[-43:] not in told.out and right[-43:-20] not in told.out


# SPEC [claim-13]
@pytest.mark.parametrize("old, new, at", [
    ("~exp.", "~exp.0", "exp"),
    ("~ip4.192.0.2.0-24", "~ip4.192.0.2.1-24", "ip4"),
    ("~role.admin", "~role.admin~role.admin", "role"),
    ("~role.admin", "~roles.admin", "roles"),
    ("~role.admin", "~role.", "role"),
    ("~xn.1", "~xn.1~xn.2", "xn"),
    ("~xn.1", "~xn.1~~", ""),
    ("~role.admin", "~role", "role"),
])
@pytest.mark.parametrize("key", [True, False])
def test_a_malformed_token_shows_where(sign, explain, old, new, at, key):
    url = sign("--ip", "192.0.2.0/24", "--role", "admin", "--claim", "xn=1", "/a.jpg").line
    assert old in url
    told = explain(url.replace(old, new), key=key)
    assert told.status == 1 and told.out.startswith("Refused: malformed (403)\n")
    marked = [line for line in told.out.splitlines() if line.endswith("<-- here")]
    assert len(marked) == 1 and marked[0].split("<--")[0].split(" " * 3)[0].strip().startswith(at)
    data = explain("--json", url.replace(old, new), key=key).json["tokens"][0]
    assert data["claims"][data["bad_claim"] - 1]["name"] == at


@pytest.mark.parametrize("break_it, text", [
    (lambda url: url[:-5], "Behind ~mac. stand 38 characters; a mac has 43."),
    (lambda url: url + ").", "Behind ~mac. stand 45 characters; a mac has 43."),
    (lambda url: url + "&avc=x", "more than one avc"),
    (lambda url: url.replace("~", "%257E"), "percent-encoded twice"),
    (lambda url: url.replace("avc=", "avc%3D"), "as if it were a value"),
    (lambda url: url.replace("&", "&amp;"), "escaped for HTML"),
    (lambda url: url.replace("avc1~for", "AVC1~for"), "upper case"),
    (lambda url: url.replace("for.file", "for.files"), "file, upload, call or session"),
    (lambda url: url.replace("/b.jpg", "/%2e%2e;/b.jpg"), "dots"),
    (lambda url: url.replace("size=small&", ""), "is missing in the query"),
    (lambda url: url.replace("avc=", "acv="), "no token"),
    (lambda url: url.replace("size=small", "size=small&size=big"), "The argument: size"),
])
def test_what_links_suffer_is_named(sign, explain, break_it, text):
    url = break_it(sign("/a/b.jpg?size=small&more=2").line)
    told = explain(url)
    assert told.status == 1, told.out
    flat = " ".join(told.out.split())
    assert text in flat


@pytest.mark.parametrize("given, become, text", [
    ("/a/b", "/a/b/", "without the slash at its end"),
    ("/a/b/", "/a/b", "with a slash at its end"),
    ("/a%20b", "/a%2520b", "encoded it twice"),
    ("/a%2520b", "/a%20b", "decoded it on the way"),
    ("/a?x=1%202", "/a?x=1+2", "'%20' for '+'"),
    ("/a?x=1+2", "/a?x=1%202", "'+' for '%20'"),
    ("/a?x=%2b", "/a?x=%2B", "lower-case escapes"),
    ("/a?x=%2B", "/a?x=%2b", "upper-case escapes"),
    ("/a?x=%2B", "/a?x=%252B", "the query is decoded once more"),
    ("/a?x=1", "/a?x=2", None),
])
def test_a_wrong_signature_is_guessed_at(sign, explain, given, become, text):
    url = sign(given).line.replace(given, become)
    told = explain(url)
    assert told.out.startswith("Refused: signature (403)\n")
    flat = " ".join(told.out.split())
    assert (text in flat) if text else "Here:" not in flat


def test_bare_tokens(sign, explain):
    session = sign("--purpose", "session", "--sub", "Zoë", "--room", "café", command="token").line
    for form in (session, "~" + session, session.replace("~", "%7E"), " %s\n" % session,
                 '"%s"' % session):
        told = explain(form)
        assert told.status == 0 and told.out.startswith("Right"), told.out
        assert 'user "Zoë"' in told.out and 'in room or stream "café"' in told.out
        assert "  | *\n" in told.out
    assert explain(session[:-43] + "A" * 43).out.startswith("Refused: signature")
    for words in (["--dir", "3"], ["--args", "x,y"]):
        token = sign(*words, "/a/b/c/d?x=1&y=2", command="token").line
        told = explain(token)
        assert told.status == 0 and "give the URL that it came with" in told.out
        assert "not known here" in told.out
        assert explain(token, now=ISSUED + 7200).out.startswith("Refused: expired")


@pytest.mark.parametrize("around", [
    "GET %s HTTP/1.1",
    '"GET %s HTTP/1.1"',
    '192.0.2.7 - alice [31/Dec/2029:22:00:00 +0000] "GET %s HTTP/1.1" 403 199 "-" "curl/8"',
    '2001:db8::7 - - [31/Dec/2029:22:00:00 +0000] "GET %s HTTP/2.0" 403 199 "https://x/" "Moz"',
    'chat.example:443 192.0.2.7 - - [x] "GET %s HTTP/1.1" 403 199',
])
@pytest.mark.parametrize("carrier", ["query", "path"])
def test_lines_of_an_access_log(sign, explain, around, carrier):
    url = sign("--carrier", carrier, "/b/a.jpg").line
    masked = re.sub(r"mac\.[A-Za-z0-9_-]{43}", "mac.*", url)
    told = explain(around % masked)
    assert told.status == 0, told.out
    assert "the log has taken the mac out" in told.out and rows(told.out)["by"][0] == "GET"
    assert explain(around.replace("GET", "POST") % masked).out.startswith("Refused: method")
    assert explain(around % masked, now=ISSUED + 7200).out.startswith("Refused: expired")
    # A whole mac is judged as ever.
    assert explain(around % url).out.startswith("Right")


def test_the_client_of_a_log_line_counts(sign, explain):
    masked = re.sub(r"mac\..*", "mac.*", sign("--ip", "192.0.2.7", "/a.jpg").line)
    line = '%s - - [x] "GET ' + masked + ' HTTP/1.1" 403 1'
    assert explain(line % "192.0.2.7").status == 0
    assert explain(line % "192.0.2.8").out.startswith("Refused: address (403)")
    assert explain(line % "host.example").status == 0


def test_several_tokens_are_explained_each(explain):
    upload = "~avc1~for.upload~kid.k1~iat.1893448800~exp.1893456000~dir.1~mac." \
        "c-a44U0vY_xVx2BNpto7Qs0UAV9r1ptaUn9UrrkrXFU"
    file = "~avc1~for.file~kid.k1~iat.1893448800~exp.1893456000~dir.1~mac." \
        "HNRkjtaqF5GUwfr9fN5OE4kFEzgbghMlaAbynVt5moo"
    told = explain("--json", "/chat/%s/%s/a.jpg" % (upload, file)).json
    assert [one["signature"] for one in told["tokens"]] == ["right", "right"]
    assert told["verdict"] == "ok" and told["path"] == "/chat/a.jpg"
    broken = upload[:-1] + "A"
    told = explain("--json", "/chat/%s/%s/a.jpg" % (broken, file)).json
    assert [one["verdict"] for one in told["tokens"]] == ["signature", "ok"]
    assert told["verdict"] == "signature"
    assert explain("/chat/%s/%s/a.jpg" % (file, file)).out.startswith("Refused: malformed")


def test_a_path_token_that_another_one_goes_before(sign, explain):
    path = sign("--carrier", "path", "--expires", "1s", "/a/b.jpg", ends=()).line
    both = path + "?" + sign("/a/b.jpg").line.split("?")[1]
    told = explain("--json", both, now=ISSUED + 60).json
    assert [(one["carrier"], one["counts"], one["verdict"]) for one in told["tokens"]] == \
        [("query", True, "ok"), ("path", False, "ok")]
    assert "comes first" in explain(both, now=ISSUED + 60).out
    wrong = both.replace("/b.jpg", "/c.jpg")
    assert explain(wrong).status == 1


def test_a_page_key_is_never_repeated(avcsec, explain):
    word = TOKENS["page_keys"][0]["page_key"]
    for form in (word, "~" + word, word.replace("~", "%7E")):
        told = explain(form).complaint
        assert word.split("~")[3] not in told
    told = explain("/a?avc=" + word)
    assert told.status == 1 and "secret" in told.out


@pytest.mark.parametrize("word", ["", "a.jpg", "hello world", "GET", "GET x HTTP/1.1", "https://"])
def test_what_is_nothing_to_explain(explain, word):
    assert "log" in explain(word).complaint


def test_terminals_are_not_obeyed(explain):
    for words in ([], ["--json"]):
        told = explain(*words, "/a\x1b[2J?avc=avc1~for.file~kid.k1\x1b]0;x\x07~exp.1~mac.x&q=\x9b")
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f\x9b]", told.out)


def test_very_long_input(explain):
    assert explain("/" + "a" * 60000).status == 1
    told = explain("/a?avc=avc1~for.file~kid.k1" + "~x.1" * 5000)
    assert told.out.startswith("Refused: malformed")
    assert explain("/" + "/".join(["~avc1~x"] * 500)).out.startswith("Refused: malformed")


def test_defaults_are_said(sign, explain):
    seen = rows(explain(sign("--purpose", "call", "/x.php", ends=()).line).out)
    assert seen["exp"] == ("-", "never ends")
    seen = rows(explain(sign("--purpose", "session", command="token").line).out)
    assert seen["act"] == ("-", "may connect, play")
    seen = rows(explain(sign("--purpose", "upload", "/x.php").line).out)
    assert seen["mth"] == ("-", "only for methods POST, PUT, PATCH, HEAD, DELETE")


def test_a_key_option_without_a_key_is_not_passed_over(avcsec, sign):
    url = sign("/a").line
    assert "give the key" in avcsec("explain", "--realm", "r", url).complaint
    assert "give the key" in avcsec("explain", "--kid", "k1", url).complaint


PLAYLIST = "the playlist was signed, its segments were not"


@pytest.mark.parametrize("target, hint", [
    ("/live/seg1.ts", PLAYLIST), ("https://chat.example/live/720p/index.m3u8", PLAYLIST),
    ("/photo.jpg", None), ("/live/a.mp4", None)])
def test_what_a_playlist_names_and_came_without_a_token(explain, target, hint):
    told, read = explain("--json", target), explain(target)
    assert told.status == 1 and told.json["verdict"] == "no-token"
    assert (told.json["hint"] is not None) == (hint is not None)
    assert ("It looks as if" in read.out) == (hint is not None)
    if hint:
        assert hint in told.json["hint"] and "--carrier path and --dir" in " ".join(read.out.split())


def test_a_segment_with_its_playlists_token(sign, explain):
    url = sign("--force", "/live/index.m3u8").line
    assert PLAYLIST in explain("--json", url.replace("index.m3u8", "seg1.ts")).json["hint"]
    assert explain("--json", url).json["hint"] is None


def test_a_film_whose_link_ended_and_a_name_with_marks(sign, explain):
    url = sign("/film.mp4").line
    assert "let the link of a film last" in explain("--json", url, now=ISSUED + 9000).json["hint"]
    url = sign("/caf%C3%A9.jpg").line
    assert "(NFC) and decomposed (NFD" in explain("--json", url.replace("%C3%A9", "e%CC%81")).json["hint"]


def test_a_link_with_text_behind_it(sign, explain):
    url = sign("/photo.jpg").line
    assert "Text stands behind its mac" in explain("--json", url + "%22%3E").json["hint"]
    assert "the link was cut" in explain("--json", url[:-5]).json["hint"]
