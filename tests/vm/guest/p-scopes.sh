# vm: smp=1 timeout=600
# SPDX-License-Identifier: Apache-2.0
# Cluster policies, matchExpressions, container names; scopes, and a Block that may be overridden.
. ./lib.sh
D=/srv/scopes
mkdir -p $D
for f in strict soft soft-too container free; do
	echo content >$D/$f
done
apply ../policies/scopes.yaml

NO_EVENTS=1 table own workload shop app=web ka-try <<-T
	EACCES open-r $D/strict
	ok open-r $D/soft
	EACCES open-r $D/soft-too
	ok open-r $D/free
T
table not-own workload shop app=web,tier=test ka-try <<-T
	EACCES open-r $D/strict
	EACCES open-r $D/soft
	EACCES open-r $D/soft-too
T
table bank workload bank app=db ka-try <<-T
	EACCES open-r $D/strict
	EACCES open-r $D/soft
T
table spared workload spared app=web ka-try <<-T
	ok open-r $D/strict
	ok open-r $D/soft
T
table no-label workload elsewhere app=cache ka-try <<-T
	ok open-r $D/strict
	ok open-r $D/soft
T
table container workload shop kubearmor.io/container.name=back ka-try <<-T
	EACCES open-r $D/container
T
table another workload shop kubearmor.io/container.name=backend ka-try <<-T
	ok open-r $D/container
T
done_testing
