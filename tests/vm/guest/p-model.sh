# vm: smp=2 timeout=1200
# SPDX-License-Identifier: Apache-2.0
# 10^4 random paths through the kernel's own walk: what the model of tests/model says of them must
# be what open, exec and the rest say. Worlds take turns on ext4, tmpfs and overlayfs.
. ./lib.sh
worlds=/run/model-worlds
types=(ext4 tmpfs overlayfs)
where_one=/model-s/one where_two=/model-s/two where_other=/model-w/other

expect 0 "random worlds" ka-model --emit $worlds --seed "${SEED:-1}" "${PATHS:-10000}"
note <$T_OUT
mkdir -p /model-s /model-w
for program in $where_one $where_two $where_other; do
	cp "$(command -v ka-walk)" $program
done

make_tree() { # TYPE WORLD
	rm -rf /model /ov/model
	mkdir /model
	[ "$1" = overlayfs ] || fresh_dir "$1" /model
	expect 0 "$1: make the tree" ka-walk --make "$2"/*.tsv
	[ "$1" != overlayfs ] || fresh_dir "$1" /model
}

remove_tree() { # TYPE
	[ "$1" = ext4 ] || umount /model
	[ "$1" != overlayfs ] || umount /ov/model
}

i=0
for world in $worlds/*; do
	type=${types[i % 3]}
	i=$((i + 1))
	make_tree "$type" "$world"
	expect 0 "world $i: compile" karmor-c compile "$world/policy.yaml" -o /run/model.bundle
	expect 0 "world $i: apply" karmor-c apply --replace /run/model.bundle
	for who in one two other; do
		program=where_$who
		cp "$world/$who.tsv" /model-w/list
		expect 0 "world $i on $type, walked by $who" \
			workload n1 app=web,tier=db,example.com/role=web "${!program}" /model-w/list
		tail -n 1 $T_OUT | note
	done
	remove_tree "$type"
done
done_testing
