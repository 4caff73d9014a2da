// SPDX-License-Identifier: Apache-2.0
/*
 * A policy back to YAML: only what has a meaning, inheritance resolved, in one order. Reading
 * it gives the same policy, and its text again the same bytes.
 */
#include <assert.h>

#include "decode.h"
#include "text.h"

/* ---- annotations ---- */

static const char *posture_str(enum ka_posture p)
{
	return p == KA_POSTURE_BLOCK ? "block" : "audit";
}

static void put_postures(struct ka_text_out *o, const struct ka_policy *p)
{
	bool same = p->posture[0] != KA_POSTURE_UNSET;

	for (int i = 1; i < KA_SECTION_POSTURES; i++)
		same &= p->posture[i] == p->posture[0];
	if (same) {
		ka_put_field(o, 4, "karmor-c/posture", posture_str(p->posture[0]));
		return;
	}
	for (int i = 0; i < KA_SECTION_POSTURES; i++)
		if (p->posture[i])
			ka_put_field(o, 4, ka_annotation_posture((enum ka_section)i),
				     posture_str(p->posture[i]));
}

static bool has_annotations(const struct ka_policy *p)
{
	for (int i = 0; i < KA_SECTION_POSTURES; i++)
		if (p->posture[i])
			return true;
	return p->audit_mode || p->mounts || p->integrity || p->overridable || *p->guards;
}

static void put_annotations(struct ka_text_out *o, const struct ka_policy *p)
{
	if (!has_annotations(p))
		return;
	ka_put(o, "  annotations:\n");
	if (*p->guards)
		ka_put_field(o, 4, "karmor-c/guards", p->guards);
	if (p->audit_mode)
		ka_put_field(o, 4, "karmor-c/mode", "audit");
	if (p->mounts)
		ka_put_field(o, 4, "karmor-c/mounts", p->mounts == KA_YES ? "allow" : "deny");
	if (p->overridable)
		ka_put_field(o, 4, "karmor-c/overridable", "true");
	put_postures(o, p);
	if (p->integrity)
		ka_put_field(o, 4, "karmor-c/source-integrity",
			     p->integrity == KA_YES ? "on" : "off");
}

/* ---- selectors ---- */

static void put_labels(struct ka_text_out *o, const struct ka_label *labels, size_t n)
{
	if (n)
		ka_put(o, "    matchLabels:\n");
	for (size_t i = 0; i < n; i++) {
		ka_put_blanks(o, 6);
		ka_put_string(o, labels[i].key);
		ka_put(o, ": ");
		ka_put_string(o, labels[i].value);
		ka_put(o, "\n");
	}
}

static void put_expressions(struct ka_text_out *o, const struct ka_policy *p)
{
	if (p->nexpressions)
		ka_put(o, "    matchExpressions:\n");
	for (size_t i = 0; i < p->nexpressions; i++) {
		const struct ka_expression *e = &p->expressions[i];

		ka_put(o, "    - ");
		ka_put_field(o, 0, "key", e->key);
		ka_put_field(o, 6, "operator", e->not_in ? "NotIn" : "In");
		ka_put_words(o, 6, "values", &e->values);
	}
}

static void put_selectors(struct ka_text_out *o, const struct ka_policy *p)
{
	bool nodes = p->kind == KA_KIND_HOST || p->kind == KA_KIND_NETWORK;
	size_t own = nodes ? p->npods : p->nlabels;

	if (nodes && p->nlabels) {
		ka_put(o, "  nodeSelector:\n");
		put_labels(o, p->labels, p->nlabels);
	}
	if (!own && !p->nexpressions)
		return;
	ka_put(o, "  selector:\n");
	put_labels(o, nodes ? p->pods : p->labels, own);
	put_expressions(o, p);
}

/* ---- documents ---- */

static bool has_spec(const struct ka_policy *p)
{
	return p->nlabels || p->npods || p->nexpressions || p->nrules || p->severity ||
	       *p->apparmor || *p->level;
}

static void put_policy(struct ka_text_out *o, const void *policy)
{
	const struct ka_policy *p = policy;

	ka_put(o, "apiVersion: security.kubearmor.com/v1\n");
	ka_put_field(o, 0, "kind", ka_kind_str(p->kind));
	ka_put(o, "metadata:\n");
	ka_put_field(o, 2, "name", p->name);
	if (p->kind == KA_KIND_POLICY)
		ka_put_field(o, 2, "namespace", p->ns);
	put_annotations(o, p);
	if (!has_spec(p)) {
		ka_put(o, "spec: {}\n");
		return;
	}
	ka_put(o, "spec:\n");
	put_selectors(o, p);
	if (p->severity) {
		ka_put(o, "  severity: ");
		ka_put_number(o, p->severity);
		ka_put(o, "\n");
	}
	if (*p->apparmor)
		ka_put_field(o, 2, "apparmor", p->apparmor);
	if (*p->level)
		ka_put_field(o, 2, "level", p->level);
	ka_put_rules(o, p);
}

static void put_ns(struct ka_text_out *o, const void *arg)
{
	const struct ka_ns_posture *ns = arg;
	static const struct {
		const char *name;
		enum ka_section section;
	} postures[] = {
		{"kubearmor-file-posture", KA_SECTION_FILE},
		{"kubearmor-network-posture", KA_SECTION_NETWORK},
		{"kubearmor-capabilities-posture", KA_SECTION_CAPABILITIES},
	};

	ka_put(o, "apiVersion: v1\nkind: Namespace\nmetadata:\n");
	ka_put_field(o, 2, "name", ns->name);
	ka_put(o, "  annotations:\n");
	for (size_t i = 0; i < KA_ARRAY_SIZE(postures); i++)
		if (ns->posture[postures[i].section])
			ka_put_field(o, 4, postures[i].name,
				     posture_str(ns->posture[postures[i].section]));
}

static int write_text(struct ka_ctx *ctx, void (*put)(struct ka_text_out *, const void *),
		      const void *what, const char **ret)
{
	struct ka_text_out count = {}, out = {};

	put(&count, what);
	out.to = ka_alloc(ctx, count.n + 1);
	if (!out.to)
		return -ENOMEM;
	put(&out, what);
	assert(out.n == count.n);
	*ret = out.to;
	return 0;
}

int ka_policy_text(struct ka_ctx *ctx, const struct ka_policy *p, const char **ret)
{
	return write_text(ctx, put_policy, p, ret);
}

int ka_ns_posture_text(struct ka_ctx *ctx, const struct ka_ns_posture *ns, const char **ret)
{
	return write_text(ctx, put_ns, ns, ret);
}
