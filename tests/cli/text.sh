#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What people read: the line, the caret, the remedy, the summary, to the character.
. "$SOURCE/tests/cli/lib.sh"

# reads FILE: standard input is what validate prints about it
reads()
{
	cat >wanted
	"$KARMOR_C" validate "$1" >out 2>err || true
	diff wanted out >differs || { fail "$1" && cat differs >&2; }
	empty err
}

head='apiVersion: security.kubearmor.com/v1\nkind: KubeArmorPolicy\nmetadata: {name: a, namespace: b}\nspec:\n  severity: 5\n  selector: {matchLabels: {app: x}}\n'

# CRLF, characters of several bytes before and below the caret, a second place
printf "$head"'  file:\n    matchPaths:\n    - path: "/etc/\303\274\342\202\254//x"\n    - {path: /a, path: /b}\n  action: block\n' |
	sed 's/$/\r/' >crlf.yaml
reads crlf.yaml <<'END'
crlf.yaml:9:13: error[KA0202]: '/etc/ü€//x' has two slashes in a row
    9 |     - path: "/etc/ü€//x"
      |             ^~~~~~~~~~~~
      = write '/etc/ü€/x'
crlf.yaml:10:18: error[KA0006]: field 'path' is given twice
   10 |     - {path: /a, path: /b}
      |                  ^~~~
crlf.yaml:10:8: note: first given here
   10 |     - {path: /a, path: /b}
      |        ^~~~
crlf.yaml:11:11: error[KA0105]: 'block' is not a value of 'action'
   11 |   action: block
      |           ^~~~~
      = write 'Block'
1 policy in 1 file: 3 errors, 0 warnings, 0 notes
      = --fix corrects 2 of them, --diff shows how
      = `karmor-c explain-id KA0202` explains the first error
END

# a tab can be seen
printf 'a: b\n\tc: d\n' >tab.yaml
reads tab.yaml <<'END'
tab.yaml:2:1: error[KA0002]: a tab where only spaces may indent
    2 | →c: d
      | ^
      = replace each tab by spaces
0 policies in 1 file: 1 error, 0 warnings, 0 notes
      = `karmor-c explain-id KA0002` explains the first error
END

# a long line is cut around the place
{
	printf "$head"'  file: {matchPaths: ['
	for i in 0 1 2 3 4 5 6 7 8 9; do printf '{path: /etc/%09d}, ' $i; done
	printf '{path: etc/here}'
	for i in 0 1 2 3 4 5 6 7 8 9; do printf ', {path: /opt/%09d}' $i; done
	printf ']}\n  action: Block\n'
} >long.yaml
reads long.yaml <<'END'
long.yaml:7:270: error[KA0201]: path 'etc/here' is not absolute
    7 | ...07}, {path: /etc/000000008}, {path: /etc/000000009}, {path: etc/here}, {path: /opt/000000000}, {path: /opt/000000001}, {path: /opt/000000002}, {path: /opt/00000...
      |                                                                ^~~~~~~~
      = paths begin with '/' and are what the kernel resolves
1 policy in 1 file: 1 error, 0 warnings, 0 notes
      = `karmor-c explain-id KA0201` explains the first error
END

# nothing to say
printf "$head"'  file: {matchPaths: [{path: /etc/here}]}\n  action: Block\n' >good.yaml
reads good.yaml <<'END'
1 policy in 1 file: 0 errors, 0 warnings, 0 notes
END

# what is ignored is counted; the terminal is not driven
printf "$head"'  file: {matchPaths: [{path: "/etc/\\e[2J*"}]} # karmor-c: ignore KA0207 a star\n  action: "a\\e]0;x\\a"\n' >hostile.yaml
reads hostile.yaml <<'END'
hostile.yaml:8:11: error[KA0105]: 'a?]0;x?' is not a value of 'action'
    8 |   action: "a\e]0;x\a"
      |           ^~~~~~~~~~~
      = its values are: Allow, Audit, Block
1 policy in 1 file: 1 error, 0 warnings, 0 notes (1 ignored)
      = `karmor-c explain-id KA0105` explains the first error
END

finish
