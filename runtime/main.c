/* SPDX-License-Identifier: Apache-2.0 */
/*
 * karmor-load: puts a bundle in force. No YAML, no compiler; for nodes where little may run.
 */
#include <getopt.h>

#include "load.h"
#include "lockout.h"
#include "node.h"

enum exit_code {
	EXIT_OK = 0,
	EXIT_USAGE = 2,
	EXIT_INPUT = 3,
	EXIT_KERNEL = 4,
	EXIT_NOT_APPLIED = 5,
};

struct options {
	bool dry_run, quiet, replace, force;
	const char *path;
};

static const char help[] =
	"usage: karmor-load [options] BUNDLE\n"
	"\n"
	"Puts the policies of BUNDLE (made by 'karmor-c compile') in force and exits; the kernel\n"
	"enforces them from then on. They replace all policies that are in force.\n"
	"\n"
	"  -n, --dry-run   print what would change, change nothing\n"
	"  -q, --quiet     print mistakes only\n"
	"      --replace   remove policies that are in force and not in BUNDLE\n"
	"      --force     apply host policies even if they could lock you out\n"
	"      --debug     print what libbpf and the kernel's verifier say\n"
	"      --help      print this\n"
	"      --version   print the version\n"
	"\n"
	"Exit status: 0 done; 2 usage; 3 BUNDLE cannot be read; 4 the kernel lacks something;\n"
	"5 not applied, what was in force still is. To take everything out of force:\n"
	"karmor-c off. Manual: karmor-load(8).\n";

/* ---- options ---- */

enum { OPT_REPLACE = 256, OPT_FORCE, OPT_DEBUG, OPT_HELP, OPT_VERSION };

static int complain(void)
{
	fputs("karmor-load: try 'karmor-load --help'\n", stderr);
	return EXIT_USAGE;
}

/* -1: go on; else the exit code */
static int parse_options(int argc, char **argv, struct options *o)
{
	static const struct option table[] = {
		{"dry-run", no_argument, NULL, 'n'},
		{"quiet", no_argument, NULL, 'q'},
		{"replace", no_argument, NULL, OPT_REPLACE},
		{"force", no_argument, NULL, OPT_FORCE},
		{"debug", no_argument, NULL, OPT_DEBUG},
		{"help", no_argument, NULL, OPT_HELP},
		{"version", no_argument, NULL, OPT_VERSION},
		{0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "nq", table, NULL)) != -1) {
		switch (c) {
		case 'n':
			o->dry_run = true;
			break;
		case 'q':
			o->quiet = true;
			break;
		case OPT_REPLACE:
			o->replace = true;
			break;
		case OPT_FORCE:
			o->force = true;
			break;
		case OPT_DEBUG:
			ka_load_debug(true);
			break;
		case OPT_HELP:
			fputs(help, stdout);
			return EXIT_OK;
		case OPT_VERSION:
			puts("karmor-load " KA_VERSION);
			return EXIT_OK;
		default:
			return complain();
		}
	}
	if (argc - optind != 1) {
		fputs("karmor-load: one BUNDLE is needed\n", stderr);
		return complain();
	}
	o->path = argv[optind];
	return -1;
}

/* ---- messages ---- */

/* Names come from the bundle: nothing that a terminal would obey. */
static void put(FILE *f, const char *s)
{
	for (; *s; s++)
		fputc((unsigned char)*s < ' ' || *s == 0x7f ? '?' : *s, f);
}

static int fail(const struct ka_error *e, int code)
{
	fputs("karmor-load: error: ", stderr);
	put(stderr, e->text);
	if (e->hint[0]) {
		fputs("\n  hint: ", stderr);
		put(stderr, e->hint);
	}
	fputc('\n', stderr);
	return code == -EOPNOTSUPP ? EXIT_KERNEL : EXIT_NOT_APPLIED;
}

static void print_name(FILE *f, const struct ka_reader *r, const struct ka_policy_rec *p)
{
	static const char *const kinds[KA_KIND__MAX] = {
		[KA_KIND_POLICY] = "KubeArmorPolicy",
		[KA_KIND_CLUSTER] = "KubeArmorClusterPolicy",
		[KA_KIND_HOST] = "KubeArmorHostPolicy",
		[KA_KIND_NETWORK] = "KubeArmorNetworkPolicy",
	};
	const char *ns = ka_image_str(r, p->ns);

	fprintf(f, "%s/", p->kind < KA_KIND__MAX ? kinds[p->kind] : "?");
	put(f, ns);
	if (*ns)
		fputc('/', f);
	put(f, ka_image_str(r, p->name));
	fputc('\n', f);
}

static void print_policy(FILE *f, const char *what, const struct ka_reader *r,
			 const struct ka_policy_rec *p)
{
	fprintf(f, "%-9s ", what);
	print_name(f, r, p);
}

/* ---- what changes ---- */

struct text {
	const char *p;
	size_t len;
};

/* The policies of a generation: records of the image, and the document of each. */
struct generation {
	struct ka_reader reader;
	struct text *docs; /* NULL: the text is not at hand */
};

static void generation_done(struct generation *g)
{
	free(g->docs);
}

/* Documents are separated by lines of three dashes and are in the order of the records. */
static int split_text(struct generation *g, const char *text, size_t len)
{
	static const char separator[] = "---\n";
	uint32_t n = g->reader.head->policies.count, i = 0;
	const char *end = text + len;

	g->docs = calloc(n + 1, sizeof(*g->docs));
	if (!g->docs)
		return -ENOMEM;
	for (const char *line = text; line < end && i < n;) {
		const char *next = memchr(line, '\n', end - line);

		next = next ? next + 1 : end;
		if (next - line == 4 && !memcmp(line, separator, 4))
			i++;
		else if (!g->docs[i].p)
			g->docs[i].p = line;
		if (i < n && g->docs[i].p)
			g->docs[i].len = next - g->docs[i].p;
		line = next;
	}
	return 0;
}

static int compare(const struct ka_reader *a, const struct ka_policy_rec *p,
		   const struct ka_reader *b, const struct ka_policy_rec *q)
{
	int r;

	if (p->kind != q->kind)
		return p->kind < q->kind ? -1 : 1;
	r = strcmp(ka_image_str(a, p->ns), ka_image_str(b, q->ns));
	return r ? r : strcmp(ka_image_str(a, p->name), ka_image_str(b, q->name));
}

static bool same(const struct generation *a, uint32_t i, const struct generation *b, uint32_t k)
{
	return a->docs && b->docs &&
	       ka_image_policy(&a->reader, i)->flags == ka_image_policy(&b->reader, k)->flags &&
	       a->docs[i].len == b->docs[k].len && a->docs[i].len &&
	       !memcmp(a->docs[i].p, b->docs[k].p, a->docs[i].len);
}

/* Both are sorted by kind, namespace and name. Returns how many policies would be removed. */
static size_t print_changes(FILE *f, const struct generation *old, const struct generation *new,
			    bool removed_only)
{
	size_t removed = 0;
	uint32_t i = 0, k = 0;

	for (;;) {
		const struct ka_policy_rec *p = old->reader.head ? ka_image_policy(&old->reader, i)
								 : NULL;
		const struct ka_policy_rec *q = ka_image_policy(&new->reader, k);
		int order = !p ? 1 : !q ? -1 : compare(&old->reader, p, &new->reader, q);

		if (!p && !q)
			return removed;
		if (f && order < 0)
			print_policy(f, removed_only ? "" : "removed", &old->reader, p);
		else if (f && !removed_only)
			print_policy(f,
				     order > 0              ? "created"
				     : same(old, i, new, k) ? "unchanged"
							    : "changed",
				     &new->reader, q);
		i += order <= 0;
		k += order >= 0;
		removed += order < 0;
	}
}

static int check_removals(const struct options *o, const struct generation *old,
			  const struct generation *new)
{
	size_t n = print_changes(NULL, old, new, false);

	if (!n || o->replace)
		return -1;
	fprintf(stderr, "karmor-load: error: this would remove %zu %s in force:\n", n,
		n == 1 ? "policy" : "policies");
	print_changes(stderr, old, new, true);
	fputs("  hint: --replace removes them\n", stderr);
	return EXIT_NOT_APPLIED;
}

/* What will be told after the swap must be made before it: the old image goes with it. */
static int make_report(const struct options *o, const struct ka_node_handle *h,
		       const struct ka_bundle *b, char **ret)
{
	KA_CLEANUP(generation_done) struct generation old = {.reader = h->reader};
	KA_CLEANUP(generation_done) struct generation new = {.reader = b->reader};
	KA_BUNDLE struct ka_bundle before = {0};
	struct ka_error ignored;
	size_t size;
	FILE *f;
	int code;

	if (split_text(&new, b->policy, b->policy_len))
		return EXIT_NOT_APPLIED;
	if (h->image && !ka_node_bundle(h, &before, &ignored) &&
	    split_text(&old, before.policy, before.policy_len))
		return EXIT_NOT_APPLIED;
	code = check_removals(o, &old, &new);
	if (code >= 0)
		return code;
	f = open_memstream(ret, &size);
	if (!f)
		return EXIT_NOT_APPLIED;
	print_changes(f, &old, &new, false);
	return fclose(f) ? EXIT_NOT_APPLIED : -1;
}

/* ---- the lock-out check ---- */

static void print_lockout(const struct ka_lockout *l, void *arg)
{
	const struct ka_reader *r = arg;
	const struct ka_rule_rec *rule =
		l->ruling.rule == KA_NO_RULE ? NULL : ka_image_rule(r, l->ruling.rule);

	fprintf(stderr, "  %s (", l->what);
	put(stderr, l->path);
	fprintf(stderr, ") could not be %s",
		l->op == KA_OP_EXEC   ? "executed"
		: l->op == KA_OP_READ ? "opened"
				      : "mapped executable");
	if (l->source) {
		fputs(" by ", stderr);
		put(stderr, l->source);
	}
	fputs(": ", stderr);
	if (!rule)
		fputs("no rule of the allow-list covers it\n", stderr);
	else
		print_name(stderr, r, ka_image_policy(r, rule->policy));
}

static void count_only(const struct ka_lockout *l, void *arg)
{
	(void)l;
	(void)arg;
}

/* -1: go on; else the exit code */
static int check_lockout(const struct options *o, const struct ka_reader *r,
			 const struct ka_node *node)
{
	if (!ka_lockout_check(r, node, count_only, NULL))
		return -1;
	fprintf(stderr, "karmor-load: %s: these host policies could lock you out of this node:\n",
		o->force ? "warning" : "error");
	ka_lockout_check(r, node, print_lockout, (void *)r);
	if (o->force)
		return -1;
	fputs("  hint: allow these programs, or say --force; nothing was changed\n", stderr);
	return EXIT_NOT_APPLIED;
}

/* ---- the work ---- */

/* A dry run only looks; nothing in force is nothing to compare with. */
static int open_node(const struct options *o, struct ka_node_handle *h, struct ka_error *e)
{
	int r = ka_node_open(h, o->dry_run ? KA_OPEN_READ : KA_OPEN_CREATE, e);

	return o->dry_run && r == -ENOENT ? 0 : r;
}

static int load(const struct options *o, const struct ka_bundle *b, const struct ka_node *node)
{
	struct ka_apply_options opts = {.node = node};
	KA_NODE struct ka_node_handle h;
	KA_FREE char *report = NULL;
	struct ka_error e = {0};
	int r = open_node(o, &h, &e);

	if (r)
		return fail(&e, r);
	r = make_report(o, &h, b, &report);
	if (r < 0)
		r = check_lockout(o, &b->reader, node);
	if (r >= 0)
		return r;
	r = o->dry_run ? 0 : ka_node_apply(&h, b, &opts, &e);
	if (r)
		return fail(&e, r);
	if (!o->quiet)
		fputs(report, stdout);
	if (!o->dry_run && e.text[0])
		fprintf(stderr, "karmor-load: warning: %s; %s\n", e.text, e.hint);
	return EXIT_OK;
}

int main(int argc, char **argv)
{
	KA_BUNDLE struct ka_bundle b = {0};
	KA_CLEANUP(ka_node_done) struct ka_node node = {0};
	struct options o = {0};
	struct ka_error e = {0};
	char err[256];
	int r = parse_options(argc, argv, &o);

	if (r >= 0)
		return r;
	r = ka_bundle_read(o.path, &b, err, sizeof(err));
	if (r) {
		ka_error_set(&e, r, "%s: %s", o.path, err);
		fail(&e, r);
		return EXIT_INPUT;
	}
	r = ka_node_identify(&node, &e);
	if (r) {
		fail(&e, r);
		return EXIT_INPUT;
	}
	return load(&o, &b, &node);
}
