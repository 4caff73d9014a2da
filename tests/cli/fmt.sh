#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fmt: what is rewritten, what is named, what stays, and its exit codes.
. "$SOURCE/tests/cli/lib.sh"

good() # NAME
{
	cat <<-END
		apiVersion: security.kubearmor.com/v1
		kind: KubeArmorPolicy
		metadata:
		  name: $1
		spec:
		  process:
		    matchPaths:
		    - path: /usr/bin/a
		  action: Block
	END
}

ugly() # NAME
{
	good "$1" | sed 's/    - path/        -   path/'
}

broken()
{
	good broken
	echo '  action: Block'
}

# --- a file
good one >want
ugly one >one.yaml
chmod 640 one.yaml
run 0 fmt one.yaml
same one.yaml want
has out one.yaml
empty err
[ "$(stat -c %a one.yaml)" = 640 ] || fail "mode is $(stat -c %a one.yaml)"
before=$(stat -c '%i %Y' one.yaml)
run 0 fmt one.yaml
empty out
empty err
[ "$(stat -c '%i %Y' one.yaml)" = "$before" ] || fail "a file in order was written"

# --- a directory: what can be read is put in order, the rest is said
mkdir -p d/sub
good a >d/a.yaml
ugly b >d/b.yml
ugly c >d/sub/c.yaml
ugly d >d/sub/d.txt
broken >d/sub/broken.yaml
cp d/sub/broken.yaml broken.was
cp d/sub/d.txt d.was
run 1 fmt --check d
has out d/b.yml
has out d/sub/c.yaml
hasnt out a.yaml
hasnt out d.txt
has err 'd/sub/broken.yaml:10:3: error[KA0006]'
has err '2 of 4 files would change'
hasnt out broken
ugly b | cmp -s - d/b.yml || fail "--check writes"
run 1 fmt d
has out d/b.yml
has err broken.yaml
good b | cmp -s - d/b.yml || fail "b is not in order"
good c | cmp -s - d/sub/c.yaml || fail "c is not in order"
same d/sub/broken.yaml broken.was
same d/sub/d.txt d.was
rm d/sub/broken.yaml
run 0 fmt --check d
empty out
empty err

# --- a diff that patch(1) takes
ugly one >one.yaml
run 1 fmt --diff one.yaml
has out '--- one.yaml'
has out '+    - path: /usr/bin/a'
ugly one | cmp -s - one.yaml || fail "--diff writes"
if command -v patch >/dev/null; then
	patch -s -p0 <out || fail "patch refuses"
	same one.yaml want
fi
good one >one.yaml
run 0 fmt --diff one.yaml
empty out

# --- standard input
ugly one | "$KARMOR_C" fmt - >out 2>err || fail "fmt - fails"
same out want
empty err
if broken | "$KARMOR_C" fmt - >out 2>err; then fail "fmt - takes what is broken"; fi
empty out
has err '<stdin>:10:3: error[KA0006]'
if ugly one | "$KARMOR_C" fmt --check - >out 2>err; then fail "fmt --check - finds nothing"; fi
has out '<stdin>'
run 2 fmt - one.yaml
has err "'-' stands alone"
run 2 fmt
has err 'nothing to format'

# --- a template is no policy yet
{ good one; echo '  message: {{ .Values.message }}'; } >template.yaml
cp template.yaml was
run 1 fmt template.yaml
has err KA0017
same template.yaml was

# --- what is no policy stays as it is, to the byte
printf 'kind: Deployment\nspec:\n     replicas:   3\r\n\n\n' >other.yaml
cp other.yaml was
run 0 fmt other.yaml
empty out
same other.yaml was

# --- not even where it is no YAML that could be a policy
printf 'on:\n    push:   x\n' >workflow.yaml
cp workflow.yaml was
run 0 fmt workflow.yaml
empty err
same workflow.yaml was

# --- links: one that is named is followed and stays, one that is found is passed over
mkdir linked elsewhere
ugly one >elsewhere/one.yaml
ln -s ../elsewhere/one.yaml linked/one.yaml
run 0 fmt linked
empty out
ugly one | cmp -s - elsewhere/one.yaml || fail "a link in a directory was written through"
run 0 fmt linked/one.yaml
has out linked/one.yaml
[ -L linked/one.yaml ] || fail "the link is gone"
same elsewhere/one.yaml want

# --- validate --fix neither
good one | sed 's/Block/block/' >elsewhere/one.yaml
cp elsewhere/one.yaml was
run 5 validate --fix linked
has err 'it is a link'
same elsewhere/one.yaml was
run 0 validate --fix linked/one.yaml
[ -L linked/one.yaml ] || fail "the link is gone"
same elsewhere/one.yaml want

# --- files that cannot be read or written
run 3 fmt no-such.yaml
has err no-such.yaml
if [ "$(id -u)" != 0 ]; then
	mkdir locked
	ugly one >locked/one.yaml
	chmod 555 locked
	run 5 fmt locked/one.yaml
	has err "cannot write 'locked/one.yaml'"
	chmod 755 locked
fi

# --- our own are in order
run 0 fmt --check "$SOURCE/samples"
empty out

# --- it keeps what a policy means: the canonical text is the same
for f in "$SOURCE"/samples/use-cases/*.yaml "$SOURCE"/samples/*.yaml; do
	cp "$f" sample.yaml
	"$KARMOR_C" compile sample.yaml -o before.bundle >out 2>err || continue
	run 0 fmt sample.yaml
	run 0 compile sample.yaml -o after.bundle
	same before.bundle after.bundle
done
[ -s after.bundle ] || fail "no sample was compiled"

finish
