#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the schemas that `karmor-c schema` prints: each kind in one piece, as a C string.

usage: gen_text.py OUTPUT SCHEMA...
"""
import json
import sys

from read import Schemas, bundle


def c_lines(text):
    for line in text.splitlines(True):
        for at in range(0, len(line), 500):
            part = line[at:at + 500].replace("\\", "\\\\").replace('"', '\\"')
            yield '\t"' + part.replace("\n", "\\n").replace("?", "\\?") + '"'


def main():
    schemas = Schemas(sys.argv[2:])
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        out.write("/* Made from schemas/ by gen_text.py; not to be edited. */\n"
                  '#include "schema_text.h"\n\n'
                  "const struct ka_schema_text ka_schema_texts[] = {\n")
        for file, node in schemas.kinds():
            text = json.dumps(bundle(schemas, file), indent=2, ensure_ascii=False) + "\n"
            out.write(f'\t{{"{node["title"]}", {json.dumps(node["description"])},\n')
            out.write("\n".join(c_lines(text)) + "},\n")
        out.write("\t{},\n};\n")


main()
