# SPDX-License-Identifier: Apache-2.0
# Lists that stand in several lines: what refuses and what is harmless adds up, wherever the lines
# come from; of what allows, a second line in one section is an error that names both.
import os

import pytest

from avc import tokens
from avc.httpd import USUAL, Httpd, plant
from avc.peers import ADMIN, MEDIA

MODULES = USUAL + ["macro"]
PLACE = {"first.txt": "one", "second.txt": "two", "third.txt": "three", "open.txt": "open"}
# How two lines of one directive come to stand in one section.
WAYS = {
    "one after the other": "%(one)s\n%(two)s",
    "far apart": '%(one)s\n<If "false">\nAvcHidden none\n</If>\n%(two)s',
    "the second by Include": '%(one)s\nInclude "@root@/conf/more.conf"',
    "both by Include": 'Include "@root@/conf/first.conf"\nInclude "@root@/conf/more.conf"',
    "the second in IfModule": "%(one)s\n<IfModule mod_alias.c>\n%(two)s\n</IfModule>",
    "the second in IfDefine": "%(one)s\n<IfDefine !NoSuchWord>\n%(two)s\n</IfDefine>",
    "by a macro": "%(one)s\nUse Lines second.txt",
    "by a macro used twice": "Use Lines first.txt\nUse Lines second.txt",
    "in either case": "%(one)s\n%(lower)s",
}
WHERE = {
    "the main server": "%s",
    "a virtual host": "<VirtualHost 127.0.0.1:@port@>\nServerName chat.example\n%s\n</VirtualHost>",
    "a location": '<Location "/">\n%s\n</Location>',
    "a directory": '<Directory "@docroot@">\n%s\n</Directory>',
    "files": '<Files "*.txt">\n%s\n</Files>',
    "an If": '<If "true">\n%s\n</If>',
}
# httpd takes no <If> within an <If>.
COMBINED = [(way, where) for way in WAYS for where in WHERE if (way, where) != ("far apart", "an If")]
# Each list that refuses, and who else would be let in.
REFUSING = {"AvcHidden": None, "AvcMediaServerScripts": MEDIA, "AvcAdminScripts": ADMIN}


def lines(directive, way, where):
    words = {"one": directive + " first.txt", "two": directive + " second.txt"}
    words["lower"] = words["two"].replace(directive, directive.lower())
    macro = "<Macro Lines $name>\n%s $name\n</Macro>\n" % directive
    return (macro + "AvcMediaServer 127.0.0.2\nAvcAdmin 127.0.0.3\n" +
            WHERE[where] % (WAYS[way] % words) + "\n")


def site(directive, config, modules=None):
    server = Httpd(config, keys=None, docroot=PLACE, modules=modules or MODULES)
    plant(server.root, {"conf/first.conf": directive + " first.txt\n",
                        "conf/more.conf": directive + " second.txt\n"})
    return server


def assert_closed(web, names, source=None):
    for name in names:
        web.refused("/" + name, "address" if source else "hidden")
        if source:
            web.allowed("/" + name, source=source)
    web.allowed("/open.txt", shows="open")


@pytest.mark.parametrize("way, where", COMBINED)
def test_a_second_line_that_hides_adds_to_the_first(way, where):
    web = site("AvcHidden", lines("AvcHidden", way, where))
    with web:
        assert_closed(web, ["first.txt", "second.txt"])
        web.allowed("/third.txt")


# SPEC [conf-4]
@pytest.mark.parametrize("directive", sorted(REFUSING))
@pytest.mark.parametrize("way", ["one after the other", "the second by Include", "by a macro used twice"])
def test_every_list_of_names_adds(directive, way):
    web = site(directive, lines(directive, way, "a virtual host"))
    with web:
        assert_closed(web, ["first.txt", "second.txt"], REFUSING[directive])


def test_main_server_virtual_host_and_nested_sections_add_up():
    config = ("AvcHidden first.txt\n<VirtualHost 127.0.0.1:@port@>\nServerName chat.example\n"
              "AvcHidden second.txt\n"
              '<Location "/">\n<If "true">\nAvcHidden third.txt\nAvcHidden fourth.txt\n</If>\n</Location>\n'
              "</VirtualHost>\n")
    web = site("AvcHidden", config)
    with web:
        assert_closed(web, ["first.txt", "second.txt", "third.txt", "fourth.txt"])


# SPEC [conf-4]
@pytest.mark.parametrize("text, closed", [
    ("AvcHidden first.txt\nAvcHidden none", []),
    ("AvcHidden first.txt\nAvcHidden none second.txt", ["second.txt"]),
    ("AvcHidden first.txt\nAvcHidden second.txt none third.txt", ["third.txt"]),
    ("AvcHidden none\nAvcHidden first.txt", ["first.txt"]),
    ("AvcHidden none\nAvcHidden first.txt\nAvcHidden second.txt", ["first.txt", "second.txt"]),
    ("AvcHidden first.txt\nInclude \"@root@/conf/none.conf\"\nAvcHidden third.txt", ["third.txt"]),
])
@pytest.mark.parametrize("outer", ["", "AvcHidden outer.txt\n"])
def test_none_clears_what_came_before_in_the_section_and_around_it(text, closed, outer):
    web = site("AvcHidden", outer + '<Location "/">\n' + text + "\n</Location>\n")
    plant(web.root, {"conf/none.conf": "AvcHidden none\n"})
    plant(web.docroot, {"outer.txt": "outer"})
    with web:
        for name in ("first.txt", "second.txt", "third.txt", "outer.txt"):
            if name in closed:
                web.refused("/" + name, "hidden")
            else:
                assert web.ask("/" + name).status != 403, name


# -- what is harmless

# SPEC [conf-4]
def test_harmless_lists_add_to_their_default(serve_once):
    web = serve_once("""
        AvcKeyFile "@keys@"
        AvcUnsignedArgs lang
        AvcInlineTypes application/pdf
        <Location "/signed">
            AvcSignedURL On
            AvcUnsignedArgs page_*
            AvcUnsignedArgs size
        </Location>
        <Location "/strict">
            AvcSignedURL On
            AvcUnsignedArgs page_*
            AvcUnsignedArgs none size
        </Location>
        <Location "/files">
            AvcFiles "@private@"
        </Location>
        <Location "/few">
            AvcFiles "@private@"
            AvcInlineTypes none image/png
            AvcInlineTypes text/plain
        </Location>
        """, docroot={"signed/a.txt": "a", "strict/a.txt": "a"},
        private={"a.png": "png", "a.jpg": "jpg", "a.pdf": "pdf", "a.txt": "txt"})
    for args in ("lang=de", "page_2=x", "size=1", "_HLS_msn=3", "utm_source=a", "_=5", "CMCD=x"):
        link = "/signed/a.txt?%s&avc=%s" % (args, tokens.token("/signed/a.txt"))
        web.allowed(link)
        if args != "size=1":
            web.refused(link.replace("/signed/", "/strict/").split("avc=")[0] + "avc=" +
                        tokens.token("/strict/a.txt"), "argument")
    web.allowed("/strict/a.txt?size=1&avc=" + tokens.token("/strict/a.txt"))
    for name, shown, few in (("a.png", 1, 1), ("a.jpg", 1, 0), ("a.pdf", 1, 0), ("a.txt", 1, 1)):
        for place, inline in (("/files/", shown), ("/few/", few)):
            answer = web.ask(tokens.signed(place + name))
            assert ("attachment" in (answer.get("Content-Disposition") or "")) != bool(inline), (place, name)


# -- what allows

ALLOWING = {
    "AvcMediaServer": ("AvcMediaServer 127.0.0.2", "AvcMediaServer 127.0.0.9"),
    "AvcAdmin": ("AvcAdmin 127.0.0.3", "avcadmin 127.0.0.3"),
    "AvcMediaServerProof": ("AvcMediaServerProof address", "AvcMediaServerProof token"),
    "AvcAdminProof": ("AvcAdminProof address secret", "AvcAdminProof any address secret"),
    "AvcOrigins": ("AvcOrigins https://one.example", "AvcOrigins https://two.example credentials"),
}


# SPEC [conf-3]
@pytest.mark.parametrize("directive", sorted(ALLOWING))
@pytest.mark.parametrize("way, where", [
    (way, where) for way, where in COMBINED if way in list(WAYS)[:6] and where not in ("files", "a directory")])
def test_a_second_line_that_allows_is_an_error_that_names_both(directive, way, where):
    one, two = ALLOWING[directive]
    web = Httpd('AvcKeyFile "@keys@"\n' + WHERE[where] % (WAYS[way] % {"one": one, "two": two}),
                docroot=PLACE, modules=MODULES)
    plant(web.root, {"conf/first.conf": one + "\n", "conf/more.conf": two + "\n"})
    status, printed = web.configtest()
    assert status != 0, printed
    line = next(line for line in printed.splitlines() if "AVC0101" in line)
    files = {"the second by Include": ["httpd.conf", "more.conf line 1"],
             "both by Include": ["first.conf line 1", "more.conf line 1"]}.get(way, ["httpd.conf"])
    assert directive in line and all(name in line for name in files), line
    assert line.count(" line ") >= 2 and "one line" in line, line


def test_a_macro_that_allows_twice_in_one_section_is_an_error_too():
    web = Httpd("<Macro From $who>\nAvcMediaServer $who\nAvcMediaServerScripts avchat\n</Macro>\n"
                "Use From 127.0.0.2\nUse From 127.0.0.9\n", keys=None, modules=MODULES)
    status, printed = web.configtest()
    assert status != 0 and "AVC0101" in printed and "macro" in printed, printed


@pytest.mark.parametrize("config", [
    'AvcMediaServer 127.0.0.2\n<Location "/a">\nAvcMediaServer 127.0.0.3\n</Location>',
    '<Location "/a">\nAvcMediaServer 127.0.0.2\n</Location>\n<Location "/a">\nAvcMediaServer 127.0.0.3\n</Location>',
    'AvcMediaServer 127.0.0.2\n<If "true">\nAvcMediaServer 127.0.0.3\n</If>',
    "<Macro Here $path $who>\n<Location $path>\nAvcMediaServer $who\n</Location>\n</Macro>\n"
    "Use Here /a 127.0.0.2\nUse Here /b 127.0.0.3",
])
def test_a_line_in_a_section_of_its_own_replaces_what_is_around_it(config):
    web = Httpd(config, keys=None, modules=MODULES)
    assert web.configtest()[0] == 0
    web.write_config(config + '\n<Location "/a">\nAvcMediaServerOnly On\n</Location>\n')
    os.makedirs(os.path.join(web.docroot, "a"))
    plant(web.docroot, {"a/x.txt": "x"})
    with web:
        last = "127.0.0.2" if "Macro" in config else "127.0.0.3"
        web.allowed("/a/x.txt", shows="x", source=last)
        web.refused("/a/x.txt", "address", source="127.0.0.9")
