# SPDX-License-Identifier: Apache-2.0
# nginx-rtmp as Debian has it, real encoders and players, and a site that forces https or www,
# has error pages that say 200 or a front controller: nobody publishes or plays because of it, and
# new names of streams go on working, the module's own and a script's.
import pytest

from avc import rtmp, tokens
from avc.httpd import USUAL

MODULES = USUAL + ["cgid"]
CONFIG = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.1
AvcMediaServerScripts on_publish on_play
<Location "/admission">
    SetHandler avcsec-admission
    AvcAdmission nginx-rtmp
</Location>
<Directory "@docroot@">
    Options +ExecCGI
    AddHandler cgi-script .cgi
</Directory>
"""
STRANGE = CONFIG.replace("AvcMediaServer 127.0.0.1", "AvcMediaServer 127.0.0.9")
SAYS_YES = ("mode", 0o755, "#!/bin/sh\ncat >/dev/null\necho 'Status: 200'\necho\necho yes\n")
# The script of a site: a stream key that is "key-NAME" publishes as NAME, "elsewhere" is sent to
# the site's login, all others are turned away.
SCRIPT = ("mode", 0o755, """#!/bin/sh
name=$(tr '&' '\\n' | sed -n 's/^name=//p' | head -1)
case $name in
key-*) echo "Status: 302"; echo "Location: ${name#key-}";;
elsewhere) echo "Status: 302"; echo "Location: https://chat.example/login";;
room*) echo "Status: 200";;
*) echo "Status: 403";;
esac
echo
""")
SITE = {"ok.cgi": SAYS_YES, "index.cgi": SAYS_YES, "hooks/on_publish.cgi": SCRIPT, "hooks/on_play.cgi": SCRIPT}
HTTPS = "RewriteEngine on\nRewriteCond %{HTTPS} off\nRewriteRule ^ https://chat.example%{REQUEST_URI} [L,R=301]\n"
# Configuration, .htaccess, the reason of the refusal.
OBSTACLES = {
    "certbot": (CONFIG + "RewriteEngine on\nRewriteRule ^ https://%{SERVER_NAME}%{REQUEST_URI} "
                         "[END,NE,R=permanent]\n", "", "redirected"),
    "www": (CONFIG + "RewriteEngine on\nRewriteCond %{HTTP_HOST} !^www\\.\n"
                     "RewriteRule ^/?(.*)$ http://www.%{HTTP_HOST}/$1 [R=301,L]\n", "", "redirected"),
    "a panel's .htaccess": (CONFIG, HTTPS, "redirected"),
    "Redirect": (CONFIG + "Redirect permanent / https://chat.example/\n", "", "redirected"),
    "an error page elsewhere": (STRANGE + "ErrorDocument 403 https://chat.example/no\n", "", "address"),
    "an error page that says yes": (STRANGE + "ErrorDocument 403 /ok.cgi\n", "", "address"),
    "an error page of .htaccess": (STRANGE, "ErrorDocument 403 /ok.cgi\n", "address"),
}


def media_server(web, place):
    hook = "http://127.0.0.1:@web@" + place
    if place == "/admission":
        return rtmp.MediaServer(web, application="on_publish %s; on_play %s;" % (hook, hook))
    return rtmp.MediaServer(web, application="on_publish %s/on_publish.cgi; on_play %s/on_play.cgi;"
                            % (hook, hook))


def session(**how):
    return tokens.token("/", purpose="session", expires=600, **how)


def is_on_air(media, stream):
    return any(rtmp.play(media.url() + "/" + stream, 0.3)[0] for _ in range(10))


@pytest.mark.parametrize("place", ["/admission", "/hooks"])
@pytest.mark.parametrize("name", OBSTACLES)
def test_nobody_publishes_or_plays_because_httpd_answered_otherwise(serve_once, name, place):
    config, htaccess, reason = OBSTACLES[name]
    web = serve_once(config, modules=MODULES, docroot=dict(SITE, **{".htaccess": htaccess}))
    key = "?avc=" + session(act="publish") if place == "/admission" else ""
    with media_server(web, place) as media:
        for stream in ("stranger", "room7" + key):
            with rtmp.Broadcast(media.url(), stream) as broadcast:
                assert broadcast.is_refused(), "the encoder went on"
            web.log.claim("AVC00(10|29): %s: " % reason)
        size, printed = rtmp.dump(media.url(), "room7" + key)
        assert size == 0 and "ERROR" in printed, printed
        web.log.claim("AVC00(10|29): %s: " % reason)


@pytest.mark.parametrize("htaccess", ["", "RewriteEngine On\nRewriteRule .* index.cgi\n",
                                      "FallbackResource /index.cgi\n"])
def test_the_handler_decides_behind_a_front_controller(serve_once, htaccess):
    web = serve_once(CONFIG, modules=MODULES, docroot=dict(SITE, **{".htaccess": htaccess}))
    with media_server(web, "/admission") as media:
        with rtmp.Broadcast(media.url(), "room7?avc=" + session(act="play")) as broadcast:
            assert broadcast.is_refused(), "the encoder went on"
        web.log.claim("AVC0020: act: ")
        key = session(act="publish", room=tokens.text_claim("room8"))
        with rtmp.Broadcast(media.url(), key) as broadcast:
            assert is_on_air(media, "room8?avc=" + session()) and broadcast.process.poll() is None


def test_a_script_renames_and_sends_nobody_to_its_login(serve_once):
    web = serve_once(CONFIG + "ErrorDocument 403 https://chat.example/\n", modules=MODULES, docroot=SITE)
    with media_server(web, "/hooks") as media:
        with rtmp.Broadcast(media.url(), "key-room9") as broadcast:
            assert is_on_air(media, "room9") and broadcast.process.poll() is None
        for stream in ("elsewhere", "nobody"):
            with rtmp.Broadcast(media.url(), stream) as broadcast:
                assert broadcast.is_refused(), "the encoder went on"
        web.log.claim("AVC0029: redirected: .*the script at /hooks/on_publish.cgi answers by a redirect "
                      "to https://chat.example/login")


def test_a_client_cannot_make_a_question_unreadable(serve_once):
    """nginx-rtmp asks by GET with its client's own arguments, spaces included."""
    web = serve_once(CONFIG + "ErrorDocument 400 https://chat.example/\n", modules=MODULES, docroot=SITE)
    with rtmp.MediaServer(web, application="notify_method get; on_publish http://127.0.0.1:@web@/admission; "
                                           "on_play http://127.0.0.1:@web@/admission;") as media:
        for stream in ("room7?x=a b", "room7?x=\x01"):
            with rtmp.Broadcast(media.url(), stream) as broadcast:
                assert broadcast.is_refused(), "the encoder went on"
        size, printed = rtmp.dump(media.url(), "room7?x=a b")
        assert size == 0 and "ERROR" in printed, printed
    web.log.disregard("AVC0001: no-token: |AVC0024: form: ")
