/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Opening files.
 *
 *   file_open   reading (executing and listing included) or changing, by the descriptor asked for
 */
#include "judge.bpf.h"

/*
 * Overlayfs opens the layer's file too: from 6.5 on as a backing file on a kernel-internal
 * mount, which the walk recognises; before that with the user's path and another inode.
 */
static __always_inline int ka_is_layer(struct file *file)
{
	if (bpf_core_type_exists(struct backing_file))
		return 0;
	return (__u64)file->f_inode != (__u64)file->f_path.dentry->d_inode;
}

struct ka_glimpse {
	const __u8 *img;
	__u32 state;
	int end; /* 1: arrived, -1: cannot tell */
};

static __always_inline void ka_glance_at(struct ka_glimpse *g, struct dentry *d, int last)
{
	struct ka_view v = {.img = g->img};
	struct ka_name name;
	__u32 len;

	if (g->end)
		return;
	if (KA_AT(&v, struct ka_state, g->state)->flags & KA_STATE_FINAL_FILE) {
		g->end = 1;
		return;
	}
	len = d->d_name.len;
	if (len > KA_INLINE_LEN) {
		g->end = -1;
		return;
	}
	ka_name_words(&name, ka_inline_name(d), len);
	g->state = ka_step(&v, g->state, &name, last);
}

/*
 * What tells that a name changed meanwhile: rename_lock's sequence, one number for all; where it
 * cannot be read for little, the sequence of each dentry.
 */
#ifndef KA_LEGACY
#define KA_RENAMES() (&rename_lock ? ka_renames() : 1)
#define KA_SEQ(d) 0u
#else
#define KA_RENAMES() 0u
#define KA_SEQ(d) KA_ONCE((d)->d_seq.seqcount.sequence)
#endif

/*
 * The commonest open of all: of a governed task without an allow-list, of a file near the root
 * that no rule covers. Decided from the label alone, without the subject's scratch: four
 * components in four variables. 1: permitted for certain.
 */
static __noinline int ka_glance(struct file *file)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct vfsmount *mnt = file->f_path.mnt;
	struct dentry *top = mnt->mnt_root, *a = file->f_path.dentry, *b = top, *c = top, *d = top,
		      *e;
	__u64 value = KA_ONCE(ka_root.value);
	struct ka_glimpse g = {};
	struct ka_view v = {};
	struct ka_label label;
	__u32 renames, sa, sb, sc, sd;

	if (!ka_label_peek(task, &label) || label.who >> 32 != value)
		return 0; /* stale, or there is a deadline to look at */
	if (!(__u32)label.flags)
		return 1;
	if (label.flags & (KA_MEMBER_LIST(KA_CAT_FILE) | KA_MEMBER_ORPHAN))
		return 0;
	v.img = ka_image_get(KA_ROOT_SLOT(value));
	if (!v.img)
		return 0;
	if (!ka_on_top(ka_mount_of(mnt), ka_ns_root(task))) /* a layer of overlayfs, for one */
		return (__u64)KA_READ(struct mount, ka_mount_of(mnt), mnt_ns) == KA_MNT_NS_INTERNAL;
	renames = KA_RENAMES();
	e = a;
	sa = KA_SEQ(a);
	if ((__u64)a != (__u64)top)
		e = b = KA_ONCE(a->d_parent);
	sb = KA_SEQ(b);
	if ((__u64)b != (__u64)top)
		e = c = KA_ONCE(b->d_parent);
	sc = KA_SEQ(c);
	if ((__u64)c != (__u64)top)
		e = d = KA_ONCE(c->d_parent);
	sd = KA_SEQ(d);
	if ((__u64)d != (__u64)top)
		e = KA_ONCE(d->d_parent);
	if ((renames | sa | sb | sc | sd) & 1)
		return 0;
	if ((__u64)e != (__u64)top)
		return 0;

	g.img = v.img;
	g.state = ((const struct ka_image *)v.img)->start;
	if ((__u64)d != (__u64)top)
		ka_glance_at(&g, d, 0);
	if ((__u64)c != (__u64)top)
		ka_glance_at(&g, c, 0);
	if ((__u64)b != (__u64)top)
		ka_glance_at(&g, b, 0);
	if ((__u64)a != (__u64)top)
		ka_glance_at(&g, a, 1);
	if ((KA_SEQ(a) ^ sa) | (KA_SEQ(b) ^ sb) | (KA_SEQ(c) ^ sc) | (KA_SEQ(d) ^ sd))
		return 0;
	return g.end >= 0 && KA_RENAMES() == renames &&
	       !KA_AT(&v, struct ka_state, g.state)->list[KA_CAT_FILE];
}
static __noinline int ka_open(struct file *file)
{
	struct ka_object o = {.mnt = file->f_path.mnt, .dentry = file->f_path.dentry};
	__u32 flags = file->f_flags, op = KA_OP_READ;

	if (ka_is_layer(file))
		return 0;
	if ((file->f_mode & KA_FMODE_WRITE) || (flags & KA_O_TRUNC) ||
	    (flags & KA_O_ACCMODE) == KA_O_ACCMODE)
		op = KA_OP_WRITE;
	if ((flags & KA_O_TMPFILE) == KA_O_TMPFILE)
		op = KA_OP_CREATE;
	return ka_judge(&o, KA_CAT_FILE, op);
}

/* The gate stands alone here, so that a task that nothing governs pays for no frame. */
SEC("lsm/file_open")
int BPF_PROG(file_open, struct file *file)
{
	if (ka_is_free() || ka_glance(file))
		return 0;
	return ka_errno(ka_open(file));
}
