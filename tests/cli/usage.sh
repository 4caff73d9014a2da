#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command line itself: help, unknown words, missing operands; what goes to which stream.
. "$SOURCE/tests/cli/lib.sh"

# help is a result: stdout, 0; without a command it is an error: stderr, 2
run 0 --help
has out 'usage: karmor-c COMMAND'
empty err
run 0 --version
has out karmor-c
run 2
empty out
has err 'usage: karmor-c COMMAND'

commands=$("$KARMOR_C" --help | sed -n 's/^  \([a-z-]*\)  *[a-z].*/\1/p' | grep -vx karmor-c)
for wanted in validate fmt schema explain-id completion compile inspect explain apply delete get off status probe run logs mode; do
	echo "$commands" | grep -qx "$wanted" || fail "help does not list $wanted"
done

for c in $commands; do
	run 0 "$c" --help
	has out "usage: karmor-c $c"
	has out '--help'
	empty err
	run 0 help "$c"
	has out "usage: karmor-c $c"
	code=2
	[ "$c" = run ] && code=125
	run $code "$c" --no-such-option
	has err "unknown option '--no-such-option'"
	empty out
done

# the nearest word is offered
run 2 aply
has err "did you mean 'apply'?"
run 2 apply --dry-rum x.yaml
has err "did you mean '--dry-run'?"

# an operand that is missing, one too many
run 2 validate
run 2 compile
has err 'nothing to compile'
run 2 compile x.yaml
has err '-o BUNDLE'
run 2 apply
has err 'nothing to apply'
run 2 delete
has err 'nothing to delete'
run 2 mode
has err 'enforce or audit'
run 2 mode loud
has err "'loud' is no mode"
run 2 off web
has err 'delete'
run 2 status web
run 2 probe web
run 2 logs web
run 2 logs --since yesterday
has err "'yesterday' is not a number"
run 2 get a b
run 2 status --format xml
has err "'xml'"

# run fails with 125 before anything else, so that its command's codes stay the command's
run 125 run
has err 'nothing to run'
run 125 run --label app -- true
has err "label 'app': write KEY=VALUE"
run 125 run --label app=a --label app=b -- true
has err 'given twice'
run 125 run --label '-app=a' -- true
run 125 run --label 'app=a b' -- true
run 125 run --label 'a/b/c=d' -- true
run 125 run --namespace 'a b' -- true
has err "'a b' is no namespace"
run 125 run --name 'x
y' -- true
run 125 run --user no-such-user-here -- true
has err 'no such user'
empty out

# an input that cannot be read is 3, and nothing is printed as a result
for c in validate apply 'compile -o b'; do
	run 3 $c missing.yaml
	has err missing.yaml
done
run 3 compile --root missing -o b "$SOURCE/samples"
has err missing
[ ! -e b ] || fail 'compile left a file behind'

# a finding is 1
printf 'apiVersion: security.kubearmor.com/v1\nkind: KubeArmorPolicy\nspec: {\n' >bad.yaml
run 1 validate bad.yaml
for c in apply 'compile -o b'; do
	run 1 $c bad.yaml
	has err 'bad.yaml:'
	empty out
done
[ ! -e b ] || fail 'compile left a file behind'

# no policy at all is not a success
printf 'kind: Deployment\napiVersion: apps/v1\nmetadata: {name: x}\n' >none.yaml
run 1 compile -o b none.yaml
has err 'no policy'
run 1 apply none.yaml
has err 'no policy'

# a name cannot drive the terminal
run 2 "$(printf 'x\033[2J')"
hasnt err "$(printf '\033')"

finish
