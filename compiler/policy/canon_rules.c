// SPDX-License-Identifier: Apache-2.0
/*
 * Rules back to YAML.
 */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "text.h"

/* By enum ka_list: the field of the section, and that of the object. */
static const struct {
	const char *list, *object;
} lists[] = {
	[KA_LIST_PATHS] = {"matchPaths", "path"},
	[KA_LIST_DIRECTORIES] = {"matchDirectories", "dir"},
	[KA_LIST_PATTERNS] = {"matchPatterns", "pattern"},
	[KA_LIST_PROTOCOLS] = {"matchProtocols", "protocol"},
	[KA_LIST_DNS_QUERIES] = {"matchDNSQueries", "domain"},
	[KA_LIST_CAPABILITIES] = {"matchCapabilities", "capability"},
	[KA_LIST_SYSCALLS] = {"matchSyscalls", NULL},
	[KA_LIST_SYSCALL_PATHS] = {"matchPaths", "path"},
	[KA_LIST_DEVICES] = {"matchDevice", "class"},
	[KA_LIST_NONE] = {NULL, "name"},
};

/* An item of a list: its first field gets the dash. */
struct item {
	struct ka_text_out *o;
	unsigned indent;
	bool begun;
};

static unsigned next(struct item *it)
{
	if (it->begun)
		return it->indent + 2;
	it->begun = true;
	ka_put_blanks(it->o, it->indent);
	ka_put(it->o, "- ");
	return 0;
}

static void put_number(struct item *it, const char *key, uint64_t v)
{
	ka_put_blanks(it->o, next(it));
	ka_put(it->o, key);
	ka_put(it->o, ": ");
	ka_put_number(it->o, v);
	ka_put(it->o, "\n");
}

static void put_true(struct item *it, const char *key, bool value)
{
	ka_put_blanks(it->o, next(it));
	ka_put(it->o, key);
	ka_put(it->o, value ? ": true\n" : ": false\n");
}

static void put_head(struct item *it, const char *key)
{
	ka_put_blanks(it->o, next(it));
	ka_put(it->o, key);
	ka_put(it->o, ":\n");
}

/* ---- parts ---- */

static void put_from(struct item *it, const struct ka_rule *r)
{
	if (r->nfrom)
		put_head(it, "fromSource");
	for (uint32_t i = 0; i < r->nfrom; i++) {
		const struct ka_from *f = &r->from[i];
		bool dir = f->path[strlen(f->path) - 1] == '/';
		struct item source = {.o = it->o, .indent = it->indent + 2};

		ka_put_field(it->o, next(&source), dir ? "dir" : "path", f->path);
		if (f->recursive)
			put_true(&source, "recursive", true);
	}
}

static void put_cidrs(struct item *it, const struct ka_rule *r)
{
	const struct ka_rule_extra *x = r->extra;

	if (x->ncidrs)
		put_head(it, r->section == KA_SECTION_INGRESS ? "from" : "to");
	for (size_t i = 0; i < x->ncidrs; i++) {
		const struct ka_cidr *c = &x->cidrs[i];
		char addr[INET6_ADDRSTRLEN] = "", block[INET6_ADDRSTRLEN + 4];
		struct item peer = {.o = it->o, .indent = it->indent + 2};

		inet_ntop(c->family, c->addr, addr, sizeof(addr));
		snprintf(block, sizeof(block), "%s/%u", addr, c->bits);
		put_head(&peer, "ipBlock");
		ka_put_field(it->o, it->indent + 6, "cidr", block);
	}
}

static const char *transport(uint8_t protocol)
{
	return protocol == IPPROTO_TCP ? "TCP" : protocol == IPPROTO_UDP ? "UDP" : "SCTP";
}

static void put_ports(struct item *it, const struct ka_rule_extra *x)
{
	if (x->nports)
		put_head(it, "ports");
	for (size_t i = 0; i < x->nports; i++) {
		const struct ka_port *p = &x->ports[i];
		struct item port = {.o = it->o, .indent = it->indent + 2};
		char number[8];

		snprintf(number, sizeof(number), "%u", p->first);
		ka_put_field(it->o, next(&port), "port", p->name ?: number);
		if (p->last != p->first)
			put_number(&port, "endPort", p->last);
		if (p->protocol)
			ka_put_field(it->o, next(&port), "protocol", transport(p->protocol));
	}
}

/* In the largest units that are exact. */
static void put_quota(struct item *it, const struct ka_rule_extra *x)
{
	static const char *const sizes[] = {"KB", "MB", "GB"};
	char text[32];
	int unit = 0;

	if (x->limit) {
		uint64_t v = x->limit >> 10;

		for (; unit < 2 && !(v & 1023); unit++)
			v >>= 10;
		snprintf(text, sizeof(text), "%llu%s", (unsigned long long)v, sizes[unit]);
		ka_put_field(it->o, next(it), "limit", text);
	}
	if (x->seconds) {
		uint64_t per = x->seconds % 3600 == 0 ? 3600 : x->seconds % 60 == 0 ? 60 : 1;

		snprintf(text, sizeof(text), "%llu%c", (unsigned long long)(x->seconds / per),
			 per == 3600 ? 'h'
			 : per == 60 ? 'm'
				     : 's');
		ka_put_field(it->o, next(it), "duration", text);
	}
}

static void put_device(struct item *it, const struct ka_rule_extra *x)
{
	if (x->subclass >= 0)
		put_number(it, "subClass", (uint64_t)x->subclass);
	if (x->protocol >= 0)
		put_number(it, "protocol", (uint64_t)x->protocol);
	if (x->level)
		put_number(it, "level", x->level);
}

static void put_extra(struct item *it, const struct ka_rule *r)
{
	const struct ka_rule_extra *x = r->extra;

	if (r->has_args)
		ka_put_words(it->o, next(it), "allowedArgs", &x->args);
	if (x->syscalls.n)
		ka_put_words(it->o, next(it), "syscall", &x->syscalls);
	put_cidrs(it, r);
	if (x->ifaces.n)
		ka_put_words(it->o, next(it), "iface", &x->ifaces);
	put_ports(it, x);
	put_quota(it, x);
	if (r->section == KA_SECTION_DEVICE)
		put_device(it, x);
}

/* ---- rules ---- */

static const char *action_str(unsigned action)
{
	return action == KA_EFFECT_ALLOW ? "Allow" : action == KA_EFFECT_AUDIT ? "Audit" : "Block";
}

static void put_reports(struct item *it, const struct ka_rule *r)
{
	if (r->severity)
		put_number(it, "severity", r->severity);
	if (*r->tags)
		ka_put_commas(it->o, next(it), "tags", r->tags);
	if (*r->message)
		ka_put_field(it->o, next(it), "message", r->message);
}

static void put_rule(struct ka_text_out *o, const struct ka_rule *r)
{
	struct item it = {.o = o, .indent = lists[r->list].list ? 4 : 2};

	if (*r->object)
		ka_put_field(o, next(&it), r->execname ? "execname" : lists[r->list].object,
			     r->object);
	if (r->recursive)
		put_true(&it, "recursive", true);
	if (r->readonly)
		put_true(&it, "readOnly", true);
	if (r->owner_only)
		put_true(&it, "ownerOnly", true);
	if (r->terminal)
		put_true(&it, "pts", false);
	put_extra(&it, r);
	put_from(&it, r);
	if (r->section == KA_SECTION_SYSCALLS)
		return; /* which always audit, and report what the section says */
	ka_put_field(o, next(&it), "action", action_str(r->action));
	put_reports(&it, r);
}

static void put_section(struct ka_text_out *o, const struct ka_rule *r)
{
	struct item section = {.o = o, .indent = 2, .begun = true};

	ka_put(o, "  ");
	ka_put(o, ka_section_str(r->section));
	ka_put(o, ":\n");
	if (r->section == KA_SECTION_SYSCALLS)
		put_reports(&section, r);
}

void ka_put_rules(struct ka_text_out *o, const struct ka_policy *p)
{
	for (size_t i = 0; i < p->nrules; i++) {
		const struct ka_rule *r = &p->rules[i], *before = i ? r - 1 : NULL;
		/* DNS stands in the section of the network */
		bool fresh = !before || strcmp(ka_section_str(before->section),
					       ka_section_str(r->section)) != 0;

		if (fresh)
			put_section(o, r);
		if (lists[r->list].list && (fresh || before->list != r->list)) {
			ka_put(o, "    ");
			ka_put(o, lists[r->list].list);
			ka_put(o, ":\n");
		}
		put_rule(o, r);
	}
}
