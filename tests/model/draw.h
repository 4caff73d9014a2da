/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the generator: small sets that policies and subjects draw from.
 */
#pragma once

#include "gen.h"

#define PICK(r, list) ((list)[md_below((r), sizeof(list) / sizeof((list)[0]))])

extern const char *const md_spaces[3];

/* ---- labels.c ---- */

/* Whom a policy of its kind governs: its namespace, labels, expressions. */
void md_make_selector(struct md_random *r, struct md_pool *pool, enum md_flavour flavour,
		      struct md_policy *p);
/* A namespace and labels, of a workload that the policy mostly governs. */
void md_make_workload(struct md_random *r, const struct md_policy *p, struct md_subject *ret);
