# SPDX-License-Identifier: Apache-2.0
# httpd -t -D DUMP_AVCSEC: what is protected, by which line, and what is open beside it; as text
# for people and as JSON for programs.
import json
import os
import re
import subprocess

import pytest

from avc import settings, tokens
from avc.httpd import USUAL, Httpd

ADMINS = "AvcAdmin 192.0.2.0/24\nAvcAdminScripts avchat\n"
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

SITE = """
AvcKeyFile "@keys@"
AvcMediaServer 198.51.100.7
AvcMediaServerScripts avchat
AvcAdmin 192.0.2.0/24
AvcAdminScripts avchat
AvcHidden avchat drafts
<Location "/chat/uploadedFiles">
    AvcFiles "@private@"
</Location>
<Location "/chat/token_verify.php">
    SetHandler avcsec-token-verify
</Location>
<Directory "@docroot@/calls">
    AvcMediaServerOnly On
    AvcMediaServerProof any address secret:X-Media
</Directory>
"""
FILES = {"chat/writeuserslist.php": "x", "chat/upload.php": "x", "chat/avc_settings.php": "x", "chat/notes.txt": "x",
         "chat/tokens/t1": "x", "chat/tokens/deep/t2": "x", "chat/uploadedFiles": ("link", "@private@"),
         "calls/a.php": "x", "calls/writeuserslist.bak": "x"}


def server_of(config, docroot=FILES, **how):
    """The links of `docroot` lead into the private directory."""
    server = Httpd(config, docroot={name: what for name, what in docroot.items() if isinstance(what, str)}, **how)
    for name, what in docroot.items():
        if isinstance(what, tuple):
            os.symlink(server.fill(what[1]), os.path.join(server.docroot, name))
    return server


def dump(server, define="DUMP_AVCSEC"):
    """(exit status, standard output, the rest) of httpd -t -D define."""
    done = subprocess.run(server.command("-t", "-D", define), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=60 * settings.PATIENCE)
    for secret in list(tokens.SECRETS.values()) + [tokens.PASSWORD]:
        assert secret not in done.stdout.decode("utf-8")
    return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")


def report(server):
    return json.loads(dump(server, "DUMP_AVCSEC=json")[1])


def only_host(server):
    found = report(server)
    assert len(found["hosts"]) == 1, [host["name"] for host in found["hosts"]]
    return found["hosts"][0]


def line_of(server, needle):
    with open(server.config_file) as config:
        return next(number for number, line in enumerate(config, 1) if needle in line)


def protections(host, directive):
    return [told for told in host["protections"] if told["line"]["directive"] == directive]


def names(told):
    return {name["name"]: name for name in told["names"]}


# SPEC [conf-29]
@pytest.mark.smoke
def test_each_name_with_the_files_that_it_matches_and_those_that_match_none():
    server = server_of(SITE)
    host = only_host(server)
    told = protections(host, "AvcMediaServerScripts")[0]
    found = names(told)
    assert sorted(found["writeuserslist"]["files"]) == [server.docroot + "/calls/writeuserslist.bak",
                                                        server.docroot + "/chat/writeuserslist.php"]
    assert found["token_verify"]["files"] == [] == found["sendReport"]["files"]
    assert told["line"]["arguments"] == "avchat" and told["section"] is None
    assert told["line"]["at"] == {"file": server.config_file, "line": line_of(server, "AvcMediaServerScripts")}
    admin = names(protections(host, "AvcAdminScripts")[0])
    assert admin["avc_settings?admin=true"]["files"] == [server.docroot + "/chat/avc_settings.php"]
    hidden = names(protections(host, "AvcHidden")[0])
    assert hidden["tokens/*"]["files"] == [server.docroot + "/chat/tokens/"], "the folder, not each file in it"
    assert hidden["drafts"]["files"] == []


# SPEC [conf-29]
def test_by_what_proof_and_which_line_says_so():
    server = server_of(SITE)
    host = only_host(server)
    everywhere = protections(host, "AvcMediaServerScripts")[0]
    assert everywhere["open_to"] == "the media server" and everywhere["proof"] is None
    assert everywhere["addresses"]["arguments"] == "198.51.100.7"
    below = protections(host, "AvcMediaServerOnly")[0]
    assert below["directory"] == server.docroot + "/calls" and below["is_there"]
    assert below["proof"]["arguments"] == "any address secret:X-Media"
    assert below["proof"]["at"]["line"] == line_of(server, "AvcMediaServerProof")
    assert below["addresses"]["arguments"] == "198.51.100.7", "inherited from the host"
    assert protections(host, "AvcHidden")[0]["open_to"] == "nobody"


# SPEC [conf-29]
def test_with_which_keys_until_when():
    keys = ("a hs256 %s for=file,call until=2040-01-01T00:00:00Z\nb hs256 %s from=2039-01-01T00:00:00Z\n"
            "pw password %s\n" % (tokens.SECRETS["k1"], tokens.SECRETS["k2"], tokens.PASSWORD))
    server = server_of("AvcRealm site-a\n" + SITE, keys=keys)
    told = only_host(server)["keys"]
    assert told["realm"] == "site-a" and told["error"] is None and told["path"] == server.keys
    assert told["list"] == [
        {"kid": "a", "kind": "hs256", "purposes": ["file", "call"], "from": None, "until": "2040-01-01T00:00:00Z"},
        {"kid": "b", "kind": "hs256", "purposes": ["file", "upload", "call", "session"],
         "from": "2039-01-01T00:00:00Z", "until": None},
        {"kid": "pw", "kind": "password", "purposes": [], "from": None, "until": None}]
    text = dump(server)[1]
    assert "a hs256 for file call, until 2040-01-01T00:00:00Z" in text, text


# SPEC [conf-29]
def test_scripts_that_lie_open_beside_closed_ones():
    server = server_of(SITE)
    host = only_host(server)
    found = {told["what"]: told["beside"] for told in host["open"]}
    assert found == {server.docroot + "/chat/upload.php": server.docroot + "/chat/avc_settings.php"}, \
        "neither what a name covers, with arguments as well, nor what is no script, nor what a switch closes"


# SPEC [conf-29]
def test_every_other_way_into_a_private_directory():
    config = SITE + """
    Alias "/pub" "@private@/part"
    <VirtualHost 127.0.0.1:@port@>
        ServerName root.example
        DocumentRoot "@root@"
    </VirtualHost>
    """
    server = server_of(config, modules=USUAL + ["userdir", "vhost_alias"], private={"part/a.txt": "x"})
    ways = {}
    for host in report(server)["hosts"]:
        for private in host["private"]:
            assert private["location"] == "/chat/uploadedFiles" and private["directory"] == server.private
            assert private["links"] == [server.docroot + "/chat/uploadedFiles"]
            ways = {way["how"]: way for way in private["ways"]}
    assert any(how.startswith('Alias "/pub"') for how in ways), ways
    assert ways["the DocumentRoot " + server.root]["host"] == "root.example"
    text = dump(server)[1]
    assert "a link leads there, and is closed to visitors" in text


# SPEC [conf-29]
@pytest.mark.parametrize("line, name", [
    ('UserDir "@root@/private"', "UserDir"), ('UserDir "@root@/*/part"', "UserDir"),
    ('VirtualDocumentRoot "@root@/%0"', "VirtualDocumentRoot"),
    ('VirtualDocumentRoot "@root@/%2+/part"', "VirtualDocumentRoot"),
    ('VirtualScriptAlias "@root@/pri%1"', "VirtualScriptAlias"),
])
def test_ways_that_a_request_chooses(line, name):
    server = server_of(SITE + line + "\n", modules=USUAL + ["userdir", "vhost_alias"], private={"part/a.txt": "x"})
    found = only_host(server)["private"][0]["ways"]
    assert any(way["how"].startswith(name) for way in found), found
    other = server_of(SITE + line.replace("@root@", "@root@/elsewhere") + "\n",
                      modules=USUAL + ["userdir", "vhost_alias"], private={"part/a.txt": "x"})
    assert only_host(other)["private"][0]["ways"] == []


# SPEC [conf-29]
def test_where_a_handler_answers_and_what_may_redirect_before_it():
    config = SITE + 'RewriteEngine On\nRewriteRule "^/old" "https://other.example/" [R]\nRewriteRule "^/x" "/y"\n'
    server = server_of(config)
    told = only_host(server)["handlers"]
    assert [handler["handler"] for handler in told] == ["avcsec-token-verify"]
    assert told[0]["section"] == '<Location "/chat/token_verify.php">'
    assert [line["directive"] for line in told[0]["in_front"]] == ["RewriteRule"]
    assert told[0]["in_front"][0]["at"]["line"] == line_of(server, "^/old")


HOSTS = """
<VirtualHost 127.0.0.1:@port@>
    ServerName chat.example
    DocumentRoot "@docroot@/chat"
    %s
</VirtualHost>
<VirtualHost 127.0.0.1:@port@>
    ServerName other.example
    DocumentRoot "@docroot@"
    %s
</VirtualHost>
"""


# SPEC [conf-29]
def test_another_host_that_serves_the_same_files():
    server = server_of(HOSTS % ("AvcHidden notes", ""))
    found = report(server)
    assert [host["name"] for host in found["hosts"]] == ["chat.example"]
    assert "other.example" in [host["name"] for host in found["unprotected_hosts"]]
    assert {"host": "other.example", "what": server.docroot, "beside": "AvcHidden"} in found["hosts"][0]["open"]
    assert "other.example (127.0.0.1:%d) serves %s without AvcHidden" % (server.port, server.docroot) in \
        " ".join(dump(server)[1].split())
    same = server_of(HOSTS % ("AvcHidden notes", "AvcHidden notes"))
    assert not any(told["host"] for host in report(same)["hosts"] for told in host["open"])


# SPEC [conf-29]
def test_what_is_switched_off_somewhere_is_told():
    config = ('AvcMediaServer 127.0.0.2\nAvcMediaServerOnly On\n<Location "/open">\nAvcMediaServerOnly Off\n'
              'AvcHidden none\n</Location>\n')
    server = server_of(config, keys=None)
    host = only_host(server)
    assert [line["directive"] for line in host["off"]] == ["AvcMediaServerOnly", "AvcHidden"]
    assert "Opened again" in dump(server)[1]
    logs = server_of("AvcEnforce Log\n" + SITE)
    assert protections(only_host(logs), "AvcMediaServerScripts")[0]["only_logs"]
    assert not protections(only_host(logs), "AvcHidden")[0]["only_logs"]


# SPEC [conf-29]
def test_it_stands_before_any_refusal():
    server = server_of(SITE.replace("@keys@", "@docroot@/avcsec.keys"))
    status, printed, errors = dump(server)
    assert status != 0 and "AVC0101" in errors and "AvcMediaServerScripts avchat" in printed
    missing = server_of(SITE, keys=None)
    status, printed, errors = dump(missing)
    assert status != 0 and "cannot be used" in printed and "AVC0101" in errors


# SPEC [conf-29]
def test_it_reads_in_a_terminal_and_only_where_it_is_asked_for():
    server = server_of(SITE)
    status, printed, errors = dump(server)
    assert status == 0 and "Syntax OK" in errors
    for line in printed.splitlines():
        assert len(line) <= 80 or " " not in line.strip(), line
    assert re.fullmatch(r"[\x20-\x7e\n]*", printed)
    assert server.configtest()[1].strip() == "Syntax OK"
    with server:
        server.allowed("/chat/notes.txt", shows="x")


# SPEC [conf-29]
def test_no_token_of_a_rule_is_shown():
    signed = tokens.signed("/a", purpose="call")
    server = server_of(SITE + 'Redirect "/go" "https://other.example%s"\n' % signed)
    mac = signed.split("mac.")[1]
    for define in ("DUMP_AVCSEC", "DUMP_AVCSEC=json"):
        printed = dump(server, define)[1]
        assert "/go" in printed and mac not in printed, printed


# SPEC [conf-29]
def test_lines_that_open_for_a_while_and_arguments_are_told():
    config = SITE.replace('    AvcFiles "@private@"\n', '    AvcFiles "@private@"\n    AvcFilesOpenUntil 2030-01-31\n') + \
        'AvcArguments page "[0-9]+"\n<Location "/chat">\nAvcFileCookie /chat/uploadedFiles 600\n</Location>\n'
    server = server_of(config)
    host = only_host(server)
    assert sorted(line["directive"] for line in host["off"]) == ["AvcFileCookie", "AvcFilesOpenUntil"]
    assert protections(host, "AvcArguments")[0]["line"]["arguments"] == 'page "[0-9]+"'
    assert [told["what"] for told in host["open"]] == [server.docroot + "/chat/upload.php"]


# SPEC [conf-29]
def test_conditions_of_a_presets_names_are_kept():
    files = {"chat/a.php": "x", "chat/a.asp": "x", "chat/b.asp": "x", "chat/report_snaps/1.jpg": "x"}

    def hidden(config):
        return names(protections(only_host(server_of(config, docroot=files, keys=None)), "AvcHidden")[0])
    found = hidden("AvcHidden avchat\n")
    sources = [path for name in found.values() for path in name["files"] if path.endswith(".asp")]
    assert [os.path.basename(path) for path in sources] == ["a.asp"], "a source lies beside its script"
    assert found["report_snaps/*"]["files"], found
    found = hidden(ADMINS + "AvcHidden avchat\n")
    assert found["report_snaps/*"]["files"] == [], "the administrators' folder is theirs"


def test_strange_names_of_files_do_no_harm():
    site = dict(FILES)
    site["chat/writeuserslist.\x1b[31m"] = "x"
    site["chat/writeuserslist.\xff\"\\"] = "x"
    server = server_of(SITE, docroot=site)
    assert "\x1b" not in dump(server)[1]
    files = names(protections(only_host(server), "AvcMediaServerScripts")[0])["writeuserslist"]["files"]
    assert server.docroot + "/chat/writeuserslist.\x1b[31m" in files


@pytest.mark.parametrize("name", [b"\xc2\x9b31m", b"\xff\x9b31m", b"\xed\xa0\x80"])
def test_neither_c1_controls_nor_bytes_that_are_no_text_are_printed(name):
    """A terminal takes U+009B for what begins an escape sequence."""
    server = server_of(SITE, {"chat/writeuserslist.php": "x"})
    with open(os.path.join(server.docroot.encode(), b"chat/writeuserslist." + name), "w"):
        pass
    text = dump(server)[1]
    assert "writeuserslist.?" in text and "\x9b" not in text
    (found,) = [each["files"] for host in report(server)["hosts"] for protection in host["protections"]
                for each in protection["names"] if each["name"] == "writeuserslist"]
    assert len(found) == 2


def test_pipes_and_circles_hold_nobody_up():
    server = server_of(SITE, {"chat/writeuserslist.php": "x", "chat/round": ("link", "@docroot@"), "chat/self": ("link", "self")})
    os.mkfifo(os.path.join(server.docroot, "chat", "upload.php"))
    assert report(server)["stopped"] is None



# SPEC [conf-29]
def test_it_is_bounded_and_says_where_it_stopped():
    many = {"many/%d.php" % number: "" for number in range(60)}
    server = server_of('AvcMediaServer 127.0.0.2\nAvcMediaServerScripts "*"\n', docroot=many, keys=None)
    told = names(protections(only_host(server), "AvcMediaServerScripts")[0])["*"]
    assert told["files"] == [server.docroot + "/many/"] and told["more"] == 0
    each = server_of('AvcMediaServer 127.0.0.2\nAvcMediaServerScripts "*.php"\n', docroot=many, keys=None)
    told = names(protections(only_host(each), "AvcMediaServerScripts")[0])["*.php"]
    assert len(told["files"]) == 20 and told["more"] == 40
    assert "and 40 more" in dump(each)[1]
    found = report(each)
    assert found["stopped"] is None and found["entries"] == 61
    deep = server_of('AvcMediaServer 127.0.0.2\nAvcMediaServerScripts x\n', docroot={"a/b": "x"}, keys=None)
    for name in ("a/loop", "a/up"):
        os.symlink("..", os.path.join(deep.docroot, name))
    assert report(deep)["entries"] == 4, "each directory once, whatever links lead to it"
    with open(os.path.join(TOP, "mod_avcsec/httpd/checks/dump_look.c")) as source:
        assert re.search(r"#define ENTRIES_MAX 200000\b", source.read())
    # The document root is the machine's own: a time, or a number, ends it.
    whole = Httpd('AvcMediaServer 127.0.0.2\nAvcMediaServerScripts x\n<VirtualHost 127.0.0.1:@port@>\n'
                  'DocumentRoot "/"\n</VirtualHost>\n', keys=None)
    found = report(whole)
    assert found["entries"] <= 200001 and (found["stopped"] or found["entries"] < 200000)
    if found["stopped"]:
        assert "looked no further" in dump(whole)[1]


# ---- The schema

def faults(schema, whole, value, where="report"):
    """What of JSON Schema the file uses: $ref, type, const, enum, properties, required, items, minimum."""
    while "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    kinds = {"string": str, "integer": int, "boolean": bool, "null": type(None), "object": dict, "array": list}
    wanted = schema.get("type", [])
    wanted = [wanted] if isinstance(wanted, str) else wanted
    if wanted and not any(type(value) is kinds[kind] for kind in wanted):
        return ["%s is %r" % (where, value)]
    found = []
    if "const" in schema and value != schema["const"] or "enum" in schema and value not in schema["enum"] or \
            "minimum" in schema and value < schema["minimum"]:
        found.append("%s is %r" % (where, value))
    if isinstance(value, dict):
        found += ["%s lacks %s" % (where, name) for name in schema["required"] if name not in value]
        for name, member in value.items():
            if name in schema["properties"]:
                found += faults(schema["properties"][name], whole, member, where + "." + name)
            else:
                found.append("%s has %s" % (where, name))
    if isinstance(value, list):
        for member in value:
            found += faults(schema["items"], whole, member, where + "[]")
    return found


def schema():
    with open(os.path.join(TOP, "conf", "dump.schema.json"), encoding="utf-8") as file:
        return json.load(file)


# SPEC [conf-29]
@pytest.mark.parametrize("config", [SITE, "", HOSTS % (SITE, "Redirect / https://chat.example/"),
                                    SITE + 'UserDir "@root@/private"\n<Location "/r">\nRequire avc-token file\n</Location>\n'])
def test_the_json_is_what_the_schema_says(config):
    server = server_of(config, modules=USUAL + ["userdir"])
    found = report(server)
    assert faults(schema(), schema(), found) == []
    assert faults(schema(), schema(), dict(found, schema=2)) and faults(schema(), schema(), dict(found, more=1))


def test_the_manual_names_every_member():
    with open(os.path.join(TOP, "scripts/man/mod_avcsec.5"), encoding="utf-8") as page:
        text = page.read()
    named = {name for told in schema()["$defs"].values() for name in told.get("properties", {})}
    assert not {name for name in named if not re.search(r"\b%s\b" % name, text)}
