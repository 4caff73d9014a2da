/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Mounts: a second name for a file is a way around every rule about its name.
 *
 *   sb_mount        new mounts by type; bind, move; propagation and narrowing remounts pass
 *   sb_kern_mount   remembers which workload made a new filesystem
 *   sb_umount       only what the workload itself mounted
 *   move_mount, sb_pivotroot
 *
 * Under KA_MEMBER_MOUNTS all of it holds; for the node's own tasks only names above
 * (KA_MEMBER_ABOVE): nothing is mounted over, or above, what a rule names.
 * open_tree, fsopen, fsmount and mount_setattr have no hook; what they make enters the
 * namespace by move_mount only, and elsewhere it is unestablished.
 */
#include "judge.bpf.h"

/* include/uapi/linux/mount.h */
#define KA_MS_RDONLY 1
#define KA_MS_NOSUID 2
#define KA_MS_NODEV 4
#define KA_MS_NOEXEC 8
#define KA_MS_REMOUNT 32
#define KA_MS_BIND 4096
#define KA_MS_MOVE 8192
#define KA_MS_PROPAGATION ((1 << 17) | (1 << 18) | (1 << 19) | (1 << 20))
/* include/linux/mount.h */
#define KA_MNT_NOSUID 1
#define KA_MNT_NODEV 2
#define KA_MNT_NOEXEC 4
#define KA_MNT_READONLY 0x40
#define KA_SB_RDONLY 1

/* Roots of filesystems that a workload made, so that it may unmount them. */
struct {
	__uint(type, BPF_MAP_TYPE_INODE_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u32);
} ka_owners SEC(".maps");

/* Whether the object, or something below it, is named by a rule that governs the subject. */
__noinline int ka_is_named(__u64 mnt, __u64 dentry, __u32 slot)
{
	struct ka_subject *sub = ka_self();
	const __u8 *img = ka_image_get(slot);
	struct ka_view v = {.img = img};
	struct ka_who who;

	if (!sub || !img)
		return 1;
	sub->c.slot = slot;
	if (ka_locate(mnt, dentry, slot, KA_CAT_EXACT) != KA_PATH_OK)
		return 1;
	ka_who_of(sub, (const struct ka_image *)img, &who);
	return ka_meets(&v, &who, KA_AT(&v, struct ka_state, sub->c.state)->mount);
}

static __always_inline int ka_refuse_at(struct ka_bench *b, struct vfsmount *mnt,
					struct dentry *dentry, __u32 op, __u32 why, __u32 would)
{
	struct ka_case *c = &b->sub->c;

	return ka_refuse(ka_number(c, mnt), ka_number(c, dentry), op, why, would);
}

/* Denies what only a workload may not do. */
static __always_inline int ka_restrict(struct ka_bench *b, struct vfsmount *mnt,
				       struct dentry *dentry, __u32 op)
{
	__u32 flags = b->sub->flags;

	if (!(flags & (KA_MEMBER_MOUNTS | KA_MEMBER_MOUNTS_WOULD)))
		return 0;
	return ka_refuse_at(b, mnt, dentry, op, KA_WHY_MOUNT, !(flags & KA_MEMBER_MOUNTS));
}

/* Names above: denies mounting over what rules name. */
static __always_inline int ka_covers(struct ka_bench *b, struct vfsmount *mnt,
				     struct dentry *dentry, __u32 op)
{
	struct ka_case *c = &b->sub->c;

	if (!(b->sub->flags & KA_MEMBER_ABOVE))
		return 0;
	if (!ka_is_named(ka_number(c, mnt), ka_number(c, dentry), b->slot))
		return 0;
	return ka_refuse_at(b, mnt, dentry, op, KA_WHY_ABOVE, 0);
}

/* The filesystems whose files are nobody else's, or which show nothing of other mounts. */
static __always_inline int ka_is_own_kind(const char *type)
{
	static const char kinds[][8] = {"tmpfs",  "ramfs",  "proc",    "sysfs", "devpts",
					"mqueue", "cgroup", "cgroup2", "bpf"};
	char name[16] = {};

	if (bpf_probe_read_kernel_str(name, sizeof(name), type) < 0)
		return 0;
#pragma unroll
	for (int i = 0; i < 9; i++)
		if (*(__u64 *)name == *(const __u64 *)kinds[i] && !name[8])
			return 1;
	return 0;
}

static __always_inline int ka_widens(struct vfsmount *mnt, unsigned long flags)
{
	__u32 has = mnt->mnt_flags;

	if (((has & KA_MNT_READONLY) || (mnt->mnt_sb->s_flags & KA_SB_RDONLY)) &&
	    !(flags & KA_MS_RDONLY))
		return 1;
	return ((has & KA_MNT_NOSUID) && !(flags & KA_MS_NOSUID)) ||
	       ((has & KA_MNT_NODEV) && !(flags & KA_MS_NODEV)) ||
	       ((has & KA_MNT_NOEXEC) && !(flags & KA_MS_NOEXEC));
}

SEC("lsm/sb_mount")
int BPF_PROG(sb_mount, const char *dev, const struct path *path, const char *type,
	     unsigned long flags, void *data)
{
	struct vfsmount *mnt = path->mnt;
	struct dentry *dentry = path->dentry;
	struct ka_bench b = {};
	int gate = ka_gate(&b);

	if (gate >= 0)
		return ka_errno(gate);
	if (flags & KA_MS_REMOUNT) {
		if (!ka_widens(mnt, flags))
			return 0;
		return ka_errno(ka_restrict(&b, mnt, dentry, KA_OP_REMOUNT));
	}
	if ((flags & KA_MS_PROPAGATION) && !(flags & KA_MS_BIND))
		return 0;
	if (ka_covers(&b, mnt, dentry, KA_OP_MOUNT))
		return ka_errno(1);
	if (!(flags & (KA_MS_BIND | KA_MS_MOVE)) && type && ka_is_own_kind(type))
		return 0;
	return ka_errno(ka_restrict(&b, mnt, dentry, KA_OP_MOUNT));
}

SEC("lsm/move_mount")
int BPF_PROG(move_mount, const struct path *from, const struct path *to)
{
	struct ka_bench b = {};
	int gate = ka_gate(&b);

	if (gate >= 0)
		return ka_errno(gate);
	if (ka_covers(&b, to->mnt, to->dentry, KA_OP_MOVE_MOUNT))
		return ka_errno(1);
	return ka_errno(ka_restrict(&b, to->mnt, to->dentry, KA_OP_MOVE_MOUNT));
}

SEC("lsm/sb_pivotroot")
int BPF_PROG(sb_pivotroot, const struct path *old_path, const struct path *new_path)
{
	struct ka_bench b = {};
	int gate = ka_gate(&b);

	if (gate >= 0)
		return ka_errno(gate);
	return ka_errno(ka_restrict(&b, new_path->mnt, new_path->dentry, KA_OP_PIVOT_ROOT));
}

/* Only a filesystem that this mount made (nobody else holds it) is the workload's own. */
SEC("lsm/sb_kern_mount")
int BPF_PROG(sb_kern_mount, struct super_block *sb)
{
	struct ka_bench b = {};
	struct inode *inode;
	__u32 *owner;

	if (ka_enter(&b) != KA_GOVERNED ||
	    !(b.sub->flags & (KA_MEMBER_MOUNTS | KA_MEMBER_MOUNTS_WOULD)))
		return 0;
	inode = sb->s_root->d_inode;
	if (sb->s_active.counter != 1 || !inode)
		return 0;
	owner = bpf_inode_storage_get(&ka_owners, inode, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (owner)
		*owner = b.sub->workload;
	return 0;
}

SEC("lsm/sb_umount")
int BPF_PROG(sb_umount, struct vfsmount *mnt, int flags)
{
	struct ka_bench b = {};
	struct inode *inode;
	__u32 *owner;
	int gate = ka_gate(&b);

	if (gate >= 0)
		return ka_errno(gate);
	if (!(b.sub->flags & (KA_MEMBER_MOUNTS | KA_MEMBER_MOUNTS_WOULD)))
		return 0;
	inode = mnt->mnt_root->d_inode;
	owner = inode ? bpf_inode_storage_get(&ka_owners, inode, 0, 0) : NULL;
	if (owner && *owner == b.sub->workload)
		return 0;
	return ka_errno(ka_restrict(&b, mnt, mnt->mnt_root, KA_OP_UMOUNT));
}
