/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets: FAMILY TYPE PROTOCOL each by name or number. `socket` keeps it for the later steps;
 * `kept-*` works on what was kept. Addresses are of the loopback.
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "try.h"

#define PORT 4242

static int number(const char *word)
{
	static const struct {
		const char *name;
		int n;
	} names[] = {
		{"inet", AF_INET},       {"inet6", AF_INET6},
		{"unix", AF_UNIX},       {"netlink", AF_NETLINK},
		{"packet", AF_PACKET},   {"smc", 43},
		{"vsock", AF_VSOCK},     {"alg", AF_ALG},
		{"stream", SOCK_STREAM}, {"dgram", SOCK_DGRAM},
		{"raw", SOCK_RAW},       {"seqpacket", SOCK_SEQPACKET},
		{"icmp", IPPROTO_ICMP},  {"icmpv6", IPPROTO_ICMPV6},
		{"udplite", 136},        {"mptcp", 262},
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i].name, word))
			return names[i].n;
	return atoi(word);
}

/* socket FAMILY TYPE PROTOCOL */
OP(socket)
{
	int fd = socket(number(argv[1]), number(argv[2]), number(argv[3]));

	if (fd < 0)
		return errno;
	if (dup2(fd, KEPT_FD) < 0)
		return errno;
	close(fd);
	return 0;
}

static int family_of(int fd)
{
	int family = 0;
	socklen_t len = sizeof(family);

	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &len);
	return family;
}

/* The loopback's address of the kept socket's family; "mapped": of IPv4, as IPv6. */
static socklen_t loopback(struct sockaddr_storage *ret, uint16_t port, const char *how)
{
	struct sockaddr_in *v4 = (void *)ret;
	struct sockaddr_in6 *v6 = (void *)ret;

	memset(ret, 0, sizeof(*ret));
	if (family_of(KEPT_FD) == AF_INET6) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		inet_pton(AF_INET6, how && !strcmp(how, "mapped") ? "::ffff:127.0.0.1" : "::1",
			  &v6->sin6_addr);
		return sizeof(*v6);
	}
	v4->sin_family = AF_INET;
	v4->sin_port = htons(port);
	v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return sizeof(*v4);
}

OP(kept_bind)
{
	struct sockaddr_storage a;
	socklen_t len = loopback(&a, 0, argc > 1 ? argv[1] : NULL);

	return err_of(bind(KEPT_FD, (void *)&a, len));
}

OP(kept_listen)
{
	return err_of(listen(KEPT_FD, 1));
}

OP(kept_connect)
{
	struct sockaddr_storage a;
	socklen_t len = loopback(&a, PORT, argc > 1 ? argv[1] : NULL);
	int err = err_of(connect(KEPT_FD, (void *)&a, len));

	return err == ECONNREFUSED ? 0 : err; /* nobody listens: it was tried */
}

/* kept-send [HOW]: a datagram, or fast open, to an address */
OP(kept_send)
{
	struct sockaddr_storage a;
	socklen_t len = loopback(&a, PORT, argc > 1 ? argv[1] : NULL);
	int type = 0;
	socklen_t size = sizeof(type);
	int err;

	getsockopt(KEPT_FD, SOL_SOCKET, SO_TYPE, &type, &size);
	err = err_of(sendto(KEPT_FD, "12345678", 8, type == SOCK_STREAM ? MSG_FASTOPEN : 0,
			    (void *)&a, len));
	return err == ECONNREFUSED || err == EINPROGRESS ? 0 : err;
}

/* kept-accept: somebody is let in (by us: a connection of the kept listener to itself) */
OP(kept_accept)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);
	int err, fd;

	if (getsockname(KEPT_FD, (void *)&a, &len))
		return errno;
	fd = socket(a.ss_family, SOCK_STREAM, 0);
	if (fd >= 0)
		connect(fd, (void *)&a, len);
	err = err_of(accept4(KEPT_FD, NULL, NULL, SOCK_NONBLOCK));
	return err == EAGAIN ? 0 : err;
}

/* lo-up: as a boot would do */
OP(lo_up)
{
	struct ifreq r = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	return fd < 0 ? errno : err_of(ioctl(fd, SIOCSIFFLAGS, &r));
}

OP(socketpair)
{
	int fds[2];

	return err_of(socketpair(number(argv[1]), number(argv[2]), number(argv[3]), fds));
}

const struct op net_ops[] = {
	{"socket", 3, op_socket},
	{"socketpair", 3, op_socketpair},
	{"kept-bind", 0, op_kept_bind},
	{"kept-listen", 0, op_kept_listen},
	{"kept-connect", 0, op_kept_connect},
	{"kept-send", 0, op_kept_send},
	{"kept-accept", 0, op_kept_accept},
	{"lo-up", 0, op_lo_up},
	{NULL, 0, NULL},
};
