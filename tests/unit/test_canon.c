// SPDX-License-Identifier: Apache-2.0
/*
 * Canonical text: reading it gives the same policies, and their text the same bytes. Tried on
 * the samples and on random policies, whose strings hold everything that YAML can carry.
 */
#include "anypolicy.h"
#include "parse.h"

#include <dirent.h>

#include "../../compiler/policy/decode.h"

#define START                          \
	KA_CTX struct ka_ctx ctx = {}; \
	assert_int_equal(ka_ctx_init(&ctx), 0)

/* ---- comparing ---- */

static void same_words(const struct ka_words *a, const struct ka_words *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++)
		assert_string_equal(a->v[i].text, b->v[i].text);
}

static void same_extra(const struct ka_rule_extra *a, const struct ka_rule_extra *b)
{
	same_words(&a->args, &b->args);
	same_words(&a->syscalls, &b->syscalls);
	same_words(&a->ifaces, &b->ifaces);
	assert_int_equal(a->ncidrs, b->ncidrs);
	for (size_t i = 0; i < a->ncidrs; i++) {
		assert_int_equal(a->cidrs[i].family, b->cidrs[i].family);
		assert_int_equal(a->cidrs[i].bits, b->cidrs[i].bits);
		assert_memory_equal(a->cidrs[i].addr, b->cidrs[i].addr, 16);
	}
	assert_int_equal(a->nports, b->nports);
	for (size_t i = 0; i < a->nports; i++) {
		assert_int_equal(a->ports[i].first, b->ports[i].first);
		assert_int_equal(a->ports[i].last, b->ports[i].last);
		assert_int_equal(a->ports[i].protocol, b->ports[i].protocol);
		assert_string_equal(a->ports[i].name ?: "", b->ports[i].name ?: "");
	}
	assert_int_equal(a->limit, b->limit);
	assert_int_equal(a->seconds, b->seconds);
	assert_int_equal(a->subclass, b->subclass);
	assert_int_equal(a->protocol, b->protocol);
	assert_int_equal(a->level, b->level);
}

static void same_rule(const struct ka_rule *a, const struct ka_rule *b)
{
	assert_int_equal(a->section, b->section);
	assert_int_equal(a->list, b->list);
	assert_int_equal(a->index, b->index);
	assert_string_equal(a->object, b->object);
	assert_int_equal(a->execname, b->execname);
	assert_int_equal(a->recursive, b->recursive);
	assert_int_equal(a->readonly, b->readonly);
	assert_int_equal(a->owner_only, b->owner_only);
	assert_int_equal(a->terminal, b->terminal);
	assert_int_equal(a->has_args, b->has_args);
	assert_int_equal(a->action, b->action);
	assert_int_equal(a->severity, b->severity);
	assert_string_equal(a->message, b->message);
	assert_string_equal(a->tags, b->tags);
	assert_int_equal(a->nfrom, b->nfrom);
	for (size_t i = 0; i < a->nfrom; i++) {
		assert_string_equal(a->from[i].path, b->from[i].path);
		assert_int_equal(a->from[i].index, b->from[i].index);
		assert_int_equal(a->from[i].recursive, b->from[i].recursive);
	}
	same_extra(a->extra, b->extra);
}

static void same_labels(const struct ka_label *a, size_t na, const struct ka_label *b, size_t nb)
{
	assert_int_equal(na, nb);
	for (size_t i = 0; i < na; i++) {
		assert_string_equal(a[i].key, b[i].key);
		assert_string_equal(a[i].value, b[i].value);
	}
}

static void same_policy(const struct ka_policy *a, const struct ka_policy *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_string_equal(a->ns, b->ns);
	assert_string_equal(a->name, b->name);
	same_labels(a->labels, a->nlabels, b->labels, b->nlabels);
	same_labels(a->pods, a->npods, b->pods, b->npods);
	assert_int_equal(a->nexpressions, b->nexpressions);
	for (size_t i = 0; i < a->nexpressions; i++) {
		assert_string_equal(a->expressions[i].key, b->expressions[i].key);
		assert_int_equal(a->expressions[i].not_in, b->expressions[i].not_in);
		same_words(&a->expressions[i].values, &b->expressions[i].values);
	}
	assert_memory_equal(a->posture, b->posture, sizeof(a->posture));
	assert_memory_equal(a->ns_posture, b->ns_posture, sizeof(a->ns_posture));
	assert_int_equal(a->audit_mode, b->audit_mode);
	assert_int_equal(a->mounts, b->mounts);
	assert_int_equal(a->integrity, b->integrity);
	assert_int_equal(a->overridable, b->overridable);
	assert_string_equal(a->guards, b->guards);
	assert_string_equal(a->apparmor, b->apparmor);
	assert_string_equal(a->level, b->level);
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
	for (size_t i = 0; i < ctx->ndiags; i++)
		if (ctx->diags[i]->severity == KA_ERROR)
			fail_msg("%s: %u:%u: %s\n%s", ka_diag_code(ctx->diags[i]->id),
				 ctx->diags[i]->loc.line, ctx->diags[i]->loc.column,
				 ctx->diags[i]->message, text);
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

static void random_policies_survive(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 200; seed++) {
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
