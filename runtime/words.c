/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include "../bpf/socket.h"

const char *const ka_net_words[KA_NET__MAX + 1] = {
	[KA_NET_TCP] = "tcp",       [KA_NET_UDP] = "udp",
	[KA_NET_ICMP] = "icmp",     [KA_NET_ICMPV6] = "icmpv6",
	[KA_NET_SCTP] = "sctp",     [KA_NET_RAW] = "raw",
	[KA_NET_STREAM] = "stream", [KA_NET_DGRAM] = "dgram",
	[KA_NET_RDM] = "rdm",       [KA_NET_SEQPACKET] = "seqpacket",
	[KA_NET_DCCP] = "dccp",     [KA_NET_PACKET] = "packet",
	[KA_NET_ALL] = "all",
};

/* By number: linux/capability.h, as of Linux 5.9 and later. */
const char *const ka_capabilities[] = {
	"chown",
	"dac_override",
	"dac_read_search",
	"fowner",
	"fsetid",
	"kill",
	"setgid",
	"setuid",
	"setpcap",
	"linux_immutable",
	"net_bind_service",
	"net_broadcast",
	"net_admin",
	"net_raw",
	"ipc_lock",
	"ipc_owner",
	"sys_module",
	"sys_rawio",
	"sys_chroot",
	"sys_ptrace",
	"sys_pacct",
	"sys_admin",
	"sys_boot",
	"sys_nice",
	"sys_resource",
	"sys_time",
	"sys_tty_config",
	"mknod",
	"lease",
	"audit_write",
	"audit_control",
	"setfcap",
	"mac_override",
	"mac_admin",
	"syslog",
	"wake_alarm",
	"block_suspend",
	"audit_read",
	"perfmon",
	"bpf",
	"checkpoint_restore",
	NULL,
};
_Static_assert(KA_ARRAY_SIZE(ka_capabilities) - 1 <= KA_CAPABILITIES, "an index per capability");

static int find(const char *const *names, const char *name)
{
	for (int i = 0; names[i]; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

int ka_net_word(const char *name)
{
	return find(ka_net_words, name);
}

const char *ka_net_word_str(unsigned int word)
{
	return word < KA_NET__MAX ? ka_net_words[word] : "?";
}

int ka_capability(const char *name)
{
	return find(ka_capabilities, name);
}

const char *ka_capability_str(unsigned int number)
{
	return number < KA_ARRAY_SIZE(ka_capabilities) - 1 ? ka_capabilities[number] : NULL;
}
