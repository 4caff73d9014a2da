/* SPDX-License-Identifier: Apache-2.0 */
/* Operations on files by their path or descriptor. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#include "try.h"

static int open_flags(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

#define OPEN_OP(id, flags)                         \
	OP(id)                                     \
	{                                          \
		return open_flags(argv[1], flags); \
	}

OPEN_OP(open_w, O_WRONLY)
OPEN_OP(open_rw, O_RDWR)
OPEN_OP(open_append, O_WRONLY | O_APPEND)
OPEN_OP(open_trunc, O_WRONLY | O_TRUNC)
OPEN_OP(open_r_trunc, O_RDONLY | O_TRUNC)
OPEN_OP(creat, O_WRONLY | O_CREAT | O_EXCL)
OPEN_OP(creat_or_w, O_WRONLY | O_CREAT)
OPEN_OP(tmpfile, O_WRONLY | O_TMPFILE)

/* Reads a byte too: what is open must also be readable. */
OP(open_r)
{
	int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	char c;
	int err;

	if (fd < 0)
		return errno;
	err = err_of(read(fd, &c, 1));
	close(fd);
	return err == EISDIR ? 0 : err;
}

OP(open_rw_mmap)
{
	int fd = open(argv[1], O_RDWR | O_CLOEXEC);
	char *m;

	if (fd < 0)
		return errno;
	m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (m == MAP_FAILED)
		return errno;
	*(volatile char *)m = *m;
	munmap(m, 4096);
	close(fd);
	return 0;
}

/* A private writable mapping changes nothing: reading is enough for it. */
OP(open_r_private)
{
	int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	char *m;

	if (fd < 0)
		return errno;
	m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	close(fd);
	return m == MAP_FAILED ? errno : 0;
}

OP(open_uring)
{
	return open_uring(argv[1]);
}

OP(openat2)
{
	struct {
		unsigned long long flags, mode, resolve;
	} how = {.flags = O_RDONLY};

	return err_of(syscall(SYS_openat2, AT_FDCWD, argv[1], &how, sizeof(how)));
}

OP(list)
{
	DIR *d = opendir(argv[1]);

	if (!d)
		return errno;
	errno = 0;
	readdir(d);
	closedir(d);
	return 0;
}

/* Leave a descriptor for a later step. */
static int keep(const char *path, int flags)
{
	int fd = open(path, flags, 0600), err;

	if (fd < 0)
		return errno;
	err = err_of(dup2(fd, KEPT_FD));
	close(fd);
	return err;
}

#define KEEP_OP(id, flags)                   \
	OP(id)                               \
	{                                    \
		return keep(argv[1], flags); \
	}

KEEP_OP(keep_r, O_RDONLY)
KEEP_OP(keep_w, O_WRONLY)
KEEP_OP(keep_path, O_PATH)
KEEP_OP(keep_path_link, O_PATH | O_NOFOLLOW)

OP(kept_read)
{
	char c;

	return err_of(pread(KEPT_FD, &c, 1, 0));
}

OP(kept_write)
{
	return err_of(pwrite(KEPT_FD, "x", 1, 0));
}

OP(kept_truncate)
{
	return err_of(ftruncate(KEPT_FD, 1));
}

OP(kept_chmod)
{
	return err_of(fchmod(KEPT_FD, 0644));
}

OP(kept_chown)
{
	return err_of(fchown(KEPT_FD, 0, 0));
}

OP(kept_openat)
{
	return err_of(openat(KEPT_FD, argv[1], O_RDONLY | O_CLOEXEC));
}

OP(kept_creatat)
{
	return err_of(openat(KEPT_FD, argv[1], O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

OP(kept_link)
{
	return err_of(linkat(KEPT_FD, "", AT_FDCWD, argv[1], AT_EMPTY_PATH));
}

/* Opens the kept descriptor anew through /proc. */
OP(kept_reopen_r)
{
	return err_of(open("/proc/self/fd/100", O_RDONLY | O_CLOEXEC));
}

OP(kept_reopen_w)
{
	return err_of(open("/proc/self/fd/100", O_WRONLY | O_CLOEXEC));
}

OP(unlink)
{
	return err_of(unlink(argv[1]));
}

OP(rmdir)
{
	return err_of(rmdir(argv[1]));
}

OP(mkdir)
{
	return err_of(mkdir(argv[1], 0755));
}

OP(rename)
{
	return err_of(rename(argv[1], argv[2]));
}

OP(exchange)
{
	return err_of(renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE));
}

OP(link)
{
	return err_of(link(argv[1], argv[2]));
}

OP(symlink)
{
	return err_of(symlink(argv[1], argv[2]));
}

OP(mknod)
{
	return err_of(mknod(argv[1], S_IFREG | 0600, 0));
}

OP(mkfifo)
{
	return err_of(mknod(argv[1], S_IFIFO | 0600, 0));
}

OP(truncate)
{
	return err_of(truncate(argv[1], 1));
}

OP(chmod)
{
	return err_of(chmod(argv[1], 0755));
}

OP(chown)
{
	return err_of(chown(argv[1], 0, 0));
}

OP(lchown)
{
	return err_of(lchown(argv[1], 0, 0));
}

OP(stat)
{
	struct stat st;

	return err_of(stat(argv[1], &st));
}

OP(access)
{
	return err_of(access(argv[1], R_OK));
}

OP(readlink)
{
	char buf[4096];

	return err_of(readlink(argv[1], buf, sizeof(buf)));
}

OP(chdir)
{
	return err_of(chdir(argv[1]));
}

/* descend NAME COUNT: chdir COUNT times into NAME: paths longer than PATH_MAX, of any depth */
OP(descend)
{
	int n = atoi(argv[2]);

	while (n-- > 0)
		if (chdir(argv[1]))
			return errno;
	return 0;
}

/* the same, making the directories */
OP(dig)
{
	int n = atoi(argv[2]);

	while (n-- > 0) {
		if (mkdir(argv[1], 0755) && errno != EEXIST)
			return errno;
		if (chdir(argv[1]))
			return errno;
	}
	return 0;
}

const struct op file_ops[] = {
	{"open-r", 1, op_open_r},
	{"open-w", 1, op_open_w},
	{"open-rw", 1, op_open_rw},
	{"open-append", 1, op_open_append},
	{"open-trunc", 1, op_open_trunc},
	{"open-r-trunc", 1, op_open_r_trunc},
	{"open-rw-mmap", 1, op_open_rw_mmap},
	{"open-r-private", 1, op_open_r_private},
	{"open-uring", 1, op_open_uring},
	{"openat2", 1, op_openat2},
	{"creat", 1, op_creat},
	{"creat-or-w", 1, op_creat_or_w},
	{"tmpfile", 1, op_tmpfile},
	{"list", 1, op_list},
	{"keep-r", 1, op_keep_r},
	{"keep-w", 1, op_keep_w},
	{"keep-path", 1, op_keep_path},
	{"keep-path-link", 1, op_keep_path_link},
	{"kept-read", 0, op_kept_read},
	{"kept-write", 0, op_kept_write},
	{"kept-truncate", 0, op_kept_truncate},
	{"kept-chmod", 0, op_kept_chmod},
	{"kept-chown", 0, op_kept_chown},
	{"kept-openat", 1, op_kept_openat},
	{"kept-creatat", 1, op_kept_creatat},
	{"kept-link", 1, op_kept_link},
	{"kept-reopen-r", 0, op_kept_reopen_r},
	{"kept-reopen-w", 0, op_kept_reopen_w},
	{"unlink", 1, op_unlink},
	{"rmdir", 1, op_rmdir},
	{"mkdir", 1, op_mkdir},
	{"rename", 2, op_rename},
	{"exchange", 2, op_exchange},
	{"link", 2, op_link},
	{"symlink", 2, op_symlink},
	{"mknod", 1, op_mknod},
	{"mkfifo", 1, op_mkfifo},
	{"truncate", 1, op_truncate},
	{"chmod", 1, op_chmod},
	{"chown", 1, op_chown},
	{"lchown", 1, op_lchown},
	{"stat", 1, op_stat},
	{"access", 1, op_access},
	{"readlink", 1, op_readlink},
	{"chdir", 1, op_chdir},
	{"descend", 2, op_descend},
	{"dig", 2, op_dig},
	{NULL, 0, NULL},
};
