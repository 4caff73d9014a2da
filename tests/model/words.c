/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random sockets and capabilities, and the words of rules about them in every spelling.
 */
#include <ctype.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "draw.h"

/* ---- words ---- */

static char *in_some_case(struct md_random *r, struct md_pool *pool, const char *word)
{
	char *s = md_dup(pool, word), *c;
	bool upper = md_chance(r, 30), mixed = md_chance(r, 10);

	for (c = s; *c; c++)
		if (mixed ? md_chance(r, 50) : upper)
			*c = (char)toupper(*c);
	return s;
}

char *md_random_protocol(struct md_random *r, struct md_pool *pool)
{
	unsigned n = 0;

	while (md_protocol(n))
		n++;
	/* words that meet each other more often than others */
	if (md_chance(r, 50))
		return in_some_case(r, pool,
				    md_chance(r, 50)   ? "tcp"
				    : md_chance(r, 50) ? "stream"
						       : "all");
	return in_some_case(r, pool, md_protocol(md_below(r, n)));
}

char *md_random_capability(struct md_random *r, struct md_pool *pool)
{
	const char *name = md_capability_name(md_chance(r, 50) ? md_below(r, 5) : md_below(r, 41));
	char buf[64];

	strcpy(buf, md_chance(r, 50) ? "cap_" : "");
	strcat(buf, name);
	return in_some_case(r, pool, buf);
}

/* ---- sockets ---- */

#define MPTCP IPPROTO_MPTCP
#define SMC 256

/* What programs open. */
static const struct md_socket usual[] = {
	{AF_INET, SOCK_STREAM, 0},
	{AF_INET6, SOCK_STREAM, 0},
	{AF_INET, SOCK_STREAM, IPPROTO_TCP},
	{AF_INET6, SOCK_STREAM, MPTCP},
	{AF_INET, SOCK_STREAM, SMC},
	{AF_SMC, SOCK_STREAM, 0},
	{AF_SMC, SOCK_STREAM, 1},
	{AF_INET, SOCK_DGRAM, 0},
	{AF_INET6, SOCK_DGRAM, IPPROTO_UDP},
	{AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE},
	{AF_INET, SOCK_DGRAM, IPPROTO_ICMP},
	{AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6},
	{AF_INET, SOCK_RAW, IPPROTO_ICMP},
	{AF_INET6, SOCK_RAW, IPPROTO_ICMPV6},
	{AF_INET, SOCK_RAW, IPPROTO_RAW},
	{AF_INET6, SOCK_RAW, IPPROTO_UDP},
	{AF_INET, SOCK_STREAM, IPPROTO_SCTP},
	{AF_INET6, SOCK_SEQPACKET, IPPROTO_SCTP},
	{AF_INET, SOCK_SEQPACKET, 0},
	{AF_INET, SOCK_DCCP, IPPROTO_DCCP},
	{AF_PACKET, SOCK_RAW, 0x0300},
	{AF_PACKET, SOCK_DGRAM, 0x0008},
	{AF_PACKET, SOCK_PACKET, 0x0300},
	{AF_VSOCK, SOCK_STREAM, 0},
	{AF_VSOCK, SOCK_SEQPACKET, 0},
	{AF_UNIX, SOCK_STREAM, 0},
	{AF_UNIX, SOCK_DGRAM, 0},
	{AF_NETLINK, SOCK_RAW, 0},
	{AF_NETLINK, SOCK_DGRAM, 16},
	{AF_ALG, SOCK_SEQPACKET, 0},
	{AF_CAN, SOCK_RAW, 1},
	{AF_KEY, SOCK_RAW, 2},
	{AF_XDP, SOCK_RAW, 0},
	{AF_TIPC, SOCK_RDM, 0},
	{AF_BLUETOOTH, SOCK_STREAM, 3},
};

/* What the kernel may be asked for, sense or not: hooks see it before anything refuses it. */
static const int families[] = {AF_UNSPEC, AF_UNIX,  AF_INET, AF_INET6, AF_NETLINK,
			       AF_PACKET, AF_VSOCK, AF_SMC,  AF_CAN,   AF_XDP};
static const int types[] = {0, 1, 2, 3, 4, 5, 6, 7, 10, 15};
static const int protocols[] = {0, 1, 2, 6, 17, 33, 58, 132, 136, 255, 256, 262, -1, 0x7fffffff};

void md_random_socket(struct md_random *r, struct md_socket *ret)
{
	if (md_chance(r, 60))
		*ret = PICK(r, usual);
	else
		*ret = (struct md_socket){PICK(r, families), PICK(r, types), PICK(r, protocols)};
}
