// SPDX-License-Identifier: Apache-2.0
/*
 * karmor-c run: registers itself as a workload and becomes the command, in the same process.
 *
 * The lock is held from the look at what is in force to the registration, so that a concurrent
 * apply sees the workload or is seen by it. Nothing of ours stays open for the command.
 */
#include "build.h"
#include "change.h"
#include "labels.h"
#include "opts.h"
#include "report.h"
#include "user.h"

#define DEFAULT_NAMESPACE "default"
#define EXIT_CANNOT_EXECUTE 126
#define EXIT_NOT_FOUND 127

struct opts {
	const char *ns, *name, *user;
	struct ka_strings labels;
	bool require_policy;
};

static const struct ka_option options[] = {
	{"namespace", 0, KA_OPT_STRING, offsetof(struct opts, ns), "NS",
	 "the workload's namespace; default if not given"},
	{"label", 'l', KA_OPT_LIST, offsetof(struct opts, labels), "KEY=VALUE",
	 "a label that selectors see; may be repeated"},
	{"name", 0, KA_OPT_STRING, offsetof(struct opts, name), "NAME",
	 "the workload's name; the command's if not given"},
	{"user", 'u', KA_OPT_STRING, offsetof(struct opts, user), "USER",
	 "run as this user, name or number"},
	{"require-policy", 0, KA_OPT_FLAG, offsetof(struct opts, require_policy), NULL,
	 "fail if no policy in force selects the workload"},
	{},
};

/* Everything that is known before anything is done. */
struct workload {
	const char *ns;
	char name[128];
	struct ka_label_set labels;
	struct ka_user user;
};

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_';
}

/* The command's last component, with what no name may have replaced. */
static void default_name(const char *command, char *ret, size_t size)
{
	const char *last = strrchr(command, '/');
	size_t n = 0;

	for (const char *s = last ? last + 1 : command; *s && n + 1 < size && n < 100; s++)
		if (is_name_char(*s) && (n || (*s != '-' && *s != '.' && *s != '_')))
			ret[n++] = *s;
	while (n && !(is_name_char(ret[n - 1]) && !strchr("-._", ret[n - 1])))
		n--;
	ret[n] = '\0';
	if (!n)
		snprintf(ret, size, "workload");
}

static int take_options(const struct ka_command *cmd, const struct opts *o, const char *command,
			struct workload *w)
{
	w->ns = o->ns ? o->ns : DEFAULT_NAMESPACE;
	if (!ka_name_ok(w->ns, 63))
		return ka_usage_error(cmd, "'%s' is no namespace: letters, digits, '-', at most 63",
				      w->ns);
	if (o->name && !ka_name_ok(o->name, sizeof(w->name) - 1))
		return ka_usage_error(cmd,
				      "'%s' is no name: letters, digits, '-', '.', at most %zu",
				      o->name, sizeof(w->name) - 1);
	if (o->name)
		snprintf(w->name, sizeof(w->name), "%s", o->name);
	else
		default_name(command, w->name, sizeof(w->name));
	for (size_t i = 0; i < o->labels.n; i++) {
		const char *wrong = ka_label_add(&w->labels, o->labels.v[i]);

		if (wrong)
			return ka_usage_error(cmd, "label '%s': %s", o->labels.v[i], wrong);
	}
	return KA_GO;
}

static int find_user(const struct opts *o, struct workload *w)
{
	int r = o->user ? ka_user_find(o->user, &w->user) : 0;

	if (!r)
		return KA_GO;
	ka_error("cannot become user '%s': %s", o->user,
		 r == -ENOENT ? "there is no such user" : strerror(-r));
	return KA_EXIT_RUN;
}

static int failed(const struct ka_error *e)
{
	ka_report_error(e);
	return KA_EXIT_RUN;
}

/* The command must not run ungoverned because enforcement happens to be off. */
static int not_attached(void)
{
	ka_error("no enforcement is attached: the command would run ungoverned, so it was not "
		 "started");
	fputs("  = `karmor-c apply FILE` puts policies in force\n", stderr);
	return KA_EXIT_RUN;
}

static int check_selected(const struct ka_node_handle *h, const struct workload *w)
{
	struct ka_labels labels = ka_label_set_view(&w->labels);

	for (uint32_t i = 0; i < h->reader.head->policies.count; i++)
		if (ka_selects_workload(&h->reader, i, w->ns, &labels))
			return KA_GO;
	ka_error("no policy in force selects the workload %s/%s (--require-policy)", w->ns,
		 w->name);
	fputs("  = `karmor-c status` shows what is in force; check --namespace and --label\n",
	      stderr);
	return KA_EXIT_RUN;
}

static int enroll(struct ka_node_handle *h, const struct opts *o, const struct workload *w)
{
	struct ka_labels labels = ka_label_set_view(&w->labels);
	struct ka_error e = {};
	struct ka_node node = {};
	uint32_t id;
	int r = KA_GO;

	if (o->require_policy)
		r = check_selected(h, w);
	if (r != KA_GO)
		return r;
	if (ka_node_identify(&node, &e) < 0)
		return failed(&e);
	if (ka_node_register(h, &node, w->ns, w->name, &labels, &id, &e) < 0)
		r = failed(&e);
	ka_node_done(&node);
	return r;
}

static int become_workload(const struct opts *o, const struct workload *w)
{
	struct ka_node_handle h;
	struct ka_error e = {};
	int r = ka_node_open(&h, KA_OPEN_WRITE, &e);

	if (r == -ENOENT)
		return not_attached();
	if (r < 0)
		return failed(&e);
	r = h.image ? enroll(&h, o, w) : not_attached();
	ka_node_close(&h);
	return r;
}

/*
 * execvp without its last resort: what has no format of its own is not handed to a shell, which
 * a policy may not allow and nobody asked for. Returns the errno.
 */
static int execute(char **command)
{
	KA_FREE char *dirs = strdup(getenv("PATH") ?: "/usr/bin:/bin"), *path = NULL;
	char *rest = dirs, *dir;
	int err = ENOENT;

	if (!dirs)
		return ENOMEM;
	if (!*command[0])
		return ENOENT;
	if (strchr(command[0], '/')) {
		execv(command[0], command);
		return errno;
	}
	while ((dir = strsep(&rest, ":"))) {
		ka_freep(&path);
		if (asprintf(&path, "%s/%s", *dir ? dir : ".", command[0]) < 0) {
			path = NULL;
			return ENOMEM;
		}
		execv(path, command);
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			return errno;
		if (errno != EACCES)
			continue;
		/* A policy's word on the command is the last one; by its mode, another may do. */
		if (!access(path, X_OK))
			return EACCES;
		err = EACCES;
	}
	return err;
}

static int become_command(const struct opts *o, const struct workload *w, char **command)
{
	int r = o->user ? ka_user_become(&w->user) : 0;

	if (r < 0) {
		ka_error("cannot become user '%s': %s", o->user, strerror(-r));
		return KA_EXIT_RUN;
	}
	r = execute(command);
	ka_error("cannot execute '%s': %s", command[0], strerror(r));
	if (r == EACCES)
		fputs("  = `karmor-c logs` shows whether a policy denied it\n", stderr);
	return r == ENOENT || r == ENOTDIR ? EXIT_NOT_FOUND : EXIT_CANNOT_EXECUTE;
}

static int start(const struct ka_command *cmd, const struct opts *o, char **command)
{
	KA_FREE struct workload *w = calloc(1, sizeof(*w));
	int r;

	if (!w) {
		ka_error("out of memory");
		return KA_EXIT_RUN;
	}
	r = take_options(cmd, o, command[0], w);
	if (r == KA_GO)
		r = find_user(o, w);
	if (r == KA_GO)
		r = become_workload(o, w);
	return r == KA_GO ? become_command(o, w, command) : r;
}

/* argv from the command on: operands are its tail, and argv ends with NULL. */
static int run(const struct ka_command *cmd, int argc, char **argv)
{
	KA_STRINGS struct ka_strings operands = {};
	struct opts o = {};
	int r;

	r = ka_opts_parse(cmd, argc, argv, &o, &operands);
	if (r == KA_OPTS_GO && !operands.n)
		r = ka_usage_error(cmd, "nothing to run: name a command");
	if (r == KA_OPTS_GO)
		r = start(cmd, &o, argv + argc - operands.n);
	ka_strings_done(&o.labels);
	/* As env(1) has it: 125 is the tool's own failure, whatever it was. */
	return r == KA_EXIT_USAGE || r == KA_EXIT_NOT_APPLIED ? KA_EXIT_RUN : r;
}

const struct ka_command ka_cmd_run = {
	.name = "run",
	.args = "[--] COMMAND [ARGUMENT]...",
	.summary = "run a command as a workload that policies govern",
	.help = "Registers itself under the namespace, name and labels and becomes COMMAND: the same\n"
		"process, so that signals, Type=notify and MAINPID of systemd work. Everything that it\n"
		"starts belongs to the workload; the workload ends with its last task.\n"
		"The start of COMMAND is judged already: a process allow-list must allow it.\n"
		"\n"
		"Exit status: the command's; 125 karmor-c failed (above all: no enforcement is attached),\n"
		"126 the command cannot be executed, 127 it was not found.",
	.group = KA_GROUP_NODE,
	.options = options,
	.first_operand_ends = true,
	.run = run,
};
