#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The completion scripts complete every command, every option, and the values that are known.
. "$SOURCE/tests/cli/lib.sh"

for shell in bash zsh fish; do
	run 0 completion $shell
	mv out karmor-c.$shell
	empty err
	! command -v $shell >/dev/null || $shell -n karmor-c.$shell || fail "the script is no $shell"
done
run 2 completion
has err 'bash, zsh or fish'
run 2 completion csh
has err "'csh'"

commands=$("$KARMOR_C" --help | sed -n 's/^  \([a-z-]*\)  *[a-z].*/\1/p' | grep -vx karmor-c)
for c in $commands; do
	"$KARMOR_C" "$c" --help | sed -n 's/^  \(-., \)\{0,1\}--\([a-z-]*\).*/\2/p' >options
	while read -r o; do
		grep -q "^		$c) .*--$o\b" karmor-c.bash || fail "bash: $c has no --$o"
		sed -n "/^	$c)/,/;;/p" karmor-c.zsh | grep -q -e "'\**--$o[=[]" || fail "zsh: $c has no --$o"
		grep -q "from $c'.* -l $o\b" karmor-c.fish || fail "fish: $c has no --$o"
	done <options
done

# completes LINE WORD...: what bash and fish offer at the end of the line
completes()
{
	line=$1
	shift
	printf '%s\n' "$@" | sort >wanted
	cat >complete.bash <<-END
		. ./karmor-c.bash
		line='$line'
		COMP_WORDS=(\$line) COMP_CWORD=\$((\${#COMP_WORDS[@]} - 1))
		[[ \$line != *' ' ]] || COMP_WORDS[++COMP_CWORD]=
		_karmor_c
		printf '%s\n' "\${COMPREPLY[@]}" | sort
	END
	if command -v bash >/dev/null; then
		bash complete.bash >got 2>err || true
		cmp -s wanted got || fail "bash: '$line' completes to: $(cat got err)"
	fi
	if command -v fish >/dev/null; then
		HOME=$T fish --no-config -c "source karmor-c.fish; complete -C '$line'" 2>err |
			sed 's/	.*//' | sort >got
		cmp -s wanted got || fail "fish: '$line' completes to: $(cat got err)"
	fi
}

mkdir -p here/sub
touch here/a.yaml
completes 'karmor-c st' status
completes 'karmor-c apply --dry' --dry-run
completes 'karmor-c mode au' audit
completes 'karmor-c completion z' zsh
completes 'karmor-c validate --format s' sarif
completes 'karmor-c validate --fail-level w' warning
completes 'karmor-c validate --kernel r' running
completes 'karmor-c validate --ignore KA030' KA0301 KA0304 KA0306 KA0307 KA0308 KA0309
completes 'karmor-c explain-id KA030' KA0301 KA0302 KA0303 KA0304 KA0305 KA0306 KA0307 KA0308 KA0309
completes 'karmor-c validate here/a' here/a.yaml

if command -v zsh >/dev/null; then
	# the functions of zsh's own that it calls are not there without a terminal
	zsh -fc 'compdef() { print -r -- "$@" }; source ./karmor-c.zsh' >got || fail 'zsh cannot read it'
	has got '_karmor_c karmor-c'
fi

finish
