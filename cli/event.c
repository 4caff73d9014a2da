// SPDX-License-Identifier: Apache-2.0
#include "event.h"

#include <time.h>

#include "build.h"
#include "change.h"
#include "find.h"
#include "history.h"
#include "names.h"
#include "object.h"
#include "report.h"
#include "workloads.h"

#define SECOND 1000000000ll
#define ROUNDED (SECOND / 100)

/* ---- the source of records ---- */

static int64_t now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
}

/*
 * When the clock of the records was 0. Both clocks are read as near to each other as it goes, and
 * the rest is rounded away: the same record shows the same time whenever it is read.
 */
static int64_t boot_time(void)
{
	int64_t best = INT64_MAX, offset = 0;

	for (int i = 0; i < 32; i++) {
		int64_t before = now(CLOCK_BOOTTIME), real = now(CLOCK_REALTIME);
		int64_t gap = now(CLOCK_BOOTTIME) - before;

		if (gap >= best)
			continue;
		best = gap;
		offset = real - before - gap / 2;
	}
	return (offset + ROUNDED / 2) / ROUNDED * ROUNDED;
}

int ka_events_open(struct ka_events *e)
{
	struct ka_error err = {};
	int r = ka_node_open(&e->h, KA_OPEN_READ, &err);

	if (r == -ENOENT) {
		ka_error("nothing is in force on this node, so nothing is recorded");
		return KA_EXIT_NO;
	}
	if (r < 0)
		return ka_report_error(&err);
	if (ka_node_identify(&e->node, &err) < 0) {
		ka_node_close(&e->h);
		return ka_report_error(&err);
	}
	e->root = (uint32_t)e->h.root->value;
	e->boot_ns = boot_time();
	e->history = ka_history_load(&e->h);
	return KA_GO;
}

void ka_events_done(struct ka_events *e)
{
	if (!e->history)
		return;
	ka_node_close(&e->h);
	ka_node_done(&e->node);
	json_decref(e->history);
}

/* ---- one record ---- */

static void set(json_t *o, const char *key, const char *value)
{
	json_object_set_new(o, key, ka_json_bytes(value, strlen(value)));
}

static void set_int(json_t *o, const char *key, uint64_t value)
{
	json_object_set_new(o, key, json_integer((json_int_t)value));
}

/* RFC 3339 in UTC. */
static void set_time(const struct ka_events *e, const struct ka_event *ev, json_t *o)
{
	int64_t ns = e->boot_ns + (int64_t)ev->time;
	time_t seconds = (time_t)(ns / SECOND);
	char text[64], whole[80];
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm))
		snprintf(text, sizeof(text), "?");
	snprintf(whole, sizeof(whole), "%s.%03lldZ", text, (long long)(ns % SECOND) / 1000000);
	set(o, "time", whole);
}

static void set_rule(const struct ka_events *e, const struct ka_event *ev, json_t *o)
{
	json_t *rule;

	if (ev->rule == KA_NO_RULE)
		return;
	rule = ev->root == e->root ? ka_history_rule_of(&e->h.reader, ev->rule)
				   : json_incref(ka_history_rule(e->history, ev->root, ev->rule));
	if (rule)
		json_object_update_missing(o, rule);
	json_decref(rule);
	set_int(o, "ruleNumber", ev->rule);
}

static void set_workload(const struct ka_events *e, const struct ka_event *ev, json_t *o)
{
	json_t *w = json_object();
	struct ka_workload info;

	set_int(w, "id", ev->workload);
	if (ev->workload == KA_WORKLOAD_HOST) {
		set(w, "name", "host");
	} else if (ev->workload == KA_WORKLOAD_FOREIGN) {
		set(w, "name", "unregistered");
	} else if (!ka_node_workload(&e->h, ev->workload, &info)) {
		info.ns[sizeof(info.ns) - 1] = info.name[sizeof(info.name) - 1] = '\0';
		set(w, "namespace", info.ns);
		set(w, "name", info.name);
	} else {
		json_object_update(w, ka_history_workload(e->history, ev->workload));
	}
	json_object_set_new(o, "workload", w);
}

/* What made the category an allow-list: no rule decided, but these policies did. */
static json_t *allow_policies(const struct ka_events *e, const struct ka_event *ev)
{
	const struct ka_reader *r = &e->h.reader;
	struct ka_label_set *set;
	struct ka_labels labels;
	struct ka_workload w;
	struct ka_member m;
	json_t *a;

	if (ev->root != e->root || ev->category >= KA_CAT__MAX)
		return NULL;
	if (ev->workload >= KA_WORKLOAD_FIRST && ka_node_workload(&e->h, ev->workload, &w) < 0)
		return NULL;
	set = calloc(1, sizeof(*set));
	if (!set)
		return NULL;
	if (ev->workload >= KA_WORKLOAD_FIRST) {
		w.ns[sizeof(w.ns) - 1] = '\0';
		ka_label_set_parse(w.labels, set);
	}
	labels = ka_label_set_view(set);
	ka_member_make(r, &e->node, ev->workload >= KA_WORKLOAD_FIRST ? w.ns : NULL, &labels, &m);
	free(set);
	a = json_array();
	for (uint32_t i = 0; i < r->head->policies.count; i++)
		if ((m.policies[i / 64] >> (i % 64) & 1) &&
		    (ka_image_policy(r, i)->flags & KA_POL_ALLOWS(ev->category)))
			json_array_append_new(a, json_string(ka_name_policy(r, i).s));
	return a;
}

static void set_posture(const struct ka_events *e, const struct ka_event *ev, json_t *o)
{
	json_t *a = ev->reason == KA_WHY_POSTURE ? allow_policies(e, ev) : NULL;

	if (json_array_size(a))
		json_object_set(o, "policies", a);
	json_decref(a);
}

static void set_object(const struct ka_event *ev, json_t *o)
{
	switch (ev->category) {
	case KA_CAT_NETWORK:
		ka_object_socket(&ev->socket, o);
		break;
	case KA_CAT_CAPABILITIES:
		ka_object_capability(ev->capability, o);
		break;
	default:
		json_object_set_new(o, "path", ka_json_bytes(ev->path, ev->path_len));
		if (ev->path_full > ev->path_len)
			set_int(o, "pathBytes", ev->path_full);
	}
}

json_t *ka_event_json(const struct ka_events *e, const struct ka_event *ev)
{
	json_t *o = json_object();

	set_int(o, "seq", ev->seq - 1);
	set_time(e, ev, o);
	set(o, "verdict", ka_verdict_str(ev->verdict));
	set(o, "operation", ka_op_str(ev->op));
	set(o, "category", ka_name_category((enum ka_category)ev->category));
	set(o, "reason", ka_reason_str(ev->reason));
	set_object(ev, o);
	json_object_set_new(o, "source", ka_json_bytes(ev->source, ev->source_len));
	json_object_set_new(o, "comm",
			    ka_json_bytes(ev->comm, strnlen(ev->comm, sizeof(ev->comm))));
	set_int(o, "pid", ev->tgid);
	set_int(o, "tid", ev->pid);
	set_int(o, "ppid", ev->ppid);
	set_int(o, "uid", ev->uid);
	set_int(o, "generation", KA_ROOT_SEQ(ev->root));
	set_workload(e, ev, o);
	set_rule(e, ev, o);
	set_posture(e, ev, o);
	return o;
}

/* ---- as a line ---- */

static bool is_plain(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] <= ' ' || s[i] > '~' || strchr("\"\\'`,;()", s[i]))
			return false;
	return len;
}

void ka_print_word(FILE *out, const char *s, size_t len)
{
	if (is_plain(s, len)) {
		fwrite(s, 1, len, out);
		return;
	}
	fputc('"', out);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c == '\n')
			fputs("\\n", out);
		else if (c == '\t')
			fputs("\\t", out);
		else if (c < ' ' || c > '~')
			fprintf(out, "\\x%02x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

static void print_field(FILE *out, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	if (json_is_string(v))
		ka_print_word(out, json_string_value(v), json_string_length(v));
	else
		fprintf(out, "%lld", (long long)json_integer_value(v));
}

static void print_workload(FILE *out, const json_t *w)
{
	fputs(" in ", out);
	if (!json_object_get(w, "name")) {
		fputs("workload ", out);
		print_field(out, w, "id");
		return;
	}
	if (json_object_get(w, "namespace")) {
		print_field(out, w, "namespace");
		fputc('/', out);
	}
	print_field(out, w, "name");
}

static void print_allow_list(FILE *out, const json_t *o)
{
	const json_t *policies = json_object_get(o, "policies");

	if (json_array_size(policies))
		fprintf(out, ", %s allow-list", json_string_value(json_object_get(o, "category")));
	for (size_t i = 0; i < json_array_size(policies); i++) {
		const json_t *id = json_array_get(policies, i);

		fputs(i ? ", " : " of ", out);
		ka_print_word(out, json_string_value(id), json_string_length(id));
	}
}

static void print_why(FILE *out, const json_t *o)
{
	const json_t *message = json_object_get(o, "message");

	fputs(": ", out);
	if (json_object_get(o, "policy")) {
		print_field(out, o, "policy");
		fputc(' ', out);
		print_field(out, o, "rule");
	} else if (json_object_get(o, "ruleNumber")) {
		fputs("rule ", out);
		print_field(out, o, "ruleNumber");
		fputs(" of generation ", out);
		print_field(out, o, "generation");
	} else {
		const char *reason = json_string_value(json_object_get(o, "reason"));

		fputs(reason ? reason : "?", out);
		print_allow_list(out, o);
	}
	if (json_string_length(message)) {
		fputc(' ', out);
		ka_print_word(out, json_string_value(message), json_string_length(message));
	}
}

void ka_event_line(FILE *out, const json_t *o)
{
	fputc('#', out);
	print_field(out, o, "seq");
	fprintf(out, " %s %s: %s ", json_string_value(json_object_get(o, "time")),
		json_string_value(json_object_get(o, "verdict")),
		json_string_value(json_object_get(o, "operation")));
	if (json_object_get(o, "pathBytes"))
		fputs("...", out);
	print_field(out, o, json_object_get(o, "object") ? "object" : "path");
	fputs(" by ", out);
	print_field(out, o, json_string_length(json_object_get(o, "source")) ? "source" : "comm");
	fputs(" (pid ", out);
	print_field(out, o, "pid");
	fputs(", uid ", out);
	print_field(out, o, "uid");
	fputc(')', out);
	print_workload(out, json_object_get(o, "workload"));
	print_why(out, o);
	fputc('\n', out);
}

/* id: "Kind/ns/name" or "Kind/name" */
static bool id_names(const char *id, const char *policy)
{
	const char *slash = id ? strchr(id, '/') : NULL, *last = id ? strrchr(id, '/') : NULL;
	char ns[256] = "";

	if (!slash)
		return false;
	if (last != slash)
		snprintf(ns, sizeof(ns), "%.*s", (int)(last - slash - 1), slash + 1);
	for (int k = 0; k < KA_KIND__MAX; k++) {
		struct ka_policy p = {.kind = (enum ka_kind)k, .ns = ns, .name = last + 1};
		const char *kind = ka_kind_str(p.kind);

		if (strlen(kind) == (size_t)(slash - id) && !memcmp(kind, id, strlen(kind)))
			return ka_named(&p, policy);
	}
	return false;
}

bool ka_event_names(const json_t *o, const char *policy)
{
	const json_t *all = json_object_get(o, "policies");

	for (size_t i = 0; i < json_array_size(all); i++)
		if (id_names(json_string_value(json_array_get(all, i)), policy))
			return true;
	return id_names(json_string_value(json_object_get(o, "policy")), policy);
}
