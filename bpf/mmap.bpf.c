/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Mapping a file executable: `ld.so /path/of/blocked` is an execution of the blocked.
 *
 *   mmap_file       a new mapping
 *   file_mprotect   one that becomes executable
 *
 * Only Block rules are judged here, never the posture: every dynamic program maps ld.so and
 * libc. What the kernel maps for an exec under way was judged as that exec.
 */
#include "judge.bpf.h"

static __always_inline int ka_judge_mapping(struct vfsmount *mnt, struct dentry *dentry)
{
	struct ka_object o = {.mnt = mnt, .dentry = dentry};

	if (!mnt || !dentry)
		return 0;
	return ka_errno(ka_judge(&o, KA_CAT_PROCESS, KA_OP_MAP_EXEC));
}

SEC("lsm/mmap_file")
int BPF_PROG(mmap_file, struct file *file, unsigned long reqprot, unsigned long prot,
	     unsigned long flags)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (!(prot & KA_PROT_EXEC) || !file)
		return 0;
	if (BPF_CORE_READ_BITFIELD(task, in_execve))
		return 0;
	return ka_judge_mapping(file->f_path.mnt, file->f_path.dentry);
}

SEC("lsm/file_mprotect")
int BPF_PROG(file_mprotect, struct vm_area_struct *vma, unsigned long reqprot, unsigned long prot)
{
	struct file *file;

	if (!(prot & KA_PROT_EXEC) || (vma->vm_flags & KA_VM_EXEC))
		return 0;
	file = vma->vm_file;
	if (!file)
		return 0;
	/* overlayfs maps the layer's file; the path that the user opened is beside it */
	if (bpf_core_type_exists(struct backing_file) && (file->f_mode & KA_FMODE_BACKING)) {
		struct backing_file *backing = (struct backing_file *)file;

		return ka_judge_mapping(KA_READ(struct backing_file, backing, user_path.mnt),
					KA_READ(struct backing_file, backing, user_path.dentry));
	}
	return ka_judge_mapping(file->f_path.mnt, file->f_path.dentry);
}
