#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs `karmor-c validate` on every case and compares what it says with what the case expects.

usage: run.py KARMOR_C CASES DIAG_IDS [ROOM...]

A case begins with comment lines, in this order:
    #! OPTIONS          of validate, for this case (optional)
    #~ ID...            what this case is a near-miss of (optional)
    #= ID LINE:COLUMN   one per diagnostic: the complete list, notes and warnings included
    #= ok               instead, when there is none
Besides, every diagnostic that a reader of policies can get must have a case that gets it, and a
near-miss: a case not_NAME that does not. What not_NAME is near is said by `#~`, or it is what the
cases of the same room whose names begin alike get.
"""
import json
import pathlib
import re
import shlex
import subprocess
import sys

# Outside of lint/ the cases are as small as can be: what they leave out is no matter there.
FORM = ["--ignore", "KA0801", "--ignore", "KA0802"]

# Those need inputs too large for a file here; tests/unit/test_yaml.c has them. KA0401 is what
# `compile` makes of KA0403; tests/unit/test_compile.c has it.
ELSEWHERE = {"KA0010", "KA0012", "KA0013", "KA0014", "KA0016", "KA0019", "KA0401", "KA0402"}

# Texts before and after, see pairs.py.
PAIRS = {"fix", "fmt"}


class Case:
    def __init__(self, path):
        self.path = path
        self.options, self.near, self.want = [], [], None
        text = path.read_bytes()
        if text[:2] in (b"\xff\xfe", b"\xfe\xff"):
            text = text.decode("utf-16").encode()
        for line in text.lstrip(b"\xef\xbb\xbf").split(b"\n"):
            mark, rest = line[:3], line[3:].decode(errors="replace").strip()
            if mark == b"#! ":
                self.options = shlex.split(rest)
            elif mark == b"#~ ":
                self.near += re.findall(r"KA\d{4}", rest)
            elif mark == b"#= ":
                self.want = (self.want or []) + ([] if rest == "ok" else [rest])
            else:
                break
        self.want = self.want if self.want is None else sorted(self.want)
        if "lint" not in path.parts:
            self.options += FORM
        self.got, self.ids = [], set()

    def run(self, tool):
        run = subprocess.run([tool, "validate", "--format", "json", *self.options, str(self.path)],
                             stdout=subprocess.PIPE, timeout=60, check=False)
        try:
            said = json.loads(run.stdout)["diagnostics"]
        except (ValueError, KeyError):
            self.got = [f"no JSON, exit status {run.returncode}"]
            return
        self.got = sorted(f"{d['id']} {d.get('line', 0)}:{d.get('column', 0)}" for d in said)
        self.ids = {d["id"] for d in said}
        levels = {d["severity"] for d in said}
        fatal = {"error"} | ({"warning"} if "--strict" in self.options else set())
        if run.returncode != (1 if levels & fatal else 0) and "--fail-level" not in self.options:
            self.got.append(f"exit status {run.returncode}")


def near_ids(case, cases):
    """What a not_ case is near."""
    if case.near:
        return set(case.near)
    stem = case.path.stem.removeprefix("not_")
    return {id for other in cases
            if other.path.parent == case.path.parent and not other.path.stem.startswith("not_")
            and (other.path.stem.startswith(stem) or stem.startswith(other.path.stem))
            for id in other.ids}


def main():
    tool, room, def_file = sys.argv[1:4]
    only = sys.argv[4:]
    bad = 0
    cases = [Case(p) for p in sorted(pathlib.Path(room).rglob("*.yaml"))
             if p.parent.name not in PAIRS]
    if only:
        cases = [c for c in cases if set(only) & set(c.path.parts)]
    for case in cases:
        case.run(tool)
        if case.want != case.got:
            bad += 1
            print(f"{case.path}: expected {case.want}, got {case.got}")
    hit = {id for c in cases for id in c.ids}
    near = {id for c in cases if c.path.stem.startswith("not_")
            for id in near_ids(c, cases) - c.ids}
    known = {"KA" + n for n in re.findall(r"^KA_DIAG\(\w+, (\d{4}),", open(def_file).read(), re.M)}
    # The second half of a hundred is the compiler's own, see tests/unit.
    for id in sorted(i for i in known - ELSEWHERE if int(i[4:]) < 50) if not only else []:
        if id not in hit or id not in near:
            bad += 1
            print(f"{id} has no {'case' if id not in hit else 'near-miss'}")
    print(f"{len(cases)} cases, {bad} wrong")
    sys.exit(bad > 0 or (len(cases) < 400 and not only))


main()
