// SPDX-License-Identifier: Apache-2.0
#include "workloads.h"

void ka_label_set_parse(const char *text, struct ka_label_set *ret)
{
	char *line, *rest;

	*ret = (struct ka_label_set){};
	/* The map is another's memory: no final NUL is taken for granted. */
	memcpy(ret->text, text, strnlen(text, sizeof(ret->text) - 1));
	rest = ret->text;
	while ((line = strsep(&rest, "\n")) && ret->n < KA_MAX_LABELS) {
		char *value = line;
		char *key = strsep(&value, "=");

		if (!value)
			continue;
		ret->keys[ret->n] = key;
		ret->values[ret->n++] = value;
	}
}

struct ka_labels ka_label_set_view(const struct ka_label_set *s)
{
	return (struct ka_labels){s->keys, s->values, s->n};
}

void ka_workloads_done(struct ka_workloads *w)
{
	free(w->v);
	*w = (struct ka_workloads){};
}

static int by_id(const void *a, const void *b)
{
	const struct ka_live *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

int ka_workloads_read(struct ka_node_handle *h, struct ka_workloads *ret, struct ka_error *e)
{
	KA_FREE struct ka_live *live = NULL;
	size_t n = 0;
	int r = ka_node_tasks(h, &live, &n, e);

	if (r < 0)
		return r;
	if (n)
		qsort(live, n, sizeof(*live), by_id);
	ret->v = calloc(n + 1, sizeof(*ret->v));
	if (!ret->v)
		return ka_error_set(e, -ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		struct ka_member_of *m = &ret->v[ret->n];

		if (live[i].id == KA_WORKLOAD_HOST)
			ret->host_tasks = live[i].tasks;
		else if (live[i].id == KA_WORKLOAD_FOREIGN)
			ret->foreign_tasks = live[i].tasks;
		if (live[i].id < KA_WORKLOAD_FIRST || ka_node_workload(h, live[i].id, &m->info) < 0)
			continue;
		m->id = live[i].id;
		m->tasks = live[i].tasks;
		m->info.ns[sizeof(m->info.ns) - 1] = '\0';
		m->info.name[sizeof(m->info.name) - 1] = '\0';
		ka_label_set_parse(m->info.labels, &m->labels);
		ret->n++;
	}
	return 0;
}

size_t ka_workloads_selected(const struct ka_workloads *w, const struct ka_reader *r, uint32_t i)
{
	size_t n = 0;

	for (size_t k = 0; k < w->n; k++) {
		struct ka_labels labels = ka_label_set_view(&w->v[k].labels);

		n += ka_selects_workload(r, i, w->v[k].info.ns, &labels);
	}
	return n;
}
