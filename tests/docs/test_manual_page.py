# SPDX-License-Identifier: Apache-2.0
# mod_avcsec(5): its examples are loaded, run and asked for, and what it lists of the module
# is what the module's source says.
import os
import pathlib
import re
import signal
import subprocess

import pytest

from avc import httpd, settings, tokens, webhooks
from avc.client import request
from avc.httpd import Httpd, free_port, port_is_free
from avc.peers import MEDIA

from examples import TOP, of_kind, of_manual, read
from machine import Machine

BLOCKS = of_manual()
PAGE = re.sub(r"\\&", "", read("scripts/man/mod_avcsec.5")).replace("\\e", "\\")
CALLED = {"/var/www/html%s/%s.php" % (folder, name): name for folder, names in (
    ("/chat", "writeuserslist sendReport getRecordedVideosInfo token_verify"),
    ("/live", "on_publish on_play auth")) for name in names.split()}
CALLS = "AvcKeyFile /etc/apache2/avcsec.keys\nAvcMediaServer %s\nAvcMediaServerProof address token\n" \
        'AvcMediaServerScripts avchat\n<Location "/live/">\nAvcMediaServerOnly On\n</Location>\n' % MEDIA


def section(title):
    return re.search(r"^\.S[hs] %s$(.*?)(?=^\.S[hs] |\Z)" % re.escape(title), PAGE,
                     re.MULTILINE | re.DOTALL)[1]


def source(path, name, pattern):
    """Strings of a table in a source file, from its name to the end of its braces."""
    table = re.search(r"\b%s\[\] = \{(.*?)\};" % name, read(path), re.DOTALL)[1]
    return re.findall(pattern, table)


# -- examples

@pytest.mark.parametrize("block", of_kind(BLOCKS, "apache"), ids=repr)
def test_configurations_load(block):
    text = block.text
    if text.startswith("LoadModule"):
        text = re.sub(r"(LoadModule \S+) \S+", r"\1 " + settings.module(), text)
    if "AvcKeyFile" not in text:
        text = "AvcKeyFile /etc/apache2/avcsec.keys\n" + text
    machine = Machine(text)
    machine.has_keys()
    os.makedirs(machine.path("/var/lib/avchat/uploads"))
    status, printed = machine.server.configtest()
    printed = re.sub(r".*AH01574: module avcsec_module is already loaded, skipping\n", "", printed)
    assert (status, printed) == (0, "Syntax OK\n")


@pytest.mark.parametrize("block", of_kind(BLOCKS, "console"), ids=repr)
def test_commands_print_what_stands_there(block):
    machine = Machine("")
    machine.has_keys()
    machine.console(block.text)


def test_lines_of_the_key_file_are_read():
    (block,) = of_kind(BLOCKS, "grammar")
    kinds = [line.split()[1].split("|") for line in block.text.splitlines()]
    assert sorted(sum(kinds, [])) == ["ed25519", "es256", "hs256", "password", "webhook"]
    times = " from=2020-01-01T00:00:00Z until=2040-01-01T00:00:00Z"
    machine = Machine("")
    values = {"hs256": tokens.SECRETS["k1"] + " for=file,call", "password": tokens.PASSWORD,
              "webhook": webhooks.SECRET,
              "ed25519": "file:" + machine.make_pem("/etc/apache2/ed.pem", "-algorithm", "ed25519"),
              "es256": "file:" + machine.make_pem("/etc/apache2/es.pem", "-algorithm", "EC", "-pkeyopt",
                                                  "ec_paramgen_curve:P-256")}
    for kind in sum(kinds, []):
        line = "x1 %s %s%s\n" % (kind, values[kind], times)
        server = Httpd('AvcKeyFile "@keys@"\n', keys="k1 hs256 %s\n" % tokens.SECRETS["k2"] + line,
                       started_by="root" if settings.AS_ROOT else None)
        assert server.configtest() == (0, "Syntax OK\n"), line


def test_lines_of_the_revocations_file_are_read():
    (block,) = of_kind(BLOCKS, "revocations")
    values = {"id": "Zb2kq0cW3mT9hQxL4vN7pA", "claim": "Wm_Dqw", "key id": "k1", "time": "2040-01-01T00:00:00Z"}
    lines = re.sub(r"[][]", "", re.sub(r"<([a-z ]+)>", lambda found: values[found[1]], block.text))
    assert len(lines.splitlines()) == 4
    server = Httpd('AvcKeyFile "@keys@"\nAvcRevocations "@root@/revoked"\n')
    for text, status in ((lines, 0), (lines.replace("until", "till"), 1)):
        server.write_secret("revoked", text)
        assert server.configtest()[0] == status


def test_the_line_of_a_refusal_is_one_that_the_module_writes():
    (block,) = of_kind(BLOCKS, "logline")
    number, word, sentence = re.match(r"AVC(\d+): ([a-z-]+): .*\): (.*?) \.\.\.", block.text).groups()
    row = re.search(r'REASON\(\w+, %d, "%s", \d+,\s*"(.*?)"\)' % (int(number), word),
                    read("mod_avcsec/core/token/reasons.def"), re.DOTALL)
    assert row and re.sub(r'"\s+"', "", row[1]).startswith(sentence), block.text


def call_urls(*kinds):
    """URLs of the examples as the media server would ask: (path with a token for its folder)."""
    for block in of_kind(BLOCKS, *kinds):
        for folder, name in re.findall(r"https?://www\.example\.org(/\w+)/~TOKEN/(\w+\.php)", block.text):
            tok = tokens.token(folder + "/", purpose="call", expires=None, dir=1)
            yield "%s/~%s/%s" % (folder, tok, name), name.split(".")[0]


def test_urls_given_to_media_servers_open():
    machine = Machine(CALLS, pages=CALLED)
    machine.has_keys()
    urls = list(call_urls("properties", "nginx-rtmp", "srs", "mediamtx"))
    assert len(urls) == 9 and {name for _, name in urls} == set(CALLED.values())
    with machine.server as server:
        for url, name in urls:
            for version in ("1.0", "1.1"):
                server.allowed(url, version=version, source=MEDIA, shows=name)
            server.allowed(url + "?token=0123456789abcdef0123456789abcdef", source=MEDIA, shows=name)
            server.refused(url, "address")
            server.refused(re.sub("~avc1[^/]*/", "", url), "no-token", source=MEDIA)


# -- nginx

NGINX = """
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
daemon off;
pid %(root)s/nginx.pid;
error_log %(root)s/nginx-error.log;
events {}
http {
    client_body_temp_path %(root)s/t1; proxy_temp_path %(root)s/t2; fastcgi_temp_path %(root)s/t3;
    uwsgi_temp_path %(root)s/t4; scgi_temp_path %(root)s/t5;
    %(http)s
    server { listen 127.0.0.1:%(port)d; access_log %(root)s/masked.log masked; root %(root)s; %(asks)s }
}
rtmp { access_log off; server { listen 127.0.0.1:%(rtmp)d; application live { live on; %(callbacks)s } }
    server { listen 127.0.0.1:%(relay)d; %(relays)s } }
"""


CHECK = """AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.1
<Location "/check">
SetHandler avcsec-check
AvcCheck nginx
</Location>
"""


@pytest.fixture
def check():
    with Httpd(CHECK) as server:
        yield server


@pytest.fixture
def nginx(check):
    """nginx with the manual's lines, as an ordinary user; its port and directory."""
    root = pathlib.Path(httpd.home.new_root())
    (masking,), (callbacks,), (asks,), (relays,) = (
        of_kind(BLOCKS, kind) for kind in ("nginx", "nginx-rtmp", "nginx-asks", "nginx-rtmp-relay"))
    (root / "media").mkdir()
    (root / "media" / "a.txt").write_text("content")
    path = tokens.token("/live/", purpose="call", expires=None, dir=1)
    names = {"root": root, "port": free_port(), "rtmp": free_port(), "http": masking.text,
             "relay": free_port(), "relays": relays.text,
             "asks": asks.text.replace(":8080", ":%d" % check.port),
             "callbacks": callbacks.text.replace("TOKEN", path).replace("www.example.org", "127.0.0.1")}
    config = root / "nginx.conf"
    config.write_text(NGINX % names)
    settings.give(str(root))
    process = subprocess.Popen(settings.as_user(["nginx", "-c", str(config)]), start_new_session=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert settings.until(lambda: process.poll() is not None or not port_is_free(names["port"]), 10)
    assert process.poll() is None, process.stderr.read()
    yield names["port"], root
    os.kill(process.pid, signal.SIGTERM)
    process.wait(10 * settings.PATIENCE)
    process.stderr.close()


def test_nginx_takes_these_lines_and_masks_what_it_logs(nginx):
    port, directory = nginx
    for target in (tokens.signed("/a.jpg", query="x=1"), tokens.signed("/chat/a.jpg", "path")):
        request(port, target)
    request(port, "/plain?mac=1")
    log = directory / "masked.log"
    assert settings.until(lambda: len(log.read_text().splitlines()) == 3, 5), log.read_text()
    lines = log.read_text().splitlines()
    assert "~mac.* HTTP/1.1" in lines[0] and "~mac.*/a.jpg HTTP" in lines[1] and "/plain?mac=1 " in lines[2]
    assert not re.search(r"mac\.[\w-]{20}", log.read_text())


def test_nginx_asks_as_these_lines_say(nginx, check):
    port, _ = nginx
    answer = request(port, tokens.signed("/media/a.txt"))
    assert (answer.status, answer.text) == (200, "content")
    for target, status, reason in (("/media/a.txt", 401, "no-token"), (tokens.signed("/media/b.txt").replace(
            "/b.", "/a."), 403, "signature")):
        assert request(port, target).status == status
        check.log.claim(r"AVC\d{4}: %s: " % reason)


# -- what it lists

def test_names_of_the_presets():
    files = "mod_avcsec/core/request/names.c"
    for title, table in (("AvcMediaServerScripts", "avcsec_media_server_presets"),
                         ("AvcHidden", "avcsec_hidden_presets")):
        presets = source(files, table, r'\{"([\w-]+)",((?:\s*"[^"]*")+)\}')
        assert {"avchat", "avideo"} <= {preset for preset, _ in presets}
        names = [preset for preset, _ in presets]
        for _, entries in presets:
            names += re.sub(r"\|\S*", "", "".join(re.findall(r'"([^"]*)"', entries))).split()
        for name in names:
            # A folder is written as a word, what is below it as a wildcard.
            assert re.search(r"(?<![\w*])%s(?![\w*])" % re.escape(re.sub(r"/\*$", "", name)),
                             section(title)), name
    assert source(files, "avcsec_admin_presets", r'"([^"]*)"') == [
        "avchat", "admin*.html admin*.swf avc_settings?admin=true report_snaps/*", "avideo", "Live/test"]
    for words in ("admin.html and admin.swf", "report_snaps", "Live/test"):
        assert words in section("AvcAdminScripts")


def test_headers_that_are_scrubbed_and_that_tell_of_a_proxy():
    for path, table, title in (("mod_avcsec/httpd/request/forwarding.c", "headers", "AvcScrubHeaders"),
                               ("mod_avcsec/httpd/request/forwarding.c", "forwarding_headers",
                                "AvcClientAddress")):
        names = source(path, table, r'"([^"]*)"')
        assert len(names) >= 5
        for name in names:
            assert re.search(r"(?<![\w-])%s(?![\w-])" % name, section(title)), name


def test_how_many_threads_may_sleep():
    assert re.search(r"^#define SLEEPERS 8 ", read("mod_avcsec/httpd/files/pace.c"), re.MULTILINE)
    assert "eight in a" in section("SECURITY CONSIDERATIONS")
    assert "eight in a child process" in read("SECURITY.md")


def test_levels_of_refusals():
    config = 'AvcKeyFile "@keys@"\n<Location "/f">\nAvcFiles "@private@"\n</Location>\n'
    with Httpd(config, private={"a": "a"}) as server:
        server.ask("/f/a")
        server.ask(tokens.signed("/f/a", expires=-5))
        server.ask(tokens.signed("/f/b"))
        for number, level in ((1, "error"), (7, "warn"), (17, "warn")):
            (line,) = server.log.claim("AVC%04d" % number)
            assert "[avcsec:%s]" % level in line
            said = re.search(r"^\.It AVC%04d .*, level (\w+)$" % number, PAGE, re.MULTILINE)[1]
            assert said.startswith(level), (line, said)


@pytest.mark.parametrize("level, is_whole", [("debug", False), ("core:trace4", False), ("core:trace5", True)])
def test_from_which_level_on_httpd_itself_logs_tokens(level, is_whole):
    config = 'AvcKeyFile "@keys@"\n<Location "/f">\nAvcFiles "@private@"\n</Location>\n'
    with Httpd(config, private={"a": "a"}, loglevel="info " + level) as server:
        server.allowed(tokens.signed("/f/a"))
        path = os.path.join(server.root, "logs", "error.log")
        with open(path) as log:
            assert bool(re.search(r"mac\.[\w-]{43}", log.read())) == is_whole
        os.truncate(path, 0)
    assert "LogLevel core:trace5" in PAGE


# -- contexts

def contexts_on_the_page():
    rows = re.findall(r"^\.Ss (Avc\w+)$.*?^\.It Context:$\n(.*?)$", PAGE, re.MULTILINE | re.DOTALL)
    known = dict.fromkeys(("server config", "virtual host", "<Directory>", "<Location>", "<Files>", "<If>"))
    return {name: [word for word in text.split(", ") if word in known] for name, text in rows}


CONTEXTS = contexts_on_the_page()
WRAPPED = {
    "server config": "%s", "<Directory>": '<Directory "@docroot@">\n%s\n</Directory>',
    "virtual host": '<VirtualHost *:1>\nServerName v\n%s\n</VirtualHost>',
    "<Location>": '<Location "/x">\n%s\n</Location>', "<Files>": '<Files "x">\n%s\n</Files>',
    "<If>": '<If "false">\n%s\n</If>',
}


def examples():
    """{directive: a line with it}, from the lines that conf/avcsec.conf offers."""
    lines = re.findall(r"^#(?:    )?(Avc\w+ .+)$", read("conf/avcsec.conf"), re.MULTILINE)
    return {line.split()[0]: line for line in lines}


EXAMPLES = examples()
BASE = 'AvcKeyFile "@keys@"\nAvcMediaServer 192.0.2.1\nAvcAdmin 192.0.2.1\n'


def line_of(name):
    line = EXAMPLES[name]
    for path, name in (("/etc/apache2/avcsec.keys", "@keys@"), ("/etc/apache2/avcsec.revoked", "@root@/revoked"),
                       ("/var/lib/avchat/uploads", "@private@"), ("/var/lib/avcsec", "@state@")):
        line = line.replace(path, name)
    return line


def test_every_directive_stands_on_the_page():
    rows = re.findall(r"^DIRECTIVE\((\w+),", read("mod_avcsec/httpd/config/directives.def"), re.MULTILINE)
    assert sorted(rows) == sorted(CONTEXTS) == sorted(EXAMPLES)


@pytest.mark.parametrize("name", sorted(CONTEXTS))
def test_contexts_are_those_of_the_page(name):
    taken = []
    for context, wrapped in WRAPPED.items():
        base = re.sub(r"^%s .*\n" % name, "", BASE, flags=re.MULTILINE)
        server = Httpd(base + wrapped % line_of(name))
        server.write_secret("revoked", "")
        status, printed = server.configtest()
        if status == 0:
            taken.append(context)
        else:
            assert name in printed, printed
    assert sorted(taken) == sorted(CONTEXTS[name])


def test_no_directive_works_in_an_htaccess():
    names = sorted(CONTEXTS)
    docroot = {"%s/a.txt" % name: "a" for name in names}
    docroot.update({"%s/.htaccess" % name: line_of(name) + "\n" for name in names})
    with Httpd("", docroot=docroot, keys=None, directory="AllowOverride All\nAllowOverrideList %s\n"
               "Require all granted\n" % " ".join(names)) as server:
        server.log.disregard("AH02304: Discarding directive")
        for name in names:
            assert server.ask("/%s/a.txt" % name).status == 500, name
            (line,) = server.log.claim(r"htaccess: .*%s" % name)
            assert "not allowed" in line or "cannot occur" in line, line
