# SPDX-License-Identifier: Apache-2.0
"""Reads the schemas and follows their references; what the scripts of this room share."""
import json
import os


class Schemas:
    def __init__(self, paths):
        self.files = {}
        for path in paths:
            with open(path, encoding="utf-8") as f:
                self.files[os.path.basename(path)] = json.load(f)

    def kinds(self):
        """[(file name, schema)] of what a document can be."""
        return [(name, node) for name, node in self.files.items() if "type" in node]

    def resolve(self, file, ref):
        """(file name, name of the definition, schema) of a $ref that stands in `file`."""
        target, _, pointer = ref.partition("#/$defs/")
        target = target or file
        return target, pointer, self.files[target]["$defs"][pointer]


def bundle(schemas, file):
    """One kind in one piece: the definitions that it reaches, whichever file they stand in."""
    defs = {}
    names = {}

    def name_of(target, pointer):
        name = pointer
        while name in names.values() and names.get((target, pointer)) != name:
            name += "_"
        return names.setdefault((target, pointer), name)

    def copy(at, node):
        if isinstance(node, list):
            return [copy(at, item) for item in node]
        if not isinstance(node, dict):
            return node
        out = {k: copy(at, v) for k, v in node.items() if k != "$ref"}
        if "$ref" not in node:
            return out
        target, pointer, found = schemas.resolve(at, node["$ref"])
        name = name_of(target, pointer)
        if name not in defs:
            defs[name] = None  # is being made
            defs[name] = copy(target, found)
        return {"$ref": f"#/$defs/{name}", **out}

    root = copy(file, {k: v for k, v in schemas.files[file].items() if k != "$defs"})
    return {**root, "$defs": dict(sorted(defs.items()))}
