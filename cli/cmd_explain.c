// SPDX-License-Identifier: Apache-2.0
/*
 * karmor-c explain: which rule decides, which lost and why. By the matcher that the kernel runs;
 * needs no root, no kernel, no network (but for --live).
 */
#include <fcntl.h>

#include "../compiler/rules/links.h"
#include "build.h"
#include "change.h"
#include "explain_print.h"
#include "input.h"
#include "labels.h"
#include "opts.h"
#include "report.h"

#define DEFAULT_NAMESPACE "default"

struct opts {
	const char *ns, *root;
	struct ka_strings labels, sources;
	struct ka_strings read, write, exec, map, create, unlink, rename, chmod;
	int format;
	bool live, host, audit;
};

#define OP(name, field, help)                                                    \
	{                                                                        \
		name, 0, KA_OPT_LIST, offsetof(struct opts, field), "PATH", help \
	}

static const struct ka_option options[] = {
	{"live", 0, KA_OPT_FLAG, offsetof(struct opts, live), NULL,
	 "judge by what is in force on this node"},
	{"namespace", 0, KA_OPT_STRING, offsetof(struct opts, ns), "NS",
	 "the workload's namespace; default if not given"},
	{"label", 'l', KA_OPT_LIST, offsetof(struct opts, labels), "KEY=VALUE",
	 "a label of the workload; may be repeated"},
	{"host", 0, KA_OPT_FLAG, offsetof(struct opts, host), NULL,
	 "the subject is one of the node's own tasks, no workload"},
	{"source", 's', KA_OPT_LIST, offsetof(struct opts, sources), "PATH",
	 "the executable that performs the access; for a script give its interpreter, too"},
	{"root", 0, KA_OPT_STRING, offsetof(struct opts, root), "DIR",
	 "resolve links of rules and paths in this root directory"},
	OP("read", read, "opening for reading"),
	OP("write", write, "opening for writing"),
	OP("exec", exec, "executing"),
	OP("map", map, "mapping executable"),
	OP("create", create, "creating"),
	OP("unlink", unlink, "removing"),
	OP("rename", rename, "renaming from or onto"),
	OP("chmod", chmod, "changing mode or owner"),
	{"audit", 0, KA_OPT_FLAG, offsetof(struct opts, audit), NULL,
	 "as if every policy were in audit mode"},
	{"format", 0, KA_OPT_CHOICE, offsetof(struct opts, format), "FORMAT", "how to print",
	 .choices = ka_formats},
	{},
};

/* What is judged by, and everything that has to be freed. */
struct court {
	struct ka_ctx ctx;
	struct ka_input input;
	struct ka_compiled compiled;
	struct ka_bundle bundle;
	struct ka_node_handle h;
	bool open;
	int root;
	struct ka_links *links;
	struct ka_node node;
	struct ka_label_set labels;
	struct ka_explain_case c;
};

static int failed(struct court *ct, int err, const char *what)
{
	if (ct->ctx.failed)
		return ka_report_failure(&ct->ctx);
	ka_error("%s: %s", what, strerror(-err));
	return KA_EXIT_NOT_APPLIED;
}

/* ---- policies and image ---- */

static int from_files(struct court *ct, const struct opts *o)
{
	struct ka_compile_options opts = {
		.root_fd = ct->root, .audit_mode = o->audit, .follow_shared = true};
	char err[256];
	int r = ka_compile(&ct->ctx, &ct->input.policies, &opts, &ct->compiled);

	ka_report_diags(stderr, &ct->ctx);
	if (ct->ctx.nerrors)
		return KA_EXIT_NO;
	if (r < 0)
		return failed(ct, r, "cannot compile");
	r = ka_image_check(ct->compiled.image, ct->compiled.size, ct->compiled.capacity, err,
			   sizeof(err), &ct->c.reader);
	if (r < 0)
		return failed(ct, r, err);
	ct->c.aliases = ct->compiled.aliases;
	ct->c.naliases = ct->compiled.naliases;
	return KA_GO;
}

static int from_bundle(struct court *ct, const char *name)
{
	char err[256] = "";
	int r = ka_bundle_read(name, &ct->bundle, err, sizeof(err));

	if (r < 0) {
		ka_error("cannot read '%s': %s", name, err[0] ? err : strerror(-r));
		return KA_EXIT_INPUT;
	}
	ct->c.reader = ct->bundle.reader;
	return KA_GO;
}

static int from_operands(struct court *ct, const struct opts *o, const struct ka_strings *operands)
{
	int r = ka_input_read(&ct->ctx, operands->v, operands->n, KA_INPUT_BUNDLES, &ct->input);

	r = ka_build_input(&ct->ctx, r);
	if (r != KA_GO)
		return r;
	ct->c.policies = &ct->input.policies;
	return ct->input.nbundles ? from_bundle(ct, operands->v[0]) : from_files(ct, o);
}

static int from_node(struct court *ct)
{
	struct ka_error e = {};
	int r = ka_node_open(&ct->h, KA_OPEN_READ, &e);

	if (r == -ENOENT || (!r && !ct->h.image)) {
		ka_error("nothing is in force on this node");
		ct->open = !r;
		return KA_EXIT_NO;
	}
	if (r < 0)
		return ka_report_error(&e);
	ct->open = true;
	if (ka_node_bundle(&ct->h, &ct->bundle, &e) < 0)
		return ka_report_error(&e);
	r = ka_change_policies(&ct->ctx, &ct->bundle, &ct->input.policies);
	if (r < 0)
		return failed(ct, r, "cannot read the policies in force");
	ct->c.policies = &ct->input.policies;
	ct->c.reader = ct->h.reader;
	return KA_GO;
}

/* ---- who ---- */

static int take_labels(const struct ka_command *cmd, struct court *ct, const struct opts *o)
{
	for (size_t i = 0; i < o->labels.n; i++) {
		const char *wrong = ka_label_add(&ct->labels, o->labels.v[i]);

		if (wrong)
			return ka_usage_error(cmd, "label '%s': %s", o->labels.v[i], wrong);
	}
	return KA_GO;
}

/* Where a path leads in the root; the path itself without one. */
static int resolve(struct court *ct, const char *text, const char **ret)
{
	struct ka_names names;
	struct ka_path path;
	int r = ka_path_split(&ct->ctx, text, &path)
			?: ka_links_names(ct->links, &path, false, &names);

	if (r < 0)
		return r;
	*ret = ka_path_join(&ct->ctx, names.n ? &names.v[names.n - 1] : &path);
	return *ret ? 0 : -ENOMEM;
}

static int take_sources(const struct ka_command *cmd, struct court *ct, const struct opts *o)
{
	struct ka_explain_case *c = &ct->c;

	if (o->sources.n > 2)
		return ka_usage_error(cmd, "at most two sources: a script and its interpreter");
	for (size_t i = 0; i < o->sources.n; i++) {
		int r;

		if (o->sources.v[i][0] != '/')
			return ka_usage_error(cmd, "source '%s' is not absolute", o->sources.v[i]);
		r = resolve(ct, o->sources.v[i], &c->sources[i]);
		if (r < 0)
			return failed(ct, r, "cannot resolve");
		for (uint32_t k = 1; k <= c->reader.head->sources.count; k++)
			if (!strcmp(ka_image_source(&c->reader, k), c->sources[i]))
				c->class[i] = k;
	}
	return KA_GO;
}

static int identify(const struct ka_command *cmd, struct court *ct, const struct opts *o)
{
	struct ka_error e = {};
	struct ka_labels labels;
	int r = take_labels(cmd, ct, o);

	if (r != KA_GO)
		return r;
	if (ka_node_identify(&ct->node, &e) < 0)
		return ka_report_error(&e);
	labels = ka_label_set_view(&ct->labels);
	ct->c.node = &ct->node;
	ct->c.ns = o->host ? NULL : o->ns ? o->ns : DEFAULT_NAMESPACE;
	ct->c.labels = labels;
	ka_member_make(&ct->c.reader, &ct->node, ct->c.ns, &labels, &ct->c.member);
	return take_sources(cmd, ct, o);
}

/* ---- what is asked ---- */

struct question {
	const struct ka_strings *paths;
	const char *word;
	enum ka_op op;
};

static int ask_one(const struct ka_command *cmd, struct court *ct, const struct question *q,
		   const char *path)
{
	const char *real;
	int r;

	if (path[0] != '/')
		return ka_usage_error(cmd, "path '%s' is not absolute", path);
	r = resolve(ct, path, &real);
	if (r >= 0)
		r = ka_explain_ask(&ct->c, q->word, q->op, path, real);
	return r < 0 ? failed(ct, r, "cannot explain") : KA_GO;
}

static int ask(const struct ka_command *cmd, struct court *ct, const struct opts *o)
{
	const struct question questions[] = {
		{&o->read, "read", KA_OP_READ},       {&o->write, "write", KA_OP_WRITE},
		{&o->exec, "execute", KA_OP_EXEC},    {&o->map, "map", KA_OP_MAP_EXEC},
		{&o->create, "create", KA_OP_CREATE}, {&o->unlink, "unlink", KA_OP_UNLINK},
		{&o->rename, "rename", KA_OP_RENAME}, {&o->chmod, "chmod", KA_OP_CHMOD},
	};
	int r = KA_GO;

	for (size_t i = 0; i < KA_ARRAY_SIZE(questions); i++)
		for (size_t k = 0; k < questions[i].paths->n && r == KA_GO; k++)
			r = ask_one(cmd, ct, &questions[i], questions[i].paths->v[k]);
	return r;
}

/* ---- the command ---- */

static int check_usage(const struct ka_command *cmd, const struct opts *o,
		       const struct ka_strings *operands)
{
	if (o->live && operands->n)
		return ka_usage_error(cmd, "--live judges by what is in force: name no file");
	if (o->live && (o->root || o->audit))
		return ka_usage_error(cmd, "--live goes with neither --root nor --audit");
	if (!o->live && !operands->n)
		return ka_usage_error(cmd, "name policies, a bundle, or --live");
	if (o->host && (o->ns || o->labels.n))
		return ka_usage_error(cmd,
				      "the node's own tasks have neither namespace nor labels");
	if (o->ns && !ka_name_ok(o->ns, 63))
		return ka_usage_error(cmd, "'%s' is no namespace", o->ns);
	if (!(o->read.n + o->write.n + o->exec.n + o->map.n + o->create.n + o->unlink.n +
	      o->rename.n + o->chmod.n))
		return ka_usage_error(cmd, "what is asked? say --read, --write or --exec PATH");
	return KA_GO;
}

static int open_root(struct court *ct, const struct opts *o)
{
	const char *root = o->live ? "/" : o->root;
	int r;

	if (root)
		ct->root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root && ct->root < 0) {
		ka_error("cannot open root '%s': %s", root, strerror(errno));
		return KA_EXIT_INPUT;
	}
	r = ka_links_new(&ct->ctx, ct->root, &ct->links);
	return r < 0 ? failed(ct, r, "cannot resolve links") : KA_GO;
}

static int explain(const struct ka_command *cmd, struct court *ct, const struct opts *o,
		   const struct ka_strings *operands)
{
	int r = check_usage(cmd, o, operands);

	if (r != KA_GO)
		return r;
	if (ka_ctx_init(&ct->ctx) < 0) {
		ka_error("out of memory");
		return KA_EXIT_NOT_APPLIED;
	}
	r = open_root(ct, o);
	if (r == KA_GO)
		r = o->live ? from_node(ct) : from_operands(ct, o, operands);
	if (r == KA_GO)
		r = identify(cmd, ct, o);
	if (r == KA_GO)
		r = ask(cmd, ct, o);
	if (r != KA_GO)
		return r;
	if (o->format == KA_FORMAT_JSON)
		return ka_explain_print_json(&ct->c);
	return ka_explain_print(&ct->c);
}

static void done(struct court *ct)
{
	ka_explain_case_done(&ct->c);
	ka_node_done(&ct->node);
	ka_compiled_done(&ct->compiled);
	ka_bundle_done(&ct->bundle);
	if (ct->open)
		ka_node_close(&ct->h);
	if (ct->root >= 0)
		close(ct->root);
	ka_ctx_done(&ct->ctx);
}

static int run(const struct ka_command *cmd, int argc, char **argv)
{
	KA_STRINGS struct ka_strings operands = {};
	KA_FREE struct court *ct = calloc(1, sizeof(*ct));
	struct opts o = {};
	int r = ka_opts_parse(cmd, argc, argv, &o, &operands);

	if (!ct) {
		ka_error("out of memory");
		r = KA_EXIT_NOT_APPLIED;
	} else {
		ct->root = -1;
	}
	if (r == KA_OPTS_GO) {
		r = explain(cmd, ct, &o, &operands);
		done(ct);
	}
	struct ka_strings *const lists[] = {&o.labels, &o.sources, &o.read,   &o.write,  &o.exec,
					    &o.map,    &o.create,  &o.unlink, &o.rename, &o.chmod};
	for (size_t i = 0; i < KA_ARRAY_SIZE(lists); i++)
		ka_strings_done(lists[i]);
	return r;
}

const struct ka_command ka_cmd_explain = {
	.name = "explain",
	.args = "FILE|DIR|BUNDLE|--live",
	.summary = "say which rule decides an access, and which lost",
	.help = "Judges accesses by the matcher that the kernel runs, and shows every rule of the\n"
		"policies that govern the subject and cover the path: which decides, which lost and\n"
		"why, which is about another source or another kind of access; and what an allow-list\n"
		"does with what no rule matches.\n"
		"Paths are taken as the kernel resolves them; --root (and --live) follows links.\n"
		"\n"
		"Exit status: 0 permitted, 1 something is denied, 2 usage, 3 an input cannot be read.",
	.group = KA_GROUP_FILES,
	.options = options,
	.run = run,
};
