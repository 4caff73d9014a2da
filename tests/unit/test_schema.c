// SPDX-License-Identifier: Apache-2.0
#include "parse.h"

#include "../../compiler/base/suggest.h"
#include "../../compiler/check/schema.h"

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
		    KA_D_UNKNOWN_FIELD, "spec.process.matchPaths[]");
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
		cmocka_unit_test(plain_decimal_numbers_only),
		cmocka_unit_test(tables_say_what_the_schemas_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
