/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who acts: the subject of the current task, kept fresh for the generation in force.
 *
 * A task without storage, where no host policy is in force, costs a load and a branch. What a
 * subject caches (policies, flags, source classes) belongs to one value of the root slot and
 * is looked up again when that changed.
 */
#pragma once

#include "maps.bpf.h"

/*
 * The slot that decides now and the tag that subjects cache. A deadline in the past makes the
 * previous generation decide again, without anybody having to do anything.
 */
static __always_inline __u32 ka_slot_now(__u64 value, __u32 *ret_tag)
{
	__u32 deadline = KA_ROOT_DEADLINE(value), slot = KA_ROOT_SLOT(value);

	*ret_tag = (__u32)value;
	if (deadline && bpf_ktime_get_boot_ns() / 1000000000ull > deadline) {
		slot = KA_ROOT_PREV(value);
		/* same sequence number, but a tag that no swap gives: both slots are the previous
		 * one */
		*ret_tag = ((__u32)value & ~0xfu) | (slot << 2) | slot;
	}
	return slot;
}

static __always_inline const __u8 *ka_image_get(__u32 slot)
{
	__u32 zero = 0;
	void *inner = bpf_map_lookup_elem(&ka_images, &slot);

	return inner ? bpf_map_lookup_elem(inner, &zero) : NULL;
}

static __always_inline struct ka_member *ka_member_get(__u32 slot, __u32 workload)
{
	struct ka_member_key key = {.slot = slot, .workload = workload};

	return bpf_map_lookup_elem(&ka_members, &key);
}

static __always_inline __u32 ka_class_get(__u32 slot, __u64 hash)
{
	struct ka_source_key key = {.hash = hash, .slot = slot};
	__u32 *class = hash ? bpf_map_lookup_elem(&ka_sources, &key) : NULL;

	return class ? *class : 0;
}

/* Looks up what the subject caches. */
static __noinline int ka_refresh(struct ka_subject *sub, __u32 slot, __u32 tag)
{
	struct ka_member *m = ka_member_get(slot, sub->workload);

	for (int i = 0; i < KA_SUBJECT_WORDS; i++)
		sub->policies[i] = m ? m->policies[i] : 0;
	/* every registered workload has an entry, if only an empty one: without it nobody knows
	 * what governs, which is no reason to permit */
	sub->flags = m ? m->flags : sub->workload >= KA_WORKLOAD_FIRST ? KA_MEMBER_ORPHAN : 0;
	sub->class[0] = ka_class_get(slot, sub->source[0]);
	sub->class[1] = ka_class_get(slot, sub->source[1]);
	sub->root = tag;
	return 0;
}

/* Whether the task's root directory is the node's: then it is one of the node's own tasks. */
static __always_inline int ka_is_host(struct task_struct *task)
{
	struct inode *inode = task->fs->root.dentry->d_inode;

	return inode->i_ino == ka_root.host_ino && inode->i_sb->s_dev == ka_root.host_dev;
}

/* A task that nobody labelled, while host policies are in force: first seen now. */
static __noinline struct ka_subject *ka_first_seen(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ka_subject *sub;

	if (task->flags & KA_PF_KTHREAD)
		return NULL;
	sub = bpf_task_storage_get(&ka_subjects, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (sub && !sub->workload)
		sub->workload = ka_is_host(task) ? KA_WORKLOAD_HOST : KA_WORKLOAD_FOREIGN;
	return sub;
}

/* What one judgement works with. */
struct ka_bench {
	struct ka_subject *sub;
	const __u8 *img;
	__u32 slot;
};

/* The current task's subject, for the parts of the long way. */
static __always_inline struct ka_subject *ka_self(void)
{
	return bpf_task_storage_get(&ka_subjects, bpf_get_current_task_btf(), 0, 0);
}

/*
 * Whether certainly nothing governs the current task: no label, and no host policy in any
 * generation alive. The whole cost of a hook for most tasks of most nodes.
 */
static __always_inline int ka_is_free(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return !task->bpf_storage && !((KA_ONCE(ka_root.flags[0]) | KA_ONCE(ka_root.flags[1]) |
					KA_ONCE(ka_root.flags[2]) | KA_ONCE(ka_root.flags[3])) &
				       KA_ROOT_HOST);
}

/* Whether host policies select this node in the generation in force. */
static __always_inline int ka_host_governs(void)
{
	__u64 value = KA_ONCE(ka_root.value);

	return value && (KA_ONCE(ka_root.flags[KA_ROOT_SLOT(value)]) & KA_ROOT_HOST);
}

/* The first words of a subject, as its task's storage caches it. */
struct ka_label {
	__u64 who;   /* workload, and in the high half the root value that the cache belongs to */
	__u64 flags; /* low half */
};

/*
 * Reads the label without the helper, which costs a hundred instructions: through the storage's
 * cache, as the helper does (kernel/bpf/bpf_local_storage.c, bpf_local_storage_lookup). Read
 * only, so nothing here can do harm; 0: not there, ask the helper.
 */
static __always_inline int ka_label_peek(struct task_struct *task, struct ka_label *ret)
{
#ifndef KA_LEGACY
	struct bpf_local_storage_map *map = (void *)&ka_subjects;
	__u64 slot = (__u64)task->bpf_storage +
		     bpf_core_field_offset(struct bpf_local_storage, cache) +
		     8 * (map->cache_idx & 15);
	__u64 data = KA_READ(struct qstr, slot, hash_len); /* any eight bytes */

	if (!data || (__u64)KA_READ(struct bpf_local_storage_data, data, smap) != (__u64)map)
		return 0;
	data += bpf_core_field_offset(struct bpf_local_storage_data, data);
	ret->who = KA_READ(struct qstr, data, hash_len);
	ret->flags = KA_READ(struct qstr, data + 8, hash_len);
	return 1;
#else
	/* probe reads would cost more than the helper */
	struct ka_subject *sub = bpf_task_storage_get(&ka_subjects, task, 0, 0);

	if (!sub)
		return 0;
	ret->who = (__u64)sub->root << 32;
	ret->flags = sub->flags;
	return 1;
#endif
}

enum ka_gate {
	KA_UNGOVERNED, /* nothing to judge: permit */
	KA_GOVERNED,
	KA_LOST, /* governed perhaps, but subject or image could not be had: undecided */
};

/*
 * The gate of every hook. KA_LOST only where a label or a host policy exists, so a node without
 * policies cannot be locked out by it.
 */
static __always_inline int ka_enter(struct ka_bench *b)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 value;
	__u32 tag;

	b->sub = task->bpf_storage ? bpf_task_storage_get(&ka_subjects, task, 0, 0) : NULL;
	if (!b->sub) {
		if (!ka_host_governs())
			return KA_UNGOVERNED;
		b->sub = ka_first_seen();
		if (!b->sub)
			return task->flags & KA_PF_KTHREAD ? KA_UNGOVERNED : KA_LOST;
	}
	value = KA_ONCE(ka_root.value);
	if (!value)
		return KA_UNGOVERNED;
	b->slot = ka_slot_now(value, &tag);
	if (b->sub->root != tag)
		ka_refresh(b->sub, b->slot, tag);
	if (!b->sub->flags || b->sub->held)
		return KA_UNGOVERNED;
	if (b->sub->flags & KA_MEMBER_ORPHAN)
		return KA_LOST;
	b->img = ka_image_get(b->slot);
	if (!b->img) {
		/* swapped between the two look-ups; the old image lives until a grace period is
		 * over, so this is a slot that was just emptied: read the root once more */
		value = KA_ONCE(ka_root.value);
		b->slot = ka_slot_now(value, &tag);
		ka_refresh(b->sub, b->slot, tag);
		b->img = ka_image_get(b->slot);
		/* a larger image came, and these programs, of the smaller class, are on their way
		 * out */
		if (!b->img && KA_ONCE(ka_root.mask[b->slot & (KA_SLOTS - 1)]) != ka_mask)
			return KA_UNGOVERNED;
	}
	return b->img ? KA_GOVERNED : KA_LOST;
}
