# SPDX-License-Identifier: Apache-2.0
"""Random signing jobs for the cross-check, the same ones in every run.

Owns pools of good and bad values for each option. Left out is only what a language
can't tell apart in JSON (3600.0 and 3600) and what is random by intent (`max`
without `id`).
"""
import random

from page_signers import ALL_KEYS, END, NOW, page_key

UNICODE = ["photo.jpg", "café (1)[x] 100%.jpg", "Ünïcødé", "日本語.txt", "🎥 live", "a+b&c=d;e,f",
           "'quoted' \"double\"!*()", "e\u0301.txt", "שלום", "\u2028", "~user", "%2F%00", "x" * 150]
CONTROLS = ["a\0b", "a\nb", "\x7f", "a\x80b", "\x9f", "a\tb"]
NOT_PLAIN = [True, False, None, 1.5, {"a": 1}, [[]], 2**53, -(2**53)]

GOOD = {
    "purpose": ["file", "file", "upload", "call", "session"],
    "key": [ALL_KEYS, ALL_KEYS, page_key("file", "k3") + "\n" + ALL_KEYS, page_key("file", realm="site-a"),
            "\t".join(page_key(p, "k2") for p in ("session", "call", "upload", "file"))],
    "now": [NOW, str(NOW), END, 1],
    "expires": [1, 3600, "60", "90s", "30m", "1h", "7d", "2w"],
    "until": [NOW + 7200, str(NOW + 1), "2030-01-01T00:00:00Z", "2096-02-29T23:59:59Z", 10**11],
    "nbf": [NOW, NOW - 5, "2029-12-31T22:00:00Z"],
    "ip": ["192.0.2.0/24", "192.0.2.7", "192.0.2.7/32", "0.0.0.0/1", "::ffff:192.0.2.7", "::FFFF:10.0.0.1",
           "2001:db8::/48", "2001:DB8::1", "::1", "::/1", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "fe80::/10",
           "2001:0db8:0000:0000:0000:0000:0000:0001", "0db8::/16", ["10.0.0.0/8", "2001:db8::/32"],
           "::1 127.0.0.1", "::1, 127.0.0.1", "1::8/128", "64:ff9b::102:304"],
    "dir": [1, 2, "1", 3],
    "id": ["0123456789abcdef", "a.b-c_d" * 4, "x" * 64],
    "method": ["GET", "GET.POST", "PUT,POST", "PUT, POST", ["HEAD", "PATCH"], "GET POST DELETE", "M-SEARCH"],
    "origin": ["chat.example", "Chat.Example, www.chat.example", ["localhost", "xn--caf-dma.example", "192.0.2.1"]],
    "sub": [*UNICODE, 42, -1, 0, "x" * 192],
    "room": [*UNICODE, 7],
    "role": ["admin", "publisher", "a_B-9", 5],
    "app": ["live", "chat.v2", "a_b-c"],
    "act": ["connect", "connect.play", ["publish", "upload"], "play, connect"],
    "name": [*UNICODE, "x" * 300, "x" * 300 + ".jpeg", "é" * 200 + ".mp4", "日" * 70 + ".pdf", "🎥" * 60,
             "." + "x" * 200, "a." + "x" * 200, "x" * 190 + ".m", "x" * 192, "x" * 193, "é" * 97 + "." + "y" * 31,
             "é" * 97 + "." + "y" * 32],
    "disposition": ["inline", "attachment"],
    "rate": [1, 512, 10**15, "250"],
    "length": [1, 1000000, str(10**15)],
    "type": ["image", "image.audio", ["video", "document"], "3d-model"],
    "args": [{}, {"size": "small"}, {"size": "small", "id": 7}, [["b", "2"], ["a", "1"]], [["7", "x"], [3, "y"]],
             {"q": "a b+c&d=e%f#g"}, {"t": "é🎥\n\0"}, {"empty": ""}, [["utm_source", "x"], ["id", 1]], {"n": -5}],
    "unsigned": [True, False, [], ["utm_source"], ["size", "tag[]"]],
    "literal": [True, False],
    "window": [1, "60", "90s", "1h", "1d", "4w"],
    "claim": [{"xnote": "a-b"}, {"x1": 5, "xabcdefg": "_"}, [["xb", "1"], ["xa", "2"]], {}],
    "carrier": ["query", "path"],
    "force": [True, False],
}
BAD = {
    "purpose": ["", "files", "File", ["file"], 1],
    "key": ["", " ", "avck1~", ALL_KEYS + "x", ALL_KEYS.replace("avck1", "avck2"), 7, page_key("call")],
    "now": [0, -1, 10**11 + 1, "01", "1e9", " 1"],
    "expires": [0, -1, "1y", "1.5h", "01h", "h", " 1h", "1h\n", "1H", "100000000000", 10**11, "٣h", ""],
    "until": [NOW, NOW - 1, 1893456000000, "2030-02-30T00:00:00Z", "2030-01-01", "2030-01-01T24:00:00Z",
              "2030-01-01T00:00:60Z", "2030-01-01t00:00:00z", "2030-01-01T00:00:00+00:00", "1969-12-31T23:59:59Z",
              "2030-13-01T00:00:00Z", "2030-01-01T00:00:00Z\n"],
    "nbf": [NOW + 10**6 * 90, 0, "soon", 10**12],
    "ip": ["", "192.0.2.7/24", "192.0.2.256", "192.0.2", "192.0.02.1", "192.0.2.0/33", "192.0.2.0/024", "0.0.0.0/0",
           "192.0.2.0/255.255.255.0", "::ffff:10.0.0.0/8", "::ffff:0:0/96", "::ffff:a00:1", "::10.0.0.1",
           "2001:db8::1/48", "2001:db8:::1", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7", "1::2::3", "fe80::1%eth0", "12345::",
           "::g", ":", ":::", "1:", ":1", "[::1]", "1:2:3:4::5:6:7:8", "::/0", "::/129", "/24", "1.2.3.4/", "chat.example",
           ["10.0.0.1", "10.0.0.2"], ["::1", "::2"], [], "1.2.3.4,", "192.0.2.7 ", "1.2.3.4\n", "１.2.3.4", "::1/128/1"],
    "dir": [0, 65, -1, "1.0", "x", 9],
    "id": ["short", "x" * 65, "has space 0123456", "0123456789abcde~", "0123456789abcdef\n", 12],
    "method": ["", "get", "GET.GET", "GET,,", [], [""], ["GET", "GET"], "-GET", "1GET", "GÉT", {"a": "GET"}, 7],
    "origin": ["", "https://chat.example", "chat.example:8443", "chat.example.", ".chat.example", "a..b", "a_b.example",
               "-a.example", "a-.example", "café.example", "x" * 64 + ".example", ".".join(["x" * 60] * 5), "[::1]",
               ["a.example", "A.example"], "*.example", "\u212aelvin.example", "a.example\n"],
    "sub": ["", *CONTROLS, "x" * 193, "é" * 97],
    "room": ["", *CONTROLS, "日" * 65],
    "role": ["", "a.b", "a b", "é", "x" * 257, "a\n"],
    "app": ["", "a/b", "a~b", "x" * 257],
    "act": ["", "Play", "play.play", "play1", [], "play."],
    "name": ["", *CONTROLS, 1.5],
    "disposition": ["", "Inline", "maybe", ["inline"]],
    "rate": [0, -1, 10**15 + 1, "1k", "", "1_000"],
    "length": [0, 10**16, "1e6", "+1"],
    "type": ["", "Image", "image.image", "image/png", []],
    "args": [{"tag[]": "1"}, {"a.b": "1"}, [["a", "1"], ["a", "2"]], {"avc": "x"}, {"": "x"}, {"é": "1"}, {"a": None},
             {"a": True}, {"a": 1.5}, {"a": ["x"]}, ["a", "b"], [["a"]], [["a", "b", "c"]], "a=b", 7, {"a": 2**53},
             [["utm_source", "1"], ["avc[x]", "2"]], [["a\n", "1"]], [[" avc", "1"]], {"x" * 257: "1"}],
    "unsigned": ["size", 1, [1.5], {"a": "b"}],
    "window": [0, -1, "", "1y", "01h", "1h\n", 10**11, "3200w", "99999999999w"],
    "claim": [{"x": "1"}, {"note": "1"}, {"exp": "1"}, {"xabcdefgh": "1"}, {"xNote": "1"}, {"xa": ""}, {"xa": "a~b"},
              {"xa": "x" * 257}, [["xa", "1"], ["xa", "2"]], {"xa": None}, "xa", ["xa"], {"xa": "a\n"}],
    "carrier": ["", "cookie", "Path", 1],
    "force": [1, "true", "no"],
    "literal": [1, "true", "no"],
}
PATHS = ["/chat/uploadedFiles/room7/photo.jpg", "/chat/uploadedFiles/", "/", "/a", "/chat/index.m3u8",
         "/chat/room7/page.HTML", "/chat/live.mpd;v=1", "/a?b=c", "/a#b", "/a%41b", "/a%4", "/a%zz", "/a;b=c/d", "/...", "/a/..b", "/~user/x", "/~avc1", "/x~avc1~y", "/a/b/c/d/e/f",
         *("/chat/" + name for name in UNICODE)]
BAD_PATHS = ["", "chat/a.jpg", "https://chat.example/a", "//a", "/a//b", "/a/./b", "/a/../b", "/..", "/.", "/..;/x",
             "/.;a/x", "/a\\b", "/~avc1~x/a", "/a/~avc1~", *("/" + name for name in CONTROLS[:3])]
UNKNOWN = ["exp", "ips", "Expires", "", "__proto__", "carriers", "toString"]


def random_job(dice):
    call = dice.choice(["sign", "sign", "token"])
    names = dice.sample(sorted(set(GOOD) - {"key", "purpose", "now", "expires", "until", "carrier", "force"}),
                        dice.randrange(5))
    names += ["key"] + [n for n in ("purpose", "now") if dice.random() < 0.5]
    names += ["until"] if dice.random() < 0.2 else ["expires"] if dice.random() < 0.9 else []
    names += ["carrier", "force"] if call == "sign" and dice.random() < 0.6 else []
    spoilt = dice.random() < 0.4
    options = {"now": NOW, **{name: dice.choice(GOOD[name]) for name in names}}
    if "id" in names and dice.random() < 0.5:
        options["max"] = dice.choice([1, 5, "1000000"])
    if spoilt:
        name = dice.choice(names)
        options[name] = dice.choice(NOT_PLAIN if dice.random() < 0.15 else BAD[name])
    if dice.random() < 0.03:
        options[dice.choice(UNKNOWN)] = 1
    path = dice.choice(BAD_PATHS if dice.random() < 0.05 else PATHS)
    return {"call": call, "path": path, "options": options}


def random_jobs(count, seed=7):
    dice = random.Random(seed)
    return [random_job(dice) for _ in range(count)]


def single_jobs():
    """Every value of every pool with nothing else that could be wrong: (name, is good, job)."""
    for name, values in GOOD.items():
        for value in values:
            yield name, True, single_job(name, value)
    for name, values in BAD.items():
        for value in values + NOT_PLAIN:
            # True and False, and a map, are what these take
            if not (name in ("force", "literal", "unsigned") and isinstance(value, bool)
                    or name == "args" and value == {"a": 1}):
                yield name, False, single_job(name, value)


def single_job(name, value):
    options = {"key": ALL_KEYS, "now": NOW, name: value}
    if name not in ("expires", "until"):
        options["until"] = END + 100 if value == END else NOW + 100
    path = "/a/b/c/what?.jpg" if name == "literal" and value is not False else "/a/b/c/photo.jpg"
    return {"call": "sign", "path": path, "options": options}
