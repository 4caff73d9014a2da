# vm: smp=1 timeout=600
# SPDX-License-Identifier: Apache-2.0
# Sockets and capabilities: who may make, bind, connect, send; which use of a capability is denied.
. ./lib.sh
cp /usr/local/bin/ka-try /usr/local/bin/ka-other
ka-try lo-up
echo '0 2147483647' >/proc/sys/net/ipv4/ping_group_range
O=/usr/local/bin/ka-other
echo content >/srv/none
chmod 0 /srv/none
apply ../policies/network.yaml

table no-udp workload net app=no-udp ka-try <<-T
	EACCES socket inet dgram 0
	EACCES socket inet6 dgram 0
	EACCES socket inet dgram 17
	EACCES socket inet dgram udplite
	EACCES socket inet dgram icmp
	EACCES socket inet6 raw 17
	EACCES socket inet raw icmp
	ok socket inet6 dgram icmpv6
	EACCES socket inet6 raw icmpv6
	ok socket inet stream 0
	ok socket inet stream 0 , kept-bind , kept-listen
	ok socket inet stream 0 , kept-connect
	ok socket inet6 stream 0 , kept-connect
	ok socket packet dgram 0
	ok socket unix dgram 0
	ok socketpair unix dgram 0
	ok socket netlink raw 0
	EACCES fork , socket inet dgram 0
	EACCES unshare-u , socket inet dgram 0
	exit:1/1 exec $O socket inet dgram 0
T
named block-udp "the record names the policy"
is "the record says what was denied" "$(last_records 1 | jq -r .object)" "udp (inet)"

table by-source workload net app=by-source ka-try <<-T
	ok socket inet stream 0 , kept-connect
	ok socket inet dgram 0 , kept-send
	exit:1/1 exec $O socket inet stream 0
	exit:1/1 socket inet stream 0 , exec $O kept-bind
	exit:1/1 socket inet stream 0 , exec $O kept-connect
	exit:1/1 socket inet6 stream 0 , exec $O kept-connect
	exit:1/1 socket inet6 stream 0 , exec $O kept-connect mapped
	exit:1/1 socket inet stream 0 , exec $O kept-send
	exit:1/1 socket inet stream 0 , kept-bind , exec $O kept-listen
	exit:1/2 socket inet stream 0 , kept-bind , kept-listen , exec $O kept-accept
	exit:1/1 socket inet dgram 0 , exec $O kept-bind
	exit:1/1 socket inet dgram 0 , exec $O kept-connect
	exit:1/1 socket inet dgram 0 , exec $O kept-send
	exit:1/1 socket inet6 dgram 0 , exec $O kept-send mapped
	ok exec $O socket unix stream 0
T
is "the record says whereto" "$(records | jq -r 'select(.operation == "send") | .object' | tail -n1)" "udp [::ffff:127.0.0.1]:4242"

table only-tcp workload net app=only-tcp ka-try <<-T
	ok socket inet stream 0 , kept-connect
	ok socket inet6 stream 0 , kept-connect mapped
	EACCES socket inet dgram 0
	EACCES socket inet raw icmp
	EACCES socket packet raw 0
	EACCES socket vsock stream 0
	EACCES socket alg seqpacket 0
	ok socket unix stream 0
	ok socket netlink raw 0
T
table ranks workload net app=ranks ka-try <<-T
	ok socket inet dgram 0
	ok socket inet stream 0
	EACCES socket inet dgram icmp
	ok socket inet6 dgram icmpv6
	ok socket packet dgram 0
	EACCES socket packet raw 0
	EACCES socket inet raw 17
T
table audit workload net app=audit ka-try <<-T
	ok/1 socket inet dgram 0
	ok/2 socket inet dgram 0 , kept-send
	ok/0 socket inet stream 0
T
table other workload net app=other ka-try <<-T
	ok socket inet dgram 0
	ok set-time
T

table no-caps workload net app=no-caps ka-try <<-T
	EPERM/1 set-time
	EACCES/1 bind-low 80
	ok bind-low 8080
	EACCES/2 open-r /srv/none
	EACCES/2 open-uring /srv/none
	EACCES/2 keep-creds , open-uring /srv/none
	EPERM/1 hostname
	ok nice
	exit:1/1 exec $O nice
	ok cap-chroot
	EPERM/1 fork , set-time
T
table no-chroot workload net app=no-chroot ka-try <<-T
	EPERM/1 cap-chroot
	EPERM/1 unshare-user , cap-chroot
	ok set-time
T
is "the record names the capability" "$(records | jq -r 'select(.operation == "use capability") | .object' | sed -n 2p)" "net_bind_service"
table only-caps workload net app=only-caps ka-try <<-T
	ok cap-chroot
	ok nice
	ok unshare-user , cap-chroot
	EPERM/1 set-time
	EPERM/1 setuid 1000
T
done_testing
