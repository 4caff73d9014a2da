# vm: smp=1 timeout=900
# SPDX-License-Identifier: Apache-2.0
# 10,000 random paths through the kernel's own walk: what the model (tests/model) says about each
# must come out of the real open, exec, unlink and so on.
. ./lib.sh
W=../worlds
if [ ! -d $W ]; then
	skip "random paths" "the build has no tests/model"
	done_testing
fi
mkdir -p /model-s /model-w
cp ../ka-walk /model-s/one
cp ../ka-walk /model-s/two
cp ../ka-walk /model-w/other
tried=0
for w in "$W"/*/; do
	name=world-$(basename "$w")
	rm -rf /model
	cp "$w"/*.tsv /model-w/
	ka=$(/model-w/other --make /model-w/one.tsv /model-w/two.tsv /model-w/other.tsv) || echo "# $name: $ka"
	if ! karmor-c apply "$w/policy.yaml" >/run/apply.out 2>&1; then
		not_ok "$name: apply"
		note </run/apply.out
		continue
	fi
	for walker in /model-s/one /model-s/two /model-w/other; do
		workload n1 app=web,tier=db,example.com/role=web $walker /model-w/${walker##*/}.tsv >/run/walk.out 2>&1
		n=$(sed -n 's/^\([0-9]*\) tried.*/\1/p' /run/walk.out)
		tried=$((tried + ${n:-0}))
		if grep -q 'tried.* 0 wrong' /run/walk.out; then
			ok "$name, $walker: $(tail -n1 /run/walk.out)"
		else
			not_ok "$name, $walker: $(tail -n1 /run/walk.out)"
			head -n 10 /run/walk.out | cut -c1-300 | note
		fi
	done
	karmor-c off >/dev/null 2>&1
	rm -rf /var/lib/karmor-c
done
is "10,000 paths were tried ($tried)" $((tried >= 10000)) 1
done_testing
