/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The maps. Every object declares those it uses; the loader creates each once and makes all
 * objects share it. Names are those of abi.h.
 */
#pragma once

#include "kernel.h"
#include "match.h"

/*
 * Written by the loader only. A variable in a section of its own, which libbpf makes a map of
 * (KA_MAP_ROOT): programs read it at a fixed address, without a look-up.
 */
struct ka_root ka_root SEC(KA_ROOT_SECTION);

/* The loader replaces the template by one of the image's size class. */
struct ka_image_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__uint(value_size, KA_MIN_CLASS + KA_IMAGE_SLACK);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, KA_SLOTS);
	__type(key, __u32);
	__array(values, struct ka_image_map);
} ka_images SEC(".maps");

/* One entry per workload and generation alive. Full: registration fails, nothing weakens. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536 * KA_SLOTS);
	__type(key, struct ka_member_key);
	__type(value, struct ka_member);
} ka_members SEC(".maps");

/* One entry per source and generation alive. Full: apply fails. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536 * KA_SLOTS);
	__type(key, struct ka_source_key);
	__type(value, __u32);
} ka_sources SEC(".maps");

#define KA_SHALLOW 64u /* components that fit a subject's own scratch */

/*
 * One judgement's scratch. It lives in the storage of the task that acts, never on a CPU: LSM
 * programs can be preempted. Counters live here and not on the stack so that the verifier does
 * not follow the counting loop by loop.
 */
struct ka_case {
	__u64 dentry[KA_SHALLOW]; /* the path's components, leaf first ... */
	__u32 seq[KA_SHALLOW];    /* ... and their sequence numbers */
	__u64 name[KA_NAME_WORDS + 1];
	__u64 at, mount, top,
		root;       /* the climb: dentry, mount, its root; the namespace's root mount */
	__u32 n, bytes;     /* components kept, bytes of the path */
	__u32 len;          /* of the name under way */
	__u32 path, verify; /* enum ka_path_state of the climb; comparing, not keeping */
	__u32 slot, cat, op, state;
	__u64 leaf;                    /* dentry of the object */
	__u32 capability;              /* what is judged, if it has no path */
	struct ka_event_socket socket; /* the same */
	struct ka_ruling ruling;
};

/* Written by programs of the task itself only, apart from the two on a fork and the iterator. */
struct ka_subject {
	__u32 workload;
	__u32 root;     /* low word of ka_root.value that the cached fields below belong to */
	__u32 flags;    /* cached ka_member.flags */
	__u16 class[2]; /* cached source classes: of script or program, and of its interpreter */
	__u64 policies[KA_SUBJECT_WORDS]; /* cached first words of ka_member.policies */
	__u64 source[2];  /* hashes of what the task executes: script or program, interpreter */
	__u64 pending[2]; /* the same of an exec under way: current only once it is committed */
	__u32 held;       /* registered, and not governed before the exec that is to come */
	struct ka_case c;
};
_Static_assert(__builtin_offsetof(struct ka_subject, root) == 4, "see struct ka_label");
_Static_assert(__builtin_offsetof(struct ka_subject, flags) == 8, "see struct ka_label");

/* The subject. A fork whose child cannot get one is refused. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct ka_subject);
} ka_subjects SEC(".maps");

/* Scratch of tasks that met a path of more than KA_SHALLOW components. Missing: undecided. */
struct ka_deep_trail {
	__u64 dentry[KA_MAX_COMPONENTS];
	__u32 seq[KA_MAX_COMPONENTS];
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct ka_deep_trail);
} ka_deep SEC(".maps");

/* The recorder: overwrites its oldest entry, so a full one never changes a verdict. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, KA_RECORDS);
	__type(key, __u32);
	__type(value, struct ka_event);
} ka_records SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, KA_COUNT__MAX);
	__type(key, __u32);
	__type(value, __u64);
} ka_counts SEC(".maps");

char ka_license[] SEC("license") = "Dual BSD/GPL";
