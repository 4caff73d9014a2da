// SPDX-License-Identifier: Apache-2.0
/*
 * Canonical text: reading it gives the same policies, and their text the same bytes. Tried on
 * the samples and on random policies, whose strings hold everything that YAML can carry.
 */
#include "parse.h"

#include <dirent.h>

#include "../../compiler/policy/decode.h"

#define START                          \
	KA_CTX struct ka_ctx ctx = {}; \
	assert_int_equal(ka_ctx_init(&ctx), 0)

/* ---- comparing ---- */

static void same_rule(const struct ka_rule *a, const struct ka_rule *b)
{
	assert_int_equal(a->section, b->section);
	assert_int_equal(a->list, b->list);
	assert_int_equal(a->index, b->index);
	assert_string_equal(a->object, b->object);
	assert_int_equal(a->execname, b->execname);
	assert_int_equal(a->recursive, b->recursive);
	assert_int_equal(a->readonly, b->readonly);
	assert_int_equal(a->action, b->action);
	assert_int_equal(a->severity, b->severity);
	assert_string_equal(a->message, b->message);
	assert_string_equal(a->tags, b->tags);
	assert_int_equal(a->nfrom, b->nfrom);
	for (size_t i = 0; i < a->nfrom; i++) {
		assert_string_equal(a->from[i].path, b->from[i].path);
		assert_int_equal(a->from[i].index, b->from[i].index);
	}
}

static void same_policy(const struct ka_policy *a, const struct ka_policy *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_string_equal(a->ns, b->ns);
	assert_string_equal(a->name, b->name);
	assert_int_equal(a->nlabels, b->nlabels);
	for (size_t i = 0; i < a->nlabels; i++) {
		assert_string_equal(a->labels[i].key, b->labels[i].key);
		assert_string_equal(a->labels[i].value, b->labels[i].value);
	}
	assert_memory_equal(a->posture, b->posture, sizeof(a->posture));
	assert_memory_equal(a->ns_posture, b->ns_posture, sizeof(a->ns_posture));
	assert_int_equal(a->audit_mode, b->audit_mode);
	assert_int_equal(a->mounts, b->mounts);
	assert_int_equal(a->integrity, b->integrity);
	assert_int_equal(a->severity, b->severity);
	assert_int_equal(a->nrules, b->nrules);
	for (size_t i = 0; i < a->nrules; i++)
		same_rule(&a->rules[i], &b->rules[i]);
}

static void assert_round_trip(struct ka_ctx *ctx, const struct ka_policies *first)
{
	const char *text, *again;
	size_t len, len_again;
	struct ka_policies second;

	assert_int_equal(ka_policies_text(ctx, first, &text, &len), 0);
	second = read_all(ctx, text);
	if (ctx->nerrors)
		fail_msg("%s: %s\n%s", ka_diag_code(ctx->diags[0]->id), ctx->diags[0]->message,
			 text);
	assert_int_equal(first->n, second.n);
	for (size_t i = 0; i < first->n; i++)
		same_policy(first->v[i], second.v[i]);
	assert_int_equal(ka_policies_text(ctx, &second, &again, &len_again), 0);
	assert_int_equal(len, len_again);
	assert_memory_equal(text, again, len);
}

/* ---- by hand ---- */

static void text_holds_what_has_a_meaning_and_nothing_else(void **state)
{
	START;
	struct ka_policies set = read_all(&ctx,
					  "kind: KubeArmorPolicy\n"
					  "spec:\n"
					  "  action: Allow\n"
					  "  selector: {matchLabels: {b: '1', a: 'off'}}\n"
					  "  file:\n"
					  "    severity: 5\n"
					  "    matchPaths: [{path: \"/a\\tb\", readOnly: true}]\n"
					  "metadata:\n"
					  "  labels: {x: z}\n"
					  "  annotations: {karmor-c/mode: audit, foreign: x}\n"
					  "  uid: 12-34\n"
					  "  name: p\n"
					  "apiVersion: security.kubearmor.com/v1\n");

	(void)state;
	expect_clean(&ctx);
	assert_string_equal(set.v[0]->text, "apiVersion: security.kubearmor.com/v1\n"
					    "kind: KubeArmorPolicy\n"
					    "metadata:\n"
					    "  name: p\n"
					    "  namespace: default\n"
					    "  annotations:\n"
					    "    karmor-c/mode: audit\n"
					    "spec:\n"
					    "  selector:\n"
					    "    matchLabels:\n"
					    "      a: \"off\"\n"
					    "      b: \"1\"\n"
					    "  file:\n"
					    "    matchPaths:\n"
					    "    - path: \"/a\\tb\"\n"
					    "      readOnly: true\n"
					    "      action: Allow\n"
					    "      severity: 5\n");
	assert_round_trip(&ctx, &set);
}

static void postures_of_namespaces_are_carried(void **state)
{
	START;
	struct ka_policies set = read_all(
		&ctx, "apiVersion: v1\nkind: Namespace\n"
		      "metadata: {name: ns, annotations: {kubearmor-file-posture: audit}}\n"
		      "---\n"
		      "apiVersion: security.kubearmor.com/v1\nkind: KubeArmorPolicy\n"
		      "metadata: {name: p, namespace: ns}\nspec: {}\n");

	(void)state;
	assert_int_equal(set.v[0]->ns_posture[KA_CAT_FILE], KA_POSTURE_AUDIT);
	assert_round_trip(&ctx, &set);
}

static void an_empty_set_has_an_empty_text(void **state)
{
	START;
	struct ka_policies set = {};
	const char *text;
	size_t len;

	(void)state;
	assert_int_equal(ka_policies_text(&ctx, &set, &text, &len), 0);
	assert_int_equal(len, 0);
}

/* ---- samples ---- */

static void read_file(struct ka_ctx *ctx, const char *path, struct ka_policies *set)
{
	KA_FCLOSE FILE *f = fopen(path, "re");
	char text[16384];
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	assert_true(n < sizeof(text) - 1);
	text[n] = '\0';
	read_into(ctx, text, set);
}

static void samples_survive(void **state)
{
	START;
	struct ka_policies set = {};
	DIR *dir = opendir(KA_SAMPLES);
	struct dirent *e;

	(void)state;
	assert_non_null(dir);
	while ((e = readdir(dir))) {
		char path[4096];

		if (!strstr(e->d_name, ".yaml"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", KA_SAMPLES, e->d_name);
		read_file(&ctx, path, &set);
	}
	closedir(dir);
	assert_int_equal(ka_policies_finish(&ctx, &set), 0);
	expect_clean(&ctx);
	assert_true(set.n >= 5);
	assert_round_trip(&ctx, &set);
}

/* ---- random policies ---- */

static uint32_t next(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static uint32_t below(uint32_t *seed, uint32_t n)
{
	return next(seed) % n;
}

static void put_utf8(FILE *out, uint32_t c)
{
	if (c < 0x80)
		fprintf(out, "%c", (int)c);
	else if (c < 0x800)
		fprintf(out, "%c%c", (int)(0xc0 | c >> 6), (int)(0x80 | (c & 63)));
	else if (c < 0x10000)
		fprintf(out, "%c%c%c", (int)(0xe0 | c >> 12), (int)(0x80 | (c >> 6 & 63)),
			(int)(0x80 | (c & 63)));
	else
		fprintf(out, "%c%c%c%c", (int)(0xf0 | c >> 18), (int)(0x80 | (c >> 12 & 63)),
			(int)(0x80 | (c >> 6 & 63)), (int)(0x80 | (c & 63)));
}

/* Any character that an escape in YAML can give, troublesome ones first. */
static uint32_t any_character(uint32_t *seed)
{
	static const uint32_t odd[] = {
		' ',    '"',     '\'', '\\', '#',  ':',    '-',    '\n',   '\t',   '\r',   1,
		0x7f,   0x80,    0x85, 0xa0, 0xff, 0x2028, 0x2029, 0x202e, 0xfeff, 0xfffd, 0xffff,
		0xfffe, 0x1f600, '{',  '*',  '&',  '!',    '%',    '@',    ',',    '~'};
	uint32_t c;

	if (below(seed, 3))
		return 'a' + below(seed, 26);
	if (below(seed, 3))
		return odd[below(seed, KA_ARRAY_SIZE(odd))];
	do
		c = 1 + below(seed, 0x10ffff);
	while (c >= 0xd800 && c < 0xe000);
	return c;
}

static const char *word(struct ka_ctx *ctx, uint32_t *seed, const char *forbidden)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	const char *ret;

	assert_non_null(out);
	for (uint32_t n = 1 + below(seed, 12); n;) {
		uint32_t c = any_character(seed);

		if (c < 0x80 && strchr(forbidden, (int)c))
			continue;
		put_utf8(out, c);
		n--;
	}
	fclose(out);
	ret = ka_strndup(ctx, text, len);
	free(text);
	assert_non_null(ret);
	/* a component of dots alone is none */
	return strspn(ret, ".") == len ? "x" : ret;
}

static const char *any_path(struct ka_ctx *ctx, uint32_t *seed, const char *end,
			    const char *forbidden)
{
	const char *path = "";

	for (uint32_t n = 1 + below(seed, 4); n; n--)
		path = ka_sprintf(ctx, "%s/%s", path, word(ctx, seed, forbidden));
	return ka_sprintf(ctx, "%s%s", path, end);
}

static const char *maybe(struct ka_ctx *ctx, uint32_t *seed, const char *forbidden)
{
	return below(seed, 2) ? word(ctx, seed, forbidden) : "";
}

static void any_from(struct ka_ctx *ctx, uint32_t *seed, struct ka_rule *r)
{
	r->nfrom = r->list == KA_LIST_PATTERNS ? 0 : below(seed, 3);
	r->from = ka_calloc(ctx, r->nfrom, sizeof(*r->from));
	for (size_t i = 0; i < r->nfrom; i++) {
		r->from[i].path = any_path(ctx, seed, "", "/");
		r->from[i].index = (uint32_t)i;
	}
}

static struct ka_rule any_rule(struct ka_ctx *ctx, uint32_t *seed, int section, int list)
{
	struct ka_rule r = {.section = (enum ka_category)section,
			    .list = (enum ka_list)list,
			    .extra = &ka_rule_no_extra};

	r.action = (enum ka_effect)(KA_EFFECT_ALLOW + below(seed, 3));
	if (list == KA_LIST_PATHS && section == KA_CAT_PROCESS && below(seed, 3) == 0) {
		r.execname = true;
		r.object = word(ctx, seed, "/");
	} else {
		/* a pattern has to be one: what opens must close */
		r.object = any_path(ctx, seed, list == KA_LIST_DIRECTORIES ? "/" : "",
				    list == KA_LIST_PATTERNS ? "/[]{}\\," : "/");
	}
	r.recursive = list == KA_LIST_DIRECTORIES && below(seed, 2);
	r.readonly = section == KA_CAT_FILE && below(seed, 2);
	any_from(ctx, seed, &r);
	return r;
}

#define MOST_RULES 24u

static void any_rules(struct ka_ctx *ctx, uint32_t *seed, struct ka_policy *p)
{
	static const int sections[] = {KA_CAT_PROCESS, KA_CAT_FILE};
	const char *message = maybe(ctx, seed, ""), *tags = maybe(ctx, seed, "");

	p->rules = ka_calloc(ctx, MOST_RULES, sizeof(*p->rules));
	for (size_t s = 0; s < KA_ARRAY_SIZE(sections); s++) {
		for (int list = KA_LIST_PATHS; list <= KA_LIST_PATTERNS; list++) {
			for (uint32_t i = 0, n = below(seed, 4); i < n; i++) {
				struct ka_rule *r = &p->rules[p->nrules++];

				*r = any_rule(ctx, seed, sections[s], list);
				r->index = i;
				/* what spec has, every rule has, at least by inheritance */
				r->severity = p->severity || below(seed, 2)
						      ? (uint8_t)(1 + below(seed, 10))
						      : 0;
				r->message = *message ? message : maybe(ctx, seed, "");
				r->tags = *tags ? tags : maybe(ctx, seed, "");
			}
		}
	}
}

static void any_labels(struct ka_ctx *ctx, uint32_t *seed, struct ka_policy *p)
{
	p->nlabels = (p->kind == KA_KIND_HOST) + below(seed, 3);
	p->labels = ka_calloc(ctx, p->nlabels, sizeof(*p->labels));
	for (size_t i = 0; i < p->nlabels; i++) {
		p->labels[i].key = ka_sprintf(ctx, "%s%zu", i % 2 ? "k8s.io/on" : "0.", i);
		p->labels[i].value = below(seed, 2) ? word(ctx, seed, "") : "off";
	}
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct ka_label *)a)->key, ((const struct ka_label *)b)->key);
}

static struct ka_policy *any_policy(struct ka_ctx *ctx, uint32_t *seed, uint32_t number)
{
	struct ka_policy *p = ka_calloc(ctx, 1, sizeof(*p));

	assert_non_null(p);
	p->kind = below(seed, 2) ? KA_KIND_POLICY : KA_KIND_HOST;
	p->ns = p->kind == KA_KIND_HOST ? "" : below(seed, 2) ? "true" : "0x1f";
	p->name = ka_sprintf(ctx, "%u", number);
	p->severity = below(seed, 2) ? (uint8_t)(1 + below(seed, 10)) : 0;
	p->posture[KA_CAT_FILE] = (enum ka_posture)below(seed, 3);
	p->posture[KA_CAT_PROCESS] = (enum ka_posture)below(seed, 3);
	p->audit_mode = below(seed, 2);
	p->mounts = (enum ka_tristate)below(seed, 3);
	p->integrity = (enum ka_tristate)below(seed, 3);
	p->guards = p->apparmor = p->level = "";
	any_labels(ctx, seed, p);
	qsort(p->labels, p->nlabels, sizeof(*p->labels), by_key);
	any_rules(ctx, seed, p);
	assert_int_equal(ka_policy_text(ctx, p, &p->text), 0);
	return p;
}

static void random_policies_survive(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 150; seed++) {
		START;
		struct ka_policies set = {};
		uint32_t s = seed * 2654435761u;

		for (uint32_t i = 0; i < 5; i++)
			assert_int_equal(ka_policies_add(&ctx, &set, any_policy(&ctx, &s, i)), 0);
		assert_int_equal(ka_policies_finish(&ctx, &set), 0);
		assert_round_trip(&ctx, &set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_holds_what_has_a_meaning_and_nothing_else),
		cmocka_unit_test(postures_of_namespaces_are_carried),
		cmocka_unit_test(an_empty_set_has_an_empty_text),
		cmocka_unit_test(samples_survive),
		cmocka_unit_test(random_policies_survive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
