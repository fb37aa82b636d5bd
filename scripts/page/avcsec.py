# SPDX-License-Identifier: Apache-2.0
"""Signed links and tokens for a site behind mod_avcsec, made with a page key.

Owns: choosing the page key, writing claims, encoding the path, the mac. Refuses
(AvcsecError) whatever the server would call malformed, and never repeats a key in
a message. It cannot verify a token. avcsec.php and avcsec.mjs beside it give the
same bytes for the same options, and the same messages.

    import avcsec                                  # AVC_PAGE_KEY is in the environment
    link = avcsec.sign("/chat/uploadedFiles/photo.jpg", expires="1h")
"""
from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import ipaddress
import os
import re
import secrets
import time
from typing import TYPE_CHECKING, Any, Callable, Mapping, NamedTuple, Optional, Sequence, Union
from urllib.parse import quote

if TYPE_CHECKING:
    from typing_extensions import Literal, TypedDict, Unpack

    Items = Union[str, Sequence[str]]
    Plain = Union[str, int]
    Pairs = Union[Mapping[str, Plain], Sequence[Sequence[Plain]]]

    class TokenOptions(TypedDict, total=False):
        """The options of `token`; their meaning stands there."""

        key: str
        purpose: Literal["file", "upload", "call", "session"]
        expires: Plain
        until: Plain
        window: Plain
        nbf: Plain
        now: int
        ip: Items
        dir: int
        max: int
        id: str
        method: Items
        origin: Items
        sub: Plain
        role: str
        app: str
        act: Items
        room: Plain
        name: str
        disposition: Literal["inline", "attachment"]
        rate: int
        length: int
        type: Items
        args: Pairs
        unsigned: Union[bool, Sequence[str]]
        literal: bool
        claim: Pairs

    class SignOptions(TokenOptions, total=False):
        """The options of `sign`."""

        carrier: Literal["query", "path"]
        force: bool


__all__ = ["AvcsecError", "sign", "token"]

_LATEST = 10**11  # Unix seconds; what is above was meant as milliseconds
_NUMBER_MAX = 10**15
_SAFE_INTEGER = 2**53 - 1  # whole numbers that every language holds exactly
_VALUE_MAX = 256
_TOKEN_MAX = 1024
_NAME_MAX = 192  # bytes of a file name: 256 characters in base64url
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_PAGE_KEY = re.compile(
    r"avck1~([A-Za-z0-9_-]{1,16})~(file|upload|call|session)"
    r"~([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])(?:~([1-9][0-9]{0,11}))?"
)


class AvcsecError(ValueError):
    """What was asked for can't be signed; the message says what to do."""


def sign(path: Union[str, bytes], **options: Unpack[SignOptions]) -> str:
    """The signed URL: path and query, to be put behind the site's scheme and host.

    path: decoded, from the site's root ("/chat/my photo.jpg"); it is encoded here.
        A name that is not UTF-8 as bytes, or as os.listdir gives it.
    Options are those of `token`, and

    carrier: "query" (default) puts the token into argument `avc`, "path" into a
        path segment of its own, which relative links and playlists inherit.
    force: True allows a playlist (.m3u8, .mpd), and a page (.html, .htm) with carrier
        "path", to be opened without what it names relatively; else they need
        carrier "path" and `dir`.

    Raises AvcsecError.
    """
    given: dict[str, Any] = dict(options)
    _check_names(given, _TOKEN_OPTIONS + ("carrier", "force"))
    carrier = _choice("carrier", given.get("carrier", "query"), ("query", "path"))
    force = _flag("force", given)
    segments = _segments(path, given)
    made = _make(segments, given, carrier)
    if not force and (carrier == "query" or made.dir is None):
        _check_relative(segments[-1], carrier)
    query = list(made.query)
    if carrier == "query":
        query.append("avc=" + made.token)
    else:
        segments.insert(-1 if made.dir is None else made.dir + 1, "~" + made.token)
    return "/".join(segments) + ("?" + "&".join(query) if query else "")


def _check_relative(name: str, carrier: str) -> None:
    """Players and browsers ask for what a playlist or page names without its query."""
    endings = r"m3u8|mpd" if carrier == "query" else r"html?|m3u8|mpd"
    if re.search(rf"\.({endings})(%3B.*)?\Z", name, re.IGNORECASE):
        raise AvcsecError("path names others relatively, which this token would not open: "
                          "give carrier path and dir, or force")


def token(path: Union[str, bytes, None] = None, **options: Unpack[TokenOptions]) -> str:
    """The bare token, for a stream key, `Authorization: Bearer` or a session.

    path: as for `sign`; not needed for purpose "session". Options:

    key: page keys as `avcsec pagekey` prints them, separated by white space; the
        first for the purpose that has not ended signs. Default: AVC_PAGE_KEY.
    purpose: "file" (default), "upload", "call" or "session".
    expires: seconds from now, or "90s", "30m", "1h", "7d", "4w"; or
    until: Unix seconds, or "2030-01-31T12:00:00Z". One of the two is required,
        except for purpose "call".
    window: like `expires`; the same options give the same token for so long, and it
        holds up to so much longer. Not with `max` or `id`.
    nbf: not before, like `until`.       now: Unix seconds, for tests.
    ip: client's address or network, "192.0.2.0/24", "2001:db8::/48"; one of each
        family. An IPv4-mapped address means IPv4.
    dir: 1 to 64; the token opens everything below the first `dir` segments.
    max: 1 to 1000000 uses.              id: 16 to 64 of A-Z a-z 0-9 - . _; made
        at random if `max` needs one.
    method: "GET", ["PUT", "POST"].      origin: "chat.example", hosts of pages.
    sub, room: text; user, room or stream name.
    role, app, act: what a session may do; act is "connect", "play", "publish", …
    name: file name of the download, shortened to 192 bytes.
    disposition: "inline" or "attachment".
    rate: kB/s (1000 bytes).             length: bytes of the largest upload.
    type: "image", ["image", "audio"]; kinds of upload.
    args: the query's arguments, decoded, {"size": "small"} or [["size", "small"]];
        all are signed, in their order. With `dir` none is.
    unsigned: names in `args` that are not to be signed, or True for all.
    literal: True if the path's "?", "#" or "%41" are part of a name.
    claim: the application's own, {"xnote": "a-b"}.

    Raises AvcsecError. Format: mod_avcsec's "Token", version avc1.
    """
    given: dict[str, Any] = dict(options)
    _check_names(given, _TOKEN_OPTIONS)
    bare = path is None and given.get("purpose") == "session"
    return _make(None if bare else _segments(path, given), given, "query").token


# What is signed


class _Made(NamedTuple):
    token: str
    query: list[str]  # "name=value", encoded, in the order given
    dir: Optional[int]


def _make(segments: Optional[list[str]], options: dict[str, Any], carrier: str) -> _Made:
    purpose = _choice("purpose", options.get("purpose", "file"),
                      ("file", "upload", "call", "session"))
    now = _number("now", options.get("now", int(time.time())), _LATEST)
    key = _page_key(options, purpose, now)
    depth = _depth(options, purpose, segments)
    query, signed = _arguments(options, carrier)
    claims = _claims(options, purpose, now, key, list(signed))
    text = "~".join(["avc1", "for." + purpose, "kid." + key.kid,
                     *(name + "." + value for name, value in claims)])
    lines = ["avcsec-v1", _scope(segments, purpose, depth), text, *signed.values(), ""]
    mac = hmac.new(key.secret, "\n".join(lines).encode("ascii"), hashlib.sha256).digest()
    made = text + "~mac." + _b64url(mac)
    if len(made) > _TOKEN_MAX:
        raise AvcsecError("the token would have more than 1024 characters: sign fewer claims")
    return _Made(made, query, depth)


def _scope(segments: Optional[list[str]], purpose: str, depth: Optional[int]) -> str:
    if purpose == "session" or segments is None:
        return "*"
    if depth is None:
        return "/".join(segments)
    return "/".join(segments[: depth + 1]) + "/"


def _depth(options: dict[str, Any], purpose: str, segments: Optional[list[str]]) -> Optional[int]:
    if "dir" not in options:
        return None
    depth = _number("dir", options["dir"], 64)
    if purpose == "session" or segments is None:
        raise AvcsecError("dir can't stand on a session, which has no path")
    if depth > len(segments) - 2:
        raise AvcsecError("dir: the path has not that many segments, each followed by '/'")
    return depth


# Page keys


class _PageKey(NamedTuple):
    kid: str
    purpose: str
    secret: bytes
    end: Optional[int]


def _page_key(options: dict[str, Any], purpose: str, now: int) -> _PageKey:
    text = options.get("key", os.environ.get("AVC_PAGE_KEY", ""))
    words = re.findall(r"[^ \t\r\n\f\v]+", text) if isinstance(text, str) else []
    if not words:
        raise AvcsecError("no page key: give option key or set AVC_PAGE_KEY; "
                          "`avcsec pagekey` makes one")
    keys = [_read_page_key(word, number) for number, word in enumerate(words, 1)]
    fitting = [key for key in keys if key.purpose == purpose]
    for key in fitting:
        if key.end is None or key.end > now:
            return key
    if fitting:
        raise AvcsecError(f"page key for {purpose} has ended: hand out a new one, "
                          f"`avcsec pagekey --purpose {purpose}` makes it")
    others = ", ".join(dict.fromkeys(key.purpose for key in keys))
    raise AvcsecError(f"no page key for {purpose}, only for {others}: "
                      f"`avcsec pagekey --purpose {purpose}` makes one")


def _read_page_key(word: str, number: int) -> _PageKey:
    found = _PAGE_KEY.fullmatch(word)
    end = int(found[4]) if found and found[4] else None
    if not found or (end is not None and end > _LATEST):
        raise AvcsecError(f"page key {number} is not well-formed: "
                          "give it as `avcsec pagekey` printed it")
    return _PageKey(found[1], found[2], base64.urlsafe_b64decode(found[3] + "="), end)


# Path and arguments


def _segments(given: Any, options: dict[str, Any]) -> list[str]:
    """The encoded segments of a decoded path; the first is empty, the last may be."""
    path = _path_bytes(given).decode("latin-1")
    if not path.startswith("/"):
        raise AvcsecError("path must begin with '/': give it without scheme and host")
    strange = re.search(r"[?#]|%[0-9A-Fa-f]{2}", path)
    if strange and not _flag("literal", options):
        raise AvcsecError(f"path holds '{strange[0]}': give it decoded, and arguments as option "
                          "args; or give literal, if that is part of a name")
    if re.search(r"[\x00-\x1f\x7f\\]", path):
        raise AvcsecError("path holds a backslash or a control character")
    segments = path.split("/")
    if "" in segments[1:-1]:
        raise AvcsecError("path has an empty segment: give it without doubled slashes")
    for segment in segments:
        if segment.split(";")[0] in (".", ".."):
            raise AvcsecError("path has a '.' or '..' segment: give it resolved")
        if segment.startswith("~avc1~"):
            raise AvcsecError("path holds a token already: give it without")
    return [quote(segment, safe="", encoding="latin-1") for segment in segments]


def _path_bytes(path: Any) -> bytes:
    """Names are bytes; text is their UTF-8, with what is none as Python's os shows it."""
    if isinstance(path, bytes):
        return path
    try:
        if isinstance(path, str):
            return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        pass
    raise AvcsecError("path must be text or bytes")


def _arguments(options: dict[str, Any], carrier: str) -> tuple[list[str], dict[str, str]]:
    """All arguments as "name=value", encoded; and the signed ones by name."""
    exempt = _exempt(options)
    query: list[str] = []
    signed: dict[str, str] = {}
    loose: list[str] = []
    for name, value in _pairs("args", options.get("args", {})):
        if "avc" in _php_names(name):
            raise AvcsecError(f"args: '{name}' is the token's own name: rename it")
        line = _escape(name) + "=" + _escape(_scalar(f"args: '{name}'", value))
        query.append(line)
        if exempt is True or name in exempt:
            loose.append(name)
        elif not re.fullmatch(r"[A-Za-z0-9_-]+", name):
            raise AvcsecError(f"args: '{name}' can't be signed: rename it, or name it in unsigned")
        elif name in signed:
            raise AvcsecError(f"args: '{name}' stands there twice, which can't be signed")
        else:
            signed[name] = line
    for name in loose:
        if any(read in signed for read in _php_names(name)):
            raise AvcsecError(f"args: PHP reads '{name}' as a signed argument: rename it")
    if signed and carrier == "path":
        raise AvcsecError("args: a token in the path can't sign arguments: "
                          "use carrier query, or name them in unsigned")
    return query, signed


def _exempt(options: dict[str, Any]) -> Any:
    """True: no argument is signed; else the names that are not."""
    unsigned = options.get("unsigned", False)
    if not isinstance(unsigned, (bool, list, tuple)):
        raise AvcsecError("unsigned must be a list of names, or true")
    if unsigned is True or "dir" in options:
        return True
    return [_scalar("unsigned", name) for name in unsigned or ()]


def _php_names(name: str) -> tuple[str, str]:
    """A decoded argument name as PHP reads it, in its two ways with '['."""
    read = name.lstrip(" ").split("\0")[0].replace(" ", "_").replace(".", "_")
    return read.split("[")[0], read.replace("[", "_")


# Claims, in the order in which they are written


def _claims(options: dict[str, Any], purpose: str, now: int, key: _PageKey,
            signed: list[str]) -> list[tuple[str, str]]:
    iat, window = _window(options, now)
    exp = _exp(options, purpose, now, key)
    if exp is not None and "expires" in options:
        whole = exp - now + iat + window  # asked for at any moment of the window, it is this
        exp = min(whole, _LATEST, _LATEST if key.end is None else key.end)
    options = _with_id(options, exp)
    claims = [("iat", str(iat))] + ([] if exp is None else [("exp", str(exp))])
    for claim, (option, write) in _CLAIMS.items():
        value = write(options[option]) if option in options else None
        if value is not None:
            claims.append((claim, _fits(option, value)))
    if exp is not None and "nbf" in options and _time("nbf", options["nbf"]) >= exp:
        raise AvcsecError("nbf must be before the end")
    if signed:
        claims.append(("args", _fits("args", ".".join(signed))))
    return claims + _own_claims(options)


def _window(options: dict[str, Any], now: int) -> tuple[int, int]:
    """When the token's window began, which it gives as its time of issue, and its length."""
    if "window" not in options:
        return now, 0
    if "max" in options or "id" in options:
        raise AvcsecError("window can't stand beside max or id, which make each token another")
    window = _seconds("window", options["window"])
    if window > now:
        raise AvcsecError("window is too long")
    return now - now % window, window


def _exp(options: dict[str, Any], purpose: str, now: int, key: _PageKey) -> Optional[int]:
    if "expires" in options and "until" in options:
        raise AvcsecError("expires and until: give one of them")
    if "expires" in options:
        exp = now + _seconds("expires", options["expires"])
    elif "until" in options:
        exp = _time("until", options["until"])
    elif purpose == "call":
        return None
    else:
        raise AvcsecError("expires or until is needed: say how long the token holds")
    if exp <= now:
        raise AvcsecError("until is over already")
    if exp > _LATEST:
        raise AvcsecError("expires is too long")
    if key.end is not None and exp > key.end:
        raise AvcsecError(f"the token would outlive its page key, which ends at {key.end}: "
                          "let it end earlier, or hand out a new page key")
    return exp


def _with_id(options: dict[str, Any], exp: Optional[int]) -> dict[str, Any]:
    """Uses are counted by id: `max` gets a random one of 128 bits."""
    if "max" not in options:
        return options
    if exp is None:
        raise AvcsecError("max needs expires or until")
    return {"id": _b64url(secrets.token_bytes(16)), **options}


def _own_claims(options: dict[str, Any]) -> list[tuple[str, str]]:
    claims: dict[str, str] = {}
    for name, value in _pairs("claim", options.get("claim", {})):
        if not re.fullmatch(r"x[a-z0-9]{1,7}", name):
            raise AvcsecError(f"claim: '{name}' must be x and 1 to 7 of a-z 0-9")
        if name in claims:
            raise AvcsecError(f"claim: '{name}' stands there twice")
        text = _match(f"claim: '{name}'", value, r"[A-Za-z0-9._-]+", "of A-Z a-z 0-9 - . _")
        claims[name] = _fits(f"claim: '{name}'", text)
    return list(claims.items())


def _fits(option: str, value: str) -> str:
    if len(value) > _VALUE_MAX:
        raise AvcsecError(f"{option} is too long: more than 256 characters in the token")
    return value


def _network(family: str, value: Any) -> Optional[str]:
    """The claim `family` (ip4 or ip6) of option ip, None without one."""
    found: dict[str, str] = {}
    for item in _list("ip", value, " ,"):
        claim, text = _read_network(item)
        if claim in found:
            raise AvcsecError("ip: give one network of each family")
        found[claim] = text
    return found.get(family)


def _read_network(item: str) -> tuple[str, str]:
    wrong = AvcsecError("ip must be an address or network, like 192.0.2.0/24 or 2001:db8::/48")
    if re.fullmatch(r"::[Ff]{4}:[0-9.]+", item):  # as dual-stack sockets show IPv4 clients
        item = item[7:]
    ip4 = r"(?:0|[1-9][0-9]{0,2})(?:\.(?:0|[1-9][0-9]{0,2})){3}"
    shape = re.fullmatch(rf"({ip4}|[0-9A-Fa-f:]+)(?:/([1-9][0-9]{{0,2}}))?", item)
    if not shape:
        raise wrong
    address, prefix = shape[1].lower(), shape[2]
    try:
        lowest = ipaddress.ip_address(address)
        prefix = prefix or str(lowest.max_prefixlen)
        network = ipaddress.ip_network(address + "/" + prefix, strict=False)
    except ValueError:
        raise wrong from None
    if network.network_address != lowest:
        raise AvcsecError("ip has bits set behind its prefix: clear them")
    if isinstance(lowest, ipaddress.IPv6Address) and lowest.ipv4_mapped is not None:
        raise AvcsecError("ip is an IPv4-mapped network: write it as IPv4")
    text = address.replace(":", "_")
    return (f"ip{lowest.version}",
            text if int(prefix) == lowest.max_prefixlen else text + "-" + prefix)


def _file_name(value: Any) -> str:
    """A name of at most 192 bytes: cut between characters, its extension kept."""
    name = _text("name", value)
    if len(name) > _NAME_MAX:
        dot = name.rfind(b".")
        extension = name[dot:] if dot > 0 and len(name) - dot <= 32 else b""
        cut = _NAME_MAX - len(extension)
        while name[cut] & 0xC0 == 0x80:
            cut -= 1
        name = name[:cut] + extension
    return _b64url(name)


def _hosts(value: Any) -> str:
    hosts = _list("origin", value, " ,")
    label = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    for host in hosts:
        if len(host) > 253 or not re.fullmatch(rf"{label}(?:\.{label})*", host):
            raise AvcsecError("origin must be host names, without scheme and port")
    return "_".join(_once("origin", [host.lower() for host in hosts]))


_CLAIMS: dict[str, tuple[str, Callable[[Any], Optional[str]]]] = {
    "nbf": ("nbf", lambda v: str(_time("nbf", v))),
    "dir": ("dir", lambda v: str(_number("dir", v, 64))),
    "ip4": ("ip", lambda v: _network("ip4", v)),
    "ip6": ("ip", lambda v: _network("ip6", v)),
    "org": ("origin", _hosts),
    "mth": ("method", lambda v: _words("method", v, r"[A-Z][A-Z0-9_-]*", "words of A-Z 0-9 - _")),
    "sub": ("sub", lambda v: _b64url(_text("sub", v))),
    "role": ("role", lambda v: _match("role", v, r"[A-Za-z0-9_-]+", "of A-Z a-z 0-9 _ -")),
    "app": ("app", lambda v: _match("app", v, r"[A-Za-z0-9._-]+", "of A-Z a-z 0-9 - . _")),
    "act": ("act", lambda v: _words("act", v, r"[a-z]+", "words of a-z")),
    "room": ("room", lambda v: _b64url(_text("room", v))),
    "id": ("id", lambda v: _match("id", v, r"[A-Za-z0-9._-]{16,64}",
                                  "16 to 64 of A-Z a-z 0-9 - . _")),
    "max": ("max", lambda v: str(_number("max", v, 1000000))),
    "fn": ("name", _file_name),
    "disp": ("disposition", lambda v: _choice("disposition", v, ("inline", "attachment"))),
    "rate": ("rate", lambda v: str(_number("rate", v, _NUMBER_MAX))),
    "len": ("length", lambda v: str(_number("length", v, _NUMBER_MAX))),
    "typ": ("type", lambda v: _words("type", v, r"[a-z0-9-]+", "words of a-z 0-9 -")),
}

_TOKEN_OPTIONS = ("key", "purpose", "expires", "until", "window", "now", "args", "unsigned",
                  "literal", "claim", *dict.fromkeys(option for option, _ in _CLAIMS.values()))


# Reading options


def _check_names(options: dict[str, Any], known: Sequence[str]) -> None:
    """No option is passed over in silence: a misspelt or missing `ip` binds nothing."""
    for name, value in options.items():
        if name not in known:
            raise AvcsecError(f"there is no option '{name}' here")
        if value is None:
            raise AvcsecError(f"{name} has no value: leave it out, or give one")


def _flag(option: str, options: dict[str, Any]) -> bool:
    value = options.get(option, False)
    if not isinstance(value, bool):
        raise AvcsecError(f"{option} must be true or false")
    return value


def _plain(value: Any) -> Optional[str]:
    """Text as it is, a whole number in digits; None for all else. True is no number."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _SAFE_INTEGER:
        return str(int(value))
    if not isinstance(value, str) or re.search("[\ud800-\udfff]", value):
        return None
    return value


def _scalar(option: str, value: Any) -> str:
    text = _plain(value)
    if text is None:
        raise AvcsecError(f"{option} must be text in UTF-8 or a whole number")
    return text


def _number(option: str, value: Any, most: int) -> int:
    text = _plain(value)
    if text is None or not re.fullmatch(r"[1-9][0-9]{0,15}", text) or int(text) > most:
        raise AvcsecError(f"{option} must be a whole number from 1 to {most}")
    return int(text)


def _time(option: str, value: Any) -> int:
    shape = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z",
                         _plain(value) or "")
    if not shape:
        return _number(option, value, _LATEST)
    year, month, day, hour, minute, second = map(int, shape.groups())
    try:
        moment = datetime.datetime(year, month, day, hour, minute, second,
                                   tzinfo=datetime.timezone.utc)
    except ValueError:
        raise AvcsecError(f"{option} is no date of the calendar") from None
    return _number(option, (moment - _EPOCH) // datetime.timedelta(seconds=1), _LATEST)


_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def _seconds(option: str, value: Any) -> int:
    shape = re.fullmatch(r"([1-9][0-9]{0,10})([smhdw]?)", _plain(value) or "")
    if not shape:
        raise AvcsecError(f"{option} must be seconds, or like 90s, 30m, 1h, 7d, 4w")
    return int(shape[1]) * _UNITS[shape[2]]


def _choice(option: str, value: Any, choices: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise AvcsecError(f"{option} must be one of {', '.join(choices)}")
    return value


def _match(option: str, value: Any, pattern: str, meaning: str) -> str:
    text = _scalar(option, value)
    if not re.fullmatch(pattern, text):
        raise AvcsecError(f"{option} must be {meaning}")
    return text


def _text(option: str, value: Any) -> bytes:
    text = _scalar(option, value)
    if text == "" or re.search("[\x00-\x1f\x7f-\x9f]", text):
        raise AvcsecError(f"{option} is empty or holds a control character")
    return text.encode("utf-8")


def _list(option: str, value: Any, separators: str) -> list[str]:
    items = re.split(f"[{separators}]+", value) if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)) or not items:
        raise AvcsecError(f"{option} must be text or a list of texts")
    return [_scalar(option, item) for item in items]


def _words(option: str, value: Any, pattern: str, meaning: str) -> str:
    words = _list(option, value, " ,.")
    return ".".join(_once(option, [_match(option, word, pattern, meaning) for word in words]))


def _once(option: str, items: list[str]) -> list[str]:
    if len(set(items)) < len(items):
        raise AvcsecError(f"{option} names one twice")
    return items


def _pairs(option: str, value: Any) -> list[tuple[str, Any]]:
    pairs = list(value.items()) if isinstance(value, Mapping) else value
    wrong = AvcsecError(f"{option} must be names with their values")
    if not isinstance(pairs, (list, tuple)):
        raise wrong
    for pair in pairs:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise wrong
    return [(_scalar(option, name), value) for name, value in pairs]


def _escape(text: str) -> str:
    return quote(text, safe="")


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
