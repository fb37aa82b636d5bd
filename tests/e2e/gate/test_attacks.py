# SPDX-License-Identifier: Apache-2.0
# What once was possible, from an attacker's side: each test is the request or configuration that
# got through, leaked or broke something. Nothing here repeats a rule that other files hold.
import os
import shutil
import time

import pytest

from avc import backend as behind
from avc import settings, tokens
from avc.httpd import USUAL

MODULES = USUAL + ["cache", "cache_disk", "remoteip"]
FOREIGN = "hmac.0123456789abcdef0123"  # looks like a mac, belongs to the application

SCRIPT = ('<?php header("Content-Type: text/plain"); foreach (["REQUEST_URI", "QUERY_STRING", '
          '"HTTP_REFERER", "HTTP_AUTHORIZATION", "HTTP_COOKIE"] as $k) '
          'echo "$k=", $_SERVER[$k] ?? "", "\\n";')
PHP = '<FilesMatch "\\.php$">\nSetHandler "proxy:unix:@socket@|fcgi://localhost"\n</FilesMatch>\n'


@pytest.fixture(scope="module")
def backend():
    server = behind.Backend()
    yield server
    server.close()


@pytest.fixture(scope="module")
def web(serve, fpm, backend):
    return serve(
        'AvcKeyFile "@keys@"\nDirectoryIndex index.php\n'
        '<Location "/signed">\nAvcSignedURL On\nAvcUnsignedArgs sig\n</Location>\n'
        'ProxyPass "/nocanon/" "http://127.0.0.1:@back@/" nocanon\n' + PHP,
        docroot={"index.php": SCRIPT, "show.php": SCRIPT, "signed/show.php": SCRIPT},
        back=backend.port, **fpm.names())


def shown(answer):
    return dict(line.split("=", 1) for line in answer.text.splitlines())


# ---- Tokens in sight

def test_an_address_without_a_path_hides_its_tokens_too(web):
    """`GET http://host?avc=...`: no path, so nothing was taken out of line, headers and logs."""
    tok = tokens.token("/")
    answer = web.ask("http://chat.example?a=1&avc=" + tok, headers=[
        ("Authorization", "Bearer " + tok), ("Cookie", "a=b; __Host-avc=" + tok),
        ("Referer", "http://chat.example/?avc=" + tok)])
    seen = shown(answer)
    assert seen["HTTP_AUTHORIZATION"] == "" and seen["HTTP_COOKIE"] == "a=b"
    assert seen["HTTP_REFERER"] == "http://chat.example/"
    assert web.logged("GET http://chat.example?a=1&avc=")  # and no mac, as every stop checks


@pytest.mark.parametrize("host", ["chat.example", None])
def test_an_address_with_a_password_is_logged_without_the_mac(web, host):
    """httpd then writes the line from its parts; without Host it never comes to the module."""
    tok = tokens.token("/show.php")
    for target in ("/show.php?avc=" + tok, "/~%s/show.php" % tok):
        web.ask("http://user:secret@chat.example" + target, host=host)
    assert len(web.logged("user:XXXXXXXX@chat.example")) >= 2  # and no mac, as every stop checks


def test_a_cookie_is_ours_whatever_stands_before_the_equals_sign(web):
    tok = tokens.token("/show.php")
    assert shown(web.ask("/show.php", headers=[("Cookie", "a=b; __Host-avc =" + tok)]))[
        "HTTP_COOKIE"] == "a=b"


# ---- What belongs to others

def test_what_only_looks_like_a_mac_reaches_scripts_untouched(web):
    seen = shown(web.allowed(tokens.signed("/signed/show.php", query="sig=" + FOREIGN)))
    assert seen["QUERY_STRING"] == "sig=" + FOREIGN
    assert seen["REQUEST_URI"] == "/signed/show.php?sig=" + FOREIGN
    seen = shown(web.allowed("/show.php", headers=[
        ("Cookie", "a=%s; __Host-avc=%s" % (FOREIGN, tokens.token("/")))]))
    assert seen["HTTP_COOKIE"] == "a=" + FOREIGN


@pytest.mark.parametrize("query", ["sig=" + FOREIGN, "sig=%s&avc=avc1~x~mac.%s" % (FOREIGN, "A" * 43)])
def test_what_only_looks_like_a_mac_reaches_a_proxied_server_untouched(web, backend, query):
    web.ask("/nocanon/x?" + query)
    assert backend.last()[0] == "GET /x?%s HTTP/1.1" % query


# ---- One token, another file

@pytest.fixture(scope="module")
def all_signed(serve, fpm):
    """Everything needs a signature, and a folder's owner may write an .htaccess."""
    return serve(
        'AvcKeyFile "@keys@"\nAvcSignedURL On\n'
        '<Location "/files">\nAvcFiles "@private@"\n</Location>\n',
        docroot={"up/.htaccess": 'RewriteEngine On\nRewriteRule "^x$" "/files/secret.txt"\n'
                                 'ErrorDocument 404 "/files/secret.txt"\n'},
        private={"secret.txt": "SECRET"})


@pytest.mark.parametrize("target, status", [("/up/x", 403), ("/up/missing", 404)])
def test_a_token_for_a_folder_leads_to_no_private_file(all_signed, target, status):
    answer = all_signed.ask(tokens.signed(target))
    all_signed.log.claim(r"AVC0001: no-token: ")
    assert answer.status == status and "SECRET" not in answer.text


def test_a_private_file_opens_where_everything_is_signed(all_signed):
    all_signed.allowed(tokens.signed("/files/secret.txt"), shows="SECRET")


@pytest.mark.parametrize("how", [
    "SetOutputFilter INCLUDES", "SetHandler server-parsed",
    "AddOutputFilterByType INCLUDES text/plain\nAddOutputFilterByType SUBSTITUTE text/plain\n"
    "Substitute s/file/page/"])
def test_an_upload_is_no_page_of_the_site(serve_once, how):
    upload = 'a file <!--#printenv --><!--#exec cmd="id" -->'
    server = serve_once(
        'AvcKeyFile "@keys@"\n<Location "/">\nOptions +Includes\n%s\n</Location>\n'
        '<Location "/files">\nAvcFiles "@private@"\n</Location>\n' % how,
        modules=USUAL + ["include", "substitute"], private={"a.txt": upload})
    server.allowed(tokens.signed("/files/a.txt"), shows=upload)


# ---- Names that a server behind reads differently

@pytest.fixture(scope="module")
def in_front(serve, backend):
    return serve(
        'AvcKeyFile "@keys@"\nAvcMediaServer 192.0.2.1\nAvcMediaServerScripts avchat\n'
        'AvcHidden avchat\nProxyPass "/" "http://127.0.0.1:@back@/"\n'
        '<Location "/signed">\nAvcSignedURL On\n</Location>\n', back=backend.port)


@pytest.mark.parametrize("target, reason", [
    ("/chat/avc_settings.xml;jsessionid=1", "hidden"), ("/chat/debug.php;x", "hidden"),
    ("/chat/tokens;x/a.txt", "hidden"), ("/chat/avc_settings.xml%20", "hidden"),
    ("/chat/writeuserslist;x", "address")])
def test_parameters_and_spaces_do_not_make_another_name(in_front, target, reason):
    in_front.refused(target, reason)


@pytest.mark.parametrize("authority, keeps", [
    ("chat.example:%d", True), ("chat.example:%d@evil.example", False),
    ("chat.example@evil.example", False)])
def test_a_redirect_to_another_host_gets_no_path_token(in_front, backend, authority, keeps):
    authority = authority.replace("%d", str(in_front.port))
    backend.answers["/signed/x"] = (302, [("Location", "http://%s/signed/y" % authority)], b"")
    answer = in_front.ask(tokens.signed("/signed/x", carrier="path", dir=1))
    assert ("~avc1~" in answer.get("Location")) == keeps, answer


# ---- What stays behind

def test_a_refusal_found_by_a_look_up_says_its_reason_whole(serve_once):
    """The look-up's memory was gone when the line was written."""
    server = serve_once('AvcMediaServer 192.0.2.1\nAvcMediaServerScripts avchat\n'
                        'DirectoryIndex writeuserslist.php index.php\n',
                        docroot={"chat/writeuserslist.php": "x"})
    server.refused("/chat/", "address")
    assert any("127.0.0.1 is not listed in AvcMediaServer" in line for line in server.log.heard)


def test_a_key_file_that_nothing_names_any_more_may_go(serve_once):
    """It was watched for ever, and its removal reported as a refusal."""
    server = serve_once('AvcKeyFile "@keys@"\n')
    other = os.path.join(server.root, "conf", "other.keys")
    shutil.copy(server.keys, other)  # with its mode
    settings.give(other)
    server.write_config('AvcKeyFile "%s"\n<Location "/signed">\nAvcSignedURL On\n</Location>\n' % other)
    server.graceful()
    os.unlink(server.keys)
    server.looked()
    assert server.ask(tokens.signed("/signed/x")).status == 404
    server.log.assert_quiet()


# ---- Configurations that passed and protected nothing

SIGNED = '<Location "/signed">\nAvcSignedURL On\n</Location>\n'
CACHED = 'CacheEnable disk "/"\n'
BY_HEADER = 'AvcClientAddress useragent\nRemoteIPHeader X-Forwarded-For\n'


def two_hosts(one, other):
    return 'AvcKeyFile "@keys@"\n' + "".join(
        '<VirtualHost 127.0.0.1:@port@>\nServerName %s.example\nDocumentRoot "@docroot@"\n'
        'AvcRealm %s\n%s</VirtualHost>\n' % (name, name, text)
        for name, text in (("one", one), ("other", other)))


@pytest.mark.parametrize("config, says", [
    (two_hosts("CacheQuickHandler Off\n" + CACHED, CACHED + SIGNED), "CacheQuickHandler Off"),
    (two_hosts(BY_HEADER + SIGNED, "RemoteIPInternalProxy 10.0.0.1\n"), "RemoteIPInternalProxy"),
    ('AvcKeyFile "@keys@"\nAliasMatch "^/x/(.*)$" "@private@/$1"\n'
     '<Location "/files">\nAvcFiles "@private@"\n</Location>\n', "AliasMatch")])
def test_what_one_virtual_host_says_does_not_excuse_another(serve_once, config, says):
    server = serve_once(config, modules=MODULES, begin=False)
    status, printed = server.configtest()
    assert status != 0 and "AVC0101" in printed and says in printed, printed


@pytest.mark.parametrize("config", [
    two_hosts("CacheQuickHandler Off\n" + CACHED + SIGNED, CACHED),
    two_hosts(BY_HEADER + "RemoteIPInternalProxy 10.0.0.1\n" + SIGNED, ""),
    '<Directory "@docroot@">\nAvcSignedURL On\n</Directory>\n<VirtualHost 127.0.0.1:@port@>\n'
    'AvcKeyFile "@keys@"\n</VirtualHost>\n'])
def test_what_one_virtual_host_says_counts_for_itself(serve_once, config):
    server = serve_once(config, modules=MODULES, begin=False)
    status, printed = server.configtest()
    assert status == 0, printed


@pytest.mark.parametrize("segment", ["a." * 4000, "..a" * 2600, ".aspx.c" * 1100, "admin.htm" * 800])
def test_no_name_keeps_the_server_busy(in_front, segment):
    """Each of its dots was tried with each pattern: five seconds of a processor for one request."""
    begun = time.time()
    assert in_front.ask("/" + segment).status == 200
    assert time.time() - begun < 1 * settings.PATIENCE
