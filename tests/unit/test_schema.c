// SPDX-License-Identifier: Apache-2.0
#include "parse.h"

#include "../../compiler/base/suggest.h"
#include "../../compiler/check/schema.h"
#include "../../compiler/format/fix.h"

#define HEAD                                      \
	"apiVersion: security.kubearmor.com/v1\n" \
	"kind: KubeArmorPolicy\n"                 \
	"metadata: {name: p}\n"                   \
	"spec:\n"                                 \
	"  selector: {matchLabels: {a: b}}\n"

#define START                          \
	KA_CTX struct ka_ctx ctx = {}; \
	assert_int_equal(ka_ctx_init(&ctx), 0)

static void edits_are_counted(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned edits;
	} rows[] = {
		{"path", "path", 0},
		{"path", "Path", 0},
		{"pahth", "path", 1},
		{"paht", "path", 1},
		{"matchPath", "matchPaths", 1},
		{"pth", "path", 1},
		{"abcd", "efgh", 3},
		{"", "ab", 2},
	};

	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(rows); i++)
		assert_int_equal(
			ka_edits(rows[i].a, strlen(rows[i].a), rows[i].b, strlen(rows[i].b), 2),
			rows[i].edits);
}

static void short_names_are_near_to_little(void **state)
{
	struct ka_suggest s = ka_suggest_for("xyz", 3);

	(void)state;
	ka_suggest_try(&s, "dir");
	assert_null(s.best);
	s = ka_suggest_for("dirr", 4);
	ka_suggest_try(&s, "dir");
	assert_string_equal(s.best, "dir");
}

static void assert_hint(const char *text, enum ka_diag_id id, const char *hint)
{
	START;
	const struct ka_diag *d;

	read_all(&ctx, text);
	d = diag_of(&ctx, id, 0);
	if (!d)
		fail_msg("no %s for: %s", ka_diag_code(id), text);
	if (!d->hint || !strstr(d->hint, hint))
		fail_msg("hint '%s' lacks '%s'", d->hint ? d->hint : "", hint);
}

static void hints_name_what_was_meant(void **state)
{
	(void)state;
	assert_hint(HEAD "  proces: {}\n", KA_D_UNKNOWN_FIELD, "'process'");
	assert_hint(HEAD "  matchPaths: []\n", KA_D_UNKNOWN_FIELD, "under spec.process, spec.file");
	assert_hint(HEAD "  file: {path: /x}\n", KA_D_UNKNOWN_FIELD, "spec.file.matchPaths[]");
	assert_hint(HEAD "  process: {matchPaths: [{path: /x, readOnly: true}]}\n",
		    KA_D_UNKNOWN_FIELD, "spec.file.matchPaths[]");
	assert_hint(HEAD "  file: {matchPatterns: [{pattern: /x, fromSource: []}]}\n",
		    KA_D_UNKNOWN_FIELD, "spec.file.matchPaths[]");
	assert_hint(HEAD "  name: x\n", KA_D_UNKNOWN_FIELD, "under metadata");
	assert_hint(HEAD "  device: {}\n", KA_D_UNKNOWN_FIELD, "only KubeArmorHostPolicy");
	assert_hint(HEAD "  file: {matchDirectories: [{path: /x}]}\n", KA_D_UNKNOWN_FIELD,
		    "under spec.file.matchPaths; here it is 'dir'");
	assert_hint(HEAD "  process: {process: {}}\n", KA_D_UNKNOWN_FIELD, "already");
	assert_hint(HEAD "  process: {file: {}}\n", KA_D_UNKNOWN_FIELD, "beside 'process'");
	assert_hint(HEAD "  syscalls: {action: Audit}\n", KA_D_UNKNOWN_FIELD, "not here");
	assert_hint(HEAD "  wibble: 1\n", KA_D_UNKNOWN_FIELD, "what can be here: ");
	assert_hint(HEAD "  action: Deny\n", KA_D_NOT_ONE_OF, "'Block'");
	assert_hint(HEAD "  network: {matchProtocols: [{protocol: xtcp}]}\n", KA_D_NOT_ONE_OF,
		    "'tcp'");
	assert_hint(HEAD "  file: {matchPatterns: [{pattern: {/a,/b}}]}\n", KA_D_WRONG_TYPE,
		    "quote it");
	assert_hint(HEAD "  file: {matchPaths: [{readOnly: true}]}\n", KA_D_MISSING_FIELD,
		    "for example: path: /etc/shadow");
	assert_hint(HEAD "  message: 7\n", KA_D_WRONG_TYPE, "quote it: \"7\"");
	assert_hint(HEAD "  severity: '7'\n", KA_D_WRONG_TYPE, "without quotes: 7");
	assert_hint(HEAD "  action: allow\n", KA_D_NOT_ONE_OF, "'Allow'");
	assert_hint(HEAD "  action: Perhaps\n", KA_D_NOT_ONE_OF, "Allow, Audit, Block");
	assert_hint(HEAD "  file: {matchDirectories: [{dir: /etc}]}\n", KA_D_DIR_NO_SLASH,
		    "'/etc/'");
	assert_hint(HEAD "  file: {matchPaths: [{path: /a//./b}]}\n", KA_D_PATH_EMPTY_COMPONENT,
		    "'/a/b'");
	assert_hint(HEAD "  file: {matchPaths: [{path: /a/*}]}\n", KA_D_STAR_IS_LITERAL,
		    "pattern: /a/*");
	assert_hint("apiVersion: security.kubearmor.com/v1\nkind: KubeArmorHostPolicy\n"
		    "metadata: {name: p}\nspec: {nodeSelector: {matchLabels: {}}}\n",
		    KA_D_NO_NODE_SELECTOR, "kubernetes.io/hostname: '*'");
}

/* One cause is one diagnostic: this is the only one besides notes. */
static void assert_alone(const char *text, enum ka_diag_id id)
{
	START;
	size_t n = 0;

	read_all(&ctx, text);
	for (size_t i = 0; i < ctx.ndiags; i++) {
		if (ctx.diags[i]->severity != KA_ERROR)
			continue;
		if (ctx.diags[i]->id != id)
			fail_msg("%s: %s", ka_diag_code(ctx.diags[i]->id), ctx.diags[i]->message);
		n++;
	}
	if (n != 1)
		fail_msg("%zu errors for: %s", n, text);
}

static void one_cause_is_one_diagnostic(void **state)
{
	(void)state;
	assert_alone(HEAD "  file: {matchPaths: [{Path: /x}]}\n", KA_D_UNKNOWN_FIELD);
	assert_alone(HEAD "  file: {matchPaths: [{dir: /x/}]}\n", KA_D_UNKNOWN_FIELD);
	assert_alone(HEAD "  file: {matchDirectories: [{path: /x}]}\n", KA_D_UNKNOWN_FIELD);
	assert_alone(HEAD "  wibble: {a: {b: c}, path: 7, severity: '5'}\n", KA_D_UNKNOWN_FIELD);
	assert_alone("apiVersion: security.kubearmor.com/v1\nkind: KubeArmorHostPolicy\n"
		     "metadata: {name: p}\nspec: {nodeselector: {matchLabels: {a: b}}}\n",
		     KA_D_UNKNOWN_FIELD);
	assert_alone("apiVersion: security.kubearmor.com/v1\nkind: KubeArmorHostPolicy\n"
		     "metadata: {name: p}\nspec: {nodeSelector: {app: b, tier: c}}\n",
		     KA_D_UNKNOWN_FIELD);
	assert_alone("apiVersion: security.kubearmor.com/v1\nkind: KubeArmorPolicy\n"
		     "metadata: {name: p}\nspec:\n  selector:\n    matchLabels: {a: b}\n"
		     "    file: {}\n    process: {}\n    action: Block\n",
		     KA_D_UNKNOWN_FIELD);
	assert_alone("apiversion: security.kubearmor.com/v1\nkind: KubeArmorPolicy\n"
		     "metadata: {name: p}\nspec: {selector: {matchLabels: {a: b}}}\n",
		     KA_D_UNKNOWN_FIELD);
}

/* What --fix makes of a text; NULL: it has nothing to say. */
static void assert_fixed(const char *before, const char *after)
{
	START;
	struct ka_policies set = {};
	const struct ka_source *src = source_of(&ctx, before, strlen(before));
	KA_FREE char *text = NULL;
	size_t len, applied;

	assert_int_equal(ka_policies_read(&ctx, src, &set), 0);
	assert_int_equal(ka_fix_apply(src, (const struct ka_diag *const *)ctx.diags, ctx.ndiags,
				      &text, &len, &applied),
			 0);
	if (!after)
		assert_int_equal(applied, 0);
	else if (len != strlen(after) || memcmp(text, after, len) != 0)
		fail_msg("%s\n became\n%.*s\n and not\n%s", before, (int)len, text, after);
}

static void what_needs_no_guess_is_fixed(void **state)
{
	static const struct {
		const char *before, *after;
	} rows[] = {
		{"  action: block\n", "  action: Block\n"},
		{"  action: 'AUDIT' # x\n", "  action: Audit # x\n"},
		{"  action: Deny\n", NULL},
		{"  severity: \"5\"\n", "  severity: 5\n"},
		{"  severity: '50'\n", NULL},
		{"  severity: high\n", NULL},
		{"  message: 1.10\n", "  message: \"1.10\"\n"},
		{"  tags: [yes, a, 7]\n", "  tags: [\"yes\", a, \"7\"]\n"},
		{"  tags: MITRE\n", "  tags: [MITRE]\n"},
		{"  tags: 'a, b'\n", "  tags: ['a, b']\n"},
		{"  tags: a, b\n", NULL},
		{"  file: {matchpaths: [{path: /x}]}\n", "  file: {matchPaths: [{path: /x}]}\n"},
		{"  file: {\"match-paths\": []}\n", "  file: {matchPaths: []}\n"},
		{"  file: {matchPaths: [], matchpaths: []}\n", NULL},
		{"  file: {matchPath: []}\n", NULL},
		{"  file: {matchDirectories: [{dir: /x/, recursive: 'true'}]}\n",
		 "  file: {matchDirectories: [{dir: /x/, recursive: true}]}\n"},
		{"  file: {matchPaths: {path: /x}}\n", "  file: {matchPaths: [{path: /x}]}\n"},
		{"  file:\n    matchPaths:\n      path: /x\n      readOnly: true\n",
		 "  file:\n    matchPaths:\n    - path: /x\n      readOnly: true\n"},
		{"  file:\n    matchPaths:\n      wrong: /x\n", NULL},
		{"  file:\n    matchPaths:\n    - /x # why\n    - '/y'\n",
		 "  file:\n    matchPaths:\n    - path: /x # why\n    - path: '/y'\n"},
		{"  file: {matchPaths: [/x, /y]}\n",
		 "  file: {matchPaths: [{path: /x}, {path: /y}]}\n"},
		{"  file: {matchPaths: /x}\n", "  file: {matchPaths: [{path: /x}]}\n"},
		{"  file: {matchPaths: [x]}\n", NULL},
		{"  file:\n  - matchPaths:\n    - path: /x\n    action: Audit\n",
		 "  file:\n    matchPaths:\n    - path: /x\n    action: Audit\n"},
		{"  file:\n  - matchPaths: []\n  - matchPaths: []\n", NULL},
		{"  file:\n    file:\n      matchPaths:\n      - path: /x\n",
		 "  file:\n      matchPaths:\n      - path: /x\n"},
		{"  file:\n    file: # why\n      matchPaths:\n      - path: /x\n", NULL},
		{"  file:\n    file:\n      matchPaths: []\n    action: Audit\n", NULL},
		{"  process: {matchPaths: [apt]}\n", NULL},
		{"  network: {matchProtocols: [tcp]}\n",
		 "  network: {matchProtocols: [{protocol: tcp}]}\n"},
		{"  message: &m 7\n  tags: [*m]\n", "  message: &m \"7\"\n  tags: [*m]\n"},
	};

	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(rows); i++) {
		char before[1024], after[1024];

		snprintf(before, sizeof(before), "%s%s", HEAD, rows[i].before);
		snprintf(after, sizeof(after), "%s%s", HEAD, rows[i].after ?: "");
		assert_fixed(before, rows[i].after ? after : NULL);
	}
}

static void names_are_found_by_hash(void **state)
{
	const struct ka_schema *policy = ka_schema_of_kind("KubeArmorPolicy");

	(void)state;
	for (size_t i = 0; i < policy->nfields; i++) {
		const char *name = policy->fields[i].name;

		assert_ptr_equal(ka_schema_field(policy, name, strlen(name)), &policy->fields[i]);
		assert_null(ka_schema_field(policy, name, strlen(name) - 1));
	}
	assert_null(ka_schema_field(policy, "matchPaths", 10)); /* of elsewhere */
	assert_int_not_equal(ka_schema_name("matchPaths", 10), 0);
	assert_int_equal(ka_schema_name("", 0), 0);
	assert_int_equal(ka_schema_name("nobody", 6), 0);
}

static void plain_decimal_numbers_only(void **state)
{
	static const struct {
		const char *text;
		bool good;
		long long value;
	} rows[] = {{"1", true, 1},     {"-5", true, -5},
		    {"0", true, 0},     {"010", false, 0},
		    {"0x10", false, 0}, {"1_0", false, 0},
		    {"+1", false, 0},   {"9999999999999999", false, 0}};

	(void)state;
	for (size_t i = 0; i < KA_ARRAY_SIZE(rows); i++) {
		struct ka_node n = {
			.type = KA_NODE_INT, .str = rows[i].text, .len = strlen(rows[i].text)};
		long long v = 0;

		assert_int_equal(ka_node_int(&n, &v), rows[i].good);
		assert_int_equal(v, rows[i].value);
	}
}

/* What the tables say came from the schemas; spot checks of what the checker rests on. */
static const struct ka_schema *sub(const struct ka_schema *s, const char *name)
{
	for (size_t i = 0; i < s->nfields; i++)
		if (!strcmp(s->fields[i].name, name))
			return s->fields[i].schema;
	fail_msg("no field '%s'", name);
	return NULL;
}

static void tables_say_what_the_schemas_say(void **state)
{
	const struct ka_schema *policy = ka_schema_of_kind("KubeArmorPolicy");
	const struct ka_schema *rule;

	(void)state;
	assert_int_equal(ka_schema_nkinds, 4);
	assert_non_null(policy);
	assert_null(ka_schema_of_kind("Pod"));
	rule = sub(sub(sub(policy, "spec"), "file"), "matchPaths")->items;
	assert_int_equal(sub(rule, "severity")->max, 10);
	assert_int_equal(sub(rule, "fromSource")->min_items, 1);
	assert_non_null(sub(rule, "path")->description);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_are_counted),
		cmocka_unit_test(short_names_are_near_to_little),
		cmocka_unit_test(hints_name_what_was_meant),
		cmocka_unit_test(one_cause_is_one_diagnostic),
		cmocka_unit_test(what_needs_no_guess_is_fixed),
		cmocka_unit_test(names_are_found_by_hash),
		cmocka_unit_test(plain_decimal_numbers_only),
		cmocka_unit_test(tables_say_what_the_schemas_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
