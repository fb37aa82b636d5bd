# SPDX-License-Identifier: Apache-2.0
# What is compared: groups of cases whose ratios are formed inside one round, and the aims.
# The first case of a group is what the others are compared with.
import functools

import checks
import httpd
import rivals


class Case:
    """Requests of one kind for one server. h2 and tls say how; refused: no request may pass."""

    def __init__(self, label, server, kind, size="1 KiB", h2=False, tls=False, refused=False):
        self.label, self.server, self.kind, self.size = label, server, kind, size
        self.h2, self.tls, self.refused = h2, tls, refused


class Group:
    def __init__(self, name, cases, quick=False, own_plain=None):
        self.name, self.cases, self.quick = name, cases, quick
        self.own_plain = own_plain or {}      # label -> label of the same server's plain


SERVERS = {
    "lean": httpd.lean,
    "lean tls": functools.partial(httpd.lean, name="httpd lean tls", with_tls=True),
    "bare": functools.partial(httpd.lean, name="httpd bare", with_module=False),
    "loaded": functools.partial(httpd.lean, name="httpd loaded", directives=""),
    "debian": httpd.debian,
    "debian tls": functools.partial(httpd.debian, name="httpd Debian tls", with_tls=True),
    "nginx": rivals.nginx,
    "lighttpd": rivals.lighttpd,
    "openidc": rivals.openidc,
    "php": rivals.php,
    "checks": checks.server,
    "checks redis": checks.with_redis,
    "checks closed": functools.partial(checks.server, name="httpd checks closed",
                                       more="KeepAlive Off\n"),
}


def pair(server, size="1 KiB", **how):
    return [Case("plain", server, "plain", size, **how),
            Case("signed", server, "signed", size, **how)]


def refused(server):
    return Case("refused: wrong mac", server, "refused", refused=True)


def groups(is_quick):
    """All groups, or those of --quick with fewer cases."""
    lean = pair("lean") + [refused("lean")]
    debian = pair("debian") + [refused("debian")]
    if not is_quick:
        lean += [Case("plain, query as long", "lean", "long"),
                 Case("signed, token in the path", "lean", "inpath"),
                 Case("signed, AvcSignedURL", "lean", "url"),
                 Case("plain, module not loaded", "bare", "plain")]
    lean.append(Case("nginx, plain", "nginx", "plain"))
    every = [
        Group("lean, 1 KiB", lean, True),
        Group("Debian, 1 KiB", debian, True),
        Group("lean, 100 KiB", pair("lean", "100 KiB"), True),
        Group("Debian, 100 KiB", pair("debian", "100 KiB"), True),
        Group("lean, 1 KiB, TLS", pair("lean tls", tls=True), True),
        Group("lean, 1 KiB, HTTP/2 TLS", pair("lean tls", tls=True, h2=True), True),
        token_checks("token checks", "checks", Case("check, counted in Redis", "checks redis", "check"),
                     Case("PHP, a file a token", "php", "phpcheck")),
        token_checks("token checks, a connection each", "checks closed"),
        Group("lean, 100 KiB, TLS", pair("lean tls", "100 KiB", tls=True)),
        Group("lean, 100 KiB, HTTP/2 TLS", pair("lean tls", "100 KiB", tls=True, h2=True)),
        Group("lean, 1 KiB, HTTP/2 clear", pair("lean tls", h2=True)),
        Group("Debian, 1 KiB, TLS", pair("debian tls", tls=True)),
        Group("Debian, 1 KiB, HTTP/2 TLS", pair("debian tls", tls=True, h2=True)),
        Group("lean, 10 MiB", pair("lean", "10 MiB")),
        Group("Debian, 10 MiB", pair("debian", "10 MiB")),
        others(),
    ]
    return [group for group in every if group.quick or not is_quick]


def token_checks(name, server, *more):
    """As nginx-rtmp asks; it makes a connection for each question."""
    return Group(name, [Case("floor: a handler's yes", server, "floor"),
                        Case("check", server, "check"), *more], True)


def others():
    return Group("others, 1 KiB", [
        Case("httpd, plain", "lean", "plain"),
        Case("httpd, mod_avcsec", "lean", "signed"),
        Case("httpd, mod_auth_openidc, JWT", "openidc", "jwt"),
        Case("httpd, PHP, X-Sendfile", "php", "sendfile"),
        Case("httpd, PHP, readfile", "php", "readfile"),
        Case("nginx, plain", "nginx", "plain"),
        Case("nginx, secure_link (MD5)", "nginx", "md5"),
        Case("nginx, HMAC in njs", "nginx", "njs"),
        Case("nginx, HMAC in Lua", "nginx", "lua"),
        Case("lighttpd, plain", "lighttpd", "plain"),
        Case("lighttpd, HMAC in Lua", "lighttpd", "magnet"),
    ], own_plain={
        "nginx, secure_link (MD5)": "nginx, plain", "nginx, HMAC in njs": "nginx, plain",
        "nginx, HMAC in Lua": "nginx, plain", "lighttpd, HMAC in Lua": "lighttpd, plain"})


def chosen(every, only):
    """The groups that --only names; a group keeps the case it is compared with."""
    if not only:
        return every
    word, found = only.lower(), []
    for group in every:
        cases = [case for case in group.cases[1:] if word in case.label.lower()]
        if word in group.name.lower():
            found.append(group)
        elif cases:
            plains = [case for case in group.cases[1:]
                      if case.label in {group.own_plain.get(c.label) for c in cases}]
            kept = plains + [case for case in cases if case not in plains]
            found.append(Group(group.name, group.cases[:1] + kept, group.quick, group.own_plain))
    return found


class Aim:
    """The median ratio of a case in its group is at least (at most) this."""

    def __init__(self, text, group, label, limit, against=None, measure="rate", at_most=False):
        self.text, self.group, self.label, self.limit = text, group, label, limit
        self.against, self.measure, self.at_most = against, measure, at_most


AIMS = [
    Aim("signed, lean, 1 KiB", "lean, 1 KiB", "signed", 1.15),
    Aim("signed, Debian, 1 KiB", "Debian, 1 KiB", "signed", 1.45),
    Aim("signed, lean, 100 KiB", "lean, 100 KiB", "signed", 1.0),
    Aim("signed, Debian, 100 KiB", "Debian, 100 KiB", "signed", 2.0),
    Aim("signed, lean, HTTP/1.1 over TLS", "lean, 1 KiB, TLS", "signed", 1.0),
    Aim("signed, lean, HTTP/2 over TLS", "lean, 1 KiB, HTTP/2 TLS", "signed", 1.0),
    Aim("refused against plain, lean", "lean, 1 KiB", "refused: wrong mac", 1.5),
    Aim("refused against plain, Debian", "Debian, 1 KiB", "refused: wrong mac", 1.5),
    Aim("signed against nginx's plain", "lean, 1 KiB", "signed", 0.57, against="nginx, plain"),
    Aim("p99 of signed against plain's, lean", "lean, 1 KiB", "signed", 1.0, measure="p99",
        at_most=True),
    Aim("p99 of signed against plain's, Debian", "Debian, 1 KiB", "signed", 1.0, measure="p99",
        at_most=True),
    Aim("token check against a handler's floor", "token checks", "check", 0.91),
    Aim("the same, a connection each", "token checks, a connection each", "check", 0.91),
]
VERIFICATION_AIM = Aim("one verification, nanoseconds", None, "verification", 600, at_most=True)
CLAIM_AIM = Aim("one claim of a use, nanoseconds", None, "claims", 100, at_most=True)
