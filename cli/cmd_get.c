// SPDX-License-Identifier: Apache-2.0
/*
 * karmor-c get: the policies in force, canonical.
 */
#include "change.h"
#include "find.h"
#include "opts.h"
#include "policy_json.h"
#include "report.h"

enum output { OUTPUT_AUTO, OUTPUT_YAML, OUTPUT_JSON, OUTPUT_NAME };

struct opts {
	int output;
};

static const char *const outputs[] = {"auto", "yaml", "json", "name", NULL};

static const struct ka_option options[] = {
	{"output", 'o', KA_OPT_CHOICE, offsetof(struct opts, output), "FORMAT",
	 "how to print; auto: names, or YAML for what is named", .choices = outputs},
	{},
};

static int read_force(struct ka_ctx *ctx, struct ka_bundle *b, struct ka_policies *ret)
{
	struct ka_node_handle h;
	struct ka_error e = {};
	int r = ka_node_open(&h, KA_OPEN_READ, &e);

	if (r == -ENOENT) {
		ka_error("nothing is in force on this node");
		return KA_EXIT_NO;
	}
	if (r < 0)
		return ka_report_error(&e);
	r = ka_node_bundle(&h, b, &e);
	ka_node_close(&h);
	if (r < 0)
		return ka_report_error(&e);
	if (ka_change_policies(ctx, b, ret) < 0) {
		ka_error("this version cannot read the policies in force");
		return KA_EXIT_NOT_APPLIED;
	}
	return KA_GO;
}

static void print_name(struct ka_ctx *ctx, const struct ka_policy *p)
{
	const char *id = ka_policy_id(ctx, p);

	ka_print_safe(stdout, id, strlen(id));
	putchar('\n');
}

static int print_one(struct ka_ctx *ctx, const struct ka_policy *p, int output)
{
	switch (output) {
	case OUTPUT_NAME:
		print_name(ctx, p);
		return KA_EXIT_OK;
	case OUTPUT_JSON:
		return ka_print_json(ka_policy_json(ctx, p));
	default:
		/* Canonical text has no control characters: they are escapes in quotes. */
		fputs(p->text, stdout);
		return KA_EXIT_OK;
	}
}

/* As a bundle carries them: Namespace documents that set postures are part of it. */
static int print_documents(struct ka_ctx *ctx, const struct ka_policies *all, bool json)
{
	const char *text;
	json_t *list;
	size_t len;

	if (ka_policies_text(ctx, all, &text, &len) < 0)
		return ka_report_failure(ctx);
	if (!json) {
		fwrite(text, 1, len, stdout);
		return KA_EXIT_OK;
	}
	list = json_object();
	json_object_set_new(list, "apiVersion", json_string("v1"));
	json_object_set_new(list, "kind", json_string("List"));
	json_object_set_new(list, "items", ka_text_json(ctx, text, len));
	return ka_print_json(list);
}

static int print_all(struct ka_ctx *ctx, const struct ka_policies *all, int output)
{
	if (output == OUTPUT_YAML || output == OUTPUT_JSON)
		return print_documents(ctx, all, output == OUTPUT_JSON);
	for (size_t i = 0; i < all->n; i++)
		print_name(ctx, all->v[i]);
	return KA_EXIT_OK;
}

static int run(const struct ka_command *cmd, int argc, char **argv)
{
	KA_STRINGS struct ka_strings operands = {};
	KA_BUNDLE struct ka_bundle bundle = {};
	KA_CTX struct ka_ctx ctx = {};
	struct ka_policies all = {};
	struct ka_policy *one = NULL;
	struct opts o = {};
	int r;

	r = ka_opts_parse(cmd, argc, argv, &o, &operands);
	if (r != KA_OPTS_GO)
		return r;
	if (operands.n > 1)
		return ka_usage_error(cmd, "get takes one name");
	if (ka_ctx_init(&ctx) < 0) {
		ka_error("out of memory");
		return KA_EXIT_NOT_APPLIED;
	}
	r = read_force(&ctx, &bundle, &all);
	if (r == KA_GO && operands.n)
		r = ka_find_one(&ctx, &all, operands.v[0], &one);
	if (r != KA_GO)
		return r;
	return one ? print_one(&ctx, one, o.output) : print_all(&ctx, &all, o.output);
}

const struct ka_command ka_cmd_get = {
	.name = "get",
	.args = "[[KIND/][NAMESPACE/]NAME]",
	.summary = "print the policies in force, in canonical form",
	.help = "Without a name the names of all; with one its YAML, as it was compiled: actions,\n"
		"severities, tags and messages inherited, everything in one order.\n"
		"`karmor-c get -o yaml` can be applied again and changes nothing.",
	.group = KA_GROUP_INSPECT,
	.options = options,
	.run = run,
};
