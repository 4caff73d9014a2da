/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Mapping a file executable: `ld.so /path/of/blocked` is an execution of the blocked.
 *
 *   mmap_file       a new mapping
 *   file_mprotect   one that becomes executable
 *
 * Only Block rules are judged here, never the posture: every dynamic program maps ld.so and
 * libc. The program that an exec under way maps was judged as that exec. Its ELF interpreter was
 * not: a program of one's own that names a blocked one as its interpreter would run it.
 */
#include "judge.bpf.h"

static __always_inline int ka_is_exec_of(struct file *file)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct mm_struct *mm = task->mm;

	return BPF_CORE_READ_BITFIELD(task, in_execve) && mm && mm->exe_file &&
	       (__u64)mm->exe_file->f_inode == (__u64)file->f_inode;
}

SEC("lsm/mmap_file")
int BPF_PROG(mmap_file, struct file *file, unsigned long reqprot, unsigned long prot,
	     unsigned long flags)
{
	struct ka_object o;

	if (!(prot & KA_PROT_EXEC) || !file || ka_is_exec_of(file))
		return 0;
	o.mnt = file->f_path.mnt;
	o.dentry = file->f_path.dentry;
	return ka_errno(ka_judge(&o, KA_CAT_PROCESS, KA_OP_MAP_EXEC));
}

SEC("lsm/file_mprotect")
int BPF_PROG(file_mprotect, struct vm_area_struct *vma, unsigned long reqprot, unsigned long prot)
{
	struct file *file = vma->vm_file;
	struct ka_object o;

	if (!(prot & KA_PROT_EXEC) || (vma->vm_flags & KA_VM_EXEC) || !file)
		return 0;
	o.mnt = file->f_path.mnt;
	o.dentry = file->f_path.dentry;
	/* overlayfs maps the layer's file; the path that the user opened is beside it */
	if (bpf_core_type_exists(struct backing_file) && (file->f_mode & KA_FMODE_BACKING)) {
		struct backing_file *backing = (struct backing_file *)file;

		o.mnt = KA_READ(struct backing_file, backing, user_path.mnt);
		o.dentry = KA_READ(struct backing_file, backing, user_path.dentry);
	}
	return ka_errno(ka_judge_rare(&o, KA_CAT_PROCESS, KA_OP_MAP_EXEC));
}
