/* SPDX-License-Identifier: Apache-2.0 */
/* Mounts: everything that could give a file a second name or hide one. */
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "try.h"

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 4
#endif
#define FSCONFIG_CMD_CREATE_ 6 /* enum fsconfig_command of linux/mount.h, which clashes */

OP(bind)
{
	return err_of(mount(argv[1], argv[2], NULL, MS_BIND, NULL));
}

OP(rbind)
{
	return err_of(mount(argv[1], argv[2], NULL, MS_BIND | MS_REC, NULL));
}

OP(move)
{
	return err_of(mount(argv[1], argv[2], NULL, MS_MOVE, NULL));
}

/* mount TYPE DIR [OPTIONS] */
OP(mount)
{
	return err_of(mount(argv[1], argv[2], argv[1], 0, argc > 3 ? argv[3] : NULL));
}

OP(make_private)
{
	return err_of(mount(NULL, argv[1], NULL, MS_REC | MS_PRIVATE, NULL));
}

OP(remount_ro)
{
	return err_of(mount(NULL, argv[1], NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
}

OP(umount)
{
	return err_of(umount2(argv[1], 0));
}

OP(umount_lazy)
{
	return err_of(umount2(argv[1], MNT_DETACH));
}

static int tree_of(const char *path, unsigned int flags)
{
	return syscall(SYS_open_tree, AT_FDCWD, path, flags);
}

/* open-tree DIR FILE: FILE in a detached copy of DIR */
OP(open_tree)
{
	int fd = tree_of(argv[1], OPEN_TREE_CLONE | O_CLOEXEC);

	if (fd < 0)
		return errno;
	return err_of(openat(fd, argv[2], O_RDONLY | O_CLOEXEC));
}

/* open-tree-exec DIR NAME */
OP(open_tree_exec)
{
	int fd = tree_of(argv[1], OPEN_TREE_CLONE | O_CLOEXEC);
	char *empty[] = {NULL};

	if (fd < 0)
		return errno;
	syscall(SYS_execveat, fd, argv[2], argv + 2, empty, 0);
	return errno;
}

static int attach(int fd, const char *path)
{
	return err_of(syscall(SYS_move_mount, fd, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH));
}

/* move-mount FROM TO: a bind mount by the new calls */
OP(move_mount)
{
	int fd = tree_of(argv[1], OPEN_TREE_CLONE | O_CLOEXEC);

	return fd < 0 ? errno : attach(fd, argv[2]);
}

static int fs_mount(const char *type)
{
	int fs = syscall(SYS_fsopen, type, 0), fd;

	if (fs < 0)
		return -1;
	if (syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE_, NULL, NULL, 0) < 0)
		return -1;
	fd = syscall(SYS_fsmount, fs, 0, 0);
	close(fs);
	return fd;
}

/* fsmount TYPE DIR */
OP(fsmount)
{
	int fd = fs_mount(argv[1]);

	return fd < 0 ? errno : attach(fd, argv[2]);
}

/* fsmount-creat TYPE NAME: a file in a mount that is attached nowhere */
OP(fsmount_creat)
{
	int fd = fs_mount(argv[1]);

	if (fd < 0)
		return errno;
	return err_of(openat(fd, argv[2], O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

OP(pivot_root)
{
	return err_of(syscall(SYS_pivot_root, argv[1], argv[2]));
}

const struct op mount_ops[] = {
	{"bind", 2, op_bind},
	{"rbind", 2, op_rbind},
	{"move", 2, op_move},
	{"mount", 2, op_mount},
	{"make-private", 1, op_make_private},
	{"remount-ro", 1, op_remount_ro},
	{"umount", 1, op_umount},
	{"umount-lazy", 1, op_umount_lazy},
	{"open-tree", 2, op_open_tree},
	{"open-tree-exec", 2, op_open_tree_exec},
	{"move-mount", 2, op_move_mount},
	{"fsmount", 2, op_fsmount},
	{"fsmount-creat", 2, op_fsmount_creat},
	{"pivot-root", 2, op_pivot_root},
	{NULL, 0, NULL},
};
