// SPDX-License-Identifier: Apache-2.0
#include "links.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#define LINKS_MAX 40u    /* followed for one path, as the kernel does */
#define NAMES_LISTED 12u /* of a shared target */
#define SHARED_BY 3u     /* other names make a target shared */

enum what { UNKNOWN, PLAIN, LINK, MISSING };

struct seen {
	enum what what;
	const char *target; /* of a LINK */
};

/* The links of one directory and where they lead. */
struct listing {
	const char *dir;
	const char **names, **targets;
	uint32_t n;
	struct listing *next;
};

struct ka_links {
	struct ka_ctx *ctx;
	int root_fd;
	struct ka_interner paths; /* looked at: "usr/bin/sh" */
	struct seen *seen;        /* by number */
	uint32_t seen_cap;
	struct listing *listings;
};

int ka_links_new(struct ka_ctx *ctx, int root_fd, struct ka_links **ret)
{
	struct ka_links *l = ka_alloc(ctx, sizeof(*l));

	if (!l)
		return -ENOMEM;
	*l = (struct ka_links){.ctx = ctx, .root_fd = root_fd};
	*ret = l;
	return ka_intern_init(&l->paths, ctx);
}

/* ---- looking at one path whose parents are no links ---- */

static int open_in(const struct ka_links *l, const char *path, int flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC | O_NOFOLLOW,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS,
	};

	for (int tries = 0; tries < 16; tries++) {
		int fd = syscall(SYS_openat2, l->root_fd, path, &how, sizeof(how));

		if (fd >= 0 || errno != EAGAIN)
			return fd >= 0 ? fd : -errno;
	}
	return -EAGAIN;
}

static int read_link(struct ka_links *l, int fd, struct seen *ret)
{
	char target[PATH_MAX];
	struct statfs fs;
	ssize_t n;

	/* What /proc/self leads to is another for everyone. */
	if (fstatfs(fd, &fs) < 0 || fs.f_type == PROC_SUPER_MAGIC)
		return 0;
	n = readlinkat(fd, "", target, sizeof(target));
	if (n <= 0 || (size_t)n == sizeof(target))
		return 0;
	ret->target = ka_strndup(l->ctx, target, n);
	ret->what = LINK;
	return ret->target ? 0 : -ENOMEM;
}

static int look(struct ka_links *l, const char *path, struct seen *ret)
{
	KA_CLOSE int fd = open_in(l, path, O_PATH);
	struct stat st;

	*ret = (struct seen){.what = MISSING};
	if (fd == -ENOSYS || fd == -EPERM || fd == -ENFILE || fd == -EMFILE || fd == -ENOMEM)
		return ka_fail(l->ctx, fd, "cannot resolve links of '/%s'", path);
	if (fd < 0 || fstat(fd, &st) < 0)
		return 0;
	ret->what = PLAIN;
	return S_ISLNK(st.st_mode) ? read_link(l, fd, ret) : 0;
}

static int look_cached(struct ka_links *l, const char *path, struct seen *ret)
{
	uint32_t id;
	int r = ka_intern(&l->paths, path, strlen(path), &id);

	if (r < 0)
		return r;
	if (!ka_grow(l->ctx, &l->seen, &l->seen_cap, id + 1, sizeof(*l->seen)))
		return -ENOMEM;
	if (l->seen[id].what == UNKNOWN) {
		r = look(l, path, &l->seen[id]);
		if (r < 0)
			return r;
	}
	*ret = l->seen[id];
	return 0;
}

/* ---- walking ---- */

struct walk {
	struct ka_links *l;
	struct ka_part *done, *rest; /* rest: last part first */
	uint32_t ndone, nrest, done_cap, rest_cap;
	uint32_t followed;
	bool missing; /* the rest cannot be looked at */
	struct ka_names *out;
	uint32_t out_cap;
};

static int push_part(struct ka_ctx *ctx, struct ka_part **v, uint32_t *n, uint32_t *cap,
		     struct ka_part part)
{
	if (!ka_grow(ctx, v, cap, *n + 1, sizeof(**v)))
		return -ENOMEM;
	(*v)[(*n)++] = part;
	return 0;
}

static int push_rest(struct walk *w, const struct ka_path *path)
{
	int r = 0;

	for (uint32_t i = path->n; i-- > 0 && r >= 0;)
		r = push_part(w->l->ctx, &w->rest, &w->nrest, &w->rest_cap, path->parts[i]);
	return r;
}

static bool same_path(const struct ka_path *a, const struct ka_path *b)
{
	if (a->n != b->n)
		return false;
	for (uint32_t i = 0; i < a->n; i++)
		if (a->parts[i].len != b->parts[i].len ||
		    memcmp(a->parts[i].name, b->parts[i].name, a->parts[i].len))
			return false;
	return true;
}

static int copy_path(struct ka_ctx *ctx, const struct ka_path *path, struct ka_path *ret)
{
	ret->n = path->n;
	ret->parts = ka_calloc(ctx, path->n, sizeof(*ret->parts));
	if (!ret->parts)
		return -ENOMEM;
	if (path->n)
		memcpy(ret->parts, path->parts, path->n * sizeof(*ret->parts));
	return 0;
}

/* Adds a name unless it is the path itself or known. */
static int add_name(struct ka_ctx *ctx, struct ka_names *out, uint32_t *cap,
		    const struct ka_path *self, const struct ka_path *name)
{
	struct ka_path copy;

	if (same_path(self, name))
		return 0;
	for (uint32_t i = 0; i < out->n; i++)
		if (same_path(&out->v[i], name))
			return 0;
	if (!ka_grow(ctx, &out->v, cap, out->n + 1, sizeof(*out->v)))
		return -ENOMEM;
	if (copy_path(ctx, name, &copy) < 0)
		return -ENOMEM;
	out->v[out->n++] = copy;
	return 0;
}

static int follow(struct walk *w, const char *target)
{
	struct ka_path path;
	int r;

	if (++w->followed > LINKS_MAX)
		return -ELOOP;
	if (target[0] == '/')
		w->ndone = 0;
	r = ka_path_split(w->l->ctx, target, &path);
	return r < 0 ? r : push_rest(w, &path);
}

/* The relative path of done and one more part, in a buffer; false: too long to look at. */
static bool spell(const struct walk *w, struct ka_part part, char buf[PATH_MAX])
{
	size_t at = 0;

	for (uint32_t i = 0; i <= w->ndone; i++) {
		struct ka_part p = i < w->ndone ? w->done[i] : part;

		if (at + p.len + 2 > PATH_MAX)
			return false;
		memcpy(buf + at, p.name, p.len);
		at += p.len;
		buf[at++] = '/';
	}
	buf[at - 1] = '\0';
	return true;
}

static bool is_dots(struct ka_part p, uint32_t dots)
{
	return p.len == dots && !memcmp(p.name, "..", dots);
}

static int one_part(struct walk *w, struct ka_part part, const struct ka_path *self)
{
	struct seen seen = {.what = MISSING};
	char buf[PATH_MAX];
	int r;

	if (is_dots(part, 1))
		return 0;
	if (is_dots(part, 2)) {
		w->ndone -= w->ndone > 0;
		w->missing = false;
		return 0;
	}
	if (!w->missing && spell(w, part, buf)) {
		r = look_cached(w->l, buf, &seen);
		if (r < 0)
			return r;
	}
	w->missing = seen.what == MISSING;
	if (seen.what == LINK && w->nrest)
		return follow(w, seen.target);
	r = push_part(w->l->ctx, &w->done, &w->ndone, &w->done_cap, part);
	if (r < 0 || seen.what != LINK)
		return r;
	/* The link itself is an object, too: it can be removed. */
	if (!w->out->link.n)
		r = copy_path(w->l->ctx, &(struct ka_path){w->done, w->ndone}, &w->out->link);
	if (r < 0)
		return r;
	r = add_name(w->l->ctx, w->out, &w->out_cap, self, &(struct ka_path){w->done, w->ndone});
	w->ndone--;
	return r < 0 ? r : follow(w, seen.target);
}

static int names_in_root(struct ka_links *l, const struct ka_path *path, struct ka_names *ret)
{
	struct walk w = {.l = l, .out = ret};
	int r = push_rest(&w, path);

	while (w.nrest && r >= 0)
		r = one_part(&w, w.rest[--w.nrest], path);
	if (r == -ELOOP) {
		/* leads nowhere, for the kernel as well */
		ret->n = 0;
		ret->link.n = 0;
		return 0;
	}
	if (r < 0)
		return r;
	return add_name(l->ctx, ret, &w.out_cap, path, &(struct ka_path){w.done, w.ndone});
}

/* ---- fixed aliases ---- */

#define PART(s)                    \
	{                          \
		(s), sizeof(s) - 1 \
	}

struct prefix {
	struct ka_part parts[2];
	uint32_t n;
};

static const struct prefix fixed[][2] = {
	{{{PART("bin")}, 1}, {{PART("usr"), PART("bin")}, 2}},
	{{{PART("sbin")}, 1}, {{PART("usr"), PART("sbin")}, 2}},
	{{{PART("lib")}, 1}, {{PART("usr"), PART("lib")}, 2}},
	{{{PART("lib32")}, 1}, {{PART("usr"), PART("lib32")}, 2}},
	{{{PART("lib64")}, 1}, {{PART("usr"), PART("lib64")}, 2}},
	{{{PART("var"), PART("run")}, 2}, {{PART("run")}, 1}},
	{{{PART("var"), PART("lock")}, 2}, {{PART("run"), PART("lock")}, 2}},
};

static bool begins_with(const struct ka_path *path, const struct prefix *p)
{
	const struct ka_path a = {(struct ka_part *)p->parts, p->n}, b = {path->parts, p->n};

	return path->n >= p->n && same_path(&a, &b);
}

static int exchange(struct ka_links *l, const struct ka_path *path, const struct prefix *from,
		    const struct prefix *to, struct ka_path *ret)
{
	uint32_t left = path->n - from->n;

	ret->n = to->n + left;
	ret->parts = ka_calloc(l->ctx, ret->n, sizeof(*ret->parts));
	if (!ret->parts)
		return -ENOMEM;
	memcpy(ret->parts, to->parts, to->n * sizeof(*ret->parts));
	if (left)
		memcpy(ret->parts + to->n, path->parts + from->n, left * sizeof(*ret->parts));
	return 0;
}

static int fixed_of(struct ka_links *l, const struct ka_path *self, const struct ka_path *path,
		    struct ka_names *ret, uint32_t *cap)
{
	struct ka_path other;
	int r = 0;

	for (size_t i = 0; i < 2 * KA_ARRAY_SIZE(fixed) && r >= 0; i++) {
		const struct prefix *from = &fixed[i / 2][i & 1], *to = &fixed[i / 2][!(i & 1)];

		if (begins_with(path, from))
			r = exchange(l, path, from, to, &other)
				    ?: add_name(l->ctx, ret, cap, self, &other);
	}
	return r;
}

int ka_links_names(struct ka_links *l, const struct ka_path *path, bool strict,
		   struct ka_names *ret)
{
	uint32_t cap = 0;
	int r;

	*ret = (struct ka_names){.fixed = l->root_fd < 0};
	if (l->root_fd >= 0)
		return names_in_root(l, path, ret);
	if (!strict)
		return 0;
	r = fixed_of(l, path, path, ret, &cap);
	for (uint32_t i = 0; i < ret->n && r >= 0; i++) {
		struct ka_path known = ret->v[i]; /* aliases of aliases */

		r = fixed_of(l, path, &known, ret, &cap);
	}
	return r;
}

/* ---- shared targets ---- */

static int list_links(struct ka_links *l, const struct ka_path *dir, struct listing *ret)
{
	const char *text = ka_path_join(l->ctx, dir);
	uint32_t names_cap = 0, targets_cap = 0;
	struct dirent *de;
	DIR *d;
	int fd, r = 0;

	if (!text)
		return -ENOMEM;
	ret->dir = text;
	fd = open_in(l, dir->n ? text + 1 : ".", O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return 0;
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return 0;
	}
	while (r >= 0 && (de = readdir(d))) {
		struct ka_path path = {.n = dir->n + 1};
		struct ka_names names = {};

		if (de->d_type != DT_LNK)
			continue;
		path.parts = ka_calloc(l->ctx, path.n, sizeof(*path.parts));
		if (!path.parts ||
		    !ka_grow(l->ctx, &ret->names, &names_cap, ret->n + 1, sizeof(char *)) ||
		    !ka_grow(l->ctx, &ret->targets, &targets_cap, ret->n + 1, sizeof(char *))) {
			r = -ENOMEM;
			break;
		}
		if (dir->n)
			memcpy(path.parts, dir->parts, dir->n * sizeof(*path.parts));
		path.parts[dir->n].len = strlen(de->d_name);
		path.parts[dir->n].name = ka_strndup(l->ctx, de->d_name, path.parts[dir->n].len);
		r = path.parts[dir->n].name ? names_in_root(l, &path, &names) : -ENOMEM;
		if (r < 0 || !names.n)
			continue;
		ret->names[ret->n] = ka_path_join(l->ctx, &path);
		ret->targets[ret->n] = ka_path_join(l->ctx, &names.v[names.n - 1]);
		r = ret->names[ret->n] && ret->targets[ret->n] ? 0 : -ENOMEM;
		ret->n++;
	}
	closedir(d);
	return r;
}

static int listing_of(struct ka_links *l, const struct ka_path *dir, const struct listing **ret)
{
	const char *text = ka_path_join(l->ctx, dir);
	struct listing *it;
	int r;

	if (!text)
		return -ENOMEM;
	for (it = l->listings; it; it = it->next)
		if (!strcmp(it->dir, text)) {
			*ret = it;
			return 0;
		}
	it = ka_alloc(l->ctx, sizeof(*it));
	if (!it)
		return -ENOMEM;
	r = list_links(l, dir, it);
	it->next = l->listings;
	l->listings = it;
	*ret = it;
	return r;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *base(const char *path)
{
	return strrchr(path, '/') + 1;
}

static bool is_multicall(const char *name)
{
	static const char *const known[] = {"busybox", "toybox", "coreutils", "systemctl"};

	for (size_t i = 0; i < KA_ARRAY_SIZE(known); i++)
		if (!strcmp(name, known[i]))
			return true;
	return false;
}

static int collect(struct ka_links *l, const struct ka_path *path, const char *target,
		   const char ***names, uint32_t *n, uint32_t *cap)
{
	const struct listing *it;
	struct ka_path dir = {path->parts, path->n - 1};
	int r = listing_of(l, &dir, &it);

	for (uint32_t i = 0; r >= 0 && i < it->n; i++) {
		if (strcmp(it->targets[i], target))
			continue;
		if (!ka_grow(l->ctx, names, cap, *n + 1, sizeof(char *)))
			return -ENOMEM;
		(*names)[(*n)++] = it->names[i];
	}
	return r;
}

static int join_names(struct ka_ctx *ctx, const char **names, uint32_t n, const char **ret)
{
	const char *text = names[0];

	for (uint32_t i = 1; i < n && i < NAMES_LISTED && text; i++)
		text = ka_sprintf(ctx, "%s, %s", text, names[i]);
	if (text && n > NAMES_LISTED)
		text = ka_sprintf(ctx, "%s and %u more", text, n - NAMES_LISTED);
	*ret = text;
	return text ? 0 : -ENOMEM;
}

int ka_links_shared(struct ka_links *l, const struct ka_path *path, const struct ka_path *target,
		    const char **ret)
{
	const char *self = ka_path_join(l->ctx, path), *text = ka_path_join(l->ctx, target);
	const char **names = NULL;
	uint32_t n = 0, cap = 0, kept = 0;
	int r;

	*ret = NULL;
	if (!self || !text)
		return -ENOMEM;
	if (l->root_fd < 0 || !path->n || !target->n || !strcmp(base(self), base(text)))
		return 0;
	r = collect(l, path, text, &names, &n, &cap) ?: collect(l, target, text, &names, &n, &cap);
	if (r < 0 || !n)
		return r;
	qsort(names, n, sizeof(*names), compare_names);
	for (uint32_t i = 0; i < n; i++)
		if (!kept || strcmp(names[i], names[kept - 1]))
			names[kept++] = names[i];
	if (!kept || (kept <= SHARED_BY && !is_multicall(base(text))))
		return 0;
	return join_names(l->ctx, names, kept, ret);
}
