# SPDX-License-Identifier: Apache-2.0
# AvcFilesOpenUntil: links from before AvcFiles hold till a date, for files that are older than the
# line. What came later, a wrong token, a date that is over or too far ahead: closed.
import os
import shutil
import signal
import time

import pytest

from avc import tokens
from avc.httpd import Httpd

DAY = 86400
CONFIG = """
AvcKeyFile "@keys@"
<Directory "@docroot@">
    Options +Includes
    AddOutputFilter INCLUDES .shtml
</Directory>
<Location "/up">
    AvcFiles "@private@"
    AvcFilesOpenUntil @date@
</Location>
"""
PRIVATE = {"old.jpg": "old", "old.html": "<script>", "dir/old.txt": "0123456789", ".hidden": "x"}
PAGES = {"page.shtml": '<!--#include virtual="/up/dir/old.txt" -->'}


def date(days):
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + days * DAY))


@pytest.fixture(scope="module")
def web(serve):
    return serve(CONFIG, docroot=PAGES, private=PRIVATE, date=date(30))


def add(web, name, text="new", changed=None):
    path = os.path.join(web.private, name)
    with open(path, "w") as out:
        out.write(text)
    if changed:
        os.utime(path, (changed, changed))
    os.chmod(path, 0o644)


# SPEC [conf-20]
def test_an_old_link_is_served_as_safely(web):
    answer = web.allowed("/up/old.jpg", shows="old")
    assert answer.get("Content-Type") == "image/jpeg"
    words = answer.words("Cache-Control")
    assert "private" in words and "max-age=3600" in words and "public" not in words
    assert answer.get("X-Content-Type-Options") == "nosniff" and "noindex" in answer.get("X-Robots-Tag")
    assert "sandbox" in answer.get("Content-Security-Policy")
    assert answer.get("Cross-Origin-Resource-Policy") == "same-site"
    page = web.allowed("/up/old.html")
    assert page.get("Content-Disposition").startswith("attachment")
    assert page.get("Content-Type") == "application/octet-stream"
    part = web.allowed("/up/dir/old.txt", headers=[("Range", "bytes=2-4")], status=206)
    assert part.text == "234"
    assert web.allowed("/up/dir/old.txt", "HEAD").get("Content-Length") == "10"
    web.allowed("/up/old.jpg", headers=[("If-None-Match", answer.get("ETag"))], status=304)
    web.allowed("/up/old.jpg?any=argument", shows="old")


def test_what_came_later_is_closed(web):
    add(web, "new.jpg")
    add(web, "forged.jpg", changed=1000000000)  # who unpacks an archive chooses the time of its files
    for name in ("new.jpg", "forged.jpg"):
        web.refused("/up/" + name, "no-token")
        web.allowed(tokens.signed("/up/" + name), shows="new")


def test_another_name_makes_a_file_new(serve_once):
    web = serve_once(CONFIG, private=dict(PRIVATE, **{"linked.jpg": "l", "moved.jpg": "m"}), date=date(30))
    shutil.copy2(os.path.join(web.private, "old.jpg"), os.path.join(web.private, "copy.jpg"))
    os.link(os.path.join(web.private, "linked.jpg"), os.path.join(web.private, "link.jpg"))
    os.rename(os.path.join(web.private, "moved.jpg"), os.path.join(web.private, "renamed.jpg"))
    web.allowed("/up/old.jpg", shows="old")
    for name in ("copy", "link", "linked", "renamed"):
        web.refused("/up/%s.jpg" % name, "no-token")


def test_strangers_do_not_hear_what_is_there(web):
    for name in ("missing.jpg", ".hidden", "dir", "dir/", "", "dir/../old.jpg%00"):
        answer = web.ask("/up/" + name)
        assert answer.status in (403, 404) and "old" not in answer.text
        assert answer.status == 403 or "%00" in name, name
        web.log.disregard("AVC0001: no-token: |AH10244|AH00127|AH0")
    web.refused(tokens.signed("/up/missing.jpg"), "not-found", status=404)


@pytest.mark.parametrize("target", ["/up/a%5C..%5Cold.jpg", "/up/dir/..;/old.jpg", "/up/%7favc"])
def test_paths_that_no_token_could_be_for_are_refused(web, target):
    assert web.ask(target).status == 403
    web.log.claim("AVC000[12]: ")


def test_a_wrong_token_is_refused_as_ever(web):
    right = tokens.token("/up/old.jpg")
    web.refused("/up/old.jpg?avc=" + tokens.tampered(right), "signature")
    web.refused("/up/old.jpg?avc=nonsense", "malformed")
    web.refused("/up/old.jpg?avc=", "malformed")
    web.refused(tokens.signed("/up/old.jpg", expires=-10), "expired", status=410)
    web.refused(tokens.signed("/up/other.jpg").replace("other", "old", 1), "signature")
    web.refused("/up/~%s/old.jpg" % tokens.tampered(tokens.token("/up/old.jpg", dir=1)), "signature")
    session = tokens.token("/", purpose="session")
    web.refused("/up/old.jpg", "purpose", headers=[("Authorization", "Bearer " + session)])
    web.refused("/up/old.jpg", "purpose", headers=[("Cookie", "__Host-avc=" + session)])


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PROPFIND"])
def test_only_reading(web, method):
    web.refused("/up/old.jpg", "no-token", method)


def test_a_part_of_a_page_is_no_link(web):
    assert "0123456789" not in web.ask("/page.shtml").text
    web.log.disregard("AVC0001|unable to include")


def test_each_request_looks_at_the_date(serve_once):
    now = time.time()
    web = serve_once(CONFIG, private=PRIVATE, date=date(100), clock=now + 5)  # later than the files
    web.log.claim("AVC0160: .*more than 90 days ahead", count=None)
    end = (int(now) // DAY + 100) * DAY
    web.set_clock(end - 90 * DAY - 1)
    web.refused("/up/old.jpg", "no-token")
    web.set_clock(end - 90 * DAY)
    web.allowed("/up/old.jpg")
    web.set_clock(end - 100)
    assert "max-age=100" in web.allowed("/up/old.jpg").words("Cache-Control")
    web.set_clock(end)
    web.refused("/up/old.jpg", "no-token")


@pytest.mark.parametrize("days, says", [(0, "is over"), (-400, "is over"), (92, "more than 90 days ahead")])
def test_over_or_far_ahead_is_a_warning_and_closed(serve_once, days, says):
    web = serve_once(CONFIG, private=PRIVATE, date=date(days), begin=False)
    code, printed = web.configtest()
    assert code == 0 and "AVC0160" in printed and says in printed and "line" in printed
    web.start()
    web.log.claim("AVC0160: .*" + says, count=None)
    web.refused("/up/old.jpg", "no-token")
    web.graceful()
    web.log.claim("AVC0160: .*" + says, count=None)


def test_without_a_private_directory_beside_it(serve_once):
    web = serve_once('<Location "/a">\nAvcFilesOpenUntil %s\n</Location>\n<Location "/b">\nAvcFiles "@private@"\n</Location>\n'
                     'AvcKeyFile "@keys@"\n' % date(5), private=PRIVATE)
    web.log.claim("AVC0160: .*beside no AvcFiles", count=None)
    web.refused("/b/old.jpg", "no-token")


# -- since when the line stands

def remembered(web):
    return [name for name in os.listdir(web.state) if name.startswith("open-")]


@pytest.mark.parametrize("mpm", ["event", "prefork"])
def test_no_restart_opens_what_came_since(serve_once, mpm):
    web = serve_once(CONFIG, private=PRIVATE, date=date(30), mpm=mpm)
    add(web, "new.jpg")
    again = [web.graceful, lambda: web.signal(signal.SIGHUP)]
    for restart in again:
        restart()
        web.allowed("/up/old.jpg", shows="old")
        web.refused("/up/new.jpg", "no-token")
    web.stop()
    web.start()
    web.allowed("/up/old.jpg", shows="old")
    web.refused("/up/new.jpg", "no-token")
    assert len(remembered(web)) == 1


def test_another_date_is_no_other_beginning(serve_once):
    web = serve_once(CONFIG, private=PRIVATE, date=date(30))
    add(web, "new.jpg")
    web.write_config(CONFIG.replace("@date@", date(60)))
    web.graceful()
    web.allowed("/up/old.jpg")
    web.refused("/up/new.jpg", "no-token")
    web.write_config(CONFIG.replace("    AvcFilesOpenUntil @date@\n", ""))
    web.graceful()
    web.refused("/up/old.jpg", "no-token")


def test_configtest_remembers_nothing(serve_once):
    web = serve_once(CONFIG, private=PRIVATE, date=date(30), begin=False)
    assert web.configtest()[0] == 0
    assert remembered(web) == []
    add(web, "between.jpg", "between")
    web.start()
    web.allowed("/up/between.jpg", shows="between")


def test_each_place_has_a_beginning_of_its_own(serve_once):
    site = CONFIG.replace("@private@", "@private@/one")
    web = serve_once(site, private={"one/a.jpg": "a", "two/b.jpg": "b"}, date=date(30))
    add(web, "two/c.jpg", "c")
    web.write_config(site + site[site.index("<Location"):].replace("/up", "/more").replace("/one", "/two"))
    web.graceful()
    web.allowed("/up/a.jpg", shows="a")
    web.allowed("/more/c.jpg", shows="c")
    assert len(remembered(web)) == 2


def test_what_cannot_be_remembered_opens_nothing(serve_once):
    web = serve_once(CONFIG, private=PRIVATE, date=date(30), begin=False)
    os.chmod(web.state, 0o700)
    for spoilt in ("not a number\n", "12345", "1 somewhere else\n", ""):
        web.start()
        web.stop()
        (name,) = remembered(web)
        with open(os.path.join(web.state, name), "w") as out:
            out.write(spoilt)
        web.start()
        web.allowed("/up/old.jpg")
        web.stop()


def test_a_beginning_that_is_yet_to_come_is_none(serve_once):
    """A machine that starts without the right time, and has it later, would open what comes till then."""
    web = serve_once(CONFIG, private=PRIVATE, date=date(30), begin=False)
    web.start()
    web.stop()
    (name,) = remembered(web)
    with open(os.path.join(web.state, name)) as old:
        number, where = old.read().split(" ", 1)
    with open(os.path.join(web.state, name), "w") as out:
        out.write("%d %s" % (int(number) + 20 * DAY * 1000000, where))
    web.start()
    add(web, "new.jpg")
    web.allowed("/up/old.jpg", shows="old")
    web.refused("/up/new.jpg", "no-token")


def test_where_nothing_lasts_nothing_is_open(serve_once):
    """The default is out of reach of an ordinary user, and a reboot empties the runtime directory."""
    web = serve_once(CONFIG, private=PRIVATE, date=date(30), has_state=False)
    web.log.claim("AVC0161: .*cannot be remembered", count=None)
    web.log.disregard("AVC0126")
    web.refused("/up/old.jpg", "no-token")
    web.allowed(tokens.signed("/up/old.jpg"), shows="old")


@pytest.mark.parametrize("word", ["", "2030", "31.01.2030", "2030-02-30", "2030-1-31", "2030-01-31T00:00:00Z", "tomorrow",
                                  "2030-01-31 more"])
def test_what_is_no_date_is_refused_with_its_line(word):
    server = Httpd('AvcKeyFile "@keys@"\n<Location "/up">\nAvcFiles "@private@"\nAvcFilesOpenUntil %s\n</Location>\n' % word)
    code, printed = server.configtest()
    assert code != 0 and "AvcFilesOpenUntil" in printed and "line" in printed
