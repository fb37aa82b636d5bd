# SPDX-License-Identifier: Apache-2.0
# What a part of a page asks for is one use of the client's request for the page, of a token of any
# purpose: begun before anything of that part is sent, given back if the part is answered 4xx or
# 5xx; look-ups are none. A token that was taken back opens no part either.
import secrets
import subprocess
import threading

import pytest

from avc import backend as behind
from avc import settings, tokens
from avc.httpd import USUAL
from avc.redis import Redis, next_second

SECRET = "PRIVATE-PART"
OTHERS = ["127.0.0.%d" % n for n in range(5, 15)]
RUNS = {"event": "cgid", "worker": "cgid", "prefork": "cgi"}
CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
AvcMediaServerProof token
AddType text/html .shtml
AddOutputFilter INCLUDES .shtml
ProxyPass "/session/back" "http://127.0.0.1:@back@/x"
ProxyPass "/signed/back" "http://127.0.0.1:@back@/x"
ProxyPass "/call/back" "http://127.0.0.1:@back@/x"
<Location "/session">
    AvcSessionFor connect
</Location>
<Location "/signed">
    AvcSignedURL On
</Location>
<Location "/call">
    AvcMediaServerOnly On
</Location>
<Location "/files">
    AvcFiles "@private@"
</Location>
<Location "/logged">
    AvcSignedURL On
    AvcEnforce Log
</Location>
"""
DIRECTORY = "Options +Includes +ExecCGI\nAddHandler cgi-script .cgi\nAllowOverride All\nRequire all granted"
FIRST = {"session": "/session/", "file": "/signed/", "call": "/call/"}


def page(*elements):
    return "before " + " ".join("<!--#%s -->" % element for element in elements) + " after"


def include(path):
    return 'include virtual="%s"' % path


def files():
    pages = {}
    for purpose, below in FIRST.items():
        pages.update({
            below[1:] + "a.txt": SECRET, below[1:] + "b.txt": "OTHER",
            below[1:] + "a.cgi": ("mode", 0o755, "#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n%s'" % SECRET),
            below[1:] + "bad.cgi": ("mode", 0o755, "#!/bin/sh\nprintf 'Status: 404 No\\r\\nContent-Type: text/plain"
                                                   "\\r\\n\\r\\nnothing'"),
            below[1:] + "none.cgi": ("mode", 0o755, "#!/bin/sh\nexit 1\n"),
            below[1:] + "page.shtml": page(include(below + "a.txt")),
            "open/%s.shtml" % purpose: page(include(below + "a.txt")),
            "open/%s-script.shtml" % purpose: page(include(below + "a.cgi")),
            "open/%s-twice.shtml" % purpose: page(include(below + "a.txt"), include(below + "b.txt"),
                                                  include(below + "a.cgi")),
            "open/%s-look.shtml" % purpose: page('fsize virtual="%sa.txt"' % below, 'flastmod virtual="%sa.txt"' % below),
            "open/%s-behind.shtml" % purpose: page(include(below + "back")),
            "open/%s-missing.shtml" % purpose: page(include(below + "missing.txt")),
            "open/%s-bad.shtml" % purpose: page(include(below + "bad.cgi")),
            "open/%s-none.shtml" % purpose: page(include(below + "none.cgi")),
            "open/%s-bad-good.shtml" % purpose: page(include(below + "bad.cgi"), include(below + "a.txt")),
            "open/%s-good-bad.shtml" % purpose: page(include(below + "a.txt"), include(below + "bad.cgi")),
            "open/%s-nested.shtml" % purpose: page(include("/open/%s.shtml" % purpose)),
        })
    pages["open/files.shtml"] = page(include("/files/a.txt"))
    pages["open/files-missing.shtml"] = page(include("/files/none.txt"))
    pages["open/logged.shtml"] = page(include("/logged/a.txt"))
    pages["logged/a.txt"] = SECRET
    return pages


@pytest.fixture(scope="module")
def backend():
    server = behind.Backend()
    yield server
    server.close()


@pytest.fixture(scope="module")
def redis():
    with Redis() as server:
        yield server


@pytest.fixture(scope="module", params=["file event", "redis event", "file worker", "file prefork"])
def web(request, serve, backend, redis):
    store, mpm = request.param.split()
    server = serve(CONFIG + ("AvcStore %s\n" % redis.url if store == "redis" else ""), mpm=mpm,
                   modules=USUAL + ["include", RUNS[mpm]], docroot=files(), private={"a.txt": SECRET},
                   directory=DIRECTORY, back=backend.port)
    if store == "redis":
        next_second()
    return server


def limited(purpose, path, uses=1, **how):
    how.setdefault("id", secrets.token_hex(12))
    if uses:
        how["max"] = uses
    if purpose == "session":
        return path + "?avc=" + tokens.token("/", purpose="session", **how)
    return tokens.signed(path, purpose=purpose, **how)


def ask(web, target, source=OTHERS[0], method="GET", headers=()):
    answer = web.ask(target, method, headers, source=source)
    web.log.disregard(r"AH\d+: |unable to include|End of script output|AVC\d{4}: (used-up|no-token|revoked): ")
    return answer


def see(web, target, sources=OTHERS[:3], what=SECRET):
    return [what in ask(web, target, source).text for source in sources]


PURPOSES = sorted(FIRST)


# SPEC [use-9]
@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("kind", ["", "-script", "-nested"])
def test_exactly_one_gets_it(web, purpose, kind):
    assert see(web, limited(purpose, "/open/%s%s.shtml" % (purpose, kind))) == [True, False, False]
    assert see(web, limited(purpose, "/open/%s%s.shtml" % (purpose, kind), 2)) == [True, True, False]


def test_a_private_file_as_a_part(web):
    assert see(web, limited("file", "/open/files.shtml")) == [True, False, False]
    target = limited("file", "/open/files-missing.shtml", dir=1)
    assert see(web, target) == [False, False, False]
    web.log.disregard("AVC0017: not-found: ")
    assert see(web, target.replace("files-missing", "files")) == [True, False, False]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_several_parts_are_one_use(web, purpose):
    target = limited(purpose, "/open/%s-twice.shtml" % purpose)
    answer = ask(web, target)
    assert answer.text.count(SECRET) == 2 and "OTHER" in answer.text, answer
    assert see(web, target, OTHERS[1:3]) == [False, False]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_page_that_asks_itself_and_its_part_are_one_use(web, purpose):
    """Of a session, reading the page alone would be none."""
    target = limited(purpose, FIRST[purpose] + "page.shtml")
    assert SECRET in ask(web, target).text
    assert see(web, target, OTHERS[1:3]) == [False, False]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_the_client_of_a_files_use_may_come_back(web, purpose):
    target = limited(purpose, "/open/%s.shtml" % purpose)
    assert see(web, target, OTHERS[:1] * 3) == [True] + [purpose == "file"] * 2


# SPEC [use-9]
@pytest.mark.parametrize("purpose", PURPOSES)
def test_looking_is_no_use(web, purpose):
    target = limited(purpose, "/open/%s-look.shtml" % purpose)
    for source in OTHERS[:4]:
        answer = ask(web, target, source)
        assert "error" not in answer.text, answer


# SPEC [use-9]
@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("kind", ["missing", "bad", "none"])
def test_a_part_that_fails_gives_it_back(web, purpose, kind):
    who = secrets.token_hex(12)
    fails = limited(purpose, "/open/%s-%s.shtml" % (purpose, kind), id=who, **({} if purpose == "session" else {"dir": 1}))
    works = fails.replace("-%s.shtml" % kind, ".shtml")
    for source in OTHERS[:3]:
        assert ask(web, fails, source).status == 200
    assert see(web, works, OTHERS[3:6]) == [True, False, False]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_parts_behind_a_proxy(web, backend, purpose):
    target = limited(purpose, "/open/%s-behind.shtml" % purpose)
    for status in (404, 503, 500, 409):
        backend.answers["/x"] = (status, [], b"nothing")
        ask(web, target)
    backend.answers["/x"] = (200, [], SECRET.encode())
    assert see(web, target, OTHERS[3:6]) == [True, False, False]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_part_that_was_sent_is_a_use_whatever_the_others_do(web, purpose):
    for kind in ("bad-good", "good-bad"):
        target = limited(purpose, "/open/%s-%s.shtml" % (purpose, kind))
        assert see(web, target) == [True, False, False], kind


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_head_gets_no_part_and_uses_none_but_of_a_call(web, purpose):
    target = limited(purpose, "/open/%s.shtml" % purpose)
    for source in OTHERS[:3]:
        assert ask(web, target, source, "HEAD").status == 200
    assert see(web, target, OTHERS[3:5]) == [purpose != "call", False]


def test_a_page_that_is_fetched_ahead_comes_without_and_is_not_kept(web):
    target = limited("file", "/open/file.shtml")
    for source in OTHERS[:3]:
        answer = ask(web, target, source, headers=[("Sec-Purpose", "prefetch")])
        assert answer.status == 200 and SECRET not in answer.text, answer
        assert answer.words("Cache-Control") == ["no-store"], answer
    assert see(web, target, OTHERS[3:5]) == [True, False]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_of_many_who_race_one_wins(web, purpose):
    target = limited(purpose, "/open/%s.shtml" % purpose)
    got = []
    threads = [threading.Thread(target=lambda source: got.append(SECRET in web.ask(target, source=source).text),
                                args=(source,)) for source in OTHERS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    web.log.disregard(r"AH\d+: |unable to include|AVC\d{4}: used-up: ")
    assert sorted(got) == [False] * (len(OTHERS) - 1) + [True]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_refused_part_is_told_in_one_line(web, purpose):
    target = limited(purpose, "/open/%s-twice.shtml" % purpose)
    web.allowed(target)
    answer = web.ask(target, source=OTHERS[1])
    assert answer.status == 200 and SECRET not in answer.text
    line, = web.log.claim(r"AVC0013: used-up: ")
    assert FIRST[purpose] in line
    assert answer.words("Cache-Control") == ["no-store"]
    web.log.disregard(r"AH\d+: |unable to include")
    assert web.logged("%s-twice.shtml" % purpose)[-1].count("reason=used-up")


def test_under_log_a_part_counts_and_comes(web):
    target = limited("file", "/open/logged.shtml")
    assert SECRET in web.ask(target, source=OTHERS[0]).text
    web.log.assert_quiet()
    assert SECRET in web.ask(target, source=OTHERS[1]).text
    web.log.claim(r"AVC0013: used-up: .* would be refused")


@pytest.mark.redis
@pytest.mark.parametrize("uses", [None, 5])
@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_token_that_redis_took_back_opens_no_part(serve_once, redis, backend, purpose, uses):
    web = serve_once(CONFIG + "AvcStore %s\n" % redis.url, modules=USUAL + ["include", "cgid"], docroot=files(),
                     private={"a.txt": SECRET}, directory=DIRECTORY, back=backend.port)
    next_second()
    who = secrets.token_hex(12)
    for kind in ("", "-script"):
        target = limited(purpose, "/open/%s%s.shtml" % (purpose, kind), uses, id=who + kind)
        assert see(web, target, OTHERS[:1]) == [True]
        subprocess.run([settings.tool(), "revoke", "--store", redis.url, "--id", who + kind], check=True,
                       stdout=subprocess.DEVNULL)
        for method in ("GET", "HEAD", "GET"):
            answer = web.ask(target, method, source=OTHERS[0])
            assert answer.status == 200 and SECRET not in answer.text, answer
            web.log.disregard(r"AH\d+: |unable to include|AVC\d{4}: revoked: ")


@pytest.mark.redis
def test_a_redis_that_is_away_opens_no_part(serve_once, backend):
    with Redis() as redis:
        web = serve_once(CONFIG + "AvcStore %s\n" % redis.url, modules=USUAL + ["include", "cgid"], docroot=files(),
                         private={"a.txt": SECRET}, directory=DIRECTORY, back=backend.port)
        next_second()
        for purpose in PURPOSES:
            assert see(web, limited(purpose, "/open/%s.shtml" % purpose)) == [True, False, False]
        redis.kill()
        for purpose in PURPOSES:
            answer = web.ask(limited(purpose, "/open/%s.shtml" % purpose))
            assert answer.status == 200 and SECRET not in answer.text, answer
        web.log.disregard(r"AH\d+: |unable to include|AVC0110: |AVC\d{4}: store: ")


# -- error pages

@pytest.mark.parametrize("place, purpose", [("AvcSignedURL On", "file"), ("AvcSessionFor connect", "session")])
def test_an_error_page_that_is_protected_is_httpds_own(serve_once, place, purpose):
    """Who had used a token up went on reading there, and a script of that name went on running."""
    web = serve_once('AvcKeyFile "@keys@"\nAddOutputFilter INCLUDES .shtml\nAddType text/html .shtml\n'
                     '<Location "/x">\n%s\nErrorDocument 403 /x/error.shtml\nErrorDocument 404 /x/error.shtml\n'
                     '</Location>\n' % place, modules=USUAL + ["include"], directory=DIRECTORY,
                     docroot={"x/a.txt": "content", "x/error.shtml": page(include("/x/a.txt"))})
    target = limited(purpose, "/x/a.txt", **({"dir": 1} if purpose == "file" else {}))
    assert web.ask(target, "GET" if purpose == "file" else "POST", source=OTHERS[0]).text == "content"
    answer = web.ask(target, "GET" if purpose == "file" else "POST", source=OTHERS[1])
    assert answer.status == 403 and "before" not in answer.text and "content" not in answer.text, answer
    web.log.claim("AVC0013: used-up: ")
    fresh = limited(purpose, "/x/none.txt", **({"dir": 1} if purpose == "file" else {}))
    for source in OTHERS[:3]:
        answer = web.ask(fresh, source=source)
        assert answer.status == 404 and "before" not in answer.text and "content" not in answer.text, answer
    web.log.assert_quiet()
    web.refused("/x/a.txt", "no-token")
