#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The JSON Schemas are good ones, and say the same as the checker that is made from them.

usage: schemas.py KARMOR_C SOURCE

Every document of tests/cases and samples, and many broken at random, is judged by python3-jsonschema
and by `karmor-c validate`.
"""
import copy
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

try:
    import jsonschema
    import yaml
except ImportError as e:
    print(f"skipped: {e}")
    sys.exit(77)

# Errors that no JSON Schema can express, so it may call these documents valid:
BEYOND = {
    "KA0224": "endPort before port",
    "KA0231": "a regular expression inside a string",
    "KA0232": "a list inside a string",
    "KA0352": "a glob is parsed",
    "KA0451": "a glob's alternatives are counted",
    "KA0225 it is too large": "a number of bytes that 64 bits do not hold",
    "KA0227 it is too long": "a sum of seconds",
}
MEANING = re.compile(r"KA0(3(?!02|10)|4)")  # of policies together, and of this build
READING = re.compile(r"KA00")  # no document at all
# Numbers of YAML that JSON does not have are integers to a JSON Schema: 010, 0x5, 5.0.
ODD_NUMBER = re.compile(r"^(\+.*|[-+]?0[0-9xob_].*|[-+]?[0-9_]*_[0-9_]*|[-+]?[0-9]+\.0*)$")
# A plain scalar with the tag '!' is a string, which PyYAML does not know.
PYYAML = {"not_tag.yaml"}
MUTANTS = 1500


class Loader(yaml.SafeLoader):
    """YAML 1.1 as the tools of Kubernetes read it: no dates, no numbers to base 60."""


Loader.yaml_implicit_resolvers = {}
for tag, regexp, first in (
        ("bool", r"^(?:[yYnN]|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|"
                 r"off|Off|OFF)$", "yYnNtTfFoO"),
        ("int", r"^[-+]?(?:0x[0-9a-fA-F_]+|0o?[0-7_]+|0b[01_]+|0|[1-9][0-9_]*)$", "-+0123456789"),
        ("float", r"^(?:[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?|"
                  r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$", "-+0123456789."),
        ("null", r"^(?:~|null|Null|NULL|)$", "~nN\0")):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(regexp),
                                 list(first.replace("\0", "")) + ([""] if "\0" in first else []))
Loader.add_constructor("tag:yaml.org,2002:bool", lambda loader, node: node.value.lower() in
                       ("y", "yes", "true", "on"))


def odd_numbers(node, seen):
    if id(node) in seen:
        return False
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        return node.tag.endswith((":int", ":float")) and bool(ODD_NUMBER.match(node.value))
    parts = node.value if isinstance(node, yaml.SequenceNode) else [x for p in node.value for x in p]
    return any(odd_numbers(p, seen) for p in parts)


def documents(path):
    """[(first line, last line, object, has odd numbers)]; None: cannot be read."""
    out = []
    try:
        loader = Loader(path.read_bytes())
        while loader.check_node():
            node = loader.get_node()
            nodes = [node]
            value = loader.construct_document(node)
            values = [value]
            if isinstance(value, dict) and str(value.get("kind", "")).endswith("List"):
                values = value.get("items") or []
                nodes = [v for k, v in node.value if k.value == "items"][0].value if values else []
            for n, v in zip(nodes, values):
                out.append((n.start_mark.line + 1, n.end_mark.line + 1, v, odd_numbers(n, set())))
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, RecursionError):
        return None
    return out


def is_plain(v):
    """JSON, and ASCII: lengths are bytes for karmor-c, and characters for a schema."""
    try:
        return "\\u" not in json.dumps(v)
    except (ValueError, TypeError):  # it contains itself
        return False


def without_nulls(v):
    """A field without a value is one that is left out."""
    if isinstance(v, list):
        return [without_nulls(x) for x in v]
    if not isinstance(v, dict):
        return v
    return {k: without_nulls(x) for k, x in v.items() if x is not None}


def is_absent(error):
    """Whether it is about a null that counts as left out: no label, no list that must have items."""
    path = list(error.absolute_path)
    if error.validator == "oneOf":  # which counts fields that have none
        return None in error.instance.values()
    return (error.instance is None and path and isinstance(path[-1], str)
            and path[-1] not in ("fromSource", "values", "syscall")
            and not {"matchLabels", "labels", "annotations"} & set(path[-2:-1]))


class Test:
    def __init__(self, tool, source):
        self.tool, self.source = tool, pathlib.Path(source)
        self.bad = 0
        self.kinds = {}
        for name in ("KubeArmorPolicy", "cluster", "HOST", "kubearmornetworkpolicy"):
            text = subprocess.run([tool, "schema", name], stdout=subprocess.PIPE, check=True).stdout
            schema = json.loads(text)
            self.kinds[schema["title"]] = schema
        self.validators = {k: jsonschema.Draft202012Validator(s) for k, s in self.kinds.items()}

    def fail(self, text):
        self.bad += 1
        print(text)

    def command(self):
        """karmor-c schema, beside what it prints."""
        for args, code, out, err in ((["nobody"], 2, "", "unknown kind 'nobody'"),
                                     (["hots"], 2, "", "did you mean 'host'?"),
                                     (["host", "policy"], 2, "", "one kind at a time"),
                                     ([], 0, "KubeArmorHostPolicy ", "")):
            run = subprocess.run([self.tool, "schema", *args], capture_output=True, text=True,
                                 check=False)
            if run.returncode != code or out not in run.stdout or err not in run.stderr or \
                    bool(out) != bool(run.stdout):
                self.fail(f"schema {args}: {run}")

    # ---- the schemas themselves ----

    def well_formed(self):
        for path in sorted((self.source / "schemas").glob("*.json")):
            schema = json.loads(path.read_text(encoding="utf-8"))
            try:
                jsonschema.Draft202012Validator.check_schema(schema)
            except jsonschema.SchemaError as e:
                self.fail(f"{path.name}: {e.message}")

    def one_piece(self):
        """What is printed is what the files say, and all of it is used."""
        files = {p.name: json.loads(p.read_text(encoding="utf-8"))
                 for p in (self.source / "schemas").glob("*.json")}

        def expand(file, root, node):
            if isinstance(node, list):
                return [expand(file, root, x) for x in node]
            if not isinstance(node, dict):
                return node
            if "$ref" not in node:
                return {k: expand(file, root, v) for k, v in node.items() if k != "$defs"}
            target, _, name = node["$ref"].partition("#/$defs/")
            there = root if not target else files[target]
            found = expand(target or file, there, there["$defs"][name])
            return {**found, **expand(file, root, {k: v for k, v in node.items() if k != "$ref"})}

        for title, schema in self.kinds.items():
            name = f"{title.lower()}.schema.json"
            if expand(name, schema, schema) != expand(name, files[name], files[name]):
                self.fail(f"{title}: in one piece it is another schema")
            text = json.dumps(schema)
            for d in schema["$defs"]:
                if f'"#/$defs/{d}"' not in text:
                    self.fail(f"{title}: nothing refers to {d}")
            if re.search(r'"\$ref": "[^#]', text):
                self.fail(f"{title}: refers to another file")

    def fields_are_described(self, title, schema, where=""):
        """Every field and definition: a description; its examples are valid."""
        root = self.kinds[title]
        if not isinstance(schema, dict) or not where and schema is not root:
            return
        node = schema
        while "$ref" in node:
            node = {**root["$defs"][node["$ref"].split("/")[-1]],
                    **{k: v for k, v in node.items() if k != "$ref"}}
        if len(node.get("description", "")) < 10:
            self.fail(f"{title}{where} has no description")
        for example in node.get("examples", []):
            whole = {**node, "$defs": root["$defs"]}
            for e in jsonschema.Draft202012Validator(whole).iter_errors(example):
                self.fail(f"{title}{where}: the example {example} is not valid: {e.message}")
        if node.get("type") in ("string", "integer", "boolean", "array") and "examples" not in node \
                and not where.endswith(("[]", "{}")):
            self.fail(f"{title}{where} has no example")
        for key, sub in node.get("properties", {}).items():
            self.fields_are_described(title, sub, f"{where}.{key}")
        if isinstance(node.get("items"), dict):
            self.fields_are_described(title, node["items"], where + "[]")
        if isinstance(node.get("additionalProperties"), dict):
            self.fields_are_described(title, node["additionalProperties"], where + "{}")

    # ---- documents ----

    def errors_of(self, folder):
        """{file: [(line, id)]}"""
        run = subprocess.run([self.tool, "validate", "--format", "json", str(folder)],
                             stdout=subprocess.PIPE, check=False)
        out = {}
        for d in json.loads(run.stdout)["diagnostics"]:
            said = f'{d["id"]} {d["message"].rsplit(": ", 1)[-1]}'
            if d["severity"] == "error" and not MEANING.match(d["id"]) and \
                    not {d["id"], said} & set(BEYOND):
                out.setdefault(d["file"], []).append((d.get("line", 0), d["id"], d["message"]))
        return out

    def verdict(self, kind, value):
        """The first error, or None."""
        v = self.validators[kind]
        return next((e for e in v.iter_errors(value) if not is_absent(e)),
                    next(v.iter_errors(without_nulls(value)), None))

    def compare(self, folder):
        errors = self.errors_of(folder)
        compared = 0
        for path in sorted(pathlib.Path(folder).rglob("*.yaml")):
            said = errors.get(str(path), [])
            if path.name in PYYAML or any(READING.match(e[1]) for e in said):
                continue
            for first, last, value, odd in documents(path) or []:
                kind = value.get("kind") if isinstance(value, dict) else None
                if not isinstance(kind, str) or kind not in self.validators or odd:
                    continue
                if not is_plain(value):
                    continue
                mine = [e for e in said if first <= e[0] <= last and not (
                    # what a value of a condition is depends on the condition's key
                    kind == "KubeArmorClusterPolicy" and
                    (e[1] == "KA0230" or e[1] == "KA0211" and e[2].startswith("namespace")))]
                theirs = self.verdict(kind, value)
                compared += 1
                if bool(mine) != bool(theirs):
                    self.fail(f"{path}:{first}: the schema says "
                              f"{theirs and (list(theirs.absolute_path), theirs.message)}, "
                              f"karmor-c {mine}")
        return compared

    # ---- documents broken at random ----

    def seeds(self):
        out = [e for s in self.kinds.values() for e in s["examples"]]
        for path in [*(self.source / "samples").rglob("*.yaml"),
                     *(self.source / "tests/cases").rglob("*.yaml")]:
            for _, _, value, odd in documents(path) or []:
                kind = value.get("kind") if isinstance(value, dict) else None
                if not odd and isinstance(kind, str) and kind in self.validators and is_plain(value):
                    out.append(value)
        return [json.loads(json.dumps(v)) for v in out]

    def mutants(self, folder):
        rnd = random.Random(3)
        seeds = self.seeds()
        names = sorted({k for s in self.kinds.values() for d in s["$defs"].values()
                        for k in d.get("properties", {})})
        for i in range(MUTANTS):
            doc = copy.deepcopy(rnd.choice(seeds))
            for _ in range(rnd.randrange(1, 3)):
                mutate(rnd, doc, names)
            doc["kind"] = doc.get("kind") if doc.get("kind") in list(self.kinds) else "KubeArmorPolicy"
            pathlib.Path(folder, f"m{i:04}.yaml").write_text(json.dumps(doc), encoding="utf-8")


def places(v, out, depth=0):
    if isinstance(v, dict) and v:
        out.append(v)
    if isinstance(v, (dict, list)):
        for x in v.values() if isinstance(v, dict) else v:
            places(x, out, depth + 1)
    if isinstance(v, list) and v:
        out.append(v)
    return out


def mutate(rnd, doc, names):
    at = rnd.choice(places(doc, []))
    other = rnd.choice(places(doc, []))
    key = rnd.choice(list(at) if isinstance(at, dict) else range(len(at)))
    odd = [None, "", 0, 11, -1, True, "true", [], {}, ["x"], {"path": "/x"}, "/x", "/x/", "x/", "/a//b",
           "/../x", "allow", "Allow", "UDP", "cap_kill", "10.0.0.0/8", "1::/8", "443", "65536", "a.b",
           "KubeArmorHostPolicy", "5MB", "1m", "HID", "0x3", "block", [None], copy.deepcopy(other)]
    what = rnd.randrange(5)
    if what == 0:
        del at[key]
    elif what == 1 and isinstance(at, dict):
        new = rnd.choice(names + [key.upper(), key + "s", key[:-1] or "x"])
        at[new] = at.pop(key)
    elif what == 2 and isinstance(at, dict):
        at[rnd.choice(names)] = rnd.choice(odd)
    elif what == 3:
        at[key] = [at[key]]
    else:
        at[key] = rnd.choice(odd)


def main():
    test = Test(*sys.argv[1:3])
    test.command()
    test.well_formed()
    test.one_piece()
    for title, schema in test.kinds.items():
        test.fields_are_described(title, schema)
    compared = sum(test.compare(test.source / d) for d in ("tests/cases", "samples"))
    with tempfile.TemporaryDirectory() as folder:
        test.mutants(folder)
        broken = test.compare(folder)
    print(f"{len(test.kinds)} schemas, {compared} documents, {broken} broken ones: {test.bad} wrong")
    sys.exit(test.bad > 0 or compared < 60 or broken < MUTANTS // 2)


main()
