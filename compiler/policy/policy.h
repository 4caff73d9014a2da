/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Typed policies: the end of the language (source -> tree -> policy), the start of compiling
 * (policy -> rules -> automaton). After this stage nothing knows YAML.
 *
 * Everything is owned by the context's arena. Inheritance is resolved: a rule carries its own
 * action, severity, message and tags. Names of rules for people are built from the place:
 * spec.<section>.<list>[index].fromSource[n].
 */
#pragma once

#include "../../bpf/abi.h"
#include "../base/context.h"

struct ka_from {
	const char *path;
	uint32_t index; /* in the YAML list */
	struct ka_loc loc;
};

struct ka_rule {
	enum ka_category section;
	enum ka_list list;
	uint32_t index; /* in the YAML list */
	const char
		*object; /* path, dir (ends in '/'), pattern, or execname; bytes, no NUL inside */
	bool execname;   /* object is the last component of an executable's path */
	bool recursive, readonly;
	enum ka_effect action;
	uint8_t severity;           /* 0: unset */
	const char *message, *tags; /* "" if unset; tags joined by ',' */
	struct ka_from *from;       /* fromSource; none: NULL, 0 */
	size_t nfrom;
	struct ka_loc loc; /* of the object's value */
};

struct ka_label {
	const char *key, *value;
	struct ka_loc loc;
};

enum ka_tristate { KA_UNSET, KA_NO, KA_YES };

struct ka_policy {
	enum ka_kind kind;       /* KA_KIND_POLICY or KA_KIND_HOST so far */
	const char *ns, *name;   /* host policies: ns is "" */
	struct ka_loc loc;       /* of metadata.name */
	struct ka_label *labels; /* matchLabels of selector or nodeSelector, sorted by key */
	size_t nlabels;
	enum ka_posture
		posture[KA_CAT__MAX]; /* karmor-c/posture, karmor-c/posture-file, -process */
	enum ka_posture
		ns_posture[KA_CAT__MAX]; /* of the Namespace document, kubearmor-file-posture */
	bool audit_mode;                 /* karmor-c/mode: audit */
	enum ka_tristate mounts;         /* karmor-c/mounts: allow is KA_YES, deny is KA_NO */
	enum ka_tristate integrity;      /* karmor-c/source-integrity: "on", "off" */
	uint8_t severity;
	struct ka_rule
		*rules; /* in the document's order: process before file, paths, dirs, patterns */
	size_t nrules;
	const char *text; /* canonical YAML of this document, without the leading "---\n" */
};

struct ka_policies {
	struct ka_policy **v;
	size_t n, cap;
	/* postures of Namespace documents, applied by ka_policies_finish */
	struct ka_ns_posture *ns;
	size_t nns;
	size_t others; /* documents that are no policies, skipped with a note */
};

/*
 * Reads one source (a YAML stream of any number of documents) and adds its policies.
 * 0, also when diagnostics were added; negative errno only for system failures.
 */
int ka_policies_read(struct ka_ctx *ctx, const struct ka_source *src,
		     struct ka_policies *into) KA_MUST_CHECK;

/*
 * Sorts by (kind, ns, name), refuses the same {kind, ns, name} twice, applies the postures of
 * Namespace documents. Order of sources has no influence on the result.
 */
int ka_policies_finish(struct ka_ctx *ctx, struct ka_policies *p) KA_MUST_CHECK;

/*
 * Adds `more` to `base`: a policy of the same {kind, ns, name}, or a Namespace of the same name,
 * replaces. Both are finished; the result is, too.
 */
int ka_policies_merge(struct ka_ctx *ctx, struct ka_policies *base,
		      const struct ka_policies *more) KA_MUST_CHECK;

/* The canonical text of all: documents separated by "---\n", in order; parses to the same. */
int ka_policies_text(struct ka_ctx *ctx, const struct ka_policies *p, const char **ret_text,
		     size_t *ret_len) KA_MUST_CHECK;

/* "KubeArmorPolicy/ns/name", "KubeArmorHostPolicy/name" */
const char *ka_policy_id(struct ka_ctx *ctx, const struct ka_policy *p);
const char *ka_kind_str(enum ka_kind kind);
/* "spec.file.matchPaths[2].fromSource[0]"; from: index or KA_NO_FROM */
const char *ka_rule_place(struct ka_ctx *ctx, enum ka_category section, enum ka_list list,
			  uint32_t index, uint32_t from);
