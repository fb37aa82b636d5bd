# SPDX-License-Identifier: Apache-2.0
# What httpd makes of a request inside: each step is judged by its own section, and by no memory
# that an earlier step has left.
import pytest

from avc.httpd import USUAL
from avc.tokens import signed

NAMES = ["a%d.txt" % n for n in range(5)]
ENTRY = """
<Files "%s">
    AvcSignedURL On
    AvcUnsignedArgs %s
</Files>
"""
CONFIG = """
AvcKeyFile "@keys@"
Options +Includes +Indexes
AddOutputFilter INCLUDES .shtml
AddType text/html .shtml
AvcUnsignedArgs always
""" + "".join(ENTRY % (name, ["lang", "size"][n % 2]) for n, name in enumerate(NAMES))
PAGE = "".join('<!--#include virtual="/list/%s" -->;' % name for name in NAMES)


@pytest.fixture(scope="module")
def web(serve):
    return serve(CONFIG, modules=USUAL + ["include"], directory="Options +Indexes +Includes\nRequire all granted\n",
                 docroot=dict({"list/" + name: name for name in NAMES}, **{"page.shtml": PAGE}))


@pytest.mark.parametrize("argument, opens", [
    ("lang=en", NAMES[::2]), ("size=9", NAMES[1::2]), ("always=1", NAMES), ("other=1", [])])
@pytest.mark.parametrize("target", ["/list/", "/page.shtml"])
def test_each_step_is_judged_by_its_own_list(web, target, argument, opens):
    """A list that a step's sections had made together lay where the step before had its own, and
    what was found for that one held for this one."""
    answer = web.ask(signed(target, query=argument))
    assert answer.status == 200
    assert [name for name in NAMES if name in answer.text] == opens, answer.text
    web.log.disregard("AVC0006: argument: |unable to include")
