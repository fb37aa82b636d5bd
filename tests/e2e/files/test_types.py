# SPDX-License-Identifier: Apache-2.0
# What a private file is shown as: by its ending, or where it is stored without one, by the name
# that its page gives it; and what AvcInlineTypes may name.
import pytest

from avc.httpd import Httpd
from avc.tokens import signed, text_claim

CONFIG = """
AvcKeyFile "@keys@"
<Location "/files">
    AvcFiles "@private@"
</Location>
<Location "/shown">
    AvcFiles "@private@"
    AvcInlineTypes application/pdf application/x-subrip
</Location>
"""
STORED = ["8f3a0c", "dotted.", "a.bin", "page.html", "deep/8f3a0c", "v1.0/8f3a0c"]
ENDINGS = {"heic": "image/heic", "HEIF": "image/heif", "jfif": "image/jpeg", "jxl": "image/jxl", "apng": "image/apng",
           "3gp": "video/3gpp", "avi": "video/x-msvideo", "mpg": "video/mpeg", "mpeg": "video/mpeg",
           "amr": "audio/amr", "m4b": "audio/mp4", "m3u": "audio/x-mpegurl"}


@pytest.fixture(scope="module")
def web(serve):
    files = {name: "content" for name in STORED + ["a." + ending for ending in ENDINGS] + ["a.srt", "a.pdf"]}
    return serve(CONFIG, private=files)


def kind(answer):
    assert answer.status == 200, answer
    return answer.get("Content-Type"), answer.get("Content-Disposition").split(";")[0]


# SPEC [conf-22]
@pytest.mark.parametrize("ending", ENDINGS)
def test_pictures_sound_and_video_of_phones_are_shown(web, ending):
    assert kind(web.ask(signed("/files/a." + ending))) == (ENDINGS[ending], "inline")


def test_subtitles_are_a_download_unless_they_are_listed(web):
    assert kind(web.ask(signed("/files/a.srt"))) == ("application/octet-stream", "attachment")
    assert kind(web.ask(signed("/shown/a.srt"))) == ("application/x-subrip", "inline")


# SPEC [claim-9]
@pytest.mark.parametrize("stored", ["8f3a0c", "dotted.", "deep/8f3a0c", "v1.0/8f3a0c"])
@pytest.mark.parametrize("called, wanted", [
    ("photo.jpg", ("image/jpeg", "inline")), ("Urlaub \u00fc.HEIC", ("image/heic", "inline")),
    ("x.html", ("application/octet-stream", "attachment")), ("x.svg", ("application/octet-stream", "attachment")),
    ("photo.jpg.php", ("application/octet-stream", "attachment")), ("photo", ("application/octet-stream", "attachment")),
    (".jpg", ("application/octet-stream", "attachment"))])
def test_what_is_stored_without_an_ending_is_what_its_page_calls_it(web, stored, called, wanted):
    answer = web.ask(signed("/files/" + stored, fn=text_claim(called)))
    assert kind(answer) == wanted and answer.get("X-Content-Type-Options") == "nosniff"
    assert "sandbox" in answer.get("Content-Security-Policy")
    assert kind(web.ask(signed("/files/" + stored))) == ("application/octet-stream", "attachment")
    down = web.ask(signed("/files/" + stored, fn=text_claim(called), disp="attachment"))
    assert kind(down) == (wanted[0], "attachment")


def test_a_type_that_is_not_shown_is_not_by_another_name(web):
    """The list decides for claimed names as for stored ones."""
    answer = web.ask(signed("/files/8f3a0c", fn=text_claim("a.pdf"), disp="inline"))
    assert kind(answer) == ("application/octet-stream", "attachment")
    assert kind(web.ask(signed("/shown/8f3a0c", fn=text_claim("a.pdf")))) == ("application/pdf", "inline")


@pytest.mark.parametrize("stored", ["a.bin", "page.html"])
def test_an_ending_on_disk_counts_more_than_a_claimed_name(web, stored):
    answer = web.ask(signed("/files/" + stored, fn=text_claim("photo.jpg"), disp="inline"))
    assert kind(answer) == ("application/octet-stream", "attachment")


# SPEC [conf-22]
@pytest.mark.parametrize("name", ["image/x-nothing", "application/octet-stream", "image/heics", "video/MP5"])
def test_a_type_that_no_ending_gives_has_no_effect_and_is_refused(name):
    server = Httpd('''AvcKeyFile "@keys@"\n<Location "/files">\nAvcFiles "@private@"\n'''
                   '''AvcInlineTypes image/png %s\n</Location>\n''' % name)
    status, printed = server.configtest()
    assert status and "AvcInlineTypes can't show %s: AvcFiles gives that type to no ending" % name in printed, printed


@pytest.mark.parametrize("name", ["Image/HEIC", "application/pdf", "none", "text/vtt"])
def test_types_that_some_ending_gives_are_taken(name):
    server = Httpd('''AvcKeyFile "@keys@"\n<Location "/files">\nAvcFiles "@private@"\n'''
                   '''AvcInlineTypes %s\n</Location>\n''' % name)
    assert server.configtest() == (0, "Syntax OK\n")
