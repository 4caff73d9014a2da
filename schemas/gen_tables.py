#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the checker's C tables (compiler/check/schema.h) from the JSON Schemas.

usage: gen_tables.py OUTPUT SCHEMA...

Equal subschemas become one `static const struct ka_schema`. A keyword that the tables do not
know is an error here. What a keyword demands and the tables do not check is checked in C, where
more can be said about it: ELSEWHERE says where, by the name of the definition or the field.
"""
import json
import sys

from read import Schemas

WORDS = "compiler/check/value_word.c"
VALUE = "compiler/check/value.c"
NET = "compiler/check/value_net.c"
SELECT = "compiler/check/value_select.c"
ELSEWHERE = {  # field: (keywords, who checks it)
    "path": ({"pattern", "maxLength"}, f"{VALUE}: ka_check_path, bytes instead of characters"),
    "dir": ({"pattern", "maxLength"}, f"{VALUE}: ka_check_path"),
    "pattern": ({"minLength", "maxLength"}, f"{VALUE}: ka_check_pattern, which parses it"),
    "execname": ({"pattern", "maxLength"}, f"{VALUE}: ka_check_execname"),
    "name": ({"pattern", "maxLength"}, f"{VALUE}: ka_check_name"),
    "namespace": ({"pattern", "maxLength"}, f"{VALUE}: ka_check_name"),
    "domain": ({"pattern", "maxLength"}, f"{NET}: ka_value_domain"),
    "cidr": ({"pattern"}, f"{NET}: ka_value_cidr"),
    "port": ({"pattern"}, f"{NET}: ka_value_port"),
    "limit": ({"pattern"}, f"{NET}: ka_value_limit"),
    "duration": ({"pattern"}, f"{NET}: ka_value_duration"),
    "iface[]": ({"pattern"}, f"{NET}: ka_check_iface"),
    "syscall[]": ({"enum"}, f"{WORDS}: ka_check_syscall, which knows the system's table, too"),
    "class": ({"anyOf"}, f"{WORDS}: ka_value_usb_class"),
    "values[]": ({"pattern"}, f"{SELECT}: ka_check_expression_label"),
    "matchLabels": ({"propertyNames", "minProperties"},
                    f"{SELECT}: ka_check_label_key; KA0302 says that a nodeSelector is empty"),
    "labels": ({"propertyNames"}, "nobody: labels of the policy itself mean nothing here"),
    "annotations": ({"patternProperties"}, "compiler/policy/annotation.c"),
    "ingress[]": ({"dependentRequired"}, "compiler/policy: KA0310 says what half is missing"),
    "egress[]": ({"dependentRequired"}, "compiler/policy: KA0310"),
}
ANNOTATION = ({"enum", "pattern"}, "compiler/policy/annotation.c")

KNOWN = {"type", "properties", "required", "additionalProperties", "items", "enum", "anyOf",
         "minimum", "maximum", "minItems", "oneOf", "dependentSchemas", "description", "examples",
         "$ref"}
SAYS_NOTHING = {"$schema", "$id", "$comment", "title", "$defs", "default"}
TYPES = {None: "KA_SCHEMA_ANY", "string": "KA_SCHEMA_STRING", "integer": "KA_SCHEMA_INT",
         "boolean": "KA_SCHEMA_BOOL", "array": "KA_SCHEMA_LIST", "object": "KA_SCHEMA_MAP"}


def c_string(s):
    return '"' + s.replace("\\", "\\\\").replace('"', '\\"') + '"'


def any_case(words, prefix=""):
    """The regular expression of these words in any case."""
    def fold(s):
        return "".join(f"[{c.upper()}{c.lower()}]" if c.isalpha() else c for c in s)

    head = f"({fold(prefix)})?" if prefix else ""
    return f"^{head}({'|'.join(map(fold, words))})$"


def flow(v, inside=False):
    """A value as YAML in one line."""
    if isinstance(v, dict):
        return "{" + ", ".join(f"{k}: {flow(x, True)}" for k, x in v.items()) + "}"
    if isinstance(v, list):
        return "[" + ", ".join(flow(x, True) for x in v) + "]"
    if not isinstance(v, str):
        return json.dumps(v)
    plain = v and v[0].isalpha() | (v[0] in "/_") and not (set(v) & set("#:{}[]&*!|>%@`'\""))
    plain = plain and not (inside and "," in v) and v.lower() not in ("on", "off", "true", "yes")
    return v if plain else json.dumps(v)


class Names:
    """All names of fields, found by a hash that sends no two of them to one place."""

    def __init__(self):
        self.all = {}

    def number(self, name):
        return self.all.setdefault(name, len(self.all))

    @staticmethod
    def hash(word, k, size):
        h = len(word)
        for c in word:
            h = (h ^ c) * k & 0xffffffff
        return h >> 16 & size - 1

    def perfect(self):
        words = [w.encode() for w in self.all]
        for size in (256, 512, 1024, 2048):
            for k in range(0x1000193, 0x1000193 + 8000, 2):
                if len({self.hash(w, k, size) for w in words}) == len(words):
                    return k, size
        return sys.exit("no perfect hash for the names of fields")

    def write(self):
        k, size = self.perfect()
        slots = ", ".join(f"[{self.hash(w.encode(), k, size)}] = {i + 1}"
                          for w, i in self.all.items())
        rows = "\n".join(f"\t{{{c_string(w)}, {len(w.encode())}}}," for w in self.all)
        return (f"static const struct {{\n\tconst char *name;\n\tsize_t len;\n}} names[] = "
                f"{{\n{rows}\n}};\n\n"
                f"static const uint8_t slots[{size}] = {{{slots}}};\n\n"
                "unsigned ka_schema_name(const char *s, size_t len)\n{\n"
                "\tuint32_t h = (uint32_t)len;\n\tunsigned n;\n\n"
                "\tfor (size_t i = 0; i < len; i++)\n"
                f"\t\th = (h ^ (unsigned char)s[i]) * {k:#x}u;\n"
                f"\tn = slots[h >> 16 & {size - 1}];\n"
                "\tif (!n || names[n - 1].len != len || memcmp(names[n - 1].name, s, len) != 0)\n"
                "\t\treturn 0;\n\treturn n;\n}\n")


class Tables:
    def __init__(self, paths):
        self.schemas = Schemas(paths)
        self.out = []
        self.made = {}  # text of a definition: its C name
        self.names = Names()
        self.used = set()  # rows of ELSEWHERE

    def define(self, declaration, body, stem):
        """Writes a table once; returns its name."""
        if (declaration, body) not in self.made:
            name = f"{stem}{len(self.made)}"
            self.made[declaration, body] = name
            self.out.append(f"static const {declaration.replace('@', name)} = {body};\n")
        return self.made[declaration, body]

    def merged(self, file, node):
        """A schema with its $ref followed; what stands beside it counts more."""
        while "$ref" in node:
            beside = {k: v for k, v in node.items() if k != "$ref"}
            file, _, target = self.schemas.resolve(file, node["$ref"])
            node = {**target, **beside}
        return file, node

    def keywords(self, file, field, node):
        """Refuses what is unknown; returns the schema without what is checked elsewhere."""
        skip, _ = ANNOTATION if field.startswith("karmor-c/") else ELSEWHERE.get(field, (set(), 0))
        if skip & set(node):
            self.used.add(field)
        node = {k: v for k, v in node.items() if k not in skip}
        if field == "kind" or field == "apiVersion":  # that is how the table was chosen
            node.pop("const", None)
        unknown = set(node) - KNOWN - SAYS_NOTHING
        if unknown:
            sys.exit(f"{file}: {field}: the tables know no {', '.join(sorted(unknown))}")
        return node

    def schema(self, file, field, node):
        """Returns the C name of a subschema's table."""
        file, node = self.merged(file, node)
        node = self.keywords(file, field, node)
        rows = [f".type = {TYPES[node.get('type')]}"]
        if "description" not in node:
            sys.exit(f"{file}: {field} has no description")
        rows.append(f".description = {c_string(node['description'])}")
        if node.get("examples") and len(flow(node["examples"][0])) < 60:
            rows.append(f".example = {c_string(flow(node['examples'][0]))}")
        rows += self.scalar_rows(file, field, node)
        if node.get("type") == "object":
            rows += self.map_rows(file, field, node)
        if node.get("type") == "array":
            rows.append(f".items = &{self.schema(file, field + '[]', node['items'])}")
            if "minItems" in node:
                rows.append(f".min_items = {node['minItems']}")
        return self.define("struct ka_schema @", "{\n\t" + ",\n\t".join(rows) + ",\n}", "s")

    def scalar_rows(self, file, field, node):
        if node.get("type") == "integer":
            return [f".min = {node['minimum']}, .max = {node['maximum']}"]
        if "anyOf" in node:
            return self.any_case_rows(file, field, node["anyOf"])
        return self.values_rows(node["enum"]) if "enum" in node else []

    def values_rows(self, values):
        listed = ", ".join(map(c_string, values))
        return [f".values = {self.define('char *const @[]', f'{{{listed}, NULL}}', 'v')}"]

    def any_case_rows(self, file, field, either):
        """Words, for those who complete them, and their expression in any case."""
        values, pattern = either[0]["enum"], either[1]["pattern"]
        for prefix in ("", "cap_"):
            if pattern == any_case(values, prefix):
                rows = self.values_rows(values) + [".any_case = true"]
                return rows + ([f".prefix = {c_string(prefix)}"] if prefix else [])
        return sys.exit(f"{file}: {field}: the pattern is not that of the enum in any case: "
                        f"{any_case(values)}")

    def map_rows(self, file, field, node):
        rows = []
        rest = node.get("additionalProperties")
        if isinstance(rest, dict):
            rows.append(f".items = &{self.schema(file, field + '{}', rest)}")
        elif rest is not False:
            sys.exit(f"{file}: {field}: an object must say additionalProperties")
        if node.get("properties"):
            rows += self.field_rows(file, field, node)
        if "dependentSchemas" in node:
            (key, also), = node["dependentSchemas"].items()
            rows.append(f".when = {list(node['properties']).index(key)}")
            rows.append(f".also = &{self.also(file, also)}")
        return rows

    def field_rows(self, file, field, node):
        keys = list(node["properties"])
        if len(keys) > 64:
            sys.exit(f"{file}: {field} has more fields than a mask has bits")
        body = "\n".join(f"\t{{{c_string(k)}, &{self.schema(file, k, sub)}}},"
                         for k, sub in node["properties"].items())
        fields = self.define("struct ka_schema_field @[]", f"{{\n{body}\n}}", "f")
        places = ", ".join(f"[{self.names.number(k) + 1}] = {i + 1}" for i, k in enumerate(keys))
        at = self.define("uint8_t @[KA_SCHEMA_NAMES]", f"{{{places}}}", "at")
        rows = [f".fields = {fields}, .nfields = {len(keys)}, .at = {at}"]
        for what, names in (("required", node.get("required", [])),
                            ("one_of", [row["required"][0] for row in node.get("oneOf", [])])):
            if names:
                rows.append(f".{what} = {sum(1 << keys.index(n) for n in names):#x}")
        return rows

    def also(self, file, node):
        """What more is demanded of a mapping: fields that must be there, at any depth."""
        if set(node) - {"properties", "items", "required"}:
            sys.exit(f"{file}: dependentSchemas can only require")
        rows = []
        if "items" in node:
            rows.append(f".items = &{self.also(file, node['items'])}")
        if "properties" in node:
            body = "\n".join(f"\t{{{c_string(k)}, &{self.also(file, sub)}}},"
                             for k, sub in node["properties"].items())
            fields = self.define("struct ka_schema_field @[]", f"{{\n{body}\n}}", "f")
            rows.append(f".fields = {fields}, .nfields = {len(node['properties'])}")
        if "required" in node:
            listed = ", ".join(map(c_string, node["required"]))
            rows.append(f".values = {self.define('char *const @[]', f'{{{listed}, NULL}}', 'v')}")
        return self.define("struct ka_schema @", "{\n\t" + ",\n\t".join(rows) + ",\n}", "s")

    def kinds(self):
        rows = [f"\t{{{c_string(node['title'])}, &{self.schema(file, node['title'], node)}}},"
                for file, node in self.schemas.kinds()]
        idle = set(ELSEWHERE) - self.used
        if idle:
            sys.exit(f"nothing is checked elsewhere for: {', '.join(sorted(idle))}")
        self.out.append("const struct ka_schema_field ka_schema_kinds[] = {\n" +
                        "\n".join(rows) + "\n};\n")
        self.out.append(f"const size_t ka_schema_nkinds = {len(rows)};\n")


def main():
    tables = Tables(sys.argv[2:])
    tables.kinds()
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        out.write("/* Made from schemas/ by gen_tables.py; not to be edited. */\n"
                  '#include "compiler/check/schema.h"\n\n'
                  f"#define KA_SCHEMA_NAMES {len(tables.names.all) + 1}\n\n" +
                  "\n".join(tables.out) + "\n" + tables.names.write())


main()
