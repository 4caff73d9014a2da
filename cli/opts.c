// SPDX-License-Identifier: Apache-2.0
#include "opts.h"

#include <limits.h>

#include "../compiler/base/suggest.h"
#include "report.h"

void ka_strings_done(struct ka_strings *s)
{
	free(s->v);
	*s = (struct ka_strings){};
}

int ka_strings_add(struct ka_strings *s, const char *item)
{
	const char **v = reallocarray(s->v, s->n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	s->v = v;
	v[s->n++] = item;
	return 0;
}

/* ---- help ---- */

static bool is_last(const struct ka_option *o)
{
	return !o->name && !o->letter;
}

static void help_option(FILE *out, const struct ka_option *o)
{
	char left[64];
	int n = 0;

	if (o->letter)
		n = snprintf(left, sizeof(left), "-%c%s", o->letter, o->name ? ", " : "");
	if (o->name)
		n += snprintf(left + n, sizeof(left) - (size_t)n, "--%s", o->name);
	if (o->arg)
		snprintf(left + n, sizeof(left) - (size_t)n, " %s", o->arg);
	fprintf(out, "  %-24s  %s", left, o->help ? o->help : "");
	if (o->choices) {
		fputs(" (", out);
		for (size_t i = 0; o->choices[i]; i++)
			fprintf(out, "%s%s", i ? ", " : "", o->choices[i]);
		fputc(')', out);
	}
	fputc('\n', out);
}

void ka_opts_help(FILE *out, const struct ka_command *cmd)
{
	fprintf(out, "usage: karmor-c %s [OPTION]... %s\n\n%s\n", cmd->name,
		cmd->args ? cmd->args : "", cmd->summary);
	if (cmd->help)
		fprintf(out, "\n%s\n", cmd->help);
	fputs("\noptions:\n", out);
	for (const struct ka_option *o = cmd->options; o && !is_last(o); o++)
		if (!o->hidden)
			help_option(out, o);
	help_option(out, &(struct ka_option){"help", 'h', .help = "this text"});
}

/* ---- parsing ---- */

struct line {
	const struct ka_command *cmd;
	void *into;
	int argc, at;
	char **argv;
};

static const struct ka_option *find_long(const struct ka_command *cmd, const char *name, size_t len)
{
	for (const struct ka_option *o = cmd->options; o && !is_last(o); o++)
		if (o->name && strlen(o->name) == len && !memcmp(o->name, name, len))
			return o;
	return NULL;
}

static const struct ka_option *find_short(const struct ka_command *cmd, char letter)
{
	for (const struct ka_option *o = cmd->options; o && !is_last(o); o++)
		if (o->letter == letter)
			return o;
	return NULL;
}

static int unknown_long(const struct ka_command *cmd, const char *name, size_t len)
{
	struct ka_suggest near = ka_suggest_for(name, len);

	for (const struct ka_option *o = cmd->options; o && !is_last(o); o++)
		if (o->name && !o->hidden)
			ka_suggest_try(&near, o->name);
	ka_suggest_try(&near, "help");
	if (near.best)
		return ka_usage_error(cmd, "unknown option '--%.*s'; did you mean '--%s'?",
				      (int)len, name, near.best);
	return ka_usage_error(cmd, "unknown option '--%.*s'", (int)len, name);
}

static int set_uint(const struct line *l, const struct ka_option *o, const char *value)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || *end || errno || n > UINT_MAX)
		return ka_usage_error(l->cmd, "'%s' is not a number for '%s'", value,
				      o->name ? o->name : o->arg);
	*(unsigned *)((char *)l->into + o->offset) = (unsigned)n;
	return KA_OPTS_GO;
}

static int set_choice(const struct line *l, const struct ka_option *o, const char *value)
{
	struct ka_suggest near = ka_suggest_for(value, strlen(value));

	for (int i = 0; o->choices[i]; i++) {
		if (!strcmp(o->choices[i], value)) {
			*(int *)((char *)l->into + o->offset) = i;
			return KA_OPTS_GO;
		}
		ka_suggest_try(&near, o->choices[i]);
	}
	return ka_usage_error(l->cmd, "'%s' is not a value of '--%s'%s%s%s", value, o->name,
			      near.best ? "; did you mean '" : "", near.best ? near.best : "",
			      near.best ? "'?" : "");
}

static int set(const struct line *l, const struct ka_option *o, const char *value)
{
	void *field = (char *)l->into + o->offset;

	switch (o->type) {
	case KA_OPT_FLAG:
		*(bool *)field = true;
		return KA_OPTS_GO;
	case KA_OPT_STRING:
		*(const char **)field = value;
		return KA_OPTS_GO;
	case KA_OPT_UINT:
		return set_uint(l, o, value);
	case KA_OPT_CHOICE:
		return set_choice(l, o, value);
	case KA_OPT_LIST:
		if (ka_strings_add(field, value) < 0) {
			ka_error("out of memory");
			return KA_EXIT_NOT_APPLIED;
		}
		return KA_OPTS_GO;
	}
	return KA_EXIT_USAGE;
}

/* The value after the option: what follows in the same word, else the next word. */
static const char *value_of(struct line *l, const char *attached)
{
	if (attached)
		return attached;
	return l->at < l->argc ? l->argv[l->at++] : NULL;
}

static int parse_long(struct line *l, const char *arg)
{
	const char *equals = strchr(arg, '=');
	size_t len = equals ? (size_t)(equals - arg) : strlen(arg);
	const struct ka_option *o = find_long(l->cmd, arg, len);
	const char *value = NULL;

	if (!o && len == 4 && !memcmp(arg, "help", 4)) {
		ka_opts_help(stdout, l->cmd);
		return KA_EXIT_OK;
	}
	if (!o)
		return unknown_long(l->cmd, arg, len);
	if (o->type == KA_OPT_FLAG) {
		if (equals)
			return ka_usage_error(l->cmd, "option '--%s' takes no value", o->name);
		return set(l, o, NULL);
	}
	value = value_of(l, equals ? equals + 1 : NULL);
	if (!value)
		return ka_usage_error(l->cmd, "option '--%s' needs a value: %s", o->name, o->arg);
	return set(l, o, value);
}

static int parse_short(struct line *l, const char *letters)
{
	for (; *letters; letters++) {
		const struct ka_option *o = find_short(l->cmd, *letters);
		const char *value;
		int r;

		if (!o && *letters == 'h') {
			ka_opts_help(stdout, l->cmd);
			return KA_EXIT_OK;
		}
		if (!o)
			return ka_usage_error(l->cmd, "unknown option '-%c'", *letters);
		if (o->type == KA_OPT_FLAG) {
			r = set(l, o, NULL);
			if (r != KA_OPTS_GO)
				return r;
			continue;
		}
		value = value_of(l, letters[1] ? letters + 1 : NULL);
		if (!value)
			return ka_usage_error(l->cmd, "option '-%c' needs a value: %s", *letters,
					      o->arg);
		return set(l, o, value);
	}
	return KA_OPTS_GO;
}

int ka_opts_parse(const struct ka_command *cmd, int argc, char **argv, void *into,
		  struct ka_strings *operands)
{
	struct line l = {.cmd = cmd, .into = into, .argc = argc, .at = 1, .argv = argv};
	bool options = true;
	int r;

	while (l.at < argc) {
		const char *arg = argv[l.at++];

		if (options && !strcmp(arg, "--")) {
			options = false;
			continue;
		}
		if (options && arg[0] == '-' && arg[1]) {
			r = arg[1] == '-' ? parse_long(&l, arg + 2) : parse_short(&l, arg + 1);
			if (r != KA_OPTS_GO)
				return r;
			continue;
		}
		if (ka_strings_add(operands, arg) < 0) {
			ka_error("out of memory");
			return KA_EXIT_NOT_APPLIED;
		}
		if (cmd->first_operand_ends)
			options = false;
	}
	return KA_OPTS_GO;
}
