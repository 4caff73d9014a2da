// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "inert.h"
#include "names.h"
#include "posture.h"
#include "report.h"
#include "status.h"

static void set(json_t *o, const char *key, const char *value)
{
	json_object_set_new(o, key, ka_json_bytes(value, strlen(value)));
}

static void set_int(json_t *o, const char *key, uint64_t value)
{
	json_object_set_new(o, key, json_integer((json_int_t)value));
}

static json_t *policies_json(const struct ka_status *s)
{
	const struct ka_reader *r = &s->h.reader;
	json_t *a = json_array();

	for (uint32_t i = 0; i < r->head->policies.count; i++) {
		const struct ka_policy_rec *p = ka_image_policy(r, i);
		json_t *o = json_object();

		set(o, "id", ka_name_policy(r, i).s);
		set(o, "kind", ka_kind_str((enum ka_kind)p->kind));
		set(o, "namespace", ka_image_str(r, p->ns));
		set(o, "name", ka_image_str(r, p->name));
		set(o, "mode", p->flags & KA_POL_WOULD ? "audit" : "enforce");
		if (p->kind == KA_KIND_HOST)
			json_object_set_new(o, "selectsNode",
					    json_boolean(ka_selects_node(r, i, &s->node)));
		else
			set_int(o, "workloads", ka_workloads_selected(&s->workloads, r, i));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *lists_json(const struct ka_status *s, const char *ns, const struct ka_labels *labels)
{
	struct ka_member m = {};
	json_t *o = json_object();

	ka_member_make(&s->h.reader, &s->node, ns, labels, &m);
	for (int cat = 0; cat < KA_CAT__MAX; cat++) {
		struct ka_posture_origin origin;
		json_t *list;

		if (!ka_posture_find(&s->h.reader, &s->node, m.policies, ns, (enum ka_category)cat,
				     &origin))
			continue;
		list = json_object();
		set(list, "posture", ka_name_posture(origin.posture));
		set(list, "from", origin.origin);
		json_object_set_new(o, ka_name_category((enum ka_category)cat), list);
	}
	return o;
}

static json_t *workloads_json(const struct ka_status *s)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->workloads.n; i++) {
		const struct ka_member_of *m = &s->workloads.v[i];
		struct ka_labels labels = ka_label_set_view(&m->labels);
		json_t *o = json_object(), *l = json_object();

		set_int(o, "id", m->id);
		set(o, "namespace", m->info.ns);
		set(o, "name", m->info.name);
		set_int(o, "tasks", m->tasks);
		set_int(o, "since", m->info.since);
		set_int(o, "pid", m->info.pid);
		for (size_t k = 0; k < labels.n; k++)
			set(l, labels.keys[k], labels.values[k]);
		json_object_set_new(o, "labels", l);
		json_object_set_new(o, "allowLists", lists_json(s, m->info.ns, &labels));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *counts_json(const struct ka_counts *c)
{
	static const char *const names[KA_COUNT__MAX] = {
		[KA_COUNT_DENIED] = "denied",       [KA_COUNT_WOULD] = "wouldDeny",
		[KA_COUNT_REPORTED] = "audited",    [KA_COUNT_UNESTABLISHED] = "unestablished",
		[KA_COUNT_UNDECIDED] = "undecided", [KA_COUNT_RETRIED] = "retried",
	};
	json_t *o = json_object();

	for (int i = 0; i < KA_COUNT__MAX; i++)
		if (names[i])
			set_int(o, names[i], c->v[i]);
	return o;
}

static json_t *rule_json(struct ka_ctx *ctx, const struct ka_policy *p, const struct ka_rule *rule,
			 const struct ka_from *from)
{
	json_t *o = json_object();

	set(o, "policy", ka_policy_id(ctx, p));
	set(o, "rule",
	    ka_rule_place(ctx, rule->section, rule->list, rule->index,
			  from ? from->index : KA_NO_FROM));
	return o;
}

struct inert_json {
	struct ka_ctx *ctx;
	json_t *a;
};

static void add_inert(const struct ka_inert *i, void *arg)
{
	struct inert_json *j = arg;
	json_t *o = rule_json(j->ctx, i->policy, i->rule, i->from);

	set(o, "path", i->path);
	set(o, "why", i->from ? "the source does not exist" : "the program does not exist");
	json_array_append_new(j->a, o);
}

static void add_detail(const struct ka_status *s, json_t *o)
{
	KA_CLOSE int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct inert_json inert = {(struct ka_ctx *)&s->ctx, json_array()};
	json_t *links = json_array();

	if (root >= 0)
		ka_inert_find(&s->policies, root, add_inert, &inert);
	for (size_t i = 0; i < s->compiled.naliases; i++) {
		const struct ka_alias *a = &s->compiled.aliases[i];
		json_t *l = rule_json(inert.ctx, a->policy, a->rule, a->from);

		set(l, "path", a->path);
		set(l, "target", a->target);
		json_object_set_new(l, "fixed", json_boolean(a->fixed));
		json_array_append_new(links, l);
	}
	json_object_set_new(o, "inert", inert.a);
	json_object_set_new(o, "links", links);
}

static json_t *gaps_json(const struct ka_probe *p)
{
	json_t *a = json_array();

	for (size_t i = 0; i < p->n; i++) {
		json_t *o;

		if (p->checks[i].ok)
			continue;
		o = json_object();
		set(o, "what", p->checks[i].what);
		set(o, "state", p->checks[i].state);
		json_array_append_new(a, o);
	}
	return a;
}

int ka_status_json(const struct ka_status *s)
{
	json_t *o = json_object(), *hooks = json_array();

	json_object_set_new(o, "inForce", json_boolean(s->attached));
	if (!s->attached) {
		json_decref(hooks);
		return ka_print_json(o);
	}
	set_int(o, "generation", s->sequence);
	set(o, "digest", ka_name_digest(s->h.reader.head->digest).s);
	set(o, "mode", ka_status_mode(s));
	for (size_t i = 0; i < s->pins.n; i++)
		json_array_append_new(hooks, json_string(ka_family_str(s->pins.v[i].family)));
	json_object_set_new(o, "hooks", hooks);
	json_object_set_new(o, "policies", policies_json(s));
	json_object_set_new(o, "workloads", workloads_json(s));
	set_int(o, "hostTasks", s->workloads.host_tasks);
	json_object_set_new(o, "hostAllowLists", lists_json(s, NULL, NULL));
	set_int(o, "unregisteredTasks", s->workloads.foreign_tasks);
	json_object_set_new(o, "counters", counts_json(&s->counts));
	if (s->readable)
		add_detail(s, o);
	else
		set(o, "unreadable", s->unreadable);
	json_object_set_new(o, "without", gaps_json(&s->probe));
	return ka_print_json(o);
}
