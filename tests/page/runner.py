# SPDX-License-Identifier: Apache-2.0
"""Runs a batch of signing jobs, JSON in and JSON out, with scripts/page/avcsec.py.

Owns no expectation.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts" / "page"))
sys.dont_write_bytecode = True
import avcsec  # noqa: E402

answers = []
for job in json.load(sys.stdin):
    try:
        answers.append({"made": getattr(avcsec, job["call"])(job["path"], **job["options"])})
    except avcsec.AvcsecError as error:
        answers.append({"refused": str(error)})
json.dump(answers, sys.stdout)
