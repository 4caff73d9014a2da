/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The comparison: every access of a world asked of the model, of the matcher in user space and,
 * where possible, of the matcher in the kernel. The first difference of a world is made small
 * and printed.
 */
#pragma once

#include "gen.h"
#include "machine.h"

struct md_run {
	uint64_t seed; /* of the world under way, as its flavour */
	enum md_flavour flavour;
	unsigned long too_much; /* worlds whose patterns multiply beyond the compiler's bounds */
	unsigned long worlds, pairs, kernel_pairs, checks, differences;
	/* how many pairs each answer was given to: shows that the test asks about something */
	unsigned long answers[4], reasons[4], audits;
	struct md_kernel *kernel; /* NULL: not asked */
};

bool md_same_verdict(const struct md_verdict *a, const struct md_verdict *b);
/* `n` accesses of one world; negative: the world could not be compiled. */
int md_compare_world(struct md_run *run, uint64_t seed, enum md_flavour flavour, unsigned n);
/* properties.c: the same on statements about policy sets as a whole */
int md_check_properties(struct md_run *run, uint64_t seed, enum md_flavour flavour, unsigned n);
/* Prints the set, the access and both verdicts of one difference. */
void md_report(struct md_world *w, const struct md_subject *who, const struct md_access *access,
	       struct md_kernel *kernel, const char *headline);

/* above.c: renames and mounts above what rules name; false: there was a difference */
bool md_check_above(struct md_run *run, struct md_world *w, const struct md_machine *m,
		    struct md_random *r, unsigned n);

/* cases.c: the fixed cases of a folder */
int md_cases(const char *dir);

/* emit.c: a folder with everything that the check through the kernel's own walk needs */
int md_emit(const char *dir, uint64_t seed, unsigned worlds, unsigned paths);
