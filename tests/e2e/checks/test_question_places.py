# SPDX-License-Identifier: Apache-2.0
# Where a media server's question is answered before the module is asked, configtest says so: in
# sections and behind aliases that httpd does not get to when a rule of the virtual host redirects,
# where a place is on a TLS port only, and where a front asks by its client's path.
import re

import pytest

from avc.httpd import USUAL, Httpd

CERTBOT = """
RewriteEngine on
RewriteCond %{SERVER_NAME} =chat.example
RewriteRule ^ https://%{SERVER_NAME}%{REQUEST_URI} [END,NE,R=permanent]
"""
REDIRECTS = {
    "certbot": CERTBOT,
    "www": "RewriteEngine on\nRewriteRule ^/?(.*)$ http://www.chat.example/$1",
    "a rule that redirects to a path": "RewriteEngine on\nRewriteRule ^/old /new [L,R]",
    "Redirect": "Redirect / https://chat.example/",
    "Redirect permanent": "Redirect permanent / https://chat.example/",
    "Redirect 307": "Redirect 307 / https://chat.example/",
    "RedirectMatch": "RedirectMatch ^/(.*)$ https://chat.example/$1",
    "RedirectPermanent": "RedirectPermanent / https://chat.example/",
}
NO_REDIRECTS = {
    "nothing": "",
    "a rule that stays": "RewriteEngine on\nRewriteRule ^/a /b [L]\nRewriteRule ^/x - [R=404]",
    "a proxied rule": "RewriteEngine on\nRewriteRule ^/a http://127.0.0.1:9/ [P]",
    "what is gone": "Redirect gone /a\nRedirect 404 /b",
    "rules of a folder": '<Directory "@docroot@">\nRewriteEngine on\n'
                         'RewriteRule ^ https://chat.example/ [R]\n</Directory>',
}
MEDIA = 'AvcKeyFile "@keys@"\nAvcMediaServer 127.0.0.2\n'
ADMISSION = "SetHandler avcsec-admission\nAvcAdmission nginx-rtmp\n"
UNSEEN = {
    "AvcMediaServerOnly": '<Directory "@docroot@/cb">\nAvcMediaServerOnly On\n</Directory>',
    "AvcMediaServerScripts": '<Directory "@docroot@">\nAvcMediaServerScripts avchat\n</Directory>',
    "SetHandler avcsec-admission": '<Files "admission">\n' + ADMISSION + "</Files>",
    "SetHandler avcsec-token-verify": '<DirectoryMatch "cb">\nSetHandler avcsec-token-verify\n'
                                      "</DirectoryMatch>",
    "SetHandler avcsec-check": '<Directory "@docroot@/c">\n<If "true">\nSetHandler avcsec-check\n'
                               "AvcCheck nginx\n</If>\n</Directory>",
}
SEEN = {
    "a location": '<Location "/cb">\nAvcMediaServerOnly On\n</Location>',
    "the virtual host": "AvcMediaServerScripts avchat",
    "a handler's location": '<Location "/a">\n' + ADMISSION + "</Location>",
    "an If of the server": '<If "%{REQUEST_URI} == \'/a\'">\n' + ADMISSION + "</If>",
    "what is off": '<Directory "@docroot@/cb">\nAvcMediaServerOnly Off\n'
                   "AvcMediaServerScripts none\n</Directory>",
    "what no media server asks": '<Directory "@docroot@/cb">\nAvcHidden avchat\n</Directory>',
}


def advice(config, **how):
    """What configtest warns of besides documents that two hosts share; it never fails for it."""
    status, printed = Httpd(config, **how).configtest()
    assert status == 0, printed
    return [said for said in re.findall(r"AVC0102: (.*)", printed) if "DocumentRoot" not in said]


# SPEC [question-4]
@pytest.mark.parametrize("redirect", REDIRECTS)
def test_a_directory_is_not_reached_where_a_rule_redirects(redirect):
    said, = advice(MEDIA + UNSEEN["AvcMediaServerOnly"] + "\n" + REDIRECTS[redirect])
    assert "httpd.conf line" in said and "AvcMediaServerOnly stands in <Directory>" in said
    assert REDIRECTS[redirect].split("\n")[-2 if redirect == "certbot" else -1].split()[0] in said
    assert "<Location>" in said


@pytest.mark.parametrize("what", UNSEEN)
def test_every_kind_of_question_is_looked_for(what):
    said, = advice(MEDIA + UNSEEN[what] + CERTBOT)
    assert what + " stands in <" in said and "RewriteRule" in said


@pytest.mark.parametrize("redirect", NO_REDIRECTS)
def test_where_nothing_redirects_nothing_is_said(redirect):
    for place in UNSEEN.values():
        assert not advice(MEDIA + place + "\n" + NO_REDIRECTS[redirect])


@pytest.mark.parametrize("place", SEEN)
def test_what_the_address_shows_is_reached(place):
    assert not advice(MEDIA + SEEN[place] + CERTBOT)


def test_parts_of_other_modules_and_macros_are_read():
    place = UNSEEN["AvcMediaServerOnly"]
    for text in ("<IfModule mod_rewrite.c>\n%s\n</IfModule>\n<IfModule mod_alias.c>\n%s\n</IfModule>\n"
                 % (CERTBOT, place),
                 "<Macro Both>\n%s\n%s\n</Macro>\nUse Both\n" % (CERTBOT, place)):
        said, = advice(MEDIA + text, modules=USUAL + ["macro"])
        assert "AvcMediaServerOnly stands in <Directory>" in said


def hosts(plain, tls="", outside="", modules=USUAL):
    """Two virtual hosts: one on the plain port, one on another that speaks TLS."""
    host = '<VirtualHost 127.0.0.1:%s>\nServerName chat.example\nDocumentRoot "@docroot@"\n%s\n</VirtualHost>\n'
    return (outside + host % ("@port@", plain) + host % ("9", "SSLEngine on\n" + tls))


def test_redirects_of_another_host_do_not_matter():
    place = MEDIA + UNSEEN["AvcMediaServerOnly"]
    other = '<VirtualHost 127.0.0.1:9>\nServerName other.example\n%s\n</VirtualHost>\n'
    mine = '<VirtualHost 127.0.0.1:@port@>\nServerName chat.example\n%s\n</VirtualHost>\n'
    assert not advice(mine % place + other % CERTBOT)
    assert advice(mine % (place + CERTBOT))
    assert advice(place + "\n" + other % CERTBOT), "what stands outside holds in every host"
    assert advice(mine % place + "Redirect / https://chat.example/\n"), "which inherits redirects"


@pytest.mark.parametrize("alias, is_hidden", [
    ('Alias "/cb" "@docroot@/hooks/writeuserslist.php"', True),
    ('ScriptAlias "/cb/" "@docroot@/token_verify/"', True),
    ('Alias "/hooks" "@docroot@/hooks"', False),
    ('Alias "/token_verify" "@docroot@/token_verify.php"', False),
    ('Alias "/cb" "@docroot@/plugin/Live"', True),
    ('Alias "/Live" "@docroot@/plugin/Live"', False),
])
def test_names_behind_an_alias_are_not_seen(alias, is_hidden):
    names = MEDIA + "AvcMediaServerScripts avchat Live/on_*\n" + alias + "\n"
    said = advice(names + CERTBOT)
    assert len(said) == is_hidden, said
    assert all("Alias" in text and "AvcMediaServerOnly On" in text for text in said)
    assert not advice(names)


SSL = USUAL + ["ssl", "socache_shmcb"]
TLS_ONLY = {
    "AvcMediaServerOnly": SEEN["a location"],
    "AvcMediaServerScripts": "AvcMediaServerScripts avchat",
    "SetHandler avcsec-admission": SEEN["a handler's location"],
}


def with_tls(plain="", tls="", outside=""):
    from avc.httpd import home
    key, cert = home.certificate()
    return hosts(plain, 'SSLCertificateFile "%s"\nSSLCertificateKeyFile "%s"\n%s' % (cert, key, tls),
                 outside)


# SPEC [question-4]
@pytest.mark.parametrize("what", TLS_ONLY)
def test_a_place_on_a_tls_port_alone_is_told(what):
    said, = advice(with_tls(tls=MEDIA + TLS_ONLY[what]), modules=SSL)
    assert what + " stands only on a TLS port" in said and "127.0.0.1" in said
    said, = advice(with_tls(CERTBOT, MEDIA + TLS_ONLY[what]), modules=SSL)
    assert "RewriteRule" in said
    for there in (with_tls(MEDIA + TLS_ONLY[what], MEDIA + TLS_ONLY[what]),
                  with_tls(MEDIA + TLS_ONLY[what]),
                  with_tls(outside=MEDIA + TLS_ONLY[what] + "\n")):
        assert not advice(there, modules=SSL)


@pytest.mark.json
def test_who_takes_no_redirect_for_a_yes_may_ask_by_tls():
    for place in ('<Location "/v">\nSetHandler avcsec-token-verify\n</Location>',
                  '<Location "/c">\nSetHandler avcsec-check\nAvcCheck nginx\n</Location>',
                  '<Location "/a">\nSetHandler avcsec-admission\nAvcAdmission srs\n</Location>'):
        assert not advice(with_tls(tls=MEDIA + place), modules=SSL)


def test_a_front_that_asks_by_path_needs_a_host_of_its_own():
    place = '<Location "%s">\nSetHandler avcsec-check\nAvcCheck %s\n</Location>'
    said, = advice(MEDIA + place % ("/check", "envoy"))
    assert "AvcCheck envoy" in said and '<Location "/">' in said and "/check" in said
    assert not advice(MEDIA + place % ("/", "envoy"))
    assert not advice(MEDIA + place % ("/check", "nginx"))
