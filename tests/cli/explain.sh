#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# explain: which rule decides; 0 permitted, 1 denied; the same for files and their bundle.
. "$SOURCE/tests/cli/lib.sh"

cat >shop.yaml <<'END'
apiVersion: security.kubearmor.com/v1
kind: KubeArmorPolicy
metadata:
  name: files
  namespace: shop
spec:
  selector:
    matchLabels:
      app: web
  file:
    matchDirectories:
      - dir: /etc/
        recursive: true
        readOnly: true
        action: Block
    matchPaths:
      - path: /etc/shadow
        action: Block
      - path: /etc/shadow
        fromSource:
          - path: /usr/bin/passwd
        action: Allow
      - path: /etc/hostname
        action: Allow
END
web='--namespace shop --label app=web'
run 0 compile -o shop.bundle shop.yaml

for given in shop.yaml shop.bundle; do
	run 0 explain $given $web --read /etc/hostname
	has out permitted
	run 1 explain $given $web --write /etc/hosts
	has out 'denied by KubeArmorPolicy/shop/files spec.file.matchDirectories[0]'
	run 1 explain $given $web --read /etc/shadow
	has out 'denied by KubeArmorPolicy/shop/files spec.file.matchPaths[0]'
	# a rule with a source beats one without; the loser is shown
	run 0 explain $given $web --source /usr/bin/passwd --read /etc/shadow
	has out 'decides  KubeArmorPolicy/shop/files spec.file.matchPaths[1].fromSource[0]'
	has out 'lost     KubeArmorPolicy/shop/files spec.file.matchPaths[0]'
	# an allow-list: its posture, and where that comes from
	run 1 explain $given $web --read /srv/x
	has out 'posture block, from the default for workloads'
	# another workload is not governed
	run 0 explain $given --namespace other --label app=web --read /etc/shadow
	run 0 explain $given --namespace shop --label app=db --read /etc/shadow
done
# in audit mode nothing is denied
run 0 explain --audit shop.yaml $web --read /etc/shadow
has out 'would'

run 1 explain --format json shop.yaml $web --read /etc/shadow --read /etc/hostname
python3 - <<'END' || fail 'explain --format json'
import json
o = json.load(open("out"))
assert {a["path"] for a in o["answers"]} == {"/etc/shadow", "/etc/hostname"}, o
END

# links of a root are followed
mkdir -p root/usr/bin root/bin
: >root/usr/bin/dash
ln -s ../usr/bin/dash root/bin/sh
policy sh shop /bin/sh Block | sed 's/app: sh/app: web/' >sh.yaml
run 1 explain --root root sh.yaml $web --exec /usr/bin/dash
has out 'denied by KubeArmorPolicy/shop/sh'
run 0 explain sh.yaml $web --exec /usr/bin/dash

# the command line
run 2 explain shop.yaml $web
run 2 explain
run 2 explain shop.yaml $web --read etc/passwd
has err 'etc/passwd'
run 2 explain shop.yaml --label app --read /x
has err app
run 3 explain missing.yaml --read /x

finish
