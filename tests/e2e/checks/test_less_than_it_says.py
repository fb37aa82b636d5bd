# SPDX-License-Identifier: Apache-2.0
# What protects less than it says is an error: misspelt names, sections that no request is in, half
# a handler, other ways to what is private. Each with the line that would be right.
import os
import re

import pytest

from avc import settings, tokens
from avc.httpd import USUAL, Httpd
from avc.tokens import signed

KEYS = 'AvcKeyFile "@keys@"\n'
MEDIA = "AvcMediaServer 127.0.0.2\n"
ADMIN = "AvcAdmin 127.0.0.3\n"


def line_of(server, needle):
    with open(server.config_file) as config:
        return next(number for number, line in enumerate(config, 1) if needle in line)


def refused(config, needle, *words, **how):
    """configtest fails at the line of `needle`, and says each of the words."""
    server = Httpd(config, **how)
    status, printed = server.configtest()
    assert status != 0, printed
    assert re.search(r"(httpd\.conf line|on line) %d\b" % line_of(server, needle), printed), printed
    for word in words:
        assert server.fill(word) in printed, (server.fill(word), printed)
    return server


def fine(config, **how):
    server = Httpd(config, **how)
    assert server.configtest() == (0, "Syntax OK\n")
    return server


# -- names

# SPEC [conf-24]
@pytest.mark.parametrize("line, right", [
    (MEDIA + "AvcMediaServerScripts avcchat", "AvcMediaServerScripts avchat"),
    (MEDIA + "AvcMediaServerScripts avcaht", "AvcMediaServerScripts avchat"),
    (MEDIA + "AvcMediaServerScripts avchta", "AvcMediaServerScripts avchat"),
    (MEDIA + "AvcMediaServerScripts AVCHA", "AvcMediaServerScripts avchat"),
    (MEDIA + "AvcMediaServerScripts writeuserlist token_verify", "AvcMediaServerScripts writeuserslist token_verify"),
    (MEDIA + "AvcMediaServerScripts other writeuserlist.php", "AvcMediaServerScripts other writeuserslist"),
    (MEDIA + "AvcMediaServerScripts Live/verifytokens", "AvcMediaServerScripts Live/verifyToken"),
    (MEDIA + "AvcMediaServerScripts token-verify", "AvcMediaServerScripts token_verify"),
    (MEDIA + "AvcMediaServerScripts videowisper", "AvcMediaServerScripts videowhisper"),
    (ADMIN + "AvcAdminScripts avchats", "AvcAdminScripts avchat"),
    (ADMIN + "AvcAdminScripts avc_setting?admin=true", "AvcAdminScripts avc_settings?admin=true"),
    ("AvcHidden avideos", "AvcHidden avideo"),
    ("AvcHidden avc_settings.xm", "AvcHidden avc_settings.xml"),
    ("AvcHidden debug.phpp", "AvcHidden debug.php"),
    ("AvcHidden avhat", "AvcHidden avchat"),
    (ADMIN + "AvcAdminScripts videowhisper", "presets here are: avchat"),
    ("AvcHidden videowhisper", "presets here are: avchat, avideo"),
])
def test_a_name_that_is_one_letter_from_a_presets(line, right):
    needle = line.splitlines()[-1]
    refused(line + "\n", needle, right, keys=None)
    refused('<Location "/chat">\n' + line + "\n</Location>\n", needle, right, keys=None)


# SPEC [conf-24]
@pytest.mark.parametrize("line, name", [
    (MEDIA + "AvcMediaServerScripts writeuserlist", "deep/er/WriteUserList.php"),
    (MEDIA + "AvcMediaServerScripts avcchat", "avcchat/index.php"),
    ("AvcHidden debug.phpp", "debug.phpp.old"), (ADMIN + "AvcAdminScripts videowhisper", "videowhisper.php"),
])
def test_such_a_name_is_right_where_it_lies_on_disk(line, name):
    fine(line + "\n", docroot={name: "x"}, keys=None)


@pytest.mark.parametrize("line", [
    MEDIA + "AvcMediaServerScripts avchat AVIDEO writeuserslist.php token_verify tools/push mine",
    ADMIN + "AvcAdminScripts avchat panel", "AvcHidden avchat avideo none drafts", "AvcHidden *.od *.sav",
    MEDIA + "AvcMediaServerScripts on_publish plugin/Live/none" .replace("/none", ""),
])
def test_other_names_are_nobodys_business(line):
    fine(line + "\n", keys=None)


# SPEC [conf-24]
@pytest.mark.parametrize("line, right", [
    (MEDIA + "AvcMediaServerScripts writeuserslist, token_verify", "AvcMediaServerScripts writeuserslist token_verify"),
    (MEDIA + "AvcMediaServerScripts mine,yours", "AvcMediaServerScripts mine yours"),
    (MEDIA + "AvcMediaServerScripts mine; yours", "AvcMediaServerScripts mine yours"),
    (MEDIA + "AvcMediaServerScripts mine ,yours", "AvcMediaServerScripts mine yours"),
    (ADMIN + 'AvcAdminScripts "panel," other', "AvcAdminScripts panel other"),
    ("AvcHidden drafts,", "AvcHidden drafts"), ("AvcUnsignedArgs page_*, lang", "page_*,"),
    ("AvcInlineTypes image/png, video/mp4", "image/png"), ("AvcOrigins https://a.example, https://b.example", "a.example"),
    ("AvcMediaServer 127.0.0.2, 127.0.0.3", "127.0.0.2,"), ("AvcRedirectHosts a.example, b.example", "a.example"),
])
def test_a_comma_that_belongs_to_no_name(line, right):
    refused(line + "\n", line.splitlines()[-1], right, keys=None)


def test_a_file_may_have_a_comma_in_its_name():
    fine("AvcHidden a,b\n", docroot={"a,b.txt": "x"}, keys=None)


# -- locations

# SPEC [conf-24]
@pytest.mark.parametrize("written, right", [
    ("chat", "/chat"), ("s", "/s"), ("chat/", "/chat/"), ("http://chat.example/chat", "/chat"),
    ("https://chat.example", "/"), ("/%73igned", "/signed"), ("/chat%2Fx", "/chat/x"), ("/chat/./x", "/chat/x"),
    ("/chat/../x", "/x"), ("/..", "/"), ("//chat/.", "/chat/"), ("*/chat", "/*/chat"), ("./chat", "/chat"),
])
@pytest.mark.parametrize("line", ["AvcSignedURL On", "AvcHidden x", "SetHandler avcsec-token"])
def test_a_location_that_no_request_is_in(written, right, line):
    refused(KEYS + '<Location "%s">\n%s\n</Location>\n' % (written, line), line, '<Location "%s">' % right)


def test_other_modules_sections_are_theirs():
    fine(KEYS + '<Location "chat">\nRequire all granted\n</Location>\n<LocationMatch "chat">\nAvcHidden x\n</LocationMatch>\n'
         '<Location ~ "chat">\nAvcHidden x\n</Location>\n<Location "/*/chat">\nAvcHidden x\n</Location>\n')


SLASHES = """
AvcKeyFile "@keys@"
<Location "/one//">
    AvcHidden secret
</Location>
<Location "//two///deep">
    AvcSignedURL On
</Location>
<Location "/three/">
    AvcSignedURL On
</Location>
<Location "/files///">
    AvcFiles "@private@"
</Location>
<Location "//token//">
    SetHandler avcsec-token
</Location>
<VirtualHost 127.0.0.1:@port@>
    ServerName chat.example
    <Location "//">
        AvcHidden everywhere
    </Location>
</VirtualHost>
"""


# SPEC [conf-24]
def test_slashes_too_many_are_read_as_without(serve_once):
    web = serve_once(SLASHES, private={"a.txt": "private"}, docroot={
        "one/secret.txt": "x", "two/deep/a.txt": "content", "three/a.txt": "content", "open.txt": "open", "everywhere.txt": "x"})
    def check():
        for path, reason in (("/one/secret.txt", "hidden"), ("/everywhere.txt", "hidden"), ("/two/deep/a.txt", "no-token"),
                             ("/three/a.txt", "no-token"), ("/three", "no-token"), ("/files/a.txt", "no-token")):
            web.refused(path, reason)
        web.allowed(signed("/two/deep/a.txt"), shows="content")
        web.allowed(signed("/files/a.txt"), shows="private")
        web.allowed("/open.txt", shows="open")
        web.refused("/token", "origin", "POST")  # the handler answers

    check()
    web.graceful()
    check()


# SPEC [conf-24]
@pytest.mark.parametrize("section, right", [
    ('<Location "/Chat">', '<Location "/chat">'), ('<Location "/chat/Deep">', '<Location "/chat/deep">'),
    ('<Directory "@docroot@/CHAT">', '<Directory "@docroot@/chat">'),
])
def test_a_folder_in_another_case(section, right):
    config = KEYS + section + "\nAvcSignedURL On\n</%s>\n" % section[1:].split()[0]
    files = {"chat/deep/a.txt": "x"}
    refused(config, "AvcSignedURL", right, docroot=files)
    fine(config.replace(section, right), docroot=files)
    fine(KEYS + '<Location "/elsewhere">\nAvcSignedURL On\n</Location>\n', docroot=files)


# -- handlers

# SPEC [conf-24]
@pytest.mark.parametrize("lines, words", [
    ("SetHandler avcsec-tokens", ["SetHandler avcsec-token", "avcsec-token-verify"]),
    ("SetHandler avcsec_token", ["write SetHandler avcsec-token"]), ("SetHandler avcsectoken", ["write SetHandler avcsec-token"]),
    ("SetHandler avsec-token", ["write SetHandler avcsec-token"]), ('SetHandler "avcsec-admision"', ["avcsec-admission"]),
    ("SetHandler avcsec-verify", ["avcsec-token-verify"]), ("SetHandler avcsec", ["avcsec-token-verify"]),
    ("SetHandler avcsec-admission", ["AvcAdmission nginx-rtmp"]), ("SetHandler avcsec-check", ["AvcCheck nginx"]),
    ("AddHandler avcsec-token .tok", ["SetHandler avcsec-token"]),
])
def test_half_a_handler_or_nearly_one(lines, words):
    refused(KEYS + MEDIA + '<Location "/h">\n%s\n</Location>\n' % lines, lines, *words)


@pytest.mark.parametrize("config", [
    'AvcAdmission nginx-rtmp\n<Location "/h">\nSetHandler avcsec-admission\n</Location>\n',
    '<Location "/h">\nAvcAdmission nginx-rtmp\n<If "true">\nSetHandler avcsec-admission\n</If>\n</Location>\n',
    '<Location "/h">\nAvcAdmission nginx-rtmp\n</Location>\n<Location "/h/deep">\nSetHandler avcsec-admission\n</Location>\n',
    '<LocationMatch "^/h">\nAvcAdmission nginx-rtmp\n</LocationMatch>\n<Location "/h">\nSetHandler avcsec-admission\n</Location>\n',
    '<Location "/h">\nSetHandler server-status\n</Location>\n<Location "/t">\nSetHandler token\n</Location>\n',
    '<Location "/h">\nSetHandler None\n</Location>\n',
])
def test_a_handler_with_its_directive(config):
    fine(KEYS + MEDIA + config)


@pytest.mark.parametrize("line, known", [
    ("AvcAdmission nginx_rtmp", "nginx-rtmp, srs, mediamtx, ovenmediaengine, ant-media, red5pro"),
    ("AvcCheck apache", "nginx, traefik, caddy, haproxy, envoy"),
    ("AvcMediaServerProof password", "address, token, secret"),
])
def test_an_unknown_word_is_answered_by_those_that_are_known(line, known):
    refused('<Location "/x">\n' + line + "\n</Location>\n", line, known, keys=None)


# -- what lies where addresses lead

DYNAMIC = USUAL + ["userdir", "vhost_alias"]


# SPEC [conf-24]
@pytest.mark.parametrize("line, name", [
    ('UserDir "@root@"', "UserDir"), ('UserDir "@root@/*/part"', "UserDir"),
    ('VirtualDocumentRoot "@root@/%0"', "VirtualDocumentRoot"), ('VirtualDocumentRoot "@root@/private/%0"', "VirtualDocumentRoot"),
    ('VirtualScriptAlias "@root@/%1"', "VirtualScriptAlias"), ('ScriptAlias "/cgi" "@private@/part"', "ScriptAlias"),
    ('AliasMatch "^/u/(.*)$" "@private@/$1"', "AliasMatch"), ('<Location "/u">\nAlias "@private@"\n</Location>', "Alias"),
])
def test_a_private_directory_that_something_publishes(line, name):
    config = KEYS + '<Location "/files">\nAvcFiles "@private@"\n</Location>\n' + line + "\n"
    refused(config, "AvcFiles", name, "move it out", modules=DYNAMIC, private={"part/a.txt": "x"})
    fine(config.replace(line, line.replace("@root@", "/nowhere").replace("@private@", "/nowhere/x")), modules=DYNAMIC,
         private={"part/a.txt": "x"})


# SPEC [conf-24]
@pytest.mark.parametrize("line", ['Alias "/c" "@root@/conf"', 'Alias "/k" "@keys@"', 'VirtualDocumentRoot "@root@/%0"',
                                  'UserDir "@root@"'])
def test_a_key_file_that_something_publishes(line):
    refused(KEYS + line + "\n", "AvcKeyFile", "move it out", modules=DYNAMIC)


# SPEC [conf-24]
@pytest.mark.parametrize("lines, needle", [
    ('AvcRevocations "@docroot@/revoked"', "AvcRevocations"), ('AvcStore "file:@docroot@/store"', "AvcStore"),
    ('AvcRevocations "@state@/one"\nAvcStore "file:@state@/one"', "AvcRevocations"),
    ('AvcStore "file:@keys@"', "AvcStore"),
])
def test_files_where_addresses_or_other_lines_lead(lines, needle):
    refused(KEYS + lines + "\n", needle)


# SPEC [conf-24]
def test_readmes_link_into_the_private_directory_is_no_fault():
    config = KEYS + '<Location "/chat/uploadedFiles">\nAvcFiles "@private@"\n</Location>\nAlias "/c" "@docroot@/chat"\n'
    server = Httpd(config, docroot={"chat/index.html": "home"}, private={"a.txt": "x"})
    os.symlink(server.private, os.path.join(server.docroot, "chat", "uploadedFiles"))
    assert server.configtest() == (0, "Syntax OK\n")


@pytest.mark.root
def test_a_private_directory_that_the_servers_user_cannot_enter():
    config = KEYS + '<Location "/files">\nAvcFiles "@root@/shut/private"\n</Location>\n'

    def prepared(mode):
        server = Httpd(config, started_by="root")
        os.makedirs(os.path.join(server.root, "shut", "private"))
        os.chmod(os.path.join(server.root, "shut"), mode)
        return server
    shut = prepared(0o700)
    status, printed = shut.configtest()
    assert status != 0 and "cannot be entered by " + settings.USER in printed, printed
    assert prepared(0o711).configtest() == (0, "Syntax OK\n")


# -- sections that a proxy passes by

PASS = 'ProxyPass "%s" "http://127.0.0.1:9/"\n'


# SPEC [conf-24]
@pytest.mark.parametrize("pass_, section", [
    ("/", '<Directory "@docroot@">'), ("/", '<Directory "@docroot@/calls">'), ("/", '<Files "x.php">'),
    ("/calls", '<Directory "@docroot@/calls">'), ("/calls/", '<Directory "@docroot@/calls/deep">'),
])
def test_a_section_about_files_whose_requests_a_proxy_takes(pass_, section):
    protection = "%s\nAvcMediaServerOnly On\n</%s>\n" % (section, section[1:].split()[0])
    refused(MEDIA + PASS % pass_ + protection, "AvcMediaServerOnly", "ProxyPass", "<Location>", keys=None)
    for other in ('ProxyPass "/elsewhere" "http://127.0.0.1:9/"\n', "ProxyPass /calls !\n" + PASS % "/" if "calls" in section
                  else ""):
        fine(MEDIA + other + protection, keys=None, docroot={"calls/deep/a": "x"})


# -- other hosts

def hosts(first, second, root="@docroot@", name="other.example"):
    return ('<VirtualHost 127.0.0.1:@port@>\nServerName chat.example\nDocumentRoot "@docroot@/chat"\n%s\n</VirtualHost>\n'
            '<VirtualHost 127.0.0.1:@port@>\nServerName %s\nDocumentRoot "%s"\n%s\n</VirtualHost>\n'
            % (first, name, root, second))


LISTED = "AvcHidden secret"
SITE = {"chat/secret.txt": "x", "chat/deep/a.txt": "x"}


def warned(config, *words, **how):
    server = Httpd(config, docroot=SITE, **how)
    status, printed = server.configtest()
    assert status == 0 and printed.count("AVC0102") == 1, printed
    for word in words:
        assert word in printed, printed


# SPEC [conf-25]
@pytest.mark.parametrize("second", ["", "AvcScrubHeaders On", "AvcMediaServer 127.0.0.2\nAvcMediaServerScripts x",
                                    "Redirect /old https://chat.example/", "Redirect 410 /",
                                    "RewriteEngine On\nRewriteCond %{HTTP_HOST} ^www\nRewriteRule ^ https://chat.example/ [R]",
                                    "RewriteRule ^ https://chat.example/ [R]",
                                    "RewriteEngine On\nRewriteRule ^/chat - [L]\nRewriteRule ^ https://chat.example/ [R]"])
def test_a_host_that_serves_the_same_files_is_warned_of(second):
    warned(hosts(LISTED, second), "other.example", "without this protection", keys=None)


# SPEC [conf-25]
@pytest.mark.parametrize("second", [
    "Redirect / https://chat.example/", "Redirect permanent / https://chat.example/", "RedirectPermanent / https://chat.example/",
    'RedirectMatch 301 "^/(.*)$" "https://chat.example/$1"', 'RedirectMatch "^/(?!\\.well-known/acme-challenge/)(.*)" "https://chat.example/$1"',
    "RewriteEngine On\nRewriteRule ^ https://chat.example%{REQUEST_URI} [END,NE,R=permanent]",
    "RewriteEngine On\nRewriteCond %{HTTPS} !=on\nRewriteRule ^/?(.*) https://chat.example/$1 [R=301,L]",
    "RewriteEngine On\nRewriteCond %{SERVER_NAME} =other.example\nRewriteRule ^ https://%{SERVER_NAME}%{REQUEST_URI} [END,NE,R=permanent]",
    "RewriteEngine On\nRewriteCond %{REQUEST_URI} !^/\\.well-known/acme-challenge/\nRewriteRule (.*) https://chat.example$1 [R]",
    LISTED,
])
def test_a_host_that_only_redirects_or_protects_as_well_is_right(second):
    fine(hosts(LISTED, second), docroot=SITE, keys=None)


# SPEC [conf-25]
def test_which_files_are_the_same():
    folder = '<Directory "@docroot@/chat/deep">\nAvcMediaServer 127.0.0.2\nAvcMediaServerOnly On\n</Directory>'
    warned(hosts(folder, "", root="@docroot@/chat/deep"), "other.example", keys=None)
    fine(hosts(LISTED, "", root="@docroot@/chat/deep"), docroot=SITE, keys=None)
    fine(hosts(folder, "", root="@docroot@/elsewhere"), docroot=dict(SITE, **{"elsewhere/a": "x"}), keys=None)
    # Streams that are proxied are not below anybody's document root.
    fine(hosts(KEYS + '<Location "/streams">\nAvcSignedURL On\nProxyPass "http://127.0.0.1:9/"\n</Location>', ""), docroot=SITE)


# SPEC [conf-25]
def test_the_main_server_counts_where_it_answers():
    alone = ('Listen 127.0.0.1:@other@\n<VirtualHost 127.0.0.1:@other@>\nServerName chat.example\n'
             'DocumentRoot "@docroot@"\n%s\n</VirtualHost>\n' % LISTED)
    warned(alone, "the main server", keys=None, other=1)
    covered = "<VirtualHost *:@port@>\nServerName chat.example\nDocumentRoot \"@docroot@\"\n%s\n</VirtualHost>\n" % LISTED
    fine(covered, docroot=SITE, keys=None)


def test_a_right_configuration_with_a_redirecting_host_beside_it_has_no_warning():
    chat = ('AvcKeyFile "@keys@"\nAvcMediaServer 127.0.0.2\nAvcMediaServerScripts avchat\nAvcAdmin 127.0.0.3\n'
            'AvcAdminScripts avchat\nAvcHidden avchat\n<Location "/uploadedFiles">\nAvcFiles "@private@"\n</Location>')
    server = fine(hosts(chat, "Redirect / https://chat.example/", root="@docroot@/chat"), docroot=SITE)
    assert tokens.SECRETS["k1"] not in server.configtest()[1]


# -- words

@pytest.mark.parametrize("content, words", [
    ("avck1~k1~file~" + "A" * 43 + "\n", "line 1: this is a page key"),
    ("k1 hs256 " + tokens.SECRETS["k1"] + "\navck1~k1~file~" + "A" * 43 + "\n", "line 2: this is a page key"),
    ("k1 hs256 " + tokens.SECRETS["k1"] + "\r\n", "line 1: the line ends as Windows writes it"),
])
def test_what_is_no_line_of_a_key_file_is_called_by_its_name(content, words):
    refused(KEYS, "AvcKeyFile", words, keys=content)


def test_a_refusal_says_which_token_is_missing_and_how_it_is_made(serve_once):
    web = serve_once(KEYS + """
    <Location "/file">
        AvcSignedURL On
    </Location>
    <Location "/session">
        AvcSessionFor play
    </Location>
    <Location "/call">
        AvcMediaServerProof token
        AvcMediaServerOnly On
    </Location>
    """)
    for path, words in (("/file", "no file token: sign the link"), ("/session", "no session token: the page issues one"),
                        ("/call", "no call token: give the media server")):
        assert web.ask(path).status == 403
        (line,) = web.log.claim("AVC0001: no-token: " + path)
        assert words in line, line


def test_a_refused_address_stands_beside_the_one_that_the_token_holds(serve_once):
    web = serve_once(KEYS + '<Location "/file">\nAvcSignedURL On\n</Location>\n')
    assert web.ask(signed("/file", ip4="192.0.2.0-24", ip6="2001_db8__-48")).status == 403
    (line,) = web.log.claim("AVC0010: address: ")
    assert "for ip4 192.0.2.0-24 for ip6 2001_db8__-48" in line and "127.0.0.1" in line, line


# SPEC [question-1]
@pytest.mark.parametrize("rules", [
    "RewriteEngine On\nRewriteCond %{REQUEST_FILENAME} !-f\nRewriteRule .* index.php [L]\n",
    "RewriteEngine On\nRewriteRule !^index /index.php?q=1 [QSA,L]\n", "FallbackResource /index.php\n",
    "ErrorDocument 404 /index.php\n",
])
def test_a_handler_answers_at_a_path_without_a_file_before_a_front_controller(serve_once, rules):
    web = serve_once(KEYS + "AvcMediaServer 127.0.0.1\n" + "".join(
        '<Location "/%s">\nSetHandler avcsec-%s\n%s</Location>\n' % row for row in (
            ("chat/token", "token", ""), ("verify", "token-verify", ""), ("ask", "admission", "AvcAdmission nginx-rtmp\n"))),
        docroot={".htaccess": rules, "index.php": "front controller"})
    web.refused("/chat/token", "origin", "POST")
    assert web.ask("/verify?token=x").text.strip() == "false"
    web.log.claim("AVC0002: malformed: /verify")
    assert web.ask("/ask", "POST", [("Content-Type", "application/x-www-form-urlencoded")], b"call=play&addr=127.0.0.1&clientid=1&app=live&flashver=x&name=a").status == 403
    web.log.claim("AVC00(01|24): .*: /ask")
    assert "front controller" in web.ask("/elsewhere").text
    web.log.disregard("AH00127|AH01071|AH00128")
