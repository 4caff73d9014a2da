// SPDX-License-Identifier: Apache-2.0
#include "completion.h"

static void print_quoted(FILE *out, const char *s)
{
	fputc('\'', out);
	for (; *s; s++) {
		if (*s == '\'' || *s == '\\')
			fputc('\\', out);
		fputc(*s, out);
	}
	fputc('\'', out);
}

static void print_values(FILE *out, const struct ka_completion *c)
{
	switch (c->values) {
	case KA_VALUES_WORDS:
		fputs(" -a ", out);
		print_quoted(out, c->words);
		break;
	case KA_VALUES_FILES:
		fputs(" -F", out);
		break;
	case KA_VALUES_DIRS:
		fputs(" -a '(__fish_complete_directories)'", out);
		break;
	case KA_VALUES_USERS:
		fputs(" -a '(__fish_complete_users)'", out);
		break;
	case KA_VALUES_POLICIES:
		fputs(" -a '(karmor-c get --output name 2>/dev/null)'", out);
		break;
	case KA_VALUES_PROGRAMS:
		fputs(" -a '(__fish_complete_subcommand)'", out);
		break;
	case KA_VALUES_NONE:
		break;
	}
}

static void print_command(FILE *out, const struct ka_command *c)
{
	fprintf(out, "complete -c karmor-c -n __fish_use_subcommand -a %s -d ", c->name);
	print_quoted(out, c->summary);
	fputc('\n', out);
}

static void print_condition(FILE *out, const struct ka_command *c)
{
	fprintf(out, "complete -c karmor-c -n '__fish_seen_subcommand_from %s'", c->name);
}

static void print_option(FILE *out, const struct ka_command *c, const struct ka_option *o)
{
	struct ka_completion v;

	print_condition(out, c);
	if (o->letter)
		fprintf(out, " -s %c", o->letter);
	if (o->name)
		fprintf(out, " -l %s", o->name);
	fputs(" -d ", out);
	print_quoted(out, o->help ? o->help : "");
	if (o->arg) {
		ka_complete_option(o, &v);
		fputs(v.values == KA_VALUES_FILES ? " -r" : " -x", out);
		print_values(out, &v);
	}
	fputc('\n', out);
}

static void print_operands(FILE *out, const struct ka_command *c)
{
	struct ka_completion first, rest;

	ka_complete_operand(c, true, &first);
	ka_complete_operand(c, false, &rest);
	if (first.values == KA_VALUES_WORDS) {
		print_condition(out, c);
		print_values(out, &first);
		fputc('\n', out);
	}
	if (rest.values == KA_VALUES_NONE || rest.values == KA_VALUES_WORDS)
		return;
	print_condition(out, c);
	print_values(out, &rest);
	fputc('\n', out);
}

void ka_completion_fish(FILE *out)
{
	fputs("# fish completion for karmor-c(1), printed by `karmor-c completion fish`\n"
	      "complete -c karmor-c -f\n",
	      out);
	for (size_t i = 0; ka_commands[i]; i++)
		print_command(out, ka_commands[i]);
	for (size_t i = 0; ka_commands[i]; i++) {
		for (const struct ka_option *o = ka_commands[i]->options; !ka_option_is_last(o);
		     o++)
			if (!o->hidden)
				print_option(out, ka_commands[i], o);
		print_option(out, ka_commands[i],
			     &(struct ka_option){"help", 'h', .help = "this text"});
		print_operands(out, ka_commands[i]);
	}
}
