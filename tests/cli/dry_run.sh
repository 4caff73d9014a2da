#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# apply --dry-run on a node where nothing is in force: what it prints, what it refuses. The
# lock-out check is judged here by the automaton, so it needs no kernel that enforces.
. "$SOURCE/tests/cli/lib.sh"

[ "$(id -u)" = 0 ] || skip 'only root may ask what is in force'
[ ! -e /sys/fs/bpf/karmor-c ] || skip 'something is in force here'
[ ! -e /var/lib/karmor-c/generation.bundle ] || skip 'there is a generation to be restored here'
[ ! -e /etc/karmor-c/config.yaml ] || skip 'this node has a configuration'

policy web shop /usr/bin/apt Block >web.yaml
policy list shop /usr/bin/apt Allow >list.yaml

run 0 apply --dry-run web.yaml
empty err
has out 'KubeArmorPolicy/shop/web created'
has out 'selects no registered workload'
has out '`karmor-c run --namespace shop --label app=web -- COMMAND`'
has out 'dry run, nothing was changed; in force would be: 1 policy'
hasnt out 'allow-list'

# -f, several files, a directory, standard input
run 0 apply -n -f web.yaml -f list.yaml
has out '2 policies'
mkdir d && cp web.yaml list.yaml d
run 0 apply -n d
has out '2 policies'
"$KARMOR_C" apply -n - <web.yaml >out 2>err || fail 'apply -'
has out 'shop/web created'

# an allow-list, its posture, and where that comes from
run 0 apply -n list.yaml
has out 'process becomes an allow-list: what no rule matches is denied (posture block, from the default for workloads)'
sed 's/^  name: list/&\n  annotations: {karmor-c\/posture: audit}/' list.yaml >posture.yaml
run 0 apply -n posture.yaml
has out 'is permitted and reported (posture audit, from the annotation karmor-c/posture of KubeArmorPolicy/shop/list)'
cat >ns.yaml <<'END'
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  annotations:
    kubearmor-file-posture: block
    kubearmor-process-posture: audit
END
# a Namespace document speaks for the file posture
cat >files.yaml <<'END'
apiVersion: security.kubearmor.com/v1
kind: KubeArmorPolicy
metadata:
  name: files
  namespace: shop
spec:
  selector:
    matchLabels:
      app: files
  file:
    matchDirectories:
      - dir: /srv/
        recursive: true
  action: Allow
END
sed -i '/process-posture/d; s/block/audit/' ns.yaml
run 0 apply -n files.yaml ns.yaml
has out "file becomes an allow-list: what no rule matches is permitted and reported (posture audit, from the Namespace document of 'shop')"

# audit mode
run 0 apply -n --audit list.yaml
has out 'in audit mode'
has out 'what no rule matches would be denied'

# a link wakes a rule on its target
if [ "$(readlink -f /bin/sh)" != /bin/sh ]; then
	policy sh shop /bin/sh Block >sh.yaml
	run 0 apply -n sh.yaml
	has out "spec.process.matchPaths[0]: /bin/sh leads to $(readlink -f /bin/sh)"
fi

# a bundle is a whole generation, taken as it is
run 0 compile -o b d
run 0 apply -n b
has out '2 policies'
run 2 apply -n b web.yaml
has err 'b'
run 0 apply -n --audit b
has out 'in audit mode'

# host policies: who is selected
host_policy node /usr/bin/nc Block >node.yaml
run 0 apply -n node.yaml
has out "selects this node ($(uname -n))"
sed 's/"\*"/elsewhere/' node.yaml >other.yaml
run 0 apply -n other.yaml
has out 'does not select this node'

# ---- the lock-out check ----

locked()
{
	run 5 apply -n "$1"
	empty out
	has err 'could lock you out'
	has err "$2"
	has err '--force'
	run 0 apply -n --force "$1"
	has err 'could lock you out'
	has out 'created'
}

host_policy sh /bin/sh Block >host-sh.yaml
locked host-sh.yaml 'KubeArmorHostPolicy/sh spec.process.matchPaths[0]'
host_policy self "$(readlink -f "$KARMOR_C")" Block >host-self.yaml
locked host-self.yaml 'karmor-c'
# only where it is selected, and only where it denies
sed 's/"\*"/elsewhere/' host-sh.yaml >host-other.yaml
run 0 apply -n host-other.yaml
hasnt err 'lock you out'
run 0 apply -n --audit host-sh.yaml
hasnt err 'lock you out'
host_policy sh /bin/sh Audit >host-audit.yaml
run 0 apply -n host-audit.yaml
hasnt err 'lock you out'
# an allow-list audits on hosts unless it is told to block; then what it leaves out is named
host_policy only /usr/bin/true Allow >host-list.yaml
run 0 apply -n host-list.yaml
hasnt err 'lock you out'
has out 'posture audit, from the default for the node'
sed 's/^  name: only/&\n  annotations: {karmor-c\/posture: block}/' host-list.yaml >host-block.yaml
locked host-block.yaml 'no rule of the process allow-list covers it, made by KubeArmorHostPolicy/only'
# libraries: a directory that holds libc
libc=$(ldd "$KARMOR_C" 2>/dev/null | awk '$1 ~ /^libc\./ {print $3}')
if [ -n "$libc" ]; then
	cat >host-libc.yaml <<-END
		apiVersion: security.kubearmor.com/v1
		kind: KubeArmorHostPolicy
		metadata:
		  name: libs
		spec:
		  nodeSelector:
		    matchLabels:
		      kubernetes.io/hostname: "*"
		  file:
		    matchDirectories:
		      - dir: $(dirname "$(readlink -f "$libc")")/
		  action: Block
	END
	locked host-libc.yaml 'KubeArmorHostPolicy/libs spec.file.matchDirectories[0]'
	has err 'libc'
	# changes only: reading stays possible
	sed 's/^ *- dir: .*/&\n        readOnly: true/' host-libc.yaml >host-ro.yaml
	run 0 apply -n host-ro.yaml
	hasnt err 'lock you out'
fi
# by its source: whoever the shell may not be started by
host_policy from /bin/sh Block >host-from.yaml
sed -i 's|^      - path: /bin/sh|&\n        fromSource:\n          - path: /usr/bin/unrelated|' host-from.yaml
run 0 apply -n host-from.yaml
hasnt err 'lock you out'
# ... unless the source is one of those that start a session
for p in /proc/1/exe /sbin/init /bin/login /usr/sbin/sshd /usr/bin/sudo; do
	source=$(readlink -e $p) || continue
	sed "s|/usr/bin/unrelated|$source|" host-from.yaml >host-init.yaml
	locked host-init.yaml "by $source: KubeArmorHostPolicy/from spec.process.matchPaths[0].fromSource[0]"
	break
done

# nothing was made by all that
[ ! -e /sys/fs/bpf/karmor-c ] || fail 'a dry run pinned something'
[ ! -e /var/lib/karmor-c ] || fail 'a dry run wrote something'

# nothing is in force: everything that needs something says so, exit 1 (125 for run)
if [ "$(stat -f -c %T /sys/fs/bpf 2>/dev/null)" = bpf_fs ]; then
	for c in get 'get web' status logs 'delete web' 'mode audit'; do
		run 1 $c
		cat out >>err
		has err 'nothing is in force'
	done
	run 125 run -- true
	has err 'no enforcement is attached'
	run 0 off
fi

finish
