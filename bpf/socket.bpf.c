/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sockets: making one, and each operation that begins an exchange. What a socket is bound or
 * connected to does not matter here, only what kind it is.
 *
 *   socket_create, _bind, _listen, _connect, _accept
 *   socket_sendmsg   to an address: that is connecting, TCP's fast open included
 */
#include "socket.h"
#include "flat.bpf.h"

static __always_inline void ka_about_socket(struct ka_case *c, __u32 family, __u32 type,
					    __u32 protocol)
{
	c->socket.family = family;
	c->socket.type = type;
	c->socket.protocol = protocol;
	c->socket.address_len = 0;
}

static __always_inline void ka_about_address(struct ka_case *c, const void *address, __u32 len)
{
	if (len > KA_EVENT_ADDRESS)
		len = KA_EVENT_ADDRESS;
	if (!address || !len || bpf_probe_read_kernel(c->socket.address, len, address) < 0)
		return;
	c->socket.address_len = len;
}

/* 1: deny. */
static __always_inline int ka_socket(struct socket *sock, __u32 op, const void *address, __u32 len)
{
	struct sock *sk = sock->sk;
	struct ka_bench b = {};
	__u32 family = 0, type = 0, protocol = 0, index;
	int gate;

	if (ka_is_free())
		return 0;
	if (sk) { /* else a socket of no kind, which only 'all' and the posture cover */
		family = sk->__sk_common.skc_family;
		type = sk->sk_type;
		protocol = sk->sk_protocol;
	}
	index = ka_socket_index(family, type, protocol);
	if (index == KA_SOCKET_EXEMPT)
		return 0;
	gate = ka_gate(&b);
	if (gate >= 0)
		return gate;
	ka_about_socket(&b.sub->c, family, type, protocol);
	ka_about_address(&b.sub->c, address, len);
	return ka_judge_flat(&b, KA_CAT_NETWORK, op, index, 0);
}

SEC("lsm/socket_create")
int BPF_PROG(socket_create, int family, int type, int protocol, int kern)
{
	__u32 index = ka_socket_index(family, type, protocol);
	struct ka_bench b = {};
	int gate;

	if (kern || index == KA_SOCKET_EXEMPT || ka_is_free())
		return 0;
	gate = ka_gate(&b);
	if (gate >= 0)
		return ka_errno(gate);
	ka_about_socket(&b.sub->c, family, type, protocol);
	return ka_errno(ka_judge_flat(&b, KA_CAT_NETWORK, KA_OP_SOCKET, index, 0));
}

SEC("lsm/socket_bind")
int BPF_PROG(socket_bind, struct socket *sock, struct sockaddr *address, int len)
{
	return ka_errno(ka_socket(sock, KA_OP_BIND, address, len));
}

SEC("lsm/socket_listen")
int BPF_PROG(socket_listen, struct socket *sock, int backlog)
{
	return ka_errno(ka_socket(sock, KA_OP_LISTEN, NULL, 0));
}

SEC("lsm/socket_connect")
int BPF_PROG(socket_connect, struct socket *sock, struct sockaddr *address, int len)
{
	return ka_errno(ka_socket(sock, KA_OP_CONNECT, address, len));
}

SEC("lsm/socket_accept")
int BPF_PROG(socket_accept, struct socket *sock, struct socket *newsock)
{
	return ka_errno(ka_socket(sock, KA_OP_ACCEPT, NULL, 0));
}

SEC("lsm/socket_sendmsg")
int BPF_PROG(socket_sendmsg, struct socket *sock, struct msghdr *msg, int size)
{
	if (!msg->msg_name)
		return 0;
	return ka_errno(ka_socket(sock, KA_OP_SEND, msg->msg_name, msg->msg_namelen));
}
