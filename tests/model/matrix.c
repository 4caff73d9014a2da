/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every combination of what one rule may say, over nothing, over a wide Block and over a wide
 * Allow; each asked of every operation by every kind of task. What chance might miss is here.
 */
#include <linux/capability.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "diff.h"

#define SOURCE "/opt/source"

/* What a rule may be about, and what a wider one is. */
static const struct {
	enum md_section section;
	enum md_list list;
	const char *object, *wide;
	bool execname;
} objects[] = {
	{MD_FILE, MD_PATHS, "/srv/d/f", "/srv/", false},
	{MD_FILE, MD_DIRS, "/srv/d/", "/srv/", false},
	{MD_FILE, MD_PATTERNS, "/srv/d/*", "/", false},
	{MD_PROCESS, MD_PATHS, "/srv/d/f", "/srv/", false},
	{MD_PROCESS, MD_PATHS, "f", "/srv/", true},
	{MD_PROCESS, MD_DIRS, "/srv/d/", "/srv/", false},
	{MD_PROCESS, MD_PATTERNS, "/srv/d/?", "/", false},
	{MD_NETWORK, MD_PROTOCOLS, "tcp", "stream", false},
	{MD_NETWORK, MD_PROTOCOLS, "DGRAM", "all", false},
	{MD_CAPABILITIES, MD_CAPABILITY_NAMES, "net_raw", "net_raw", false},
};

#define NOBJECTS (sizeof(objects) / sizeof(objects[0]))

/* One cell: a digit of its number each. */
struct cell {
	unsigned object, action, posture, readonly, owner_only, terminal, source;
	unsigned other, kind, audit_mode, overridable;
};

static unsigned digit(unsigned *number, unsigned base)
{
	unsigned d = *number % base;

	*number /= base;
	return d;
}

/* false: no more */
static bool make_cell(unsigned number, struct cell *ret)
{
	*ret = (struct cell){
		.action = digit(&number, 3),
		.posture = digit(&number, 2),
		.readonly = digit(&number, 2),
		.owner_only = digit(&number, 2),
		.terminal = digit(&number, 2),
		.source = digit(&number, 2),
		.other = digit(&number, 3),
		.kind = digit(&number, MD_KINDS),
		.audit_mode = digit(&number, 2),
		.overridable = digit(&number, 2),
	};
	ret->object = number;
	return number < NOBJECTS;
}

/* Whether the language has it, and no other number means the same. */
static bool is_possible(const struct cell *c)
{
	enum md_section section = objects[c->object].section;
	bool pattern = objects[c->object].list == MD_PATTERNS;

	return !(c->readonly && section != MD_FILE) && !(c->owner_only && !md_has_paths(section)) &&
	       !(c->terminal && (section == MD_CAPABILITIES || pattern)) &&
	       !(c->source && pattern) && !(c->posture && c->action != 0 && c->other != 2);
}

/* ---- the set ---- */

struct bench {
	struct md_world w;
	struct md_policy policies[2];
	struct md_rule rules[2];
};

static struct md_policy policy_of(enum md_kind kind, const char *name, struct md_rule *rule)
{
	struct md_policy p = {
		.kind = kind, .ns = kind == MD_POLICY ? "n1" : "", .name = name, .rules = rule};

	p.nrules = 1;
	if (kind == MD_HOST)
		p.labels[p.nlabels++] = (struct md_label){"kubernetes.io/hostname", "*"};
	return p;
}

static void make_set(const struct cell *c, struct bench *b)
{
	static const enum md_action actions[] = {MD_ALLOW, MD_AUDIT, MD_BLOCK};
	static const enum md_action others[] = {MD_UNSET, MD_BLOCK, MD_ALLOW};
	enum md_kind kind = (enum md_kind)c->kind;

	*b = (struct bench){.w.node = {.hostname = "alpha", .os = "linux", .arch = "amd64"}};
	b->rules[0] = (struct md_rule){.section = objects[c->object].section,
				       .list = objects[c->object].list,
				       .object = objects[c->object].object,
				       .execname = objects[c->object].execname,
				       .readonly = c->readonly,
				       .owner_only = c->owner_only,
				       .terminal = c->terminal,
				       .action = actions[c->action],
				       .from = {SOURCE},
				       .nfrom = (int)c->source};
	b->rules[1] = (struct md_rule){.section = b->rules[0].section,
				       .list = b->rules[0].list,
				       .object = objects[c->object].wide,
				       .recursive = true,
				       .action = others[c->other]};
	if (md_has_paths(b->rules[0].section))
		b->rules[1].list = MD_DIRS;
	b->policies[0] = policy_of(kind, "one", &b->rules[0]);
	b->policies[0].posture = c->posture ? MD_POSTURE_AUDIT : MD_POSTURE_BLOCK;
	b->policies[0].audit_mode = c->audit_mode;
	b->policies[0].overridable = c->overridable;
	/* the wide one is of the other scope that a workload has */
	b->policies[1] = policy_of(kind == MD_CLUSTER ? MD_POLICY : kind, "two", &b->rules[1]);
	b->policies[1].posture = b->policies[0].posture;
	b->w.set.policies = b->policies;
	b->w.set.npolicies = c->other ? 2 : 1;
	md_number(&b->w.set);
}

/* ---- the questions ---- */

static const struct md_socket sockets[] = {
	{AF_INET, SOCK_STREAM, 0},    {AF_INET6, SOCK_STREAM, IPPROTO_MPTCP},
	{AF_SMC, SOCK_STREAM, 0},     {AF_INET, SOCK_DGRAM, 0},
	{AF_PACKET, SOCK_DGRAM, 8},   {AF_VSOCK, SOCK_STREAM, 0},
	{AF_INET, SOCK_RAW, 1},       {AF_UNIX, SOCK_STREAM, 0},
	{AF_NETLINK, SOCK_DGRAM, 16},
};

#define OPERATIONS_MAX 16 /* of one section, or objects */

/* The n-th access to what the rule is about (or near it); false: no more. */
static bool make_access(enum md_section section, unsigned n, struct md_access *ret)
{
	static const char *const paths[] = {"/srv/d/f", "/srv/e", "/f"};
	unsigned op;

	*ret = (struct md_access){.section = section, .op = MD_USE, .detail = n};
	switch (section) {
	case MD_NETWORK:
		ret->socket = sockets[n % (sizeof(sockets) / sizeof(sockets[0]))];
		return n < sizeof(sockets) / sizeof(sockets[0]);
	case MD_CAPABILITIES:
		ret->capability = n ? CAP_NET_ADMIN : CAP_NET_RAW;
		return n < 2;
	default:
		ret->path = paths[digit(&n, 3)];
		op = n;
		if (section == MD_PROCESS)
			ret->op = op ? MD_MAP : MD_EXEC;
		else
			ret->op = op == 0   ? MD_READ
				  : op == 1 ? MD_EXEC
				  : op == 2 ? MD_MAP
					    : MD_CHANGE;
		ret->detail = op;
		return op < (section == MD_PROCESS ? 2 : OPERATIONS_MAX);
	}
}

static bool ask_task(struct md_run *run, struct bench *b, const struct md_machine *m, unsigned who)
{
	struct md_subject subject = {.host = b->policies[0].kind == MD_HOST,
				     .ns = "n1",
				     .terminal = digit(&who, 2),
				     .sources = {NULL, digit(&who, 2) ? SOURCE : NULL}};
	struct md_access access;
	struct md_seat seat;
	unsigned n;

	md_machine_seat(m, &b->w.node, &subject, &seat);
	for (n = 0; make_access(b->rules[0].section, n, &access); n++) {
		access.owner = who;
		if (!md_same_answers(run, &b->w, m, &subject, &seat, &access))
			return false;
	}
	return true;
}

static bool ask_cell(struct md_run *run, const struct cell *c)
{
	struct md_machine m;
	struct bench b;
	bool same = true;
	unsigned who;

	make_set(c, &b);
	if (md_machine_make(&m, &b.w.set, NULL, stdout) ||
	    (run->kernel && md_kernel_image(run->kernel, &m))) {
		puts("== a cell of the matrix is refused");
		md_yaml(&b.w.set, NULL, stdout);
		run->differences++;
		return false;
	}
	for (who = 0; who < 8 && same; who++)
		same = ask_task(run, &b, &m, who);
	md_machine_done(&m);
	return same;
}

void md_check_matrix(struct md_run *run)
{
	unsigned long pairs = run->pairs;
	struct cell c;
	unsigned i;

	run->seed = 0;
	for (i = 0; make_cell(i, &c) && run->differences < 5; i++) {
		if (!is_possible(&c))
			continue;
		run->cells++;
		ask_cell(run, &c);
	}
	md_check_scopes(run);
	run->cell_pairs = run->pairs - pairs;
	run->pairs = pairs;
}
