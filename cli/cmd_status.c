// SPDX-License-Identifier: Apache-2.0
/*
 * karmor-c status: what is in force, on whom, and what it does not do.
 */
#include "build.h"
#include "opts.h"
#include "report.h"
#include "status.h"

struct opts {
	int format;
};

static const struct ka_option options[] = {
	{"format", 0, KA_OPT_CHOICE, offsetof(struct opts, format), "FORMAT", "how to print",
	 .choices = ka_formats},
	{},
};

static int run(const struct ka_command *cmd, int argc, char **argv)
{
	KA_CLEANUP(ka_status_done) struct ka_status s = {};
	KA_STRINGS struct ka_strings operands = {};
	struct opts o = {};
	int r;

	r = ka_opts_parse(cmd, argc, argv, &o, &operands);
	if (r != KA_OPTS_GO)
		return r;
	if (operands.n)
		return ka_usage_error(cmd, "status takes no operand");
	r = ka_status_gather(&s);
	if (r != KA_GO)
		return r;
	if (o.format == KA_FORMAT_JSON)
		r = ka_status_json(&s);
	else if (s.attached)
		ka_status_text(&s);
	else
		puts("nothing is in force; `karmor-c apply FILE` puts policies in force");
	return r > 0 ? r : s.attached ? KA_EXIT_OK : KA_EXIT_NO;
}

const struct ka_command ka_cmd_status = {
	.name = "status",
	.summary = "what is in force, on whom, and what it does not cover",
	.help = "Policies, generation, mode, attached hooks, registered workloads, counters, rules that\n"
		"do nothing on this root, what links make of rules.\n"
		"Exit status: 0 something is in force, 1 nothing is.",
	.group = KA_GROUP_INSPECT,
	.options = options,
	.run = run,
};
