// SPDX-License-Identifier: Apache-2.0
#include "judge.h"

#include "../../compiler/lint/lint.h"
#include "../../compiler/policy/support.h"
#include "../../compiler/tree/ignore.h"

#define LINT (KA_LINT_DEFAULT | KA_LINT_DANGER)

static bool is_in(const char *s, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(*words, s))
			return true;
	return false;
}

bool is_inherited(const char *key)
{
	return is_in(key, (const char *const[]){"action", "severity", "tags", "message", NULL});
}

bool is_foreign(const char *key)
{
	return is_in(key, (const char *const[]){"uid", "resourceVersion", "managedFields",
						"creationTimestamp", "generation", "selfLink",
						"ownerReferences", "finalizers", "labels",
						"deletionTimestamp", "generateName",
						"deletionGracePeriodSeconds", NULL});
}

bool has_free_keys(const char *key)
{
	return is_in(key, (const char *const[]){"labels", "annotations", "matchLabels", NULL});
}

bool is_our_annotation(const char *key)
{
	return !strncmp(key, "karmor-c/", 9) ||
	       (!strncmp(key, "kubearmor-", 10) && strstr(key, "posture"));
}

/* ---- the second reader ---- */

/* What a rule has from its section and from spec. */
struct inherited {
	const struct ka_node *v[4];
};

static const char *const inherited_keys[] = {"action", "severity", "tags", "message"};

struct reader {
	FILE *out;
	bool ours; /* a policy; what else there is has a kind alone */
};

static void dump(struct reader *r, const struct ka_node *n, unsigned depth);

static bool is_default(const char *key, const struct ka_node *value)
{
	if (value->type == KA_NODE_NULL)
		return true; /* the same as leaving it out, with a warning */
	if (!strcmp(key, "karmor-c/mode"))
		return value->type == KA_NODE_STRING && !strcmp(value->str, "enforce");
	if (value->type != KA_NODE_BOOL)
		return false;
	if (!strcmp(key, "pts"))
		return ka_node_true(value);
	return !ka_node_true(value) &&
	       is_in(key, (const char *const[]){"recursive", "readOnly", "ownerOnly", NULL});
}

/* Names that are compared without case. */
static bool is_caseless(const char *key)
{
	return is_in(key, (const char *const[]){"protocol", "domain", "capability", "class", NULL});
}

static int by_key(const void *a, const void *b)
{
	return strcmp((*(const struct ka_pair *const *)a)->key->str,
		      (*(const struct ka_pair *const *)b)->key->str);
}

/* The pairs of a mapping in the order of their keys; free()d by the caller. */
static const struct ka_pair **sorted(const struct ka_node *map)
{
	const struct ka_pair **v = calloc(map->npairs + 1, sizeof(*v));

	if (!v)
		abort();
	for (size_t i = 0; i < map->npairs; i++)
		v[i] = &map->pairs[i];
	qsort(v, map->npairs, sizeof(*v), by_key);
	return v;
}

static void dump_string(struct reader *r, const struct ka_node *n, bool lower)
{
	if (n->type == KA_NODE_BOOL) {
		fprintf(r->out, "bool %d\n", ka_node_true(n));
		return;
	}
	fprintf(r->out, "%d:", n->type == KA_NODE_STRING);
	for (const char *s = n->str; *s; s++)
		fputc(lower && *s >= 'A' && *s <= 'Z' ? *s + 32 : *s, r->out);
	fputc('\n', r->out);
}

/* Lists of which only the set counts. */
static bool is_set(const char *key, const struct ka_node *value)
{
	return value->type == KA_NODE_SEQ &&
	       is_in(key,
		     (const char *const[]){"fromSource", "values", "allowedArgs", "syscall", NULL});
}

static const char *dumped(const struct ka_node *n)
{
	struct reader r = {};
	char *s = NULL;
	size_t len = 0;

	r.out = open_memstream(&s, &len);
	if (!r.out)
		abort();
	dump(&r, n, 0);
	fclose(r.out);
	return s;
}

static int by_string(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void dump_set(struct reader *r, const struct ka_node *n)
{
	KA_FREE const char **v = calloc(n->nitems + 1, sizeof(*v));

	if (!v)
		abort();
	for (size_t i = 0; i < n->nitems; i++)
		v[i] = dumped(n->items[i]);
	qsort(v, n->nitems, sizeof(*v), by_string);
	for (size_t i = 0; i < n->nitems; i++)
		if (!i || strcmp(v[i], v[i - 1]) != 0)
			fprintf(r->out, "* %s\n", v[i]);
	for (size_t i = 0; i < n->nitems; i++)
		free((char *)v[i]);
}

static void dump_pair(struct reader *r, const char *key, const struct ka_node *value,
		      unsigned depth)
{
	if (is_default(key, value))
		return;
	fprintf(r->out, "%*s%s ", (int)depth, "", key);
	if (value->type < KA_NODE_SEQ)
		dump_string(r, value, is_caseless(key));
	else if (is_set(key, value))
		dump_set(r, value);
	else
		dump(r, value, depth + 1);
}

static void dump(struct reader *r, const struct ka_node *n, unsigned depth)
{
	KA_FREE const struct ka_pair **pairs = NULL;

	if (depth > 80)
		return;
	if (n->type == KA_NODE_SEQ) {
		fprintf(r->out, "[\n");
		for (size_t i = 0; i < n->nitems; i++)
			dump(r, n->items[i], depth + 1);
		fprintf(r->out, "]\n");
		return;
	}
	if (n->type < KA_NODE_SEQ) {
		dump_string(r, n, false);
		return;
	}
	pairs = sorted(n);
	fputc('\n', r->out);
	for (size_t i = 0; i < n->npairs; i++)
		dump_pair(r, pairs[i]->key->str, pairs[i]->value, depth);
}

/* message: '' and tags: [] are the same as none. */
static bool is_empty(const struct ka_node *n)
{
	return (n->type == KA_NODE_STRING && !n->len) || (n->type == KA_NODE_SEQ && !n->nitems);
}

static struct inherited override(struct inherited in, const struct ka_node *map)
{
	for (size_t i = 0; i < KA_ARRAY_SIZE(inherited_keys); i++) {
		const struct ka_node *v = ka_node_get(map, inherited_keys[i]);

		if (v && v->type != KA_NODE_NULL && !is_empty(v))
			in.v[i] = v;
	}
	return in;
}

/* A rule with all it inherits. */
static void dump_rule(struct reader *r, const struct ka_node *rule, struct inherited in)
{
	KA_FREE const struct ka_pair **pairs = NULL;

	if (rule->type != KA_NODE_MAP) {
		dump(r, rule, 0);
		return;
	}
	in = override(in, rule);
	pairs = sorted(rule);
	fprintf(r->out, "rule\n");
	for (size_t i = 0; i < rule->npairs; i++)
		if (!is_inherited(pairs[i]->key->str))
			dump_pair(r, pairs[i]->key->str, pairs[i]->value, 1);
	if (!in.v[0])
		fprintf(r->out, " action 1:Block\n");
	for (size_t i = 0; i < KA_ARRAY_SIZE(inherited_keys); i++)
		if (in.v[i])
			dump_pair(r, inherited_keys[i], in.v[i], 1);
}

/* spec, a section of it, or a list of rules. */
static void dump_spec(struct reader *r, const struct ka_node *n, struct inherited in,
		      unsigned depth)
{
	KA_FREE const struct ka_pair **pairs = NULL;

	if (n->type == KA_NODE_SEQ && depth < 4) {
		for (size_t i = 0; i < n->nitems; i++)
			dump_rule(r, n->items[i], in);
		return;
	}
	if (n->type != KA_NODE_MAP || depth > 3) {
		dump(r, n, depth);
		return;
	}
	in = override(in, n);
	pairs = sorted(n);
	for (size_t i = 0; i < n->npairs; i++) {
		const char *key = pairs[i]->key->str;

		if (is_inherited(key) || is_default(key, pairs[i]->value))
			continue;
		fprintf(r->out, "%s:\n", key);
		if (strstr(key, "elector"))
			dump(r, pairs[i]->value, 1);
		else
			dump_spec(r, pairs[i]->value,
				  strcmp(key, "presets") ? in : (struct inherited){}, depth + 1);
	}
}

static void dump_annotations(struct reader *r, const struct ka_node *n)
{
	KA_FREE const struct ka_pair **pairs = NULL;

	if (n->type != KA_NODE_MAP) {
		dump(r, n, 0);
		return;
	}
	pairs = sorted(n);
	for (size_t i = 0; i < n->npairs; i++)
		if (is_our_annotation(pairs[i]->key->str))
			dump_pair(r, pairs[i]->key->str, pairs[i]->value, 2);
}

static void dump_metadata(struct reader *r, const struct ka_node *n)
{
	KA_FREE const struct ka_pair **pairs = NULL;

	if (n->type != KA_NODE_MAP) {
		dump(r, n, 0);
		return;
	}
	pairs = sorted(n);
	for (size_t i = 0; i < n->npairs; i++) {
		const char *key = pairs[i]->key->str;

		if (!strcmp(key, "annotations"))
			dump_annotations(r, pairs[i]->value);
		else if (!is_foreign(key) && (r->ours || !strcmp(key, "name"))) /* of a Namespace */
			dump_pair(r, key, pairs[i]->value, 1);
	}
}

static void dump_document(struct reader *r, const struct ka_node *n, unsigned depth)
{
	const struct ka_node *kind = ka_node_get(n, "kind"), *items = ka_node_get(n, "items");
	const char *name = kind && kind->type == KA_NODE_STRING ? kind->str : "";
	KA_FREE const struct ka_pair **pairs = NULL;
	bool ns = !strcmp(name, "Namespace");

	if (n->type != KA_NODE_MAP) {
		dump(r, n, 0);
		return;
	}
	if (strstr(name, "List") && items && items->type == KA_NODE_SEQ && depth < 8) {
		for (size_t i = 0; i < items->nitems; i++)
			dump_document(r, items->items[i], depth + 1);
		return;
	}
	r->ours = strstr(name, "KubeArmor");
	if (!r->ours && !ns)
		return;
	fprintf(r->out, "---\n");
	pairs = sorted(n);
	for (size_t i = 0; i < n->npairs; i++) {
		const char *key = pairs[i]->key->str;

		if (strcmp(key, "metadata") && strcmp(key, "spec") && strcmp(key, "status") &&
		    r->ours)
			dump_pair(r, key, pairs[i]->value, 0);
	}
	if (ka_node_get(n, "metadata"))
		dump_metadata(r, ka_node_get(n, "metadata"));
	if (r->ours && ka_node_get(n, "spec"))
		dump_spec(r, ka_node_get(n, "spec"), (struct inherited){}, 0);
}

static int on_document(struct ka_ctx *ctx, const struct ka_node *root, void *arg)
{
	struct reader r = {.out = arg};

	(void)ctx;
	if (root)
		dump_document(&r, root, 0);
	return 0;
}

static const char *meaning_of(struct ka_ctx *ctx, const char *text, size_t len)
{
	KA_CTX struct ka_ctx own = {};
	struct ka_source src = {.name = "sample", .text = text, .len = len};
	KA_FREE char *s = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&s, &n);
	const char *ret;

	if (!out || ka_ctx_init(&own) || ka_yaml_read(&own, &src, on_document, out))
		abort();
	fclose(out);
	ret = ka_strndup(ctx, s, n);
	if (!ret)
		abort();
	return ret;
}

/* ---- the tool ---- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *findings_of(struct ka_ctx *ctx)
{
	const char **v = ka_calloc(ctx, ctx->ndiags + 1, sizeof(*v));
	KA_FREE char *s = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&s, &n);
	const char *ret;

	if (!out || !v)
		abort();
	for (size_t i = 0; i < ctx->ndiags; i++)
		v[i] = ka_sprintf(ctx, "%s %s", ka_diag_code(ctx->diags[i]->id),
				  ctx->diags[i]->message);
	qsort(v, ctx->ndiags, sizeof(*v), by_text);
	for (size_t i = 0; i < ctx->ndiags; i++)
		fprintf(out, "%s\n", v[i]);
	fclose(out);
	ret = ka_strndup(ctx, s, n);
	if (!ret)
		abort();
	return ret;
}

void judge(const char *text, size_t len, struct verdict *v)
{
	struct ka_policies set = {};
	struct ka_source *src;
	size_t n;

	*v = (struct verdict){.text = ""};
	if (ka_ctx_init(&v->ctx))
		abort();
	v->ctx.lint = LINT;
	src = ka_calloc(&v->ctx, 1, sizeof(*src));
	if (!src)
		abort();
	*src = (struct ka_source){.name = "sample", .text = text, .len = len};
	if (ka_source_open(&v->ctx, src) || ka_policies_read(&v->ctx, src, &set) ||
	    ka_policies_finish(&v->ctx, &set))
		abort();
	ka_support_check(&v->ctx, &set, NULL, false);
	if (ka_lint(&v->ctx, &set, LINT))
		abort();
	ka_ignores_finish(&v->ctx, false);
	v->errors = v->ctx.nerrors;
	v->findings = findings_of(&v->ctx);
	if (!v->errors && ka_policies_text(&v->ctx, &set, &v->text, &n))
		abort();
	if (!v->errors)
		v->meaning = meaning_of(&v->ctx, text, len);
}

void verdict_done(struct verdict *v)
{
	ka_ctx_done(&v->ctx);
}
