# SPDX-License-Identifier: Apache-2.0
"""The three page signers as processes, and the keys and vectors they are tested with.

One process for each batch of jobs. Refuses to look away: a signer that dies, or
answers with anything but a result or its own exception, fails the test.
"""
import json
import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "scripts" / "page"
VECTORS = json.loads((HERE.parent / "vectors" / "token_v1.json").read_text())

LANGUAGES = {
    "php": ["php", str(HERE / "runner.php")],
    "js": ["node", str(HERE / "runner.mjs")],
    "python": ["/usr/bin/python3", str(HERE / "runner.py")],
}
NOW = 1893448800
END = 1893450600  # the end of key k3


def page_key(purpose, kid="k1", realm=""):
    """The vectors' page key for this purpose."""
    (found,) = [k["page_key"] for k in VECTORS["page_keys"]
                if (k["purpose"], k["kid"], k["realm"]) == (purpose, kid, realm)]
    return found


ALL_KEYS = " ".join(page_key(p) for p in ("file", "upload", "call", "session"))


def job(call, path, **options):
    """A signing job; the time is fixed and every purpose has its key unless given."""
    return {"call": call, "path": path, "options": {"key": ALL_KEYS, "now": NOW, **options}}


def environment(**more):
    return {**{k: v for k, v in os.environ.items() if k != "AVC_PAGE_KEY"}, **more}


def run(language, jobs, **env):
    """The answers, {"made": text} or {"refused": message}, one for each job."""
    done = subprocess.run(LANGUAGES[language], input=json.dumps(jobs), capture_output=True,
                          text=True, timeout=120, env=environment(**env))
    assert done.returncode == 0 and done.stderr == "", done.stderr + done.stdout[-2000:]
    answers = json.loads(done.stdout)
    assert len(answers) == len(jobs)
    return answers


def run_everywhere(jobs, **env):
    """The answers on which all three agree, to the byte, messages included."""
    answers = {language: run(language, jobs, **env) for language in LANGUAGES}
    for i, one in enumerate(jobs):
        said = {language: answers[language][i] for language in LANGUAGES}
        assert said["php"] == said["js"] == said["python"], f"{one}\n{said}"
    return answers["python"]
