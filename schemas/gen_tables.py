#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the checker's C tables from the JSON Schemas.

usage: gen_tables.py OUTPUT SCHEMA...

Every subschema becomes one `static const struct ka_schema`; what a $ref names becomes one
only once. Keywords that the tables do not know are an error, except those in IGNORED, whose
checks are written in C because they say more than a pattern can.
"""
import json
import os
import sys

KNOWN = {"type", "properties", "required", "additionalProperties", "items", "enum",
         "minimum", "maximum", "minItems", "oneOf", "description", "default",
         "$ref"}
IGNORED = {"$schema", "$id", "$comment", "title", "$defs", "const", "pattern", "minLength",
           "maxLength"}
TYPES = {None: "KA_SCHEMA_ANY", "string": "KA_SCHEMA_STRING", "integer": "KA_SCHEMA_INT",
         "boolean": "KA_SCHEMA_BOOL", "array": "KA_SCHEMA_LIST", "object": "KA_SCHEMA_MAP"}


def c_string(s):
    return '"' + s.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Tables:
    def __init__(self, paths):
        self.files = {os.path.basename(p): json.load(open(p, encoding="utf-8")) for p in paths}
        self.out = []
        self.made = {}  # ($ref target) -> C name
        self.count = 0

    def resolve(self, file, ref):
        name, _, pointer = ref.partition("#")
        file = name or file
        node = self.files[file]
        for part in pointer.strip("/").split("/"):
            node = node[part]
        return file, pointer, node

    def schema(self, file, node):
        """Returns the C name of a subschema's table."""
        unknown = set(node) - KNOWN - IGNORED
        if unknown:
            sys.exit(f"{file}: the tables know no {', '.join(sorted(unknown))}")
        if "$ref" in node:
            return self.reference(file, node)
        return self.emit(file, node)

    def reference(self, file, node):
        file, pointer, target = self.resolve(file, node["$ref"])
        merged = {**target, **{k: v for k, v in node.items() if k != "$ref"}}
        if merged != target:
            return self.emit(file, merged)
        if (file, pointer) not in self.made:
            self.made[file, pointer] = self.emit(file, target)
        return self.made[file, pointer]

    def emit(self, file, node):
        self.count += 1
        name = f"s{self.count}"
        rows = [f".type = {TYPES[node.get('type')]}"]
        if node.get("description"):
            rows.append(f".description = {c_string(node['description'])}")
        rows += self.scalar_rows(name, node)
        if node.get("type") == "object":
            rows += self.map_rows(file, name, node)
        if node.get("type") == "array":
            rows.append(f".items = &{self.schema(file, node['items'])}")
            if node.get("minItems"):
                rows.append(f".min_items = {node['minItems']}")
        if "default" in node:
            rows.append(f".has_default = true, .fallback = {str(node['default']).lower()}")
        body = ",\n\t".join(rows)
        self.out.append(f"static const struct ka_schema {name} = {{\n\t{body},\n}};\n")
        return name

    def scalar_rows(self, name, node):
        rows = []
        if "minimum" in node:
            rows.append(f".has_range = true, .min = {node['minimum']}, .max = {node['maximum']}")
        values = node.get("enum")
        if values:
            listed = ", ".join(c_string(v) for v in values)
            self.out.append(f"static const char *const {name}_values[] = {{{listed}, NULL}};\n")
            rows.append(f".values = {name}_values")
        return rows

    def map_rows(self, file, name, node):
        if isinstance(node.get("additionalProperties"), dict):
            return [f".items = &{self.schema(file, node['additionalProperties'])}"]
        if node.get("additionalProperties") is not False:
            sys.exit(f"{file}: an object must say additionalProperties")
        fields = []
        required = node.get("required", [])
        one_of = [row["required"][0] for row in node.get("oneOf", [])]
        for key, sub in node["properties"].items():
            flags = ", .required = true" if key in required else ""
            flags += ", .one_of = true" if key in one_of else ""
            fields.append(f"\t{{{c_string(key)}, &{self.schema(file, sub)}{flags}}},")
        if set(required + one_of) - set(node["properties"]):
            sys.exit(f"{file}: an unknown field is required")
        rows = "\n".join(fields)
        self.out.append(f"static const struct ka_schema_field {name}_fields[] = {{\n{rows}\n}};\n")
        return [f".fields = {name}_fields", f".nfields = {len(fields)}"]

    def kinds(self):
        rows = []
        for file, node in self.files.items():
            if "type" not in node:
                continue
            rows.append(f"\t{{{c_string(node['title'])}, &{self.schema(file, node)}}},")
        self.out.append("const struct ka_schema_field ka_schema_kinds[] = {\n" +
                        "\n".join(rows) + "\n};\n")
        self.out.append(f"const size_t ka_schema_nkinds = {len(rows)};\n")


def main():
    tables = Tables(sys.argv[2:])
    tables.kinds()
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        out.write("/* Made from schemas/ by gen_tables.py; not to be edited. */\n"
                  '#include "compiler/check/schema.h"\n\n' + "\n".join(tables.out))


main()
