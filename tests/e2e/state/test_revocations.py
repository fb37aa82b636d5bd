# SPDX-License-Identifier: Apache-2.0
# Tokens that are taken back: by id, by user, by key, by the time they were issued; within 15
# seconds in a server that runs, and a bad file takes nothing back and loses nothing.
import contextlib
import os
import secrets
import shutil
import signal
import stat
import time

import pytest

from avc import tokens

CONFIG = """
AvcKeyFile "@keys@"
AvcRevocations "@root@/conf/revoked"
<Location "/signed">
    AvcSignedURL On
</Location>
"""
LATER = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400))


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def write(web, text, mode=0o600):
    web.write_secret("conf/revoked", text, mode)


@pytest.fixture
def web(serve_once):
    server = serve_once(CONFIG, docroot={"signed/a.txt": "content"}, begin=False)
    write(server, "")
    return server.start()


def link(**claims):
    return tokens.signed("/signed/a.txt", **claims)


def test_each_way_of_taking_back(web):
    number, user = secrets.token_hex(12), tokens.text_claim("Zo\u00eb")
    by_id, by_user, by_key = link(id=number), link(sub=user), link(kid="k2")
    old, undated, fresh = link(issued=-100), link(issued=None), link()
    for each in (by_id, by_user, by_key, old, undated, fresh):
        web.allowed(each)
    write(web, "# taken back\nid %s until=%s\nsub %s until=%s\nkid k2 until=%s\nall before=%s until=%s\n"
          % (number, LATER, user, LATER, LATER, stamp(-50), LATER))
    web.looked()
    for each in (by_id, by_user, by_key, old, undated):
        assert web.ask(each).status == 403
    web.log.disregard(r"AVC\d{4}: revoked: |AVC0109: ")
    web.allowed(fresh)
    web.allowed(link(id=secrets.token_hex(12), sub=tokens.text_claim("Bob")))


def test_an_expired_token_is_expired_before_it_is_revoked(web):
    write(web, "kid k1 until=%s\n" % LATER)
    web.looked()
    assert web.ask(link()).status == 403
    web.log.disregard(r"AVC\d{4}: revoked: |AVC0109: ")
    web.refused(link(expires=-5), "expired", status=410)


def test_entries_that_are_over_take_nothing_back(web):
    write(web, "kid k1 until=%s\nkid k2 until=%s\n" % (stamp(-5), LATER))
    web.looked()
    assert web.ask(link(kid="k2")).status == 403
    web.log.disregard(r"AVC\d{4}: revoked: |AVC0109: ")
    web.allowed(link())


@pytest.mark.parametrize("bad", ["kid k2\n", None])
def test_a_bad_file_is_reported_once_and_the_old_list_stays(web, bad):
    write(web, "kid k2 until=%s\n" % LATER)
    web.looked()
    assert web.ask(link(kid="k2")).status == 403
    if bad is None:
        os.unlink(os.path.join(web.root, "conf", "revoked"))
    else:
        write(web, bad)
    web.looked(times=2)
    web.log.claim("AVC0108: ")
    web.graceful()
    assert web.ask(link(kid="k2")).status == 403
    web.log.disregard(r"AVC\d{4}: revoked: |AVC010[89]: ")
    web.allowed(link())


@pytest.mark.parametrize("text, mode", [("kid k2\n", 0o600), ("", 0o666), ("kid k2 until=2030-01-01", 0o600)])
def test_a_cold_start_fails_on_a_bad_file(serve_once, text, mode):
    web = serve_once(CONFIG, docroot={"signed/a.txt": "content"}, begin=False)
    write(web, text, mode)
    status, printed = web.configtest()
    assert status != 0 and "AvcRevocations" in printed and "AVC0101" in printed, printed
    with pytest.raises(AssertionError, match="AVC0101"):
        web.start()
    web.log.disregard("AVC0101|AH00014|AH00016|AH00020")


# -- a file that is not there

STARTERS = ["user", pytest.param("root", marks=pytest.mark.root)]


def without_file(serve_once, starter="user", **how):
    how.setdefault("docroot", {"signed/a.txt": "content"})
    web = serve_once(CONFIG, begin=False, started_by="root" if starter == "root" else None, **how)
    if starter == "root":
        shutil.chown(os.path.join(web.root, "conf"), "root")
    return web


def path_of(web):
    return os.path.join(web.root, "conf", "revoked")


def is_made(web):
    made = os.stat(path_of(web))
    return (stat.S_IMODE(made.st_mode), made.st_size) == (0o600, 0)


# SPEC [conf-27]
@pytest.mark.parametrize("starter", STARTERS)
def test_a_start_makes_it_and_says_so_and_configtest_only_says_so(serve_once, starter):
    web = without_file(serve_once, starter)
    status, printed = web.configtest()
    assert status == 0 and "AVC0124" in printed and "is not there: a start makes it" in printed, printed
    assert not os.path.exists(path_of(web))
    web.start()
    web.log.claim("AVC0124: AvcRevocations .*/conf/revoked was not there, and was made")
    assert is_made(web) and os.stat(path_of(web)).st_uid == os.stat(web.state).st_uid
    web.allowed(link())
    web.write_secret("conf/revoked", "kid k1 until=%s\n" % LATER)
    web.looked(2)
    web.log.claim("AVC0109: ")
    web.refused(link(), "revoked")


def test_it_may_lie_in_the_state_directory_that_the_same_start_makes(serve_once):
    web = serve_once(CONFIG.replace("@root@/conf/revoked", "@state@/deep/revoked"), begin=False, has_state=False,
                     docroot={"signed/a.txt": "content"}, outside='AvcStateDir "@state@/deep"')
    status, printed = web.configtest()
    assert status == 0 and "AVC0124" in printed and not os.path.exists(web.state + "/deep"), printed
    web.start()
    web.log.claim("AVC0124: ")
    assert os.path.exists(web.state + "/deep/revoked")
    web.allowed(link())


@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
@pytest.mark.parametrize("how", [signal.SIGUSR1, signal.SIGHUP])
def test_a_reload_that_names_it_first_makes_it(serve_once, mpm, how):
    """The order in which README shows it: the line, a graceful restart, then the first revocation."""
    web = serve_once(CONFIG.replace("AvcRevocations", "#"), docroot={"signed/a.txt": "content"}, mpm=mpm)
    web.write_config(CONFIG)
    web.signal(how)
    web.log.claim("AVC0124: ")
    assert is_made(web)
    web.allowed(link())


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o1777])
def test_it_is_made_in_no_directory_that_others_may_write(serve_once, mode):
    web = without_file(serve_once)
    os.chmod(os.path.join(web.root, "conf"), mode)
    status, printed = web.configtest()
    assert status != 0 and "cannot make it" in printed and "written by others" in printed, printed
    with pytest.raises(AssertionError, match="cannot make it"):
        web.start()
    web.log.disregard("AVC0101|AH00014|AH00016|AH00020")
    assert not os.path.exists(path_of(web))


@pytest.mark.root
def test_on_a_read_only_disk_configtest_says_what_a_start_would(serve_once):
    """A container whose file system cannot be written; a capability does not help there."""
    web = without_file(serve_once, "root")
    conf = os.path.join(web.root, "conf")
    web.mounts = [(conf, conf)]
    web.wrapped = ["sh", "-c", "mount -o remount,bind,ro '%s' && exec \"$@\"" % conf, "sh"]
    status, printed = web.configtest()
    assert status != 0 and "AVC0101" in printed and "cannot make it" in printed, printed
    assert "Read-only file system" in printed, printed


@pytest.mark.root
@pytest.mark.parametrize("is_there", [True, False])
def test_somebody_else_who_tests_the_configuration_is_only_warned(serve_once, is_there):
    web = without_file(serve_once, "root")
    if is_there:
        write(web, "")
    web.started_by = None
    status, printed = web.configtest()
    assert status == 0 and "AVC0101" not in printed and "AvcRevocations" in printed, printed
    assert is_there or not os.path.exists(path_of(web))
    web.started_by = "root"


def test_what_lies_there_instead_is_never_replaced(serve_once):
    for thing in ("dangling link", "directory", "fifo"):
        web = without_file(serve_once)
        if thing == "dangling link":
            os.symlink("none", path_of(web))
        elif thing == "directory":
            os.mkdir(path_of(web))
        else:
            os.mkfifo(path_of(web))
        assert web.configtest()[0] != 0
        with pytest.raises(AssertionError, match="AVC0101"):
            web.start()
        web.log.disregard("AVC0101|AH00014|AH00016|AH00020")
        assert os.path.lexists(path_of(web)) and not os.path.isfile(path_of(web))


# -- a file that had lines

def take_away(web):
    os.unlink(path_of(web))


def empty(web):
    write(web, "")


def leave_comments(web):
    write(web, "# nothing to see here\n\n")


def leave_what_is_over(web):
    write(web, "kid k2 until=%s\n" % stamp(-50))


LOSSES = [take_away, empty, leave_comments, leave_what_is_over]


@pytest.fixture
def with_line(serve_once):
    web = serve_once(CONFIG, docroot={"signed/a.txt": "content"}, begin=False)
    write(web, "kid k2 until=%s\n" % LATER)
    web.start()
    web.refused(link(kid="k2"), "revoked")
    return web


# SPEC [conf-27]
@pytest.mark.parametrize("lose", LOSSES)
def test_a_start_does_not_forget_what_was_taken_back(with_line, lose):
    web = with_line
    web.stop()
    lose(web)
    status, printed = web.configtest()
    remembered = [name for name in os.listdir(web.state) if name.startswith("revoked-")]
    assert status != 0 and LATER in printed and remembered[0] in printed, printed
    with pytest.raises(AssertionError, match="AVC0101"):
        web.start()
    web.log.disregard("AVC0101|AH00014|AH00016|AH00020")
    write(web, "kid k2 until=%s\n" % LATER)
    web.start()
    web.refused(link(kid="k2"), "revoked")
    web.stop()
    # Whoever knows better does what the line says.
    lose(web)
    os.unlink(os.path.join(web.state, remembered[0]))
    web.start()
    web.log.disregard("AVC0124: ")
    web.allowed(link(kid="k2"))


# SPEC [conf-27]
@pytest.mark.parametrize("lose", LOSSES)
@pytest.mark.parametrize("how", ["by itself", signal.SIGUSR1, signal.SIGHUP])
def test_a_server_that_runs_keeps_the_list(with_line, lose, how):
    web = with_line
    with web.unwatched() if how != "by itself" else contextlib.nullcontext():
        lose(web)
        if how == "by itself":
            web.looked(2)
        else:
            web.signal(how)
        lines = web.log.claim("AVC0108: AvcRevocations .*; the list read before stays", count=None)
    assert lose is take_away or "has no lines any more" in lines[0]
    web.refused(link(kid="k2"), "revoked")
    assert not os.path.exists(path_of(web)) or lose is not take_away
    write(web, "kid k1 until=%s\n" % LATER)
    web.looked(2)
    web.log.disregard("AVC010[89]: ")
    web.refused(link(), "revoked")
    web.allowed(link(kid="k2"))


def test_what_was_remembered_is_over_with_its_time(serve_once):
    start = int(time.time())
    web = serve_once(CONFIG, docroot={"signed/a.txt": "content"}, begin=False, clock=start)
    write(web, "kid k2 until=%s\n" % stamp(60))
    web.start()
    web.refused(link(kid="k2", now=start), "revoked")
    web.stop()
    empty(web)
    assert web.configtest()[0] != 0
    web.clock = start + 70
    web.set_clock(web.clock)
    assert web.configtest() == (0, "Syntax OK\n")
    web.start()
    web.allowed(link(kid="k2", now=start + 70))


def test_one_line_less_is_believed(with_line):
    web = with_line
    later = stamp(86400 * 7)
    write(web, "kid k2 until=%s\nkid k1 until=%s\n" % (LATER, later))
    web.looked(2)
    web.log.claim("AVC0109: ")
    web.refused(link(), "revoked")
    write(web, "kid k1 until=%s\n" % later)
    web.looked(2)
    web.log.claim("AVC0109: ")
    web.allowed(link(kid="k2"))
    web.stop()
    web.start()
    web.allowed(link(kid="k2"))


# -- restarts

@pytest.mark.parametrize("bad", ["bad line", "not its last newline", "others may write", "a directory", "a link"])
@pytest.mark.parametrize("how", [signal.SIGUSR1, signal.SIGHUP])
def test_a_reload_whose_first_list_is_bad_lets_no_token_in_and_goes_on(serve_once, bad, how):
    web = serve_once(CONFIG.replace("AvcRevocations", "#"), docroot={"signed/a.txt": "a", "open.txt": "open"})
    if bad == "a directory":
        os.mkdir(path_of(web))
    elif bad == "a link":
        os.symlink(web.keys, path_of(web))
    else:
        write(web, {"bad line": "kid k2\n", "not its last newline": "kid k2 until=%s" % LATER}.get(bad, ""),
              0o666 if bad == "others may write" else 0o600)
    web.write_config(CONFIG)
    assert web.configtest()[0] != 0
    web.signal(how)
    web.log.claim("AVC0108: AvcRevocations .*; tokens of its sites are answered 503 until it can be read")
    web.allowed("/open.txt", shows="open")
    answer = web.ask(link())
    assert (answer.status, answer.get("Retry-After") is not None) == (503, True), answer
    web.log.claim("AVC0019: store: ")
    if bad == "a directory":
        os.rmdir(path_of(web))
    write(web, "")
    web.looked(2)
    web.log.disregard("AVC010[89]: ")
    web.allowed(link(), shows="a")


@pytest.mark.parametrize("verb", ["graceful", "restart", "stop", "graceful-stop"])
def test_the_admins_commands_work_with_a_bad_file(with_line, verb):
    web = with_line
    with web.unwatched():
        write(web, "kid k2\n")
        before = web.generations()
        status, printed = web.control(verb)
        assert status == 0, printed
        if verb in ("graceful", "restart"):
            web.wait_generation(before + 1)
            web.log.claim("AVC0108: ")
            web.refused(link(kid="k2"), "revoked")
    if "stop" in verb:
        web.wait_stopped()
    web.log.disregard("AH00492|AH00491|AVC0108: ")


def test_a_store_in_redis_and_no_state_directory_ask_for_no_more(serve_once):
    """Where the default is out of reach, the runtime directory remembers."""
    web = without_file(serve_once, has_state=False)
    write(web, "kid k2 until=%s\n" % LATER)
    web.start()
    web.log.claim("AVC0126: ")
    web.refused(link(kid="k2"), "revoked")
    web.stop()
    take_away(web)
    assert web.configtest()[0] != 0
