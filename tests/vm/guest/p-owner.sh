# vm: smp=1 timeout=600
# SPDX-License-Identifier: Apache-2.0
# ownerOnly and pts: the owner of an object, everybody else, and tasks with a terminal.
. ./lib.sh
D=/srv/own
for d in plain ro; do
	mkdir -p $D/$d/sub
	echo content >$D/$d/mine
	echo content >$D/$d/yours
	chown 1000 $D/$d/mine $D/$d/sub
	chmod 666 $D/$d/mine $D/$d/yours
	chmod 777 $D/$d $D/$d/sub
done
cp /usr/local/bin/ka-try $D/prog
chown 1000 $D/prog
apply ../policies/owner.yaml

table block workload own app=block ka-try <<-T
	EACCES open-r $D/plain/mine
	EACCES open-w $D/plain/mine
	ok open-r $D/plain/yours
	ok open-w $D/plain/yours
	ok user 1000 , open-r $D/plain/mine
	ok user 1000 , open-w $D/plain/mine
	EACCES user 1000 , open-r $D/plain/yours
	EACCES user 1000 , creat $D/plain/new
	ok user 1000 , creat $D/plain/sub/new
	ok user 1000 , chmod $D/plain/mine
	EACCES creat $D/plain/sub/other
	EACCES user 1000 , tmpfile $D/plain
	ok user 1000 , tmpfile $D/plain/sub
	EACCES open-r $D/ro/mine
	EACCES open-w $D/ro/mine
	ok user 1000 , open-r $D/ro/mine
	EACCES user 1000 , open-w $D/ro/mine
	EACCES user 1000 , chmod $D/ro/mine
	EACCES user 1000 , creat $D/ro/sub/new
	EACCES user 1000 , open-r $D/ro/yours
	EACCES exec $D/prog nothing
	ok user 1000 , exec $D/prog nothing
	ok map-exec $D/prog
T
NO_EVENTS=1 table allow workload own app=allow ka-try <<-T
	EACCES open-r $D/plain/mine
	EACCES open-w $D/plain/mine
	ok user 1000 , open-r $D/plain/mine
	ok user 1000 , open-w $D/plain/mine
	EACCES open-r $D/ro/mine
	EACCES open-w $D/ro/mine
	EACCES user 1000 , open-w $D/ro/mine
T
table audit workload own app=audit ka-try <<-T
	ok/1 open-r $D/plain/mine
	ok user 1000 , open-r $D/plain/mine
	ok user 1000 , open-w $D/plain/mine
	ok/1 open-r $D/ro/mine
	ok user 1000 , open-r $D/ro/mine
	ok/1 user 1000 , open-w $D/ro/mine
T
NO_EVENTS=1 table ranks workload own app=ranks ka-try <<-T
	EACCES open-r $D/plain/mine
	EACCES open-r $D/ro/mine
	EACCES open-r $D/ro/sub
T
table terminal workload own app=terminal ka-try <<-T
	ok open-r $D/plain/mine
	EACCES terminal , open-r $D/plain/mine
	EACCES terminal , fork , open-r $D/plain/mine
	ok terminal , fork , setsid , open-r $D/plain/mine
T
done_testing
