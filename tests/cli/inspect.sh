#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# inspect: what a bundle holds, as text, as JSON, as files that other tools read.
. "$SOURCE/tests/cli/lib.sh"

policy web shop /usr/bin/apt Block >a.yaml
host_policy node /usr/bin/nc Audit >b.yaml
run 0 compile -o all.bundle a.yaml b.yaml
digest=$(sed -n 's/^digest //p' out)

run 0 inspect all.bundle
empty err
has out "$digest"
has out '2 policies, 2 rules'
has out 'KubeArmorPolicy/shop/web'
has out 'Block spec.process.matchPaths[0] /usr/bin/apt'
has out 'KubeArmorHostPolicy/node'
has out 'Audit spec.process.matchPaths[0] /usr/bin/nc'
has out 'hooks '
hasnt out "$T"

run 0 inspect --format json all.bundle
empty err
python3 - "$digest" <<'END' || fail 'inspect --format json'
import json, sys
o = json.load(open("out"))
assert o["digest"] == sys.argv[1], o["digest"]
assert o["bundle"] == "all.bundle" and o["automaton"]["states"] > 0, o
assert "exec" in o["hooks"] and "task" in o["hooks"], o["hooks"]
assert {x["name"] for x in o["objects"]} >= {"exec.core", "exec.legacy"}, o["objects"]
assert list(o) == sorted(o), "keys are not sorted"
END

run 0 inspect --extract files all.bundle
[ -s files/exec.core.bpf.o ] && [ -s files/ka_images.bin ] || fail 'nothing was extracted'
if command -v readelf >/dev/null; then
	readelf -h files/exec.core.bpf.o | grep -q 'Linux BPF' || fail 'readelf knows no BPF object'
fi
# the text is the policies: compiled again it gives the same bytes
run 0 compile -o again.bundle files/policies.yaml
same again.bundle all.bundle

run 3 inspect missing.bundle
has err missing.bundle
run 3 inspect a.yaml
empty out
run 3 inspect .
run 2 inspect
run 2 inspect all.bundle all.bundle
run 5 inspect --extract all.bundle/x all.bundle

finish
