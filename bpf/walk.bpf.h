/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The object's path: from the dentry up to the root of the task's own mount namespace, then
 * the automaton from the root down.
 *
 * Two ways. ka_fast: up to KA_FAST_DEPTH components with short names on the root mount, no
 * callbacks; it only ever says "permitted, certainly" or "do it the long way". ka_locate
 * (judge.bpf.h): any depth, mounts, names; it keeps each dentry's d_seq and compares after the
 * match, so that a rename under way cannot show a path that never existed.
 *
 * Loads are ordered as written on x86-64 (total store order); other architectures would need
 * acquire loads here, and the build refuses them.
 */
#pragma once

#include "match.h"
#include "subject.bpf.h"

#define KA_FAST_DEPTH 12

/* The names that the kernel keeps inside the dentry: their longest, and where. */
#define KA_HAS_INAME bpf_core_field_exists(((struct dentry *)0)->d_iname)
#define KA_INLINE_LEN                                                                             \
	((KA_HAS_INAME ? bpf_core_field_size(((struct dentry *)0)->d_iname)                       \
		       : bpf_core_field_size(((struct dentry___short *)0)->d_shortname.string)) - \
	 1)
static __always_inline const void *ka_inline_name(struct dentry *d)
{
	const void *name = KA_HAS_INAME ? (void *)d->d_iname
					: (void *)((struct dentry___short *)d)->d_shortname.string;

	KA_OPAQUE(name); /* or the compiler takes it for unaligned and reads bytes */
	return name;
}

static __always_inline struct mount *ka_mount_of(struct vfsmount *mnt)
{
	return (void *)mnt - bpf_core_field_offset(struct mount, mnt);
}

static __always_inline struct mount *ka_ns_root(struct task_struct *task)
{
	return task->nsproxy->mnt_ns->root;
}

static __always_inline __u64 ka_last_mask(__u32 len)
{
	return ~0ull >> ((64 - 8 * (len & 7)) & 63);
}

/* A name of up to KA_INLINE_LEN bytes, from where the kernel keeps it inside the dentry. */
static __always_inline void ka_name_words(struct ka_name *n, const __u64 *w, __u32 len)
{
	__u64 mask = ka_last_mask(len);

	n->w[1] = n->w[2] = n->w[3] = n->w[4] = 0;
	n->w[0] = w[0];
	if (len <= 8) {
		n->w[0] &= mask;
	} else {
		n->w[1] = w[1];
		if (len <= 16) {
			n->w[1] &= mask;
		} else {
			n->w[2] = w[2];
			if (len <= 24) {
				n->w[2] &= mask;
			} else {
				n->w[3] = w[3];
				if (len <= 32)
					n->w[3] &= mask;
				else
					n->w[4] = w[4] & mask;
			}
		}
	}
	n->more = NULL;
	n->len = len;
	n->again = NULL;
	n->unknown = n->w[0];
}

/* The same of a dentry that is kept as a number. */
static __always_inline void ka_name_short(struct ka_name *n, struct ka_subject *sub, __u64 dentry,
					  __u32 len)
{
#ifndef KA_LEGACY
	ka_name_words(n, ka_inline_name(KA_CAST(struct dentry, dentry)), len);
#else
	bpf_probe_read_kernel(sub->c.name, 8 * KA_SHORT_WORDS,
			      ka_inline_name((struct dentry *)dentry));
	ka_name_words(n, sub->c.name, len);
#endif
	KA_ONCE(sub->c.len) = len;
	n->again = &sub->c.len;
}

struct ka_object {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

/* ---- the fast way ---- */

/* Whether m is mounted on the root of the root mount, or is it: its root directory is "/". */
static __always_inline int ka_on_top(struct mount *m, struct mount *root)
{
	if ((__u64)m == (__u64)root)
		return 1;
	return (__u64)KA_READ(struct mount, m, mnt_parent) == (__u64)root &&
	       (__u64)KA_READ(struct mount, m, mnt_mountpoint) == (__u64)root->mnt.mnt_root;
}

/* One component on the way down; 0: go on, 1: arrived, -1: take the long way. */
static __always_inline int ka_fast_one(struct ka_subject *sub, const struct ka_view *v, __u32 i,
				       __u32 n, __u32 cat, __u32 *state)
{
	struct ka_name name;
	__u64 dentry;
	__u32 len;

	if (i > n || (KA_AT(v, struct ka_state, *state)->flags & KA_STATE_FINAL(cat)))
		return 1;
	dentry = sub->c.dentry[(n - i) & (KA_SHALLOW - 1)];
	len = KA_READ(struct dentry, dentry, d_name.len);
	if (len > KA_INLINE_LEN)
		return -1;
	ka_name_short(&name, sub, dentry, len);
	*state = ka_step(v, *state, &name, i == n);
	return 0;
}

/* A callback: the verifier follows one component, so that loading stays quick. */
struct ka_fast_way {
	struct ka_subject *sub;
	struct ka_view view;
	__u32 n, cat, far;
};

static long ka_fast_next(__u32 i, void *arg)
{
	struct ka_fast_way *w = arg;
	struct ka_subject *sub = w->sub;
	struct ka_view v = w->view;
	__u32 state = sub->c.state;
	int r = ka_fast_one(sub, &v, i + 1, w->n, w->cat, &state);

	sub->c.state = state;
	if (!r)
		return 0;
	w->far = r < 0;
	return 1;
}

static __always_inline int ka_fast_descend(struct ka_subject *sub, const struct ka_view *v, __u32 n,
					   __u32 cat, __u32 *state)
{
	struct ka_fast_way w = {.sub = sub, .view = *v, .n = n, .cat = cat};

	sub->c.state = *state;
	bpf_loop(KA_FAST_DEPTH, ka_fast_next, &w, 0);
	*state = sub->c.state;
	return w.far;
}

/* Whether the list permits, and nothing is to be recorded. A frame of its own: stack is short. */
static __noinline int ka_silent(struct ka_bench *b, __u32 list, __u32 cat, __u32 op)
{
	struct ka_subject *sub = b->sub;
	struct ka_view v = {.img = b->img};
	struct ka_who who = {.policies = sub->policies,
			     .flags = sub->flags,
			     .class = {sub->class[0], sub -> class[1]}};
	struct ka_ruling r;

	if (((const struct ka_image *)v.img)->policies.count > 64 * KA_SUBJECT_WORDS)
		return 0;
	if (list && (KA_AT(&v, struct ka_entry, list)->flags & KA_ENTRY_ASKS))
		return 0;
	ka_decide(&v, &who, list, cat, op, &r);
	return r.verdict == KA_PERMIT && r.audit == KA_NO_RULE;
}

/*
 * Every rename changes rename_lock's sequence (fs/dcache.c, d_move): unchanged, the path was one
 * path all the while. It is system-wide, so a change means nothing for this path; then the long
 * way looks at each dentry's own, and nobody's renames deny anything to others. Where the
 * kernel hides the symbol (kptr_restrict=2) the components' own sequences are compared here.
 */
extern const void rename_lock __ksym __weak;

static __always_inline __u32 ka_renames(void)
{
	return KA_READ(struct seqcount, &rename_lock, sequence);
}

/*
 * 1: permitted for certain. 0: take the long way.
 */
static __always_inline int ka_fast(struct ka_bench *b, struct ka_object *o, __u32 cat, __u32 op)
{
	struct ka_subject *sub = b->sub;
	struct mount *m = ka_mount_of(o->mnt);
	struct dentry *d = o->dentry, *top = o->mnt->mnt_root;
	struct ka_view v = {.img = b->img};
	__u32 n, odd = 0, state = ((const struct ka_image *)b->img)->start, list, renames = 0;

	if (!ka_on_top(m, ka_ns_root(bpf_get_current_task_btf())))
		return (__u64)KA_READ(struct mount, m, mnt_ns) == KA_MNT_NS_INTERNAL &&
		       cat == KA_CAT_FILE;

	if (&rename_lock)
		renames = ka_renames();
#pragma clang loop unroll(disable)
	for (n = 0; n < KA_FAST_DEPTH; n++) {
		if ((__u64)d == (__u64)top)
			break;
		sub->c.dentry[n] = (__u64)d;
		if (!&rename_lock) {
			sub->c.seq[n] = KA_ONCE(d->d_seq.seqcount.sequence);
			odd |= sub->c.seq[n];
		}
		d = KA_ONCE(d->d_parent);
	}
	if ((__u64)d != (__u64)top || ((odd | renames) & 1))
		return 0;

	/* through memory: for the verifier n is then any number, and all lengths are one path */
	KA_ONCE(sub->c.n) = n;
	n = KA_ONCE(sub->c.n);
	if (ka_fast_descend(sub, &v, n, cat, &state))
		return 0;

	list = KA_AT(&v, struct ka_state, state)->list[cat & 1];
	if ((list || (sub->flags & KA_MEMBER_LIST(cat))) && !ka_silent(b, list, cat, op))
		return 0;

	if (&rename_lock)
		return ka_renames() == renames;
	d = o->dentry;
	odd = 0;
#pragma clang loop unroll(disable)
	for (int i = 0; i < KA_FAST_DEPTH; i++) {
		if (i >= n)
			break;
		odd |= sub->c.seq[i] ^ KA_ONCE(d->d_seq.seqcount.sequence);
		d = KA_ONCE(d->d_parent);
	}
	return !odd;
}

/* ---- the long way ---- */

/*
 * Its parts are global functions: the verifier proves each once, whoever calls it. They take
 * numbers only and find the scratch of the current task themselves.
 */

enum ka_path_state {
	KA_PATH_OK,
	KA_PATH_INTERNAL,      /* a kernel-internal object: memfd, pipe, overlay layer, ... */
	KA_PATH_UNESTABLISHED, /* does not end at the root of the task's mount namespace */
	KA_PATH_UNDECIDED,     /* no scratch, or a name too strange to read */
	KA_PATH_CHANGED,       /* moved meanwhile: try again */
};

struct ka_climbing {
	struct ka_case *c;
	struct ka_deep_trail *deep;
};

static __always_inline __u64 ka_kept(struct ka_case *c, struct ka_deep_trail *deep, __u32 n,
				     __u32 *ret_seq)
{
	if (n < KA_SHALLOW) {
		*ret_seq = c->seq[n & (KA_SHALLOW - 1)];
		return c->dentry[n & (KA_SHALLOW - 1)];
	}
	if (!deep) {
		*ret_seq = 1;
		return 0;
	}
	*ret_seq = deep->seq[n & (KA_MAX_COMPONENTS - 1)];
	return deep->dentry[n & (KA_MAX_COMPONENTS - 1)];
}

static __always_inline void ka_keep(struct ka_case *c, struct ka_deep_trail *deep, __u32 n,
				    __u64 dentry, __u32 seq)
{
	if (n < KA_SHALLOW) {
		c->dentry[n & (KA_SHALLOW - 1)] = dentry;
		c->seq[n & (KA_SHALLOW - 1)] = seq;
	} else if (deep) {
		deep->dentry[n & (KA_MAX_COMPONENTS - 1)] = dentry;
		deep->seq[n & (KA_MAX_COMPONENTS - 1)] = seq;
	}
}

/* A pointer as the number that global functions take: the verifier forgets types in a map. */
static __always_inline __u64 ka_number(struct ka_case *c, const void *p)
{
	KA_ONCE(c->at) = (__u64)p;
	return KA_ONCE(c->at);
}

/* From the root of a mount to where it is mounted; nonzero: the climb is over. */
static __always_inline int ka_cross(struct ka_case *c)
{
	__u64 m = c->mount, above;

	if (m == c->root) {
		c->path = KA_PATH_OK;
		return 1;
	}
	above = (__u64)KA_READ(struct mount, m, mnt_parent);
	if (!above || above == m) {
		c->path = KA_PATH_UNESTABLISHED;
		return 1;
	}
	c->at = (__u64)KA_READ(struct mount, m, mnt_mountpoint);
	c->top = (__u64)KA_READ(struct mount, above, mnt.mnt_root);
	c->mount = above;
	return 0;
}

static long ka_climb_one(__u32 i, void *arg)
{
	struct ka_climbing *w = arg;
	struct ka_case *c = w->c;
	__u64 dentry = c->at, parent;
	__u32 seq, n = c->n;

	if (dentry == c->top) {
		if (ka_cross(c))
			return 1;
		return 0;
	}
	seq = KA_READ(struct dentry, dentry, d_seq.seqcount.sequence);
	parent = (__u64)KA_READ(struct dentry, dentry, d_parent);
	if (!parent || parent == dentry || n >= KA_MAX_COMPONENTS) {
		c->path = KA_PATH_UNESTABLISHED;
		return 1;
	}
	if (n == KA_SHALLOW && !w->deep) {
		c->path = KA_PATH_UNDECIDED; /* ka_climb comes again with more room */
		return 1;
	}
	if (c->verify) {
		__u32 was;

		if (ka_kept(c, w->deep, n, &was) != dentry || was != seq) {
			c->path = KA_PATH_CHANGED;
			return 1;
		}
	} else {
		if (seq & 1) {
			c->path = KA_PATH_CHANGED;
			return 1;
		}
		ka_keep(c, w->deep, n, dentry, seq);
		c->bytes += 1 + KA_READ(struct dentry, dentry, d_name.len);
	}
	c->n = n + 1;
	c->at = parent;
	return 0;
}

/* Components, and as many mount crossings again. */
#define KA_CLIMB_STEPS (2 * KA_MAX_COMPONENTS)

static __always_inline void ka_climb_run(struct ka_climbing *w, __u64 mnt, __u64 dentry)
{
	struct ka_case *c = w->c;

	c->at = dentry;
	c->mount = mnt - bpf_core_field_offset(struct mount, mnt);
	c->top = (__u64)KA_READ(struct vfsmount, mnt, mnt_root);
	c->n = 0;
	c->bytes = 0;
	c->path = KA_PATH_UNESTABLISHED; /* unless the climb finds an end */
	bpf_loop(KA_CLIMB_STEPS, ka_climb_one, w, 0);
}

static __always_inline struct ka_deep_trail *ka_deep_get(__u64 flags)
{
	return bpf_task_storage_get(&ka_deep, bpf_get_current_task_btf(), 0, flags);
}

/*
 * Walks up from {vfsmount, dentry} to `root`, the root mount of the namespace, and keeps the
 * components; with `verify` it compares them with what is kept. Returns the enum ka_path_state.
 */
__noinline int ka_climb(__u64 mnt, __u64 dentry, __u64 root, __u32 verify)
{
	struct ka_subject *sub = ka_self();
	struct ka_climbing w = {};
	struct ka_case *c;
	__u64 m = mnt - bpf_core_field_offset(struct mount, mnt);

	if (!sub)
		return KA_PATH_UNDECIDED;
	w.c = c = &sub->c;
	c->path = KA_PATH_INTERNAL;
	if ((__u64)KA_READ(struct mount, m, mnt_ns) == KA_MNT_NS_INTERNAL)
		return KA_PATH_INTERNAL;
	c->root = root;
	c->verify = verify;
	if (verify && c->n > KA_SHALLOW)
		w.deep = ka_deep_get(0);
	ka_climb_run(&w, mnt, dentry);
	if (c->path == KA_PATH_UNDECIDED && !w.deep) {
		w.deep = ka_deep_get(BPF_LOCAL_STORAGE_GET_F_CREATE);
		if (w.deep)
			ka_climb_run(&w, mnt, dentry);
	}
	return c->path;
}

/* Reads any name into the scratch. The long way keeps no words on the stack: it is deep enough. */
static __always_inline int ka_name_any(struct ka_name *n, struct ka_case *c, __u64 dentry)
{
	__u32 len = KA_READ(struct dentry, dentry, d_name.len);

	if (!len || len > KA_MAX_NAME)
		return -1;
	c->name[(len >> 3) & (KA_NAME_WORDS - 1)] = 0;
	if (bpf_probe_read_kernel(c->name, len & KA_MAX_NAME,
				  KA_READ(struct dentry, dentry, d_name.name)) < 0)
		return -1;
	c->len = len;
	n->len = len;
	n->again = &c->len;
	n->more = c->name;
	return 0;
}

/* The walk down. */
struct ka_descent {
	struct ka_subject *sub;
	struct ka_deep_trail *deep;
	struct ka_view view;
	__u32 n, cat, bad;
};

static long ka_descend_one(__u32 i, void *arg)
{
	struct ka_descent *d = arg;
	struct ka_case *c = &d->sub->c;
	struct ka_view v = d->view;
	struct ka_name name;
	__u32 seq, state = c->state;

	if (i >= d->n || (KA_AT(&v, struct ka_state, state)->flags & KA_STATE_FINAL(d->cat)))
		return 1;
	if (ka_name_any(&name, c, ka_kept(c, d->deep, d->n - 1 - i, &seq))) {
		d->bad = 1;
		return 1;
	}
	c->state = ka_step(&v, state, &name, i + 1 == d->n);
	return 0;
}

/* No category is final for this one: the walk goes down to the object itself. */
#define KA_CAT_EXACT 16u

/*
 * From the root of the kept path down to the object's state, which is left in the scratch; exact
 * as far as its list for `cat` is concerned. Returns 0, or 1: could not be read.
 */
__noinline int ka_descend(__u32 slot, __u32 cat)
{
	struct ka_subject *sub = ka_self();
	const __u8 *img = ka_image_get(slot);
	struct ka_descent d = {.sub = sub, .cat = cat};

	if (!sub || !img)
		return 1;
	d.view.img = img;
	d.n = sub->c.n;
	if (d.n > KA_SHALLOW)
		d.deep = ka_deep_get(0);
	sub->c.state = ((const struct ka_image *)img)->start;
	bpf_loop(KA_MAX_COMPONENTS, ka_descend_one, &d, 0);
	if (d.bad)
		return 1;
	return 0;
}
