// SPDX-License-Identifier: Apache-2.0
/*
 * Fields that are unknown where they stand. Mostly they are known elsewhere: what is indented
 * wrongly becomes a field of its neighbour. So the first question is where it belongs.
 */
#include "../base/suggest.h"
#include "schema_check.h"

#define PATH_BYTES 256u
#define HOMES 3u
#define LONGEST 64u

struct unknown {
	const struct ka_check *c;
	const struct ka_at *map;
	const struct ka_pair *pair;
	struct ka_diag *d;
};

/* ---- places as text ---- */

static size_t path_add(char *path, size_t len, const char *part)
{
	int n = snprintf(path + len, PATH_BYTES - len, "%s%s", len && part[0] != '[' ? "." : "",
			 part);

	return n < 0 || len + (size_t)n >= PATH_BYTES ? PATH_BYTES - 1 : len + (size_t)n;
}

/* "spec.file.matchPaths[]"; deep as the document may be, so from the root down. */
static size_t path_of(const struct ka_at *at, char *path)
{
	size_t len = at->up ? path_of(at->up, path) : 0;

	if (!at->up)
		path[0] = '\0';
	else
		len = path_add(path, len, at->key ? at->key->str : "[]");
	return len;
}

/* ---- the same name in another spelling ---- */

static size_t fold(const char *s, char *out)
{
	size_t n = 0;

	for (; *s && n < LONGEST - 1; s++)
		if (*s != '_' && *s != '-' && *s != ' ')
			out[n++] = *s >= 'A' && *s <= 'Z' ? (char)(*s - 'A' + 'a') : *s;
	out[n] = '\0';
	return n;
}

/* A field that differs in case, '_' and '-' alone; -1: none. */
static int same_field(const struct ka_schema *s, const char *name)
{
	char a[LONGEST], b[LONGEST];

	fold(name, a);
	for (size_t i = 0; *a && i < s->nfields; i++) {
		fold(s->fields[i].name, b);
		if (!strcmp(a, b))
			return (int)i;
	}
	return -1;
}

static uint64_t say_same(struct unknown *u, int place)
{
	const char *name = u->map->schema->fields[place].name;
	const struct ka_node *key = u->pair->key;

	ka_diag_hint(u->c->ctx, u->d, "write '%s'", name);
	if (ka_check_verbatim(key) && !ka_node_get(u->map->node, name))
		ka_diag_fix(u->c->ctx, u->d, key->loc.offset, key->loc.length, name);
	return 1ull << place;
}

/* ---- labels without matchLabels ---- */

static int place_of(const struct ka_schema *s, const char *name)
{
	const struct ka_schema_field *f = ka_schema_field(s, name, strlen(name));

	return f ? (int)(f - s->fields) : -1;
}

static bool is_label(const struct unknown *u)
{
	const struct ka_node *key = u->pair->key;

	return u->pair->value->type < KA_NODE_NULL && !ka_schema_name(key->str, key->len);
}

static bool say_label(struct unknown *u, uint64_t *ret)
{
	int place = place_of(u->map->schema, "matchLabels");

	if (place < 0 || !is_label(u))
		return false;
	ka_diag_hint(u->c->ctx, u->d, "did you mean to indent this under 'matchLabels'?");
	*ret = 1ull << place;
	return true;
}

/* A cluster policy has conditions only. */
static bool say_condition(struct unknown *u)
{
	const struct ka_node *labels = u->pair->value;
	bool all = !strcmp(u->pair->key->str, "matchLabels");

	if (place_of(u->map->schema, "matchExpressions") < 0 ||
	    place_of(u->map->schema, "matchLabels") >= 0 || (!all && !is_label(u)))
		return false;
	if (!all || labels->type != KA_NODE_MAP || !labels->npairs ||
	    labels->pairs[0].value->type != KA_NODE_STRING)
		ka_diag_hint(u->c->ctx, u->d,
			     "write labels under 'matchExpressions': "
			     "{key: label, operator: In, values: [app=nginx]}");
	else
		ka_diag_hint(u->c->ctx, u->d,
			     "write labels under 'matchExpressions': "
			     "{key: label, operator: In, values: [%s=%s]}",
			     labels->pairs[0].key->str, labels->pairs[0].value->str);
	return true;
}

/* ---- too deep ---- */

/* The line of a field that repeats the one around it can go: what follows stays indented. */
static void fix_repeated(struct unknown *u)
{
	const struct ka_node *key = u->pair->key, *value = u->pair->value;
	const struct ka_source *src = key->loc.source;
	uint32_t start = key->loc.offset - (key->loc.column - 1), stop;
	const char *nl;

	if (u->map->node->npairs != 1 || value->type != KA_NODE_MAP || !value->npairs ||
	    value->loc.line != key->loc.line + 1 || !ka_check_first_in_line(key) ||
	    !ka_check_first_in_line(value) || value->loc.column <= key->loc.column)
		return;
	nl = memchr(src->text + start, '\n', src->len - start);
	stop = nl ? (uint32_t)(nl - src->text) + 1 : start;
	/* nothing but the name and its colon: no comment, no anchor */
	if (stop > start && memchr(src->text + start, ':', stop - start) &&
	    strspn(src->text + key->loc.offset + key->loc.length, ": \r") ==
		    (size_t)(nl - (src->text + key->loc.offset + key->loc.length)))
		ka_diag_fix(u->c->ctx, u->d, start, stop - start, "");
}

static bool say_repeated(struct unknown *u)
{
	const char *name = u->pair->key->str;

	for (const struct ka_at *at = u->map; at; at = at->up) {
		if (!at->key || strcmp(at->key->str, name) != 0)
			continue;
		ka_diag_hint(u->c->ctx, u->d, "this is under '%s' already: leave out this line",
			     name);
		ka_diag_note(u->c->ctx, u->d, at->key->loc, "'%s' begins here", name);
		if (at == u->map)
			fix_repeated(u);
		return true;
	}
	return false;
}

/* A field of something around this mapping. */
static bool say_outside(struct unknown *u)
{
	const struct ka_node *key = u->pair->key;
	const struct ka_at *inner = u->map;
	char path[PATH_BYTES];

	for (const struct ka_at *at = u->map->up; at; at = at->up) {
		if (!ka_schema_field(at->schema, key->str, key->len)) {
			inner = at->key ? at : inner;
			continue;
		}
		if (inner->key && inner->up == at)
			ka_diag_hint(u->c->ctx, u->d,
				     "it belongs beside '%s', not under it: is it indented too "
				     "far?",
				     inner->key->str);
		else if (path_of(at, path))
			ka_diag_hint(u->c->ctx, u->d, "it belongs under %s", path);
		else
			ka_diag_hint(u->c->ctx, u->d, "it belongs at the top");
		return true;
	}
	return false;
}

/* ---- elsewhere ---- */

struct homes {
	const char *name;
	size_t len;
	char paths[HOMES][PATH_BYTES];
	size_t n;
	size_t depth; /* of those found: the nearest ones count */
};

static void add_home(struct homes *h, const char *path, size_t depth)
{
	if (depth < h->depth)
		h->n = 0;
	if (depth > h->depth || h->n == HOMES)
		return;
	h->depth = depth;
	memcpy(h->paths[h->n++], path, strlen(path) + 1);
}

/* Every mapping below a schema that has the field; schemas are trees of few levels. */
static void find_homes(struct homes *h, const struct ka_schema *s, char *path, size_t len,
		       size_t depth)
{
	if (ka_schema_field(s, h->name, h->len))
		add_home(h, path, depth);
	for (size_t i = 0; i < s->nfields; i++) {
		const struct ka_schema *sub = s->fields[i].schema;
		size_t n = path_add(path, len, s->fields[i].name);

		if (sub->type == KA_SCHEMA_LIST) {
			n = path_add(path, n, "[]");
			sub = sub->items;
		}
		if (sub->type == KA_SCHEMA_MAP)
			find_homes(h, sub, path, n, depth + 1);
		path[len] = '\0';
	}
}

static struct homes homes_below(const struct ka_schema *s, const struct ka_node *key,
				const struct ka_at *from)
{
	struct homes h = {.name = key->str, .len = key->len, .depth = SIZE_MAX};
	char path[PATH_BYTES] = "";

	find_homes(&h, s, path, from ? path_of(from, path) : 0, 0);
	return h;
}

static void say_homes(struct unknown *u, const struct homes *h)
{
	const char *one = h->paths[0];

	if (!*one)
		ka_diag_hint(u->c->ctx, u->d, "it belongs at the top");
	else if (h->n == 1)
		ka_diag_hint(u->c->ctx, u->d, "it belongs under %s", one);
	else if (h->n == 2)
		ka_diag_hint(u->c->ctx, u->d, "it belongs under %s or %s", one, h->paths[1]);
	else
		ka_diag_hint(u->c->ctx, u->d, "it belongs under %s, %s or %s", one, h->paths[1],
			     h->paths[2]);
}

/* The field of this mapping on the way to a home below it, so that it is not said to be missing. */
static uint64_t way_to(const struct ka_at *map, const struct homes *h)
{
	char path[PATH_BYTES];
	size_t len = path_of(map, path);
	const char *rest = h->paths[0] + len + (len && h->paths[0][len] == '.');
	int place = -1;

	for (size_t i = 0; i < map->schema->nfields; i++) {
		const char *name = map->schema->fields[i].name;

		if (!strncmp(rest, name, strlen(name)) && strchr(".[", rest[strlen(name)]))
			place = (int)i;
	}
	return place < 0 ? 0 : 1ull << place;
}

static bool say_below(struct unknown *u, uint64_t *ret)
{
	struct homes h = homes_below(u->map->schema, u->pair->key, u->map);

	if (!h.n)
		return false;
	say_homes(u, &h);
	*ret = way_to(u->map, &h);
	return true;
}

static bool say_elsewhere(struct unknown *u)
{
	struct homes h = homes_below(u->c->kind, u->pair->key, NULL);

	if (!h.n)
		return false;
	say_homes(u, &h);
	return true;
}

static bool say_other_kind(struct unknown *u)
{
	for (size_t i = 0; i < ka_schema_nkinds; i++) {
		struct homes h = homes_below(ka_schema_kinds[i].schema, u->pair->key, NULL);

		if (!h.n || ka_schema_kinds[i].schema == u->c->kind)
			continue;
		ka_diag_hint(u->c->ctx, u->d, "only %s has it, under %s", ka_schema_kinds[i].name,
			     h.paths[0]);
		return true;
	}
	return false;
}

/* ---- spelling ---- */

static bool say_near(struct unknown *u, uint64_t *ret)
{
	const struct ka_schema *s = u->map->schema;
	struct ka_suggest near = ka_suggest_for(u->pair->key->str, u->pair->key->len);

	for (size_t i = 0; i < s->nfields; i++)
		ka_suggest_try(&near, s->fields[i].name);
	if (!near.best)
		return false;
	ka_diag_hint(u->c->ctx, u->d, "did you mean '%s'?", near.best);
	*ret = 1ull << place_of(s, near.best);
	return true;
}

static void say_fields(struct unknown *u)
{
	const struct ka_schema *s = u->map->schema;
	char list[PATH_BYTES] = "";
	size_t len = 0;

	for (size_t i = 0; i < s->nfields && len < sizeof(list) - LONGEST; i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", len ? ", " : "",
					s->fields[i].name);
	ka_diag_hint(u->c->ctx, u->d, "what can be here: %s", list);
}

uint64_t ka_check_unknown(const struct ka_check *c, const struct ka_at *map,
			  const struct ka_pair *pair)
{
	struct unknown u = {.c = c, .map = map, .pair = pair};
	int same = same_field(map->schema, pair->key->str);
	uint64_t stands_for = 0;

	u.d = ka_diag(c->ctx, KA_D_UNKNOWN_FIELD, pair->key->loc, pair->key->str);
	if (same >= 0)
		return say_same(&u, same);
	if (say_label(&u, &stands_for) || say_condition(&u) || say_repeated(&u) ||
	    say_outside(&u) || say_below(&u, &stands_for) || say_near(&u, &stands_for) ||
	    say_elsewhere(&u) || say_other_kind(&u))
		return stands_for;
	say_fields(&u);
	return 0;
}
