/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A second reading of what a policy means (karmor-policy(5)), written to be obvious and slow.
 *
 * It shares no code and no structs with the compiler or the matcher: no automaton, no sorting,
 * whole path strings and plain loops over every rule of every policy. gen.c makes random policy
 * sets and accesses, yaml.c writes them as text, diff.c holds the model's verdicts against what
 * the matcher says. Names begin with md_ so that nothing here is taken for the product.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum md_section { MD_PROCESS, MD_FILE, MD_NETWORK, MD_CAPABILITIES, MD_SECTIONS };
enum md_list { MD_PATHS, MD_DIRS, MD_PATTERNS, MD_PROTOCOLS, MD_CAPABILITY_NAMES, MD_LISTS };
enum md_kind { MD_POLICY, MD_CLUSTER, MD_HOST, MD_KINDS };
enum md_action { MD_UNSET, MD_ALLOW, MD_AUDIT, MD_BLOCK };
enum md_posture { MD_POSTURE_NONE, MD_POSTURE_AUDIT, MD_POSTURE_BLOCK };
enum md_switch { MD_DEFAULT, MD_OFF, MD_ON };
/*
 * What a task does, as far as the meaning of rules tells operations apart; MD_USE is every
 * operation on a socket, and the use of a capability.
 */
enum md_op { MD_READ, MD_CHANGE, MD_EXEC, MD_MAP, MD_USE };

#define MD_MAX_FROM 4
#define MD_MAX_LABELS 4
#define MD_MAX_EXPRESSIONS 3
#define MD_MAX_VALUES 3

struct md_rule {
	enum md_section section;
	enum md_list list;
	const char *object; /* path, dir, pattern, name; protocol or capability as it is written */
	bool execname;      /* MD_PATHS of process: object is a name */
	bool recursive, readonly, owner_only;
	bool terminal;         /* pts: false */
	bool spelled_out;      /* what is not so is written, too: `readOnly: false`, `pts: true` */
	enum md_action action; /* its own; MD_UNSET inherits */
	const char *from[MD_MAX_FROM];
	int nfrom;
	bool gone;      /* taken out while a difference is made smaller */
	unsigned index; /* in its list, as written; set by md_number() */
};

struct md_label {
	const char *key, *value;
};

/* One of matchExpressions. */
struct md_expression {
	bool is_namespace; /* else the values are KEY=VALUE */
	bool not_in;
	const char *values[MD_MAX_VALUES];
	int nvalues;
};

struct md_policy {
	enum md_kind kind;
	const char *ns, *name;                 /* ns: "" unless MD_POLICY */
	struct md_label labels[MD_MAX_LABELS]; /* selector or nodeSelector */
	int nlabels;
	struct md_expression expressions[MD_MAX_EXPRESSIONS];
	int nexpressions;
	enum md_action action, section_action[MD_SECTIONS];
	enum md_posture posture, section_posture[MD_SECTIONS]; /* annotations */
	bool audit_mode, overridable;
	enum md_switch integrity;
	struct md_rule *rules;
	int nrules;
	bool gone;
};

struct md_namespace {
	const char *name;
	enum md_posture posture[MD_SECTIONS]; /* kubearmor-file-posture: files and processes */
};

struct md_link {
	const char *path, *target; /* parents of the path are no links */
};

#define MD_MAX_LINKS 8

/* The root in which links of rules are resolved; not there: the fixed aliases apply. */
struct md_root {
	bool there;
	struct md_link links[MD_MAX_LINKS];
	int nlinks;
	char dir[64]; /* where it is on this machine */
};

struct md_set {
	struct md_root root;
	struct md_policy *policies;
	int npolicies;
	struct md_namespace namespaces[2];
	int nnamespaces;
};

struct md_node {
	const char *hostname, *os, *arch;
	struct md_label labels[MD_MAX_LABELS]; /* of the node's configuration */
	int nlabels;
	/* [0] workloads, [1] the node's own tasks */
	enum md_posture posture[2][MD_SECTIONS];
};

struct md_subject {
	bool host;
	const char *ns;
	struct md_label labels[MD_MAX_LABELS];
	int nlabels;
	const char *sources[2]; /* program or script, and its interpreter; NULL: none */
	bool terminal;          /* has a controlling one */
};

struct md_socket {
	int family, type, protocol;
};

struct md_access {
	enum md_section section; /* whose rules are asked */
	enum md_op op;
	unsigned detail;  /* which of the kernel's operations: the meaning is the same for all */
	const char *path; /* of MD_PROCESS and MD_FILE */
	bool owner;       /* the task owns the object; of a creation, its directory */
	struct md_socket socket;
	unsigned capability;
};

enum md_answer { MD_PERMIT, MD_DENY, MD_WOULD_DENY, MD_REPORT };
enum md_reason { MD_BY_NOTHING, MD_BY_RULE, MD_BY_POSTURE, MD_BY_INTEGRITY };

/* A rule as an alert names it. */
struct md_name {
	const struct md_policy *policy; /* NULL: none */
	const struct md_rule *rule;
	int from; /* index in fromSource, -1: none */
};

struct md_verdict {
	enum md_answer answer;
	enum md_reason reason;
	struct md_name rule;  /* for MD_BY_RULE and MD_BY_INTEGRITY */
	struct md_name audit; /* the Audit rule that reports besides */
};

/* ---- model.c, match.c, govern.c, objects.c, flat.c: the meaning ---- */

void md_judge(const struct md_set *set, const struct md_node *node, const struct md_subject *who,
	      const struct md_access *access, struct md_verdict *ret);

bool md_governs(const struct md_policy *policy, const struct md_node *node,
		const struct md_subject *who);
enum md_action md_action_of(const struct md_policy *policy, const struct md_rule *rule);
/* How the category of a subject treats what no rule matches. */
struct md_unmatched {
	bool allow_list;
	bool denied;          /* by what is enforced */
	bool would_be_denied; /* if policies in audit mode were enforced, too */
};
void md_unmatched(const struct md_set *set, const struct md_node *node,
		  const struct md_subject *who, enum md_section section, struct md_unmatched *ret);
bool md_protects_sources(const struct md_policy *policy);
/* Is it about paths? */
bool md_has_paths(enum md_section section);
/* An operation whose object cannot be established: MD_DENY, MD_WOULD_DENY or MD_PERMIT. */
enum md_answer md_undecided(const struct md_set *set, const struct md_node *node,
			    const struct md_subject *who, enum md_section section);

/* Under the other spellings of its literal beginning, too; root NULL: only as it is. */
bool md_glob(const char *pattern, const struct md_root *root, bool strict, const char *path);
bool md_has_wildcard(const char *pattern);
/* A pattern without a wildcard as the path it means; ret has room for strlen(pattern) + 1. */
void md_unescape(const char *pattern, char *ret);
bool md_literal_covers(const char *literal, const char *path);
bool md_dir_covers(const char *dir, bool recursive, const char *path);

/* ---- flat.c: objects without a path ---- */

/* 0: the word does not cover the socket; the more specific, the higher. */
enum { MD_WORD_ALL = 1, MD_WORD_TYPE, MD_WORD_PROTOCOL };
int md_socket_rank(const char *word, const struct md_socket *s);
bool md_socket_is_exempt(const struct md_socket *s);
/* Their number, -1: there is no such capability. */
int md_capability(const char *name);
const char *md_capability_name(unsigned number); /* NULL: no name */
const char *md_protocol(unsigned i);             /* the words; NULL: no more */

/* ---- spelling.c: other names of a path ---- */

/* Has an empty component, "." or "..": no resolved path does. */
bool md_is_impossible(const char *path);

/*
 * The n-th other spelling of a rule's path or directory; false: no more. `strict`: the rule may
 * be widened on suspicion, which the fixed aliases need and links of a root do not.
 */
bool md_spelling(const struct md_root *root, bool strict, const char *path, int n, char *buf,
		 size_t size);
/* The same of a pattern without braces, for its literal beginning. */
bool md_pattern_spelling(const struct md_root *root, bool strict, const char *pattern, int n,
			 char *buf, size_t size);

/* ---- yaml.c ---- */

void md_number(struct md_set *set);
void md_yaml(const struct md_set *set, const int *order, FILE *f);

/* ---- print.c: for people ---- */

const char *md_kind_name(enum md_kind kind);
const char *md_section_name(enum md_section section);
const char *md_list_name(enum md_list list);
void md_print_root(const struct md_root *root, FILE *f);
void md_print_access(const struct md_subject *who, const struct md_access *access, FILE *f);
void md_print_verdict(const struct md_verdict *v, FILE *f);
