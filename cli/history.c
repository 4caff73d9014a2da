// SPDX-License-Identifier: Apache-2.0
#include "history.h"

#include "../compiler/policy/policy.h"
#include "files.h"
#include "names.h"
#include "report.h"
#include "workloads.h"

#define NUMBER 24 /* bytes of a number as text */

struct saving {
	struct ka_node_handle *h;
	uint32_t root;
	const struct ka_reader *r;
	const json_t *before;
	json_t *after;
};

static const char *number(uint32_t n, char text[NUMBER])
{
	snprintf(text, NUMBER, "%u", n);
	return text;
}

static void set(json_t *o, const char *key, const char *value)
{
	json_object_set_new(o, key, ka_json_bytes(value, strlen(value)));
}

json_t *ka_history_rule_of(const struct ka_reader *r, uint32_t rule)
{
	const struct ka_rule_rec *rec = ka_image_rule(r, rule);
	const struct ka_policy_rec *p = rec ? ka_image_policy(r, rec->policy) : NULL;
	json_t *o;

	if (!p)
		return NULL;
	o = json_object();
	set(o, "policy", ka_name_policy(r, rec->policy).s);
	set(o, "kind", ka_kind_str((enum ka_kind)p->kind));
	set(o, "namespace", ka_image_str(r, p->ns));
	set(o, "name", ka_image_str(r, p->name));
	set(o, "rule", ka_name_place(rec).s);
	if (rec->severity)
		json_object_set_new(o, "severity", json_integer(rec->severity));
	if (*ka_image_str(r, rec->message))
		set(o, "message", ka_image_str(r, rec->message));
	if (*ka_image_str(r, rec->tags))
		set(o, "tags", ka_image_str(r, rec->tags));
	return o;
}

/* ---- looking up ---- */

/* The key is drawn at the first load, so it tells one life of the maps from the next. */
static uint32_t life_of(const struct ka_node_handle *h)
{
	uint64_t mixed = h->root->key[0] ^ h->root->key[1];

	return (uint32_t)(mixed ^ mixed >> 32);
}

json_t *ka_history_load(const struct ka_node_handle *h)
{
	json_t *o = json_load_file(KA_HISTORY, 0, NULL);

	if (json_is_object(o) &&
	    json_integer_value(json_object_get(o, "life")) == (json_int_t)life_of(h))
		return o;
	json_decref(o);
	return json_object();
}

json_t *ka_history_rule(const json_t *history, uint32_t root, uint32_t rule)
{
	char text[NUMBER];
	json_t *rules = json_object_get(json_object_get(history, "rules"), number(root, text));

	return json_object_get(rules, number(rule, text));
}

json_t *ka_history_workload(const json_t *history, uint32_t id)
{
	char text[NUMBER];

	return json_object_get(json_object_get(history, "workloads"), number(id, text));
}

/* ---- writing down ---- */

static json_t *member(json_t *o, const char *key)
{
	json_t *m = json_object_get(o, key);

	if (!m) {
		m = json_object();
		json_object_set_new(o, key, m);
	}
	return m;
}

static void keep_rule(struct saving *s, const struct ka_event *ev)
{
	char root[NUMBER], rule[NUMBER];
	json_t *known;

	if (ev->rule == KA_NO_RULE)
		return;
	known = s->r && ev->root == s->root
			? ka_history_rule_of(s->r, ev->rule)
			: json_incref(ka_history_rule(s->before, ev->root, ev->rule));
	if (!known)
		return;
	number(ev->root, root);
	number(ev->rule, rule);
	json_object_set_new(member(member(s->after, "rules"), root), rule, known);
}

static json_t *workload_json(const struct saving *s, uint32_t id)
{
	struct ka_workload w;
	json_t *o;

	if (ka_node_workload(s->h, id, &w) < 0)
		return NULL;
	o = json_object();
	w.ns[sizeof(w.ns) - 1] = w.name[sizeof(w.name) - 1] = '\0';
	set(o, "namespace", w.ns);
	set(o, "name", w.name);
	return o;
}

static int keep(const struct ka_event *ev, void *arg)
{
	struct saving *s = arg;
	json_t *workloads = member(s->after, "workloads"), *known;
	char id[NUMBER];

	keep_rule(s, ev);
	number(ev->workload, id);
	if (ev->workload < KA_WORKLOAD_FIRST || json_object_get(workloads, id))
		return 0;
	known = json_incref(ka_history_workload(s->before, ev->workload));
	if (!known)
		known = workload_json(s, ev->workload);
	if (known)
		json_object_set_new(workloads, id, known);
	return 0;
}

void ka_history_save(struct ka_node_handle *h, uint32_t root, const struct ka_reader *r)
{
	json_t *before = ka_history_load(h), *after = json_object();
	struct saving s = {.h = h, .root = root, .r = r, .before = before, .after = after};

	json_object_set_new(after, "life", json_integer(life_of(h)));
	if (ka_node_records(h, 0, keep, &s) >= 0 && !json_equal(before, after)) {
		char *text = json_dumps(after, JSON_COMPACT | JSON_SORT_KEYS);

		if (text && ka_file_replace(KA_HISTORY, text, strlen(text)) < 0)
			unlink(KA_HISTORY);
		free(text);
	}
	json_decref(before);
	json_decref(after);
}
