// SPDX-License-Identifier: Apache-2.0
/*
 * karmor-c compile: policies to one bundle file. Needs no root and no kernel.
 */
#include <fcntl.h>

#include "build.h"
#include "files.h"
#include "input.h"
#include "names.h"
#include "opts.h"
#include "report.h"

struct opts {
	const char *output, *root;
	int format;
	bool audit, follow_shared;
};

static const struct ka_option options[] = {
	{"output", 'o', KA_OPT_STRING, offsetof(struct opts, output), "BUNDLE",
	 "the file to write"},
	{"root", 0, KA_OPT_STRING, offsetof(struct opts, root), "DIR",
	 "resolve links in this root directory"},
	{"audit", 0, KA_OPT_FLAG, offsetof(struct opts, audit), NULL,
	 "every policy in audit mode: permit, report what would be denied"},
	{"follow-shared", 0, KA_OPT_FLAG, offsetof(struct opts, follow_shared), NULL,
	 "accept a Block on a program that many names share (busybox)"},
	{"format", 0, KA_OPT_CHOICE, offsetof(struct opts, format), "FORMAT", "how to print",
	 .choices = ka_formats},
	{},
};

static void print_json(const struct opts *o, const struct ka_bundle *b)
{
	const struct ka_image *image = b->reader.head;
	json_t *j = json_object();

	json_object_set_new(j, "bundle", ka_json_bytes(o->output, strlen(o->output)));
	json_object_set_new(j, "policies", json_integer(image->policies.count));
	json_object_set_new(j, "rules", json_integer(image->rules.count));
	json_object_set_new(j, "states", json_integer(image->states));
	json_object_set_new(j, "imageBytes", json_integer((json_int_t)b->image_size));
	json_object_set_new(j, "bytes", json_integer((json_int_t)b->size));
	json_object_set_new(j, "digest", json_string(ka_name_digest(b->digest).s));
	ka_print_json(j);
}

static void print_text(const struct opts *o, const struct ka_bundle *b)
{
	const struct ka_image *image = b->reader.head;

	fputs("wrote ", stdout);
	ka_print_safe(stdout, o->output, strlen(o->output));
	printf(": %u polic%s, %u rule%s, %u states, image %zu bytes, bundle %zu bytes\n",
	       image->policies.count, ka_plural_y(image->policies.count), image->rules.count,
	       ka_plural_s(image->rules.count), image->states, b->image_size, b->size);
	printf("digest %s\n", ka_name_digest(b->digest).s);
}

static int write_out(const struct opts *o, const struct ka_bundle *b)
{
	int r = ka_file_replace(o->output, b->bytes, b->size);

	if (r < 0) {
		ka_error("cannot write '%s': %s", o->output, strerror(-r));
		return KA_EXIT_NOT_APPLIED;
	}
	if (o->format == KA_FORMAT_JSON)
		print_json(o, b);
	else
		print_text(o, b);
	return KA_EXIT_OK;
}

static int compile(const struct opts *o, const struct ka_strings *operands)
{
	KA_CLEANUP(ka_compiled_done) struct ka_compiled compiled = {};
	KA_BUNDLE struct ka_bundle bundle = {};
	KA_CTX struct ka_ctx ctx = {};
	KA_CLOSE int root = -1;
	struct ka_compile_options opts = {.audit_mode = o->audit,
					  .follow_shared = o->follow_shared};
	struct ka_input in = {};
	int r;

	if (o->root) {
		root = open(o->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (root < 0) {
			ka_error("cannot open root '%s': %s", o->root, strerror(errno));
			return KA_EXIT_INPUT;
		}
	}
	opts.root_fd = root;
	r = ka_build_read(&ctx, operands, 0, &in);
	if (r != KA_GO)
		return r;
	if (!in.policies.n) {
		ka_report_diags(stderr, &ctx);
		ka_error("no policy in what was given; nothing was written");
		return KA_EXIT_NO;
	}
	r = ka_build(&ctx, &in.policies, &opts, &compiled, &bundle);
	return r != KA_GO ? r : write_out(o, &bundle);
}

static int run(const struct ka_command *cmd, int argc, char **argv)
{
	KA_STRINGS struct ka_strings operands = {};
	struct opts o = {};
	int r;

	r = ka_opts_parse(cmd, argc, argv, &o, &operands);
	if (r != KA_OPTS_GO)
		return r;
	if (!operands.n)
		return ka_usage_error(cmd, "nothing to compile: name a file, a directory or '-'");
	if (!o.output)
		return ka_usage_error(cmd, "where to? say -o BUNDLE");
	return compile(&o, &operands);
}

const struct ka_command ka_cmd_compile = {
	.name = "compile",
	.args = "-o BUNDLE FILE|DIR|-...",
	.summary = "make one bundle file of policies",
	.help = "The bundle holds the BPF objects, the tables that the kernel reads, the policies'\n"
		"text and a digest. The same policies give the same bytes, on any machine.\n"
		"`karmor-c apply BUNDLE` and `karmor-load BUNDLE` put it in force; `karmor-c inspect`\n"
		"shows what is in it.\n"
		"\n"
		"Without --root, a rule on /bin, /lib and the like also covers the same name below\n"
		"/usr, for Block and Audit; with it, links are followed in that directory.",
	.group = KA_GROUP_FILES,
	.options = options,
	.run = run,
};
