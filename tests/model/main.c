/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ka-model: the differential test's command.
 *
 *   ka-model [--seed N] [--kernel OBJECT] [--each N] [PAIRS]
 *   ka-model --world SEED --flavour N     one world again, as a difference names it
 *   ka-model --emit DIR [--seed N] [PATHS]
 *   ka-model --cases DIR
 */
#include "diff.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct options {
	uint64_t seed, world;
	const char *kernel, *emit, *cases;
	unsigned long pairs;
	unsigned flavour, each; /* pairs of one world */
	bool one_world;
};

static enum md_flavour flavour_of(unsigned long i)
{
	if (i % 50 == 7)
		return MD_MANY_RULES;
	if (i % 50 == 11)
		return MD_MANY_POLICIES;
	if (i % 10 == 8)
		return MD_LINKS;
	if (i % 10 == 3)
		return MD_ALIASES;
	return i % 5 == 1 ? MD_CLOSE : MD_PLAIN;
}

static bool wants_properties(unsigned long i)
{
	return i % 10 == 5 || i % 20 == 3 || i % 20 == 8 || i % 20 == 6;
}

static int parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{"seed", required_argument, NULL, 's'},    {"kernel", required_argument, NULL, 'k'},
		{"emit", required_argument, NULL, 'e'},    {"world", required_argument, NULL, 'w'},
		{"flavour", required_argument, NULL, 'f'}, {"cases", required_argument, NULL, 'c'},
		{"each", required_argument, NULL, 'n'},    {0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 's') {
			o->seed = strtoull(optarg, NULL, 0);
		} else if (c == 'k') {
			o->kernel = optarg;
		} else if (c == 'e') {
			o->emit = optarg;
		} else if (c == 'c') {
			o->cases = optarg;
		} else if (c == 'w') {
			o->world = strtoull(optarg, NULL, 0);
			o->one_world = true;
		} else if (c == 'f') {
			o->flavour = (unsigned)strtoul(optarg, NULL, 0);
		} else if (c == 'n') {
			o->each = (unsigned)strtoul(optarg, NULL, 0);
		} else {
			return -1;
		}
	}
	o->pairs = o->emit ? 10000 : 1000000;
	if (optind < argc)
		o->pairs = strtoul(argv[optind++], NULL, 0);
	return optind < argc || !o->pairs || !o->each ? -1 : 0;
}

static void summary(const struct md_run *run, const char *why_not, double seconds)
{
	printf("answers: %lu permit, %lu deny, %lu would deny, %lu report; "
	       "by: %lu rule, %lu posture, %lu integrity; %lu audited\n",
	       run->answers[MD_PERMIT], run->answers[MD_DENY], run->answers[MD_WOULD_DENY],
	       run->answers[MD_REPORT], run->reasons[MD_BY_RULE], run->reasons[MD_BY_POSTURE],
	       run->reasons[MD_BY_INTEGRITY], run->audits);
	if (why_not)
		printf("kernel: skipped, %s\n", why_not);
	else
		printf("kernel: %lu pairs\n", run->kernel_pairs);
	printf("matrix: %lu pairs of %lu rules\n", run->cell_pairs, run->cells);
	printf("%lu pairs of %lu policy sets (%lu more refused for their patterns), %lu properties, %lu differences, %.1f s\n",
	       run->pairs, run->worlds, run->too_much, run->checks, run->differences, seconds);
}

static int run_all(const struct options *o)
{
	struct md_run run = {0};
	const char *why_not = "no object given (--kernel)";
	struct md_random r = {o->seed};
	struct timespec from, to;
	unsigned long i;

	clock_gettime(CLOCK_MONOTONIC, &from);
	if (o->kernel)
		run.kernel = md_kernel_open(o->kernel, &why_not);
	printf("seed %llu\n", (unsigned long long)o->seed);
	if (!o->one_world)
		md_check_matrix(&run);
	for (i = 0; run.pairs < o->pairs && run.differences < 5; i++) {
		uint64_t seed = o->one_world ? o->world : md_next(&r);
		enum md_flavour f = o->one_world ? (enum md_flavour)o->flavour : flavour_of(i);
		unsigned long left = o->pairs - run.pairs;

		md_compare_world(&run, seed, f, left < o->each ? (unsigned)left : o->each);
		if (o->one_world || wants_properties(i))
			md_check_properties(&run, seed, f, 100);
		if (o->one_world)
			break;
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	summary(&run, run.kernel ? NULL : why_not,
		(double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
	md_kernel_close(run.kernel);
	return run.differences ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct options o = {.seed = 1, .each = 1000};

	if (parse(argc, argv, &o)) {
		fputs("usage: ka-model [--seed N] [--kernel OBJECT] [--each N] [PAIRS]\n"
		      "       ka-model --world SEED --flavour N [--kernel OBJECT]\n"
		      "       ka-model --emit DIR [--seed N] [PATHS]\n"
		      "       ka-model --cases DIR\n",
		      stderr);
		return 2;
	}
	if (o.cases)
		return md_cases(o.cases);
	if (o.emit)
		return md_emit(o.emit, o.seed, 20, (unsigned)o.pairs);
	return run_all(&o);
}
