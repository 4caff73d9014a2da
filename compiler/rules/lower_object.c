// SPDX-License-Identifier: Apache-2.0
#include "lower.h"

/* Rules that may be widened on suspicion: what they do is to deny or to report. */
static bool is_strict(const struct ka_rule *r)
{
	return r->action != KA_EFFECT_ALLOW;
}

/* ---- literal paths and directories ---- */

static int add_node(struct ka_lowered *l, const struct ka_path *path, struct ka_places *ret)
{
	if (!ka_lower_possible(path))
		return 0;
	if (!ka_grow(l->ctx, &ret->nodes, &ret->cap, ret->n + 1, sizeof(*ret->nodes)))
		return -ENOMEM;
	return ka_nfa_node(&l->nfa, path, &ret->nodes[ret->n++]);
}

static int check_shared(struct ka_lowered *l, const struct ka_at *at, const struct ka_path *path,
			const struct ka_names *names)
{
	const struct ka_path *target = names->n ? &names->v[names->n - 1] : path;
	const char *others;
	struct ka_diag *d;
	int r;

	if (!names->link.n || at->rule->action != KA_EFFECT_BLOCK || l->opts->follow_shared)
		return 0;
	r = ka_links_shared(l->links, &names->link, target, &others);
	if (r < 0 || !others)
		return r;
	d = ka_diag(l->ctx, KA_D_SHARED_TARGET, at->rule->loc, at->rule->object,
		    ka_path_join(l->ctx, target), others);
	ka_diag_hint(l->ctx, d, "'--follow-shared' blocks all of these names");
	return 0;
}

static int lower_path(struct ka_lowered *l, const struct ka_at *at, const struct ka_path *path,
		      struct ka_places *ret)
{
	bool dir = ret->cover != KA_COVER_EXACT;
	struct ka_names names;
	int r = add_node(l, path, ret)
			?: ka_links_names(l->links, path, is_strict(at->rule), &names);

	for (uint32_t i = 0; r >= 0 && i < names.n; i++) {
		const char *target = ka_path_join(l->ctx, &names.v[i]);

		if (!target)
			return -ENOMEM;
		if (dir)
			target = ka_sprintf(l->ctx, "%s/", names.v[i].n ? target : "");
		if (!target)
			return -ENOMEM;
		r = add_node(l, &names.v[i], ret)
			    ?: ka_lower_alias(l, at, NULL, at->rule->object, target, names.fixed);
	}
	if (r < 0 || dir)
		return r;
	return check_shared(l, at, path, &names);
}

/* ---- patterns ---- */

static int name_part(struct ka_lowered *l, uint32_t glob, struct ka_part *ret)
{
	char name[KA_MAX_NAME];
	size_t len;

	if (!ka_glob_name(&l->nfa.globs, glob, name, &len))
		return 0;
	/* No resolved path has such a component: it is not the way to a link either. */
	if ((len == 1 || len == 2) && !memcmp(name, "..", len))
		return 0;
	ret->len = len;
	ret->name = ka_strndup(l->ctx, name, len);
	return ret->name ? 1 : -ENOMEM;
}

/* The literal components that an alternative begins with. */
static int literal_prefix(struct ka_lowered *l, const struct ka_alt *alt, struct ka_path *ret)
{
	int r;

	ret->n = 0;
	ret->parts = ka_calloc(l->ctx, alt->n, sizeof(*ret->parts));
	if (!ret->parts)
		return -ENOMEM;
	while (ret->n < alt->n && !alt->comps[ret->n].loop) {
		r = name_part(l, alt->comps[ret->n].glob, &ret->parts[ret->n]);
		if (r <= 0)
			return r;
		ret->n++;
	}
	return 0;
}

/* The alternative with another prefix in place of its first `skip` components. */
static int add_alias(struct ka_lowered *l, uint32_t object, const struct ka_alt *alt, uint32_t skip,
		     const struct ka_path *prefix)
{
	struct ka_alt other = {.n = prefix->n + alt->n - skip, .tail = alt->tail};
	int r;

	if (!ka_lower_possible(prefix))
		return 0;
	other.comps = ka_calloc(l->ctx, other.n, sizeof(*other.comps));
	if (!other.comps)
		return -ENOMEM;
	for (uint32_t i = 0; i < prefix->n; i++) {
		r = ka_glob_of_name(&l->nfa.globs, prefix->parts[i].name, prefix->parts[i].len,
				    &other.comps[i].glob);
		if (r < 0)
			return r;
	}
	if (alt->n > skip)
		memcpy(other.comps + prefix->n, alt->comps + skip,
		       (alt->n - skip) * sizeof(*other.comps));
	return ka_nfa_alt(&l->nfa, object, &other);
}

static int remember(struct ka_lowered *l, uint32_t object, const struct ka_path *from,
		    const struct ka_path *to)
{
	struct ka_prefixes *p = &l->prefixes[object];
	const char *a = ka_path_join(l->ctx, from), *b = ka_path_join(l->ctx, to);

	if (!a || !b)
		return -ENOMEM;
	for (uint32_t i = 0; i < p->n; i++)
		if (!strcmp(p->from[i], a) && !strcmp(p->to[i], b))
			return 0;
	if (!ka_grow(l->ctx, &p->from, &p->cap, p->n + 1, sizeof(char *)) ||
	    !ka_grow(l->ctx, &p->to, &p->to_cap, p->n + 1, sizeof(char *)))
		return -ENOMEM;
	p->from[p->n] = a;
	p->to[p->n++] = b;
	return 0;
}

static int add_alt(struct ka_lowered *l, uint32_t object, const struct ka_alt *alt, bool strict)
{
	struct ka_names names;
	struct ka_path prefix;
	int r = ka_nfa_alt(&l->nfa, object, alt)
			?: literal_prefix(l, alt, &prefix)
			?: ka_links_names(l->links, &prefix, strict, &names);

	for (uint32_t i = 0; r >= 0 && i < names.n; i++)
		r = add_alias(l, object, alt, prefix.n, &names.v[i])
			    ?: remember(l, object, &prefix, &names.v[i]);
	return r;
}

static int parse(struct ka_lowered *l, const struct ka_rule *rule, struct ka_pattern *ret)
{
	const char *error = "";
	int r = ka_pattern_parse(&l->nfa.globs, rule->object, ret, &error);

	if (r == -EINVAL)
		ka_diag(l->ctx, KA_D_PATTERN_SYNTAX, rule->loc, rule->object, error);
	else if (r == -E2BIG)
		ka_diag(l->ctx, KA_D_PATTERN_ALTERNATIVES, rule->loc, rule->object,
			KA_PATTERN_ALTS);
	return r;
}

static int lower_pattern(struct ka_lowered *l, const struct ka_at *at, struct ka_places *ret)
{
	bool strict = is_strict(at->rule), fixed = l->opts->root_fd < 0, fresh;
	struct ka_pattern pattern;
	struct ka_path path;
	int r = parse(l, at->rule, &pattern);

	if (r == -EINVAL || r == -E2BIG)
		return 0; /* a diagnostic says so */
	if (r < 0)
		return r;
	if (!pattern.wild && pattern.n == 1) {
		r = literal_prefix(l, &pattern.alts[0], &path);
		if (r < 0 || path.n == pattern.alts[0].n)
			return r < 0 ? r : lower_path(l, at, &path, ret);
	}
	r = ka_nfa_object(&l->nfa, at->rule->object,
			  fixed && strict ? KA_SPELT_ALIASED : KA_SPELT_PATTERN, &ret->object,
			  &fresh);
	if (r < 0)
		return r;
	if (!ka_grow(l->ctx, &l->prefixes, &l->prefixes_cap, ret->object + 1, sizeof(*l->prefixes)))
		return -ENOMEM;
	for (uint32_t i = 0; fresh && r >= 0 && i < pattern.n; i++)
		r = add_alt(l, ret->object, &pattern.alts[i], strict);
	for (uint32_t i = 0; r >= 0 && i < l->prefixes[ret->object].n; i++)
		r = ka_lower_alias(l, at, NULL, l->prefixes[ret->object].from[i],
				   l->prefixes[ret->object].to[i], fixed);
	return r;
}

/* ---- execnames: the last component, wherever it is ---- */

static int lower_execname(struct ka_lowered *l, const struct ka_rule *rule, struct ka_places *ret)
{
	struct ka_comp comp = {.loop = true};
	struct ka_alt alt = {.comps = &comp, .n = 1};
	bool fresh;
	int r = ka_nfa_object(&l->nfa, rule->object, KA_SPELT_EXECNAME, &ret->object, &fresh);

	if (r < 0 || !fresh)
		return r;
	return ka_glob_of_name(&l->nfa.globs, rule->object, strlen(rule->object), &comp.glob)
		       ?: ka_nfa_alt(&l->nfa, ret->object, &alt);
}

int ka_lower_object(struct ka_lowered *l, const struct ka_at *at, struct ka_places *ret)
{
	const struct ka_rule *rule = at->rule;
	struct ka_path path;
	int r;

	*ret = (struct ka_places){.object = KA_NO_OBJECT, .cover = KA_COVER_EXACT};
	if (rule->execname)
		return lower_execname(l, rule, ret);
	if (rule->list == KA_LIST_PATTERNS)
		return lower_pattern(l, at, ret);
	if (rule->list == KA_LIST_DIRECTORIES)
		ret->cover = rule->recursive ? KA_COVER_TREE : KA_COVER_DIR;
	r = ka_path_split(l->ctx, rule->object, &path);
	return r < 0 ? r : lower_path(l, at, &path, ret);
}
