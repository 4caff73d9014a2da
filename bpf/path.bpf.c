/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Changes by path. The object is the name in its directory, whether it exists already or not.
 *
 *   path_mknod (and every creation by open), path_mkdir, path_symlink, path_unlink, path_rmdir
 *   path_rename, path_link         both names; and names above, for a directory that moves
 *   path_truncate, path_chmod, path_chown
 *   file_truncate                  by descriptor; missing on 6.1, where the writable descriptor
 *                                  has been refused already
 */
#include "judge.bpf.h"

static __always_inline int ka_change(const struct path *dir, struct dentry *dentry, __u32 op)
{
	struct ka_object o = {.mnt = dir->mnt, .dentry = dentry};

	return ka_judge(&o, KA_CAT_FILE, op);
}

#define KA_CHANGE_IN(hook, op, ...)                                                      \
	SEC("lsm/" #hook)                                                                \
	int BPF_PROG(hook, const struct path *dir, struct dentry *dentry, ##__VA_ARGS__) \
	{                                                                                \
		return ka_errno(ka_change(dir, dentry, op));                             \
	}

KA_CHANGE_IN(path_unlink, KA_OP_UNLINK)
KA_CHANGE_IN(path_rmdir, KA_OP_RMDIR)
KA_CHANGE_IN(path_mkdir, KA_OP_MKDIR)

SEC("lsm/path_symlink")
int BPF_PROG(path_symlink, const struct path *dir, struct dentry *dentry)
{
	struct ka_object o = {.mnt = dir->mnt, .dentry = dentry};

	return ka_errno(ka_judge_rare(&o, KA_CAT_FILE, KA_OP_SYMLINK));
}

#define KA_S_IFMT 0170000
#define KA_S_IFREG 0100000
#define KA_S_IFDIR 0040000

/* Also called for each file that open creates. */
SEC("lsm/path_mknod")
int BPF_PROG(path_mknod, const struct path *dir, struct dentry *dentry, unsigned short mode)
{
	__u32 type = mode & KA_S_IFMT;

	return ka_errno(
		ka_change(dir, dentry, !type || type == KA_S_IFREG ? KA_OP_CREATE : KA_OP_MKNOD));
}

SEC("lsm/path_chmod")
int BPF_PROG(path_chmod, const struct path *path)
{
	return ka_errno(ka_change(path, path->dentry, KA_OP_CHMOD));
}

SEC("lsm/path_chown")
int BPF_PROG(path_chown, const struct path *path)
{
	struct ka_object o = {.mnt = path->mnt, .dentry = path->dentry};

	return ka_errno(ka_judge_rare(&o, KA_CAT_FILE, KA_OP_CHOWN));
}

SEC("lsm/path_truncate")
int BPF_PROG(path_truncate, const struct path *path)
{
	struct ka_object o = {.mnt = path->mnt, .dentry = path->dentry};

	return ka_errno(ka_judge_rare(&o, KA_CAT_FILE, KA_OP_TRUNCATE));
}

SEC("lsm/file_truncate")
int BPF_PROG(file_truncate, struct file *file)
{
	struct ka_object o = {.mnt = file->f_path.mnt, .dentry = file->f_path.dentry};

	return ka_errno(ka_judge_rare(&o, KA_CAT_FILE, KA_OP_TRUNCATE));
}

/* The kernel links within one mount only, so the old name's is the new one's. */
SEC("lsm/path_link")
int BPF_PROG(path_link, struct dentry *old, const struct path *dir, struct dentry *dentry)
{
	struct ka_object from = {.mnt = dir->mnt, .dentry = old};
	struct ka_object to = {.mnt = dir->mnt, .dentry = dentry};

	return ka_errno(ka_judge_rare(&from, KA_CAT_FILE, KA_OP_LINK) ||
			ka_judge_rare(&to, KA_CAT_FILE, KA_OP_LINK));
}

/* ---- renaming ---- */

static __always_inline int ka_is_dir(struct dentry *dentry)
{
	struct inode *inode = dentry->d_inode;

	return inode && (inode->i_mode & KA_S_IFMT) == KA_S_IFDIR;
}

/* Whether rules of the subject name something below the object whose state is in the scratch. */
__noinline int ka_names_below(void)
{
	struct ka_subject *sub = ka_self();
	struct ka_view v = {};
	struct ka_who who;

	if (!sub)
		return 1;
	v.img = ka_image_get(sub->c.slot);
	if (!v.img)
		return 1;
	ka_who_of(sub, (const struct ka_image *)v.img, &who);
	return ka_meets(&v, &who, KA_AT(&v, struct ka_state, sub->c.state)->move);
}

/* The number of what lies below that object; see ka_state.below. */
static __always_inline __u32 ka_below_that(const __u8 *img, const struct ka_subject *sub)
{
	struct ka_view v = {.img = img};

	return ka_below(&v, sub->c.state);
}

/* Whether a directory that moves from one name to the other moves what rules name; 1: deny. */
static __always_inline int ka_moves(struct ka_bench *b, struct ka_object *from,
				    struct ka_object *to)
{
	struct ka_case *c = &b->sub->c;
	__u64 mnt, dentry;
	__u32 below;

	if (!(b->sub->flags & KA_MEMBER_ABOVE) || !ka_is_dir(from->dentry))
		return 0;
	mnt = ka_number(c, from->mnt);
	dentry = ka_number(c, from->dentry);
	c->slot = b->slot;
	if (ka_locate(mnt, dentry, b->slot, KA_CAT_EXACT) == KA_PATH_OK) {
		if (!ka_names_below())
			return 0;
		below = ka_below_that(b->img, b->sub);
		if (ka_locate(ka_number(c, to->mnt), ka_number(c, to->dentry), b->slot,
			      KA_CAT_EXACT) == KA_PATH_OK &&
		    below == ka_below_that(b->img, b->sub))
			return 0;
	}
	return ka_refuse(mnt, dentry, KA_OP_RENAME, KA_WHY_ABOVE, 0);
}

#define KA_RENAME_EXCHANGE 2

SEC("lsm/path_rename")
int BPF_PROG(path_rename, const struct path *old_dir, struct dentry *old,
	     const struct path *new_dir, struct dentry *new, unsigned int flags)
{
	struct ka_object from = {.mnt = old_dir->mnt, .dentry = old};
	struct ka_object to = {.mnt = new_dir->mnt, .dentry = new};
	struct ka_bench b = {};
	int gate = ka_gate(&b);

	if (gate >= 0)
		return ka_errno(gate);
	if (ka_judge_entered(&b, &from, KA_CAT_FILE, KA_OP_RENAME) ||
	    ka_judge_entered(&b, &to, KA_CAT_FILE, KA_OP_RENAME))
		return ka_errno(1);
	if (ka_moves(&b, &from, &to))
		return ka_errno(1);
	if ((flags & KA_RENAME_EXCHANGE) && ka_moves(&b, &to, &from))
		return ka_errno(1);
	return 0;
}
