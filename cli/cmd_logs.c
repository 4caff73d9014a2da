// SPDX-License-Identifier: Apache-2.0
/*
 * karmor-c logs: what the recorder still holds, oldest first.
 */
#include "build.h"
#include "change.h"
#include "event.h"
#include "opts.h"
#include "report.h"

struct opts {
	const char *policy, *since;
	int format;
};

static const struct ka_option options[] = {
	{"format", 0, KA_OPT_CHOICE, offsetof(struct opts, format), "FORMAT",
	 "how to print; json: one object per line", .choices = ka_formats},
	{"since", 0, KA_OPT_STRING, offsetof(struct opts, since), "SEQ",
	 "only records from this number on"},
	{"policy", 0, KA_OPT_STRING, offsetof(struct opts, policy), "POLICY",
	 "only records that name this policy: [KIND/][NAMESPACE/]NAME"},
	{},
};

struct printing {
	const struct opts *o;
	struct ka_events events;
};

static int print(const struct ka_event *ev, void *arg)
{
	struct printing *p = arg;
	json_t *o = ka_event_json(&p->events, ev);

	if (p->o->policy && !ka_event_names(o, p->o->policy)) {
		json_decref(o);
		return 0;
	}
	if (p->o->format == KA_FORMAT_JSON) {
		json_dumpf(o, stdout, JSON_COMPACT | JSON_SORT_KEYS);
		putchar('\n');
	} else {
		ka_event_line(stdout, o);
	}
	json_decref(o);
	return ferror(stdout) ? -EIO : 0;
}

static int show(const struct opts *o, uint64_t since)
{
	struct printing p = {.o = o};
	int64_t lost;
	int r = ka_events_open(&p.events);

	if (r != KA_GO)
		return r;
	lost = ka_node_records(&p.events.h, since, print, &p);
	ka_events_done(&p.events);
	if (lost < 0) {
		ka_error("cannot read the records: %s", strerror((int)-lost));
		return KA_EXIT_NOT_APPLIED;
	}
	if (lost)
		ka_warn("%lld earlier record%s overwritten (the recorder keeps %u)",
			(long long)lost, lost == 1 ? " was" : "s were", KA_RECORDS);
	return KA_EXIT_OK;
}

static bool parse_number(const char *s, uint64_t *ret)
{
	char *end;

	errno = 0;
	*ret = strtoull(s, &end, 10);
	return *s >= '0' && *s <= '9' && !*end && !errno;
}

static int run(const struct ka_command *cmd, int argc, char **argv)
{
	KA_STRINGS struct ka_strings operands = {};
	struct opts o = {};
	uint64_t since = 0;
	int r;

	r = ka_opts_parse(cmd, argc, argv, &o, &operands);
	if (r != KA_OPTS_GO)
		return r;
	if (operands.n)
		return ka_usage_error(cmd, "logs takes no operand");
	if (o.since && !parse_number(o.since, &since))
		return ka_usage_error(cmd, "'%s' is not a number for '--since'", o.since);
	return show(&o, since);
}

const struct ka_command ka_cmd_logs = {
	.name = "logs",
	.summary = "what was denied, audited, or would be denied",
	.help = "Reads the recorder in the kernel, which keeps the latest records, whether anybody\n"
		"listened or not. One line each: number, time, verdict, operation, path, program,\n"
		"workload, policy and rule, message. Names that could be mistaken are quoted.",
	.group = KA_GROUP_INSPECT,
	.options = options,
	.run = run,
};
