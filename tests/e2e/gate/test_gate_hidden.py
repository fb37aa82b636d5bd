# SPDX-License-Identifier: Apache-2.0
# AvcHidden: names that nobody may ask for, whoever asks and however they are spelt; looked for
# below the document root, never in the directories above it.
import os

import pytest

from avc import php
from avc.httpd import Httpd
from avc.peers import ADMIN, MEDIA, STRANGER

PRESET = [
    "chat/tokens/abcdef", "chat/report_snaps/7_CAM.jpg", "chat/avc_settings.xml",
    "chat/users__definst_.xml", "chat/dataEncryption.php", "chat/dataEncryption.aspx",
    "chat/integration.php", "chat/integration_before.php", "chat/integration_before_admin.php",
    "chat/integration.aspx", "chat/avc_settings.aspx.cs", "chat/upload.aspx.cs", "chat/debug.php",
    "chat/wget.php", "chat/wget.aspx", "chat/avc_settings.php.bak", "chat/avc_settings.php~",
    "chat/integration.php.old", "chat/index.php.bak",
]
OPEN = ["chat/index.html", "chat/avc_settings.php", "chat/mytokens/a.txt", "chat/tokens.html",
        "chat/tokens2/a.txt", "chat/reintegration.php", "chat/badwords.xml", "chat/wgetter.html",
        "chat/debug.html", "chat/upload.php"]
CONFIG = """
AvcMediaServer 127.0.0.2
AvcAdmin 127.0.0.3
AvcHidden avchat secret.txt drafts
Alias "/elsewhere" "@docroot@/chat"
<Location "/shown">
    AvcHidden none
</Location>
<Location "/more">
    AvcHidden extra.txt
</Location>
"""


def docroot():
    files = {name: "hidden" for name in PRESET}
    files.update({name: "open" for name in OPEN})
    files.update({"secret.txt": "hidden", "drafts/a.txt": "hidden", "a/Drafts/b.txt": "hidden",
                  "shown/secret.txt": "open", "more/secret.txt": "hidden",
                  "more/extra.txt": "hidden", "extra.txt": "open"})
    return files


@pytest.fixture(scope="module")
def web(serve):
    return serve(CONFIG, keys=None, docroot=docroot())


# SPEC [conf-12]
@pytest.mark.smoke
@pytest.mark.parametrize("name", PRESET)
@pytest.mark.parametrize("caller", [STRANGER, MEDIA, ADMIN])
def test_preset_hides_from_everybody(web, name, caller):
    web.refused("/" + name, "hidden", source=caller)


@pytest.mark.parametrize("name", OPEN)
def test_what_only_looks_alike_stays_open(web, name):
    web.allowed("/" + name, shows="open")


@pytest.mark.parametrize("target", [
    "/secret.txt", "/SECRET.TXT", "/x/secret.txt", "/secret.txt/x", "//secret.txt", "/%73ecret.txt",
    "/drafts/a.txt", "/drafts/", "/drafts", "/DRAFTS/a.txt", "/a/Drafts/b.txt", "/more/secret.txt",
    "/more/extra.txt", "/elsewhere/tokens/abcdef",
    "/elsewhere/TOKENS/abcdef", "/chat/index.html/tokens/x", "/chat/tokens", "/chat/tokens/",
    "/chat/x/../tokens/abcdef", "/chat/t%6Fkens/abcdef", "/no/such/tokens/file",
])
def test_no_spelling_of_the_path_gets_past(web, target):
    web.refused(target, "hidden")


def test_lists_add_and_none_clears(web):
    web.allowed("/shown/secret.txt", shows="open")
    web.allowed("/extra.txt", shows="open")


def test_a_site_whose_own_path_holds_a_hidden_name(home):
    """Names are looked for below the document root and the alias target; of what stands above, only
    the name of an alias's own folder counts, as a folder."""
    below = os.path.join("tokens", "integration.example.org", "htdocs")
    server = Httpd('AvcHidden avchat\nDocumentRoot "@docroot@/%s"\nAlias "/more" "@docroot@/tokens"\n'
                   'Alias "/deep" "@docroot@/tokens/wget.d"\n' % below, keys=None, docroot={
                       below + "/index.html": "home", below + "/chat/tokens/x": "hidden",
                       "tokens/b.txt": "hidden", "tokens/wget.d/b.txt": "open",
                       "tokens/report_snaps/c.jpg": "hidden"})
    with server:
        server.allowed("/index.html", shows="home")
        server.allowed("/deep/b.txt", shows="open")
        server.refused("/more/b.txt", "hidden")
        server.refused("/chat/tokens/x", "hidden")
        server.refused("/more/report_snaps/c.jpg", "hidden")


def test_a_proxied_path_is_looked_at_and_the_backends_own_directories_are_not(fpm):
    below = "tokens/site"
    wiring = php.WIRINGS["ProxyPassMatch"].replace("@docroot@", "@docroot@/" + below)
    server = Httpd('AvcHidden avchat\nDocumentRoot "@docroot@/%s"\n' % below + wiring, keys=None,
                   docroot={below + "/a.php": "<?php echo 'ran';",
                            below + "/tokens/b.php": "<?php echo 'hidden';",
                            below + "/wget.php": "<?php echo 'hidden';"}, **fpm.names())
    with server:
        server.allowed("/a.php", shows="ran")
        server.refused("/tokens/b.php", "hidden")
        server.refused("/wget.php", "hidden")
        server.refused("/a.php/tokens/x.php", "hidden")


# SPEC [conf-5]
def test_log_mode_does_not_show_hidden_names(serve_once):
    server = serve_once("AvcEnforce Log\nAvcHidden secret.txt\n", keys=None,
                        docroot={"secret.txt": "hidden"})
    server.refused("/secret.txt", "hidden")
