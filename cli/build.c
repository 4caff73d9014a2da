// SPDX-License-Identifier: Apache-2.0
#include "build.h"

#include "../compiler/lint/lint.h"
#include "../runtime/pin.h"
#include "objects.h"
#include "report.h"

static bool is_family(const char *object, const char *family)
{
	size_t len = strlen(family);

	return !strncmp(object, family, len) && object[len] == '.';
}

/* All kernel variants of the families that the image needs: which runs is known at load. */
static int pick_objects(struct ka_ctx *ctx, uint32_t hooks, struct ka_object *ret, size_t *ret_n)
{
	size_t n = 0;

	for (unsigned int f = 0; f < KA_FAMILY__MAX; f++) {
		const char *family = ka_family_str((enum ka_family)f);
		size_t before = n;

		if (!(hooks & 1u << f))
			continue;
		for (size_t i = 0; i < ka_objects_n && n < KA_BUNDLE_MAX_OBJECTS; i++)
			if (is_family(ka_objects[i].name, family))
				ret[n++] = ka_objects[i];
		if (n == before)
			return ka_fail(ctx, -ENOEXEC,
				       "this build carries no BPF object for the '%s' hooks",
				       family);
	}
	*ret_n = n;
	return 0;
}

static int write_bundle(struct ka_ctx *ctx, const struct ka_policies *policies,
			const struct ka_compiled *compiled, struct ka_bundle *ret)
{
	const struct ka_image *image = compiled->image;
	struct ka_object objects[KA_BUNDLE_MAX_OBJECTS];
	size_t nobjects = 0, text_len, size;
	const char *text;
	char err[256] = "";
	void *bytes;
	int r;

	r = ka_policies_text(ctx, policies, &text, &text_len);
	if (r < 0)
		return r;
	r = pick_objects(ctx, image->hooks, objects, &nobjects);
	if (r < 0)
		return r;
	r = ka_bundle_write(text, text_len, compiled->image, compiled->size, objects, nobjects,
			    &bytes, &size);
	if (r < 0)
		return ka_fail(ctx, r, "cannot make the bundle: %s", strerror(-r));
	/* Read as a stranger's would be: what is written here must be what a loader accepts. */
	r = ka_bundle_parse(bytes, size, ret, err, sizeof(err));
	if (r < 0)
		return ka_fail(ctx, r, "the bundle just made is not readable: %s", err);
	return 0;
}

int ka_build_input(const struct ka_ctx *ctx, int r)
{
	if (!r && !ctx->nerrors)
		return KA_GO;
	ka_report_diags(stderr, ctx);
	return r < 0 ? ka_report_failure(ctx) : KA_EXIT_NO;
}

int ka_build_read(struct ka_ctx *ctx, const struct ka_strings *operands, unsigned flags,
		  struct ka_input *ret)
{
	int r = ka_ctx_init(ctx);

	if (r < 0) {
		ka_error("out of memory");
		return KA_EXIT_NOT_APPLIED;
	}
	ctx->lint = KA_LINT_DANGER;
	r = ka_input_read(ctx, operands->v, operands->n, flags, ret);
	/* what a bundle is made of was looked at where it was made */
	if (!r && !ctx->nerrors && !ret->nbundles)
		r = ka_lint(ctx, &ret->policies, KA_LINT_DANGER);
	return ka_build_input(ctx, r);
}

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_place(const void *a, const void *b)
{
	const struct ka_alias *x = a, *y = b;
	int r = (int)x->policy->kind - (int)y->policy->kind;

	if (!r)
		r = strcmp(x->policy->ns, y->policy->ns);
	if (!r)
		r = strcmp(x->policy->name, y->policy->name);
	if (!r)
		r = compare(x->rule->section == KA_CAT_FILE, y->rule->section == KA_CAT_FILE);
	if (!r)
		r = compare(x->rule->list, y->rule->list);
	if (!r)
		r = compare(x->rule->index, y->rule->index);
	if (!r)
		r = compare(x->from ? x->from->index + 1 : 0, y->from ? y->from->index + 1 : 0);
	return r ? r : strcmp(x->target, y->target);
}

void ka_sort_aliases(struct ka_compiled *c)
{
	if (c->naliases)
		qsort(c->aliases, c->naliases, sizeof(*c->aliases), by_place);
}

int ka_build(struct ka_ctx *ctx, const struct ka_policies *policies,
	     const struct ka_compile_options *opts, struct ka_compiled *ret_compiled,
	     struct ka_bundle *ret)
{
	int r = ka_compile(ctx, policies, opts, ret_compiled);

	ka_sort_aliases(ret_compiled);
	if (!r && !ctx->nerrors)
		r = write_bundle(ctx, policies, ret_compiled, ret);
	ka_report_diags(stderr, ctx);
	if (ctx->nerrors)
		return KA_EXIT_NO;
	if (!r)
		return KA_GO;
	if (!ctx->failed)
		ka_error("cannot compile: %s", strerror(-r));
	else
		ka_report_failure(ctx);
	return KA_EXIT_NOT_APPLIED;
}
