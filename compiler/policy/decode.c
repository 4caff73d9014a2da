// SPDX-License-Identifier: Apache-2.0
#include "decode.h"

#include "../check/value.h"

#define MAX_NAME 253u
#define MAX_NAMESPACE 63u

void ka_policy_place(struct ka_ctx *ctx, struct ka_policy *p, enum ka_feature part,
		     const struct ka_node *n)
{
	struct ka_loc *places = (struct ka_loc *)p->places;

	if (!places)
		p->places = places = ka_calloc(ctx, KA_FEATURE__MAX, sizeof(*places));
	if (places && !places[part].line)
		places[part] = n->loc;
}

static void decode_namespace(struct ka_ctx *ctx, const struct ka_node *ns, struct ka_policy *p)
{
	p->ns = "";
	if (ka_is_string(ns))
		ka_diag(ctx, KA_D_NAMESPACE_UNUSED, ns->loc, ka_kind_str(p->kind), ns->str);
}

static bool decode_name(struct ka_ctx *ctx, const struct ka_node *meta, struct ka_policy *p)
{
	const struct ka_node *name = ka_node_get(meta, "name");
	const struct ka_node *ns = ka_node_get(meta, "namespace");

	if (!ka_check_name(ctx, name, "policy name", MAX_NAME))
		return false;
	p->name = name->str;
	p->loc = name->loc;
	if (p->kind != KA_KIND_POLICY) {
		decode_namespace(ctx, ns, p);
		return true;
	}
	p->ns = "default";
	if (!ns || ns->type == KA_NODE_NULL)
		return true;
	if (!ka_check_name(ctx, ns, "namespace", MAX_NAMESPACE))
		return false;
	p->ns = ns->str;
	return true;
}

static void decode_settings(struct ka_ctx *ctx, const struct ka_node *spec, struct ka_policy *p)
{
	const struct ka_pair *apparmor = ka_node_pair(spec, "apparmor");
	const char *level = ka_value_level(ctx, ka_node_get(spec, "level"));

	p->apparmor = p->level = p->guards = "";
	if (apparmor && ka_is_string(apparmor->value) && apparmor->value->len) {
		p->apparmor = apparmor->value->str;
		ka_policy_place(ctx, p, KA_FEATURE_APPARMOR, apparmor->key);
	}
	if (level && strcmp(level, "pod") != 0) /* which is what an absent one means */
		p->level = level;
}

static bool has_sources(const struct ka_policy *p)
{
	for (size_t i = 0; i < p->nrules; i++) {
		const struct ka_rule *r = &p->rules[i];

		if (r->section < KA_CAT__MAX && r->nfrom)
			return true;
		if (r->section == KA_SECTION_PROCESS && r->list == KA_LIST_PATHS && !r->execname &&
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
	struct ka_policy *p = ka_calloc(ctx, 1, sizeof(*p));
	int r;

	*ret = NULL;
	if (!p)
		return -ENOMEM;
	p->kind = kind;
	if (!decode_name(ctx, meta, p))
		return 0;
	if (kind != KA_KIND_POLICY && kind != KA_KIND_HOST)
		ka_policy_place(ctx, p, KA_FEATURE_KIND, ka_node_get(root, "kind"));
	decode_settings(ctx, spec, p);
	r = ka_annotations_decode(ctx, ka_node_get(meta, "annotations"), p)
		    ?: ka_decode_select(ctx, spec, p)
		    ?: ka_decode_rules(ctx, spec, p);
	if (r < 0)
		return r;
	if (kind == KA_KIND_HOST && p->integrity == KA_UNSET && has_sources(p))
		ka_diag_hint(ctx, ka_diag(ctx, KA_D_INTEGRITY_HOST, p->loc),
			     "the annotation karmor-c/source-integrity: \"on\" asks for it");
	*ret = p;
	return ctx->failed ?: ka_policy_text(ctx, p, &p->text);
}
