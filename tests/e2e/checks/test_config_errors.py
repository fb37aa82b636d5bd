# SPDX-License-Identifier: Apache-2.0
# Configuration that can not protect what it seems to: configtest fails with file, line and
# remedy, or warns; and what is right passes in silence.
import os

import pytest

from avc import settings, tokens
from avc.httpd import USUAL, Httpd

GOOD_KEY = "k1 hs256 " + tokens.SECRETS["k1"]


def checked(config, keys=tokens.KEY_FILE, prepare=None, **how):
    server = Httpd(config, keys=keys, **how)
    if prepare:
        prepare(server)
    status, printed = server.configtest()
    for secret in list(tokens.SECRETS.values()) + [tokens.PASSWORD]:
        assert secret not in printed
    return server, status, printed


def line_of(server, needle):
    with open(server.config_file) as config:
        for number, line in enumerate(config, 1):
            if needle in line:
                return number
    raise AssertionError(needle)


def assert_refused(config, needle, *words, **how):
    """configtest fails and names the file, the line of `needle` and each of the words."""
    server, status, printed = checked(config, **how)
    assert status != 0, printed
    assert "httpd.conf" in printed and str(line_of(server, needle)) in printed, printed
    for word in words:
        assert word.lower() in printed.lower(), (word, printed)


# -- what is right

RIGHT = """
AvcKeyFile "@keys@"
AvcRealm site-a
AvcClockSkew 0
AvcClientAddress connection
AvcScrubHeaders On
AvcEnforce On
AvcMediaServer 127.0.0.2 10.0.0.0/8 192.0.2.1-192.0.2.9 2001:db8::/32 ::1
AvcMediaServerProof any address token secret secret:X-Media
AvcMediaServerScripts avchat tools/push.php act.php?mode=server
AvcAdmin 127.0.0.3
AvcAdminProof address
AvcAdminScripts avchat
AvcHidden avchat drafts
AvcUnsignedArgs page_* lang
AvcInlineTypes image/png video/mp4
AvcOrigins https://www.chat.example https://chat.example:8443 capacitor://localhost credentials
<Location "/files">
    AvcFiles "@private@"
</Location>
<Directory "@docroot@/x">
    AvcSignedURL On
</Directory>
<Files "y.php">
    AvcMediaServerOnly On
</Files>
<If "false">
    AvcAdminOnly On
</If>
"""


@pytest.mark.smoke
def test_a_right_configuration_passes_in_silence():
    _, status, printed = checked(RIGHT)
    assert status == 0 and "AVC" not in printed and "Syntax OK" in printed, printed


def test_the_module_alone_changes_nothing():
    server, status, printed = checked("", keys=None, docroot={"a.txt": "open"})
    assert status == 0 and "AVC" not in printed
    with server:
        server.allowed("/a.txt?avc=junk", shows="open")


# -- key files

def mode(bits):
    return lambda server: os.chmod(server.keys, bits)


def linked(server):
    os.rename(server.keys, server.keys + ".real")
    os.symlink(server.keys + ".real", server.keys)


def a_directory(server):
    os.unlink(server.keys)
    os.mkdir(server.keys)
    settings.give(server.keys)


def a_fifo(server):
    os.unlink(server.keys)
    os.mkfifo(server.keys, 0o600)
    settings.give(server.keys)


# SPEC [keys-9]
@pytest.mark.smoke
@pytest.mark.parametrize("name, prepare, word", [
    ("missing", lambda server: os.unlink(server.keys), "avcsec.keys"),
    ("readable by the group", mode(0o640), "0600"),
    ("readable by others", mode(0o604), "0600"),
    ("writable by the group", mode(0o620), "0600"),
    ("executable by others", mode(0o601), "0600"),
    ("a symbolic link", linked, "link"),
    ("a directory", a_directory, "regular file"),
    ("a fifo", a_fifo, "regular file"),
])
def test_unusable_key_files(name, prepare, word):
    assert_refused('AvcKeyFile "@keys@"\n', "AvcKeyFile", "avcsec.keys", word, prepare=prepare)


@pytest.mark.root
def test_a_key_file_of_another_user():
    assert_refused('AvcKeyFile "@keys@"\n', "AvcKeyFile", "avcsec.keys", "own", started_by="root",
                   prepare=lambda server: settings.give(server.keys, "nobody"))


BAD_LINES = {
    "empty file": ("", None), "only comments": ("# nothing\n\n", None),
    "no final newline": (GOOD_KEY, None),
    "short secret": ("k1 hs256 c2hvcnQ\n", 1),
    "long secret": ("k1 hs256 " + "A" * 88 + "\n", 1),
    "padding": (GOOD_KEY + "=\n", 1), "standard alphabet": ("k1 hs256 " + "+/" * 22 + "\n", 1),
    "kid too long": ("k" * 17 + GOOD_KEY[2:] + "\n", 1), "kid with a dot": ("k.1" + GOOD_KEY[2:] + "\n", 1),
    "kid twice": (GOOD_KEY + "\n" + GOOD_KEY + "\n", 2),
    "unknown kind": ("k1 md5 " + tokens.SECRETS["k1"] + "\n", 1),
    "unknown option": (GOOD_KEY + " since=2020-01-01T00:00:00Z\n", 1),
    "unknown purpose": (GOOD_KEY + " for=files\n", 1), "empty purpose": (GOOD_KEY + " for=\n", 1),
    "no such day": (GOOD_KEY + " until=2026-02-30T00:00:00Z\n", 1),
    "not UTC": (GOOD_KEY + " until=2026-02-03T00:00:00+01:00\n", 1),
    "option twice": (GOOD_KEY + " until=2030-01-01T00:00:00Z until=2031-01-01T00:00:00Z\n", 1),
    "short password": ("pw password short\n", 1), "password with a space": ("pw password " + "a b " * 9 + "\n", 1),
    "one word": (GOOD_KEY + "\nk2\n", 2), "second line bad": (GOOD_KEY + "\n# c\nk2 hs256 !!!\n", 3),
    "control character": (GOOD_KEY + "\nk2 hs256 \x01\n", 2), "NUL": (GOOD_KEY + "\nk2\0 hs256 x\n", 2),
    "carriage return": (GOOD_KEY + "\r\n", 1),
    "too large": (GOOD_KEY + "\n" + "# padding\n" * 7000, None),
}


# SPEC [keys-1] [keys-2] [keys-9]
@pytest.mark.parametrize("name", sorted(BAD_LINES))
def test_bad_lines_in_a_key_file(name):
    content, line = BAD_LINES[name]
    server, status, printed = checked('AvcKeyFile "@keys@"\n', keys=content)
    assert status != 0, printed
    assert "avcsec.keys" in printed and str(line_of(server, "AvcKeyFile")) in printed, printed
    if line:
        assert "avcsec.keys:%d" % line in printed or "line %d" % line in printed, printed


GOOD_LINES = [
    GOOD_KEY + "\n", "# c\n\n" + GOOD_KEY + "\n\n# d\n",
    GOOD_KEY + " for=file,upload from=2020-01-01T00:00:00Z until=2040-01-01T00:00:00Z\n",
    "a-B_9 hs256 " + "A" * 43 + "\nA-b_9 hs256 " + "B" * 42 + "A\n",
    "k1 hs256 " + "A" * 86 + "\n", "pw password " + "Aa0-._~" * 3 + "\n" + GOOD_KEY + "\n",
]


# SPEC [keys-1]
@pytest.mark.parametrize("content", GOOD_LINES)
def test_good_lines_in_a_key_file(content):
    _, status, printed = checked('AvcKeyFile "@keys@"\n', keys=content)
    assert status == 0 and "AVC" not in printed, printed


# SPEC [keys-10]
def test_mounted_secrets_may_be_links_and_group_readable():
    def mounted(server):
        linked(server)
        os.chmod(server.keys + ".real", 0o440)
    _, status, printed = checked('AvcKeyFile "@keys@" mounted\n', prepare=mounted)
    assert status == 0, printed
    assert_refused('AvcKeyFile "@keys@" mounted\n', "AvcKeyFile", "avcsec.keys",
                   prepare=lambda server: os.chmod(server.keys, 0o444))
    assert_refused('AvcKeyFile "@keys@" mounted\n', "AvcKeyFile", "avcsec.keys",
                   prepare=lambda server: os.chmod(server.keys, 0o660))


# SPEC [keys-12]
@pytest.mark.root
def test_somebody_who_may_not_read_the_key_file_is_only_warned():
    server, status, printed = checked('AvcKeyFile "@keys@"\n', started_by="root")
    assert status == 0 and "AVC" not in printed, printed
    server.started_by = None
    status, printed = server.configtest()
    assert status == 0 and "AVC0102" in printed and "avcsec.keys" in printed, printed


# SPEC [keys-12]
def test_a_cold_start_fails_on_a_bad_key_file():
    server = Httpd('AvcKeyFile "@keys@"\n', keys="k1 hs256 c2hvcnQ\n")
    with pytest.raises(AssertionError, match="did not come up"):
        server.start()
    server.log.claim("AVC0101|avcsec.keys", count=None)
    server.log.disregard("AH0001[346]|Configuration Failed|AH00526|Syntax error")
    server.stop()


# -- private files

def writable(server):
    os.chmod(server.private, 0o777)


FILES = '<Location "/files">\nAvcFiles "%s"\n</Location>\n'
KEYS = 'AvcKeyFile "@keys@"\n'


# SPEC [conf-24]
@pytest.mark.parametrize("name, config, words, how", [
    ("inside the document root", FILES % "@docroot@/inside", ["DocumentRoot"],
     {"docroot": {"inside/a.txt": "x"}}),
    ("is the document root", FILES % "@docroot@", ["DocumentRoot"], {}),
    ("inside an alias's target", 'Alias "/pub" "@root@/private"\n' + FILES % "@private@/deep",
     ["Alias"], {"private": {"deep/a.txt": "x"}}),
    ("inside a script alias's target", 'ScriptAlias "/cgi/" "@private@/"\n' + FILES % "@private@",
     ["Alias"], {}),
    ("writable by others", FILES % "@private@", ["o-w"], {"prepare": writable}),
    ("missing", FILES % "@root@/nowhere", ["nowhere"], {}),
    ("a file", FILES % "@private@/a.txt", ["directory"], {"private": {"a.txt": "x"}}),
    ("in a Directory", '<Directory "@docroot@">\nAvcFiles "@private@"\n</Directory>\n',
     ["Location"], {}),
    ("in Files", '<Files "x">\nAvcFiles "@private@"\n</Files>\n', ["Location"], {}),
    ("in a LocationMatch", '<LocationMatch "^/files/">\nAvcFiles "@private@"\n</LocationMatch>\n',
     ["Location"], {}),
    ("in a regular Location", '<Location ~ "^/files/">\nAvcFiles "@private@"\n</Location>\n',
     ["Location"], {}),
    ("in a Location with wildcards", '<Location "/f*/x">\nAvcFiles "@private@"\n</Location>\n',
     ["Location"], {}),
    ("at server level", 'AvcFiles "@private@"\n', ["Location"], {}),
    ("in If", '<If "true">\nAvcFiles "@private@"\n</If>\n', ["Location"], {}),
    ("in If in Location", '<Location "/f">\n<If "true">\nAvcFiles "@private@"\n</If>\n</Location>\n',
     ["Location"], {}),
    ("around the document root", FILES % "@root@", ["DocumentRoot", "contains"], {}),
    ("around everything", FILES % "/", ["contains"], {}),
    ("around the key file", FILES % "@root@/conf", ["AvcKeyFile", "contains"], {}),
    ("in Proxy", '<Proxy "*">\nAvcFiles "@private@"\n</Proxy>\n', ["Location"], {}),
])
def test_private_files_in_the_wrong_place(name, config, words, how):
    assert_refused(KEYS + config, "AvcFiles", *words, **how)


@pytest.mark.parametrize("line", ["AvcMediaServerOnly On", "AvcSignedURL On", "AvcHidden drafts"])
@pytest.mark.parametrize("section", ['Proxy "http://127.0.0.1:8080/streams"', 'ProxyMatch "^http"'])
def test_a_protection_of_what_a_proxy_asks_for(line, section):
    """Servers behind read other addresses than they are asked for."""
    assert_refused(KEYS + "<%s>\n%s\n</%s>\n" % (section, line, section.split()[0]), line.split()[0],
                   "<Proxy>", "<Location>")


def test_private_files_without_a_key_file():
    assert_refused(FILES % "@private@", "AvcFiles", "AvcKeyFile", keys=None)


def test_a_document_root_that_only_starts_with_the_same_name_is_another_directory():
    _, status, printed = checked(KEYS + FILES % "@docroot@2", prepare=lambda server: (
        os.makedirs(server.docroot + "2"), settings.give(server.docroot + "2")))
    assert status == 0 and "AVC" not in printed, printed


def test_a_symbolic_link_into_the_document_root_is_seen_through():
    def link(server):
        os.makedirs(os.path.join(server.docroot, "inside"))
        os.symlink(os.path.join(server.docroot, "inside"), os.path.join(server.root, "seems-out"))
    assert_refused(KEYS + FILES % "@root@/seems-out", "AvcFiles", "DocumentRoot", prepare=link)


def test_another_virtual_hosts_document_root_counts_too():
    config = KEYS + FILES % "@root@/other/inside" + """
    <VirtualHost 127.0.0.1:@port@>
        ServerName other.example
        DocumentRoot "@root@/other"
    </VirtualHost>
    """
    assert_refused(config, "AvcFiles", "DocumentRoot", prepare=lambda server: (
        os.makedirs(server.root + "/other/inside"), settings.give(server.root + "/other")))


# -- protections that lack what they need

@pytest.mark.smoke
@pytest.mark.parametrize("config, needle, words", [
    ("AvcMediaServerOnly On", "AvcMediaServerOnly", ["AvcMediaServer"]),
    ("AvcMediaServerScripts avchat", "AvcMediaServerScripts", ["AvcMediaServer"]),
    ("AvcAdminOnly On", "AvcAdminOnly", ["AvcAdmin"]),
    ("AvcAdminScripts avchat", "AvcAdminScripts", ["AvcAdmin"]),
    ('<Location "/a">\nAvcMediaServerOnly On\n</Location>', "AvcMediaServerOnly", ["AvcMediaServer"]),
    ("AvcMediaServer 127.0.0.2\nAvcMediaServerScripts x\nAvcMediaServerProof address token",
     "AvcMediaServerScripts", ["AvcKeyFile"]),
    ("AvcMediaServerScripts x\nAvcMediaServerProof secret", "AvcMediaServerScripts", ["AvcKeyFile"]),
    ('<Location "/a">\nAvcSignedURL On\n</Location>', "AvcSignedURL", ["AvcKeyFile"]),
    ('<Directory "@docroot@">\nAvcSignedURL On\n</Directory>', "AvcSignedURL", ["AvcKeyFile"]),
    ('<Files "x">\nAvcSignedURL On\n</Files>', "AvcSignedURL", ["AvcKeyFile"]),
    ('<If "true">\nAvcSignedURL On\n</If>', "AvcSignedURL", ["AvcKeyFile"]),
    ('<VirtualHost 127.0.0.1:@port@>\n<Location "/a">\nAvcSignedURL On\n</Location>\n</VirtualHost>',
     "AvcSignedURL", ["AvcKeyFile"]),
])
def test_protection_without_any_address_or_key(config, needle, words):
    assert_refused(config + "\n", needle, *words, keys=None)


def test_secret_proof_without_a_password_in_the_key_file():
    _, status, printed = checked(
        KEYS + "AvcMediaServerScripts x\nAvcMediaServerProof secret\n", keys=GOOD_KEY + "\n")
    assert status != 0 or "AVC0102" in printed, printed
    assert "password" in printed


@pytest.mark.parametrize("value, word", [
    ("::ffff:10.0.0.0/8", "10.0.0.0/8"), ("10.0.0.300", "10.0.0.300"), ("10.0.0.0/33", "10.0.0.0/33"),
    ("10.0.0.1/8", "10.0.0.1/8"), ("10.0.0.9-10.0.0.1", "10.0.0.9-10.0.0.1"), ("host.example", "host.example"),
    ("2001:db8::1-2001:db8::", "2001:db8"), ("10.0.0", "10.0.0"), ("010.0.0.1", "010.0.0.1"),
    ("2001:db8::/129", "129"), ("10.0.0.1-2001:db8::1", "10.0.0.1"), ("127.0.0.1:80", "127.0.0.1:80"),
    ("10.0.0.0/255.0.0.0", "255.0.0.0"), ("fe80::1%eth0", "fe80"), ("0.0.0.0/0", "0.0.0.0/0"), ("::/0", "::/0"),
])
def test_nonsense_addresses_are_refused_with_a_sentence(value, word):
    assert_refused("AvcMediaServer " + value + "\n", "AvcMediaServer", word, keys=None)
    assert_refused("AvcAdmin 127.0.0.1 " + value + "\n", "AvcAdmin", word, keys=None)


@pytest.mark.parametrize("line", [
    "AvcRealm a/b", "AvcRealm " + "x" * 65, "AvcRealm \"\"", "AvcClockSkew -1", "AvcClockSkew x",
    "AvcClockSkew 99999999999", "AvcEnforce Off", "AvcEnforce maybe", "AvcClientAddress header",
    "AvcMediaServerProof webhooks", "AvcMediaServerProof any", "AvcMediaServerProof secret:",
    "AvcMediaServerProof secret:a:b", "AvcMediaServerOnly maybe", "AvcOrigins chat.example",
    "AvcOrigins https://chat.example/", "AvcOrigins *", "AvcOrigins credentials", "AvcOrigins null",
    "AvcOrigins file://x", "AvcOrigins data://x", "AvcOrigins capacitor://", "AvcOrigins capacitor:localhost",
    "AvcOrigins capacitor://localhost/", "AvcOrigins app://*", "AvcOrigins 1app://x", "AvcOrigins ://x",
    "AvcOrigins https://Chat.example/x", "AvcInlineTypes png", "AvcScrubHeaders maybe",
    "AvcMediaServerScripts a/b/c", "AvcMediaServerScripts /", "AvcHidden a?b=c", "AvcHidden ..",
    "AvcKeyFile", "AvcMediaServer",
])
def test_values_that_make_no_sense(line):
    assert_refused(line + "\n", line.split(" ")[0], line.split(" ")[0], keys=None)


@pytest.mark.parametrize("line", ["AvcKeyFile /etc/hostname", "AvcRealm x", "AvcClientAddress connection",
                                  "AvcScrubHeaders On", "AvcClockSkew 5"])
@pytest.mark.parametrize("section", ['Location "/a"', 'Directory "/a"', 'Files "a"', 'If "true"'])
def test_what_belongs_to_a_whole_server_is_refused_in_sections(line, section):
    config = "<%s>\n%s\n</%s>\n" % (section, line, section.split(" ")[0])
    server, status, printed = checked(config, keys=None)
    assert status != 0 and line.split(" ")[0] in printed, printed


def test_nothing_is_allowed_in_limit_sections():
    for line in ("AvcMediaServerOnly On", "AvcSignedURL On", "AvcHidden x"):
        server, status, printed = checked(
            KEYS + 'AvcMediaServer 127.0.0.2\n<Location "/a">\n<Limit GET>\n%s\n</Limit>\n</Location>\n'
            % line)
        assert status != 0, (line, printed)


# -- other modules

def test_useragent_without_a_trusted_proxy():
    config = "AvcClientAddress useragent\nRemoteIPHeader X-Forwarded-For\n"
    assert_refused(config, "RemoteIPHeader", "RemoteIPInternalProxy", "AvcClientAddress",
                   modules=USUAL + ["remoteip"], keys=None)
    for trusted in ("RemoteIPInternalProxy 127.0.0.4", "RemoteIPTrustedProxy 127.0.0.4"):
        _, status, printed = checked(config + trusted + "\n", modules=USUAL + ["remoteip"], keys=None)
        assert status == 0 and "AVC" not in printed, printed


def test_useragent_without_mod_remoteip():
    _, status, printed = checked("AvcClientAddress useragent\n", keys=None)
    assert status != 0 or "AVC0102" in printed, printed


# SPEC [place-5]
def test_remoteip_together_with_connection_is_warned_of():
    _, status, printed = checked(
        "AvcMediaServer 127.0.0.2\nAvcMediaServerScripts avchat\nRemoteIPHeader X-Forwarded-For\n"
        "RemoteIPInternalProxy 127.0.0.4\n", modules=USUAL + ["remoteip"], keys=None)
    assert status == 0 and "AVC0102" in printed and "AvcClientAddress" in printed, printed


PROTECTION = KEYS + '<Location "/signed">\nAvcSignedURL On\n</Location>\n'
CACHE = 'CacheEnable disk "/"\nCacheRoot "@root@/run"\n'


def test_the_cache_that_answers_before_any_check():
    modules = USUAL + ["cache", "cache_disk"]
    assert_refused(PROTECTION + CACHE, "CacheEnable", "CacheQuickHandler", modules=modules)
    _, status, printed = checked(PROTECTION + CACHE + "CacheQuickHandler Off\n", modules=modules)
    assert status == 0, printed
    _, status, printed = checked(CACHE, modules=modules, keys=None)
    assert status == 0 and "AVC" not in printed, printed


TWO_HOSTS = """
<VirtualHost 127.0.0.1:@port@>
    ServerName chat.example
    DocumentRoot "@docroot@"
    %s
</VirtualHost>
<VirtualHost 127.0.0.1:@port@>
    ServerName other.example
    DocumentRoot "@docroot@%s"
    %s
</VirtualHost>
"""


# SPEC [conf-25]
@pytest.mark.parametrize("protection", [
    "AvcMediaServer 127.0.0.2\nAvcMediaServerScripts avchat", "AvcHidden avchat",
    "AvcAdmin 127.0.0.3\nAvcAdminScripts avchat",
    PROTECTION.replace("\n", "\n    "),
])
def test_another_host_that_serves_the_same_directory_without_the_protection(protection):
    _, status, printed = checked(TWO_HOSTS % (protection, "", ""))
    assert status == 0 and "AVC0102" in printed and "other.example" in printed, printed
    _, status, printed = checked(TWO_HOSTS % (protection, "/elsewhere", ""),
                                docroot={"elsewhere/a.txt": "x"})
    assert status == 0, printed


def test_hosts_that_share_keys_and_realm_are_warned_of():
    _, status, printed = checked(TWO_HOSTS % (PROTECTION, "/other", PROTECTION),
                                docroot={"other/a.txt": "x"})
    assert status == 0 and "AVC0102" in printed and "AvcRealm" in printed, printed
    _, status, printed = checked(
        TWO_HOSTS % (PROTECTION + "AvcRealm a\n", "/other", PROTECTION + "AvcRealm b\n"),
        docroot={"other/a.txt": "x"})
    assert status == 0 and "AVC" not in printed, printed


def test_one_site_on_two_ports_is_no_cause_for_a_warning():
    server = Httpd(PROTECTION, tls=True)
    status, printed = server.configtest()
    assert status == 0 and "AVC" not in printed, printed


@pytest.mark.parametrize("protection", [
    '<Directory "@docroot@/x">\nAvcMediaServerOnly On\n</Directory>',
    '<Files "x.php">\nAvcMediaServerOnly On\n</Files>',
])
def test_directory_protections_beside_proxypassmatch_are_warned_of(protection):
    wiring = 'ProxyPassMatch "^/(.*\\.php)$" "fcgi://127.0.0.1:9/$1"\nAvcMediaServer 127.0.0.2\n'
    _, status, printed = checked(wiring + protection + "\n", keys=None)
    assert status == 0 and "AVC0102" in printed and "ProxyPassMatch" in printed, printed
    _, status, printed = checked(wiring + '<Location "/x">\nAvcMediaServerOnly On\n</Location>\n',
                                keys=None)
    assert status == 0 and "AVC" not in printed, printed


def test_warnings_reach_the_error_log_at_start(serve_once):
    config = TWO_HOSTS % ("AvcHidden avchat", "", "")
    server = serve_once(config, keys=None, docroot={"a.txt": "open"})
    server.log.claim("AVC0102: ", count=None)
    server.allowed("/a.txt", shows="open")
