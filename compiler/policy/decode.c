// SPDX-License-Identifier: Apache-2.0
#include "decode.h"

#include "../check/value.h"

/* What a rule gets from the section or from spec where it says nothing itself. */
struct common {
	enum ka_effect action;
	uint8_t severity;
	const char *message, *tags;
};

struct decoder {
	struct ka_ctx *ctx;
	struct ka_policy *policy;
};

static const struct ka_rule_extra no_extra;

static const struct {
	const char *list, *object;
} lists[] = {
	[KA_LIST_PATHS] = {"matchPaths", "path"},
	[KA_LIST_DIRECTORIES] = {"matchDirectories", "dir"},
	[KA_LIST_PATTERNS] = {"matchPatterns", "pattern"},
};

/* ---- what is inherited ---- */

static void take_action(const struct ka_node *n, enum ka_effect *ret)
{
	if (!n || n->type != KA_NODE_STRING)
		return;
	if (!strcmp(n->str, "Allow"))
		*ret = KA_EFFECT_ALLOW;
	else if (!strcmp(n->str, "Audit"))
		*ret = KA_EFFECT_AUDIT;
	else if (!strcmp(n->str, "Block"))
		*ret = KA_EFFECT_BLOCK;
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
	if (message && message->type == KA_NODE_STRING && message->len)
		ret->message = message->str;
	return take_tags(ctx, ka_node_get(map, "tags"), &ret->tags);
}

/* ---- rules ---- */

static int take_from(struct ka_ctx *ctx, const struct ka_node *n, struct ka_rule *rule)
{
	if (!n || n->type != KA_NODE_SEQ || !n->nitems)
		return 0;
	rule->from = ka_calloc(ctx, n->nitems, sizeof(*rule->from));
	if (!rule->from)
		return -ENOMEM;
	for (size_t i = 0; i < n->nitems; i++) {
		const struct ka_node *path = ka_node_get(n->items[i], "path");

		if (!ka_check_path(ctx, path, KA_PATH_SOURCE))
			continue;
		rule->from[rule->nfrom++] =
			(struct ka_from){.path = path->str, .index = (uint32_t)i, .loc = path->loc};
	}
	return 0;
}

/* The object of a rule; false: there is none that can be used. */
static bool take_object(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule)
{
	const struct ka_node *n = ka_node_get(item, lists[rule->list].object);
	bool good = false;

	if (rule->section == KA_CAT_PROCESS && rule->list == KA_LIST_PATHS && !n) {
		n = ka_node_get(item, "execname");
		rule->execname = true;
		good = ka_check_execname(ctx, n);
	} else if (rule->list == KA_LIST_PATTERNS) {
		good = ka_check_pattern(ctx, n);
	} else {
		good = ka_check_path(
			ctx, n, rule->list == KA_LIST_DIRECTORIES ? KA_PATH_DIR : KA_PATH_OBJECT);
	}
	if (!good)
		return false;
	rule->object = n->str;
	rule->loc = n->loc;
	return true;
}

static int decode_rule(struct decoder *d, const struct ka_node *item, const struct common *section,
		       struct ka_rule *rule)
{
	struct common own;
	int r = take_common(d->ctx, item, section, &own);

	if (r < 0)
		return r;
	rule->action = own.action;
	rule->severity = own.severity;
	rule->message = own.message;
	rule->tags = own.tags;
	rule->recursive = ka_node_true(ka_node_get(item, "recursive"));
	rule->readonly = ka_node_true(ka_node_get(item, "readOnly"));
	r = take_from(d->ctx, ka_node_get(item, "fromSource"), rule);
	if (r < 0)
		return r;
	/* Without an object the diagnostic is there; the rule is not. */
	d->policy->nrules += take_object(d->ctx, item, rule);
	return 0;
}

static const struct ka_node *list_of(const struct ka_node *spec, enum ka_section section, int list)
{
	const struct ka_node *n =
		ka_node_get(ka_node_get(spec, ka_section_str(section)), lists[list].list);

	return n && n->type == KA_NODE_SEQ ? n : NULL;
}

static int decode_list(struct decoder *d, const struct ka_node *list, const struct common *common,
		       struct ka_rule blank)
{
	int r = 0;

	for (size_t i = 0; list && i < list->nitems && !r; i++) {
		struct ka_rule *rule = &d->policy->rules[d->policy->nrules];

		*rule = blank;
		rule->extra = &no_extra;
		rule->index = (uint32_t)i;
		r = decode_rule(d, list->items[i], common, rule);
	}
	return r;
}

static int decode_section(struct decoder *d, const struct ka_node *spec, enum ka_section section,
			  const struct common *up)
{
	struct common own;
	int r = take_common(d->ctx, ka_node_get(spec, ka_section_str(section)), up, &own);

	for (int list = KA_LIST_PATHS; list <= KA_LIST_PATTERNS && !r; list++)
		r = decode_list(d, list_of(spec, section, list), &own,
				(struct ka_rule){.section = section, .list = (enum ka_list)list});
	return r;
}

static int decode_rules(struct decoder *d, const struct ka_node *spec)
{
	const struct common unset = {.action = KA_EFFECT_BLOCK, .message = "", .tags = ""};
	struct common own;
	size_t n = 1; /* decode_list fills a rule before it knows whether it counts */
	int r;

	for (int section = 0; section <= KA_SECTION_PROCESS; section++) {
		for (int list = KA_LIST_PATHS; list <= KA_LIST_PATTERNS; list++) {
			const struct ka_node *l = list_of(spec, (enum ka_section)section, list);

			n += l ? l->nitems : 0;
		}
	}
	d->policy->rules = ka_calloc(d->ctx, n, sizeof(*d->policy->rules));
	if (!d->policy->rules)
		return -ENOMEM;
	r = take_common(d->ctx, spec, &unset, &own);
	if (r < 0)
		return r;
	d->policy->severity = own.severity;
	r = decode_section(d, spec, KA_SECTION_PROCESS, &own);
	return r < 0 ? r : decode_section(d, spec, KA_SECTION_FILE, &own);
}

/* ---- whom it governs ---- */

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct ka_label *)a)->key, ((const struct ka_label *)b)->key);
}

static int decode_labels(struct decoder *d, const struct ka_node *labels)
{
	struct ka_policy *p = d->policy;

	if (!labels || labels->type != KA_NODE_MAP || !labels->npairs)
		return 0;
	p->labels = ka_calloc(d->ctx, labels->npairs, sizeof(*p->labels));
	if (!p->labels)
		return -ENOMEM;
	for (size_t i = 0; i < labels->npairs; i++) {
		const struct ka_pair *l = &labels->pairs[i];

		if (ka_check_label_key(d->ctx, l->key) && l->value->type == KA_NODE_STRING)
			p->labels[p->nlabels++] = (struct ka_label){
				.key = l->key->str, .value = l->value->str, .loc = l->key->loc};
	}
	qsort(p->labels, p->nlabels, sizeof(*p->labels), by_key);
	return 0;
}

static bool is_empty(const struct ka_node *n)
{
	return !n || n->type == KA_NODE_NULL || (n->type == KA_NODE_MAP && !n->npairs);
}

static int decode_selector(struct decoder *d, const struct ka_node *spec)
{
	const struct ka_node *selector = ka_node_get(spec, "selector");
	const struct ka_node *labels = ka_node_get(selector, "matchLabels");
	const struct ka_node *more = ka_node_get(selector, "matchExpressions");

	if (!spec)
		return 0;
	if (is_empty(selector) || (is_empty(labels) && is_empty(more)))
		ka_diag(d->ctx, KA_D_NO_SELECTOR, d->policy->loc, d->policy->ns);
	return decode_labels(d, labels);
}

static int decode_node_selector(struct decoder *d, const struct ka_node *spec)
{
	const struct ka_pair *selector = ka_node_pair(spec, "nodeSelector");
	const struct ka_node *labels;
	struct ka_diag *diag;

	if (!selector || selector->value->type != KA_NODE_MAP)
		return 0; /* the schema tells */
	labels = ka_node_get(selector->value, "matchLabels");
	if (labels && labels->type == KA_NODE_MAP && !labels->npairs) {
		diag = ka_diag(d->ctx, KA_D_NO_NODE_SELECTOR, selector->key->loc);
		ka_diag_hint(d->ctx, diag,
			     "for every node: matchLabels: {kubernetes.io/hostname: '*'}");
	}
	return decode_labels(d, labels);
}

/* ---- the policy ---- */

static bool decode_name(struct decoder *d, const struct ka_node *meta)
{
	const struct ka_node *name = ka_node_get(meta, "name");
	const struct ka_node *ns = ka_node_get(meta, "namespace");
	struct ka_policy *p = d->policy;

	if (!ka_check_name(d->ctx, name, "policy name", 253))
		return false;
	p->name = name->str;
	p->loc = name->loc;
	if (p->kind == KA_KIND_HOST) {
		p->ns = "";
		if (ns && ns->type == KA_NODE_STRING)
			ka_diag(d->ctx, KA_D_NAMESPACE_UNUSED, ns->loc, ns->str);
		return true;
	}
	p->ns = "default";
	if (!ns || ns->type == KA_NODE_NULL)
		return true;
	if (!ka_check_name(d->ctx, ns, "namespace", 63))
		return false;
	p->ns = ns->str;
	return true;
}

static bool has_sources(const struct ka_policy *p)
{
	for (size_t i = 0; i < p->nrules; i++) {
		const struct ka_rule *r = &p->rules[i];

		if (r->nfrom)
			return true;
		if (r->section == KA_CAT_PROCESS && r->list == KA_LIST_PATHS && !r->execname &&
		    r->action == KA_EFFECT_ALLOW)
			return true;
	}
	return false;
}

int ka_policy_decode(struct ka_ctx *ctx, const struct ka_node *root, enum ka_kind kind,
		     struct ka_policy **ret)
{
	const struct ka_node *meta = ka_node_get(root, "metadata");
	const struct ka_node *spec = ka_node_get(root, "spec");
	struct decoder d = {.ctx = ctx};
	int r;

	*ret = NULL;
	d.policy = ka_calloc(ctx, 1, sizeof(*d.policy));
	if (!d.policy)
		return -ENOMEM;
	d.policy->kind = kind;
	if (!decode_name(&d, meta))
		return 0;
	ka_annotations_decode(ctx, ka_node_get(meta, "annotations"), d.policy);
	r = kind == KA_KIND_HOST ? decode_node_selector(&d, spec) : decode_selector(&d, spec);
	if (r < 0)
		return r;
	r = decode_rules(&d, spec);
	if (r < 0)
		return r;
	if (kind == KA_KIND_HOST && d.policy->integrity == KA_UNSET && has_sources(d.policy))
		ka_diag_hint(ctx, ka_diag(ctx, KA_D_INTEGRITY_HOST, d.policy->loc),
			     "the annotation karmor-c/source-integrity: \"on\" asks for it");
	*ret = d.policy;
	return ka_policy_text(ctx, d.policy, &d.policy->text);
}
