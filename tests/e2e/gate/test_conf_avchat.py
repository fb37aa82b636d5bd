# SPDX-License-Identifier: Apache-2.0
# conf/avcsec.load and conf/avcsec-avchat.conf as they are shipped: they load in Debian's own
# configuration by its own commands, and each Use line that the comments show protects that layout.
import os
import re
import shutil
import subprocess
import time

import pytest

from avc import httpd, settings, tokens
from avc.peers import ADMIN, MEDIA, STRANGER
from avc.tokens import signed, token

CONF = os.path.join(settings.REPOSITORY, "conf", "avcsec-avchat.conf")
LOAD = os.path.join(settings.REPOSITORY, "conf", "avcsec.load")
MODULES = httpd.USUAL + ["macro"]
LAYOUTS = [
    "/chat", "/wp-content/plugins/avchat-3", "/wp-content/plugins/avchat-3-pro",
    "/wp-content/plugins/avchat-3-pps", "/components/com_avchat3/chat",
    "/sites/all/modules/avchat3", "/module/avchat3/include/plugin", "/videochat",
    "/plugins/AVChat3/includes",
]
USE = 'Use AvcsecAVChat %s "@private@" "127.0.0.2 192.0.2.1-192.0.2.9" "127.0.0.3 2001:db8::/48"\n'
SITE = {"index.html": "open", "writeuserslist.php": "script", "admin.html": "admin",
        "tokens/abc": "secret", "uploadedFiles/photo.jpg": "public copy"}


def config(*paths):
    uses = "".join(USE % (path or '""') for path in paths)
    return 'AvcKeyFile "@keys@"\nInclude "%s"\n%s' % (CONF, uses)


def files_below(*paths):
    return {("%s/%s" % (path, name)).lstrip("/"): text for path in paths for name, text in SITE.items()}


@pytest.fixture(scope="module")
def web(serve):
    return serve(config(*LAYOUTS), modules=MODULES, docroot=files_below(*LAYOUTS),
                 private={"photo.jpg": "photo"})


def every_surface(web, path):
    web.allowed(path + "/index.html", shows="open")
    web.refused(path + "/writeuserslist.php", "address", source=STRANGER)
    web.allowed(path + "/writeuserslist.php", shows="script", source=MEDIA)
    web.refused(path + "/admin.html", "address", source=MEDIA)
    web.allowed(path + "/admin.html", shows="admin", source=ADMIN)
    web.refused(path + "/tokens/abc", "hidden", source=ADMIN)
    web.refused(path + "/uploadedFiles/photo.jpg", "no-token")
    web.allowed(signed(path + "/uploadedFiles/photo.jpg"), shows="photo")


def test_comments_show_every_layout():
    with open(CONF, encoding="utf-8") as conf:
        assert re.findall(r"Use AvcsecAVChat (\S+) \.\.\.", conf.read()) == LAYOUTS


@pytest.mark.parametrize("path", LAYOUTS)
def test_each_layout_is_protected(web, path):
    every_surface(web, path)


def test_chat_that_is_the_whole_site(serve_once):
    web = serve_once(config(""), modules=MODULES, docroot=files_below(""),
                     private={"photo.jpg": "photo"})
    # mod_macro's note, told of in the comments; httpd reads its configuration once or twice.
    web.log.claim(r"AH02798: .*empty argument #1", count=None)
    every_surface(web, "")


@pytest.mark.parametrize("written, path", [("/chat/", "/chat"), ("/", ""), ("/community/chat/", "/community/chat")])
def test_a_slash_more_is_none(serve_once, written, path):
    web = serve_once(config(written), modules=MODULES, docroot=files_below(path), private={"photo.jpg": "photo"})
    every_surface(web, path)
    web.refused(path + "/upload.php?uploaderUsername=../x", "argument")
    web.refused(path + "/report_snapshot_upload.php?siteId=../1&type=x.php", "argument")
    assert web.ask(path + "/uploadedFiles").status == 403
    web.log.disregard("AVC00")


def test_folder_link_opens_what_the_client_names_relatively(web):
    right = token("/chat/index.html", dir=1)
    web.allowed("/chat/~%s/index.html" % right, shows="open")
    web.allowed("/chat/~%s/uploadedFiles/photo.jpg" % right, shows="photo")
    web.refused("/videochat/~%s/uploadedFiles/photo.jpg" % right, "signature")


# ---- what AVChat is, file by file --------------------------------------------------

MORE = {
    "chat/file_types.xml": "types", "chat/avc_settings.xml": "settings", "chat/users__definst_.xml": "addresses",
    "chat/report_snaps/7_CAM.jpg": "snapshot", "chat/avc_settings.php": "script", "chat/avc_settings.asp": "source",
    "chat/alone.asp": "script", "chat/sub/x.asp": "source", "chat/sub/x.php": "script", "chat/x.aspx.cs": "source",
    "chat/wget.php": "script", "docs/integration-guide.html": "guide", "administration.html": "page",
    "api/tokens/list": "list", "chat/m/debug.php": "script", "chat/index.html~": "copy",
}


@pytest.fixture(scope="module")
def chat(serve):
    return serve(config("/chat") + 'Alias "/other" "@docroot@/chat"\n', modules=MODULES,
                 docroot=dict(files_below("/chat"), **MORE), private={"photo.jpg": "photo"})


# SPEC [conf-11] [conf-12]
def test_snapshots_of_reports_are_the_admins(chat):
    chat.allowed("/chat/report_snaps/7_CAM.jpg", shows="snapshot", source=ADMIN)
    for path in ("/chat/report_snaps/7_CAM.jpg", "/chat/REPORT_SNAPS/7_CAM.jpg", "/other/report_snaps/7_CAM.jpg",
                 "/chat/report_snaps/", "/chat/report_snaps"):
        chat.refused(path, "address", source=STRANGER)
    chat.refused("/chat/report_snaps/7_CAM.jpg", "address", source=MEDIA)


def test_they_are_nobodys_where_no_admin_is_named(serve_once):
    web = serve_once('<Location "/chat">\nAvcHidden avchat\nAvcAdmin 127.0.0.3\n</Location>\n<Location "/chat/more">\n'
                     'AvcAdminScripts admin\n</Location>\n', keys=None, docroot=MORE)
    for source in (ADMIN, STRANGER):
        web.refused("/chat/report_snaps/7_CAM.jpg", "hidden", source=source)
        web.refused("/chat/more/report_snaps/7_CAM.jpg", "hidden", source=source)


def test_what_the_client_needs_stays_open(chat):
    chat.allowed("/chat/file_types.xml", shows="types")
    chat.allowed("/chat/avc_settings.php", shows="script")


@pytest.mark.parametrize("name", ["avc_settings.xml", "users__definst_.xml", "x.aspx.cs", "wget.php", "wget.php?url=http://x/a.jpg",
                                  "m/debug.php", "index.html~"])
def test_what_no_browser_has_any_business_with(chat, name):
    for source in (STRANGER, MEDIA, ADMIN):
        chat.refused("/chat/" + name, "hidden", source=source)


def test_asp_is_source_where_php_lies_beside_it(chat):
    for path in ("/chat/avc_settings.asp", "/chat/sub/x.asp", "/other/sub/x.asp"):
        chat.refused(path, "hidden", source=ADMIN)
    chat.allowed("/chat/alone.asp", shows="script")


@pytest.mark.parametrize("path, text", [("/docs/integration-guide.html", "guide"), ("/administration.html", "page"),
                                        ("/api/tokens/list", "list")])
def test_the_rest_of_the_site_is_none_of_its_business(chat, path, text):
    chat.allowed(path, shows=text)


# ---- scripts that make paths of what they are told ---------------------------------

UPLOAD = """<?php $name = $_GET['uploaderUsername'] . '_' . basename($_GET['name'] ?? 'a.txt');
file_put_contents(__DIR__ . '/uploadedFiles/' . $name, 'x'); echo '?result=success&fileurl=' . $name;"""
SNAPSHOT = """<?php file_put_contents(__DIR__ . '/report_snaps/' . $_GET['siteId'] . '_' . $_GET['type'],
file_get_contents('php://input')); echo 'save=ok';"""
VERIFY = """<?php $path = __DIR__ . '/tokens/' . $_GET['token'];
echo file_exists($path) ? 'true' : 'false';"""
SCRIPTS = {"chat/upload.php": UPLOAD, "chat/report_snapshot_upload.php": SNAPSHOT, "chat/token_verify.php": VERIFY,
           "chat/tokens/" + 32 * "a": "x", "chat/tokens/%s_m" % (32 * "b"): "x", "chat/rotate_m.php": "x",
           "chat/report_snaps": None, "chat/index.html": "open"}
PHP = """<FilesMatch "\\.php$">
    SetHandler "proxy:unix:@socket@|fcgi://localhost"
</FilesMatch>
Alias "/other" "@docroot@/chat"
<Directory "@docroot@">
    Options +MultiViews
</Directory>
"""
JPEG = {"method": "POST", "headers": [("Content-Type", "application/octet-stream")], "body": b"<?php echo 'run'; ?>"}
FILE = (b'--b\r\nContent-Disposition: form-data; name="Filedata"; filename="a.txt"\r\n\r\nx\r\n--b--\r\n')
SENT = {"method": "POST", "headers": [("Content-Type", "multipart/form-data; boundary=b")], "body": FILE}


@pytest.fixture(scope="module")
def scripts(serve, fpm):
    web = serve(config("/chat") + PHP, modules=MODULES, docroot=SCRIPTS, **fpm.names())
    for folder in ("chat/report_snaps", "chat/uploadedFiles"):
        os.makedirs(os.path.join(web.docroot, folder), exist_ok=True)
        os.chmod(os.path.join(web.docroot, folder), 0o777)
    os.chmod(os.path.join(web.docroot, "chat"), 0o777)
    return web


def below(web):
    return {os.path.join(folder, name) for folder, _, names in os.walk(web.docroot) for name in names}


@pytest.mark.parametrize("user", ["zoe", "Zo%C3%AB+von+X", "%E4%BD%A0%E5%A5%BD", "a.b%26c%27", ""])
def test_users_upload_under_their_names(scripts, user):
    answer = scripts.allowed("/chat/upload.php?uploaderUsername=%s&uploaderSiteId=7&destinationType=room&destUID=&destRID=r0"
                             "&destUSN=&pathToSWFFolder=chat.example/chat" % user, **SENT)
    assert "result=success" in answer.text


@pytest.mark.parametrize("query", [
    "uploaderUsername=../../x", "uploaderUsername=..%2f..%2fx", "uploaderUsername=%2e%2e%5cx", "uploaderUsername=x%00",
    "uploaderUsername=%c0%ae%c0%ae%c0%afx", "uploaderUsername[]=x", "uploaderUsername=x&uploaderUsername=../x",
    "uploaderUsername=x&uploader%55sername=../x", "x=1;uploaderUsername=../x", "uploaderUsername=x&destinationType=../x",
    "uploaderUsername=x&uploaderSiteId=../x", "uploaderUsername=" + 256 * "x"])
@pytest.mark.parametrize("script", ["/chat/upload.php", "/chat/upload", "/other/upload.php", "/chat/upload.php/info", "/chat//upload.php"])
def test_nobody_uploads_to_elsewhere(scripts, script, query):
    before = below(scripts)
    scripts.refused("%s?%s" % (script, query), "argument", **SENT)
    assert below(scripts) == before


def test_snapshots_are_pictures_of_reports(scripts):
    url = "/chat/report_snapshot_upload.php?siteId=%s&type=%s"
    for kind in ("CAM.jpg", "TEXT.jpg"):
        assert scripts.allowed(url % ("7", kind), **JPEG).text == "save=ok"
    before = below(scripts)
    for site, kind in (("../1", "x.php"), ("..%2f1", "CAM.jpg"), ("1", "x.php"), ("1", "CAM.jpg%00.php"), ("1", "CAMxjpg"),
                       ("x.php.", "CAM.jpg"), ("", "CAM.jpg"), ("1", ""), ("1", "CAM.jpg&type=x.php"), ("1", "CAM.jpg&siteId=../1")):
        scripts.refused(url % (site, kind), "argument", **JPEG)
    assert below(scripts) == before


def test_what_a_client_of_red5s_calls_a_token_is_one(scripts):
    url = "/chat/token_verify.php?token="
    for token_text, answer in ((32 * "a", "true"), (32 * "b" + "_m", "true"), (32 * "c", "false"), ("avc1~for.session~kid.k1", "false")):
        assert scripts.allowed(url + token_text, source=MEDIA).text == answer
    for token_text in ("../rotate_m.php", "..%2frotate_m.php", "", 32 * "a" + "&token=../rotate_m.php", 32 * "A", 32 * "a" + "%0a"):
        scripts.refused(url + token_text, "argument", source=MEDIA)
    scripts.refused(url + 32 * "a", "address", source=STRANGER)


def test_the_dump_says_what_is_whose(serve_once):
    """Of .asp what is source, of reports whose they are, of arguments that nobody is kept out."""
    near = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 30 * 86400))
    web = serve_once(config("/chat") + '<Location "/chat/uploadedFiles">\nAvcFilesOpenUntil %s\n</Location>\n' % near,
                     modules=MODULES, docroot=dict(files_below("/chat"), **MORE), begin=False)
    code, printed = web.configtest("-DDUMP_AVCSEC")
    hidden = re.search(r"AvcHidden avchat(?:.*\n)+?    Avc", printed)[0]
    admins = re.search(r"AvcAdminScripts avchat(?:.*\n)+?    Avc", printed)[0]
    arguments = re.search(r"AvcArguments type(?:.*\n)+?    Avc", printed)[0]
    files = re.search(r"AvcFiles \"(?:.*\n)+?  Private", printed)[0]
    assert code == 0 and "avc_settings.asp" in hidden and "alone.asp" not in hidden
    assert "/chat/report_snaps/" in admins and "/chat/report_snaps/" not in hidden
    assert "whose argument of that name matches" in " ".join(arguments.split())
    assert "until %s also who has an old link" % near in " ".join(files.split())


def test_upload_script_may_keep_its_folder_as_a_link(serve_once):
    files = dict(files_below("/chat"))
    del files["chat/uploadedFiles/photo.jpg"]
    web = serve_once(config("/chat"), modules=MODULES, docroot=files,
                     private={"photo.jpg": "photo"}, begin=False)
    os.symlink(web.private, os.path.join(web.docroot, "chat", "uploadedFiles"))
    web.start()
    every_surface(web, "/chat")


def test_nothing_changes_without_a_use_line(serve_once):
    web = serve_once('Include "%s"\n' % CONF, modules=MODULES, keys=None,
                     docroot=files_below("/chat"))
    web.allowed("/chat/writeuserslist.php", shows="script")


def test_without_mod_macro_the_file_is_inert_and_use_fails(serve_once):
    bare = serve_once('Include "%s"\n' % CONF, keys=None, begin=False)
    assert bare.configtest()[0] == 0
    bare.write_config(config("/chat"))
    status, printed = bare.configtest()
    assert status != 0 and "Use" in printed


# ---- Debian's own commands ---------------------------------------------------------


def run(confdir, *command):
    done = subprocess.run(command, env=dict(os.environ, **debian(confdir)), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60 * settings.PATIENCE)
    return done.returncode, done.stdout.decode("utf-8", "replace")


def debian(confdir):
    below = {"RUN_DIR": "run", "LOCK_DIR": "lock", "LOG_DIR": "log", "PID_FILE": "run/apache2.pid"}
    names = {"APACHE_" + name: os.path.join(confdir, path) for name, path in below.items()}
    return dict(names, APACHE_CONFDIR=confdir, APACHE_STATE_DIRECTORY=os.path.join(confdir, "state"),
                APACHE_RUN_USER=settings.USER, APACHE_RUN_GROUP=settings.USER)


def not_for_us(folder, names):
    """Key files and the like, where an owner's configuration lies."""
    paths = {name: os.path.join(folder, name) for name in names}
    return [name for name, path in paths.items() if not os.path.islink(path) and not os.access(path, os.R_OK)]


@pytest.fixture
def confdir(tmp_path):
    copy = str(tmp_path / "apache2")
    shutil.copytree("/etc/apache2", copy, symlinks=True, ignore=not_for_us)
    for name in ("run", "lock", "log", "state"):
        os.mkdir(os.path.join(copy, name))
    with open(LOAD, encoding="utf-8") as source:
        installed = source.read()
    loads = re.findall(r"^LoadModule avcsec_module (\S+)$", installed, re.M)
    assert loads == [settings.HTTPD_MODULES + "/mod_avcsec.so"]
    with open(os.path.join(copy, "mods-available", "avcsec.load"), "w") as out:
        out.write(installed.replace(loads[0], httpd.home.module()))
    shutil.copy(CONF, os.path.join(copy, "conf-available"))
    return copy


def enable(confdir, site):
    for command, name in (("a2enmod", "macro"), ("a2enmod", "avcsec"), ("a2enconf", "avcsec-avchat")):
        status, printed = run(confdir, "/usr/sbin/" + command, name)
        assert status == 0, printed
    path = os.path.join(confdir, "sites-available", "000-default.conf")
    with open(path, encoding="utf-8") as default:
        text = default.read()
    assert "</VirtualHost>" in text
    with open(path, "w", encoding="utf-8") as default:
        default.write(text.replace("</VirtualHost>", site + "\n</VirtualHost>"))


def configtest(confdir):
    preload = ["env", "LD_PRELOAD=" + settings.PRELOAD] if settings.PRELOAD else []
    return run(confdir, *preload, settings.HTTPD, "-d", confdir, "-f", os.path.join(confdir, "apache2.conf"), "-t")


def test_loads_in_debians_apache2(confdir, home):
    # Debian's user has to get into the one, and nobody into the other.
    keys, uploads = os.path.join(confdir, "avcsec.keys"), os.path.join(home, "uploads-of-debian")
    with open(keys, "w") as out:
        os.fchmod(out.fileno(), 0o600)
        out.write(tokens.KEY_FILE)
    os.mkdir(uploads, 0o755)
    enable(confdir, "AvcKeyFile %s\nUse AvcsecAVChat /chat %s 192.0.2.1 192.0.2.2" % (keys, uploads))
    with open(os.path.join(confdir, "apache2.conf"), "a", encoding="utf-8") as out:
        out.write("AvcStateDir %s/state/avcsec\n" % confdir)  # only root can make the usual one
    status, printed = configtest(confdir)
    assert status == 0, printed
    assert "AVC" not in printed and "Syntax OK" in printed


def test_use_line_without_a_key_file_is_told(confdir):
    enable(confdir, "Use AvcsecAVChat /chat %s/uploads 192.0.2.1 192.0.2.2" % confdir)
    os.mkdir(os.path.join(confdir, "uploads"), 0o700)
    status, printed = configtest(confdir)
    assert status != 0 and "AvcKeyFile" in printed


def test_debian_says_what_else_is_to_be_enabled(confdir):
    for missing in ("avcsec", "macro"):
        printed = run(confdir, "/usr/sbin/a2enconf", "avcsec-avchat")[1]
        assert "Module %s is not enabled" % missing in printed
        assert run(confdir, "/usr/sbin/a2enmod", missing)[0] == 0
    assert run(confdir, "/usr/sbin/a2enconf", "avcsec-avchat")[0] == 0
