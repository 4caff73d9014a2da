// SPDX-License-Identifier: Apache-2.0
#include "files.h"

#include <fcntl.h>
#include <libgen.h>
#include <sys/stat.h>

static int write_all(int fd, const uint8_t *bytes, size_t size)
{
	while (size) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

static mode_t plain_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

/* The rename itself must reach the disk as well. */
static int sync_dir(const char *path)
{
	KA_FREE char *copy = strdup(path);
	KA_CLOSE int fd = -1;

	if (!copy)
		return -ENOMEM;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		return errno == EINVAL || errno == EACCES ? 0 : -errno;
	return 0;
}

/* like: the file whose mode and owner it gets, or NULL */
static int replace(const char *path, const void *bytes, size_t size, const struct stat *like)
{
	KA_FREE char *temp = NULL;
	KA_CLOSE int fd = -1;
	int r;

	if (asprintf(&temp, "%s.XXXXXX", path) < 0) {
		temp = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = write_all(fd, bytes, size);
	/* the owner first: giving away takes mode bits away */
	if (!r && like && (like->st_uid != geteuid() || like->st_gid != getegid()) &&
	    fchown(fd, like->st_uid, like->st_gid) < 0)
		r = -errno;
	if (!r && (fchmod(fd, like ? like->st_mode & 07777 : plain_mode()) < 0 || fsync(fd) < 0 ||
		   rename(temp, path) < 0))
		r = -errno;
	if (r) {
		unlink(temp);
		return r;
	}
	return sync_dir(path);
}

/* What is to be written to: nobody means to put a file in the place of /dev/null or a pipe. */
static bool is_stream(const char *path)
{
	struct stat st;

	return !strncmp(path, "/dev/", 5) || !strncmp(path, "/proc/", 6) ||
	       (!stat(path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode));
}

int ka_file_replace(const char *path, const void *bytes, size_t size)
{
	KA_CLOSE int fd = -1;

	if (!is_stream(path))
		return replace(path, bytes, size, NULL);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	return fd < 0 ? -errno : write_all(fd, bytes, size);
}

static bool is_still(int fd, const struct stat *st, const void *bytes, size_t size)
{
	KA_FREE char *now = malloc(size + 1);
	size_t len = 0;
	ssize_t n;

	if (!now || !S_ISREG(st->st_mode) || (uint64_t)st->st_size != size)
		return false;
	while (len < size && (n = read(fd, now + len, size - len)) > 0)
		len += (size_t)n;
	return len == size && !memcmp(now, bytes, size);
}

int ka_file_rewrite(const char *path, const void *before, size_t before_size, const void *after,
		    size_t size)
{
	KA_FREE char *real = realpath(path, NULL);
	KA_CLOSE int fd = -1;
	struct stat st;

	if (!real)
		return -errno;
	fd = open(real, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!is_still(fd, &st, before, before_size))
		return -ESTALE;
	return replace(real, after, size, &st);
}
