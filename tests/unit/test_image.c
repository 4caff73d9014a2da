// SPDX-License-Identifier: Apache-2.0
/*
 * Reading an image: nothing hostile passes unproved, selectors, members, source hashes.
 */
#include "compiled.h"

#define RICH                                                                          \
	POLICY("p", "  process:\n    matchPaths:\n"                                   \
		    "    - {path: /bin/a, action: Allow, fromSource: [{path: /s}]}\n" \
		    "    - {execname: nano}\n"                                        \
		    "  file:\n    matchPaths:\n    - path: /d/x\n"                    \
		    "    matchDirectories:\n    - {dir: /t/, recursive: true}\n"      \
		    "    matchPatterns:\n    - pattern: /**/*.conf\n"                 \
		    "    - pattern: /a/b*c/[de]\n")

struct copy {
	uint8_t *bytes;
	size_t size, capacity;
	char err[256];
};

static void copy_of(const struct world *w, struct copy *c)
{
	c->size = w->compiled.size;
	c->capacity = w->compiled.capacity;
	c->bytes = malloc(c->capacity + KA_IMAGE_SLACK);
	assert_non_null(c->bytes);
	memcpy(c->bytes, w->compiled.image, c->capacity + KA_IMAGE_SLACK);
}

static int check(struct copy *c)
{
	struct ka_reader r;

	c->err[0] = '\0';
	return ka_image_check(c->bytes, c->size, c->capacity, c->err, sizeof(c->err), &r);
}

static struct ka_image *head(struct copy *c)
{
	return (struct ka_image *)c->bytes;
}

static void heads_are_checked(void **state)
{
	struct world *w = world(RICH);
	struct copy c;

	(void)state;
	copy_of(w, &c);
	assert_int_equal(check(&c), 0);
	head(&c)->magic++;
	assert_int_equal(check(&c), -EBADMSG);
	head(&c)->magic--;
	head(&c)->abi++;
	assert_int_equal(check(&c), -EPROTO);
	assert_non_null(strstr(c.err, "format"));
	head(&c)->abi--;
	c.size--;
	assert_int_equal(check(&c), -EBADMSG);
	c.size = sizeof(struct ka_image) - 1;
	assert_int_equal(check(&c), -EBADMSG);
	c.size = w->compiled.size;
	c.capacity += 8;
	assert_int_equal(check(&c), -EBADMSG);
	free(c.bytes);
	world_done(w);
}

/* Asks what may be asked of an image that was found good. */
static void ask_everything(const struct ka_reader *r)
{
	static const char *const paths[] = {"/",    "/bin/a",  "/d/..x/x",
					    "/t/u", "/a/bc/d", "/x/y.conf"};
	static const char *keys[] = {"app"}, *values[] = {"x"};
	const struct ka_labels labels = {keys, values, 1};
	const struct ka_node node = {.hostname = "h", .os = "linux", .arch = "amd64"};
	struct ka_member member;
	struct ka_ruling ruling;

	ka_member_make(r, &node, "ns", &labels, &member);
	for (size_t i = 0; i < 2 * KA_ARRAY_SIZE(paths); i++) {
		const struct ka_who who = {.policies = member.policies,
					   .words = KA_POLICY_WORDS,
					   .flags = member.flags,
					   .class = {1}};
		const char *path = paths[i / 2];

		ka_image_judge(r, &who, i & 1, i & 1 ? KA_OP_EXEC : KA_OP_WRITE, path, strlen(path),
			       &ruling);
		assert_true(ruling.verdict <= KA_REPORT);
		if (ruling.rule != KA_NO_RULE)
			assert_non_null(ka_image_rule(r, ruling.rule));
	}
	for (uint32_t i = 0; i < r->head->rules.count; i++)
		assert_non_null(ka_image_str(r, ka_image_rule(r, i)->message));
	for (uint32_t i = 0; i < r->head->labels.count; i++)
		assert_non_null(ka_image_str(r, ka_image_label(r, i)->key));
	assert_non_null(ka_image_source(r, 1));
}

/* Every word of the image, replaced by every kind of value: refused, or harmless. */
static void no_word_can_lead_astray(void **state)
{
	static const uint32_t values[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff8};
	struct world *w = world(RICH);
	struct copy c;
	size_t refused = 0;

	(void)state;
	copy_of(w, &c);
	for (size_t at = 0; at + 4 <= c.size; at += 4) {
		uint32_t *word = (uint32_t *)(c.bytes + at), was = *word;

		for (size_t i = 0; i < KA_ARRAY_SIZE(values) + 3; i++) {
			struct ka_reader r;

			if (i < KA_ARRAY_SIZE(values))
				*word = values[i];
			else
				*word = was + (i == 6 ? 4 : i == 7 ? -8 : (int)c.size);
			if (ka_image_check(c.bytes, c.size, c.capacity, c.err, sizeof(c.err), &r)) {
				refused++;
				continue;
			}
			ask_everything(&r);
		}
		*word = was;
	}
	assert_true(refused > c.size / 4); /* most offsets are proved */
	assert_int_equal(check(&c), 0);
	free(c.bytes);
	world_done(w);
}

static void an_endless_list_is_refused(void **state)
{
	struct world *w = world(RICH);
	const struct ka_state *s = state_at(w, "/d/x");
	struct ka_entry *e;
	struct copy c;

	(void)state;
	copy_of(w, &c);
	e = (struct ka_entry *)(c.bytes + s->list[KA_CAT_FILE]);
	while (!(e->flags & KA_ENTRY_LAST))
		e++;
	e->flags &= ~KA_ENTRY_LAST;
	e->effect = 0;
	assert_int_equal(check(&c), -EBADMSG);
	free(c.bytes);
	world_done(w);
}

/* ---- selectors ---- */

static bool selects(const char *selector, const char *ns, const char *const *keys,
		    const char *const *values, size_t n)
{
	const struct ka_labels labels = {keys, values, n};
	char text[1024];
	struct world *w;
	bool ret;

	snprintf(text, sizeof(text),
		 "apiVersion: security.kubearmor.com/v1\nkind: KubeArmorPolicy\n"
		 "metadata: {name: p, namespace: ns}\nspec:\n  selector: {matchLabels: {%s}}\n"
		 "  file: {matchPaths: [{path: /x}]}\n",
		 selector);
	w = world(text);
	ret = ka_selects_workload(&w->reader, 0, ns, &labels);
	world_done(w);
	return ret;
}

static void workloads_are_selected_by_all_labels(void **state)
{
	const char *keys[] = {"app", "kubearmor.io/container.name"}, *values[] = {"x", "web"};

	(void)state;
	assert_true(selects("app: x", "ns", keys, values, 2));
	assert_false(selects("app: x", "other", keys, values, 2));
	assert_false(selects("app: x, tier: front", "ns", keys, values, 2));
	assert_false(selects("app: other", "ns", keys, values, 2));
	assert_true(selects("", "ns", keys, values, 0));
	assert_true(selects("kubearmor.io/container.name: web", "ns", keys, values, 2));
	assert_true(selects("kubearmor.io/container.name: '[db, web]'", "ns", keys, values, 2));
	assert_false(selects("kubearmor.io/container.name: '[db, webs]'", "ns", keys, values, 2));
	assert_true(selects("kubearmor.io/container.name: '*'", "ns", keys, values, 1));
	assert_false(selects("kubearmor.io/container.name: web", "ns", keys, values, 1));
}

static bool selects_node(const char *selector)
{
	static const char *keys[] = {"zone"}, *values[] = {"a"};
	const struct ka_node node = {
		.hostname = "web-1", .os = "linux", .arch = "amd64", .labels = {keys, values, 1}};
	char text[1024];
	struct world *w;
	bool ret;

	snprintf(text, sizeof(text),
		 "apiVersion: security.kubearmor.com/v1\nkind: KubeArmorHostPolicy\n"
		 "metadata: {name: p}\nspec:\n  nodeSelector: {matchLabels: {%s}}\n"
		 "  file: {matchPaths: [{path: /x}]}\n",
		 selector);
	w = world(text);
	ret = ka_selects_node(&w->reader, 0, &node);
	assert_false(ka_selects_workload(&w->reader, 0, "", &node.labels));
	world_done(w);
	return ret;
}

static void nodes_are_selected(void **state)
{
	(void)state;
	assert_true(selects_node("kubernetes.io/hostname: '*'"));
	assert_true(selects_node("kubernetes.io/hostname: web-1"));
	assert_true(selects_node("kubearmor.io/hostname: 'db-1,web-1'"));
	assert_false(selects_node("kubernetes.io/hostname: web"));
	assert_true(selects_node("kubernetes.io/os: linux"));
	assert_true(selects_node("beta.kubernetes.io/arch: amd64"));
	assert_false(selects_node("kubernetes.io/arch: arm64"));
	assert_true(selects_node("zone: a"));
	assert_false(selects_node("zone: b"));
	assert_false(selects_node("zone: a, kubernetes.io/os: plan9"));
}

/* ---- members ---- */

static uint32_t flags_of(const char *text)
{
	struct world *w = world(text);
	uint32_t flags = w->member.flags;

	world_done(w);
	return flags;
}

static void members_know_what_holds(void **state)
{
	const enum ka_category f = KA_CAT_FILE, p = KA_CAT_PROCESS;
	const uint32_t common = KA_MEMBER_GOVERNED | KA_MEMBER_MOUNTS | KA_MEMBER_ABOVE;
	uint32_t flags;

	(void)state;
	flags = flags_of(POLICY("p", "  file: {matchPaths: [{path: /x}]}\n"));
	assert_int_equal(flags, common | KA_MEMBER_STRICT(f));
	flags = flags_of(POLICY("p", "  action: Allow\n  process: {matchPaths: [{path: /x}]}\n"));
	/* STRICT(f): /x is protected from being rewritten */
	assert_int_equal(flags, common | KA_MEMBER_LIST(p) | KA_MEMBER_POSTURE(p) |
					KA_MEMBER_STRICT(p) | KA_MEMBER_STRICT(f));
	flags = flags_of(POLICY("p", "  action: Audit\n  file: {matchPaths: [{path: /x}]}\n"));
	assert_int_equal(flags, KA_MEMBER_GOVERNED);
	flags = flags_of("apiVersion: security.kubearmor.com/v1\nkind: KubeArmorPolicy\n"
			 "metadata: {name: p, namespace: other}\nspec:\n"
			 "  selector: {matchLabels: {app: x}}\n"
			 "  file: {matchPaths: [{path: /x}]}\n");
	assert_int_equal(flags, 0);
}

#define ANNOTATED(annotation, spec)                                                         \
	"---\napiVersion: security.kubearmor.com/v1\nkind: KubeArmorPolicy\n"               \
	"metadata:\n  name: p\n  namespace: ns\n  annotations: {karmor-c/" annotation "}\n" \
	"spec:\n  selector: {matchLabels: {app: x}}\n" spec

static void annotations_change_members(void **state)
{
	const enum ka_category p = KA_CAT_PROCESS;
	uint32_t flags;

	(void)state;
	flags = flags_of(ANNOTATED("posture: audit", "  action: Allow\n"
						     "  process: {matchPaths: [{path: /x}]}\n"));
	assert_true(flags & KA_MEMBER_LIST(p));
	assert_false(flags & (KA_MEMBER_POSTURE(p) | KA_MEMBER_WOULD(p) | KA_MEMBER_STRICT(p)));
	flags = flags_of(ANNOTATED("mode: audit", "  action: Allow\n"
						  "  process: {matchPaths: [{path: /x}]}\n"));
	assert_true(flags & KA_MEMBER_WOULD(p));
	assert_true(flags & KA_MEMBER_WATCH(p));
	assert_true(flags & KA_MEMBER_MOUNTS_WOULD);
	assert_false(flags & (KA_MEMBER_POSTURE(p) | KA_MEMBER_STRICT(p) | KA_MEMBER_MOUNTS |
			      KA_MEMBER_ABOVE));
	flags = flags_of(ANNOTATED("mounts: allow", "  file: {matchPaths: [{path: /x}]}\n"));
	assert_false(flags & KA_MEMBER_MOUNTS);
	assert_true(flags & KA_MEMBER_ABOVE);
}

/* ---- hashes of sources ---- */

static void hashes_know_components(void **state)
{
	const uint64_t key[2] = {1, 2}, other[2] = {1, 3};

	(void)state;
#define HASH(k, path) ka_source_hash(k, path, strlen(path))
	assert_int_equal(HASH(key, "/a/b"), HASH(key, "/a/b"));
	assert_int_not_equal(HASH(key, "/a/b"), HASH(other, "/a/b"));
	assert_int_not_equal(HASH(key, "/a/b"), HASH(key, "/ab"));
	assert_int_not_equal(HASH(key, "/aaaaaaaa/b"), HASH(key, "/aaaaaaaab"));
	assert_int_not_equal(HASH(key, "/a"), HASH(key, "/"));
	assert_int_not_equal(HASH(key, "/"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_are_checked),
		cmocka_unit_test(no_word_can_lead_astray),
		cmocka_unit_test(an_endless_list_is_refused),
		cmocka_unit_test(workloads_are_selected_by_all_labels),
		cmocka_unit_test(nodes_are_selected),
		cmocka_unit_test(members_know_what_holds),
		cmocka_unit_test(annotations_change_members),
		cmocka_unit_test(hashes_know_components),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
