// SPDX-License-Identifier: Apache-2.0
/*
 * Settings that are written as annotations, since the language has no fields for them.
 */
#include "../base/suggest.h"
#include "decode.h"

#define PREFIX "karmor-c/"

static bool is(const struct ka_node *n, const char *s)
{
	return n->type == KA_NODE_STRING && !strcmp(n->str, s);
}

/* Reads one of two words into yes or no. */
static enum ka_tristate either(struct ka_ctx *ctx, const struct ka_pair *a, const char *yes,
			       const char *no)
{
	struct ka_diag *d;

	if (is(a->value, yes))
		return KA_YES;
	if (is(a->value, no))
		return KA_NO;
	if (a->value->type == KA_NODE_STRING) { /* else the schema has told */
		d = ka_diag(ctx, KA_D_ANNOTATION_VALUE, a->value->loc, a->value->str, a->key->str);
		ka_diag_hint(ctx, d, "its values are: '%s', '%s'", yes, no);
	}
	return KA_UNSET;
}

static enum ka_posture posture(struct ka_ctx *ctx, const struct ka_pair *a)
{
	switch (either(ctx, a, "block", "audit")) {
	case KA_YES:
		return KA_POSTURE_BLOCK;
	case KA_NO:
		return KA_POSTURE_AUDIT;
	default:
		return KA_POSTURE_UNSET;
	}
}

enum setting {
	POSTURE,
	POSTURE_FILE,
	POSTURE_PROCESS,
	MODE,
	MOUNTS,
	INTEGRITY,
	LATER,
};

static const struct {
	const char *name;
	enum setting setting;
} settings[] = {
	{"posture", POSTURE},
	{"posture-file", POSTURE_FILE},
	{"posture-process", POSTURE_PROCESS},
	{"mode", MODE},
	{"mounts", MOUNTS},
	{"source-integrity", INTEGRITY},
	/* of the language, and not of this build */
	{"posture-network", LATER},
	{"posture-capabilities", LATER},
	{"posture-dns", LATER},
	{"guards", LATER},
	{"overridable", LATER},
};

static void unknown(struct ka_ctx *ctx, const struct ka_node *key)
{
	const char *name = key->str + strlen(PREFIX);
	struct ka_suggest near = ka_suggest_for(name, strlen(name));
	struct ka_diag *d = ka_diag(ctx, KA_D_ANNOTATION_UNKNOWN, key->loc, key->str);

	for (size_t i = 0; i < KA_ARRAY_SIZE(settings); i++)
		ka_suggest_try(&near, settings[i].name);
	if (near.best)
		ka_diag_hint(ctx, d, "did you mean '" PREFIX "%s'?", near.best);
}

static void set(struct ka_ctx *ctx, const struct ka_pair *a, enum setting setting,
		struct ka_policy *p)
{
	switch (setting) {
	case POSTURE: /* posture-file and the like decide whatever the order: see below */
	case POSTURE_FILE:
	case POSTURE_PROCESS:
		break;
	case MODE:
		p->audit_mode = either(ctx, a, "audit", "enforce") == KA_YES;
		break;
	case MOUNTS:
		p->mounts = either(ctx, a, "allow", "deny");
		if (p->mounts == KA_YES && p->kind == KA_KIND_POLICY)
			ka_diag(ctx, KA_D_MOUNTS_ALLOWED, a->key->loc);
		break;
	case INTEGRITY:
		p->integrity = either(ctx, a, "on", "off");
		if (p->integrity == KA_NO && p->kind == KA_KIND_POLICY)
			ka_diag(ctx, KA_D_INTEGRITY_OFF, a->key->loc);
		break;
	case LATER:
		ka_diag(ctx, KA_D_NOT_YET, a->key->loc,
			ka_sprintf(ctx, "annotation '%s'", a->key->str));
		break;
	}
}

static void set_posture(struct ka_ctx *ctx, const struct ka_node *annotations, const char *name,
			enum ka_posture *first, enum ka_posture *second)
{
	const struct ka_pair *a = ka_node_pair(annotations, name);
	enum ka_posture value = a ? posture(ctx, a) : KA_POSTURE_UNSET;

	if (value == KA_POSTURE_UNSET)
		return;
	*first = value;
	if (second)
		*second = value;
}

void ka_annotations_decode(struct ka_ctx *ctx, const struct ka_node *annotations,
			   struct ka_policy *p)
{
	if (!annotations || annotations->type != KA_NODE_MAP)
		return;
	for (size_t i = 0; i < annotations->npairs; i++) {
		const struct ka_pair *a = &annotations->pairs[i];
		size_t s;

		if (strncmp(a->key->str, PREFIX, strlen(PREFIX)))
			continue;
		for (s = 0; s < KA_ARRAY_SIZE(settings); s++)
			if (!strcmp(settings[s].name, a->key->str + strlen(PREFIX)))
				break;
		if (s < KA_ARRAY_SIZE(settings))
			set(ctx, a, settings[s].setting, p);
		else
			unknown(ctx, a->key);
	}
	set_posture(ctx, annotations, PREFIX "posture", &p->posture[KA_CAT_FILE],
		    &p->posture[KA_CAT_PROCESS]);
	set_posture(ctx, annotations, PREFIX "posture-file", &p->posture[KA_CAT_FILE], NULL);
	set_posture(ctx, annotations, PREFIX "posture-process", &p->posture[KA_CAT_PROCESS], NULL);
}

/* ---- Namespace documents ---- */

static const char *const ns_postures[] = {
	"kubearmor-file-posture", /* governs both categories of this build */
	"kubearmor-network-posture",
	"kubearmor-capabilities-posture",
};

static bool is_posture(const char *key)
{
	size_t len = strlen(key);

	return !strncmp(key, "kubearmor-", 10) && len > 8 && !strcmp(key + len - 8, "-posture");
}

static void unknown_posture(struct ka_ctx *ctx, const struct ka_node *key)
{
	struct ka_suggest near = ka_suggest_for(key->str, key->len);
	struct ka_diag *d = ka_diag(ctx, KA_D_ANNOTATION_UNKNOWN, key->loc, key->str);

	for (size_t i = 0; i < KA_ARRAY_SIZE(ns_postures); i++)
		ka_suggest_try(&near, ns_postures[i]);
	if (near.best)
		ka_diag_hint(ctx, d, "did you mean '%s'?", near.best);
}

bool ka_ns_annotations_decode(struct ka_ctx *ctx, const struct ka_node *annotations,
			      struct ka_ns_posture *ns)
{
	if (!annotations || annotations->type != KA_NODE_MAP)
		return false;
	for (size_t i = 0; i < annotations->npairs; i++) {
		const struct ka_pair *a = &annotations->pairs[i];

		if (!strcmp(a->key->str, ns_postures[0]))
			ns->posture[KA_CAT_FILE] = ns->posture[KA_CAT_PROCESS] = posture(ctx, a);
		else if (!strcmp(a->key->str, ns_postures[1]) ||
			 !strcmp(a->key->str, ns_postures[2]))
			(void)posture(ctx,
				      a); /* of no effect: no rule can be of its category yet */
		else if (is_posture(a->key->str))
			unknown_posture(ctx, a->key);
	}
	return ns->posture[KA_CAT_FILE] != KA_POSTURE_UNSET;
}
