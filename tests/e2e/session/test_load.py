# SPDX-License-Identifier: Apache-2.0
# Many at once: 200 clients ask as nginx-rtmp does, one question after the other, while the server
# is restarted gracefully, twice. Every question has its right answer, and none is lost.
import asyncio
import collections
import itertools
import time

from avc import client, rtmp, settings, tokens

CLIENTS = 200
# A sanitizer's build gets half of it: it is slower, and finds its faults in the first seconds.
SECONDS = 6 if settings.PRELOAD or settings.WRAP else 12
CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.1
<Location "/rtmp">
    SetHandler avcsec-admission
    AvcAdmission nginx-rtmp
</Location>
"""
WRONG = ("no-token", "signature", "expired", "room", "act")


def session(number, **how):
    how.setdefault("expires", 300)
    return tokens.token("/", purpose="session", id="question-number-%06d" % number, max=1, **how)


def wrong_token(kind, number, act, room):
    """A token that is refused for this reason."""
    if kind == "no-token":
        return None
    if kind == "expired":
        return session(number, act=act, room=room, expires=-1, issued=-60)
    if kind == "signature":
        return tokens.tampered(session(number, act=act, room=room))
    return session(number, act="upload" if kind == "act" else act,
                   room=tokens.text_claim("other") if kind == "room" else room)


def questions():
    """(number, reason or None, body): a right token for one use twice, for two clients that race
    for it, and then a wrong one."""
    for number in itertools.count():
        name, act = "room%d" % (number % 50), ("play", "publish")[number % 2]
        room = tokens.text_claim(name)
        right = session(2 * number, act=act, room=room)
        kind = WRONG[number % len(WRONG)]
        wrong = wrong_token(kind, 2 * number + 1, act, room)
        for reason, token in ((None, right), (None, right), (kind, wrong)):
            yield number, reason, rtmp.form(act, name=name, more="&avc=" + token if token else "")


async def ask(port, body):
    """The status of one question, on a connection of its own as nginx-rtmp makes it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(client.compose("/rtmp", "POST", [("Content-Type", rtmp.FORM)], body.encode(),
                                    "1.0"))
        return client.parse(await reader.read()).status
    finally:
        writer.close()


async def keep_asking(port, end, source, right, wrong, lost):
    while time.time() < end:
        number, reason, body = next(source)
        try:
            status = await asyncio.wait_for(ask(port, body), 20 * settings.PATIENCE)
        except (OSError, asyncio.TimeoutError) as trouble:
            lost.append("%d %s: %r" % (number, reason, trouble))
            continue
        if reason:
            wrong[reason, status] += 1
        else:
            right[number].append(status)


async def load(web):
    """What came of all questions: {number of a right token: statuses}, {(reason, status): how
    many} of the wrong ones, and those without an answer."""
    right, wrong, lost = collections.defaultdict(list), collections.Counter(), []
    begun, source = time.time(), questions()
    clients = [asyncio.create_task(keep_asking(web.port, begun + SECONDS, source, right, wrong, lost))
               for _ in range(CLIENTS)]
    for part in (1, 2):
        await asyncio.sleep(begun + part * SECONDS / 3 - time.time())
        await asyncio.to_thread(web.graceful)
    await asyncio.gather(*clients)
    return right, wrong, lost


def test_no_answer_is_wrong_or_lost_under_load_across_graceful_restarts(serve_once):
    web = serve_once(CONFIG, entries=None)
    right, wrong, lost = asyncio.run(load(web))
    web.log.disregard("AH00484: server reached MaxRequestWorkers")
    assert not lost
    assert web.generations() == 3
    assert {reason for reason, _ in wrong} == set(WRONG) and len(right) > CLIENTS
    assert {status for _, status in wrong} == {403}
    assert [s for s in right.values() if sorted(s) not in ([200], [200, 403])] == []
    for (reason, _), count in wrong.items():
        web.log.claim(r"AVC\d{4}: %s: " % reason, count=count)
    web.log.claim(r"AVC0013: used-up: ", count=sum(len(s) - 1 for s in right.values()))
