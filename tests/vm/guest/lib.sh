# SPDX-License-Identifier: Apache-2.0
# What the proofs share: TAP, workloads, tables, records. Sourced by p-*.sh inside the VM.
set -u
export LC_ALL=C
TESTS=/usr/local/lib/karmor-tests
T_N=0 T_FAILED=0
T_OUT=/run/t-out

ok() {
	T_N=$((T_N + 1))
	echo "ok $T_N - $*"
}

not_ok() {
	T_N=$((T_N + 1)) T_FAILED=$((T_FAILED + 1))
	echo "not ok $T_N - $*"
}

skip() { # WHAT WHY
	T_N=$((T_N + 1))
	echo "ok $T_N - $1 # SKIP $2"
}

note() { sed 's/^/# /'; }

# expect STATUS WHAT COMMAND...
expect() {
	local want=$1 what=$2 got=0
	shift 2
	"$@" >$T_OUT 2>&1 </dev/null || got=$?
	if [ "$got" = "$want" ]; then
		ok "$what"
	else
		not_ok "$what: status $got, not $want: $*"
		tail -n 15 $T_OUT | note
	fi
}

# says TEXT WHAT: the command of the last `expect` printed TEXT (a basic regular expression)
says() {
	if grep -q -- "$1" $T_OUT; then
		ok "$2"
	else
		not_ok "$2: nothing like '$1' in:"
		tail -n 15 $T_OUT | note
	fi
}

# is WHAT GOT WANT
is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1: got '$2', not '$3'"
	fi
}

done_testing() {
	echo "1..$T_N"
	exit $((T_FAILED > 0))
}

# ---- karmor-c ----

apply() { expect 0 "apply ${*##*/}" karmor-c apply "$@"; }

nobody_left() {
	is "no process of karmor-c is left${1:+ ($1)}" "$(ps -e -o comm= | grep -E '^karmor' || true)" ""
}

# workload NAMESPACE LABELS COMMAND...: LABELS are k=v,k=v or -
workload() {
	local ns=$1 labels=() l
	for l in $([ "$2" = - ] || echo "$2" | tr , ' '); do
		labels+=(--label "$l")
	done
	shift 2
	karmor-c run --namespace "$ns" "${labels[@]}" -- "$@"
}

# All records, one JSON object a line; of DENIED ones the number.
records() { karmor-c logs --format json 2>/dev/null | jq -c 'if type == "array" then .[] else . end'; }
count_records() { records | wc -l; }
last_records() { records | tail -n "$1"; }

# named POLICY WHAT: the last record names the policy
named() {
	local got
	got=$(last_records 1)
	case $got in
	*[\"/]"$1\""*) ok "$2" ;;
	*) not_ok "$2: the last record is ${got:-missing}" ;;
	esac
}

# ---- tables ----

# Takes over ka-try's lines; sets EVENTS.
take_lines() {
	local line
	EVENTS=0
	while IFS= read -r line; do
		case $line in
		"ok - "*) ok "${PREFIX:-}${line#ok - }" ;;
		"not ok - "*) not_ok "${PREFIX:-}${line#not ok - }" ;;
		"events "*) EVENTS=${line#events } ;;
		*": ok") ;; # of a ka-try that a line executed
		*) echo "# $line" ;;
		esac
	done <"$1"
}

# table NAME COMMAND...: reads a table from stdin, tries it through COMMAND (which gets "table FILE"
# as arguments), and wants exactly one event for each denial.
table() {
	local name=$1 before after file=/run/table-$1 found
	shift
	cat >"$file"
	PREFIX="$name: "
	before=$(count_records)
	"$@" table "$file" >$T_OUT 2>&1 </dev/null
	take_lines $T_OUT
	PREFIX=
	grep -q '^events' $T_OUT || {
		not_ok "$name: the table was not tried to its end"
		return
	}
	after=$(count_records)
	found=$((after - before))
	if [ "${NO_EVENTS:-}" ]; then
		:
	elif [ "$found" = "$EVENTS" ]; then
		ok "$name: $EVENTS denials, as many events"
	else
		not_ok "$name: $EVENTS events expected, $found recorded"
		last_records "$((found > 100 ? 100 : found))" |
			jq -r '"\(.verdict) \(.operation) \(.object // .path) (\(.reason))"' | cut -c1-200 | note
	fi
}

# control NAME FIXTURE: the same table where no policy holds: what will be denied works there.
control() {
	local file=/run/table-$1
	cat >"$file"
	PREFIX="$1: "
	ka-try control "$file" "$2" >$T_OUT 2>&1 </dev/null
	take_lines $T_OUT
	grep -q '^events' $T_OUT || not_ok "$1: the control was not tried to its end"
	PREFIX=
}

drop_caches() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
}

# fresh_dir TYPE DIR: DIR on ext4 (the root), tmpfs or overlayfs
fresh_dir() {
	mkdir -p "$2"
	case $1 in
	ext4) ;;
	tmpfs) mount -t tmpfs t "$2" ;;
	overlayfs)
		modprobe overlay
		mkdir -p "/ov$2"
		mount -t tmpfs t "/ov$2"
		mkdir "/ov$2/low" "/ov$2/up" "/ov$2/work"
		cp -a "$2/." "/ov$2/low/"
		mount -t overlay -o "lowerdir=/ov$2/low,upperdir=/ov$2/up,workdir=/ov$2/work" o "$2"
		;;
	esac
}
