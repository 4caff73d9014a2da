#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Texts before and after: what `fmt` makes of NAME.yaml is NAME.want.yaml, what `validate --fix`
makes of it is NAME.fixed.yaml, byte for byte.

usage: pairs.py KARMOR_C fmt|fix DIRECTORY

What came out is put in once more and must stay as it is. A correction lowers the number of
findings, or what it brings to light is named in MORE.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

# The corrected texts show what could not be judged before: a rule given twice, a relative pattern.
MORE = {"byte_order_mark_inside", "documents_without_separator", "value_unquoted"}


def fmt(tool, text, name):
    run = subprocess.run([tool, "fmt", "-"], input=text, stdout=subprocess.PIPE, check=False,
                         timeout=60)
    if run.returncode:
        raise ValueError(f"{name}: exit status {run.returncode}")
    return run.stdout


def findings(tool, path):
    run = subprocess.run([tool, "validate", "--format", "json", path], stdout=subprocess.PIPE,
                         check=False, timeout=60)
    said = json.loads(run.stdout)["diagnostics"]
    return len(said), {(d["id"], d.get("line")) for d in said if d["severity"] == "error"}


def fix(tool, text, name):
    with tempfile.TemporaryDirectory() as room:
        path = pathlib.Path(room) / "policy.yaml"
        path.write_bytes(text)
        before, errors = findings(tool, path)
        run = subprocess.run([tool, "validate", "--fix", path], stdout=subprocess.PIPE,
                             check=False, timeout=60)
        if run.returncode > 1:
            raise ValueError(f"{name}: exit status {run.returncode}")
        after, left = findings(tool, path)
        made = path.read_bytes()
    if made != text and after >= before and name not in MORE:
        raise ValueError(f"{name}: {before} findings before, {after} after")
    if made == text and left != errors:
        raise ValueError(f"{name}: nothing was corrected, and the errors are others")
    return made


def main():
    tool, what, room = sys.argv[1:4]
    do, suffix, least = {"fmt": (fmt, ".want", 40), "fix": (fix, ".fixed", 30)}[what]
    paths = [p for p in sorted(pathlib.Path(room).glob("*.yaml")) if p.suffixes[0] != suffix]
    bad = 0
    for path in paths:
        want = path.with_name(path.stem + suffix + ".yaml").read_bytes()
        try:
            made = do(tool, path.read_bytes(), path.stem)
            again = do(tool, made, path.stem)
        except ValueError as error:
            print(error)
            bad += 1
            continue
        if made != want:
            print(f"{path}: not what is wanted:\n{made.decode(errors='replace')}")
        elif again != made:
            print(f"{path}: changed a second time:\n{again.decode(errors='replace')}")
        bad += made != want or again != made
    print(f"{len(paths)} pairs, {bad} wrong")
    sys.exit(bad > 0 or len(paths) < least)


main()
