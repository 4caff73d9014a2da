// SPDX-License-Identifier: Apache-2.0
/*
 * Settings that are written as annotations, since the language has no fields for them.
 */
#include "../base/suggest.h"
#include "../check/value.h"
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
	if (a->value->type == KA_NODE_STRING && !ka_value_told(ctx, a->value)) {
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
	POSTURE, /* of every section that has one, or of one: see below */
	MODE,
	MOUNTS,
	INTEGRITY,
	OVERRIDABLE,
	GUARDS,
};

static const struct {
	const char *name;
	enum setting setting;
} settings[] = {
	{"posture", POSTURE},
	{"posture-file", POSTURE},
	{"posture-process", POSTURE},
	{"posture-network", POSTURE},
	{"posture-capabilities", POSTURE},
	{"posture-dns", POSTURE},
	{"mode", MODE},
	{"mounts", MOUNTS},
	{"source-integrity", INTEGRITY},
	{"overridable", OVERRIDABLE},
	{"guards", GUARDS},
};

static const char *const postures[KA_SECTION_POSTURES] = {
	[KA_SECTION_FILE] = PREFIX "posture-file",
	[KA_SECTION_PROCESS] = PREFIX "posture-process",
	[KA_SECTION_NETWORK] = PREFIX "posture-network",
	[KA_SECTION_CAPABILITIES] = PREFIX "posture-capabilities",
	[KA_SECTION_DNS] = PREFIX "posture-dns",
};

const char *ka_annotation_posture(enum ka_section section)
{
	return postures[section];
}

static void unknown(struct ka_ctx *ctx, const struct ka_node *key)
{
	const char *name = key->str + strlen(PREFIX);
	struct ka_suggest near = ka_suggest_for(name, strlen(name));
	struct ka_diag *d;

	if (ka_value_told(ctx, key))
		return;
	d = ka_diag(ctx, KA_D_ANNOTATION_UNKNOWN, key->loc, key->str);
	for (size_t i = 0; i < KA_ARRAY_SIZE(settings); i++)
		ka_suggest_try(&near, settings[i].name);
	if (near.best)
		ka_diag_hint(ctx, d, "did you mean '" PREFIX "%s'?", near.best);
}

/* ---- guards ---- */

/* Sorted: the canonical list is in this order. */
static const char *const guards[] = {"bpf", "devices", "helpers", "kexec",
				     "mem", "modules", "ptrace"};

static bool add_guard(struct ka_ctx *ctx, const struct ka_pair *a, const char *s, size_t len,
		      bool lifted[])
{
	struct ka_suggest near = ka_suggest_for(s + 1, len ? len - 1 : 0);
	struct ka_diag *d;

	for (size_t i = 0; len > 1 && *s == '-' && i < KA_ARRAY_SIZE(guards); i++) {
		if (strlen(guards[i]) == len - 1 && !memcmp(guards[i], s + 1, len - 1)) {
			lifted[i] = true;
			return true;
		}
		ka_suggest_try(&near, guards[i]);
	}
	if (ka_value_told(ctx, a->value))
		return false;
	d = ka_diag(ctx, KA_D_ANNOTATION_VALUE, a->value->loc, a->value->str, a->key->str);
	if (near.best)
		ka_diag_hint(ctx, d, "did you mean '-%s'?", near.best);
	else
		ka_diag_hint(ctx, d,
			     "a list of guards to lift, each with '-' before it: bpf, "
			     "devices, helpers, kexec, mem, modules, ptrace");
	return false;
}

/* "-ptrace, -bpf" */
static int take_guards(struct ka_ctx *ctx, const struct ka_pair *a, struct ka_policy *p)
{
	bool lifted[KA_ARRAY_SIZE(guards)] = {};
	const char *s = a->value->str;

	if (a->value->type != KA_NODE_STRING)
		return 0;
	for (;; s++) {
		size_t len = strcspn(s, ","), part = len;
		const char *from = s;

		for (; part && *from == ' '; part--)
			from++;
		while (part && from[part - 1] == ' ')
			part--;
		if (!add_guard(ctx, a, from, part, lifted))
			return 0;
		s += len;
		if (!*s)
			break;
	}
	for (size_t i = 0; i < KA_ARRAY_SIZE(guards) && p->guards; i++)
		if (lifted[i])
			p->guards = ka_sprintf(ctx, "%s%s-%s", p->guards, *p->guards ? "," : "",
					       guards[i]);
	ka_policy_place(ctx, p, KA_FEATURE_GUARDS, a->key);
	return p->guards ? 0 : -ENOMEM;
}

/* ---- one annotation ---- */

static int set(struct ka_ctx *ctx, const struct ka_pair *a, enum setting setting,
	       struct ka_policy *p)
{
	switch (setting) {
	case POSTURE:
		break;
	case MODE:
		p->audit_mode = either(ctx, a, "audit", "enforce") == KA_YES;
		break;
	case MOUNTS:
		p->mounts = either(ctx, a, "allow", "deny");
		if (p->mounts == KA_YES && p->kind != KA_KIND_HOST)
			ka_diag(ctx, KA_D_MOUNTS_ALLOWED, a->key->loc);
		break;
	case INTEGRITY:
		p->integrity = either(ctx, a, "on", "off");
		if (p->integrity == KA_NO && p->kind != KA_KIND_HOST)
			ka_diag(ctx, KA_D_INTEGRITY_OFF, a->key->loc);
		break;
	case OVERRIDABLE:
		p->overridable = either(ctx, a, "true", "false") == KA_YES;
		if (p->overridable)
			ka_policy_place(ctx, p, KA_FEATURE_OVERRIDABLE, a->key);
		break;
	case GUARDS:
		return take_guards(ctx, a, p);
	}
	return 0;
}

/* That of one section decides, wherever it stands. */
static void set_postures(struct ka_ctx *ctx, const struct ka_node *annotations, struct ka_policy *p)
{
	const struct ka_pair *all = ka_node_pair(annotations, PREFIX "posture");
	enum ka_posture every = all ? posture(ctx, all) : KA_POSTURE_UNSET;

	for (int i = 0; i < KA_SECTION_POSTURES; i++) {
		const struct ka_pair *a = ka_node_pair(annotations, postures[i]);
		enum ka_posture own = a ? posture(ctx, a) : KA_POSTURE_UNSET;

		p->posture[i] = own != KA_POSTURE_UNSET ? own : every;
	}
}

/* A setting of ours behind something like our prefix. */
static void check_prefix(struct ka_ctx *ctx, const struct ka_node *key)
{
	const size_t ours = strlen(PREFIX) - 1;
	const char *slash = strchr(key->str, '/');
	struct ka_diag *d;

	if (!slash || ka_edits(key->str, (size_t)(slash - key->str), PREFIX, ours, 2) > 2)
		return;
	for (size_t s = 0; s < KA_ARRAY_SIZE(settings); s++) {
		if (strcmp(settings[s].name, slash + 1) != 0)
			continue;
		d = ka_diag(ctx, KA_D_ANNOTATION_PREFIX, key->loc, key->str);
		ka_diag_hint(ctx, d, "did you mean '" PREFIX "%s'?", settings[s].name);
	}
}

int ka_annotations_decode(struct ka_ctx *ctx, const struct ka_node *annotations,
			  struct ka_policy *p)
{
	int r = 0;

	if (!annotations || annotations->type != KA_NODE_MAP)
		return 0;
	for (size_t i = 0; i < annotations->npairs && !r; i++) {
		const struct ka_pair *a = &annotations->pairs[i];
		size_t s;

		if (strncmp(a->key->str, PREFIX, strlen(PREFIX)) != 0) {
			check_prefix(ctx, a->key);
			continue;
		}
		for (s = 0; s < KA_ARRAY_SIZE(settings); s++)
			if (!strcmp(settings[s].name, a->key->str + strlen(PREFIX)))
				break;
		if (s < KA_ARRAY_SIZE(settings))
			r = set(ctx, a, settings[s].setting, p);
		else
			unknown(ctx, a->key);
	}
	set_postures(ctx, annotations, p);
	return r;
}

/* ---- Namespace documents ---- */

static const struct {
	const char *name;
	uint8_t sections[2];
} ns_postures[] = {
	{"kubearmor-file-posture", {KA_SECTION_FILE, KA_SECTION_PROCESS}},
	{"kubearmor-network-posture", {KA_SECTION_NETWORK, KA_SECTION_DNS}},
	{"kubearmor-capabilities-posture", {KA_SECTION_CAPABILITIES, KA_SECTION_CAPABILITIES}},
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
		ka_suggest_try(&near, ns_postures[i].name);
	if (near.best)
		ka_diag_hint(ctx, d, "did you mean '%s'?", near.best);
}

static bool set_ns_posture(struct ka_ctx *ctx, const struct ka_pair *a, struct ka_ns_posture *ns)
{
	for (size_t i = 0; i < KA_ARRAY_SIZE(ns_postures); i++) {
		const uint8_t *sections = ns_postures[i].sections;

		if (strcmp(a->key->str, ns_postures[i].name) != 0)
			continue;
		ns->posture[sections[0]] = ns->posture[sections[1]] = posture(ctx, a);
		return true;
	}
	return false;
}

bool ka_ns_annotations_decode(struct ka_ctx *ctx, const struct ka_node *annotations,
			      struct ka_ns_posture *ns)
{
	bool any = false;

	if (!annotations || annotations->type != KA_NODE_MAP)
		return false;
	for (size_t i = 0; i < annotations->npairs; i++) {
		const struct ka_pair *a = &annotations->pairs[i];

		if (!set_ns_posture(ctx, a, ns) && is_posture(a->key->str))
			unknown_posture(ctx, a->key);
	}
	for (int i = 0; i < KA_SECTION_POSTURES; i++)
		any |= ns->posture[i] != KA_POSTURE_UNSET;
	return any;
}
