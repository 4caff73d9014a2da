/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The documents of a source, for reports that count documents: what stands between lines that
 * begin with `---`. They are seen here by their text, also those that could not be read.
 */
#pragma once

#include "output.h"

struct ka_document {
	uint32_t number;      /* from 1 */
	uint32_t first, last; /* lines */
	size_t policies;
	const struct ka_policy *policy; /* the first of them, or NULL */
	const struct ka_diag *const *diags;
	size_t n;
	bool fails;
};

struct ka_document_walk {
	const struct ka_found *found;
	struct ka_part part;
	size_t at; /* offset of the next document */
	uint32_t line, number;
	const struct ka_policy **policies; /* of all sources, by place */
	size_t npolicies;
};

/* All policies by place; *ret: malloc'ed. -ENOMEM. */
int ka_policies_by_place(const struct ka_found *f, const struct ka_policy ***ret) KA_MUST_CHECK;

void ka_documents_of(struct ka_document_walk *w, const struct ka_found *f, size_t source,
		     const struct ka_policy **by_place);
/* false: there are no more. Blank ones without a finding are left out. */
bool ka_document_next(struct ka_document_walk *w, struct ka_document *ret);
