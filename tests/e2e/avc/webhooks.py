# SPDX-License-Identifier: Apache-2.0
# A sender of webhooks, written from the Standard Webhooks specification: it signs anything it is
# told to, in whatever headers. It shares nothing with the module.
import base64
import hashlib
import hmac
import itertools
import time

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER = "whsec_" + base64.b64encode(bytes(range(64, 128))).decode()
KEYS = "hook webhook %s\n" % SECRET
TYPE = ("Content-Type", "application/json")

count = itertools.count(1)


def new_id():
    return "msg_%d_%d" % (time.time() * 1000, next(count))


def signature(body, mid, sent, secret=SECRET):
    key = base64.b64decode(secret[len("whsec_"):])
    text = ("%s.%s." % (mid, sent)).encode() + body
    return "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


def headers(body, mid=None, sent=0, secret=SECRET, names="webhook", signatures=None):
    """The headers of one message; sent is seconds from now."""
    mid = mid or new_id()
    sent = str(int(time.time()) + sent)
    signed = signatures or signature(body, mid, sent, secret)
    return [(names + "-id", mid), (names + "-timestamp", sent), (names + "-signature", signed), TYPE]
