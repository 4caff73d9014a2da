// SPDX-License-Identifier: Apache-2.0
/*
 * The rules of a policy: a table of all lists, and what is inherited.
 */
#include "../check/value.h"
#include "decode.h"

/* What a rule gets from the section or from spec where it says nothing itself. */
struct common {
	uint8_t action; /* enum ka_effect */
	uint8_t severity;
	const char *message, *tags;
};

enum manner {
	RULES,   /* every rule may say its own */
	SILENT,  /* rules say nothing, and only audit */
	PRESETS, /* each has its own action, and nothing is inherited */
};

#define WORKLOADS (1u << KA_KIND_POLICY | 1u << KA_KIND_CLUSTER | 1u << KA_KIND_HOST)
#define NODES (1u << KA_KIND_HOST)
#define PACKETS (1u << KA_KIND_NETWORK)

/* In the order of the policy's rules. */
static const struct list {
	uint8_t section, list, kinds, manner, part;
	const char *field; /* of the section; NULL: the section is the list */
	ka_take take;
} lists[] = {
	{KA_SECTION_PROCESS, KA_LIST_PATHS, WORKLOADS, RULES, KA_FEATURE__MAX, "matchPaths",
	 ka_take_program},
	{KA_SECTION_PROCESS, KA_LIST_DIRECTORIES, WORKLOADS, RULES, KA_FEATURE__MAX,
	 "matchDirectories", ka_take_dir},
	{KA_SECTION_PROCESS, KA_LIST_PATTERNS, WORKLOADS, RULES, KA_FEATURE__MAX, "matchPatterns",
	 ka_take_pattern},
	{KA_SECTION_FILE, KA_LIST_PATHS, WORKLOADS, RULES, KA_FEATURE__MAX, "matchPaths",
	 ka_take_path},
	{KA_SECTION_FILE, KA_LIST_DIRECTORIES, WORKLOADS, RULES, KA_FEATURE__MAX,
	 "matchDirectories", ka_take_dir},
	{KA_SECTION_FILE, KA_LIST_PATTERNS, WORKLOADS, RULES, KA_FEATURE__MAX, "matchPatterns",
	 ka_take_pattern},
	{KA_SECTION_NETWORK, KA_LIST_PROTOCOLS, WORKLOADS, RULES, KA_FEATURE_NETWORK,
	 "matchProtocols", ka_take_protocol},
	{KA_SECTION_DNS, KA_LIST_DNS_QUERIES, WORKLOADS, RULES, KA_FEATURE_DNS, "matchDNSQueries",
	 ka_take_domain},
	{KA_SECTION_CAPABILITIES, KA_LIST_CAPABILITIES, WORKLOADS, RULES, KA_FEATURE_CAPABILITIES,
	 "matchCapabilities", ka_take_capability},
	{KA_SECTION_SYSCALLS, KA_LIST_SYSCALLS, WORKLOADS, SILENT, KA_FEATURE_SYSCALLS,
	 "matchSyscalls", ka_take_syscalls},
	{KA_SECTION_SYSCALLS, KA_LIST_SYSCALL_PATHS, WORKLOADS, SILENT, KA_FEATURE_SYSCALLS,
	 "matchPaths", ka_take_syscall_path},
	{KA_SECTION_PRESETS, KA_LIST_NONE, WORKLOADS, PRESETS, KA_FEATURE_PRESETS, NULL,
	 ka_take_preset},
	{KA_SECTION_DEVICE, KA_LIST_DEVICES, NODES, RULES, KA_FEATURE_DEVICE, "matchDevice",
	 ka_take_device},
	{KA_SECTION_INGRESS, KA_LIST_NONE, PACKETS, RULES, KA_FEATURE_PACKETS, NULL,
	 ka_take_packets},
	{KA_SECTION_EGRESS, KA_LIST_NONE, PACKETS, RULES, KA_FEATURE_PACKETS, NULL,
	 ka_take_packets},
};

/* ---- what is inherited ---- */

static bool take_action(const struct ka_node *n, uint8_t *ret)
{
	if (!ka_is_string(n))
		return false;
	if (!strcmp(n->str, "Allow"))
		*ret = KA_EFFECT_ALLOW;
	else if (!strcmp(n->str, "Audit"))
		*ret = KA_EFFECT_AUDIT;
	else if (!strcmp(n->str, "Block"))
		*ret = KA_EFFECT_BLOCK;
	else
		return false; /* the schema has told */
	return true;
}

static int take_tags(struct ka_ctx *ctx, const struct ka_node *n, const char **ret)
{
	size_t len = 0, taken = 0;
	char *out, *to;

	if (!n || n->type != KA_NODE_SEQ || !n->nitems)
		return 0;
	for (size_t i = 0; i < n->nitems; i++)
		if (n->items[i]->type == KA_NODE_STRING)
			len += n->items[i]->len + 1;
	out = to = ka_alloc(ctx, len + 1);
	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < n->nitems; i++) {
		if (n->items[i]->type != KA_NODE_STRING)
			continue;
		if (taken++)
			*to++ = ',';
		to = mempcpy(to, n->items[i]->str, n->items[i]->len);
	}
	*to = '\0';
	if (*out)
		*ret = out;
	return 0;
}

/* Each of the four on its own; an empty one is an unset one. */
static int take_common(struct ka_ctx *ctx, const struct ka_node *map, const struct common *up,
		       struct common *ret)
{
	const struct ka_node *message = ka_node_get(map, "message");
	long long severity;

	*ret = *up;
	take_action(ka_node_get(map, "action"), &ret->action);
	if (ka_node_int(ka_node_get(map, "severity"), &severity) && severity >= 1 && severity <= 10)
		ret->severity = (uint8_t)severity;
	if (ka_is_string(message) && message->len)
		ret->message = message->str;
	return take_tags(ctx, ka_node_get(map, "tags"), &ret->tags);
}

/* ---- conditions ---- */

static int by_path(const void *a, const void *b)
{
	const struct ka_from *x = a, *y = b;
	int r = strcmp(x->path, y->path);

	if (!r)
		r = (int)y->recursive - (int)x->recursive;
	return r ? r : x->index < y->index ? -1 : x->index > y->index;
}

static int by_index(const void *a, const void *b)
{
	const struct ka_from *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

/* A source given again says nothing: the first one stays, in its place. */
static void drop_twice(struct ka_rule *rule)
{
	size_t kept = 0;

	if (rule->nfrom < 2)
		return;
	qsort(rule->from, rule->nfrom, sizeof(*rule->from), by_path);
	for (size_t i = 0; i < rule->nfrom; i++)
		if (!kept || strcmp(rule->from[kept - 1].path, rule->from[i].path) != 0)
			rule->from[kept++] = rule->from[i];
	if (kept != rule->nfrom) {
		rule->nfrom = (uint32_t)kept;
		qsort(rule->from, kept, sizeof(*rule->from), by_index);
		for (size_t i = 0; i < kept; i++)
			rule->from[i].index = (uint32_t)i;
		return;
	}
	qsort(rule->from, kept, sizeof(*rule->from), by_index);
}

/* One source; for system calls it may be a directory. */
static bool take_source(struct ka_ctx *ctx, const struct ka_node *item, bool dirs,
			struct ka_from *ret)
{
	const struct ka_node *path = ka_node_get(item, "path");
	const struct ka_node *dir = NULL, *n;

	if (dirs && (!path || path->type == KA_NODE_NULL))
		dir = ka_node_get(item, "dir");
	n = dir ?: path;

	if (!ka_check_path(ctx, n, dir ? KA_PATH_DIR : KA_PATH_SOURCE))
		return false;
	ret->path = n->str;
	ret->loc = n->loc;
	ret->recursive = dir && ka_node_true(ka_node_get(item, "recursive"));
	return true;
}

static int take_from(struct ka_ctx *ctx, const struct ka_node *n, struct ka_rule *rule)
{
	bool dirs = rule->section == KA_SECTION_SYSCALLS;

	if (!n || n->type != KA_NODE_SEQ || !n->nitems)
		return 0;
	rule->from = ka_calloc(ctx, n->nitems, sizeof(*rule->from));
	if (!rule->from)
		return -ENOMEM;
	for (size_t i = 0; i < n->nitems; i++) {
		struct ka_from *f = &rule->from[rule->nfrom];

		f->index = (uint32_t)i;
		rule->nfrom += take_source(ctx, n->items[i], dirs, f);
	}
	drop_twice(rule);
	return 0;
}

static int take_args(struct ka_ctx *ctx, const struct ka_pair *args, struct ka_policy *p,
		     struct ka_rule *rule)
{
	struct ka_rule_extra *x;

	if (!args || args->value->type != KA_NODE_SEQ)
		return 0;
	x = ka_rule_extra(ctx, rule);
	if (!x)
		return -ENOMEM;
	rule->has_args = true;
	ka_policy_place(ctx, p, KA_FEATURE_ARGS, args->key);
	return ka_take_words(ctx, args->value, NULL, &x->args);
}

/* A condition that this build may not enforce: where it stands is kept. */
static bool take_flag(struct ka_ctx *ctx, const struct ka_node *item, const char *field, bool value,
		      enum ka_feature part, struct ka_policy *p)
{
	const struct ka_pair *f = ka_node_pair(item, field);

	if (!f || f->value->type != KA_NODE_BOOL || ka_node_true(f->value) != value)
		return false;
	ka_policy_place(ctx, p, part, f->key);
	return true;
}

static int take_conditions(struct ka_ctx *ctx, const struct ka_node *item, struct ka_policy *p,
			   struct ka_rule *rule)
{
	rule->recursive = ka_node_true(ka_node_get(item, "recursive"));
	rule->readonly = ka_node_true(ka_node_get(item, "readOnly"));
	rule->owner_only = take_flag(ctx, item, "ownerOnly", true, KA_FEATURE_OWNER_ONLY, p);
	rule->terminal = take_flag(ctx, item, "pts", false, KA_FEATURE_PTS, p);
	return take_args(ctx, ka_node_pair(item, "allowedArgs"), p, rule)
		       ?: take_from(ctx, ka_node_get(item, "fromSource"), rule);
}

/* ---- lists ---- */

/* 1, 0 or -ENOMEM, as ka_take; a rule without an object has its diagnostic, and is none. */
static int decode_rule(struct ka_ctx *ctx, const struct list *l, const struct ka_node *item,
		       const struct common *up, struct ka_policy *p, struct ka_rule *rule)
{
	struct common own = *up;
	int r = l->manner == SILENT ? 0 : take_common(ctx, item, up, &own);
	uint8_t action;

	if (r < 0)
		return r;
	rule->action = own.action;
	rule->severity = own.severity;
	rule->message = own.message;
	rule->tags = own.tags;
	rule->own_action = l->manner != SILENT && take_action(ka_node_get(item, "action"), &action);
	r = take_conditions(ctx, item, p, rule);
	return r < 0 ? r : l->take(ctx, item, rule);
}

static const struct ka_pair *section_of(const struct ka_node *spec, const struct list *l)
{
	return ka_node_pair(spec, ka_section_str(l->section));
}

static const struct ka_node *list_of(const struct ka_node *spec, const struct list *l,
				     enum ka_kind kind)
{
	const struct ka_pair *section = section_of(spec, l);
	const struct ka_node *n;

	if (!section || !(l->kinds & 1u << kind))
		return NULL;
	n = l->field ? ka_node_get(section->value, l->field) : section->value;
	return n && n->type == KA_NODE_SEQ && n->nitems ? n : NULL;
}

/* Where it is said that this is not enforced: at the section, but DNS shares one. */
static const struct ka_node *key_of(const struct ka_node *spec, const struct list *l)
{
	const struct ka_pair *section = section_of(spec, l);

	if (l->section == KA_SECTION_DNS)
		return ka_node_pair(section->value, l->field)->key;
	return section->key;
}

/* What the rules of a list inherit. */
static int common_of(struct ka_ctx *ctx, const struct ka_node *spec, const struct list *l,
		     const struct common *up, struct common *ret)
{
	const struct common unset = {.action = KA_EFFECT_BLOCK, .message = "", .tags = ""};
	int r = 0;

	*ret = l->manner == PRESETS ? unset : *up;
	if (l->field)
		r = take_common(ctx, section_of(spec, l)->value, up, ret);
	if (l->manner == SILENT)
		ret->action = KA_EFFECT_AUDIT;
	return r;
}

static int decode_list(struct ka_ctx *ctx, const struct ka_node *spec, const struct list *l,
		       const struct common *up, struct ka_policy *p)
{
	const struct ka_node *list = list_of(spec, l, p->kind);
	struct common own;
	int r;

	if (!list)
		return 0;
	if (l->part != KA_FEATURE__MAX)
		ka_policy_place(ctx, p, l->part, key_of(spec, l));
	r = common_of(ctx, spec, l, up, &own);
	for (size_t i = 0; i < list->nitems && r >= 0; i++) {
		struct ka_rule *rule = &p->rules[p->nrules];

		*rule = (struct ka_rule){.section = l->section,
					 .list = l->list,
					 .index = (uint32_t)i,
					 .extra = &ka_rule_no_extra};
		r = decode_rule(ctx, l, list->items[i], &own, p, rule);
		p->nrules += r > 0;
	}
	return r < 0 ? r : 0;
}

/* `action: Block` on spec, while system calls are only ever audited. */
static void warn_syscalls(struct ka_ctx *ctx, const struct ka_node *spec, const struct ka_policy *p)
{
	const struct ka_node *action = ka_node_get(spec, "action");
	uint8_t effect;

	if (!take_action(action, &effect) || effect == KA_EFFECT_AUDIT)
		return;
	for (size_t i = 0; i < p->nrules; i++) {
		if (p->rules[i].section != KA_SECTION_SYSCALLS)
			continue;
		ka_diag(ctx, KA_D_SYSCALLS_AUDIT, action->loc, action->str);
		return;
	}
}

int ka_decode_rules(struct ka_ctx *ctx, const struct ka_node *spec, struct ka_policy *p)
{
	const struct common unset = {.action = KA_EFFECT_BLOCK, .message = "", .tags = ""};
	struct common own;
	size_t n = 1; /* decode_list fills a rule before it knows whether it counts */
	int r;

	for (size_t i = 0; i < KA_ARRAY_SIZE(lists); i++) {
		const struct ka_node *list = list_of(spec, &lists[i], p->kind);

		n += list ? list->nitems : 0;
	}
	p->rules = ka_calloc(ctx, n, sizeof(*p->rules));
	if (!p->rules)
		return -ENOMEM;
	r = take_common(ctx, spec, &unset, &own);
	p->severity = own.severity;
	for (size_t i = 0; i < KA_ARRAY_SIZE(lists) && !r; i++)
		r = decode_list(ctx, spec, &lists[i], &own, p);
	if (!r)
		warn_syscalls(ctx, spec, p);
	return r;
}
