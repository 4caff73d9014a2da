// SPDX-License-Identifier: Apache-2.0
/*
 * "This rule never decides" is a claim about every path. Small policies are made at random; what
 * the linter calls given twice, shadowed or contradicted is taken out, all of it at once, and
 * neither set may judge any path differently. A source that is said not to run must be denied.
 */
#include "../unit/compiled.h"

#include "../../compiler/lint/lint.h"

#define ROUNDS 2000u
#define MAX_RULES 9u

struct dice {
	uint64_t state;
};

static unsigned roll(struct dice *d, unsigned sides)
{
	d->state = d->state * 6364136223846793005ull + 1442695040888963407ull;
	return (unsigned)(d->state >> 33) % sides;
}

#define PICK(d, list) (list)[roll(d, KA_ARRAY_SIZE(list))]

static const char *const dirs[] = {"/", "/a/", "/a/", "/a/b/", "/a/b/", "/a/b/c/", "/d/", "/bin/"};
static const char *const paths[] = {"/a/x", "/a/b/x", "/a/b/c/x.t", "/d/x", "/bin/s1", "/bin/s2"};
static const char *const names[] = {"x", "s1", "x.t"};
static const char *const patterns[] = {"/a/**",   "/a/*",   "/a/b/**",     "/a/b/*",   "/**",
				       "/a/*.t",  "/a/b*/", "/a/b*/x",     "/**/x",    "/a/x",
				       "/a/b/c*", "/bin/*", "/a/{b,c}/x*", "/a/b/?/*", "/d/**"};
static const char *const sources[] = {"/bin/s1", "/bin/s2", "/d/x"};
static const char *const actions[] = {"Allow", "Block", "Block", "Audit"};

static const char *const asked[] = {
	"/",          "/a",      "/a/x",    "/a/y",     "/a/y.t",     "/a/..d/x", "/a/..d",
	"/a/b",       "/a/b/x",  "/a/b/y",  "/a/b/y.t", "/a/b/..d/y", "/a/b/c",   "/a/b/c/x",
	"/a/b/c/x.t", "/a/c",    "/a/c/x",  "/a/bb/x",  "/a/b/c/d/e", "/d",       "/d/x",
	"/d/e/f",     "/bin/s1", "/bin/s2", "/e",       "/e/x",       "/bin",     "/a/..d/e/x",
};

static void write_rule(struct dice *d, FILE *f, bool process)
{
	const char *action = PICK(d, actions);
	unsigned list = roll(d, 4), from = roll(d, 5);

	switch (list) {
	case 0:
		fprintf(f, "    - path: %s\n", PICK(d, paths));
		break;
	case 1:
	case 2:
		fprintf(f, "    - dir: %s\n", PICK(d, dirs));
		if (roll(d, 2))
			fprintf(f, "      recursive: true\n");
		break;
	default:
		fprintf(f, "    - pattern: '%s'\n", PICK(d, patterns));
		from = 0;
	}
	if (!process && !roll(d, 4))
		fprintf(f, "      readOnly: true\n");
	fprintf(f, "      action: %s\n", action);
	if (from > 2) {
		fprintf(f, "      fromSource:\n");
		for (unsigned i = 0; i < from - 2; i++)
			fprintf(f, "      - path: %s\n", sources[(from + i + roll(d, 2)) % 3]);
	}
}

/* A list holds one kind of rule, so rules are written to three texts. */
static void write_section(struct dice *d, FILE *f, bool process)
{
	static const char *const lists[] = {"matchPaths", "matchDirectories", "matchPatterns"};
	char *texts[3] = {};
	unsigned n = 1 + roll(d, MAX_RULES);

	for (unsigned k = 0; k < 3; k++) {
		struct dice own = {d->state + k};
		size_t len;
		FILE *part = open_memstream(&texts[k], &len);

		assert_non_null(part);
		for (unsigned i = 0; i < n; i++) {
			char *rule = NULL;
			size_t size;
			FILE *one = open_memstream(&rule, &size);

			assert_non_null(one);
			write_rule(&own, one, process);
			fclose(one);
			if (rule[6] == "pdp"[k] && rule[7] == "aia"[k] && rule[8] == "trt"[k] &&
			    rule[9] == "h:t"[k])
				fwrite(rule, 1, size, part);
			free(rule);
		}
		if (process && !k && !roll(d, 2))
			fprintf(part, "    - {execname: %s, action: %s}\n", PICK(d, names),
				PICK(d, actions));
		if (!k) /* so that it is an allow-list with and without the others */
			fprintf(part, "    - {path: /zz, action: Allow}\n");
		fclose(part);
		if (*texts[k])
			fprintf(f, "    %s:\n%s", lists[k], texts[k]);
		free(texts[k]);
	}
}

static void write_policy(struct dice *d, FILE *f, unsigned number)
{
	static const char *const selectors[] = {"{app: x}", "{app: x}", "{}"};

	fprintf(f,
		"---\napiVersion: security.kubearmor.com/v1\nkind: KubeArmorPolicy\n"
		"metadata: {name: p%u, namespace: ns, annotations: "
		"{karmor-c/source-integrity: \"off\"}}\n"
		"spec:\n  severity: 1\n  selector: {matchLabels: %s}\n",
		number, selectors[number]);
	fprintf(f, "  process:\n");
	write_section(d, f, true);
	fprintf(f, "  file:\n");
	write_section(d, f, false);
}

/* ---- what was claimed ---- */

static bool is_claim(enum ka_diag_id id)
{
	return id == KA_D_RULE_TWICE || id == KA_D_RULE_SHADOWED || id == KA_D_RULES_CONTRADICT ||
	       id == KA_D_RULE_ELSEWHERE;
}

static bool is_claimed(const struct ka_ctx *ctx, const struct ka_rule *r)
{
	for (size_t i = 0; i < ctx->ndiags; i++)
		if (is_claim(ctx->diags[i]->id) && ctx->diags[i]->loc.offset == r->loc.offset)
			return true;
	return false;
}

static size_t take_out(const struct ka_ctx *claims, struct ka_policies *set)
{
	size_t gone = 0;

	for (size_t p = 0; p < set->n; p++) {
		size_t kept = 0;

		for (size_t i = 0; i < set->v[p]->nrules; i++)
			if (!is_claimed(claims, &set->v[p]->rules[i]))
				set->v[p]->rules[kept++] = set->v[p]->rules[i];
		gone += set->v[p]->nrules - kept;
		set->v[p]->nrules = kept;
	}
	return gone;
}

static void compare(const struct world *a, const struct world *b, const char *text)
{
	static const struct {
		enum ka_category cat;
		enum ka_op op;
	} ops[] = {{KA_CAT_FILE, KA_OP_READ},
		   {KA_CAT_FILE, KA_OP_WRITE},
		   {KA_CAT_PROCESS, KA_OP_EXEC}};

	for (size_t i = 0; i < KA_ARRAY_SIZE(asked); i++) {
		for (size_t o = 0; o < KA_ARRAY_SIZE(ops); o++) {
			for (unsigned s = 0; s <= KA_ARRAY_SIZE(sources); s++) {
				const char *from = s ? sources[s - 1] : NULL;
				struct ka_ruling x =
					judge(a, ops[o].cat, ops[o].op, asked[i], from);
				struct ka_ruling y =
					judge(b, ops[o].cat, ops[o].op, asked[i], from);

				if (x.verdict != y.verdict)
					fail_msg("%s, operation %zu from %s: %d, then %d\n%s",
						 asked[i], o, from ? from : "-", x.verdict,
						 y.verdict, text);
			}
		}
	}
}

/* What is said not to run is denied, whoever calls it. */
static size_t try_sources(const struct world *w, const struct ka_ctx *claims, const char *text)
{
	size_t n = 0;

	for (size_t i = 0; i < claims->ndiags; i++) {
		const struct ka_diag *d = claims->diags[i];
		char path[32] = "";

		if (d->id != KA_D_SOURCE_FORBIDDEN)
			continue;
		snprintf(path, sizeof(path), "%.*s", (int)d->loc.length,
			 d->loc.source->text + d->loc.offset);
		for (unsigned s = 0; s <= KA_ARRAY_SIZE(sources); s++)
			if (judge(w, KA_CAT_PROCESS, KA_OP_EXEC, path, s ? sources[s - 1] : NULL)
				    .verdict != KA_DENY)
				fail_msg("%s runs\n%s", path, text);
		n++;
	}
	return n;
}

struct tally {
	size_t gone, sources, ids[KA_D__MAX];
};

static void one_round(unsigned seed, struct tally *tally)
{
	struct dice d = {seed * 0x9e3779b97f4a7c15ull + 1};
	KA_FREE char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	struct world before, after;

	assert_non_null(f);
	for (unsigned i = 0; i < 3; i++)
		write_policy(&d, f, i);
	fclose(f);
	world_read(&before, text);
	world_read(&after, text);
	before.ctx.diags_max = 4000;
	assert_int_equal(ka_lint(&before.ctx, &before.policies, KA_LINT_DEFAULT), 0);
	for (size_t i = 0; i < before.ctx.ndiags; i++)
		tally->ids[before.ctx.diags[i]->id]++;
	tally->gone += take_out(&before.ctx, &after.policies);
	world_compile(&before, (struct ka_compile_options){.root_fd = -1});
	world_compile(&after, (struct ka_compile_options){.root_fd = -1});
	assert_int_equal(before.result, 0);
	assert_int_equal(after.result, 0);
	compare(&before, &after, text);
	tally->sources += try_sources(&before, &before.ctx, text);
	ka_compiled_done(&before.compiled);
	ka_compiled_done(&after.compiled);
	ka_ctx_done(&before.ctx);
	ka_ctx_done(&after.ctx);
}

static void what_never_decides_can_go(void **state)
{
	static struct tally tally;

	(void)state;
	for (unsigned seed = 0; seed < ROUNDS; seed++)
		one_round(seed, &tally);
	/* It would prove nothing if nothing was claimed. */
	assert_true(tally.gone > ROUNDS);
	assert_true(tally.sources > ROUNDS / 20);
	assert_true(tally.ids[KA_D_RULE_TWICE] > ROUNDS / 4);
	assert_true(tally.ids[KA_D_RULE_SHADOWED] > ROUNDS / 4);
	assert_true(tally.ids[KA_D_RULES_CONTRADICT] > ROUNDS / 4);
	assert_true(tally.ids[KA_D_RULE_ELSEWHERE] > ROUNDS / 4);
	print_message("%zu rules taken out, %zu sources tried\n", tally.gone, tally.sources);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_never_decides_can_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
