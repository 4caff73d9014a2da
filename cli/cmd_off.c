// SPDX-License-Identifier: Apache-2.0
/*
 * karmor-c off: the emergency exit. Asks nothing, reads no policy, compiles nothing.
 */
#include "change.h"
#include "opts.h"
#include "report.h"

static const struct ka_option options[] = {{}};

static int run(const struct ka_command *cmd, int argc, char **argv)
{
	KA_STRINGS struct ka_strings operands = {};
	struct ka_error e = {};
	int r;

	r = ka_opts_parse(cmd, argc, argv, NULL, &operands);
	if (r != KA_OPTS_GO)
		return r;
	if (operands.n)
		return ka_usage_error(cmd, "off takes everything away and no operand; "
					   "`karmor-c delete` takes one policy");
	r = ka_node_off(&e);
	if (r == -ENOENT) {
		puts("nothing was in force");
		return KA_EXIT_OK;
	}
	if (r < 0)
		return ka_report_error(&e);
	puts("off: no program is attached, no policy is in force");
	return KA_EXIT_OK;
}

const struct ka_command ka_cmd_off = {
	.name = "off",
	.summary = "the emergency exit: detach everything at once",
	.help = "Detaches all programs and removes every policy in force. Workloads that run go on,\n"
		"ungoverned; to be governed again they are started anew after the next apply.",
	.group = KA_GROUP_NODE,
	.options = options,
	.run = run,
};
