// SPDX-License-Identifier: Apache-2.0
#include "completion.h"

static const char head[] =
	"#compdef karmor-c\n"
	"# zsh completion for karmor-c(1), printed by `karmor-c completion zsh`\n"
	"\n"
	"_karmor_c_policies()\n"
	"{\n"
	"	compadd -- ${(f)\"$(karmor-c get --output name 2>/dev/null)\"}\n"
	"}\n"
	"\n"
	"_karmor_c()\n"
	"{\n"
	"	local -a commands\n"
	"	commands=(\n";

/* Inside '...', and inside [...] or between colons of a specification. */
static void print_quoted(FILE *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '\'')
			fputs("'\\'", out);
		else if (strchr("[]:\\", *s))
			fputc('\\', out);
		fputc(*s, out);
	}
}

static const char *action_of(const struct ka_completion *c)
{
	static const char *const actions[] = {
		[KA_VALUES_NONE] = " ",
		[KA_VALUES_FILES] = "_files",
		[KA_VALUES_DIRS] = "_files -/",
		[KA_VALUES_USERS] = "_users",
		[KA_VALUES_POLICIES] = "_karmor_c_policies",
		[KA_VALUES_PROGRAMS] = "_normal",
	};

	return actions[c->values];
}

/* :what it is called:how to complete it */
static void print_action(FILE *out, const char *arg, const struct ka_completion *c)
{
	fputc(':', out);
	print_quoted(out, arg);
	if (c->values == KA_VALUES_WORDS)
		fprintf(out, ":(%s)", c->words);
	else
		fprintf(out, ":%s", action_of(c));
}

static void print_spelling(FILE *out, const struct ka_option *o, const char *spelling)
{
	struct ka_completion v;

	fprintf(out, " \\\n			'%s%s", o->type == KA_OPT_LIST ? "*" : "",
		spelling);
	if (o->arg && spelling[1] == '-')
		fputc('=', out);
	else if (o->arg)
		fputc('+', out);
	fputc('[', out);
	print_quoted(out, o->help ? o->help : "");
	fputc(']', out);
	if (o->arg) {
		ka_complete_option(o, &v);
		print_action(out, o->arg, &v);
	}
	fputc('\'', out);
}

static void print_option(FILE *out, const struct ka_option *o)
{
	char spelling[64];

	if (o->letter) {
		snprintf(spelling, sizeof(spelling), "-%c", o->letter);
		print_spelling(out, o, spelling);
	}
	if (o->name) {
		snprintf(spelling, sizeof(spelling), "--%s", o->name);
		print_spelling(out, o, spelling);
	}
}

static void print_operands(FILE *out, const struct ka_command *c)
{
	struct ka_completion first, rest;

	ka_complete_operand(c, true, &first);
	ka_complete_operand(c, false, &rest);
	if (first.values == KA_VALUES_WORDS && rest.values != KA_VALUES_WORDS) {
		fputs(" \\\n			'1", out);
		print_action(out, "WORD", &first);
		fputc('\'', out);
	}
	if (rest.values == KA_VALUES_NONE)
		return;
	fprintf(out, " \\\n			'*%s", c->first_operand_ends ? ":" : "");
	print_action(out, c->args, &rest);
	fputc('\'', out);
}

void ka_completion_zsh(FILE *out)
{
	fputs(head, out);
	for (size_t i = 0; ka_commands[i]; i++) {
		fputs("		'", out);
		print_quoted(out, ka_commands[i]->name);
		fputc(':', out);
		print_quoted(out, ka_commands[i]->summary);
		fputs("'\n", out);
	}
	fputs("	)\n"
	      "	if (( CURRENT == 2 )); then\n"
	      "		_describe -t commands command commands\n"
	      "		return\n"
	      "	fi\n"
	      "	local cmd=$words[2]\n"
	      "	shift words\n"
	      "	(( CURRENT-- ))\n"
	      "	case $cmd in\n",
	      out);
	for (size_t i = 0; ka_commands[i]; i++) {
		fprintf(out, "	%s)\n		_arguments -s", ka_commands[i]->name);
		for (const struct ka_option *o = ka_commands[i]->options; !ka_option_is_last(o);
		     o++)
			if (!o->hidden)
				print_option(out, o);
		print_option(out, &(struct ka_option){"help", 'h', .help = "this text"});
		print_operands(out, ka_commands[i]);
		fputs("\n		;;\n", out);
	}
	fputs("	esac\n}\n\n"
	      "if [ \"$funcstack[1]\" = _karmor-c ]; then\n"
	      "	_karmor_c \"$@\"\n"
	      "else\n"
	      "	compdef _karmor_c karmor-c\n"
	      "fi\n",
	      out);
}
