// SPDX-License-Identifier: Apache-2.0
/*
 * karmor-c probe: what this kernel offers, a line each, and how to get what is missing.
 */
#include "../runtime/node.h"
#include "opts.h"
#include "report.h"

struct opts {
	int format;
};

static const struct ka_option options[] = {
	{"format", 0, KA_OPT_CHOICE, offsetof(struct opts, format), "FORMAT", "how to print",
	 .choices = ka_formats},
	{},
};

static void print_text(const struct ka_probe *p)
{
	int width = 0;

	for (size_t i = 0; i < p->n; i++)
		if ((int)strlen(p->checks[i].what) > width)
			width = (int)strlen(p->checks[i].what);
	for (size_t i = 0; i < p->n; i++) {
		const struct ka_check *c = &p->checks[i];

		printf("%-7s  %-*s  %s\n",
		       c->ok         ? "ok"
		       : c->required ? "MISSING"
				     : "without",
		       width, c->what, c->state);
		if (!c->ok && c->fix[0])
			printf("%-7s  = %s\n", "", c->fix);
	}
	putchar('\n');
	puts(p->enforces ? "this kernel can enforce" : "this kernel cannot enforce");
}

static int print_json(const struct ka_probe *p)
{
	json_t *o = json_object(), *checks = json_array();

	for (size_t i = 0; i < p->n; i++) {
		const struct ka_check *c = &p->checks[i];
		json_t *j = json_object();

		json_object_set_new(j, "what", json_string(c->what));
		json_object_set_new(j, "state", ka_json_bytes(c->state, strlen(c->state)));
		json_object_set_new(j, "ok", json_boolean(c->ok));
		json_object_set_new(j, "required", json_boolean(c->required));
		if (c->fix[0])
			json_object_set_new(j, "fix", ka_json_bytes(c->fix, strlen(c->fix)));
		json_array_append_new(checks, j);
	}
	json_object_set_new(o, "enforces", json_boolean(p->enforces));
	json_object_set_new(o, "checks", checks);
	return ka_print_json(o);
}

static int run(const struct ka_command *cmd, int argc, char **argv)
{
	KA_FREE struct ka_probe *p = calloc(1, sizeof(*p));
	KA_STRINGS struct ka_strings operands = {};
	struct opts o = {};
	int r;

	r = ka_opts_parse(cmd, argc, argv, &o, &operands);
	if (r != KA_OPTS_GO)
		return r;
	if (operands.n)
		return ka_usage_error(cmd, "probe takes no operand");
	r = p ? ka_probe_kernel(p) : -ENOMEM;
	if (r < 0) {
		ka_error("cannot probe the kernel: %s", strerror(-r));
		return KA_EXIT_NOT_APPLIED;
	}
	if (o.format == KA_FORMAT_JSON) {
		r = print_json(p);
		if (r)
			return r;
	} else {
		print_text(p);
	}
	return p->enforces ? KA_EXIT_OK : KA_EXIT_KERNEL;
}

const struct ka_command ka_cmd_probe = {
	.name = "probe",
	.summary = "what this kernel offers, and how to get what is missing",
	.help = "One line for each thing that enforcement needs or can use. Changes nothing.\n"
		"Exit status: 0 this kernel can enforce, 4 it lacks something.",
	.group = KA_GROUP_INSPECT,
	.options = options,
	.run = run,
};
