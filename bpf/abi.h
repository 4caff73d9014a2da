/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the kernel programs and user space agree on: the image, the maps, the events.
 *
 * This is the only header that both worlds include. The compiler writes an image, the
 * loader puts it into a map, the matcher (match.h) reads it. Everything is little-endian,
 * fixed-width and free of pointers: references are byte offsets from the image's start.
 *
 *   image:  | ka_image | states | edges | names | rows | entries | psets | tables | strings |
 *
 * The automaton walks a path component by component, from the root down. A state knows
 *   - which rules cover an object that ends here (one entry list per category),
 *   - where a component leads: by name (the edge table), else by the class that the byte
 *     automaton (rows) gives to the name, else `other`.
 * The first entry of a list that applies to the subject decides, once per scope.
 *
 * Whoever changes a layout raises KA_ABI; a bundle of another ABI is refused.
 */
#pragma once

#include <linux/types.h>

#define KA_ABI 2
#define KA_MAGIC 0x31434d5241474d49ull /* "IMGARMC1" */

#ifdef __cplusplus
#error "C only"
#endif
#define KA_ASSERT_SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type " changed size")

/* ---- limits ---- */

#define KA_MAX_POLICIES 4096u   /* bits of a member's policy set */
#define KA_POLICY_WORDS 64u     /* KA_MAX_POLICIES / 64 */
#define KA_SUBJECT_WORDS 4u     /* the policy words that a subject caches */
#define KA_MAX_SOURCES 65535u   /* source classes; class 0 is "no source named by a rule" */
#define KA_MAX_COMPONENTS 2048u /* deeper objects are unestablished */
#define KA_MAX_NAME 255u        /* NAME_MAX */
#define KA_NAME_WORDS 32u       /* (KA_MAX_NAME + 7) / 8 */
#define KA_MAX_LIST 65536u      /* entries that are looked at in one list */
#define KA_PROBES 16u /* edge slots that are looked at for one name; the compiler keeps to it */
#define KA_SLOTS 4u   /* generations that may be alive at once */
#define KA_IMAGE_SLACK 4096u     /* an image map's value is a power of two plus this */
#define KA_MIN_CLASS (64u << 10) /* smallest size class of an image map */
#define KA_MAX_CLASS (64u << 20) /* largest */
#define KA_CAPABILITIES 64u      /* as many as a kernel can have */
#define KA_RECORDS 4096u         /* events that the recorder keeps */
#define KA_EVENT_PATH 1024u
#define KA_EVENT_SOURCE 256u

/* ---- vocabulary ---- */

/* The first KA_CAT_PATHS are about paths, which the automaton judges; the others have tables. */
enum ka_category {
	KA_CAT_FILE,
	KA_CAT_PROCESS,
	KA_CAT_PATHS,
	KA_CAT_NETWORK = KA_CAT_PATHS,
	KA_CAT_CAPABILITIES,
	KA_CAT__MAX
};

/* Between scopes the stricter verdict holds; AUDIT is no scope of verdicts but reports. */
enum ka_scope {
	KA_SCOPE_CLUSTER,
	KA_SCOPE_NAMESPACE,
	KA_SCOPE_HOST,
	KA_SCOPE_INTEGRITY, /* readOnly that protects sources and allowed executables */
	KA_SCOPE_AUDIT,
	KA_SCOPE__MAX
};

enum ka_effect { KA_EFFECT_ALLOW = 1, KA_EFFECT_BLOCK = 2, KA_EFFECT_AUDIT = 3 };

/* What a task does to an object. The order is the ABI: append only. */
enum ka_op {
	KA_OP_NONE,
	KA_OP_READ,
	KA_OP_WRITE,
	KA_OP_CREATE,
	KA_OP_UNLINK,
	KA_OP_RENAME,
	KA_OP_LINK,
	KA_OP_SYMLINK,
	KA_OP_MKDIR,
	KA_OP_RMDIR,
	KA_OP_MKNOD,
	KA_OP_TRUNCATE,
	KA_OP_CHMOD,
	KA_OP_CHOWN,
	KA_OP_EXEC,
	KA_OP_MAP_EXEC,
	KA_OP_MOUNT,
	KA_OP_UMOUNT,
	KA_OP_MOVE_MOUNT,
	KA_OP_PIVOT_ROOT,
	KA_OP_REMOUNT,
	KA_OP_FORK,
	KA_OP_SOCKET,
	KA_OP_BIND,
	KA_OP_LISTEN,
	KA_OP_CONNECT,
	KA_OP_ACCEPT,
	KA_OP_SEND, /* to an address */
	KA_OP_CAPABLE,
	KA_OP__MAX
};

enum ka_verdict { KA_PERMIT, KA_DENY, KA_WOULD_DENY, KA_REPORT /* audited, permitted */ };

/* Why: a rule decided, or what else did. */
enum ka_reason {
	KA_WHY_NONE,
	KA_WHY_RULE,
	KA_WHY_POSTURE,
	KA_WHY_UNESTABLISHED, /* the object's path does not end at the root of the task's own mount
				 namespace */
	KA_WHY_UNDECIDED,     /* scratch missing, path would not hold still, table inconsistent */
	KA_WHY_ABOVE,     /* a directory above what rules name would be renamed or mounted over */
	KA_WHY_MOUNT,     /* mounts that could give a file a second name */
	KA_WHY_INTEGRITY, /* a source or an allowed executable would be changed */
	KA_WHY__MAX
};

/* ---- the image ---- */

struct ka_table {
	__u32 off;
	__u32 count;
};

/* ka_image.hooks: which hook families the rules need; the loader attaches no others. */
#define KA_HOOKS_TASK (1u << 0) /* membership: always */
#define KA_HOOKS_EXEC                                                                              \
	(1u << 1)                 /* process rules, and sources: always, since a later policy asks \
				   */
#define KA_HOOKS_MMAP (1u << 2)   /* mapping executable: process Block rules */
#define KA_HOOKS_OPEN (1u << 3)   /* file_open: any file rule */
#define KA_HOOKS_PATH (1u << 4)   /* path_*: file rules, names above, integrity */
#define KA_HOOKS_MOUNT (1u << 5)  /* sb_mount and the like */
#define KA_HOOKS_SOCKET (1u << 6) /* network rules */
#define KA_HOOKS_CAPABLE (1u << 7) /* capability rules */

struct ka_image {
	__u64 magic;
	__u32 abi;
	__u32 size;       /* bytes in use, this head included */
	__u8 digest[32];  /* of the generation: SHA-256 over the canonical policy text and the
			     options */
	__u32 start;      /* offset of the state of "/" */
	__u32 edges;      /* offset of the open-addressing table of struct ka_edge */
	__u32 edge_slots; /* home slots; KA_PROBES more follow, so that probing needs no wrap */
	__u32 byte_class; /* offset of 256 __u16: 4 * (1 + class of the byte), the column in a row
			   */
	__u32 row_bytes;  /* size of a row */
	__u32 hooks;      /* KA_HOOKS_* */
	__u32 states, rows, names; /* how many; for inspect */
	__u32 edges_used;
	struct ka_table policies; /* struct ka_policy_rec, sorted by kind, namespace, name */
	struct ka_table labels;   /* struct ka_label_rec */
	struct ka_table spaces;   /* struct ka_space_rec, sorted by name */
	struct ka_table rules;    /* struct ka_rule_rec; a rule's number is its index */
	struct ka_table sources;  /* __u32 string offsets; class c is path [c - 1] */
	struct ka_table strings;  /* NUL-terminated, count is bytes; offset 0 of it is "" */
	/* Offsets of entry lists, __u32[]; 0: no rule is of the category. */
	__u32 sockets;      /* by ka_socket_index (socket.h): KA_SOCKET_INDEXES of them */
	__u32 capabilities; /* by number: KA_CAPABILITIES of them */
};
KA_ASSERT_SIZE(struct ka_image, 144);

/* ka_state.flags */
#define KA_STATE_NAMES (1u << 0) /* has edges by name */
#define KA_STATE_SCAN (1u << 1)  /* names without an edge are scanned by the byte automaton */
#define KA_STATE_SCAN_LAST \
	(1u << 2) /* ... which matters only for the last component: before it, `other` */
#define KA_STATE_FINAL_FILE (1u << 3)    /* nothing below can change the file list: stop here */
#define KA_STATE_FINAL_PROCESS (1u << 4) /* the same for the process list */
#define KA_STATE_FINAL(cat) (KA_STATE_FINAL_FILE << (cat))

/*
 * Set in a reference to a state: we are in a child of the directory whose name begins with `..`.
 * There the same names lead to the same places, but names are not scanned again. So literal
 * rules need no second state for such children; every other use of a reference masks the bit.
 */
#define KA_STATE_IN_DOTS 0x80000000u

struct ka_state {
	__u32 flags;
	__u32 list[KA_CAT_PATHS]; /* offset of struct ka_entry[]; 0: no rule covers an object that
				     ends here */
	__u32 other;              /* offset of the state for a component without an edge, class 0 */
	__u32 scan;               /* offset of the byte automaton's start row */
	__u32 classes;            /* offset of __u32[]: the state for each class that rows give */
	__u32 move;  /* offset of a ka_pset: policies with a blocked object, allowed executable or
			source below */
	__u32 mount; /* offset of a ka_pset: policies that name an object or source here or below */
	__u32 below; /* equal numbers: the same rules hold below, so a rename between them moves
			nothing */
	__u32 pad;
};
KA_ASSERT_SIZE(struct ka_state, 40);

/*
 * An edge by name. key = ka_name_hash(state, name); key 0 is a free slot. The home slot is
 * (key >> 32) * edge_slots >> 32, probing is linear, no key lies KA_PROBES or more from home.
 * The hash is a bijection of the state for a given name, so key plus the name's words prove
 * both. `name` is the offset of the words: (len + 7) / 8 of them, zero-padded.
 */
struct ka_edge {
	__u64 key;
	__u32 next;
	__u32 name;
};
KA_ASSERT_SIZE(struct ka_edge, 16);

/*
 * A row of the byte automaton is __u32[1 + classes]: [0] is the class that a name gets which
 * ends here, [column / 4] the offset of the next row. With KA_ROW_FINAL set no further byte
 * changes the class.
 */
#define KA_ROW_FINAL 0x80000000u

/* ka_entry.flags */
#define KA_ENTRY_LAST (1u << 0) /* end of the list */
#define KA_ENTRY_READONLY                                                                     \
	(1u << 1)                /* Block, Audit: only changes; Allow: only what is no change \
				  */
#define KA_ENTRY_WOULD (1u << 2) /* the policy is in audit mode: permit, report "would deny" */
#define KA_ENTRY_OWNER                                                                        \
	(1u << 4) /* Block, Audit: everybody but the owner, and any change if it is READONLY; \
		   * Allow: the owner alone */
#define KA_ENTRY_TERMINAL (1u << 5) /* only of tasks with a controlling terminal */
#define KA_ENTRY_ASKS (1u << 6)     /* on the first of a list: one of them has such a condition */
#define KA_ENTRY_OVERRIDABLE (1u << 7) /* Block: an Allow of another scope prevails */
#define KA_ENTRY_NO_MMAP \
	(1u << 3) /* has a condition that no mapping can meet: does not judge mappings */

/*
 * Lists are sorted so that, within one scope, the first entry that applies decides:
 * by scope; entries with a source first; exact path, execname, {Block patterns, directories
 * from the longest, Allow patterns}; at equal rank Block first; then policy and rule.
 */
struct ka_entry {
	__u32 rule;   /* index in ka_image.rules */
	__u16 policy; /* index in ka_image.policies: the bit in a member's set */
	__u16 source; /* class that the subject must have; 0: any */
	__u8 scope;
	__u8 effect;
	__u16 flags;
	__u32 pad;
};
KA_ASSERT_SIZE(struct ka_entry, 16);

/* A set of policies as bits; word w holds policies 64 * w .. 64 * w + 63. */
struct ka_pset {
	__u32 words;
	__u32 pad;
	__u64 bits[];
};
KA_ASSERT_SIZE(struct ka_pset, 8);

/* ---- tables that only user space reads ---- */

enum ka_kind { KA_KIND_POLICY, KA_KIND_CLUSTER, KA_KIND_HOST, KA_KIND_NETWORK, KA_KIND__MAX };
enum ka_posture { KA_POSTURE_UNSET, KA_POSTURE_AUDIT, KA_POSTURE_BLOCK };

/* ka_policy_rec.flags */
#define KA_POL_ALLOWS(cat)                                                     \
	(1u << (cat)) /* has an Allow rule: the category becomes an allow-list \
		       */
#define KA_POL_BLOCKS(cat)                                                                        \
	(1u << (4 + (cat))) /* has a Block rule; files: or protects sources, see KA_POL_INTEGRITY \
			     */
#define KA_POL_WOULD (1u << 8)        /* mode: audit */
#define KA_POL_MOUNTS_ALLOW (1u << 9) /* karmor-c/mounts: allow */
#define KA_POL_MOUNTS_DENY (1u << 10) /* karmor-c/mounts: deny (host) */
#define KA_POL_INTEGRITY (1u << 11)   /* protects its sources and allowed executables */
#define KA_POL_EVERY_NODE (1u << 12)  /* nodeSelector picks every node (`*`) */

struct ka_policy_rec {
	__u8 kind;
	__u8 severity;
	__u8 posture[KA_CAT__MAX]; /* karmor-c/posture annotation */
	__u16 pad;
	__u32 flags;
	__u32 ns, name; /* strings */
	__u32 labels;   /* first row of its selector or nodeSelector in ka_image.labels */
	__u32 nlabels;
	__u32 text; /* offset of the policy's canonical text in strings, 0 if not carried */
};
KA_ASSERT_SIZE(struct ka_policy_rec, 32);

/* What a Namespace document says, to whatever policy governs there. */
struct ka_space_rec {
	__u32 name; /* string */
	__u8 posture[KA_CAT__MAX];
};
KA_ASSERT_SIZE(struct ka_space_rec, 8);

/*
 * A row of a selector: a label of matchLabels, or one value of an expression. The rows of one
 * expression follow each other and have its number.
 */
enum ka_match { KA_MATCH_LABEL, KA_MATCH_IN, KA_MATCH_NOT_IN };

struct ka_label_rec {
	__u32 key, value; /* strings; of a label, value "*" or "" is any; of an expression, key is
			     "label" (value is KEY=VALUE) or "namespace" */
	__u16 match;      /* enum ka_match */
	__u16 expression; /* its number */
};
KA_ASSERT_SIZE(struct ka_label_rec, 12);

/* The place of a rule: spec.<section>.<list>[index].fromSource[from]. */
enum ka_list {
	KA_LIST_PATHS,
	KA_LIST_DIRECTORIES,
	KA_LIST_PATTERNS,
	/* the image holds rules of PROTOCOLS and CAPABILITIES, of the others not yet */
	KA_LIST_PROTOCOLS,
	KA_LIST_DNS_QUERIES,
	KA_LIST_CAPABILITIES,
	KA_LIST_SYSCALLS,
	KA_LIST_SYSCALL_PATHS,
	KA_LIST_DEVICES,
	KA_LIST_NONE, /* the section is the list: presets, ingress, egress */
};
#define KA_NO_FROM 0xffffu

struct ka_rule_rec {
	__u32 index;
	__u16 policy;
	__u16 from;   /* KA_NO_FROM: the rule without a source */
	__u8 section; /* enum ka_category */
	__u8 list;    /* enum ka_list */
	__u8 action;  /* enum ka_effect */
	__u8 severity;
	__u32 message, tags; /* strings; tags comma-separated */
};
KA_ASSERT_SIZE(struct ka_rule_rec, 20);

/* ---- maps ---- */

#define KA_PIN_DIR "/sys/fs/bpf/karmor-c"
#define KA_MAP_ROOT "ka_root"           /* one ka_root, mmapable; a data section of the objects: */
#define KA_ROOT_SECTION ".data.ka_root" /* ... of this name */
#define KA_MAP_IMAGES "ka_images"       /* ARRAY_OF_MAPS[KA_SLOTS] of ARRAY[1] images */
#define KA_MAP_MEMBERS "ka_members"     /* HASH ka_member_key -> ka_member */
#define KA_MAP_SOURCES "ka_sources"     /* HASH ka_source_key -> __u32 class */
#define KA_MAP_SUBJECTS "ka_subjects"   /* TASK_STORAGE ka_subject */
#define KA_MAP_DEEP "ka_deep"       /* TASK_STORAGE, only for paths of more than 64 components */
#define KA_MAP_RECORDS "ka_records" /* ARRAY[KA_RECORDS] of ka_event */
#define KA_MAP_COUNTS "ka_counts"   /* PERCPU_ARRAY[KA_COUNT__MAX] of __u64 */
#define KA_MAP_OWNERS                                                               \
	"ka_owners" /* INODE_STORAGE of mounts' roots: the workload that mounted it \
		     */
#define KA_MAP_WORKLOADS "ka_workloads" /* HASH __u32 id -> ka_workload: who is registered */

/*
 * The root slot, one 64-bit value and the only thing that `apply` stores to commit:
 *   bits 0..1 current slot, 2..3 previous slot, 4..31 sequence, 32..63 deadline.
 * deadline: seconds of CLOCK_BOOTTIME after which `previous` decides again; 0: none.
 * The low word changes with every swap; subjects compare it to know that they are stale.
 */
#define KA_ROOT_SLOT(v) ((__u32)(v)&3u)
#define KA_ROOT_PREV(v) (((__u32)(v) >> 2) & 3u)
#define KA_ROOT_SEQ(v) ((__u32)(v) >> 4)
#define KA_ROOT_DEADLINE(v) ((__u32)((v) >> 32))
#define KA_ROOT_VALUE(slot, prev, seq, deadline) \
	(((__u64)(deadline) << 32) | ((__u64)(((__u32)(seq) << 4) | ((prev) << 2) | (slot))))

/* ka_root.flags */
#define KA_ROOT_HOST \
	(1u << 0) /* host policies select this node: tasks without a label are the node's */

struct ka_root {
	__u64 value;           /* KA_ROOT_VALUE; 0: nothing in force */
	__u32 flags[KA_SLOTS]; /* KA_ROOT_*, by slot */
	__u32 mask[KA_SLOTS];  /* size class - 1 of the slot's image: programs of another class that
				* find no image are being detached, and others judge */
	__u64 key[2];      /* SipHash key of the sources, drawn at the first load, never changed */
	__u64 next_record; /* sequence number of the next event */
	__u64 host_ino;    /* inode and device of the node's root directory: */
	__u64 host_dev; /* who starts there is the node's own (kernel encoding: major << 20 | minor)
			 */
	__u64 next_workload;
};
KA_ASSERT_SIZE(struct ka_root, 88);

/* Workload numbers; never reused. */
#define KA_WORKLOAD_NONE 0u
#define KA_WORKLOAD_HOST 1u    /* the node's own tasks */
#define KA_WORKLOAD_FOREIGN 2u /* tasks of containers that nobody registered */
#define KA_WORKLOAD_FIRST 16u

struct ka_member_key {
	__u32 slot;
	__u32 workload;
};

/* ka_member.flags */
#define KA_MEMBER_LIST(cat) (1u << (cat)) /* the category is an allow-list ... */
#define KA_MEMBER_POSTURE(cat) \
	(1u << (4 + (cat))) /* ... and what no rule matches is denied (else reported) */
#define KA_MEMBER_WOULD(cat) \
	(1u << (8 + (cat))) /* ... or would be denied: all its Allow policies are in audit mode */
#define KA_MEMBER_STRICT(cat) \
	(1u << (12 + (cat))) /* a Block or a blocking posture governs: undecided is denied */
#define KA_MEMBER_WATCH(cat) \
	(1u << (16 + (cat)))              /* the same in audit mode: undecided is reported */
#define KA_MEMBER_MOUNTS (1u << 20)       /* mounts are restricted as for workloads */
#define KA_MEMBER_MOUNTS_WOULD (1u << 21) /* ... in audit mode */
#define KA_MEMBER_ABOVE (1u << 22)        /* names above are guarded */
#define KA_MEMBER_ORPHAN (1u << 24)       /* set by programs: a workload without a member entry */
#define KA_MEMBER_GOVERNED (1u << 23)     /* a policy governs, if only to audit; else flags is 0 */

struct ka_member {
	__u64 policies[KA_POLICY_WORDS];
	__u32 flags;
	__u32 pad;
};
KA_ASSERT_SIZE(struct ka_member, 520);

struct ka_source_key {
	__u64 hash; /* ka_source_hash of the path */
	__u32 slot;
	__u32 pad;
};
KA_ASSERT_SIZE(struct ka_source_key, 16);

#define KA_LABELS_TEXT 1024u

/* A registered workload; for status, get and the next apply, never read by a program. */
struct ka_workload {
	__u64 since;  /* seconds since the epoch */
	__u32 pid;    /* who registered */
	__u32 missed; /* second of CLOCK_BOOTTIME at which no task of it was found; 0: it has some
		       */
	char ns[64];
	char name[128];
	char labels[KA_LABELS_TEXT]; /* "k=v\nk=v\n" */
};
KA_ASSERT_SIZE(struct ka_workload, 1232);

/* ---- the task iterator ---- */

#define KA_MAP_JOB "ka_job" /* ARRAY[1] of ka_job: what the next run of the iterator does */

enum ka_job_mode {
	KA_JOB_LIST,  /* write a ka_live_task for each labelled task */
	KA_JOB_LABEL, /* label each unlabelled task: HOST, or FOREIGN if its root is not the node's
		       */
	KA_JOB_REGISTER, /* give all threads of tgid the label `workload` */
};

struct ka_job {
	__u32 mode, workload, tgid;
	__u32 labelled; /* out: labels that were new; repeat KA_JOB_LABEL until 0 */
	__u32 failed;   /* out: tasks that could not be labelled */
	__u32 pad;
};
KA_ASSERT_SIZE(struct ka_job, 24);

/* What KA_JOB_LIST writes to the iterator's file, one after the other. */
struct ka_live_task {
	__u32 workload, tgid, pid, pad;
};
KA_ASSERT_SIZE(struct ka_live_task, 16);

/* What the bench, the model and explain hand to the matcher run by BPF_PROG_TEST_RUN. */
#define KA_TRIAL_PATH 4096u
struct ka_trial {
	__u32 category, op;                      /* in: enum ka_category, enum ka_op */
	__u32 flags;                             /* in: ka_member.flags */
	__u16 class[2];                          /* in */
	__u32 has;                               /* in: KA_HAS_* */
	__u32 path_len;                          /* in */
	__u32 index;                             /* in, instead of a path: of the table's list */
	__u32 verdict, reason, rule, audit_rule; /* out */
	__u64 policies[KA_POLICY_WORDS];         /* in */
	char path[KA_TRIAL_PATH];                /* in: absolute, NUL-padded */
};

/* ---- events ---- */

#define KA_NO_RULE 0xffffffffu

#define KA_EVENT_ADDRESS 28u /* a sockaddr_in6 */

struct ka_event_socket {
	__u16 family, type;
	__u32 protocol;
	__u32 address_len;              /* bytes in address; 0: the operation has none */
	__u8 address[KA_EVENT_ADDRESS]; /* a sockaddr, as the task gave it */
};

struct ka_event {
	__u64 seq;  /* its number + 1; 0 while it is being written */
	__u64 time; /* ns of CLOCK_BOOTTIME */
	__u32 pid, tgid, ppid, uid;
	__u32 workload;
	__u32 root; /* low word of the root value: which generation decided */
	__u32 rule; /* KA_NO_RULE: none, see reason */
	__u8 category, op, verdict, reason;
	__u16 path_len, source_len; /* bytes kept in path and source */
	__u32 path_full; /* bytes that the whole path has; more than path_len: the front is missing
			  */
	char comm[16];
	char source[KA_EVENT_SOURCE];
	union {
		char path[KA_EVENT_PATH];
		struct ka_event_socket socket; /* KA_CAT_NETWORK */
		__u32 capability;              /* KA_CAT_CAPABILITIES */
	};
};
KA_ASSERT_SIZE(struct ka_event, 1352);

enum ka_count {
	KA_COUNT_DENIED,
	KA_COUNT_WOULD,
	KA_COUNT_REPORTED,
	KA_COUNT_UNESTABLISHED, /* denied for that reason */
	KA_COUNT_UNDECIDED,
	KA_COUNT_RETRIED, /* walks repeated because a name changed on the way */
	KA_COUNT__MAX
};
