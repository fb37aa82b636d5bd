# SPDX-License-Identifier: Apache-2.0
# The admin area opens to its addresses only: AvcAdmin, AvcAdminOnly, AvcAdminScripts and the
# preset for AVChat, whose admin page may have been renamed.
import pytest

from avc.peers import ADMIN, MEDIA, STRANGER

CONFIG = """
AvcAdmin 127.0.0.3
AvcAdminScripts avchat backoffice
AvcMediaServer 127.0.0.2
<Location "/staff">
    AvcAdminOnly On
</Location>
<Location "/staff/help">
    AvcAdminOnly Off
</Location>
"""
DOCROOT = {
    "chat/admin.html": "area", "chat/admin.swf": "area", "chat/admin_x9.html": "area",
    "chat/administration.swf": "area", "chat/index.html": "home", "chat/index.swf": "home",
    "chat/avc_settings.php": "area", "chat/avc_settings.aspx": "area", "chat/administrator.txt": "home",
    "chat/myadmin.html": "home", "chat/avc_settings2.php": "home", "backoffice/list.php": "area",
    "chat/backoffice.php": "area", "staff/a.txt": "area", "staff/index.html": "area", "staff/help/b.txt": "home",
}


@pytest.fixture(scope="module")
def web(serve):
    return serve(CONFIG, keys=None, docroot=DOCROOT)


# SPEC [conf-11]
@pytest.mark.smoke
@pytest.mark.parametrize("target", [
    "/chat/admin.html", "/chat/admin.swf", "/chat/admin_x9.html", "/chat/administration.swf",
    "/chat/ADMIN.HTML", "/chat/Admin.Swf", "/chat//admin.html", "/chat/x/../admin.swf",
    "/chat/%61dmin.html", "/chat/admin.html/x", "/chat/index.html/admin.swf",
    "/chat/avc_settings.php?admin=true", "/chat/avc_settings.php?x=1&admin=true",
    "/chat/avc_settings.php?%61dmin=true", "/chat/avc_settings.php?+admin=true",
    "/chat/avc_settings.php?admin=tru%65", "/chat/avc_settings.php?admin=false&admin=true",
    "/chat/avc_settings.aspx?admin=true&userId=7", "/chat/AVC_Settings.php?admin=true",
    "/chat/avc_settings.php/x?admin=true", "/backoffice/list.php", "/chat/backoffice.php",
    "/staff/a.txt", "/staff/",
])
def test_admin_area_opens_to_its_addresses_only(web, target):
    web.refused(target, "address", source=STRANGER)
    web.refused(target, "address", source=MEDIA)
    assert web.ask(target, source=ADMIN).status != 403


@pytest.mark.parametrize("target", [
    "/chat/admin.html", "/chat/admin_x9.html", "/chat/avc_settings.php?admin=true",
    "/backoffice/list.php", "/staff/a.txt"])
def test_admin_area_serves_its_people(web, target):
    web.allowed(target, source=ADMIN, shows="area")


@pytest.mark.parametrize("target, body", [
    ("/chat/index.html", "home"), ("/chat/index.swf", "home"), ("/chat/avc_settings.php", "area"),
    ("/chat/avc_settings.php?x=1&userId=5", "area"), ("/chat/avc_settings.php?admin=false", "area"),
    ("/chat/avc_settings.php?xadmin=true", "area"), ("/chat/administrator.txt", "home"),
    ("/chat/myadmin.html", "home"), ("/chat/avc_settings2.php?admin=true", "home"),
    ("/staff/help/b.txt", "home"), ("/chat/index.html?admin=true", "home"),
])
def test_the_chat_itself_stays_open(web, target, body):
    web.allowed(target, source=STRANGER, shows=body)


def test_require_form(serve_once):
    config = 'AvcAdmin 127.0.0.3\n<Location "/area">\nRequire avc-admin\n</Location>\n'
    server = serve_once(config, keys=None, docroot={"area/a.txt": "area"})
    server.allowed("/area/a.txt", source=ADMIN, shows="area")
    assert server.ask("/area/a.txt", source=STRANGER).status == 403
    server.log.disregard(r"AH01630: |AVC\d{4}: address: ")


def test_forwarding_from_an_admin_address_proves_nothing(web):
    answer = web.ask("/chat/admin.html", headers=[("X-Forwarded-For", "192.0.2.1")], source=ADMIN)
    assert answer.status == 403
    assert "AvcClientAddress" in web.log.claim(r"AVC\d{4}: address: ")[0]


def test_admin_and_media_server_lists_are_two_lists(serve_once):
    config = """
    AvcAdmin 127.0.0.3
    AvcMediaServer 127.0.0.2
    <Location "/both">
        AvcAdminOnly On
        AvcMediaServerOnly On
    </Location>
    """
    server = serve_once(config, keys=None, docroot={"both/a.txt": "content"})
    for caller in (STRANGER, MEDIA, ADMIN):
        server.refused("/both/a.txt", "address", source=caller)
