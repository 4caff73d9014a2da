// SPDX-License-Identifier: Apache-2.0
/*
 * Links: what other names a path has in a root, which is never left.
 */
#include "compiled.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

#include "../../compiler/rules/links.h"

struct root {
	char path[64];
	int fd;
	struct ka_ctx ctx;
	struct ka_links *links;
};

static void make_dir(struct root *r, const char *path)
{
	assert_int_equal(mkdirat(r->fd, path, 0755), 0);
}

static void make_link(struct root *r, const char *path, const char *target)
{
	assert_int_equal(symlinkat(target, r->fd, path), 0);
}

static void make_file(struct root *r, const char *path)
{
	KA_CLOSE int fd = openat(r->fd, path, O_CREAT | O_WRONLY, 0755);

	assert_true(fd >= 0);
}

static int setup(void **state)
{
	struct root *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	strcpy(r->path, "/tmp/karmor-links-XXXXXX");
	assert_non_null(mkdtemp(r->path));
	r->fd = open(r->path, O_PATH | O_DIRECTORY);
	assert_true(r->fd >= 0);
	assert_int_equal(ka_ctx_init(&r->ctx), 0);
	assert_int_equal(ka_links_new(&r->ctx, r->fd, &r->links), 0);
	make_dir(r, "usr");
	make_dir(r, "usr/bin");
	make_link(r, "bin", "usr/bin");
	make_file(r, "usr/bin/dash");
	make_link(r, "usr/bin/sh", "dash");
	*state = r;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static int teardown(void **state)
{
	struct root *r = *state;

	ka_ctx_done(&r->ctx);
	close(r->fd);
	nftw(r->path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(r);
	return 0;
}

/* All other names, joined by blanks. */
static const char *names(struct root *r, const char *text)
{
	static char out[4096];
	struct ka_names n;
	struct ka_path path;

	out[0] = '\0';
	assert_int_equal(ka_path_split(&r->ctx, text, &path), 0);
	assert_int_equal(ka_links_names(r->links, &path, true, &n), 0);
	for (uint32_t i = 0; i < n.n; i++) {
		strcat(out, i ? " " : "");
		strcat(out, ka_path_join(&r->ctx, &n.v[i]));
	}
	return out;
}

static void links_are_followed(void **state)
{
	struct root *r = *state;

	assert_string_equal(names(r, "/usr/bin/dash"), "");
	assert_string_equal(names(r, "/bin/dash"), "/usr/bin/dash");
	assert_string_equal(names(r, "/usr/bin/sh"), "/usr/bin/dash");
	/* the link itself is an object, too */
	assert_string_equal(names(r, "/bin/sh"), "/usr/bin/sh /usr/bin/dash");
	assert_string_equal(names(r, "/bin"), "/usr/bin");
	/* what does not exist below a link is named all the same */
	assert_string_equal(names(r, "/bin/missing/x"), "/usr/bin/missing/x");
}

static void the_root_is_never_left(void **state)
{
	struct root *r = *state;

	make_link(r, "up", "../../../../etc");
	make_link(r, "abs", "/etc");
	make_link(r, "usr/deep", "../../../..");
	assert_string_equal(names(r, "/up/passwd"), "/etc/passwd");
	assert_string_equal(names(r, "/abs/alternatives"), "/etc/alternatives");
	assert_string_equal(names(r, "/usr/deep/x"), "/x");
}

static void loops_lead_nowhere(void **state)
{
	struct root *r = *state;

	make_link(r, "a", "b");
	make_link(r, "b", "a");
	make_link(r, "self", "self/x");
	assert_string_equal(names(r, "/a/x"), "");
	assert_string_equal(names(r, "/self"), "");
}

static void names_are_bytes(void **state)
{
	struct root *r = *state;

	make_link(r, "odd", "a b\n\xff");
	assert_string_equal(names(r, "/odd/x"), "/a b\n\xff/x");
}

static void fixed_aliases_without_a_root(void **state)
{
	struct root *r = *state;
	struct ka_names n;
	struct ka_path path;

	assert_int_equal(ka_links_new(&r->ctx, -1, &r->links), 0);
	assert_string_equal(names(r, "/bin/sh"), "/usr/bin/sh");
	assert_string_equal(names(r, "/usr/lib64/x"), "/lib64/x");
	assert_string_equal(names(r, "/binary"), "");
	assert_string_equal(names(r, "/usr/binary"), "");
	assert_string_equal(names(r, "/var/lock/x"), "/run/lock/x /var/run/lock/x");
	/* never for what permits */
	assert_int_equal(ka_path_split(&r->ctx, "/bin/sh", &path), 0);
	assert_int_equal(ka_links_names(r->links, &path, false, &n), 0);
	assert_int_equal(n.n, 0);
}

/* ---- in policies ---- */

static struct world *world_in(struct root *r, const char *text, bool follow_shared)
{
	struct world *w = calloc(1, sizeof(*w));

	world_read(w, text);
	world_compile(
		w, (struct ka_compile_options){.root_fd = r->fd, .follow_shared = follow_shared});
	return w;
}

static void rules_cover_what_their_links_lead_to(void **state)
{
	struct world *w = world_in(*state,
				   POLICY("p", "  process:\n    matchPaths:\n    - path: /bin/sh\n"
					       "    matchPatterns:\n    - pattern: /bin/x*\n"
					       "  file:\n    matchDirectories:\n    - dir: /bin/\n"
					       "    matchPaths:\n    - path: /s\n"
					       "      fromSource: [{path: /bin/sh}]\n"),
				   false);

	assert_int_equal(w->result, 0);
	assert_int_equal(EXEC(w, "/bin/sh"), KA_DENY);
	assert_int_equal(EXEC(w, "/usr/bin/sh"), KA_DENY);
	assert_int_equal(EXEC(w, "/usr/bin/dash"), KA_DENY);
	assert_int_equal(EXEC(w, "/usr/bin/bash"), KA_PERMIT);
	assert_int_equal(EXEC(w, "/usr/bin/xyz"), KA_DENY);
	assert_int_equal(READ(w, "/usr/bin/any"), KA_DENY);
	assert_int_equal(judge(w, KA_CAT_FILE, KA_OP_READ, "/s", "/usr/bin/dash").verdict, KA_DENY);
	assert_int_equal(judge(w, KA_CAT_FILE, KA_OP_READ, "/s", "/usr/bin/bash").verdict,
			 KA_PERMIT);
	assert_true(w->compiled.naliases >= 4);
	assert_false(w->compiled.aliases[0].fixed);
	world_done(w);
}

static void allowed_links_allow_their_targets(void **state)
{
	struct world *w = world_in(*state,
				   POLICY("p", "  action: Allow\n  process:\n    matchPaths:\n"
					       "    - path: /bin/sh\n"),
				   false);

	assert_int_equal(w->result, 0);
	assert_int_equal(EXEC(w, "/usr/bin/dash"), KA_PERMIT);
	assert_int_equal(EXEC(w, "/usr/bin/bash"), KA_DENY);
	/* what may run may not be rewritten, under its own name */
	assert_int_equal(WRITE(w, "/usr/bin/dash"), KA_DENY);
	world_done(w);
}

static void shared_targets_are_refused(void **state)
{
	static const char text[] =
		POLICY("p", "  process:\n    matchPaths:\n    - path: /bin/wget\n");
	struct root *r = *state;
	struct world *w;

	make_file(r, "usr/bin/busybox");
	make_link(r, "usr/bin/wget", "busybox");
	make_link(r, "usr/bin/ls", "/bin/busybox");
	w = world_in(r, text, false);
	assert_int_equal(w->result, -EINVAL);
	assert_int_equal(w->ctx.diags[0]->id, KA_D_SHARED_TARGET);
	assert_non_null(strstr(w->ctx.diags[0]->message, "/usr/bin/ls, /usr/bin/wget"));
	world_done(w);
	w = world_in(r, text, true);
	assert_int_equal(w->result, 0);
	assert_int_equal(EXEC(w, "/usr/bin/busybox"), KA_DENY);
	world_done(w);
}

static void a_few_names_are_not_shared(void **state)
{
	struct world *w = world_in(
		*state, POLICY("p", "  process:\n    matchPaths:\n    - path: /bin/sh\n"), false);

	assert_int_equal(w->result, 0);
	world_done(w);
}

#define WITH_ROOT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_ROOT(links_are_followed),
		WITH_ROOT(the_root_is_never_left),
		WITH_ROOT(loops_lead_nowhere),
		WITH_ROOT(names_are_bytes),
		WITH_ROOT(fixed_aliases_without_a_root),
		WITH_ROOT(rules_cover_what_their_links_lead_to),
		WITH_ROOT(allowed_links_allow_their_targets),
		WITH_ROOT(shared_targets_are_refused),
		WITH_ROOT(a_few_names_are_not_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
