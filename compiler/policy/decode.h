/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checked tree to policy, the third stage; private to the modules that do it:
 *
 *   policy.c          the set of policies
 *   document.c        what kind of document
 *   decode.c          one policy: its name, and the parts below
 *   annotation.c      its settings
 *   decode_select.c   whom it governs
 *   decode_rules.c    its rules: sections and lists, what is inherited
 *   decode_values.c   what fields of rules hold
 *   decode_packets.c  ingress and egress
 *   canon.c           back to text
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
int ka_annotations_decode(struct ka_ctx *ctx, const struct ka_node *annotations,
			  struct ka_policy *p) KA_MUST_CHECK;
const char *ka_annotation_posture(enum ka_section section); /* "karmor-c/posture-file" */
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

/* ---- parts of decoding ---- */

/* Notes where a part of the policy is, the first time. */
void ka_policy_place(struct ka_ctx *ctx, struct ka_policy *p, enum ka_feature part,
		     const struct ka_node *n);

int ka_decode_rules(struct ka_ctx *ctx, const struct ka_node *spec,
		    struct ka_policy *p) KA_MUST_CHECK;
int ka_decode_select(struct ka_ctx *ctx, const struct ka_node *spec,
		     struct ka_policy *p) KA_MUST_CHECK;

/*
 * The object of a rule: 1, or 0 if there is none that can be used (a diagnostic says so).
 * Everything else that a rule has, but not what is inherited: 0 or -ENOMEM.
 */
typedef int (*ka_take)(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule);
int ka_take_path(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule);
int ka_take_program(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule);
int ka_take_dir(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule);
int ka_take_pattern(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule);
int ka_take_protocol(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule);
int ka_take_domain(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule);
int ka_take_capability(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule);
int ka_take_syscalls(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule);
int ka_take_syscall_path(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule);
int ka_take_preset(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule);
int ka_take_device(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule);
int ka_take_packets(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule);

/* What a rule has that has nothing of it. */
extern const struct ka_rule_extra ka_rule_no_extra;
/* The rule's extra to be written to, made when it is needed; NULL on ENOMEM. */
struct ka_rule_extra *ka_rule_extra(struct ka_ctx *ctx, struct ka_rule *rule);
/* The strings of a list that `check` (or NULL) finds good, sorted, each once. 0 or -ENOMEM. */
int ka_take_words(struct ka_ctx *ctx, const struct ka_node *list,
		  bool (*check)(struct ka_ctx *, const struct ka_node *),
		  struct ka_words *ret) KA_MUST_CHECK;
