// SPDX-License-Identifier: Apache-2.0
#include "object.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "../bpf/socket.h"
#include "../runtime/words.h"

#define TEXT 128

static void set(json_t *o, const char *key, const char *value)
{
	json_object_set_new(o, key, json_string(value));
}

/* ---- sockets ---- */

struct number {
	uint32_t n;
	const char *name;
};

static const char *name_of(const struct number *v, size_t n, uint32_t number, char *text)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].n == number)
			return v[i].name;
	snprintf(text, TEXT, "%u", number);
	return text;
}

static const char *family_str(uint32_t n, char *text)
{
	static const struct number names[] = {
		{AF_INET, "inet"},     {AF_INET6, "inet6"},
		{AF_PACKET, "packet"}, {AF_BLUETOOTH, "bluetooth"},
		{AF_VSOCK, "vsock"},   {AF_ALG, "alg"},
		{AF_XDP, "xdp"},       {AF_CAN, "can"},
		{AF_TIPC, "tipc"},     {KA_AF_SMC, "smc"},
	};

	return name_of(names, KA_ARRAY_SIZE(names), n, text);
}

static const char *type_str(uint32_t n, char *text)
{
	static const struct number names[] = {
		{SOCK_STREAM, "stream"}, {SOCK_DGRAM, "dgram"},         {SOCK_RAW, "raw"},
		{SOCK_RDM, "rdm"},       {SOCK_SEQPACKET, "seqpacket"}, {SOCK_DCCP, "dccp"},
		{SOCK_PACKET, "packet"},
	};

	return name_of(names, KA_ARRAY_SIZE(names), n, text);
}

/* The word that a rule about it would be written with. */
static const char *kind_str(const struct ka_event_socket *s, char *text)
{
	static const uint8_t words[KA_NET_KINDS] = {
		[KA_KIND_TCP] = KA_NET_TCP,       [KA_KIND_UDP] = KA_NET_UDP,
		[KA_KIND_ICMP] = KA_NET_ICMP,     [KA_KIND_ICMPV6] = KA_NET_ICMPV6,
		[KA_KIND_SCTP] = KA_NET_SCTP,     [KA_KIND_RAW] = KA_NET_RAW,
		[KA_KIND_RAW_ICMP] = KA_NET_ICMP, [KA_KIND_RAW_ICMPV6] = KA_NET_ICMPV6,
	};
	uint32_t index = ka_socket_index(s->family, s->type, s->protocol);
	uint32_t kind = index == KA_SOCKET_EXEMPT ? KA_KIND_NONE : index / 2 / KA_NET_TYPE_SLOTS;

	return kind ? ka_net_word_str(words[kind]) : type_str(s->type, text);
}

/* The address is what the task gave: its own family may lie. */
static bool address_str(const struct ka_event_socket *s, char *ret, json_t *o)
{
	const struct sockaddr_in *v4 = (const void *)s->address;
	const struct sockaddr_in6 *v6 = (const void *)s->address;
	char ip[INET6_ADDRSTRLEN];
	uint16_t family, port;

	if (s->address_len < sizeof(*v4))
		return false;
	memcpy(&family, s->address, sizeof(family));
	if (family == AF_INET) {
		inet_ntop(AF_INET, &v4->sin_addr, ip, sizeof(ip));
		port = ntohs(v4->sin_port);
		snprintf(ret, TEXT, "%s:%u", ip, port);
	} else if (family == AF_INET6 &&
		   s->address_len >= offsetof(struct sockaddr_in6, sin6_scope_id)) {
		inet_ntop(AF_INET6, &v6->sin6_addr, ip, sizeof(ip));
		port = ntohs(v6->sin6_port);
		snprintf(ret, TEXT, "[%s]:%u", ip, port);
	} else {
		return false;
	}
	set(o, "address", ip);
	json_object_set_new(o, "port", json_integer(port));
	return true;
}

void ka_object_socket(const struct ka_event_socket *s, json_t *o)
{
	char family[TEXT], type[TEXT], kind[TEXT], address[TEXT], whole[3 * TEXT];
	const char *word = kind_str(s, kind);

	set(o, "family", family_str(s->family, family));
	set(o, "type", type_str(s->type, type));
	json_object_set_new(o, "protocol", json_integer(s->protocol));
	if (address_str(s, address, o))
		snprintf(whole, sizeof(whole), "%s %s", word, address);
	else
		snprintf(whole, sizeof(whole), "%s (%s)", word, family_str(s->family, family));
	set(o, "object", whole);
}

/* ---- capabilities ---- */

void ka_object_capability(uint32_t number, json_t *o)
{
	const char *name = ka_capability_str(number);
	char text[TEXT];

	if (!name) {
		snprintf(text, sizeof(text), "capability %u", number);
		name = text;
	}
	set(o, "object", name);
	json_object_set_new(o, "capability", json_integer(number));
}
