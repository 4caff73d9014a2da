/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One judgement taken apart: the entries of the object's list in the order in which the matcher
 * hears them, and what became of each. The verdict itself is the matcher's.
 */
#pragma once

#include "rules.h"

enum ka_fate {
	KA_FATE_DECIDES, /* the first of its scope that applies */
	KA_FATE_WOULD,   /* would have decided, but its policy is in audit mode */
	KA_FATE_REPORTS, /* an Audit rule: changes nothing */
	KA_FATE_LOST,    /* to `winner` */
	KA_FATE_SOURCE,  /* the subject is not its source */
	KA_FATE_SPARED,  /* readOnly: not about this operation */
};

struct ka_heard {
	struct ka_entry entry;
	enum ka_fate fate;
	const char *why; /* of LOST: a phrase */
	uint32_t winner; /* of LOST: rule */
};

struct ka_explained {
	enum ka_category cat;
	enum ka_op op;
	struct ka_ruling ruling;
	struct ka_heard *v; /* malloc'ed */
	size_t n;
};

/* -ENOMEM, or 0. `policies`: those of the image, for what rules are about. */
int ka_explain(const struct ka_reader *r, const struct ka_policies *policies,
	       const struct ka_who *who, enum ka_category cat, enum ka_op op, const char *path,
	       struct ka_explained *ret) KA_MUST_CHECK;
void ka_explained_done(struct ka_explained *x);
