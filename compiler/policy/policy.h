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

/*
 * Where a rule stands and what it is about. The first KA_CAT__MAX are enum ka_category, what the
 * kernel side judges by the automaton. The first KA_SECTION_POSTURES have a posture.
 */
enum ka_section {
	KA_SECTION_FILE = KA_CAT_FILE,
	KA_SECTION_PROCESS = KA_CAT_PROCESS,
	KA_SECTION_NETWORK,
	KA_SECTION_CAPABILITIES,
	KA_SECTION_DNS, /* network.matchDNSQueries: a category of its own */
	KA_SECTION_POSTURES,
	KA_SECTION_SYSCALLS = KA_SECTION_POSTURES,
	KA_SECTION_PRESETS,
	KA_SECTION_DEVICE,
	KA_SECTION_INGRESS,
	KA_SECTION_EGRESS,
	KA_SECTION__MAX
};

struct ka_from {
	const char *path; /* of an executable; of a directory (ends in '/'): syscalls only */
	uint32_t index;   /* in the YAML list */
	bool recursive;   /* of a directory */
	struct ka_loc loc;
};

/* A word of a list inside a rule: an argument, a system call, an interface. */
struct ka_word {
	const char *text;
	struct ka_loc loc;
};

struct ka_words {
	struct ka_word *v;
	size_t n;
};

/* Addresses of one block, as the packet has them. */
struct ka_cidr {
	uint8_t family; /* AF_INET, AF_INET6 */
	uint8_t bits;   /* length of the prefix; what lies behind it in addr is zero */
	uint8_t addr[16];
	struct ka_loc loc;
};

struct ka_port {
	uint16_t first, last; /* 0, 0: a name */
	const char *name;     /* NULL: numbers */
	uint8_t protocol;     /* IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP; 0: any of them */
	struct ka_loc loc;
};

/* What only some kinds of rules have; nothing of it is set in others. */
struct ka_rule_extra {
	struct ka_words args;     /* allowedArgs */
	struct ka_words syscalls; /* names, none: any */
	struct ka_words ifaces;
	struct ka_cidr *cidrs; /* from, to */
	size_t ncidrs;
	struct ka_port *ports;
	size_t nports;
	uint64_t limit, seconds; /* bytes per time; 0: none */
	int subclass, protocol;  /* of a USB interface; -1: any */
	unsigned level;          /* of its hub; 0: any */
};

struct ka_rule {
	uint8_t section;  /* enum ka_section */
	uint8_t list;     /* enum ka_list */
	uint8_t action;   /* enum ka_effect, inherited where unset */
	uint8_t severity; /* 0: unset */
	bool execname;    /* object is the last component of an executable's path */
	bool recursive, readonly, owner_only;
	bool terminal;   /* pts: false: only tasks with a controlling terminal */
	bool has_args;   /* allowedArgs is there, be it empty */
	bool own_action; /* written on the rule itself */
	uint32_t index;  /* in the YAML list; of the rule for syscalls, ingress, egress, presets */
	/*
	 * path, dir (ends in '/'), pattern or execname, bytes without NUL; in canonical spelling a
	 * protocol ("tcp"), capability ("net_raw"), domain ("example.com"), preset, device class;
	 * syscalls: the path or ""; packets: "".
	 */
	const char *object;
	const char *message, *tags; /* "" if unset; tags joined by ',' */
	struct ka_from *from;       /* fromSource; none: NULL, 0 */
	uint32_t nfrom;
	const struct ka_rule_extra *extra; /* never NULL */
	struct ka_loc loc;                 /* of the object's value */
};

struct ka_label {
	const char *key, *value;
	struct ka_loc loc;
};

/* One condition of matchExpressions. */
struct ka_expression {
	const char *key; /* "label" (values are KEY=VALUE), "namespace" */
	bool not_in;
	struct ka_words values; /* sorted, each once */
	struct ka_loc loc;      /* of the key's value */
};

enum ka_tristate { KA_UNSET, KA_NO, KA_YES };

/* Parts of a policy whose place is kept, so that support.c can point at them. */
enum ka_feature {
	KA_FEATURE_KIND,
	KA_FEATURE_NETWORK,
	KA_FEATURE_DNS,
	KA_FEATURE_CAPABILITIES,
	KA_FEATURE_SYSCALLS,
	KA_FEATURE_PRESETS,
	KA_FEATURE_DEVICE,
	KA_FEATURE_PACKETS, /* ingress or egress */
	KA_FEATURE_OWNER_ONLY,
	KA_FEATURE_PTS,
	KA_FEATURE_ARGS,
	KA_FEATURE_EXPRESSIONS,
	KA_FEATURE_APPARMOR,
	KA_FEATURE_GUARDS,
	KA_FEATURE_OVERRIDABLE,
	KA_FEATURE__MAX
};

struct ka_policy {
	enum ka_kind kind;
	const char *ns, *name;   /* only KubeArmorPolicy has a ns, others "" */
	struct ka_loc loc;       /* of metadata.name */
	struct ka_label *labels; /* matchLabels of selector or nodeSelector, sorted by key */
	size_t nlabels;
	struct ka_expression *expressions; /* in one order whatever the document's */
	size_t nexpressions;
	struct ka_label *pods; /* of a network policy, which has a nodeSelector, too: matchLabels */
	size_t npods;          /* of its selector, sorted by key */
	/* karmor-c/posture, karmor-c/posture-file, ... */
	enum ka_posture posture[KA_SECTION_POSTURES];
	/* of the Namespace document: kubearmor-file-posture, ... */
	enum ka_posture ns_posture[KA_SECTION_POSTURES];
	bool audit_mode;            /* karmor-c/mode: audit */
	enum ka_tristate mounts;    /* karmor-c/mounts: allow is KA_YES, deny is KA_NO */
	enum ka_tristate integrity; /* karmor-c/source-integrity: "on", "off" */
	bool overridable;           /* karmor-c/overridable: "true" */
	const char *guards;         /* karmor-c/guards, "" if unset: sorted, "-bpf,-ptrace" */
	const char *apparmor;       /* spec.apparmor, "" if unset */
	const char *level;          /* spec.level of a network policy, "" if unset */
	uint8_t severity;
	struct ka_rule
		*rules; /* in the document's order: process before file, paths, dirs, patterns */
	size_t nrules;
	const struct ka_loc *places; /* by enum ka_feature, line 0: not there; NULL: none is */
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
const char *ka_rule_place(struct ka_ctx *ctx, enum ka_section section, enum ka_list list,
			  uint32_t index, uint32_t from);
const char *ka_section_str(enum ka_section section); /* the field of spec: "network" for DNS, too */
