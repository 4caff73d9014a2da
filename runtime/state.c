/* SPDX-License-Identifier: Apache-2.0 */
#include "state.h"

#include <fcntl.h>
#include <sys/stat.h>

#define TEMPORARY KA_STATE_DIR "/next.bundle.new"

static int sync_dir(void)
{
	KA_CLOSE int fd = open(KA_STATE_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

static int write_all(int fd, const uint8_t *bytes, size_t size)
{
	while (size) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		size -= n;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

static int write_file(const char *path, const void *bytes, size_t size)
{
	KA_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : write_all(fd, bytes, size);
}

int ka_state_next(const void *bytes, size_t size, struct ka_error *e)
{
	int r;

	if (mkdir(KA_STATE_DIR, 0700) < 0 && errno != EEXIST)
		return ka_error_set(e, -errno, "creating %s: %s", KA_STATE_DIR, strerror(errno));
	r = write_file(TEMPORARY, bytes, size);
	if (!r && rename(TEMPORARY, KA_STATE_NEXT) < 0)
		r = -errno;
	if (!r)
		r = sync_dir();
	if (!r)
		return 0;
	ka_state_forget_next();
	ka_error_set(e, r, "writing %s: %s", KA_STATE_NEXT, strerror(-r));
	if (r == -ENOSPC || r == -EDQUOT)
		ka_error_hint(e, "make room on the file system of %s", KA_STATE_DIR);
	return r;
}

int ka_state_commit(struct ka_error *e)
{
	int r = rename(KA_STATE_NEXT, KA_STATE_GENERATION) < 0 ? -errno : sync_dir();

	return r ? ka_error_set(e, r, "renaming %s: %s", KA_STATE_NEXT, strerror(-r)) : 0;
}

void ka_state_forget_next(void)
{
	unlink(TEMPORARY);
	unlink(KA_STATE_NEXT);
}

static bool holds(const char *path, const struct ka_image *image)
{
	KA_BUNDLE struct ka_bundle b = {0};
	char err[256];

	return !ka_bundle_read(path, &b, err, sizeof(err)) && b.image_size == image->size &&
	       !memcmp(b.image, image, image->size);
}

int ka_state_heal(const struct ka_image *image, struct ka_error *e)
{
	if (access(KA_STATE_NEXT, F_OK) || !image || !holds(KA_STATE_NEXT, image) ||
	    holds(KA_STATE_GENERATION, image)) {
		ka_state_forget_next();
		return 0;
	}
	return ka_state_commit(e);
}

int ka_state_retire(struct ka_error *e)
{
	ka_state_forget_next();
	if (rename(KA_STATE_GENERATION, KA_STATE_LAST) < 0)
		return errno == ENOENT ? 0
				       : ka_error_set(e, -errno, "renaming %s: %s",
						      KA_STATE_GENERATION, strerror(errno));
	return sync_dir() ? ka_error_set(e, -errno, "syncing %s", KA_STATE_DIR) : 0;
}

/* ---- which of the two is in force ---- */

static int read_one(const char *path, const struct ka_image *image, struct ka_bundle *ret,
		    char *err, size_t err_size)
{
	KA_BUNDLE struct ka_bundle b = {0};
	int r = ka_bundle_read(path, &b, err, err_size);

	if (r)
		return r;
	if (image && (b.image_size != image->size || memcmp(b.image, image, image->size))) {
		snprintf(err, err_size, "it is not the generation in force");
		return -ESTALE;
	}
	*ret = b;
	memset(&b, 0, sizeof(b));
	return 0;
}

int ka_node_bundle(const struct ka_node_handle *h, struct ka_bundle *ret, struct ka_error *e)
{
	const struct ka_image *image = h && h->image ? h->image : NULL;
	char err[256], other[256];
	int r = read_one(KA_STATE_GENERATION, image, ret, err, sizeof(err));

	if (!r || (image && !read_one(KA_STATE_NEXT, image, ret, other, sizeof(other))))
		return 0;
	if (r == -ENOENT && !image)
		return ka_error_set(e, r, "no generation in %s", KA_STATE_DIR);
	ka_error_set(e, r == -ENOENT ? -ESTALE : r, "%s: %s", KA_STATE_GENERATION, err);
	ka_error_hint(e, "apply a whole bundle with --replace, or 'karmor-c off' first");
	return e->code;
}
