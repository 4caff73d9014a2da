# vm: smp=1 timeout=600
# SPDX-License-Identifier: Apache-2.0
# Proof 1: each use case, applied by one command; what must be denied is, what must work works, the
# record names the policy. Then all of it again on cold caches.
. ./lib.sh
S=../samples/use-cases

SA=/run/secrets/kubernetes.io/serviceaccount
mkdir -p $SA/..data /etc/pki/tls /usr/local/share/ca-certificates /var/www
for f in $SA/token $SA/..data/token /etc/ssl/bundle.pem /etc/pki/tls/ca.pem \
	/usr/local/share/ca-certificates/own.crt /var/www/index; do
	echo "content of $f" >"$f"
done
install "$TESTS/ka-try-dynamic" /usr/sbin/apache2
install "$TESTS/ka-try-dynamic" /bin/ping
install "$TESTS/ka-try-dynamic" /usr/bin/apt
install "$TESTS/ka-try-dynamic" /usr/bin/apt-get
printf '/bin/ping nothing\n' >/var/www/ping.sh
printf '#!/bin/sh\n:\n' >/var/www/hashbang
chmod 755 /var/www/hashbang
printf '/bin/sh -c :\n' >/var/www/sh.sh

service_account_token() {
	table service-account workload wordpress-mysql app=wordpress ka-try <<-T
		EACCES open-r $SA/token
		EACCES open-r /var/run/secrets/kubernetes.io/serviceaccount/token
		EACCES open-r $SA/..data/token
		EACCES open-rw $SA/token
		EACCES list $SA
		EACCES creat $SA/new
		EACCES unlink $SA/token
		EACCES rename $SA/token /run/stolen
		EACCES link $SA/token /run/stolen
		ok stat $SA/token
		ok open-r /etc/hostname
		ok exec /usr/bin/id
		exit:1/1 exec /usr/bin/cat $SA/token
	T
	expect 1 "cat says why" workload wordpress-mysql app=wordpress cat $SA/token
	says 'Permission denied' "cat says Permission denied"
	named ksp-wordpress-block-sa "the record names the policy"
	expect 0 "another workload of the namespace may read it" workload wordpress-mysql app=mysql cat $SA/token
	expect 0 "the same labels in another namespace may read it" workload other app=wordpress cat $SA/token
	expect 0 "the node itself may read it" cat $SA/token
}

file_integrity() {
	table file-integrity workload dvwa app=any ka-try <<-T
		ok open-r /usr/bin/id
		ok exec /usr/bin/id
		ok exec /bin/true
		ok list /usr/sbin
		EACCES open-w /usr/bin/id
		EACCES open-rw /bin/id
		EACCES open-append /usr/sbin/ip
		EACCES creat /usr/bin/new
		EACCES creat /bin/new
		EACCES creat /sbin/new
		EACCES unlink /usr/bin/id
		EACCES rename /usr/bin/id /usr/bin/di
		EACCES rename /var/www/index /usr/bin/index
		EACCES link /var/www/index /usr/sbin/index
		EACCES symlink /var/www/index /usr/sbin/index
		EACCES mkdir /usr/bin/newdir
		EACCES mknod /usr/bin/node
		EACCES truncate /usr/bin/id
		EACCES chmod /usr/bin/id
		EACCES chown /usr/bin/id
		ok creat /usr/local/bin/new
		ok unlink /usr/local/bin/new
		ok open-w /var/www/index
	T
	expect 1 "touch says why" workload dvwa - touch /usr/bin/touched
	says 'Permission denied' "touch says Permission denied"
	named fim-for-system-paths "the record names the policy"
}

trust_bundles() {
	table trust-bundles workload dvwa app=any ka-try <<-T
		ok open-r /etc/ssl/bundle.pem
		ok open-r /etc/pki/tls/ca.pem
		ok list /etc/ssl
		EACCES open-w /etc/ssl/bundle.pem
		EACCES open-rw-mmap /etc/ssl/bundle.pem
		EACCES open-trunc /etc/pki/tls/ca.pem
		EACCES creat-or-w /usr/local/share/ca-certificates/evil.crt
		EACCES rename /etc/ssl /etc/ssl.old
		EACCES rename /etc/pki/tls /etc/pki/slt
		EACCES rename /usr/local/share /usr/local/erahs
		EACCES unlink /etc/ssl/bundle.pem
		ok creat /etc/mine
		ok unlink /etc/mine
	T
	named protect-trust-bundles "the record names the policy"
}

# apache2 and ping are dynamic programs: the loader and libc are mapped under the allow-list too
process_whitelisting() {
	table whitelisting workload dvwa app=dvwa-web,tier=frontend /usr/sbin/apache2 <<-T
		ok open-r /var/www/index
		ok open-w /var/www/index
		ok exec /usr/sbin/apache2 nothing
		ok exec /bin/bash -c :
		ok exec /usr/bin/bash -c :
		ok exec /bin/sh -c :
		ok exec /usr/bin/dash -c :
		EACCES exec /bin/ping nothing
		EACCES exec /usr/bin/id
		EACCES exec /bin/busybox true
		EACCES exec /var/www/hashbang
		ok exec /bin/sh /var/www/ping.sh
		exit:126/1 exec /bin/bash /var/www/ping.sh
		exit:126/1 exec /bin/bash /var/www/sh.sh
	T
	is "the record says that no rule allows it" "$(last_records 1 | jq -r .reason)" "the posture: no rule matches"
	named allow-specific-process "the record names the policy whose allow-list it is"
	expect 126 "a program that is not listed does not even start the workload" \
		workload dvwa app=dvwa-web,tier=frontend /usr/bin/id
	expect 0 "another tier is free" workload dvwa app=dvwa-web,tier=backend /usr/bin/id
}

denied_binaries() {
	table denied-binaries workload wordpress-mysql app=wordpress ka-try <<-T
		EACCES exec /usr/bin/apt nothing
		EACCES exec /bin/apt-get nothing
		EACCES execfd /usr/bin/apt nothing
		EACCES exec-thread /usr/bin/apt nothing
		ok open-r /usr/bin/apt
		ok exec /usr/bin/dpkg --version
		exit:127/1 exec /lib64/ld-linux-x86-64.so.2 /usr/bin/apt nothing
	T
	expect 126 "sh says why" workload wordpress-mysql app=wordpress sh -c '/usr/bin/apt nothing'
	says 'Permission denied' "sh says Permission denied"
	named ksp-wordpress-block-process "the record names the policy"
}

CASES="service_account_token file_integrity trust_bundles process_whitelisting denied_binaries"
file_of() { echo "$S/$(echo "$1" | tr _ -).yaml"; }

for case in $CASES; do
	apply "$(file_of $case)"
	nobody_left "$case"
	$case
done
echo "# again, with cold caches"
for case in $CASES; do
	drop_caches
	$case
done
nobody_left "at the end"
done_testing
