# SPDX-License-Identifier: Apache-2.0
"""Runs batches of signing jobs, a line of JSON in and one out, with scripts/page/avcsec.py.

Owns no expectation. {"$bytes": base64} in a job stands for bytes that JSON can't carry.
"""
import base64
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts" / "page"))
sys.dont_write_bytecode = True
import avcsec  # noqa: E402

for line in sys.stdin:
    answers = []
    for job in json.loads(line, object_hook=lambda o: base64.b64decode(o["$bytes"]) if "$bytes" in o else o):
        try:
            answers.append({"made": getattr(avcsec, job["call"])(job["path"], **job["options"])})
        except avcsec.AvcsecError as error:
            answers.append({"refused": str(error)})
    print(json.dumps(answers), flush=True)
