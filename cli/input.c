// SPDX-License-Identifier: Apache-2.0
#include "input.h"

#include <dirent.h>
#include <fcntl.h>

#include "../runtime/bundle.h"
#include "input_bytes.h"

#define DIR_DEPTH 32u

struct reading {
	struct ka_ctx *ctx;
	unsigned flags;
	struct ka_input *ret;
};

/*
 * One input that cannot be read need not hide what is wrong with the others. Short memory and a
 * wrong command line (-EINVAL) end everything.
 */
static int survive(struct reading *r, const char *name, int e)
{
	struct ka_ctx *ctx = r->ctx;
	struct ka_input *in = r->ret;
	struct ka_unread one;

	if (!e || e == -ENOMEM || e == -EINVAL || !(r->flags & KA_INPUT_GO_ON))
		return e;
	one.name = ka_strndup(ctx, name, strlen(name));
	one.why = ka_strndup(ctx, ctx->failure, strlen(ctx->failure));
	if (!one.name || !one.why)
		return -ENOMEM;
	/* doubled whenever it is full */
	if (!(in->nunread & (in->nunread - 1))) {
		struct ka_unread *more = ka_calloc(ctx, in->nunread * 2 + 1, sizeof(*more));

		if (!more)
			return -ENOMEM;
		if (in->nunread)
			memcpy(more, in->unread, in->nunread * sizeof(*more));
		in->unread = more;
	}
	in->unread[in->nunread++] = one;
	ctx->failed = 0;
	ctx->failure[0] = '\0';
	return 0;
}

/* ---- one input ---- */

/* Diagnostics point into name and text, so both live as long as the context. */
static const struct ka_source *source_new(struct ka_ctx *ctx, const char *name, const char *text,
					  size_t len)
{
	struct ka_source *src = ka_calloc(ctx, 1, sizeof(*src));

	if (!src)
		return NULL;
	src->name = ka_strndup(ctx, name, strlen(name));
	src->text = text;
	src->len = len;
	return src->name && src->text && !ka_source_open(ctx, src) ? src : NULL;
}

static int read_bundle(struct reading *r, const struct ka_bytes *bytes, const char *name)
{
	KA_CLEANUP(ka_bundle_done) struct ka_bundle bundle = {};
	char *copy = malloc(bytes->len), *text;
	const struct ka_source *src;
	char err[256] = "";
	int e;

	if (!copy)
		return ka_fail(r->ctx, -ENOMEM, "out of memory");
	memcpy(copy, bytes->text, bytes->len);
	e = ka_bundle_parse(copy, bytes->len, &bundle, err, sizeof(err)); /* takes the copy */
	if (e < 0)
		return ka_fail(r->ctx, e, "cannot read '%s': %s", name, err);
	text = ka_strndup(r->ctx, bundle.policy, bundle.policy_len);
	src = text ? source_new(r->ctx, name, text, bundle.policy_len) : NULL;
	if (!src)
		return -ENOMEM;
	r->ret->nbundles++;
	r->ret->nfiles++;
	r->ret->bundle = src->name;
	return ka_policies_read(r->ctx, src, &r->ret->policies);
}

static int read_text(struct reading *r, int fd, const struct stat *st, const char *name)
{
	const struct ka_source *src;
	struct ka_bytes bytes;
	int e;

	e = ka_input_bytes(r->ctx, fd, st, name, &bytes);
	if (e < 0)
		return e;
	if ((r->flags & KA_INPUT_BUNDLES) && ka_is_bundle(bytes.text, bytes.len))
		return read_bundle(r, &bytes, name);
	src = source_new(r->ctx, name, bytes.text, bytes.len);
	if (!src)
		return -ENOMEM;
	r->ret->nfiles++;
	if (!bytes.limit)
		return r->flags & KA_INPUT_TEXT ? 0
						: ka_policies_read(r->ctx, src, &r->ret->policies);
	ka_diag(r->ctx, KA_D_LIMIT_SIZE, (struct ka_loc){.source = src}, bytes.limit);
	return 0;
}

/* ---- directories ---- */

static bool is_yaml(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && (!strcmp(dot, ".yaml") || !strcmp(dot, ".yml"));
}

static int is_wanted(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* Byte order, whatever the locale. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void free_names(struct dirent **names, int n)
{
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

static int read_path(struct reading *r, const char *path, unsigned depth);

/*
 * A link to a directory is not followed: it could lead back up. Nothing but files is read: a pipe
 * could keep us waiting for ever.
 */
static int read_entry(struct reading *r, const char *path, const struct dirent *e, unsigned depth)
{
	unsigned char type = e->d_type;
	struct stat st;

	if (type == DT_UNKNOWN) {
		if (lstat(path, &st) < 0)
			return ka_fail(r->ctx, -errno, "cannot read '%s': %s", path,
				       strerror(errno));
		type = IFTODT(st.st_mode);
	}
	if (type != DT_DIR && !is_yaml(e->d_name))
		return 0;
	if (type == DT_LNK && (stat(path, &st) < 0 || !S_ISREG(st.st_mode)))
		return 0;
	if (type != DT_DIR && type != DT_REG && type != DT_LNK)
		return 0;
	return read_path(r, path, depth);
}

static int read_dir(struct reading *r, const char *path, unsigned depth)
{
	struct dirent **names;
	size_t len = strlen(path);
	int n, e = 0;

	if (depth >= DIR_DEPTH)
		return ka_fail(r->ctx, -ELOOP, "'%s' is too deep (limit is %u directories)", path,
			       DIR_DEPTH);
	n = scandir(path, &names, is_wanted, by_bytes);
	if (n < 0)
		return ka_fail(r->ctx, -errno, "cannot read directory '%s': %s", path,
			       strerror(errno));
	while (len && path[len - 1] == '/')
		len--;
	for (int i = 0; i < n && !e; i++) {
		const char *sub = ka_sprintf(r->ctx, "%.*s/%s", (int)len, path, names[i]->d_name);

		e = sub ? survive(r, sub, read_entry(r, sub, names[i], depth + 1)) : -ENOMEM;
	}
	free_names(names, n);
	return e;
}

static int read_path(struct reading *r, const char *path, unsigned depth)
{
	KA_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return ka_fail(r->ctx, -errno, "cannot read '%s': %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return read_dir(r, path, depth);
	return read_text(r, fd, &st, path);
}

static int read_stdin(struct reading *r, bool *done)
{
	struct stat st;

	if (*done)
		return ka_fail(r->ctx, -EINVAL, "'-' is given twice");
	*done = true;
	if (fstat(STDIN_FILENO, &st) < 0)
		return ka_fail(r->ctx, -errno, "cannot read '<stdin>': %s", strerror(errno));
	return read_text(r, STDIN_FILENO, &st, "<stdin>");
}

int ka_input_read(struct ka_ctx *ctx, const char *const *operands, size_t n, unsigned flags,
		  struct ka_input *ret)
{
	struct reading r = {.ctx = ctx, .flags = flags, .ret = ret};
	bool stdin_done = false;
	int e;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(operands[i], "-") != 0)
			e = survive(&r, operands[i], read_path(&r, operands[i], 0));
		else
			e = survive(&r, "<stdin>", read_stdin(&r, &stdin_done));
		if (e < 0)
			return e;
	}
	if (ret->nbundles && ret->nfiles > 1)
		return ka_fail(ctx, -EINVAL,
			       "bundle '%s' must stand alone: it is a whole generation",
			       ret->bundle);
	return ka_policies_finish(ctx, &ret->policies);
}

bool ka_input_is_elsewhere(const char *const *operands, size_t n, const char *name)
{
	struct stat st;

	for (size_t i = 0; i < n; i++)
		if (!strcmp(operands[i], name))
			return false;
	return lstat(name, &st) < 0 || S_ISLNK(st.st_mode);
}
