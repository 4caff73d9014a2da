// SPDX-License-Identifier: Apache-2.0
#include "lower.h"

bool ka_lower_possible(const struct ka_path *path)
{
	for (uint32_t i = 0; i < path->n; i++)
		if (path->parts[i].len > KA_MAX_NAME)
			return false;
	return true;
}

/* One name of a source. */
static int add_name(struct ka_lowered *l, struct ka_lowered_from *f, const struct ka_path *path)
{
	const char *text = ka_path_join(l->ctx, path);
	int r;

	if (!text)
		return -ENOMEM;
	r = ka_intern(&l->sources, text, strlen(text) + 1, &f->sources[f->n]);
	f->paths[f->n++] = *path;
	return r;
}

static int lower_from(struct ka_lowered *l, const struct ka_at *at, const struct ka_from *from)
{
	struct ka_lowered_from *f;
	struct ka_names names;
	struct ka_path path;
	int r = ka_path_split(l->ctx, from->path, &path)
			?: ka_links_names(l->links, &path, false, &names);

	if (r < 0)
		return r;
	if (!ka_grow(l->ctx, &l->froms, &l->froms_cap, l->nfroms + 1, sizeof(*f)))
		return -ENOMEM;
	f = &l->froms[l->nfroms++];
	*f = (struct ka_lowered_from){.from = from};
	f->sources = ka_calloc(l->ctx, names.n + 1, sizeof(*f->sources));
	f->paths = ka_calloc(l->ctx, names.n + 1, sizeof(*f->paths));
	if (!f->sources || !f->paths)
		return -ENOMEM;
	r = add_name(l, f, &path);
	for (uint32_t i = 0; i < names.n && r >= 0; i++) {
		r = add_name(l, f, &names.v[i]);
		if (r >= 0)
			r = ka_lower_alias(l, at, from, from->path,
					   l->sources.items[f->sources[i + 1]].data, names.fixed);
	}
	return r;
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Classes are the places in the sorted table: no order of rules shows in them. */
static int number_classes(struct ka_lowered *l)
{
	uint32_t n = l->sources.n;
	KA_FREE uint32_t *order = calloc(n + 1, sizeof(*order));

	l->classes = ka_calloc(l->ctx, n + 1, sizeof(*l->classes));
	l->source_paths = ka_calloc(l->ctx, n + 1, sizeof(*l->source_paths));
	if (!order || !l->classes || !l->source_paths)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		l->source_paths[i] = l->sources.items[i].data;
	qsort(l->source_paths, n, sizeof(*l->source_paths), compare_paths);
	for (uint32_t i = 0, id; i < n; i++) {
		const char *text = l->source_paths[i];
		int r = ka_intern(&l->sources, text, strlen(text) + 1, &id);

		if (r < 0)
			return r;
		l->classes[id] = i + 1;
	}
	return 0;
}

int ka_lower_sources(struct ka_lowered *l)
{
	const struct ka_policies *p = l->policies;
	int r = 0;

	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < p->v[i]->nrules; k++) {
			struct ka_at at = {p->v[i], &p->v[i]->rules[k], i};

			for (size_t n = 0; n < at.rule->nfrom && r >= 0; n++)
				r = lower_from(l, &at, &at.rule->from[n]);
			if (r < 0)
				return r;
			if (l->sources.n > KA_MAX_SOURCES) {
				ka_diag(l->ctx, KA_D_TOO_MANY_SOURCES, at.rule->loc,
					KA_MAX_SOURCES);
				return -EINVAL;
			}
		}
	return number_classes(l);
}

int ka_lower_protect(struct ka_lowered *l, const struct ka_at *at, const struct ka_lowered_from *f,
		     uint32_t rule, bool integrity)
{
	const struct ka_clause name = {.rule = rule, .policy = at->number, .scope = KA_SCOPE__MAX};
	const struct ka_clause guard = {
		.rule = rule,
		.policy = at->number,
		.category = KA_CAT_FILE,
		.scope = KA_SCOPE_INTEGRITY,
		.effect = KA_EFFECT_BLOCK,
		.flags = KA_ENTRY_READONLY |
			 (l->policy_recs[at->number].flags & KA_POL_WOULD ? KA_ENTRY_WOULD : 0),
	};
	uint32_t node;
	int r = 0;

	for (uint32_t i = 0; i < f->n && r >= 0; i++) {
		if (!ka_lower_possible(&f->paths[i]))
			continue;
		r = ka_nfa_node(&l->nfa, &f->paths[i], &node);
		r = r < 0 ? r : ka_nfa_clause(&l->nfa, &l->nfa.nodes[node].named, &name);
		if (r >= 0 && integrity)
			r = ka_nfa_cover(&l->nfa, node, KA_COVER_EXACT, &guard);
	}
	return r;
}
