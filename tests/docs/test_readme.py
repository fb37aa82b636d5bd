# SPDX-License-Identifier: Apache-2.0
# README.md from top to bottom, as a reader would follow it: each command is run on a machine
# in a directory, each configuration is loaded, each link is opened.
import os
import re
import shutil
import subprocess

import pytest

from avc import settings, tokens
from avc.client import request
from avc.httpd import USUAL, free_port, port_is_free
from avc.peers import MEDIA
from avc.service import Service

from examples import TOP, of_kind, of_readme, read
from machine import Machine, steps_of

BLOCKS = of_readme()
PAGES = "/usr/local/share/avcsec/page/"
SITE = {
    "/var/www/html/chat/uploadedFiles/photo.jpg": "a photo",
    "/var/www/html/chat/writeuserslist.php": "the list",
    "/var/www/html/chat/admin.html": "admin",
    "/var/www/html/chat/index.html": "welcome",
    "/var/www/html/chat/avc_settings.xml": "<settings/>",
    "/var/www/html/streams/room7/index.m3u8": "#EXTM3U\nseg1.ts\n",
    "/var/www/html/streams/room7/seg1.ts": "segment",
    "/var/www/html/streams/room8/seg1.ts": "another room",
}
RUNNERS = {"php": (["php"], "example.php"), "js": (["node"], "example.mjs"),
           "python": (["/usr/bin/python3"], "example.py")}


def under(heading, kind):
    return [block for block in BLOCKS if block.heading == heading and block.kind == kind]


FIRST = under("A first configuration", "apache")[0].text
STREAMS = under("Streams", "apache")[0].text


@pytest.fixture(scope="module")
def machine():
    """Every step of the README has been done on it, in order, up to the first links."""
    machine = Machine(FIRST, pages=SITE)
    os.chmod(machine.path("/var/www/html/chat/uploadedFiles"), 0o777)
    for heading in ("Install", "A first configuration"):
        for block in under(heading, "console"):
            machine.console(block.text)
    for block in under("Making links", "console"):
        machine.console(block.text)
    return machine


@pytest.fixture(scope="module")
def site(machine):
    with machine.server as server:
        yield server


# -- the two commands

def test_there_are_two_commands_and_they_are_there():
    (block,) = under("Two commands", "console")
    commands = [step.command for step in steps_of(block.text)]
    assert commands == ["scripts/demo", "scripts/test"]
    for command in commands:
        assert os.access(os.path.join(TOP, command), os.X_OK), command


# -- installing

def test_everything_is_installed_where_the_readme_says(machine):
    table = re.search(r"^\| what \| where.*?\n\n", read("README.md"), re.MULTILINE | re.DOTALL)[0]
    paths = re.findall(r"`(/[^`]+)`", table)
    assert len(paths) >= 8
    for path in paths:
        real = machine.root + path
        assert os.path.exists(real), path
        assert not path.endswith("/") or os.listdir(real), path


def test_nothing_is_installed_that_the_readme_does_not_tell(machine):
    known = "/macro.load|mod_avcsec.so|avcsec|page|mod_avcsec.5|avcsec.1|bash-completion|completions"
    for folder in ("usr/lib", "usr/local", "etc"):
        for where, folders, files in os.walk(os.path.join(machine.root, folder)):
            for name in files:
                assert re.search(known, os.path.join(where, name)), os.path.join(where, name)


def test_the_module_is_enabled_with_what_it_depends_on(machine):
    enabled = os.listdir(machine.path("/etc/apache2/mods-enabled"))
    assert {"avcsec.load", "avcsec.conf"} <= set(enabled), enabled
    with open(machine.path("/etc/apache2/mods-enabled/avcsec.load")) as load:
        assert "LoadModule avcsec_module /usr/lib/apache2/modules/mod_avcsec.so" in load.read()


def test_the_installed_command_is_this_one(machine):
    installed = machine.root + "/usr/local/bin/avcsec"
    assert machine.run([installed, "--version"]) == machine.run([settings.tool(), "--version"])


# -- the first configuration

def test_the_first_configuration_protects(site):
    for path, reason in (("/chat/writeuserslist.php", "address"), ("/chat/admin.html", "address"),
                         ("/chat/avc_settings.xml", "hidden"),
                         ("/chat/uploadedFiles/photo.jpg", "no-token")):
        site.refused(path, reason)
    site.allowed("/chat/index.html", shows="welcome")


def test_the_media_server_of_the_first_configuration_passes(machine):
    config = FIRST.replace("198.51.100.7", MEDIA)
    other = Machine(config, pages=SITE)
    other.has_keys()
    os.makedirs(other.path("/var/lib/avchat/uploads"))
    with other.server as server:
        server.allowed("/chat/writeuserslist.php", source=MEDIA, shows="the list")
        server.refused("/chat/writeuserslist.php", "address")


# -- links

def links(machine, block, tmp_path):
    """What the example prints, run beside the signer that is installed, with the page's key."""
    program, name = RUNNERS[block.kind]
    for file in ("avcsec.php", "avcsec.mjs", "avcsec.py"):
        with open(machine.root + PAGES + file) as source, open(tmp_path / file, "w") as copy:
            copy.write(source.read())
    (tmp_path / name).write_text(block.text.replace("192.0.2.0/24", "127.0.0.0/8"))
    with open(machine.path("/etc/apache2/page.key")) as key:
        printed = machine.run(program + [name], str(tmp_path), AVC_PAGE_KEY=key.read().strip())
    found = printed.split()
    assert found and all(link.startswith("/") for link in found), printed
    return found


def without_token(link):
    return re.sub(r"/~avc1~[^/]*|[?&]avc=.*", "", link)


def tampered(link):
    return re.sub(r"(~mac\.)(.)", lambda mac: mac[1] + ("A" if mac[2] != "A" else "B"), link)


PAGE = [("Referer", "https://www.example.org/page.html")]


MAIL = "Links in mail and chat"


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.kind in RUNNERS and block.heading != MAIL],
                         ids=repr)
def test_links_of_a_page_open_and_only_they(machine, site, block, tmp_path):
    for link in links(machine, block, tmp_path):
        answer = site.allowed(link, headers=PAGE, shows="a photo")
        if "disp.attachment" in link:
            assert answer.get("Content-Disposition").startswith("attachment;"), answer
            assert "filename*=UTF-8''Zo%C3%AB.jpg" in answer.get("Content-Disposition")
        if "org." in link:
            site.refused(link, "origin")
            assert "~ip4.127.0.0.0-8~" in link
        site.refused(without_token(link), "no-token", headers=PAGE)
        site.refused(tampered(link), "signature", headers=PAGE)


def test_a_page_with_a_button_signs_when_it_is_pressed_and_not_before(machine, site, tmp_path):
    """As mail scanners and as people do."""
    (block,) = under(MAIL, "php")
    shutil.copy(machine.root + PAGES + "avcsec.php", tmp_path / "avcsec.php")
    (tmp_path / "show.php").write_text(block.text)
    with open(machine.path("/etc/apache2/page.key")) as key:
        env = dict(os.environ, AVC_PAGE_KEY=key.read().strip())
    port = free_port()
    with subprocess.Popen(["php", "-S", "127.0.0.1:%d" % port, "-t", str(tmp_path)], env=env,
                          stderr=subprocess.DEVNULL, start_new_session=True) as server:
        try:
            assert settings.until(lambda: not port_is_free(port))
            shown = request(port, "/show.php")
            assert shown.status == 200 and "<button>" in shown.text and "avc1" not in shown.text
            pressed = request(port, "/show.php", "POST")
            assert pressed.status == 303
            link = pressed.get("Location")
        finally:
            server.terminate()
    assert "~max.3~" in link
    for source in ("127.0.0.5", "127.0.0.6", "127.0.0.7"):
        site.allowed(link, source=source, shows="a photo")
    site.refused(link, "used-up", source="127.0.0.8")


def test_a_link_with_a_window_is_the_same_again(machine, tmp_path):
    (block,) = under("Links that browsers may keep", "python")
    first, second = links(machine, block, tmp_path), links(machine, block, tmp_path)
    assert first == second or first[0].split("iat.")[1][:8] != second[0].split("iat.")[1][:8]


# -- behind a proxy

PROXIES = "Behind a proxy or CDN"
NGINX = """daemon off;
master_process off;
pid @root@/nginx.pid;
error_log @root@/error.log info;
events {}
http {
    access_log off;
    client_body_temp_path @root@/t1; proxy_temp_path @root@/t2; fastcgi_temp_path @root@/t3;
    uwsgi_temp_path @root@/t4; scgi_temp_path @root@/t5;
    server { listen 127.0.0.1:@port@; %s }
}
"""
HAPROXY = """defaults
    mode http
    timeout connect 5s
    timeout client 10s
    timeout server 10s
frontend front
    bind 127.0.0.1:@port@
    default_backend www
%s
"""


def in_front(block, machine):
    """The real program with these lines, started, in front of this server."""
    text = re.sub(r"127\.0\.0\.1:808[01]", "127.0.0.1:%d" % machine.server.port, block.text)
    if block.kind == "nginx":
        return Service({"nginx.conf": NGINX % text}, ["/usr/sbin/nginx", "-c", "@root@/nginx.conf", "-p", "@root@",
                                                      "-e", "@root@/error.log"])
    return Service({"haproxy.cfg": HAPROXY % text}, ["/usr/sbin/haproxy", "-db", "-f", "@root@/haproxy.cfg"])


@pytest.mark.parametrize("block", under(PROXIES, "nginx") + under(PROXIES, "haproxy"), ids=repr)
def test_behind_these_proxies_a_client_is_who_it_is(block):
    """Bound to an address, a link opens for it and for nobody who claims it."""
    header, protocol, _ = under(PROXIES, "apache")
    config = header.text if "send-proxy" not in block.text else \
        re.search(r"<VirtualHost[^>]*>(.*)</VirtualHost>", protocol.text, re.DOTALL)[1]
    machine = Machine("AvcKeyFile /etc/apache2/avcsec.keys\n" + config + STREAMS, pages=SITE)
    machine.has_keys()
    bound = tokens.signed("/streams/room7/seg1.ts", ip4="127.0.0.9")
    below = tokens.signed("/streams/room7/index.m3u8", "path", dir=2, ip4="127.0.0.9")
    with machine.server as server, in_front(block, machine) as proxy:
        once = tokens.signed("/streams/room7/seg1.ts", max=1, id="one-client-behind-a-proxy")  # no older than the store
        for link in (bound, below, below.replace("index.m3u8", "seg1.ts")):
            assert request(proxy.port, link, source="127.0.0.9").status == 200, link
        for claimed in ((), (("X-Forwarded-For", "127.0.0.9"), ("X-Real-IP", "127.0.0.9"))):
            assert request(proxy.port, bound, source="127.0.0.8", headers=claimed).status == 403
            server.log.claim("AVC0010: address: ")
        assert request(proxy.port, once, source="127.0.0.9").status == 200
        assert request(proxy.port, once, source="127.0.0.8").status == 403
        server.log.claim("AVC0013: used-up: ")


def test_the_readme_has_an_example_in_every_language():
    assert {block.kind for block in BLOCKS} >= {"php", "js", "python", "console", "apache"}


def test_links_of_the_command_open(machine, site):
    for block in under("Making links", "console"):
        for link in re.findall(r"^(?:https://www\.example\.org)?(/\S*avc1~\S+)$",
                               machine.console(block.text), re.MULTILINE):
            site.allowed(link, shows="a photo")


def test_the_page_key_is_not_the_key(machine):
    with open(machine.path("/etc/apache2/page.key")) as key:
        page_key = key.read()
    with open(machine.path("/etc/apache2/avcsec.keys")) as keys:
        secret = keys.read().split()[2]
    assert page_key.startswith("avck1~k1~file~") and secret not in page_key


# -- streams, calls, roll-out, explaining, rotation

def test_segments_inherit_the_right_of_the_playlist(machine):
    other = Machine("AvcKeyFile /etc/apache2/avcsec.keys\n" + STREAMS, pages=SITE)
    other.has_keys()
    page_key = other.run(["avcsec", "pagekey", "--key-file", other.path("/etc/apache2/avcsec.keys"),
                          "--kid", "k1", "--purpose", "file"]).strip()
    other.environment = (lambda known: lambda: dict(known(), AVC_PAGE_KEY=page_key))(other.environment)
    (block,) = under("Streams", "console")
    (link,) = re.findall(r"^/streams\S+$", other.console(block.text), re.MULTILINE)
    with other.server as server:
        assert server.allowed(link).text.startswith("#EXTM3U")
        folder = link.rsplit("/", 1)[0]
        server.allowed(folder + "/seg1.ts", shows="segment")
        answer = server.ask(folder + "/seg1.ts", headers=[("Origin", "https://www.example.org")])
        assert answer.get("Access-Control-Allow-Origin") == "https://www.example.org"
        server.refused(folder.replace("room7", "room8") + "/seg1.ts", "signature")
        server.refused("/streams/room7/seg1.ts", "no-token")


def test_a_media_server_that_holds_one_url(machine):
    config = under("The media server's calls", "apache")[0].text.replace("198.51.100.7", MEDIA)
    other = Machine("AvcKeyFile /etc/apache2/avcsec.keys\n" + config, pages=SITE)
    other.console(under("A first configuration", "console")[0].text)
    (block,) = under("The media server's calls", "console")
    (url,) = re.findall(r"^http://www\.example\.org(/\S+)$", other.console(block.text), re.MULTILINE)
    with other.server as server:
        server.allowed(url, source=MEDIA, shows="the list")
        server.allowed(url, source=MEDIA, version="1.0", shows="the list")
        server.refused(url, "address")
        server.refused("/chat/writeuserslist.php", "no-token", source=MEDIA)


def test_sessions_are_issued_checked_and_taken_back(machine):
    config = "".join(block.text for block in under("Sessions", "apache"))
    (taken_back,) = under("Counting, and taking back", "apache")
    other = Machine("AvcKeyFile /etc/apache2/avcsec.keys\n" + taken_back.text +
                    config.replace("198.51.100.7", MEDIA), modules=USUAL + ["env"])
    other.has_keys()
    (block,) = under("Sessions", "console")
    (key,) = re.findall(r"^avc1~\S+$", other.console(block.text), re.MULTILINE)
    counted, revoking = under("Counting, and taking back", "console")
    assert "~max.1~" in other.console(counted.text)
    with other.server as server:
        answer = server.ask("/chat/token_request.php", "POST", body=b"username=bob",
                            headers=[("Content-Type", "application/x-www-form-urlencoded")])
        (token,) = re.findall(r"token=(avc1[^&]*)&writesuccess=true", answer.text)
        verify = "/chat/token_verify.php?token=" + token
        assert [server.ask(verify, source=MEDIA).text for _ in range(2)] == ["true", "false"]
        assert len(server.log.claim("AVC0013: used-up")) == 1

        def may(act, name):
            body = "app=live&call=%s&name=%s&addr=192.0.2.9" % (act, name)
            return server.ask("/admission", "POST", [("Content-Type", "application/x-www-form-urlencoded")],
                              body.encode(), source=MEDIA).status // 100
        assert (may("publish", key), may("publish", "lobby&avc=" + key), may("play", key)) == (3, 2, 4)
        server.log.claim("AVC0020: act: ")
        other.console(revoking.text)
        server.log.claim("AVC0109", patience=20)
        assert may("publish", key) == 4
        server.log.claim("AVC0009: revoked: ")


def test_rolling_out(machine):
    (block,) = under("Rolling it out", "apache")
    other = Machine(block.text + "AvcKeyFile /etc/apache2/avcsec.keys\n" +
                    STREAMS + "AvcMediaServer 198.51.100.7\nAvcMediaServerScripts avchat\n", pages=SITE)
    other.has_keys()
    with other.server as server:
        for path in ("/chat/writeuserslist.php", "/streams/room7/seg1.ts", "/streams/room7/index.m3u8"):
            assert server.ask(path).status == 200, path
        assert len(server.log.claim("AvcEnforce Log", count=3)) == 3
        os.symlink(os.path.join(other.root, "logs/error.log"), other.path("/var/log/apache2/error.log"))
        printed = other.console(under("Rolling it out", "console")[0].text)
    assert re.search(r"^ +2 AVC0001: no-token$", printed, re.MULTILINE), printed
    assert re.search(r"^ +1 AVC0010: address$", printed, re.MULTILINE), printed


def test_explaining(machine):
    (block,) = under("When a link does not open", "console")
    machine.console(block.text)


def test_changing_keys(machine, site):
    (block,) = under("Changing keys", "console")
    old = machine.run(["avcsec", "sign", "--key-file", machine.path("/etc/apache2/avcsec.keys"),
                       "--expires", "1h", "/chat/uploadedFiles/photo.jpg"]).strip()
    machine.console(block.text)
    site.log.claim("AVC0104", patience=20)
    site.allowed(old, shows="a photo")
    assert "~kid.k1~" in machine.run(
        ["avcsec", "sign", "--key-file", machine.path("/etc/apache2/avcsec.keys"), "--expires", "1h", "/a"])


# -- taking it out

RUNS_PHP = '<FilesMatch "\\.php$">\nSetHandler server-status\n</FilesMatch>\n'


def test_taking_it_out_again_publishes_nothing_that_runs():
    machine = Machine(FIRST, pages=dict(SITE, **{"/var/www/html/chat/uploadedFiles/x.php": "somebody's"}))
    os.chmod(machine.path("/var/www/html/chat/uploadedFiles"), 0o777)
    for heading in ("Install", "A first configuration"):
        for block in under(heading, "console"):
            machine.console(block.text)
    link, back, module = under("Taking it out again", "console")
    (kept,) = under("Taking it out again", "apache")
    machine.console(link.text)
    machine.configure(RUNS_PHP)
    with machine.server as server:
        server.allowed("/chat/uploadedFiles/photo.jpg", status=404)
    machine.configure(RUNS_PHP + kept.text)
    machine.console(back.text)
    with machine.server as server:
        server.allowed("/chat/uploadedFiles/photo.jpg", shows="a photo")
        answer = server.allowed("/chat/uploadedFiles/x.php", shows="somebody's")
        assert answer.get("Content-Type") == "application/octet-stream"
        server.allowed(tokens.signed("/chat/uploadedFiles/photo.jpg"), shows="a photo")
    machine.console(module.text)
    assert not os.path.exists(machine.root + "/usr/lib/apache2/modules/mod_avcsec.so")
    assert "avcsec.load" not in os.listdir(machine.path("/etc/apache2/mods-enabled"))


# -- every configuration, every block

def wants(text):
    """What a block leaves to the reader: a key file."""
    return text if "AvcKeyFile" in text else "AvcKeyFile /etc/apache2/avcsec.keys\n" + text


@pytest.mark.parametrize("block", of_kind(BLOCKS, "apache"), ids=repr)
def test_configurations_load(block):
    machine = Machine("Include %s\n%s" % (os.path.join(TOP, "conf/avcsec-avchat.conf"), wants(block.text)))
    machine.has_keys()
    os.makedirs(machine.path("/var/lib/avchat/uploads"))
    assert machine.server.configtest() == (0, "Syntax OK\n")


def test_every_console_example_is_run_by_a_test_above():
    here = read("tests/docs/test_readme.py")
    for block in of_kind(BLOCKS, "console"):
        assert '"%s"' % block.heading in here, block


def test_what_the_readme_names_is_there():
    text = read("README.md")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert os.path.exists(os.path.join(TOP, target)), target
    for path in re.findall(r"`((?:scripts|conf|tests|mod_avcsec)/[\w./-]+)`", text):
        assert os.path.exists(os.path.join(TOP, path)), path
    tree = of_kind(BLOCKS, "text")[-1].text
    for path in re.findall(r"^([\w/]+)/ ", tree, re.MULTILINE):
        assert os.path.isdir(os.path.join(TOP, path)), path
    directives = read("mod_avcsec/httpd/config/directives.def")
    for name in set(re.findall(r"\bAvc[A-Z]\w+", text)) - {"AvcsecAVChat"}:
        assert "DIRECTIVE(%s," % name in directives, name


def test_options_of_the_command_that_the_readme_names(machine):
    helps = "".join(subprocess.run([settings.tool(), command, "--help"], capture_output=True, text=True,
                                   check=True).stdout for command in ("keygen", "pagekey", "sign", "revoke", "explain"))
    for block in of_kind(BLOCKS, "console"):
        for step in steps_of(block.text):
            for option in re.findall(r" (--[a-z-]+)", step.command if "avcsec " in step.command else ""):
                assert option + " " in helps, option
