# SPDX-License-Identifier: Apache-2.0
# The presets for AVideo and VideoWhisper on the requests that their media servers really send,
# and conf/avcsec-avideo.conf as it is shipped: callbacks pass from the media server and from
# nobody else, what browsers need stays open.
import os
import re

import pytest

from avc import httpd, settings
from avc.peers import ADMIN, MEDIA, PROXY, STRANGER
from avc.tokens import signed

CONF = os.path.join(settings.REPOSITORY, "conf", "avcsec-avideo.conf")
FORM = [("Content-Type", "application/x-www-form-urlencoded")]
ENCODER = ADMIN

# What nginx-rtmp posts when OBS begins to send, as an AVideo site captured it.
PUBLISH = (b"app=live&flashver=FMLE/3.0%20(compatible%3B%20FMSc/1.0)"
           b"&swfurl=rtmp://h/live%3Fs=L0phSEdtZz09%26webSiteRootURL=aHR0cHM6Ly9oLw=="
           b"&tcurl=rtmp://h/live%3Fs=L0phSEdtZz09%26webSiteRootURL=aHR0cHM6Ly9oLw=="
           b"&pageurl=&addr=192.0.2.7&clientid=21&call=publish&name=6681f537b3081-1&type=live")
RECORD_DONE = (b"app=live&flashver=&swfurl=&tcurl=rtmp://h/live&pageurl=&addr=192.0.2.7&clientid=21"
               b"&call=record_done&recorder=video&name=6681f537b3081-1&path=/var/www/tmp/6681f537b3081-1.flv")
PLAY = b"app=live&flashver=LNX&swfurl=&tcurl=rtmp://h/live&pageurl=&addr=192.0.2.8&clientid=22&call=play&name=a"

LIVE = "/plugin/Live/"
ALONE = LIVE + "standAloneFiles/"
CALLBACKS = [
    (LIVE + "on_publish.php", "POST", PUBLISH),
    (LIVE + "on_publish_done.php", "POST", PUBLISH.replace(b"call=publish", b"call=publish_done")),
    (LIVE + "on_record_done.php", "POST", RECORD_DONE),
    (LIVE + "on_play.php", "POST", PLAY),
    (LIVE + "on_done.php", "POST", PLAY.replace(b"call=play", b"call=done")),
    (LIVE + "verifyToken.json.php?token=ZW5jcnlwdGVk", "GET", b""),
    (ALONE + "control.json.php?command=drop_publisher&app=live&name=6681f537b3081&token=eA", "GET", b""),
    (ALONE + "restreamer.json.php", "POST", b"token=eA&m3u8=https://h/live/a.m3u8"),
    (ALONE + "saveDVR.json.php?saveDVR=eA", "GET", b""),
    ("/plugin/API/notify.ffmpeg.json.php?notifyCode=eA", "GET", b""),
    ("/plugin/API/standAlone/ffmpeg.json.php", "POST", b"ffmpegCommand=eA&keyword=a"),
    ("/plugin/CloneSite/cloneServer.json.php?url=https://other.example/&key=a&useRsync=0", "GET", b""),
    ("/videos/clones/Clone_mysqlDump_644ab263e62d6.sql", "GET", b""),
]
UPLOADS = ["/objects/aVideoEncoder%s.json.php" % what
           for what in ("", "Chunk", "Log", "NotifyIsDone", "ReceiveImage")]
UPLOADS += [ALONE + "getRecordedFile.php"]
OPEN = [LIVE + name for name in (
    "control.json.php", "index.php", "m3u8.php", "stats.json.php", "isLiveRunning.json.php",
    "saveLive.php", "getImage.php", "authorizeKeyAccess.php")] + [
    "/view/hls.php", "/view/xsendfile.php", "/plugin/API/get.json.php",
    "/objects/aVideoQueueEncoder.json.php", "/videos/v_1/index.m3u8", "/plugin/CloneSite/clones.json.php"]
HIDDEN = ["/videos/configuration.php", "/videos/configuration.php.bak", "/videos/avideo.log",
          "/.git/config", "/backup.sql", "/install/database.sql", "/videos/ffmpegLogs/1.log", "/videos/ffmpegLogs/",
          LIVE + "test.php"]
SITE = {path.split("?")[0].strip("/"): None if path.endswith("/") else "script" for path in
        [path for path, _, _ in CALLBACKS] + UPLOADS + OPEN + HIDDEN}
# AVideo's own short name of the encoder's script.
SHORT = 'RewriteEngine On\n' \
        'RewriteRule "^(.*)/aVideoEncoder.json$" "$1/objects/aVideoEncoder.json.php" [PT]\n'


def below(folder):
    return {folder + name: text for name, text in SITE.items()}


@pytest.fixture(scope="module")
def web(serve):
    return serve('Include "%s"\n%sUse AvcsecAVideo /tube 127.0.0.2 127.0.0.3\n' % (CONF, SHORT),
                 modules=httpd.USUAL + ["macro"], keys=None, docroot=below("tube/"))


@pytest.mark.parametrize("path, method, body", CALLBACKS)
def test_avideo_is_called_by_its_media_server_alone(web, path, method, body):
    how = {"headers": FORM if body else [], "body": body}
    web.allowed("/tube" + path, method, shows="script", source=MEDIA, **how)
    web.refused("/tube" + path, "address", method, source=STRANGER, **how)
    web.refused("/tube" + path, "address", method, source=ENCODER, **how)


@pytest.mark.parametrize("path", UPLOADS + ["/aVideoEncoder.json"])
def test_avideo_takes_videos_from_its_encoder_alone(web, path):
    how = {"headers": FORM, "body": b"user=a&pass=b&title=c"}
    web.allowed("/tube" + path, "POST", shows="script", source=ENCODER, **how)
    web.refused("/tube" + path, "address", "POST", source=STRANGER, **how)
    web.refused("/tube" + path, "address", "POST", source=MEDIA, **how)


def test_an_encoders_name_behind_a_callback_makes_it_no_encoders_script(web):
    for path in (LIVE + "on_publish.php/aVideoEncoder", LIVE + "on_publish.php/objects/aVideoEncoder.json.php"):
        web.refused("/tube" + path, "address", "POST", FORM, PUBLISH, source=ENCODER)


@pytest.mark.parametrize("path", OPEN)
def test_avideos_pages_stay_open_to_browsers(web, path):
    web.allowed("/tube" + path, shows="script", source=STRANGER)
    web.allowed("/tube" + path, "POST", FORM, PUBLISH, shows="script", source=STRANGER)


def test_a_players_key_is_checked_by_avideo_itself(web):
    """nginx asks with the player's address in X-Forwarded-For, which an address proof refuses."""
    web.allowed("/tube" + LIVE + "authorizeKeyAccess.php", source=MEDIA, shows="script",
                headers=[("X-Original-URI", "/live/a/1.key"), ("X-Forwarded-For", "192.0.2.8")])


@pytest.mark.parametrize("path", HIDDEN)
def test_avideos_configuration_and_logs_are_nobodys(web, path):
    web.refused("/tube" + path, "hidden", source=MEDIA)


@pytest.mark.parametrize("written, folder", [("/tube/", "tube/"), ("/", "")])
def test_a_slash_more_is_none(serve_once, written, folder):
    web = serve_once('Include "%s"\nUse AvcsecAVideo %s 127.0.0.2 127.0.0.3\n' % (CONF, written),
                     modules=httpd.USUAL + ["macro"], keys=None, docroot=below(folder))
    for path, method, body in CALLBACKS[:1]:
        web.refused("/" + folder + path[1:], "address", method, FORM, body)
        web.allowed("/" + folder + path[1:], method, FORM, body, source=MEDIA)
    web.allowed("/" + folder + UPLOADS[0][1:], "POST", FORM, b"a=b", source=ENCODER)
    web.refused("/" + folder + HIDDEN[0][1:], "hidden")


def test_avideos_test_page_is_the_admins_where_they_are_named(serve_once):
    web = serve_once('Include "%s"\nUse AvcsecAVideo /tube 127.0.0.2 127.0.0.3\n<Location "/tube">\n'
                     'AvcAdmin 127.0.0.4\nAvcAdminScripts avideo\n</Location>\n' % CONF,
                     modules=httpd.USUAL + ["macro"], keys=None, docroot=below("tube/"))
    web.allowed("/tube" + LIVE + "test.php", shows="script", source=PROXY)
    web.refused("/tube" + LIVE + "test.php", "address", source=STRANGER)
    web.refused("/tube/videos/ffmpegLogs/1.log", "hidden", source=PROXY)


def test_a_token_in_the_path_of_the_callback_tells_containers_apart(serve_once):
    """Docker's gateway and the media server call from one network."""
    with open(CONF, encoding="utf-8") as conf:
        shown = re.search(r"^#   <LocationMatch \"\^/plugin(?:.*\n)+?#   </LocationMatch>\n", conf.read(), re.M)[0]
    web = serve_once('AvcKeyFile "@keys@"\nInclude "%s"\nUse AvcsecAVideo "" 127.0.0.1 192.0.2.1\n%s' % (
        CONF, shown.replace("#   ", "")), modules=httpd.USUAL + ["macro"], docroot=SITE)
    web.log.claim(r"AH02798: .*empty argument #1", count=None)
    call = LIVE + "on_publish.php"
    web.refused(call, "no-token", "POST", FORM, PUBLISH, source=MEDIA)
    web.allowed(signed(call, "path", purpose="call", expires=None), "POST", FORM, PUBLISH, shows="script", source=MEDIA)


def test_avideo_as_the_whole_site_with_somebody_elses_encoder(serve_once):
    with open(CONF, encoding="utf-8") as conf:
        shown = re.search(r"((?:^#   .*\n)+)#\n# On a media server", conf.read(), re.M)[1].replace("#   ", "")
    web = serve_once('Include "%s"\nUse AvcsecAVideo "" 127.0.0.2 192.0.2.1\n%s' % (CONF, shown),
                     modules=httpd.USUAL + ["macro"], keys=None, docroot=SITE)
    web.log.claim(r"AH02798: .*empty argument #1", count=None)
    web.refused(CALLBACKS[0][0], "address", "POST", FORM, PUBLISH)
    web.allowed(CALLBACKS[0][0], "POST", FORM, PUBLISH, source=MEDIA)
    web.allowed(UPLOADS[0], "POST", FORM, b"user=a", source=STRANGER)
    web.allowed(OPEN[0])


# ---- VideoWhisper: one script serves browsers and the media server ---------------------

AJAX = "/wp-admin/admin-ajax.php"
WHISPER = {"wp-admin/admin-ajax.php": "script", "vws/rtmp_login.php": "script",
           "vws/rtmp_logout.php": "script", "vws/index.php": "script"}
ASKED = [AJAX + "?action=vwls&task=rtmp_%s" % task for task in ("login&s=a", "logout&s=a", "status")]
ASKED += ["/vws/rtmp_login.php?s=a", "/vws/rtmp_logout.php?s=a"]


@pytest.fixture(scope="module")
def whisper(serve):
    return serve("AvcMediaServer 127.0.0.2\nAvcMediaServerScripts videowhisper", keys=None,
                 docroot=WHISPER)


@pytest.mark.parametrize("target", ASKED)
def test_videowhisper_is_asked_by_its_media_server_alone(whisper, target):
    whisper.allowed(target, shows="script", source=MEDIA)
    whisper.refused(target, "address")


@pytest.mark.parametrize("target", [
    AJAX + "?task=rtmp_login&action=vwls", AJAX + "?action=vwls&ta%73k=rtmp_login&s=x",
    AJAX + "?task=x&task=rtmp_login&action=vwls", AJAX + "?task[]=rtmp_login&action=vwls"])
def test_no_spelling_of_the_task_goes_past_it(whisper, target):
    whisper.refused(target, "address")


def test_the_action_may_stand_in_the_body(whisper):
    """WordPress takes it from there as well; the task alone closes the script."""
    whisper.refused(AJAX + "?task=rtmp_login&s=x", "address", "POST", FORM, b"action=vwls")


@pytest.mark.parametrize("target", [AJAX, AJAX + "?action=heartbeat", AJAX + "?action=vwls&task=vc_chatlog",
                                    AJAX + "?action=vwls&task=login&room=rtmp_login", "/vws/index.php"])
def test_the_rest_of_wordpress_stays_open(whisper, target):
    whisper.allowed(target, shows="script")


def test_several_arguments_must_all_be_there(serve_once):
    web = serve_once("AvcMediaServer 127.0.0.2\nAvcMediaServerScripts hook?from=wowza&event",
                     keys=None, docroot={"hook.php": "script"})
    web.refused("/hook.php?event=play&from=wowza", "address")
    for query in ("", "?from=wowza", "?event=play", "?from=red5&event=play"):
        web.allowed("/hook.php" + query, shows="script")
