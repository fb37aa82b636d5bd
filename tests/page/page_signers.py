# SPDX-License-Identifier: Apache-2.0
"""The three page signers as processes, and the keys and vectors they are tested with.

One process of each for all batches of jobs, another for those with an environment of their
own. Refuses to look away: a signer that dies, says anything on standard error, or answers with
anything but a result or its own exception, fails the test.
"""
import functools
import json
import os
import pathlib
import subprocess
import tempfile

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


class Runner:
    """Goes on from batch to batch; its end of the pipes is that of this process."""

    def __init__(self, command, env):
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, text=True, env=env)

    def said(self):
        self.errors.seek(0)
        return self.errors.read()

    def run(self, jobs):
        try:
            self.process.stdin.write(json.dumps(jobs) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        assert line and not self.said(), self.said() + line[-2000:]
        return json.loads(line)

    def end(self):
        more = self.process.communicate(timeout=120)[0]
        assert self.process.returncode == 0 and not more and not self.said(), self.said() + more


@functools.lru_cache(None)
def runner_of(language):
    return Runner(LANGUAGES[language], environment())


def run(language, jobs, **env):
    """The answers, {"made": text} or {"refused": message}, one for each job."""
    runner = Runner(LANGUAGES[language], environment(**env)) if env else runner_of(language)
    try:
        answers = runner.run(jobs)
    except AssertionError:
        runner_of.cache_clear()
        raise
    if env:
        runner.end()
    assert len(answers) == len(jobs)
    return answers


def run_everywhere(jobs, **env):
    """The answers on which all three agree, to the byte, messages included."""
    answers = {language: run(language, jobs, **env) for language in LANGUAGES}
    for i, one in enumerate(jobs):
        said = {language: answers[language][i] for language in LANGUAGES}
        assert said["php"] == said["js"] == said["python"], f"{one}\n{said}"
    return answers["python"]
