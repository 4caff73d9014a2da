/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What kind of socket is it? The numbers that index ka_image.sockets, and the words of network
 * rules that each kind comes under. Shared by programs, compiler and explain.
 *
 * Numbers of families, types and protocols: Linux, include/linux/socket.h, include/linux/net.h,
 * include/uapi/linux/in.h.
 */
#pragma once

#include "abi.h"

/* Words of `protocol`, by rank: an Internet protocol, then a type, then all. */
enum ka_net_word {
	KA_NET_TCP,
	KA_NET_UDP,
	KA_NET_ICMP,
	KA_NET_ICMPV6,
	KA_NET_SCTP,
	KA_NET_RAW,
	KA_NET_STREAM,
	KA_NET_DGRAM,
	KA_NET_RDM,
	KA_NET_SEQPACKET,
	KA_NET_DCCP,
	KA_NET_PACKET,
	KA_NET_ALL,
	KA_NET__MAX
};
#define KA_NET_PROTOCOLS 6u /* the first of these are protocols ... */
#define KA_NET_TYPES 12u    /* ... up to here types */

/* Protocol words that cover one kind of socket; a raw ICMP socket comes under two. */
enum ka_net_kind {
	KA_KIND_NONE, /* of no protocol that has a word */
	KA_KIND_TCP,
	KA_KIND_UDP,
	KA_KIND_ICMP,
	KA_KIND_ICMPV6,
	KA_KIND_SCTP,
	KA_KIND_RAW,
	KA_KIND_RAW_ICMP,
	KA_KIND_RAW_ICMPV6,
	KA_NET_KINDS
};

/* Indexes: kind, then type as below, then whether the family is AF_PACKET. */
enum ka_net_type {
	KA_TYPE_OTHER,
	KA_TYPE_STREAM,
	KA_TYPE_DGRAM,
	KA_TYPE_RDM,
	KA_TYPE_SEQPACKET,
	KA_TYPE_DCCP,
	KA_TYPE_PACKET,
	KA_NET_TYPE_SLOTS = 8
};
#define KA_SOCKET_INDEXES (KA_NET_KINDS * KA_NET_TYPE_SLOTS * 2u)
#define KA_SOCKET_EXEMPT 0xffffffffu /* AF_UNIX, AF_NETLINK: no network rule is about them */

#define KA_AF_UNIX 1
#define KA_AF_INET 2
#define KA_AF_INET6 10
#define KA_AF_NETLINK 16
#define KA_AF_PACKET 17
#define KA_AF_SMC 43

static __always_inline __u32 ka_socket_type(__u32 type)
{
	switch (type) {
	case 1:
		return KA_TYPE_STREAM;
	case 2:
		return KA_TYPE_DGRAM;
	case 4:
		return KA_TYPE_RDM;
	case 5:
		return KA_TYPE_SEQPACKET;
	case 6:
		return KA_TYPE_DCCP;
	case 10:
		return KA_TYPE_PACKET;
	default:
		return KA_TYPE_OTHER;
	}
}

/* Of an AF_INET or AF_INET6 socket; protocol 0 is the type's usual one. */
static __always_inline __u32 ka_socket_kind(__u32 type, __u32 protocol)
{
	switch (type) {
	case 1: /* SOCK_STREAM: TCP, MPTCP, SMC over TCP */
		if (protocol == 0 || protocol == 6 || protocol == 262 || protocol == 256)
			return KA_KIND_TCP;
		return protocol == 132 ? KA_KIND_SCTP : KA_KIND_NONE;
	case 2: /* SOCK_DGRAM: UDP, UDP-Lite, ping sockets */
		if (protocol == 0 || protocol == 17 || protocol == 136)
			return KA_KIND_UDP;
		return protocol == 1    ? KA_KIND_ICMP
		       : protocol == 58 ? KA_KIND_ICMPV6
					: KA_KIND_NONE;
	case 3: /* SOCK_RAW */
		return protocol == 1    ? KA_KIND_RAW_ICMP
		       : protocol == 58 ? KA_KIND_RAW_ICMPV6
					: KA_KIND_RAW;
	case 5: /* SOCK_SEQPACKET */
		return protocol == 0 || protocol == 132 ? KA_KIND_SCTP : KA_KIND_NONE;
	default:
		return KA_KIND_NONE;
	}
}

static __always_inline __u32 ka_socket_index(__u32 family, __u32 type, __u32 protocol)
{
	__u32 kind = KA_KIND_NONE;

	if (family == KA_AF_UNIX || family == KA_AF_NETLINK)
		return KA_SOCKET_EXEMPT;
	if (family == KA_AF_INET || family == KA_AF_INET6)
		kind = ka_socket_kind(type, protocol);
	else if (family == KA_AF_SMC)
		kind = KA_KIND_TCP;
	return (kind * KA_NET_TYPE_SLOTS + ka_socket_type(type)) * 2 + (family == KA_AF_PACKET);
}
