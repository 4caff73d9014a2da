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
	unsigned long cells, cell_pairs; /* of the matrix */
	unsigned long worlds, pairs, kernel_pairs, checks, differences;
	/* how many pairs each answer was given to: shows that the test asks about something */
	unsigned long answers[4], reasons[4], audits;
	struct md_kernel *kernel; /* NULL: not asked */
};

bool md_same_verdict(const struct md_verdict *a, const struct md_verdict *b);
/* Asks all of one access; false: they differ, which is reported. */
bool md_same_answers(struct md_run *run, struct md_world *w, const struct md_machine *m,
		     const struct md_subject *who, const struct md_seat *seat,
		     const struct md_access *access);
/* `n` accesses of one world; negative: the world could not be compiled. */
int md_compare_world(struct md_run *run, uint64_t seed, enum md_flavour flavour, unsigned n);
/* matrix.c: all combinations of one rule */
void md_check_matrix(struct md_run *run);
/* scopes.c: all combinations of two scopes */
void md_check_scopes(struct md_run *run);
/* properties.c: the same on statements about policy sets as a whole */
int md_check_properties(struct md_run *run, uint64_t seed, enum md_flavour flavour, unsigned n);
/* Prints the set, the access and both verdicts of one difference. */
void md_report(struct md_world *w, const struct md_subject *who, const struct md_access *access,
	       struct md_kernel *kernel, const char *headline);

/* aliases.c: rules written for the targets of their objects do the same; false: they do not */
bool md_check_targets(struct md_run *run, struct md_random *r, struct md_world *w,
		      const struct md_machine *m, unsigned n);

/* above.c: renames and mounts above what rules name; false: there was a difference */
bool md_check_above(struct md_run *run, struct md_world *w, const struct md_machine *m,
		    struct md_random *r, unsigned n);

/* cases.c: the fixed cases of a folder */
int md_cases(const char *dir);

/* emit.c: a folder with everything that the check through the kernel's own walk needs */
int md_emit(const char *dir, uint64_t seed, unsigned worlds, unsigned paths);
