# SPDX-License-Identifier: Apache-2.0
# Read by every test of this directory: a scratch directory, and what they assert with.
# $KARMOR_C is the program under test, $SOURCE the source directory.

set -eu
export LC_ALL=C

: "${KARMOR_C:?is the program under test}"
: "${SOURCE:?is the source directory}"

T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"

failures=0

fail()
{
	printf 'FAILED: %s\n' "$*" >&2
	failures=$((failures + 1))
}

# What the last call of `run` printed, for whoever reads the failure.
show()
{
	sed 's/^/  stdout| /' out >&2
	sed 's/^/  stderr| /' err >&2
}

# run EXIT ARGUMENT...: stdout to ./out, stderr to ./err; the exit code must be EXIT.
run()
{
	want=$1
	shift
	got=0
	"$KARMOR_C" "$@" >out 2>err </dev/null || got=$?
	if [ "$got" != "$want" ]; then
		fail "karmor-c $*: exit $got, expected $want"
		show
	fi
}

# has FILE TEXT: the file has a line with the text
has()
{
	if ! grep -qF -e "$2" "$1"; then
		fail "no '$2' in $1"
		show
	fi
}

hasnt()
{
	if grep -qF -e "$2" "$1"; then
		fail "there is '$2' in $1"
		show
	fi
}

empty()
{
	if [ -s "$1" ]; then
		fail "$1 is not empty"
		show
	fi
}

same()
{
	cmp -s "$1" "$2" || fail "$1 and $2 differ"
}

differ()
{
	! cmp -s "$1" "$2" || fail "$1 and $2 are the same"
}

# policy NAME NAMESPACE PATH ACTION: a policy with one process rule, on stdout
policy()
{
	cat <<-END
		apiVersion: security.kubearmor.com/v1
		kind: KubeArmorPolicy
		metadata:
		  name: $1
		  namespace: $2
		spec:
		  selector:
		    matchLabels:
		      app: $1
		  process:
		    matchPaths:
		      - path: $3
		  action: $4
	END
}

# host_policy NAME PATH ACTION
host_policy()
{
	cat <<-END
		apiVersion: security.kubearmor.com/v1
		kind: KubeArmorHostPolicy
		metadata:
		  name: $1
		spec:
		  nodeSelector:
		    matchLabels:
		      kubernetes.io/hostname: "*"
		  process:
		    matchPaths:
		      - path: $2
		  action: $3
	END
}

skip()
{
	printf 'skipped: %s\n' "$*" >&2
	exit 77
}

finish()
{
	[ "$failures" = 0 ] || exit 1
}
