// SPDX-License-Identifier: Apache-2.0
#include "policy.h"

#include "../tree/yaml.h"
#include "decode.h"

const char *ka_kind_str(enum ka_kind kind)
{
	switch (kind) {
	case KA_KIND_POLICY:
		return "KubeArmorPolicy";
	case KA_KIND_CLUSTER:
		return "KubeArmorClusterPolicy";
	case KA_KIND_HOST:
		return "KubeArmorHostPolicy";
	case KA_KIND_NETWORK:
		return "KubeArmorNetworkPolicy";
	case KA_KIND__MAX:
		break;
	}
	return "?";
}

const char *ka_policy_id(struct ka_ctx *ctx, const struct ka_policy *p)
{
	if (p->kind == KA_KIND_POLICY)
		return ka_sprintf(ctx, "%s/%s/%s", ka_kind_str(p->kind), p->ns, p->name);
	return ka_sprintf(ctx, "%s/%s", ka_kind_str(p->kind), p->name);
}

const char *ka_section_str(enum ka_section section)
{
	static const char *const names[KA_SECTION__MAX] = {
		[KA_SECTION_FILE] = "file",       [KA_SECTION_PROCESS] = "process",
		[KA_SECTION_NETWORK] = "network", [KA_SECTION_CAPABILITIES] = "capabilities",
		[KA_SECTION_DNS] = "network",     [KA_SECTION_SYSCALLS] = "syscalls",
		[KA_SECTION_PRESETS] = "presets", [KA_SECTION_DEVICE] = "device",
		[KA_SECTION_INGRESS] = "ingress", [KA_SECTION_EGRESS] = "egress",
	};

	return (unsigned)section < KA_SECTION__MAX ? names[section] : "?";
}

/* "spec.file.matchPaths[2]", "spec.presets[0]" */
static char *place_of(struct ka_ctx *ctx, enum ka_section section, enum ka_list list,
		      uint32_t index)
{
	static const char *const names[] = {
		[KA_LIST_PATHS] = "matchPaths",
		[KA_LIST_DIRECTORIES] = "matchDirectories",
		[KA_LIST_PATTERNS] = "matchPatterns",
		[KA_LIST_PROTOCOLS] = "matchProtocols",
		[KA_LIST_DNS_QUERIES] = "matchDNSQueries",
		[KA_LIST_CAPABILITIES] = "matchCapabilities",
		[KA_LIST_SYSCALLS] = "matchSyscalls",
		[KA_LIST_SYSCALL_PATHS] = "matchPaths",
		[KA_LIST_DEVICES] = "matchDevice",
	};
	const char *where = ka_section_str(section);

	if (list == KA_LIST_NONE)
		return ka_sprintf(ctx, "spec.%s[%u]", where, index);
	return ka_sprintf(ctx, "spec.%s.%s[%u]", where,
			  (unsigned)list < KA_ARRAY_SIZE(names) ? names[list] : "?", index);
}

const char *ka_rule_place(struct ka_ctx *ctx, enum ka_section section, enum ka_list list,
			  uint32_t index, uint32_t from)
{
	const char *rule = place_of(ctx, section, list, index);

	if (!rule || from == KA_NO_FROM)
		return rule;
	return ka_sprintf(ctx, "%s.fromSource[%u]", rule, from);
}

/* ---- the set ---- */

int ka_policies_add(struct ka_ctx *ctx, struct ka_policies *set, struct ka_policy *p)
{
	if (set->n == set->cap) {
		size_t cap = set->cap ? set->cap * 2 : 16;
		struct ka_policy **v = ka_calloc(ctx, cap, sizeof(struct ka_policy *));

		if (!v)
			return -ENOMEM;
		if (set->n)
			memcpy(v, set->v, set->n * sizeof(struct ka_policy *));
		set->v = v;
		set->cap = cap;
	}
	set->v[set->n++] = p;
	return 0;
}

static bool is_power_of_two(size_t n)
{
	return !(n & (n - 1));
}

int ka_policies_add_ns(struct ka_ctx *ctx, struct ka_policies *set, const struct ka_ns_posture *ns)
{
	/* The capacity is the next power of two. */
	if (is_power_of_two(set->nns)) {
		struct ka_ns_posture *v = ka_calloc(ctx, set->nns ? set->nns * 2 : 1, sizeof(*v));

		if (!v)
			return -ENOMEM;
		if (set->nns)
			memcpy(v, set->ns, set->nns * sizeof(*v));
		set->ns = v;
	}
	set->ns[set->nns++] = *ns;
	return 0;
}

static size_t findings(const struct ka_ctx *ctx)
{
	return ctx->nerrors + ctx->nwarnings + ctx->nnotes + ctx->nignored;
}

int ka_policies_read(struct ka_ctx *ctx, const struct ka_source *src, struct ka_policies *into)
{
	size_t before = into->n + into->nns + into->others + findings(ctx);
	int r;

	ctx->pass_templates = true;
	r = ka_yaml_walk(ctx, src, ka_document_read, into);
	ctx->pass_templates = false;

	if (r < 0)
		return r;
	if (into->n + into->nns + into->others + findings(ctx) == before)
		ka_diag(ctx, KA_D_EMPTY_INPUT, (struct ka_loc){.source = src});
	return ctx->failed;
}

/* ---- finishing ---- */

struct ranked {
	struct ka_policy *policy;
	size_t order; /* as it was read, so that "first given here" means the first */
};

static int compare(const struct ka_policy *a, const struct ka_policy *b)
{
	int r = (int)a->kind - (int)b->kind;

	if (!r)
		r = strcmp(a->ns, b->ns);
	return r ? r : strcmp(a->name, b->name);
}

static int by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	int r = compare(x->policy, y->policy);

	if (r)
		return r;
	return x->order < y->order ? -1 : x->order > y->order;
}

static int sort_policies(struct ka_ctx *ctx, struct ka_policies *set)
{
	KA_FREE struct ranked *sorted = NULL;

	if (set->n < 2)
		return 0;
	sorted = reallocarray(NULL, set->n, sizeof(*sorted));
	if (!sorted)
		return ka_fail(ctx, -ENOMEM, "out of memory");
	for (size_t i = 0; i < set->n; i++)
		sorted[i] = (struct ranked){set->v[i], i};
	qsort(sorted, set->n, sizeof(*sorted), by_rank);
	for (size_t i = 0; i < set->n; i++)
		set->v[i] = sorted[i].policy;
	return 0;
}

static void refuse_duplicates(struct ka_ctx *ctx, struct ka_policies *set)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->n; i++) {
		struct ka_policy *p = set->v[i];

		if (kept && !compare(set->v[kept - 1], p)) {
			struct ka_diag *d =
				ka_diag(ctx, KA_D_DUP_POLICY, p->loc, ka_policy_id(ctx, p));

			ka_diag_note(ctx, d, set->v[kept - 1]->loc, "first given here");
			continue;
		}
		set->v[kept++] = p;
	}
	set->n = kept;
}

static int by_ns(const void *a, const void *b)
{
	return strcmp(((const struct ka_ns_posture *)a)->name,
		      ((const struct ka_ns_posture *)b)->name);
}

static void refuse_conflicts(struct ka_ctx *ctx, struct ka_policies *set)
{
	size_t kept = 0;

	if (set->nns > 1)
		qsort(set->ns, set->nns, sizeof(*set->ns), by_ns);
	for (size_t i = 0; i < set->nns; i++) {
		struct ka_ns_posture *ns = &set->ns[i], *last = kept ? &set->ns[kept - 1] : NULL;

		if (!last || strcmp(last->name, ns->name)) {
			set->ns[kept++] = *ns;
		} else if (memcmp(last->posture, ns->posture, sizeof(ns->posture)) != 0) {
			struct ka_diag *d = ka_diag(ctx, KA_D_POSTURE_CONFLICT, ns->loc, ns->name);

			ka_diag_note(ctx, d, last->loc, "also given here");
		}
	}
	set->nns = kept;
}

static void apply_postures(struct ka_policies *set)
{
	for (size_t i = 0; i < set->n; i++) {
		struct ka_policy *p = set->v[i];
		const struct ka_ns_posture *ns = NULL, key = {.name = p->ns};

		if (p->kind == KA_KIND_POLICY && set->nns)
			ns = bsearch(&key, set->ns, set->nns, sizeof(*set->ns), by_ns);
		for (int c = 0; c < KA_SECTION_POSTURES; c++)
			p->ns_posture[c] = ns ? ns->posture[c] : KA_POSTURE_UNSET;
	}
}

int ka_policies_finish(struct ka_ctx *ctx, struct ka_policies *p)
{
	int r = sort_policies(ctx, p);

	if (r < 0)
		return r;
	refuse_duplicates(ctx, p);
	refuse_conflicts(ctx, p);
	apply_postures(p);
	if (p->n > KA_MAX_POLICIES)
		ka_diag(ctx, KA_D_TOO_MANY_POLICIES, p->v[KA_MAX_POLICIES]->loc, KA_MAX_POLICIES);
	return ctx->failed;
}

/* ---- merging ---- */

static int merge_policies(struct ka_ctx *ctx, struct ka_policies *out,
			  const struct ka_policies *base, const struct ka_policies *more)
{
	size_t i = 0, j = 0;
	int r = 0;

	while (!r && (i < base->n || j < more->n)) {
		int c = i == base->n ? 1 : j == more->n ? -1 : compare(base->v[i], more->v[j]);

		r = ka_policies_add(ctx, out, c < 0 ? base->v[i] : more->v[j]);
		i += c <= 0;
		j += c >= 0;
	}
	return r;
}

static int merge_postures(struct ka_ctx *ctx, struct ka_policies *out,
			  const struct ka_policies *base, const struct ka_policies *more)
{
	size_t i = 0, j = 0;
	int r = 0;

	while (!r && (i < base->nns || j < more->nns)) {
		int c = i == base->nns   ? 1
			: j == more->nns ? -1
					 : by_ns(&base->ns[i], &more->ns[j]);

		r = ka_policies_add_ns(ctx, out, c < 0 ? &base->ns[i] : &more->ns[j]);
		i += c <= 0;
		j += c >= 0;
	}
	return r;
}

int ka_policies_merge(struct ka_ctx *ctx, struct ka_policies *base, const struct ka_policies *more)
{
	struct ka_policies out = {.others = base->others + more->others};
	int r = merge_policies(ctx, &out, base, more);

	if (!r)
		r = merge_postures(ctx, &out, base, more);
	if (r < 0)
		return r;
	*base = out;
	return ka_policies_finish(ctx, base);
}

/* ---- text ---- */

int ka_policies_text(struct ka_ctx *ctx, const struct ka_policies *p, const char **ret_text,
		     size_t *ret_len)
{
	KA_FREE char *text = NULL;
	KA_FCLOSE FILE *out = open_memstream(&text, ret_len);
	const char *doc;
	int r;

	if (!out)
		return ka_fail(ctx, -ENOMEM, "out of memory");
	for (size_t i = 0; i < p->nns; i++) {
		r = ka_ns_posture_text(ctx, &p->ns[i], &doc);
		if (r < 0)
			return r;
		fprintf(out, "%s%s", i ? "---\n" : "", doc);
	}
	for (size_t i = 0; i < p->n; i++)
		fprintf(out, "%s%s", i || p->nns ? "---\n" : "", p->v[i]->text);
	if (fclose(KA_TAKE(out)))
		return ka_fail(ctx, -ENOMEM, "out of memory");
	*ret_text = ka_strndup(ctx, text, *ret_len);
	return *ret_text ? 0 : -ENOMEM;
}
