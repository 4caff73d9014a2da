#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether reports are what their format says: check_format.py NAME.FORMAT...

For sarif the schema of the standard is used as well, where $KA_SARIF_SCHEMA names it.
"""
import json
import os
import re
import sys
import xml.etree.ElementTree as xml

ID = re.compile(r"KA\d{4}$")


def check_text(data):
    assert re.search(r"^\d+ polic(y|ies) in \d+ files?: ", data, re.M), "no summary"


def check_json(data):
    o = json.loads(data)
    assert o["version"] == 1
    for key in ("files", "policies", "errors", "warnings", "notes", "ignored", "leftOut",
                "fixable", "fixed"):
        assert isinstance(o[key], int), key
    said = {"error": 0, "warning": 0, "note": 0}
    for d in o["diagnostics"]:
        assert ID.match(d["id"]) and d["message"]
        said[d["severity"]] += 1
        if "line" in d:
            assert d["line"] >= 1 and d["column"] >= 1 and d["offset"] >= 0 and d["length"] >= 0
    assert sum(said.values()) + o["leftOut"] == o["errors"] + o["warnings"] + o["notes"]


def check_region(region):
    start = (region["startLine"], region["startColumn"])
    end = (region.get("endLine", start[0]), region.get("endColumn", start[1]))
    assert start >= (1, 1) and end >= start, region


def check_location(location, positions=True):
    place = location["physicalLocation"]
    uri = place["artifactLocation"]["uri"]
    assert re.fullmatch(r"(?:[A-Za-z0-9._~/:-]|%[0-9A-F]{2})+", uri), uri
    if positions:
        check_region(place["region"])


def check_sarif(data):
    o = json.loads(data)
    assert o["version"] == "2.1.0" and o["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = o["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "karmor-c" and driver["version"]
    for rule in driver["rules"]:
        assert ID.match(rule["id"]) and re.fullmatch(r"[A-Z][A-Za-z0-9]+", rule["name"])
        assert rule["shortDescription"]["text"] and rule["fullDescription"]["text"]
        assert rule["help"]["text"] and rule["help"]["markdown"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(set(ids)) == len(ids)
    for r in run["results"]:
        assert r["message"]["text"] and r["level"] in ("error", "warning", "note")
        assert ids[r["ruleIndex"]] == r["ruleId"]
        assert len(r["locations"]) == 1
        for location in r["locations"] + r.get("relatedLocations", []):
            check_location(location)
        for fix in r.get("fixes", []):
            for change in fix["artifactChanges"]:
                for replacement in change["replacements"]:
                    check_region(replacement["deletedRegion"])
        hash = r["partialFingerprints"]["primaryLocationLineHash"]
        assert re.fullmatch(r"[0-9a-f]{1,16}:[1-9][0-9]*", hash), hash
    for n in run["invocations"][0]["toolExecutionNotifications"]:
        for location in n["locations"]:
            check_location(location, False)
    schema = os.environ.get("KA_SARIF_SCHEMA")
    if schema:
        import jsonschema
        with open(schema, encoding="utf-8") as f:
            schema = json.load(f)
        jsonschema.validators.validator_for(schema)(schema).validate(o)


def check_junit(data):
    root = xml.fromstring(data)
    assert root.tag == "testsuites"
    total = {"tests": 0, "failures": 0, "errors": 0}
    for suite in root:
        assert suite.tag == "testsuite" and suite.get("name")
        cases = suite.findall("testcase")
        assert int(suite.get("tests")) == len(cases)
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
        assert int(suite.get("errors")) == len(suite.findall("testcase/error"))
        for case in cases:
            assert case.get("name") and case.get("classname")
        for key in total:
            total[key] += int(suite.get(key))
    for key, n in total.items():
        assert int(root.get(key)) == n, key


def check_github(data):
    for line in data.splitlines():
        m = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.+)", line)
        assert m, line
        for prop in m.group(2).split(","):
            assert re.fullmatch(r"(file|title)=[^%]*(%(25|0D|0A|3A|2C)[^%]*)*|"
                                r"(line|endLine|col|endColumn)=[1-9][0-9]*", prop), line


def check_tap(data):
    lines = data.split("\n")
    assert lines[0] == "TAP version 14"
    n = int(re.fullmatch(r"1\.\.(\d+)( # SKIP no file)?", lines[1]).group(1))
    points = [line for line in lines[2:] if re.match(r"(not )?ok \d+ - ", line)]
    assert len(points) == n, f"{len(points)} points of {n}"
    block = False
    for line in lines[2:]:
        if line.startswith("  "):
            block = line != "  ..."
            if line.startswith("    - "):
                json.loads(line[6:])
        else:
            assert not block and (not line or line in points), line


def check_gitlab(data):
    seen = set()
    for issue in json.loads(data):
        assert issue["description"] and issue["check_name"]
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert issue["location"]["lines"]["begin"] >= 1
        assert issue["location"]["path"] and not issue["location"]["path"].startswith("./")
        seen.add(issue["fingerprint"])
    assert len(seen) == len(json.loads(data)), "a fingerprint twice"


def main():
    bad = 0
    for path in sys.argv[1:]:
        stem, dot, format = path.rpartition(".")
        if format == "of":
            continue
        try:
            with open(path, encoding="utf-8") as f:
                globals()["check_" + format](f.read())
        except Exception as e:  # whatever it is, the report is not well formed
            bad += 1
            of = open(stem + ".of").read().strip() if os.path.exists(stem + ".of") else path
            print(f"{format} of {of}: {type(e).__name__}: {str(e)[:500]}")
    sys.exit(bad > 0)


main()
