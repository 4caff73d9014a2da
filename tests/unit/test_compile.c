// SPDX-License-Identifier: Apache-2.0
/*
 * Policies to images: what is decided, what is guarded, what is bounded; the same bytes always.
 */
#include "compiled.h"

#define FILES "  file:\n    matchPaths:\n"
#define PROCESSES "  process:\n    matchPaths:\n"

/* ---- ranks ---- */

static void a_source_beats_no_source(void **state)
{
	struct world *w = world(POLICY("p", "  process:\n    matchPaths:\n    - path: /x\n"
					    "    matchDirectories:\n    - dir: /\n"
					    "      action: Allow\n"
					    "      fromSource: [{path: /sh}]\n"));

	(void)state;
	assert_int_equal(judge(w, KA_CAT_PROCESS, KA_OP_EXEC, "/x", NULL).verdict, KA_DENY);
	assert_int_equal(judge(w, KA_CAT_PROCESS, KA_OP_EXEC, "/x", "/sh").verdict, KA_PERMIT);
	world_done(w);
}

static void ranks_of_objects(void **state)
{
	struct world *w = world(POLICY("p", "  process:\n    matchPaths:\n"
					    "    - {path: /d/exact, action: Allow}\n"
					    "    - {execname: named, action: Allow}\n"
					    "    matchDirectories:\n"
					    "    - {dir: /d/, recursive: true, action: Block}\n"
					    "    - {dir: /d/e/, recursive: true, action: Allow}\n"
					    "    matchPatterns:\n"
					    "    - {pattern: '/d/e/*.bad', action: Block}\n"
					    "    - {pattern: '/d/good*', action: Allow}\n"));

	(void)state;
	assert_int_equal(EXEC(w, "/d/exact"), KA_PERMIT);
	assert_int_equal(EXEC(w, "/d/named"), KA_PERMIT);
	assert_int_equal(EXEC(w, "/d/x"), KA_DENY);
	assert_int_equal(EXEC(w, "/d/e/x"), KA_PERMIT);   /* the longer directory */
	assert_int_equal(EXEC(w, "/d/e/x.bad"), KA_DENY); /* Block of the same rank */
	assert_int_equal(EXEC(w, "/d/good"), KA_DENY);    /* the directory blocks, too */
	assert_int_equal(EXEC(w, "/elsewhere/named"), KA_PERMIT);
	assert_int_equal(EXEC(w, "/elsewhere"), KA_DENY); /* the posture */
	world_done(w);
}

static void patterns_without_wildcards_are_paths(void **state)
{
	struct world *w = world(POLICY("p", "  file:\n    matchDirectories:\n    - {dir: /d/}\n"
					    "    matchPatterns:\n"
					    "    - {pattern: '/d/a\\*b', action: Allow}\n"));

	(void)state;
	assert_int_equal(READ(w, "/d/a*b"), KA_PERMIT);
	assert_int_equal(READ(w, "/d/axb"), KA_DENY);
	world_done(w);
}

/* ---- readOnly, integrity, modes ---- */

static void integrity_protects_sources_and_allowed_programs(void **state)
{
	struct world *w = world(POLICY("p", "  process:\n    matchPaths:\n"
					    "    - {path: /bin/a, action: Allow}\n"
					    "  file:\n    matchPaths:\n"
					    "    - {path: /x, fromSource: [{path: /opt/s}]}\n"));

	(void)state;
	assert_int_equal(WRITE(w, "/bin/a"), KA_DENY);
	assert_int_equal(judge(w, KA_CAT_FILE, KA_OP_WRITE, "/bin/a", NULL).reason,
			 KA_WHY_INTEGRITY);
	assert_int_equal(READ(w, "/bin/a"), KA_PERMIT);
	assert_int_equal(WRITE(w, "/opt/s"), KA_DENY);
	assert_int_equal(WRITE(w, "/opt/t"), KA_PERMIT);
	world_done(w);
}

static void audit_mode_permits_and_says_so(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	(void)state;
	world_read(w, POLICY("p", FILES "    - path: /x\n"));
	world_compile(w, (struct ka_compile_options){.root_fd = -1, .audit_mode = true});
	assert_int_equal(w->result, 0);
	assert_int_equal(READ(w, "/x"), KA_WOULD_DENY);
	world_done(w);
}

/* ---- hooks ---- */

static uint32_t hooks_of(const char *text)
{
	struct world *w = world(text);
	uint32_t hooks = w->reader.head->hooks;

	world_done(w);
	return hooks;
}

static void only_needed_hooks(void **state)
{
	/* who is who is always needed */
	const uint32_t always = KA_HOOKS_TASK | KA_HOOKS_EXEC, map = KA_HOOKS_MMAP,
		       open = KA_HOOKS_OPEN, path = KA_HOOKS_PATH, mount = KA_HOOKS_MOUNT;

	(void)state;
	assert_int_equal(hooks_of(POLICY("p", FILES "    - {path: /x, action: Audit}\n")),
			 always | open | path);
	assert_int_equal(hooks_of(POLICY("p", FILES "    - {path: /x}\n")),
			 always | open | path | mount);
	assert_int_equal(hooks_of(POLICY("p", PROCESSES "    - {path: /x}\n")),
			 always | map | path | mount);
	/* integrity of what is allowed */
	assert_int_equal(hooks_of(POLICY("p", PROCESSES "    - {path: /x, action: Allow}\n")),
			 always | open | path | mount);
	assert_int_equal(hooks_of(HOST("p", PROCESSES "    - {path: /x, action: Allow}\n")),
			 always | path | mount);
}

/* ---- the same bytes ---- */

static void order_changes_nothing(void **state)
{
	const char *a = POLICY("a", FILES "    - path: /x\n      fromSource: [{path: /s}]\n");
	const char *b = POLICY("b", "  file:\n    matchPatterns:\n    - pattern: /**/*.c\n");
	char ab[2048], ba[2048];
	struct world *w, *v;

	(void)state;
	snprintf(ab, sizeof(ab), "%s%s", a, b);
	snprintf(ba, sizeof(ba), "%s%s", b, a);
	w = world(ab);
	v = world(ba);
	assert_int_equal(w->compiled.size, v->compiled.size);
	assert_memory_equal(w->compiled.image, v->compiled.image, w->compiled.size);
	world_done(w);
	world_done(v);
}

static void digests_tell_generations_apart(void **state)
{
	struct world *w = world(POLICY("p", FILES "    - path: /x\n"));
	struct world *v = world(POLICY("p", FILES "    - {path: /x, message: hello}\n"));

	(void)state;
	assert_memory_not_equal(w->reader.head->digest, v->reader.head->digest, 32);
	world_done(w);
	world_done(v);
}

/* ---- bounds ---- */

static const struct ka_diag *refused(struct world *w, const char *text)
{
	world_read(w, text);
	world_compile(w, (struct ka_compile_options){.root_fd = -1});
	assert_int_equal(w->result, -EINVAL);
	assert_int_equal(w->ctx.nerrors, 1);
	assert_null(w->compiled.image);
	return w->ctx.diags[0];
}

static void the_patterns_that_multiply_are_named(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	const struct ka_diag *d = refused(w, POLICY("p", "  file:\n    matchPatterns:\n"
							 "    - pattern: /fine/*.c\n"
							 "    - pattern: /**/*a???????\n"
							 "    - pattern: /x/*b?c\n"
							 "    - pattern: /**/*b????????\n"
							 "    - pattern: /fine/*.h\n"));

	(void)state;
	assert_int_equal(d->id, KA_D_PATTERNS_MULTIPLY);
	assert_non_null(strstr(d->message, "/**/*a???????"
					   "' and '/**/*b????????"));
	assert_int_equal(d->loc.line, 12);
	assert_non_null(d->more);
	assert_int_equal(d->more->loc.line, 10);
	world_done(w);
}

static void a_pattern_too_big_alone_is_named(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	const struct ka_diag *d = refused(w, POLICY("p", "  file:\n    matchPatterns:\n"
							 "    - pattern: /fine/*.c\n"
							 "    - pattern: /*a?????????????????\n"));

	(void)state;
	assert_int_equal(d->id, KA_D_PATTERN_TOO_BIG);
	assert_int_equal(d->loc.line, 10);
	world_done(w);
}

static void many_components_are_bounded_too(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	const struct ka_diag *d = refused(
		w, POLICY("p", "  file:\n    matchPatterns:\n"
			       "    - pattern: '/**/a/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*'\n"));

	(void)state;
	assert_int_equal(d->id, KA_D_PATTERN_TOO_BIG);
	world_done(w);
}

static void ten_thousand_paths_stay_small(void **state)
{
	size_t size = 0;
	char *text = NULL;
	FILE *f = open_memstream(&text, &size);
	struct world *w;

	(void)state;
	assert_non_null(f);
	fputs(POLICY("p", FILES), f);
	for (int i = 0; i < 10000; i++)
		fprintf(f, "    - path: /srv/app-%d/file-%d\n", i % 97, i);
	fclose(f);
	w = world(text);
	assert_true(w->compiled.size < 200 * 10000);
	assert_int_equal(READ(w, "/srv/app-3/file-100"), KA_DENY);
	assert_int_equal(READ(w, "/srv/app-4/file-100"), KA_PERMIT);
	world_done(w);
	free(text);
}

/* ---- names of every length, and names made to collide ---- */

static void long_names(void **state)
{
	char text[4096], name[256], path[300];

	(void)state;
	for (size_t len = 1; len <= 255; len += len < 50 ? 1 : 41) {
		struct world *w;

		memset(name, 'n', len);
		name[len] = '\0';
		snprintf(path, sizeof(path), "/d/%s", name);
		snprintf(text, sizeof(text), POLICY("p", FILES "    - path: %s\n"), path);
		w = world(text);
		assert_int_equal(READ(w, path), KA_DENY);
		path[strlen(path) - 1] = 'm';
		assert_int_equal(READ(w, path), KA_PERMIT);
		world_done(w);
	}
}

/* ---- limits of the object ---- */

static void what_no_path_of_the_kernel_is_is_unestablished(void **state)
{
	struct world *w = world(POLICY("p", FILES "    - path: /x\n"));
	char deep[8192] = "";

	(void)state;
	for (int i = 0; i < 2049; i++)
		strcat(deep, "/a");
	assert_int_equal(judge(w, KA_CAT_FILE, KA_OP_READ, deep, NULL).reason,
			 KA_WHY_UNESTABLISHED);
	deep[2 * 2048] = '\0';
	assert_int_equal(READ(w, deep), KA_PERMIT);
	assert_int_equal(READ(w, "relative"), KA_DENY);
	world_done(w);
}

/* ---- what is not enforced yet ---- */

#define CLUSTER                                                                      \
	"---\napiVersion: security.kubearmor.com/v1\nkind: KubeArmorClusterPolicy\n" \
	"metadata: {name: p}\nspec:\n"                                               \
	"  selector: {matchExpressions: [{key: namespace, operator: In, values: [a]}]}\n"
#define NETWORK                                                                      \
	"---\napiVersion: security.kubearmor.com/v1\nkind: KubeArmorNetworkPolicy\n" \
	"metadata: {name: p}\nspec:\n  nodeSelector: {matchLabels: {kubernetes.io/hostname: a}}\n"
#define ANNOTATED(annotation)                                                 \
	"---\napiVersion: security.kubearmor.com/v1\nkind: KubeArmorPolicy\n" \
	"metadata: {name: p, annotations: {" annotation "}}\n"                \
	"spec:\n  selector: {matchLabels: {app: x}}\n" FILES "    - path: /x\n"

/* One more or less in the language, and it is compiled. */
static const struct {
	const char *text;
	unsigned line, column; /* 0: is enforced */
} unsupported[] = {
	{CLUSTER FILES "    - path: /x\n", 0, 0},
	{NETWORK "  ingress: [{iface: [eth0]}]\n", 3, 7},
	{POLICY("p", "  network: {matchProtocols: [{protocol: tcp}]}\n"), 0, 0},
	{POLICY("p", "  network: {matchDNSQueries: [{domain: a.b}]}\n"), 7, 13},
	{POLICY("p", "  capabilities: {matchCapabilities: [{capability: bpf}]}\n"), 0, 0},
	{POLICY("p", "  syscalls: {matchSyscalls: [{syscall: [bpf]}]}\n"), 7, 3},
	{POLICY("p", "  syscalls: {matchPaths: [{path: /x}]}\n"), 7, 3},
	{POLICY("p", "  presets: [{name: exec}]\n"), 7, 3},
	{HOST("p", "  device: {matchDevice: [{class: HID}]}\n"), 7, 3},
	{POLICY("p", FILES "    - {path: /x, ownerOnly: true}\n"), 0, 0},
	{POLICY("p", FILES "    - {path: /x, pts: false}\n"), 0, 0},
	{POLICY("p", PROCESSES "    - {path: /x, allowedArgs: []}\n"), 9, 18},
	{POLICY("p", FILES "    - path: /x\n  apparmor: q\n"), 10, 3},
	{ANNOTATED("karmor-c/guards: -ptrace"), 4, 35},
	{ANNOTATED("karmor-c/overridable: 'true'"), 0, 0},
	{POLICY("p", FILES "    - {path: /x, ownerOnly: false, pts: true}\n"), 0, 0},
	{POLICY("p", FILES "    - path: /x\n  network: {}\n  presets: []\n"), 0, 0},
	{ANNOTATED("karmor-c/overridable: 'false', karmor-c/posture-network: audit"), 0, 0},
};

static void what_is_not_enforced_is_not_compiled(void **state)
{
	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(unsupported); i++) {
		struct world w;

		world_read(&w, unsupported[i].text);
		world_compile(&w, (struct ka_compile_options){.root_fd = -1});
		if (w.result != (unsupported[i].line ? -EINVAL : 0))
			fail_msg("%s: %d", unsupported[i].text, w.result);
		assert_int_equal(w.ctx.nerrors, unsupported[i].line != 0);
		if (unsupported[i].line) {
			expect(&w.ctx, KA_D_NOT_YET, unsupported[i].line, unsupported[i].column);
			assert_null(w.compiled.image);
		}
		ka_compiled_done(&w.compiled);
		ka_ctx_done(&w.ctx);
	}
}

/* A set that nobody has checked is refused by what it is, wherever it came from. */
static void a_rule_made_by_hand_is_refused_too(void **state)
{
	struct world w;

	(void)state;
	world_read(&w, POLICY("p", FILES "    - path: /x\n"));
	w.policies.v[0]->rules[0].has_args = true;
	world_compile(&w, (struct ka_compile_options){.root_fd = -1});
	assert_int_equal(w.result, -EINVAL);
	expect(&w.ctx, KA_D_NOT_YET, 9, 13);
	ka_ctx_done(&w.ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_source_beats_no_source),
		cmocka_unit_test(ranks_of_objects),
		cmocka_unit_test(patterns_without_wildcards_are_paths),
		cmocka_unit_test(integrity_protects_sources_and_allowed_programs),
		cmocka_unit_test(audit_mode_permits_and_says_so),
		cmocka_unit_test(only_needed_hooks),
		cmocka_unit_test(order_changes_nothing),
		cmocka_unit_test(digests_tell_generations_apart),
		cmocka_unit_test(the_patterns_that_multiply_are_named),
		cmocka_unit_test(a_pattern_too_big_alone_is_named),
		cmocka_unit_test(many_components_are_bounded_too),
		cmocka_unit_test(ten_thousand_paths_stay_small),
		cmocka_unit_test(long_names),
		cmocka_unit_test(what_no_path_of_the_kernel_is_is_unestablished),
		cmocka_unit_test(what_is_not_enforced_is_not_compiled),
		cmocka_unit_test(a_rule_made_by_hand_is_refused_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
