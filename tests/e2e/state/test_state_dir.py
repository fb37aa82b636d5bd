# SPDX-License-Identifier: Apache-2.0
# Where what must last lies: the state directory, who makes it and who may write there; and the file
# of the store, which never takes the place of anything else.
import os
import re
import shutil
import signal
import socket
import stat
import time

import pytest

from avc import settings, tokens, webhooks
from avc.httpd import port_is_free
from avc.redis import Redis, next_second
from avc.settings import until

SIGNED = 'AvcKeyFile "@keys@"\n<Location "/signed">\nAvcSignedURL On\n</Location>\n'
DOCROOT = {"signed/a.txt": "content"}
OTHERS = ["127.0.0.%d" % n for n in range(5, 15)]
STARTERS = ["user", pytest.param("root", marks=pytest.mark.root)]


def limited(uses=1, **how):
    return tokens.limited("/signed/a.txt", uses, **how)


def server(serve_once, starter="user", **how):
    how.setdefault("docroot", DOCROOT)
    return serve_once(SIGNED, begin=False, started_by="root" if starter == "root" else None, **how)


def refused_at_the_start(web, *words):
    """configtest says it and a start, in one line with all the words; neither changes anything."""
    status, printed = web.configtest()
    line = next((line for line in printed.splitlines() if "AVC0101" in line), printed)
    assert status != 0 and all(word in line for word in words), printed
    with pytest.raises(AssertionError, match="AVC0101"):
        web.start()
    web.log.claim("AVC0101: .*" + words[0], count=None)
    web.log.disregard("AH00016|AH00020|AH00014|AVC0101")


def counts(web, used=0):
    link = limited(used + 2)
    web.allowed(link, source=OTHERS[0])
    web.allowed(link, source=OTHERS[1])
    if not used:
        web.refused(link, "used-up", source=OTHERS[2])
    return link


# -- the directory

@pytest.mark.parametrize("starter", STARTERS)
def test_a_start_makes_the_directory_for_its_user_alone(serve_once, starter):
    web = server(serve_once, starter, has_state=False, outside='AvcStateDir "@state@/deep"')
    assert web.configtest() == (0, "Syntax OK\n")
    assert not os.path.exists(web.state + "/deep")
    web.start()
    made = os.stat(web.state + "/deep")
    assert (stat.S_IMODE(made.st_mode), made.st_uid) == (0o700, os.stat(web.state).st_uid)
    link = counts(web)
    web.stop()
    assert os.listdir(web.state + "/deep") == ["uses"]
    web.start()
    web.refused(link, "used-up", source=OTHERS[3])


def test_a_relative_store_lies_in_the_directory(serve_once):
    web = server(serve_once, outside="AvcStore file:other:1024")
    web.start()
    counts(web)
    assert os.listdir(web.state) == ["other"]
    assert web.configtest() == (0, "Syntax OK\n")


def others_may_write(path):
    os.chmod(path, 0o777)


def its_group_may_write(path):
    os.chmod(path, 0o770)


def sticky(path):
    os.chmod(path, 0o1777)


def a_file(path):
    os.rmdir(path)
    with open(path, "w"):
        pass


def a_dangling_link(path):
    os.rmdir(path)
    os.symlink("nowhere", path)


@pytest.mark.parametrize("spoil, word", [
    (a_dangling_link, "is a symbolic link that leads nowhere"), (others_may_write, "can be written by others"), (its_group_may_write, "can be written by others"),
    (sticky, "can be written by others"), (a_file, "is no directory")])
@pytest.mark.parametrize("starter", STARTERS)
def test_a_directory_that_is_not_guarded_is_refused(serve_once, spoil, word, starter):
    web = server(serve_once, starter)
    spoil(web.state)
    refused_at_the_start(web, "AvcStateDir", "/state", word)
    if os.path.isdir(web.state):
        assert not os.listdir(web.state)


def test_a_directory_whose_parent_is_missing_or_everybodys_is_not_made(serve_once):
    for parent, word in (("none", "No such file"), ("open", "can be written by others")):
        web = server(serve_once, has_state=False, outside='AvcStateDir "@root@/%s/deep"' % parent)
        if parent == "open":
            os.mkdir(web.root + "/open")
            os.chmod(web.root + "/open", 0o777)
            settings.give(web.root + "/open")
        refused_at_the_start(web, "AvcStateDir", parent, word)
        assert not os.path.exists(web.root + "/%s/deep" % parent)


@pytest.mark.root
def test_a_directory_of_somebody_else_is_refused(serve_once):
    web = server(serve_once, "root")
    shutil.chown(web.state, settings.USER)
    refused_at_the_start(web, "AvcStateDir", "belongs neither to root nor to")


@pytest.mark.parametrize("line", ["AvcStateDir state", "AvcStateDir /a /b", 'AvcStateDir ""', "AvcStateDir"])
def test_what_is_no_absolute_path_is_refused(serve_once, line):
    web = server(serve_once, outside=line)
    status, printed = web.configtest()
    assert status != 0 and "AvcStateDir" in printed, printed


@pytest.mark.parametrize("line", ['AvcStateDir "/var/lib/x"', "AvcStore file:x"])
def test_they_stand_outside_virtual_hosts(serve_once, line):
    web = server(serve_once, outside="<VirtualHost *:1>\nServerName v\n%s\n</VirtualHost>" % line)
    status, printed = web.configtest()
    assert status != 0 and "outside virtual hosts" in printed, printed


def test_without_key_file_and_revocations_nothing_is_made_and_nothing_asked(serve_once):
    web = serve_once("", keys=None, has_state=False, docroot={"a.txt": "open"},
                     outside='AvcStateDir "@root@/none/such"')
    web.allowed("/a.txt", shows="open")
    assert not os.path.exists(web.root + "/none")


# -- the default

@pytest.mark.root
def test_by_default_roots_server_has_it_in_var_lib(serve_once):
    web = server(serve_once, "root", has_state=False)
    os.mkdir(web.root + "/lib")
    web.mounts = [(web.root + "/lib", "/var/lib")]
    assert web.configtest() == (0, "Syntax OK\n")
    assert not os.listdir(web.root + "/lib")
    web.start()
    link = counts(web)
    web.stop()
    (name,) = os.listdir(web.root + "/lib")
    # Its runtime directory is not the machine's: no other server has this one.
    assert re.fullmatch("avcsec-[0-9a-f]{8}", name)
    made = os.stat(web.root + "/lib/" + name)
    assert (stat.S_IMODE(made.st_mode), made.st_uid, os.listdir(web.root + "/lib/" + name)) == (
        0o700, 0, ["uses"])
    web.start()
    web.refused(link, "used-up", source=OTHERS[3])


@pytest.mark.root
def test_servers_side_by_side_have_directories_of_their_own(serve_once):
    """Debian runs several from one package; with one store, the second would not start."""
    both = [server(serve_once, "root", has_state=False) for _ in range(2)]
    os.mkdir(both[0].root + "/lib")
    for web in both:
        web.mounts = [(both[0].root + "/lib", "/var/lib")]
        web.start()
        counts(web)
    assert len(os.listdir(both[0].root + "/lib")) == 2


def test_where_the_default_is_out_of_reach_the_server_starts_and_says_so(serve_once):
    """No upgrade takes a site down: what lay in the runtime directory before, lies there."""
    web = server(serve_once, has_state=False)
    status, printed = web.configtest()
    assert status == 0 and "AVC0102" in printed and "/avcsec" in printed, printed
    web.start()
    lines = web.log.claim("AVC0126: AvcStateDir /.*/avcsec-[0-9a-f]{8} .*/run/avcsec.uses, which a reboot may empty")
    assert "AvcStateDir" in lines[0]
    link = counts(web)
    web.graceful()
    web.log.claim("AVC0126: ")
    web.refused(link, "used-up", source=OTHERS[3])
    web.stop()
    web.start()
    web.log.claim("AVC0126: ")
    web.refused(link, "used-up", source=OTHERS[3])
    web.stop()
    # What was counted there is in no store of the state directory, new or old.
    web.has_state = True
    web.write_config()
    web.start()
    web.log.claim("AVC0122: AvcStore .*/state/uses was not in use while uses were counted in the runtime")
    web.refused(link, "used-up", source=OTHERS[3])
    assert not os.path.exists(web.root + "/run/avcsec.uses")


# -- the file

THINGS = ["key file", "page", "log", "empty file", "directory", "link to a store", "dangling link", "fifo",
          "socket", "device", "short mark"]


def put(web, thing, path):
    if thing == "key file":
        shutil.copy2(web.keys, path)
    elif thing == "directory":
        os.mkdir(path)
    elif thing == "link to a store":
        with open(path + ".real", "w") as out:
            out.write("avcsec uses\n\0\0\0\0" + "x" * 5000)
        os.symlink(path + ".real", path)
    elif thing == "dangling link":
        os.symlink(path + ".none", path)
    elif thing == "fifo":
        os.mkfifo(path)
    elif thing == "socket":
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
    elif thing == "device":
        os.symlink("/dev/null", path)
    else:
        with open(path, "w") as out:
            out.write({"page": "<?php echo 1;", "log": "[Sat] started\n" * 1000, "empty file": "",
                       "short mark": "avcsec uses\n"}[thing])
    settings.give(os.path.dirname(path))


def seen(path):
    it = os.lstat(path)
    content = None
    if stat.S_ISREG(it.st_mode):
        with open(path, "rb") as file:
            content = file.read()
    return it.st_ino, it.st_mode, content


# SPEC [conf-28]
@pytest.mark.parametrize("thing", THINGS)
def test_the_store_takes_nobodys_place(serve_once, thing):
    web = server(serve_once, outside='AvcStore "file:@root@/mine/thing"')
    os.mkdir(web.root + "/mine")
    path = web.root + "/mine/thing"
    put(web, thing, path)
    before = seen(path), sorted(os.listdir(web.root + "/mine"))
    refused_at_the_start(web, "AvcStore", "/mine/thing", " is ")
    assert (seen(path), sorted(os.listdir(web.root + "/mine"))) == before


@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.parametrize("how", ["graceful", "restart"])
def test_a_server_that_runs_counts_on_where_it_did(serve_once, thing, how):
    web = server(serve_once)
    web.start()
    link = limited(2)
    web.allowed(link, source=OTHERS[0])
    os.mkdir(web.root + "/mine")
    path = web.root + "/mine/thing"
    put(web, thing, path)
    before = seen(path)
    web.outside = 'AvcStore "file:@root@/mine/thing"'
    web.write_config()
    assert web.configtest()[0] != 0
    web.signal(signal.SIGUSR1 if how == "graceful" else signal.SIGHUP)
    web.log.claim("AVC0123: AvcStore .*/mine/thing is .*; uses are counted in .*/state/uses as before")
    web.allowed(link, source=OTHERS[1])
    web.refused(link, "used-up", source=OTHERS[2])
    assert seen(path) == before
    web.stop()
    web.outside = ""
    web.write_config()
    web.start()
    web.refused(link, "used-up", source=OTHERS[2])


# SPEC [conf-26]
@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
@pytest.mark.parametrize("starter", STARTERS)
def test_a_restart_without_a_place_for_the_store_counts_on(serve_once, mpm, starter):
    web = server(serve_once, starter, mpm=mpm)
    web.start()
    link = limited(4)
    web.allowed(link, source=OTHERS[0])
    web.outside = 'AvcStore "file:@root@/none/such"'
    web.write_config()
    for number, client in ((signal.SIGUSR1, 1), (signal.SIGHUP, 2), (signal.SIGUSR1, 3)):
        web.signal(number)
        web.log.claim("AVC0123: AvcStore .*/none/such .*No such file or directory; uses are counted in")
        web.allowed(link, source=OTHERS[client])
    web.refused(link, "used-up", source=OTHERS[4])


def test_what_was_never_counted_is_not_open_when_its_store_cannot_be_had(serve_once):
    """A server without keys gets a key file and a store that can't be, at once."""
    web = serve_once("", keys=None, docroot=dict(DOCROOT, **{"open.txt": "open"}))
    web.write_keys(tokens.KEY_FILE)
    web.outside = 'AvcStore "file:@root@/none/such"'
    web.write_config(SIGNED)
    web.graceful()
    web.log.claim("AVC0123: AvcStore .*; nothing can be counted: tokens with max are answered 503")
    web.allowed("/open.txt", shows="open")
    web.allowed(tokens.signed("/signed/a.txt"), shows="content")
    answer = web.ask(limited())
    assert (answer.status, answer.get("Retry-After") is not None) == (503, True)
    web.log.claim("AVC0019: store: ")
    os.mkdir(web.root + "/none")
    settings.give(web.root + "/none")
    web.graceful()
    web.allowed(limited(issued=1), shows="content")


def test_no_temporary_file_of_anybody_is_removed(serve_once):
    web = server(serve_once, outside='AvcStore "file:@root@/mine/uses"')
    os.mkdir(web.root + "/mine")
    with open(web.root + "/mine/uses.new", "w") as out:
        out.write("an editor's")
    settings.give(web.root + "/mine")
    web.start()
    counts(web)
    web.stop()
    web.start()
    with open(web.root + "/mine/uses.new") as there:
        assert there.read() == "an editor's"
    assert sorted(os.listdir(web.root + "/mine")) == ["uses", "uses.new"]


def test_a_limit_on_the_size_of_files_ends_no_server(serve_once):
    """Whoever goes over it is killed, if nobody looks before."""
    web = server(serve_once, entries=None)
    web.wrapped = ["prlimit", "--fsize=3000000"]
    status, printed = web.configtest()
    assert status == 0 and "AVC0102" in printed and "ulimit -f" in printed, printed
    web.start()
    web.log.claim("AVC0128: AvcStore .*ulimit -f")
    link = limited(2)
    web.allowed(link, source=OTHERS[0])
    web.graceful()
    web.allowed(link, source=OTHERS[1])
    web.refused(link, "used-up", source=OTHERS[2])
    os.kill(web.process.pid, signal.SIGTERM)
    web.wait_stopped()
    web.log.disregard("AH00169")
    web.log.claim("AVC0128: AvcStore .*ulimit -f")


def test_somebody_else_who_tests_the_configuration_is_only_warned(serve_once):
    web = server(serve_once, "root" if settings.AS_ROOT else "user")
    if settings.AS_ROOT:
        web.start()
        web.started_by = None
        status, printed = web.configtest()
        assert status == 0 and "AVC0101" not in printed and "AVC0102" in printed, printed
        web.started_by = "root"


# -- clocks

def crash(web):
    os.killpg(web.process.pid, signal.SIGKILL)
    web.process.wait()
    until(lambda: port_is_free(web.port))


def test_a_clock_that_goes_back_after_a_crash_gives_nothing_back(serve_once):
    start = int(time.time()) + 10000
    web = server(serve_once, clock=start)
    web.start()
    web.set_clock(start + 3000)
    web.looked(2)
    web.log.poll()
    link = limited(now=start + 3000)
    web.allowed(link, source=OTHERS[0])
    crash(web)
    web.clock = start + 100
    web.start()
    web.log.disregard("AH00098")
    web.log.claim("AVC0122: ")
    web.log.claim("AVC0125: AvcStore .*/uses: the clock was set back by 2900 seconds")
    web.refused(limited(now=start + 100), "used-up")
    web.set_clock(start + 3000)
    web.refused(link, "used-up", source=OTHERS[1])
    web.set_clock(start + 3200)
    web.allowed(limited(now=start + 3200))


def test_a_clock_that_is_set_back_is_noticed_and_counts_go_on(serve_once):
    start = int(time.time())
    web = server(serve_once, clock=start)
    web.start()
    link = limited(2, now=start, expires=5000)
    web.allowed(link, source=OTHERS[0])
    web.set_clock(start + 1000)
    web.looked(2)
    web.set_clock(start + 10)
    web.looked(2)
    web.log.claim("AVC0125: AvcStore .*/uses: the clock was set back by 990 seconds: .*remove this file")
    web.looked(3)
    web.allowed(link, source=OTHERS[1])
    web.refused(link, "used-up", source=OTHERS[2])
    web.set_clock(start + 1001)
    web.looked(2)
    web.set_clock(start + 500)
    web.looked(2)
    web.log.claim("AVC0125: ")
    web.stop()
    web.clock = start + 501
    web.start()
    web.log.claim("AVC0125: ")
    web.refused(link, "used-up", source=OTHERS[2])


def test_a_webhook_that_was_dated_ahead_is_taken_once_whatever_crashes(serve_once):
    start = int(time.time())
    web = serve_once('AvcKeyFile "@keys@"\nAvcMediaServerProof webhook\nAvcMediaServerScripts hook\n',
                     keys=webhooks.KEYS, docroot={"hook.txt": "hook"}, clock=start)
    ahead = start - int(time.time())
    sent = [webhooks.headers(b"", sent=ahead + later) for later in (0, 120, 290)]
    for message in sent:
        assert web.ask("/hook.txt", "GET", message).status == 200
    crash(web)
    web.start()
    web.log.disregard("AH00098")
    web.log.claim("AVC0122: ")
    for message in sent:
        web.refused("/hook.txt", "used-up", "GET", message)
    web.set_clock(start + 302)
    fresh = webhooks.headers(b"", sent=start + 302 - int(time.time()))
    assert web.ask("/hook.txt", "GET", fresh).status == 200


@pytest.mark.parametrize("mpm", ["worker", "prefork"])
def test_after_a_crash_nothing_is_given_back_in_other_kinds_of_process(serve_once, mpm):
    start = int(time.time())
    web = server(serve_once, mpm=mpm, clock=start)
    web.start()
    links = [limited(now=start), limited(now=start + 30)]
    for link in links:
        web.allowed(link, source=OTHERS[0])
    crash(web)
    web.start()
    web.log.disregard("AH00098")
    web.log.claim("AVC0122: ")
    web.set_clock(start + 31)
    for link in links:
        web.refused(link, "used-up", source=OTHERS[1])
    web.allowed(limited(now=start + 31))


# -- from one kind to another

@pytest.mark.redis
def test_a_redis_counts_on_when_the_next_store_cannot_be_had(serve_once):
    with Redis() as redis:
        web = server(serve_once, outside="AvcStore " + redis.url)
        web.start()
        next_second()
        link = limited(2)
        web.allowed(link, source=OTHERS[0])
        web.outside = 'AvcStore "file:@root@/none/such"'
        web.write_config()
        web.graceful()
        web.log.claim("AVC0123: AvcStore .*; uses are counted in redis://.* as before")
        web.allowed(link, source=OTHERS[1])
        web.refused(link, "used-up", source=OTHERS[2])


@pytest.mark.redis
@pytest.mark.parametrize("how", [signal.SIGUSR1, signal.SIGHUP])
def test_the_file_counts_on_when_a_redis_cannot_be_asked_for_want_of_its_password(serve_once, how):
    web = server(serve_once)
    web.start()
    link = limited(2)
    web.allowed(link, source=OTHERS[0])
    web.outside = "AvcStore redis://:%s/no-such-password@127.0.0.1:1" % web.root
    web.write_config()
    assert web.configtest()[0] != 0
    web.signal(how)
    web.log.claim("AVC0123: AvcStore .*; uses are counted in .*/state/uses as before")
    web.allowed(link, source=OTHERS[1])
    web.refused(link, "used-up", source=OTHERS[2])


def test_a_number_that_lives_by_chance_excuses_no_start(serve_once):
    """What a crash left in the PidFile was taken for a server that runs."""
    web = server(serve_once, outside='AvcStore "file:@root@/none/such"')
    with open(web.root + "/run/httpd.pid", "w") as out:
        out.write("1\n")
    with pytest.raises(AssertionError, match="AVC0101"):
        web.start()
    web.log.disregard("AVC010[12]|AH00014|AH00016|AH00018|AH00020|AH00098")
