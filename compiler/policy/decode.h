/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checked tree to policy, the third stage; private to the modules that do it:
 * policy.c (the set of policies), document.c (what kind of document), decode.c (one policy),
 * annotation.c (its settings), canon.c (back to text).
 */
#pragma once

#include "../check/schema.h"
#include "policy.h"

/* What a Namespace document says. */
struct ka_ns_posture {
	const char *name;
	struct ka_loc loc;
	enum ka_posture posture[KA_SECTION_POSTURES];
};

/* One document of a stream; arg is the struct ka_policies. */
int ka_document_read(struct ka_ctx *ctx, const struct ka_node *root, void *arg) KA_MUST_CHECK;

/* *ret is NULL when the document is too wrong to have a name. */
int ka_policy_decode(struct ka_ctx *ctx, const struct ka_node *root, enum ka_kind kind,
		     struct ka_policy **ret) KA_MUST_CHECK;

/* The karmor-c/ annotations of a policy. */
void ka_annotations_decode(struct ka_ctx *ctx, const struct ka_node *annotations,
			   struct ka_policy *p);
/* The kubearmor-*-posture annotations of a Namespace; false if there is none of a category. */
bool ka_ns_annotations_decode(struct ka_ctx *ctx, const struct ka_node *annotations,
			      struct ka_ns_posture *ns);

/* Canonical text of one policy, of one Namespace. NUL-terminated, in the arena. */
int ka_policy_text(struct ka_ctx *ctx, const struct ka_policy *p, const char **ret) KA_MUST_CHECK;
int ka_ns_posture_text(struct ka_ctx *ctx, const struct ka_ns_posture *ns,
		       const char **ret) KA_MUST_CHECK;

int ka_policies_add(struct ka_ctx *ctx, struct ka_policies *set, struct ka_policy *p) KA_MUST_CHECK;
int ka_policies_add_ns(struct ka_ctx *ctx, struct ka_policies *set,
		       const struct ka_ns_posture *ns) KA_MUST_CHECK;
