// SPDX-License-Identifier: Apache-2.0
/*
 * Time is linear in the rules, whatever they are: four times as many take hardly more than four
 * times as long. Nothing here may look at pairs.
 */
#include "../unit/parse.h"

#include <time.h>

#include "../../compiler/lint/lint.h"

#define FEW 10000u

typedef void (*writer)(FILE *f, unsigned i);

static void same(FILE *f, unsigned i)
{
	(void)i;
	fprintf(f, "    - {path: /a/b, fromSource: [{path: /bin/x}]}\n");
}

static void different(FILE *f, unsigned i)
{
	fprintf(f, "    - {path: /a/%u/b/%u, action: %s}\n", i % 100, i, i % 2 ? "Allow" : "Block");
}

static void by_source(FILE *f, unsigned i)
{
	fprintf(f, "    - {path: /a/b, fromSource: [{path: /bin/%u}]}\n", i);
}

static void deep(FILE *f, unsigned i)
{
	fprintf(f, "    - {path: /a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/%u, action: Allow}\n",
		i);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double lint_many(writer w, unsigned n)
{
	KA_CTX struct ka_ctx ctx = {};
	struct ka_policies set;
	KA_FREE char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	double start;

	assert_non_null(f);
	for (unsigned p = 0; p < 2; p++) {
		fprintf(f,
			"---\napiVersion: security.kubearmor.com/v1\nkind: KubeArmorPolicy\n"
			"metadata: {name: p%u, namespace: ns}\n"
			"spec:\n  severity: 1\n  selector: {matchLabels: {app: x}}\n"
			"  process:\n    matchPaths:\n",
			p);
		for (unsigned i = 0; i < n; i++)
			w(f, i);
	}
	fclose(f);
	assert_int_equal(ka_ctx_init(&ctx), 0);
	set = read_all(&ctx, text);
	assert_int_equal(ctx.nerrors, 0);
	start = seconds();
	assert_int_equal(ka_lint(&ctx, &set, KA_LINT_DEFAULT | KA_LINT_DANGER | KA_LINT_PORTABLE),
			 0);
	return seconds() - start;
}

static void time_is_linear(void **state)
{
	static const writer writers[] = {same, different, by_source, deep};

	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(writers); i++) {
		double few = lint_many(writers[i], FEW), many = lint_many(writers[i], FEW * 4);

		print_message("%.1f ms, %.1f ms\n", few * 1e3, many * 1e3);
		/* A quarter of a second is below what can be told from noise on a busy machine. */
		if (many > few * 12 && many > 0.25)
			fail_msg("%u rules take %.3f s, %u take %.3f s", FEW * 2, few, FEW * 8,
				 many);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(time_is_linear)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
