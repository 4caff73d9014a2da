/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects without a path: which sockets a word of a network rule covers, which number a capability
 * has. Numbers are those of the kernel's own headers.
 */
#include <linux/capability.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "model.h"

#ifndef IPPROTO_SMC
#define IPPROTO_SMC 256
#endif

/* ---- sockets ---- */

bool md_socket_is_exempt(const struct md_socket *s)
{
	return s->family == AF_UNIX || s->family == AF_NETLINK;
}

static bool is_internet(const struct md_socket *s)
{
	return s->family == AF_INET || s->family == AF_INET6;
}

static bool is_tcp(const struct md_socket *s)
{
	if (s->family == AF_SMC)
		return true;
	return is_internet(s) && s->type == SOCK_STREAM &&
	       (s->protocol == 0 || s->protocol == IPPROTO_TCP || s->protocol == IPPROTO_MPTCP ||
		s->protocol == IPPROTO_SMC);
}

static bool is_udp(const struct md_socket *s)
{
	return is_internet(s) && s->type == SOCK_DGRAM &&
	       (s->protocol == 0 || s->protocol == IPPROTO_UDP || s->protocol == IPPROTO_UDPLITE);
}

/* Ping sockets, and raw ones that speak nothing else. */
static bool is_ping(const struct md_socket *s, int protocol)
{
	return is_internet(s) && (s->type == SOCK_DGRAM || s->type == SOCK_RAW) &&
	       s->protocol == protocol;
}

static bool is_icmp(const struct md_socket *s)
{
	return is_ping(s, IPPROTO_ICMP);
}

static bool is_icmpv6(const struct md_socket *s)
{
	return is_ping(s, IPPROTO_ICMPV6);
}

static bool is_sctp(const struct md_socket *s)
{
	if (!is_internet(s))
		return false;
	if (s->type == SOCK_SEQPACKET && s->protocol == 0)
		return true; /* there is no other */
	return (s->type == SOCK_STREAM || s->type == SOCK_SEQPACKET) && s->protocol == IPPROTO_SCTP;
}

static bool is_raw(const struct md_socket *s)
{
	return is_internet(s) && s->type == SOCK_RAW;
}

static bool is_stream(const struct md_socket *s)
{
	return s->type == SOCK_STREAM;
}

static bool is_dgram(const struct md_socket *s)
{
	return s->type == SOCK_DGRAM;
}

static bool is_rdm(const struct md_socket *s)
{
	return s->type == SOCK_RDM;
}

static bool is_seqpacket(const struct md_socket *s)
{
	return s->type == SOCK_SEQPACKET;
}

static bool is_dccp(const struct md_socket *s)
{
	return s->type == SOCK_DCCP;
}

/* The old type, which the kernel turns into the family. */
static bool is_packet(const struct md_socket *s)
{
	return s->type == SOCK_PACKET || s->family == AF_PACKET;
}

static bool is_any(const struct md_socket *s)
{
	(void)s;
	return true;
}

static const struct {
	const char *word;
	int rank;
	bool (*covers)(const struct md_socket *s);
} words[] = {
	{"tcp", MD_WORD_PROTOCOL, is_tcp},   {"udp", MD_WORD_PROTOCOL, is_udp},
	{"icmp", MD_WORD_PROTOCOL, is_icmp}, {"icmpv6", MD_WORD_PROTOCOL, is_icmpv6},
	{"sctp", MD_WORD_PROTOCOL, is_sctp}, {"raw", MD_WORD_PROTOCOL, is_raw},
	{"stream", MD_WORD_TYPE, is_stream}, {"dgram", MD_WORD_TYPE, is_dgram},
	{"rdm", MD_WORD_TYPE, is_rdm},       {"seqpacket", MD_WORD_TYPE, is_seqpacket},
	{"dccp", MD_WORD_TYPE, is_dccp},     {"packet", MD_WORD_TYPE, is_packet},
	{"all", MD_WORD_ALL, is_any},
};

#define NWORDS (sizeof(words) / sizeof(words[0]))

const char *md_protocol(unsigned i)
{
	return i < NWORDS ? words[i].word : NULL;
}

int md_socket_rank(const char *word, const struct md_socket *s)
{
	size_t i;

	for (i = 0; i < NWORDS && !md_socket_is_exempt(s); i++)
		if (!strcasecmp(words[i].word, word))
			return words[i].covers(s) ? words[i].rank : 0;
	return 0;
}

/* ---- capabilities ---- */

static const struct {
	unsigned number;
	const char *name;
} capabilities[] = {
	{CAP_CHOWN, "chown"},
	{CAP_DAC_OVERRIDE, "dac_override"},
	{CAP_DAC_READ_SEARCH, "dac_read_search"},
	{CAP_FOWNER, "fowner"},
	{CAP_FSETID, "fsetid"},
	{CAP_KILL, "kill"},
	{CAP_SETGID, "setgid"},
	{CAP_SETUID, "setuid"},
	{CAP_SETPCAP, "setpcap"},
	{CAP_LINUX_IMMUTABLE, "linux_immutable"},
	{CAP_NET_BIND_SERVICE, "net_bind_service"},
	{CAP_NET_BROADCAST, "net_broadcast"},
	{CAP_NET_ADMIN, "net_admin"},
	{CAP_NET_RAW, "net_raw"},
	{CAP_IPC_LOCK, "ipc_lock"},
	{CAP_IPC_OWNER, "ipc_owner"},
	{CAP_SYS_MODULE, "sys_module"},
	{CAP_SYS_RAWIO, "sys_rawio"},
	{CAP_SYS_CHROOT, "sys_chroot"},
	{CAP_SYS_PTRACE, "sys_ptrace"},
	{CAP_SYS_PACCT, "sys_pacct"},
	{CAP_SYS_ADMIN, "sys_admin"},
	{CAP_SYS_BOOT, "sys_boot"},
	{CAP_SYS_NICE, "sys_nice"},
	{CAP_SYS_RESOURCE, "sys_resource"},
	{CAP_SYS_TIME, "sys_time"},
	{CAP_SYS_TTY_CONFIG, "sys_tty_config"},
	{CAP_MKNOD, "mknod"},
	{CAP_LEASE, "lease"},
	{CAP_AUDIT_WRITE, "audit_write"},
	{CAP_AUDIT_CONTROL, "audit_control"},
	{CAP_SETFCAP, "setfcap"},
	{CAP_MAC_OVERRIDE, "mac_override"},
	{CAP_MAC_ADMIN, "mac_admin"},
	{CAP_SYSLOG, "syslog"},
	{CAP_WAKE_ALARM, "wake_alarm"},
	{CAP_BLOCK_SUSPEND, "block_suspend"},
	{CAP_AUDIT_READ, "audit_read"},
	{CAP_PERFMON, "perfmon"},
	{CAP_BPF, "bpf"},
	{CAP_CHECKPOINT_RESTORE, "checkpoint_restore"},
};

#define NCAPABILITIES (sizeof(capabilities) / sizeof(capabilities[0]))

int md_capability(const char *name)
{
	size_t i;

	if (!strncasecmp(name, "cap_", 4))
		name += 4;
	for (i = 0; i < NCAPABILITIES; i++)
		if (!strcasecmp(capabilities[i].name, name))
			return (int)capabilities[i].number;
	return -1;
}

const char *md_capability_name(unsigned number)
{
	size_t i;

	for (i = 0; i < NCAPABILITIES; i++)
		if (capabilities[i].number == number)
			return capabilities[i].name;
	return NULL;
}
