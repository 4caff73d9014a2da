// SPDX-License-Identifier: Apache-2.0
/*
 * karmor-c explain-id: what a diagnostic means. karmor-diagnostics(7) has the same texts.
 */
#include "../compiler/base/explain/explain.h"
#include "../compiler/base/suggest.h"
#include "opts.h"
#include "output/output.h"
#include "report.h"

struct opts {
	int format;
};

static const struct ka_option options[] = {
	{"format", 0, KA_OPT_CHOICE, offsetof(struct opts, format), "FORMAT", "how to print",
	 .choices = ka_formats},
	{},
};

/* By number, as people look for them; the definitions are in the order of their making. */
static int by_code(const void *a, const void *b)
{
	return strcmp(ka_diag_code(*(const enum ka_diag_id *)a),
		      ka_diag_code(*(const enum ka_diag_id *)b));
}

static void print_row(enum ka_diag_id id)
{
	printf("%s  %-7s  %s\n", ka_diag_code(id), ka_severity_str(ka_diag_severity(id)),
	       ka_diag_explain(id)->title);
}

static void print_one(enum ka_diag_id id)
{
	const struct ka_explanation *e = ka_diag_explain(id);

	printf("%s  %s  %s\n\n%s", ka_diag_code(id), ka_severity_str(ka_diag_severity(id)), e->name,
	       e->text);
}

static void print_text(const enum ka_diag_id *ids, size_t n, bool list)
{
	for (size_t i = 0; i < n; i++) {
		if (list) {
			print_row(ids[i]);
			continue;
		}
		if (i)
			putchar('\n');
		print_one(ids[i]);
	}
}

static int print_json(const enum ka_diag_id *ids, size_t n)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++) {
		const struct ka_explanation *e = ka_diag_explain(ids[i]);

		json_array_append_new(
			a, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "id", ka_diag_code(ids[i]),
				     "name", e->name, "severity",
				     ka_severity_str(ka_diag_severity(ids[i])), "title", e->title,
				     "text", e->text, "markdown", e->markdown));
	}
	return ka_print_json(a);
}

static int unknown(const struct ka_command *cmd, const char *word)
{
	struct ka_suggest near = ka_suggest_for(word, strlen(word));

	for (int i = 0; i < KA_D__MAX; i++)
		ka_suggest_try(&near, ka_diag_code((enum ka_diag_id)i));
	if (near.best && strlen(word) == strlen(near.best))
		return ka_usage_error(cmd, "there is no diagnostic '%s'; did you mean '%s'?", word,
				      near.best);
	return ka_usage_error(cmd, "there is no diagnostic '%s'; without an id all are listed",
			      word);
}

static int run(const struct ka_command *cmd, int argc, char **argv)
{
	KA_STRINGS struct ka_strings words = {};
	KA_FREE enum ka_diag_id *ids = NULL;
	struct opts o = {};
	size_t n = 0;
	int r;

	r = ka_opts_parse(cmd, argc, argv, &o, &words);
	if (r != KA_OPTS_GO)
		return r;
	ids = calloc(words.n + KA_D__MAX, sizeof(*ids));
	if (!ids) {
		ka_error("out of memory");
		return KA_EXIT_NOT_APPLIED;
	}
	for (; n < words.n; n++)
		if (!ka_diag_find(words.v[n], &ids[n]))
			return unknown(cmd, words.v[n]);
	for (int i = 0; !words.n && i < KA_D__MAX; i++)
		ids[n++] = (enum ka_diag_id)i;
	if (!words.n)
		qsort(ids, n, sizeof(*ids), by_code);
	if (o.format == KA_FORMAT_JSON)
		return print_json(ids, n);
	print_text(ids, n, !words.n);
	return KA_EXIT_OK;
}

const struct ka_command ka_cmd_explain_id = {
	.name = "explain-id",
	.args = "[ID]...",
	.summary = "what a finding of validate means, and what to write instead",
	.help = "An id is written as validate prints it, or its number: KA0502, 502.\n"
		"Without an id all are listed. karmor-diagnostics(7) has the same texts.",
	.group = KA_GROUP_LANGUAGE,
	.options = options,
	.run = run,
};
