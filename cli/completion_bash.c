// SPDX-License-Identifier: Apache-2.0
#include "completion.h"

static const char head[] =
	"# bash completion for karmor-c(1), printed by `karmor-c completion bash`\n"
	"\n"
	"_karmor_c_is()\n"
	"{\n"
	"	mapfile -t COMPREPLY < <(compgen \"$@\" -- \"$cur\")\n"
	"}\n"
	"\n"
	"_karmor_c_files()\n"
	"{\n"
	"	compopt -o filenames 2>/dev/null\n"
	"	_karmor_c_is -f\n"
	"}\n"
	"\n"
	"_karmor_c_policies()\n"
	"{\n"
	"	_karmor_c_is -W \"$(karmor-c get --output name 2>/dev/null)\"\n"
	"}\n"
	"\n"
	"_karmor_c()\n"
	"{\n"
	"	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} i\n"
	"	local cmd=${COMP_WORDS[1]}\n"
	"\n"
	"	COMPREPLY=()\n"
	"	# --option=value comes as three words\n"
	"	[[ $cur == = ]] && cur=\n"
	"	[[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD - 2]}\n";

static void print_values(FILE *out, const struct ka_completion *c)
{
	switch (c->values) {
	case KA_VALUES_WORDS:
		fprintf(out, "_karmor_c_is -W '%s'", c->words);
		break;
	case KA_VALUES_FILES:
		fputs("_karmor_c_files", out);
		break;
	case KA_VALUES_DIRS:
		fputs("_karmor_c_is -d", out);
		break;
	case KA_VALUES_USERS:
		fputs("_karmor_c_is -u", out);
		break;
	case KA_VALUES_POLICIES:
		fputs("_karmor_c_policies", out);
		break;
	case KA_VALUES_PROGRAMS:
		fputs("_karmor_c_is -c", out);
		break;
	case KA_VALUES_NONE:
		fputc(':', out);
	}
}

static void print_commands(FILE *out)
{
	fputs("	if ((COMP_CWORD == 1)) || [[ $cmd == help ]]; then\n		_karmor_c_is -W '",
	      out);
	for (size_t i = 0; ka_commands[i]; i++)
		fprintf(out, "%s ", ka_commands[i]->name);
	fputs("help --help --version'\n		return\n	fi\n", out);
}

/* 'apply --file' | 'apply -f' */
static void print_pattern(FILE *out, const struct ka_command *c, const struct ka_option *o)
{
	if (o->name)
		fprintf(out, "'%s --%s'", c->name, o->name);
	if (o->letter)
		fprintf(out, "%s'%s -%c'", o->name ? " | " : "", c->name, o->letter);
}

static void print_option_values(FILE *out)
{
	struct ka_completion v;

	fputs("	case \"$cmd $prev\" in\n", out);
	for (size_t i = 0; ka_commands[i]; i++)
		for (const struct ka_option *o = ka_commands[i]->options; !ka_option_is_last(o);
		     o++) {
			if (!o->arg)
				continue;
			ka_complete_option(o, &v);
			fputs("	", out);
			print_pattern(out, ka_commands[i], o);
			fputs(") ", out);
			print_values(out, &v);
			fputs(" && return ;;\n", out);
		}
	fputs("	esac\n", out);
}

/* What follows the options of such a command is another command's line. */
static void print_foreign(FILE *out, const struct ka_command *c)
{
	fprintf(out, "	if [[ $cmd == %s ]]; then\n", c->name);
	fputs("		for ((i = 2; i < COMP_CWORD; i++)); do\n"
	      "			case \"$cmd ${COMP_WORDS[i]}\" in\n",
	      out);
	for (const struct ka_option *o = c->options; !ka_option_is_last(o); o++) {
		if (!o->arg)
			continue;
		fputs("			", out);
		print_pattern(out, c, o);
		fputs(") ((i++)) ;;\n", out);
	}
	fprintf(out,
		"			\"%s -\"*) ;;\n"
		"			*)\n"
		"				_command_offset \"$i\" 2>/dev/null\n"
		"				return\n"
		"				;;\n"
		"			esac\n"
		"		done\n"
		"	fi\n",
		c->name);
}

static void print_options(FILE *out)
{
	fputs("	if [[ $cur == -* ]]; then\n		case $cmd in\n", out);
	for (size_t i = 0; ka_commands[i]; i++) {
		fprintf(out, "		%s) _karmor_c_is -W '", ka_commands[i]->name);
		for (const struct ka_option *o = ka_commands[i]->options; !ka_option_is_last(o);
		     o++)
			if (o->name && !o->hidden)
				fprintf(out, "--%s ", o->name);
		fputs("--help' ;;\n", out);
	}
	fputs("		esac\n		return\n	fi\n", out);
}

static void print_operands(FILE *out)
{
	struct ka_completion v;

	for (int first = 1; first >= 0; first--) {
		fputs(first ? "	((COMP_CWORD == 2)) && case $cmd in\n" : "	case $cmd in\n",
		      out);
		for (size_t i = 0; ka_commands[i]; i++) {
			ka_complete_operand(ka_commands[i], first, &v);
			if (first && v.values != KA_VALUES_WORDS)
				continue;
			fprintf(out, "	%s) ", ka_commands[i]->name);
			print_values(out, &v);
			fputs(first ? " && return ;;\n" : " ;;\n", out);
		}
		fputs("	esac\n", out);
	}
}

void ka_completion_bash(FILE *out)
{
	fputs(head, out);
	print_commands(out);
	for (size_t i = 0; ka_commands[i]; i++)
		if (ka_commands[i]->first_operand_ends)
			print_foreign(out, ka_commands[i]);
	print_option_values(out);
	print_options(out);
	print_operands(out);
	fputs("}\ncomplete -F _karmor_c karmor-c\n", out);
}
