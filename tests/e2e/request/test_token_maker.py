# SPDX-License-Identifier: Apache-2.0
# The tests' own token maker against the published vectors: what the other files build on.
import json
import os

import pytest

from avc import settings, tokens

pytestmark = pytest.mark.smoke

with open(os.path.join(settings.VECTORS, "token_v1.json")) as vectors:
    PUBLISHED = json.load(vectors)


@pytest.mark.parametrize("vector", PUBLISHED["vectors"], ids=lambda v: v["label"])
def test_makes_the_published_token(vector):
    made = tokens.assemble(vector["purpose"], vector["kid"], [tuple(c) for c in vector["claims"]],
                           vector["path"], vector["realm"], [tuple(a) for a in vector["args"]],
                           secret=PUBLISHED["keys"][vector["kid"]])
    assert made == vector["token"]


@pytest.mark.parametrize("vector", PUBLISHED["page_keys"][:-1],
                         ids=lambda v: "-".join((v["kid"], v["purpose"], v["realm"])))
def test_derives_the_published_page_key(vector):
    assert tokens.page_key(vector["kid"], vector["purpose"], vector["realm"]) == vector["page_key"]


def test_a_path_token_stands_behind_the_directory_it_opens():
    target = tokens.signed("/chat/files/a b.jpg", carrier="path", dir="2", now=1893448800)
    assert target.startswith("/chat/files/~avc1~for.file~") and target.endswith("/a%20b.jpg")
    target = tokens.signed("/chat/files/a.jpg", carrier="path", now=1893448800)
    assert target.startswith("/chat/files/~avc1~for.file~") and target.endswith("/a.jpg")
