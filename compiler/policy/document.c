// SPDX-License-Identifier: Apache-2.0
/*
 * What kind of document is this? Policies are decoded, lists opened, Namespaces read for their
 * postures; what is nobody's business here is skipped, and what might be meant as a policy is
 * never skipped.
 */
#include "../base/suggest.h"
#include "../check/value.h"
#include "../lint/lint.h"
#include "decode.h"

#define API_VERSION "security.kubearmor.com/v1"
#define API_GROUP "kubearmor.com"
#define KIND_PREFIX "KubeArmor"

static const char *string_of(const struct ka_node *n)
{
	return n && n->type == KA_NODE_STRING ? n->str : NULL;
}

/* kubearmor.com and all below it. */
static bool is_our_group(const char *api)
{
	size_t len = strcspn(api, "/"), n = strlen(API_GROUP);

	return len >= n && !strncmp(api + len - n, API_GROUP, n) &&
	       (len == n || api[len - n - 1] == '.');
}

static bool is_like_ours(const char *kind)
{
	struct ka_suggest near = ka_suggest_for(kind, strlen(kind));

	for (size_t i = 0; i < ka_schema_nkinds; i++)
		ka_suggest_try(&near, ka_schema_kinds[i].name);
	return near.best || !strncasecmp(kind, KIND_PREFIX, strlen(KIND_PREFIX));
}

static bool is_list(const char *kind)
{
	size_t len = strlen(kind);

	if (!strcmp(kind, "List"))
		return true;
	return !strncmp(kind, KIND_PREFIX, strlen(KIND_PREFIX)) && len > 4 &&
	       !strcmp(kind + len - 4, "List");
}

static enum ka_kind kind_of(const char *name)
{
	for (int k = 0; k < KA_KIND__MAX; k++)
		if (!strcmp(ka_kind_str((enum ka_kind)k), name))
			return (enum ka_kind)k;
	return KA_KIND__MAX;
}

/* ---- Namespaces ---- */

static int read_namespace(struct ka_ctx *ctx, const struct ka_node *root, struct ka_policies *into)
{
	const struct ka_node *meta = ka_node_get(root, "metadata");
	const struct ka_node *name = ka_node_get(meta, "name");
	struct ka_ns_posture ns = {};

	if (!name) {
		ka_diag(ctx, KA_D_MISSING_FIELD, (meta ? meta : root)->loc, "name");
		return 0;
	}
	if (!string_of(name)) {
		ka_diag(ctx, KA_D_WRONG_TYPE, name->loc, "name", "a string",
			ka_node_type_str(name->type));
		return 0;
	}
	if (!ka_check_name(ctx, name, "namespace", 63))
		return 0;
	ns.name = name->str;
	ns.loc = name->loc;
	if (!ka_ns_annotations_decode(ctx, ka_node_get(meta, "annotations"), &ns))
		return 0;
	return ka_policies_add_ns(ctx, into, &ns);
}

/* ---- policies ---- */

static void check_version(struct ka_ctx *ctx, const struct ka_node *root)
{
	const struct ka_node *api = ka_node_get(root, "apiVersion");
	struct ka_diag *d;

	if (!string_of(api) || !strcmp(api->str, API_VERSION))
		return; /* the schema tells when it is missing */
	d = ka_diag(ctx, KA_D_UNKNOWN_VERSION, api->loc, api->str);
	ka_diag_hint(ctx, d, "write '" API_VERSION "'");
	if (!strcasecmp(api->str, API_VERSION))
		ka_value_fix(ctx, d, api, API_VERSION);
}

static void unknown_kind(struct ka_ctx *ctx, const struct ka_node *kind)
{
	struct ka_suggest near = ka_suggest_for(kind->str, kind->len);
	struct ka_diag *d = ka_diag(ctx, KA_D_UNKNOWN_KIND, kind->loc, kind->str);

	for (size_t i = 0; i < ka_schema_nkinds; i++)
		ka_suggest_try(&near, ka_schema_kinds[i].name);
	if (near.best && !strcasecmp(near.best, kind->str)) {
		ka_diag_hint(ctx, d, "write '%s'", near.best);
		ka_value_fix(ctx, d, kind, near.best);
	} else if (near.best) {
		ka_diag_hint(ctx, d, "did you mean '%s'?", near.best);
	}
}

static int read_policy(struct ka_ctx *ctx, const struct ka_node *root, const struct ka_node *kind,
		       struct ka_policies *into)
{
	const struct ka_schema *schema = ka_schema_of_kind(kind->str);
	size_t errors = ctx->nerrors;
	struct ka_policy *p = NULL;
	int r;

	if (!schema) {
		unknown_kind(ctx, kind);
		return 0;
	}
	check_version(ctx, root);
	ka_schema_check(ctx, schema, root);
	r = ka_policy_decode(ctx, root, kind_of(kind->str), &p);
	if (r < 0 || !p)
		return r;
	if (!p->nrules && ctx->nerrors == errors)
		ka_diag(ctx, KA_D_NO_RULES, p->loc, p->name);
	if (ctx->lint)
		ka_lint_document(ctx, root, p);
	return ka_policies_add(ctx, into, p);
}

/* ---- lists and the rest ---- */

static int read_list(struct ka_ctx *ctx, const struct ka_node *root, struct ka_policies *into)
{
	const struct ka_node *items = ka_node_get(root, "items");
	int r = 0;

	if (!items || items->type != KA_NODE_SEQ) {
		ka_diag(ctx, KA_D_MISSING_FIELD, root->loc, "items");
		return 0;
	}
	for (size_t i = 0; i < items->nitems && !r; i++)
		r = ka_document_read(ctx, items->items[i], into);
	return r;
}

/* Tags, merge keys and the like are the business of whoever reads it. */
static void skip(struct ka_ctx *ctx, const struct ka_node *root, struct ka_loc loc,
		 const char *what, struct ka_policies *into)
{
	into->others++;
	ka_diags_withdraw(ctx, root->loc.source, root->loc.offset, root->end);
	ka_diag(ctx, KA_D_SKIPPED, loc, what ? what : "a document");
}

/* Without a kind: an object that lacks it is a mistake, anything else is just no policy. */
static void no_kind(struct ka_ctx *ctx, const struct ka_node *root, struct ka_policies *into)
{
	if (ka_node_get(root, "apiVersion") || ka_node_get(root, "metadata") ||
	    ka_node_get(root, "spec")) {
		ka_diag(ctx, KA_D_MISSING_FIELD, root->loc, "kind");
		return;
	}
	skip(ctx, root, root->loc, "a document without a kind", into);
}

/* A playbook, a list of words: no policy, unless it speaks of us. */
static void no_mapping(struct ka_ctx *ctx, const struct ka_node *root, struct ka_policies *into)
{
	const char *what = ka_node_type_str(root->type);

	if (ka_source_is_ours(root->loc.source, root->loc.offset, root->end))
		ka_diag(ctx, KA_D_NOT_A_MAPPING, root->loc, what);
	else
		skip(ctx, root, root->loc, ka_sprintf(ctx, "%s", what), into);
}

int ka_document_read(struct ka_ctx *ctx, const struct ka_node *root, void *arg)
{
	struct ka_policies *into = arg;
	const struct ka_node *kind = ka_node_get(root, "kind");
	const char *api = string_of(ka_node_get(root, "apiVersion"));

	if (!root)
		return 0;
	if (root->type != KA_NODE_MAP) {
		no_mapping(ctx, root, into);
		return 0;
	}
	if (!string_of(kind)) {
		no_kind(ctx, root, into);
		return 0;
	}
	if (is_list(kind->str))
		return read_list(ctx, root, into);
	if ((api && is_our_group(api)) || is_like_ours(kind->str))
		return read_policy(ctx, root, kind, into);
	if (!strcmp(kind->str, "Namespace"))
		return read_namespace(ctx, root, into);
	skip(ctx, root, kind->loc, ka_sprintf(ctx, "kind '%s'", kind->str), into);
	return 0;
}
