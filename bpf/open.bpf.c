/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Opening files.
 *
 *   file_open   reading (executing and listing included) or changing, by the descriptor asked for
 */
#define KA_UNROLLED
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

static __noinline int ka_open(struct file *file)
{
	struct ka_object o = {.mnt = file->f_path.mnt, .dentry = file->f_path.dentry};
	__u32 flags = file->f_flags, op = KA_OP_READ;

	if (ka_is_layer(file))
		return 0;
	if ((file->f_mode & KA_FMODE_WRITE) || (flags & KA_O_TRUNC) ||
	    (flags & KA_O_ACCMODE) == KA_O_ACCMODE)
		op = KA_OP_WRITE;
	return ka_judge(&o, KA_CAT_FILE, op);
}

/* The gate stands alone here, so that a task that nothing governs pays for no frame. */
SEC("lsm/file_open")
int BPF_PROG(file_open, struct file *file)
{
	if (ka_is_free())
		return 0;
	return ka_errno(ka_open(file));
}
