// SPDX-License-Identifier: Apache-2.0
/*
 * karmor-c inspect: what a bundle holds. Needs no root and no kernel.
 */
#include <sys/stat.h>

#include "../runtime/bundle.h"
#include "../runtime/pin.h"
#include "files.h"
#include "names.h"
#include "opts.h"
#include "policy_json.h"
#include "report.h"
#include "rules.h"

struct opts {
	const char *extract;
	int format;
};

static const struct ka_option options[] = {
	{"format", 0, KA_OPT_CHOICE, offsetof(struct opts, format), "FORMAT", "how to print",
	 .choices = ka_formats},
	{"extract", 0, KA_OPT_STRING, offsetof(struct opts, extract), "DIR",
	 "write the BPF objects, what fills the map, and the policies as files"},
	{},
};

/* A bundle and its policies. */
struct subject {
	const char *name;
	struct ka_bundle bundle;
	struct ka_ctx ctx;
	struct ka_policies policies;
};

/* ---- text ---- */

static void print_text_safe(const char *s)
{
	ka_print_safe(stdout, s, strlen(s));
}

static void print_hooks(uint32_t hooks)
{
	fputs("hooks    ", stdout);
	for (unsigned int f = 0; f < KA_FAMILY__MAX; f++)
		if (hooks & 1u << f)
			printf(" %s", ka_family_str((enum ka_family)f));
	putchar('\n');
}

static void print_head(const struct subject *s)
{
	const struct ka_image *h = s->bundle.reader.head;

	fputs("bundle    ", stdout);
	print_text_safe(s->name);
	printf(", %zu bytes, format %u, image format %u\n", s->bundle.size, KA_BUNDLE_VERSION,
	       h->abi);
	printf("digest    %s\n", ka_name_digest(s->bundle.digest).s);
	printf("generation %s\n", ka_name_digest(h->digest).s);
	printf("image     %zu bytes in a map of %zu\n", s->bundle.image_size,
	       s->bundle.image_capacity + KA_IMAGE_SLACK);
	printf("automaton %u states, %u edges by name, %u rows, %u names\n", h->states,
	       h->edges_used, h->rows, h->names);
	print_hooks(h->hooks);
	for (size_t i = 0; i < s->bundle.nobjects; i++)
		printf("object    %s, %zu bytes\n", s->bundle.objects[i].name,
		       s->bundle.objects[i].size);
	for (uint32_t c = 1; c <= h->sources.count; c++) {
		fputs("source    ", stdout);
		print_text_safe(ka_image_source(&s->bundle.reader, c));
		putchar('\n');
	}
}

static void print_rule(const struct subject *s, uint32_t number)
{
	const struct ka_reader *r = &s->bundle.reader;
	const struct ka_rule_rec *rec = ka_image_rule(r, number);
	const struct ka_rule *rule = ka_rule_find(&s->policies, r, number);
	const struct ka_from *from = rule ? ka_rule_from(rule, rec) : NULL;

	printf("  %-5s %s", ka_name_action(rec->action), ka_name_place(rec).s);
	if (rule) {
		putchar(' ');
		print_text_safe(rule->object);
		fputs(rule->readonly ? " readOnly" : "", stdout);
		fputs(rule->recursive ? " recursive" : "", stdout);
	}
	if (from) {
		fputs(" from ", stdout);
		print_text_safe(from->path);
	}
	putchar('\n');
}

static void print_policies(const struct subject *s)
{
	const struct ka_reader *r = &s->bundle.reader;
	uint32_t rule = 0;

	printf("\n%u polic%s, %u rule%s\n", r->head->policies.count,
	       ka_plural_y(r->head->policies.count), r->head->rules.count,
	       ka_plural_s(r->head->rules.count));
	for (uint32_t i = 0; i < r->head->policies.count; i++) {
		const struct ka_policy_rec *p = ka_image_policy(r, i);
		struct ka_text name = ka_name_policy(r, i);

		print_text_safe(name.s);
		fputs(p->flags & KA_POL_WOULD ? " (audit mode)" : "", stdout);
		for (uint32_t k = 0; k < p->nlabels; k++) {
			const struct ka_label_rec *l = ka_image_label(r, p->labels + k);

			fputs(k ? ", " : " selects ", stdout);
			print_text_safe(ka_image_str(r, l->key));
			putchar('=');
			print_text_safe(ka_image_str(r, l->value));
		}
		putchar('\n');
		/* rules are in the order of their policies */
		for (; rule < r->head->rules.count && ka_image_rule(r, rule)->policy == i; rule++)
			print_rule(s, rule);
	}
}

/* ---- JSON ---- */

static json_t *text(const char *s)
{
	return ka_json_bytes(s, strlen(s));
}

static json_t *rule_json(const struct subject *s, uint32_t number)
{
	const struct ka_reader *r = &s->bundle.reader;
	const struct ka_rule_rec *rec = ka_image_rule(r, number);
	const struct ka_rule *rule = ka_rule_find(&s->policies, r, number);
	const struct ka_from *from = rule ? ka_rule_from(rule, rec) : NULL;
	json_t *o = json_object();

	json_object_set_new(o, "number", json_integer(number));
	json_object_set_new(o, "place", json_string(ka_name_place(rec).s));
	json_object_set_new(o, "action", json_string(ka_name_action(rec->action)));
	if (rule) {
		json_object_set_new(o, "object", text(rule->object));
		json_object_set_new(o, "readOnly", json_boolean(rule->readonly));
		json_object_set_new(o, "recursive", json_boolean(rule->recursive));
	}
	if (from)
		json_object_set_new(o, "source", text(from->path));
	if (rec->severity)
		json_object_set_new(o, "severity", json_integer(rec->severity));
	if (ka_image_str(r, rec->message)[0])
		json_object_set_new(o, "message", text(ka_image_str(r, rec->message)));
	if (ka_image_str(r, rec->tags)[0])
		json_object_set_new(o, "tags", text(ka_image_str(r, rec->tags)));
	return o;
}

static json_t *policies_json(const struct subject *s)
{
	const struct ka_reader *r = &s->bundle.reader;
	json_t *all = json_array();
	uint32_t rule = 0;

	for (uint32_t i = 0; i < r->head->policies.count; i++) {
		const struct ka_policy_rec *p = ka_image_policy(r, i);
		json_t *o = json_object(), *labels = json_object(), *rules = json_array();

		for (uint32_t k = 0; k < p->nlabels; k++) {
			const struct ka_label_rec *l = ka_image_label(r, p->labels + k);
			const char *key = ka_image_str(r, l->key);

			json_object_setn_new_nocheck(labels, key, strlen(key),
						     text(ka_image_str(r, l->value)));
		}
		for (; rule < r->head->rules.count && ka_image_rule(r, rule)->policy == i; rule++)
			json_array_append_new(rules, rule_json(s, rule));
		json_object_set_new(o, "name", text(ka_name_policy(r, i).s));
		json_object_set_new(o, "mode",
				    json_string(p->flags & KA_POL_WOULD ? "audit" : "enforce"));
		json_object_set_new(o, "labels", labels);
		json_object_set_new(o, "rules", rules);
		json_array_append_new(all, o);
	}
	return all;
}

static json_t *automaton_json(const struct ka_image *h)
{
	json_t *o = json_object();

	json_object_set_new(o, "states", json_integer(h->states));
	json_object_set_new(o, "edges", json_integer(h->edges_used));
	json_object_set_new(o, "rows", json_integer(h->rows));
	json_object_set_new(o, "rowBytes", json_integer(h->row_bytes));
	json_object_set_new(o, "names", json_integer(h->names));
	return o;
}

static int print_json(const struct subject *s)
{
	const struct ka_image *h = s->bundle.reader.head;
	json_t *o = json_object(), *hooks = json_array(), *objects = json_array(),
	       *sources = json_array();

	for (unsigned int f = 0; f < KA_FAMILY__MAX; f++)
		if (h->hooks & 1u << f)
			json_array_append_new(hooks, json_string(ka_family_str((enum ka_family)f)));
	for (size_t i = 0; i < s->bundle.nobjects; i++) {
		json_t *object = json_object();

		json_object_set_new(object, "name", text(s->bundle.objects[i].name));
		json_object_set_new(object, "bytes",
				    json_integer((json_int_t)s->bundle.objects[i].size));
		json_array_append_new(objects, object);
	}
	for (uint32_t c = 1; c <= h->sources.count; c++)
		json_array_append_new(sources, text(ka_image_source(&s->bundle.reader, c)));
	json_object_set_new(o, "bundle", text(s->name));
	json_object_set_new(o, "bytes", json_integer((json_int_t)s->bundle.size));
	json_object_set_new(o, "version", json_integer(KA_BUNDLE_VERSION));
	json_object_set_new(o, "abi", json_integer(h->abi));
	json_object_set_new(o, "digest", json_string(ka_name_digest(s->bundle.digest).s));
	json_object_set_new(o, "generation", json_string(ka_name_digest(h->digest).s));
	json_object_set_new(o, "imageBytes", json_integer((json_int_t)s->bundle.image_size));
	json_object_set_new(o, "mapBytes",
			    json_integer((json_int_t)(s->bundle.image_capacity + KA_IMAGE_SLACK)));
	json_object_set_new(o, "automaton", automaton_json(h));
	json_object_set_new(o, "hooks", hooks);
	json_object_set_new(o, "objects", objects);
	json_object_set_new(o, "sources", sources);
	json_object_set_new(o, "policies", policies_json(s));
	return ka_print_json(o);
}

/* ---- files ---- */

static int write_file(const char *dir, const char *name, const char *suffix, const void *bytes,
		      size_t size)
{
	char path[4096];
	int r;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s%s", dir, name, suffix) >= sizeof(path))
		r = -ENAMETOOLONG;
	else
		r = ka_file_replace(path, bytes, size);
	if (r < 0) {
		ka_error("cannot write '%s%s' in '%s': %s", name, suffix, dir, strerror(-r));
		return KA_EXIT_NOT_APPLIED;
	}
	return KA_EXIT_OK;
}

/* Objects have the names that the bundle's sections give them; none may leave the directory. */
static bool is_plain(const char *name)
{
	return name[0] && name[0] != '.' && !strchr(name, '/');
}

static int extract(const struct subject *s, const char *dir)
{
	const struct ka_bundle *b = &s->bundle;
	int r = KA_EXIT_OK;

	if (mkdir(dir, 0777) < 0 && errno != EEXIST) {
		ka_error("cannot make directory '%s': %s", dir, strerror(errno));
		return KA_EXIT_NOT_APPLIED;
	}
	for (size_t i = 0; i < b->nobjects && !r; i++) {
		if (!is_plain(b->objects[i].name)) {
			ka_error("'%s' has an object without a usable name", s->name);
			return KA_EXIT_INPUT;
		}
		r = write_file(dir, b->objects[i].name, ".bpf.o", b->objects[i].data,
			       b->objects[i].size);
	}
	/* the whole value of the map, as the loader writes it */
	if (!r)
		r = write_file(dir, "ka_images", ".bin", b->image,
			       b->image_capacity + KA_IMAGE_SLACK);
	return r ? r : write_file(dir, "policies", ".yaml", b->policy, b->policy_len);
}

/* ---- the command ---- */

static int read_subject(struct subject *s)
{
	struct ka_source src;
	char err[256] = "";
	int r = ka_bundle_read(s->name, &s->bundle, err, sizeof(err));

	if (r < 0) {
		ka_error("cannot read '%s': %s", s->name, err[0] ? err : strerror(-r));
		return KA_EXIT_INPUT;
	}
	if (ka_ctx_init(&s->ctx) < 0) {
		ka_error("out of memory");
		return KA_EXIT_NOT_APPLIED;
	}
	src = (struct ka_source){s->name, s->bundle.policy, s->bundle.policy_len};
	r = ka_policies_read(&s->ctx, &src, &s->policies);
	if (!r)
		r = ka_policies_finish(&s->ctx, &s->policies);
	return r < 0 ? ka_report_failure(&s->ctx) : KA_EXIT_OK;
}

static int inspect(struct subject *s, const struct opts *o)
{
	int r = read_subject(s);

	if (r)
		return r;
	if (o->extract)
		r = extract(s, o->extract);
	if (r)
		return r;
	if (o->format == KA_FORMAT_JSON)
		return print_json(s);
	print_head(s);
	print_policies(s);
	return KA_EXIT_OK;
}

static int run(const struct ka_command *cmd, int argc, char **argv)
{
	KA_STRINGS struct ka_strings operands = {};
	struct subject s = {};
	struct opts o = {};
	int r = ka_opts_parse(cmd, argc, argv, &o, &operands);

	if (r != KA_OPTS_GO)
		return r;
	if (operands.n != 1)
		return ka_usage_error(cmd, "name one bundle");
	s.name = operands.v[0];
	r = inspect(&s, &o);
	ka_ctx_done(&s.ctx);
	ka_bundle_done(&s.bundle);
	return r;
}

const struct ka_command ka_cmd_inspect = {
	.name = "inspect",
	.args = "BUNDLE",
	.summary = "show what is in a bundle",
	.help = "Shows the policies and rules, the hooks that they need, the automaton's size and the\n"
		"digests. --extract writes files that bpftool and readelf understand:\n"
		"  <family>.<variant>.bpf.o  the BPF objects\n"
		"  ka_images.bin             the value of the map that they read\n"
		"  policies.yaml             the policies\n"
		"Exit status: 0 shown, 2 usage, 3 the bundle cannot be read.",
	.group = KA_GROUP_FILES,
	.options = options,
	.run = run,
};
