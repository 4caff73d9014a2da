# SPDX-License-Identifier: Apache-2.0
# bash completion for karmor-c(1); tests/cli/completions.sh holds it against the command table.

_karmor_c()
{
	local commands='validate compile inspect explain apply delete mode run off get status probe logs
		help'
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local cmd=${COMP_WORDS[1]} options='' words='' files=no i

	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W "$commands --help --version" -- "$cur")
		return
	fi

	# What follows run's own options is the command's business.
	if [[ $cmd == run ]]; then
		for ((i = 2; i < COMP_CWORD; i++)); do
			case ${COMP_WORDS[i]} in
			--namespace | --label | --name | --user | -l | -u) ((i++)) ;;
			-*) ;;
			*)
				_command_offset "$i" 2>/dev/null
				return
				;;
			esac
		done
	fi

	case $cmd in
	validate)
		options='--format --strict --quiet'
		files=yes
		;;
	compile)
		options='--output --root --audit --follow-shared --format'
		files=yes
		;;
	inspect)
		options='--format --extract'
		files=yes
		;;
	explain)
		options='--live --namespace --label --host --source --root --read --write --exec --map
			--create --unlink --rename --chmod --audit --format'
		files=yes
		;;
	apply)
		options='--file --dry-run --audit --replace --force --follow-shared'
		files=yes
		;;
	delete)
		options='--file --dry-run --force'
		words=policies
		;;
	mode)
		options='--dry-run --force'
		((COMP_CWORD == 2)) && words='enforce audit' || words=policies
		;;
	run)
		options='--namespace --label --name --user --require-policy'
		words=commands
		;;
	get)
		options='--output'
		words=policies
		;;
	status | probe)
		options='--format'
		;;
	logs)
		options='--format --since --policy'
		;;
	help)
		words=$commands
		;;
	esac

	case $prev in
	--format)
		mapfile -t COMPREPLY < <(compgen -W 'text json' -- "$cur")
		return
		;;
	--output | -o)
		if [[ $cmd == get ]]; then
			mapfile -t COMPREPLY < <(compgen -W 'auto yaml json name' -- "$cur")
			return
		fi
		files=yes words=''
		;;
	--root | --extract)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
		;;
	--file | -f)
		files=yes words=''
		;;
	--user | -u)
		mapfile -t COMPREPLY < <(compgen -u -- "$cur")
		return
		;;
	--policy)
		words=policies
		;;
	--namespace | --label | -l | --name | --since)
		return
		;;
	esac

	case $words in
	policies) words=$(karmor-c get --output name 2>/dev/null) ;;
	commands) words=$(compgen -c -- "$cur") ;;
	esac
	if [[ $cur == -* ]]; then
		words="$options --help"
		files=no
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	if [[ $files == yes ]]; then
		compopt -o filenames 2>/dev/null
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$cur")
	fi
}
complete -F _karmor_c karmor-c
