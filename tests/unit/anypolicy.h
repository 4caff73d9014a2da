/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random policies of any kind, in canonical order: what decoding can give, and nothing else.
 */
#pragma once

#include "parse.h"

#include <sys/socket.h>

#include <netinet/in.h>

#include "../../compiler/policy/decode.h"

static uint32_t next(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static uint32_t below(uint32_t *seed, uint32_t n)
{
	return next(seed) % n;
}

/* ---- strings ---- */

static void put_utf8(FILE *out, uint32_t c)
{
	if (c < 0x80)
		fprintf(out, "%c", (int)c);
	else if (c < 0x800)
		fprintf(out, "%c%c", (int)(0xc0 | c >> 6), (int)(0x80 | (c & 63)));
	else if (c < 0x10000)
		fprintf(out, "%c%c%c", (int)(0xe0 | c >> 12), (int)(0x80 | (c >> 6 & 63)),
			(int)(0x80 | (c & 63)));
	else
		fprintf(out, "%c%c%c%c", (int)(0xf0 | c >> 18), (int)(0x80 | (c >> 12 & 63)),
			(int)(0x80 | (c >> 6 & 63)), (int)(0x80 | (c & 63)));
}

/* Any character that an escape in YAML can give, troublesome ones first. */
static uint32_t any_character(uint32_t *seed)
{
	static const uint32_t odd[] = {
		' ',    '"',     '\'', '\\', '#',  ':',    '-',    '\n',   '\t',   '\r',   1,
		0x7f,   0x80,    0x85, 0xa0, 0xff, 0x2028, 0x2029, 0x202e, 0xfeff, 0xfffd, 0xffff,
		0xfffe, 0x1f600, '{',  '*',  '&',  '!',    '%',    '@',    ',',    '~'};
	uint32_t c;

	if (below(seed, 3))
		return 'a' + below(seed, 26);
	if (below(seed, 3))
		return odd[below(seed, KA_ARRAY_SIZE(odd))];
	do
		c = 1 + below(seed, 0x10ffff);
	while (c >= 0xd800 && c < 0xe000);
	return c;
}

static const char *word(struct ka_ctx *ctx, uint32_t *seed, const char *forbidden)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	const char *ret;

	assert_non_null(out);
	for (uint32_t n = 1 + below(seed, 12); n;) {
		uint32_t c = any_character(seed);

		if (c < 0x80 && strchr(forbidden, (int)c))
			continue;
		put_utf8(out, c);
		n--;
	}
	fclose(out);
	ret = ka_strndup(ctx, text, len);
	free(text);
	assert_non_null(ret);
	/* a component of dots alone is none */
	return strspn(ret, ".") == len ? "x" : ret;
}

static const char *any_path(struct ka_ctx *ctx, uint32_t *seed, const char *end,
			    const char *forbidden)
{
	const char *path = "";

	for (uint32_t n = 1 + below(seed, 4); n; n--)
		path = ka_sprintf(ctx, "%s/%s", path, word(ctx, seed, forbidden));
	return ka_sprintf(ctx, "%s%s", path, end);
}

static const char *maybe(struct ka_ctx *ctx, uint32_t *seed, const char *forbidden)
{
	return below(seed, 2) ? word(ctx, seed, forbidden) : "";
}

#define PICK(seed, list) ((list)[below(seed, KA_ARRAY_SIZE(list))])

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct ka_word *)a)->text, ((const struct ka_word *)b)->text);
}

/* Up to n of the words, sorted, each once. */
static struct ka_words any_words(struct ka_ctx *ctx, uint32_t *seed, const char *const *from,
				 size_t nfrom, uint32_t n)
{
	struct ka_words w = {.v = ka_calloc(ctx, nfrom, sizeof(*w.v))};

	for (size_t i = 0; i < nfrom && w.n < n; i++)
		if (below(seed, 2))
			w.v[w.n++].text = from[i];
	qsort(w.v, w.n, sizeof(*w.v), by_text);
	return w;
}

/* ---- rules ---- */

static void any_from(struct ka_ctx *ctx, uint32_t *seed, struct ka_rule *r)
{
	bool none = r->list == KA_LIST_PATTERNS || r->section == KA_SECTION_PRESETS ||
		    r->section >= KA_SECTION_DEVICE;

	r->nfrom = none ? 0 : below(seed, 3);
	r->from = ka_calloc(ctx, r->nfrom, sizeof(*r->from));
	for (size_t i = 0; i < r->nfrom; i++) {
		bool dir = r->section == KA_SECTION_SYSCALLS && below(seed, 2);

		/* the number makes it another one than those before */
		r->from[i].path =
			ka_sprintf(ctx, "/%zu%s", i, any_path(ctx, seed, dir ? "/" : "", "/"));
		r->from[i].index = (uint32_t)i;
		r->from[i].recursive = dir && below(seed, 2);
	}
}

static void any_syscalls(struct ka_ctx *ctx, uint32_t *seed, struct ka_rule_extra *x, bool must)
{
	static const char *const names[] = {"bpf", "kexec_load", "mount", "ptrace", "setns"};

	do
		x->syscalls = any_words(ctx, seed, names, KA_ARRAY_SIZE(names), 3);
	while (must && !x->syscalls.n);
}

static void any_cidrs(struct ka_ctx *ctx, uint32_t *seed, struct ka_rule_extra *x)
{
	x->cidrs = ka_calloc(ctx, 3, sizeof(*x->cidrs));
	for (uint32_t i = 0, n = below(seed, 4); i < n; i++) {
		struct ka_cidr *c = &x->cidrs[x->ncidrs++];

		c->family = i < 2 ? AF_INET : AF_INET6;
		c->bits = i < 2 ? 8 : 48;
		c->addr[0] = (uint8_t)(10 * i + 1 + below(seed, 8));
		if (i == 2)
			c->addr[5] = (uint8_t)below(seed, 256);
	}
}

static void any_ports(struct ka_ctx *ctx, uint32_t *seed, struct ka_rule_extra *x)
{
	static const uint8_t protocols[] = {0, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP};

	x->ports = ka_calloc(ctx, 3, sizeof(*x->ports));
	for (uint32_t i = 0, n = below(seed, 4); i < n; i++) {
		struct ka_port *p = &x->ports[x->nports++];

		p->protocol = PICK(seed, protocols);
		if (!i && below(seed, 2)) {
			p->name = "https";
			continue;
		}
		p->first = (uint16_t)(1 + 100 * i + below(seed, 99));
		p->last = (uint16_t)(p->first + below(seed, 2) * below(seed, 1000));
	}
}

static void any_packets(struct ka_ctx *ctx, uint32_t *seed, struct ka_rule_extra *x)
{
	static const char *const ifaces[] = {"eth0", "lo", "veth1.7"};

	any_cidrs(ctx, seed, x);
	any_ports(ctx, seed, x);
	x->ifaces = any_words(ctx, seed, ifaces, KA_ARRAY_SIZE(ifaces), 3);
	if (below(seed, 2))
		return;
	x->limit = (uint64_t)(1 + below(seed, 3000)) << (10 * (1 + below(seed, 3)));
	x->seconds = 1 + below(seed, 100000);
}

static const char *any_object(struct ka_ctx *ctx, uint32_t *seed, struct ka_rule *r)
{
	static const char *const protocols[] = {"tcp", "udp", "icmpv6", "raw", "seqpacket", "all"};
	static const char *const domains[] = {"example.com", "a_b.x-1.org", "localhost", "no"};
	static const char *const capabilities[] = {"net_raw", "sys_admin", "setfcap", "chown"};
	static const char *const presets[] = {"exec", "filelessExec", "protectEnv"};
	static const char *const classes[] = {"ALL", "HID", "MASS-STORAGE", "77"};

	switch (r->list) {
	case KA_LIST_PATHS:
		r->execname = r->section == KA_SECTION_PROCESS && !below(seed, 3);
		return r->execname ? word(ctx, seed, "/") : any_path(ctx, seed, "", "/");
	case KA_LIST_DIRECTORIES:
		return any_path(ctx, seed, "/", "/");
	case KA_LIST_PATTERNS: /* what opens must close */
		return any_path(ctx, seed, "", "/[]{}\\,");
	case KA_LIST_PROTOCOLS:
		return PICK(seed, protocols);
	case KA_LIST_DNS_QUERIES:
		return PICK(seed, domains);
	case KA_LIST_CAPABILITIES:
		return PICK(seed, capabilities);
	case KA_LIST_SYSCALL_PATHS:
		return any_path(ctx, seed, below(seed, 2) ? "/" : "", "/");
	case KA_LIST_DEVICES:
		return PICK(seed, classes);
	case KA_LIST_NONE:
		return r->section == KA_SECTION_PRESETS ? PICK(seed, presets) : "";
	}
	return "";
}

static void any_extra(struct ka_ctx *ctx, uint32_t *seed, struct ka_rule *r)
{
	static const char *const args[] = {"", "--all", "-l", "a b", "no", "1"};
	struct ka_rule_extra *x = ka_rule_extra(ctx, r);

	assert_non_null(x);
	if (r->list == KA_LIST_PATHS && r->section == KA_SECTION_PROCESS && !below(seed, 4)) {
		r->has_args = true;
		x->args = any_words(ctx, seed, args, KA_ARRAY_SIZE(args), 4);
	}
	if (r->section == KA_SECTION_SYSCALLS)
		any_syscalls(ctx, seed, x, r->list == KA_LIST_SYSCALLS);
	if (r->section == KA_SECTION_INGRESS || r->section == KA_SECTION_EGRESS)
		any_packets(ctx, seed, x);
	if (r->section == KA_SECTION_DEVICE) {
		x->subclass = below(seed, 2) ? -1 : (int)below(seed, 256);
		x->protocol = below(seed, 2) ? -1 : (int)below(seed, 256);
		x->level = below(seed, 8);
	}
}

static struct ka_rule any_rule(struct ka_ctx *ctx, uint32_t *seed, int section, int list)
{
	struct ka_rule r = {
		.section = (uint8_t)section, .list = (uint8_t)list, .extra = &ka_rule_no_extra};
	bool files = section <= KA_SECTION_PROCESS;

	r.action = section == KA_SECTION_SYSCALLS ? KA_EFFECT_AUDIT
						  : (uint8_t)(KA_EFFECT_ALLOW + below(seed, 3));
	r.object = any_object(ctx, seed, &r);
	r.recursive = (list == KA_LIST_DIRECTORIES || list == KA_LIST_SYSCALL_PATHS) &&
		      below(seed, 2);
	r.readonly = section == KA_SECTION_FILE && below(seed, 2);
	r.owner_only = files && !below(seed, 4);
	r.terminal = ((files && list != KA_LIST_PATTERNS) || list == KA_LIST_PROTOCOLS) &&
		     !below(seed, 4);
	any_extra(ctx, seed, &r);
	any_from(ctx, seed, &r);
	return r;
}

#define MOST_RULES 64u

/* What spec has, every rule has, at least by inheritance; but presets have nothing of it. */
static void any_reports(struct ka_ctx *ctx, uint32_t *seed, const struct ka_policy *p,
			const char *message, const char *tags, struct ka_rule *r)
{
	const struct ka_rule *before = p->nrules > 1 ? r - 1 : NULL;

	r->message = r->tags = "";
	if (r->section == KA_SECTION_PRESETS)
		return;
	r->severity = p->severity || below(seed, 2) ? (uint8_t)(1 + below(seed, 10)) : 0;
	r->message = *message ? message : maybe(ctx, seed, "");
	r->tags = *tags ? tags : maybe(ctx, seed, "");
	if (r->section != KA_SECTION_SYSCALLS || !before || before->section != r->section)
		return;
	r->severity = before->severity; /* these have what their section says */
	r->message = before->message;
	r->tags = before->tags;
}

static void any_rules(struct ka_ctx *ctx, uint32_t *seed, struct ka_policy *p)
{
	static const uint8_t lists[][2] = {
		{KA_SECTION_PROCESS, KA_LIST_PATHS},
		{KA_SECTION_PROCESS, KA_LIST_DIRECTORIES},
		{KA_SECTION_PROCESS, KA_LIST_PATTERNS},
		{KA_SECTION_FILE, KA_LIST_PATHS},
		{KA_SECTION_FILE, KA_LIST_DIRECTORIES},
		{KA_SECTION_FILE, KA_LIST_PATTERNS},
		{KA_SECTION_NETWORK, KA_LIST_PROTOCOLS},
		{KA_SECTION_DNS, KA_LIST_DNS_QUERIES},
		{KA_SECTION_CAPABILITIES, KA_LIST_CAPABILITIES},
		{KA_SECTION_SYSCALLS, KA_LIST_SYSCALLS},
		{KA_SECTION_SYSCALLS, KA_LIST_SYSCALL_PATHS},
		{KA_SECTION_PRESETS, KA_LIST_NONE},
		{KA_SECTION_DEVICE, KA_LIST_DEVICES},
		{KA_SECTION_INGRESS, KA_LIST_NONE},
		{KA_SECTION_EGRESS, KA_LIST_NONE},
	};
	const char *message = maybe(ctx, seed, ""), *tags = maybe(ctx, seed, "");

	p->rules = ka_calloc(ctx, MOST_RULES, sizeof(*p->rules));
	for (size_t l = 0; l < KA_ARRAY_SIZE(lists); l++) {
		bool packets = lists[l][0] >= KA_SECTION_INGRESS;

		if (packets != (p->kind == KA_KIND_NETWORK) ||
		    (lists[l][0] == KA_SECTION_DEVICE && p->kind != KA_KIND_HOST))
			continue;
		for (uint32_t i = 0, n = below(seed, 4); i < n; i++) {
			struct ka_rule *r = &p->rules[p->nrules++];

			*r = any_rule(ctx, seed, lists[l][0], lists[l][1]);
			r->index = i;
			any_reports(ctx, seed, p, message, tags, r);
		}
	}
}

/* ---- selectors ---- */

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct ka_label *)a)->key, ((const struct ka_label *)b)->key);
}

static size_t any_labels(struct ka_ctx *ctx, uint32_t *seed, size_t least, struct ka_label **ret)
{
	size_t n = least + below(seed, 3);

	*ret = ka_calloc(ctx, n, sizeof(**ret));
	for (size_t i = 0; i < n; i++) {
		(*ret)[i].key = ka_sprintf(ctx, "%s%zu", i % 2 ? "k8s.io/on" : "0.", i);
		(*ret)[i].value = below(seed, 2) ? word(ctx, seed, "") : "off";
	}
	qsort(*ret, n, sizeof(**ret), by_key);
	return n;
}

/* At most one of each key and operator, in their order. */
static void any_expressions(struct ka_ctx *ctx, uint32_t *seed, struct ka_policy *p)
{
	static const char *const labels[] = {"a.b/c=", "app=nginx", "yes=no", "x= y\t"};
	static const char *const spaces[] = {"*", "default", "no", "x-y"};

	p->expressions = ka_calloc(ctx, 4, sizeof(*p->expressions));
	for (int i = 0; i < (p->kind == KA_KIND_CLUSTER ? 4 : 2); i++) {
		struct ka_expression *e = &p->expressions[p->nexpressions];

		e->key = i < 2 ? "label" : "namespace";
		e->not_in = i % 2;
		e->values = any_words(ctx, seed, i < 2 ? labels : spaces, 4, below(seed, 4));
		p->nexpressions += e->values.n != 0;
	}
}

static void any_selectors(struct ka_ctx *ctx, uint32_t *seed, struct ka_policy *p)
{
	bool nodes = p->kind == KA_KIND_HOST || p->kind == KA_KIND_NETWORK;

	if (p->kind != KA_KIND_CLUSTER)
		p->nlabels = any_labels(ctx, seed, nodes, &p->labels);
	if (p->kind == KA_KIND_POLICY || p->kind == KA_KIND_CLUSTER)
		any_expressions(ctx, seed, p);
}

/* ---- policies ---- */

static struct ka_policy *any_policy(struct ka_ctx *ctx, uint32_t *seed, uint32_t number)
{
	static const char *const guards[] = {"", "-ptrace", "-bpf,-mem,-ptrace"};
	struct ka_policy *p = ka_calloc(ctx, 1, sizeof(*p));

	assert_non_null(p);
	p->kind = (enum ka_kind)below(seed, KA_KIND__MAX);
	p->ns = p->kind != KA_KIND_POLICY ? "" : below(seed, 2) ? "true" : "0x1f";
	p->name = ka_sprintf(ctx, "%u", number);
	p->severity = below(seed, 2) ? (uint8_t)(1 + below(seed, 10)) : 0;
	for (int i = 0; i < KA_SECTION_POSTURES; i++)
		p->posture[i] = (enum ka_posture)below(seed, 3);
	for (int i = 1; i < KA_SECTION_POSTURES && number % 2; i++)
		p->posture[i] = p->posture[0];
	p->audit_mode = below(seed, 2);
	p->mounts = (enum ka_tristate)below(seed, 3);
	p->integrity = (enum ka_tristate)below(seed, 3);
	p->overridable = below(seed, 2);
	p->guards = PICK(seed, guards);
	p->apparmor = p->kind == KA_KIND_NETWORK ? "" : maybe(ctx, seed, "");
	p->level = p->kind == KA_KIND_NETWORK && below(seed, 2) ? "policy" : "";
	any_selectors(ctx, seed, p);
	any_rules(ctx, seed, p);
	assert_int_equal(ka_policy_text(ctx, p, &p->text), 0);
	return p;
}
