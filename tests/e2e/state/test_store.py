# SPDX-License-Identifier: Apache-2.0
# The file of the store: whatever becomes of it while the server runs costs no count and ends no
# process, and after a stop it is believed if it is the one that the stop left, and no other.
import contextlib
import os
import shutil
import signal
import subprocess

import pytest

from avc import httpd, settings, tokens
from avc.httpd import port_is_free
from avc.processes import children
from avc.settings import until

SIGNED = 'AvcKeyFile "@keys@"\n<Location "/signed">\nAvcSignedURL On\n</Location>\n'
DOCROOT = {"signed/a.txt": "content"}
OTHERS = ["127.0.0.%d" % n for n in range(5, 15)]


def store_of(web):
    return os.path.join(web.state, "uses")


def limited(uses=1, **how):
    return tokens.limited("/signed/a.txt", uses, **how)


def is_counted(web, link, used):
    """The token was used up before, and a fresh one is counted as ever."""
    web.refused(link, "used-up", source=OTHERS[used])
    fresh = limited(issued=1)
    web.allowed(fresh, source=OTHERS[0])
    web.refused(fresh, "used-up", source=OTHERS[1])


# -- while the server runs

def cut(path):
    os.truncate(path, 0)


def cut_in_the_middle(path):
    os.truncate(path, 5000)


def lengthen(path):
    os.truncate(path, os.path.getsize(path) + 100000)


def write_over(path):
    with open(path, "r+b") as out:
        out.write(b"\xff" * os.path.getsize(path))


HARM = [cut, cut_in_the_middle, lengthen, write_over, os.unlink]


@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
def test_a_store_that_is_cut_ends_no_process(serve_once, mpm):
    """Each child that counted, and the parent at its stop, died of a bus error."""
    web = serve_once(SIGNED, docroot=DOCROOT, mpm=mpm, processes=2)
    link = limited(2)
    web.allowed(link, source=OTHERS[0])
    before = children(web)
    cut(store_of(web))
    web.allowed(link, source=OTHERS[1])
    is_counted(web, link, 2)
    assert set(before) <= set(children(web))
    for number in (signal.SIGUSR1, signal.SIGHUP):
        web.signal(number)
        is_counted(web, link, 3)


@pytest.mark.parametrize("harm", HARM, ids=lambda harm: harm.__name__)
def test_what_becomes_of_the_file_costs_no_count(serve_once, harm):
    web = serve_once(SIGNED, docroot=DOCROOT)
    link = limited(2)
    web.allowed(link, source=OTHERS[0])
    harm(store_of(web))
    web.graceful()
    web.allowed(link, source=OTHERS[1])
    web.stop()
    web.start()
    is_counted(web, link, 2)


def test_another_file_in_its_place_is_left_alone_and_not_believed(serve_once):
    web = serve_once(SIGNED, docroot=DOCROOT)
    link = limited()
    web.allowed(link, source=OTHERS[0])
    with open(store_of(web) + ".other", "w") as other:
        other.write("somebody else's")
    settings.give(store_of(web) + ".other")
    os.chmod(store_of(web) + ".other", 0o600)
    os.rename(store_of(web) + ".other", store_of(web))
    stop_despite(web, "was replaced by another file")
    with open(store_of(web)) as other:
        assert other.read() == "somebody else's"


@contextlib.contextmanager
def small_disk(path, size):
    os.makedirs(path)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%d,mode=0755" % size, "tmpfs", path],
                   check=True)
    settings.give(path)
    try:
        yield path
    finally:
        httpd.end_all()
        subprocess.run(["umount", path], check=True)
        os.rmdir(path)


def fill(path):
    fd = os.open(path, os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        for size in (1 << 20, 1 << 12, 1):
            while os.write(fd, b"x" * size):
                pass
    os.close(fd)


def stop_despite(web, said):
    os.kill(web.process.pid, signal.SIGTERM)
    web.wait_stopped()
    web.log.disregard("AH00169")
    web.log.claim("AVC0128: AvcStore .*uses " + said)


def on_a_small_disk(serve_once, disk):
    return serve_once(SIGNED, docroot=DOCROOT, outside="AvcStore file:%s/uses:8192\n" % disk, begin=False)


@pytest.mark.root
def test_on_a_full_disk_counts_outlast_stop_and_start(serve_once):
    """The file keeps its room, and goes on where there is none for a new one."""
    with small_disk("/run/avcsec-%d" % os.getpid(), 256 * 1024) as disk:
        web = on_a_small_disk(serve_once, disk)
        web.start()
        fill(disk + "/full")
        link = limited(3)
        for client in OTHERS[:3]:
            web.allowed(link, source=client)
            web.graceful()
            web.stop()
            web.start()
        is_counted(web, link, 3)
        web.stop()


@pytest.mark.root
def test_a_disk_without_room_for_the_store_ends_nothing_and_is_told(serve_once):
    with small_disk("/run/avcsec-%d" % os.getpid(), 256 * 1024) as disk:
        web = on_a_small_disk(serve_once, disk)
        fill(disk + "/full")
        web.start()
        web.log.claim("AVC0128: AvcStore .*/uses has no room for what is counted: the disk is full")
        link = limited(2)
        web.allowed(link, source=OTHERS[0])
        web.graceful()
        web.allowed(link, source=OTHERS[1])
        is_counted(web, link, 2)
        stop_despite(web, "cannot be made: No space left")
        os.unlink(disk + "/full")
        web.start()
        web.log.claim("AVC0122: AvcStore .*/uses does not have what was counted while there was no room")
        web.refused(link, "used-up", source=OTHERS[0])
        web.stop()


# -- at rest

def shift_times(path):
    os.utime(path, (1, 1))


def change_owner_and_back(path):
    shutil.chown(path, "daemon" if settings.AS_ROOT else settings.USER)
    settings.give(os.path.dirname(path))


def change_mode(path):
    os.chmod(path, 0o400)
    os.chmod(path, 0o600)


def move_and_back(path):
    os.rename(path, path + ".away")
    os.rename(path + ".away", path)


def link_and_unlink(path):
    os.link(path, path + ".too")
    os.unlink(path + ".too")


@pytest.mark.parametrize("harmless", [shift_times, change_owner_and_back, change_mode, move_and_back,
                                      link_and_unlink], ids=lambda harmless: harmless.__name__)
def test_a_store_is_believed_whatever_its_times_say(serve_once, harmless):
    """A chown of the state directory, as packages and systemd do, made every counted link used up."""
    web = serve_once(SIGNED, docroot=DOCROOT)
    link = limited(2)
    web.allowed(link, source=OTHERS[0])
    web.stop()
    harmless(store_of(web))
    web.start()
    web.allowed(link, source=OTHERS[1])
    web.refused(link, "used-up", source=OTHERS[2])


def test_a_slow_disk_at_the_stop_costs_no_count(serve_once):
    """What took longer than a second to be written was taken for a copy."""
    web = serve_once(SIGNED, docroot=DOCROOT, faults=True)
    link = limited(2)
    web.allowed(link, source=OTHERS[0])
    web.set_fault("s")
    web.stop()
    web.start()
    web.allowed(link, source=OTHERS[1])
    web.refused(link, "used-up", source=OTHERS[2])


def put_in_place(copy, path):
    os.rename(copy, path)


def write_in_place(copy, path):
    shutil.copy2(copy, path)


@pytest.mark.parametrize("put_back", [put_in_place, write_in_place])
@pytest.mark.parametrize("when", ["after a stop", "after two stops", "after a crash"])
def test_an_older_file_that_is_put_back_is_not_believed(serve_once, put_back, when):
    """With every time that it had, into the same file or in its place, at once."""
    web = serve_once(SIGNED, docroot=DOCROOT)
    path, link = store_of(web), limited()
    web.stop()
    shutil.copy2(path, path + ".copy")
    shutil.chown(path + ".copy", os.stat(path).st_uid)
    web.start()
    web.allowed(link, source=OTHERS[0])
    if when == "after a crash":
        os.killpg(web.process.pid, signal.SIGKILL)
        web.process.wait()
        until(lambda: port_is_free(web.port))
        put_back(path + ".copy", path)
        web.start()
        web.log.disregard("AH00098")
    else:
        web.stop()
        if when == "after two stops":
            web.start()
            web.stop()
        put_back(path + ".copy", path)
        web.start()
    web.log.claim("AVC0122: AvcStore .*/uses is a copy: .* used-up")
    web.refused(link, "used-up", source=OTHERS[1])


# -- two servers

def test_two_servers_do_not_count_by_the_same_file(serve_once):
    one = serve_once(SIGNED, docroot=DOCROOT, entries=None)
    for path in (store_of(one), os.path.join(one.state, "..", "state", "uses")):
        two = serve_once(SIGNED, docroot=DOCROOT, outside="AvcStore file:%s\n" % path, begin=False)
        with pytest.raises(AssertionError, match="in use by another server"):
            two.start()
        two.log.disregard("AVC0101|AH00016|AH00020|AH00014")
    cut(store_of(one))
    with pytest.raises(AssertionError, match="in use by another server"):
        two.start()
    two.log.disregard("AVC0101|AH00016|AH00020|AH00014")
    link = limited()
    one.allowed(link, source=OTHERS[0])
    one.stop()
    two.start()
    two.refused(link, "used-up", source=OTHERS[1])


def test_children_that_lost_their_parent_count_nothing(serve_once):
    """They could go on counting beside the server that is started in its place."""
    web = serve_once(SIGNED, docroot=DOCROOT)
    link = limited(5)
    web.allowed(link, source=OTHERS[0])
    orphans = children(web)
    os.kill(web.process.pid, signal.SIGKILL)
    web.process.wait()
    try:
        answer = web.ask(link, source=OTHERS[1])
        assert (answer.status, answer.get("Retry-After") is not None) == (503, True)
        web.log.claim("AVC0019: store: ")
        assert web.ask(tokens.signed("/signed/a.txt")).status == 200
    finally:
        for orphan in orphans:
            os.kill(orphan, signal.SIGKILL)
    until(lambda: port_is_free(web.port))
