// SPDX-License-Identifier: Apache-2.0
/*
 * Fields that are unknown where they stand. Mostly they are known elsewhere: what is indented
 * wrongly becomes a field of its neighbour. So the first question is where it belongs.
 */
#include <stdarg.h>

#include "../base/suggest.h"
#include "schema_check.h"

#define PATH_BYTES 256u
#define HOMES 3u
#define LONGEST 64u
#define INTO_LIST 16u /* a field is rather moved into a mapping than into an item of a list */
#define HINT_BYTES 1024u
#define SHORTEST_PART 4u

/* Fields that have one cause are one diagnostic: bits of struct ka_at's told. */
enum group { GROUP_LABELS = 1, GROUP_OUTSIDE = 2 };

struct unknown {
	struct ka_check *c;
	struct ka_at *map;
	const struct ka_pair *pair;
	struct ka_diag *d;
	uint64_t stands_for; /* fields of the mapping that are not missing, since this is there */
};

/* Reports it, with what to do. */
static void say(struct unknown *u, const char *fmt, ...) KA_PRINTF(2, 3);
static void say(struct unknown *u, const char *fmt, ...)
{
	const struct ka_node *key = u->pair->key;
	char hint[HINT_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(hint, sizeof(hint), fmt, ap);
	va_end(ap);
	u->d = ka_diag(u->c->ctx, KA_D_UNKNOWN_FIELD, key->loc, key->str);
	if (ka_check_kept(u->c, u->d))
		ka_diag_hint(u->c->ctx, u->d, "%s", hint);
}

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

static bool say_same(struct unknown *u)
{
	int place = same_field(u->map->schema, u->pair->key->str);
	const struct ka_node *key = u->pair->key;
	const char *name;

	if (place < 0)
		return false;
	name = u->map->schema->fields[place].name;
	say(u, "write '%s'", name);
	if (u->d->message && ka_check_verbatim(key) && !ka_node_get(u->map->node, name))
		ka_diag_fix(u->c->ctx, u->d, key->loc.offset, key->loc.length, name);
	u->stands_for = 1ull << place;
	return true;
}

/* ---- labels without matchLabels ---- */

static int place_of(const struct ka_schema *s, const char *name)
{
	const struct ka_schema_field *f = ka_schema_field(s, name, strlen(name));

	return f ? (int)(f - s->fields) : -1;
}

static bool is_label(const struct ka_pair *pair)
{
	return pair->value->type < KA_NODE_NULL && !ka_schema_name(pair->key->str, pair->key->len);
}

static bool say_labels(struct unknown *u)
{
	int place = place_of(u->map->schema, "matchLabels");
	size_t n = 0;

	if (place < 0 || !is_label(u->pair))
		return false;
	u->stands_for = 1ull << place;
	if (u->map->told & GROUP_LABELS)
		return true;
	u->map->told |= GROUP_LABELS;
	for (size_t i = 0; i < u->map->node->npairs; i++)
		n += is_label(&u->map->node->pairs[i]);
	say(u, "did you mean to indent %s under 'matchLabels'?", n > 1 ? "these labels" : "this");
	return true;
}

/* A cluster policy has conditions only. */
static bool say_condition(struct unknown *u)
{
	const struct ka_node *value = u->pair->value;
	const struct ka_pair *label = u->pair;

	if (place_of(u->map->schema, "matchExpressions") < 0 ||
	    place_of(u->map->schema, "matchLabels") >= 0)
		return false;
	if (!strcmp(u->pair->key->str, "matchLabels"))
		label = value->type == KA_NODE_MAP && value->npairs ? value->pairs : NULL;
	else if (!is_label(u->pair))
		return false;
	if (label && label->value->type != KA_NODE_STRING)
		label = NULL;
	say(u, "write labels under 'matchExpressions': {key: label, operator: In, values: [%s=%s]}",
	    label ? label->key->str : "app", label ? label->value->str : "nginx");
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
		say(u, "this is under '%s' already: leave out this line", name);
		ka_diag_note(u->c->ctx, u->d, at->key->loc, "'%s' begins here", name);
		if (u->d->message && at == u->map)
			fix_repeated(u);
		return true;
	}
	return false;
}

/* The nearest mapping around this one that has the field; *ret: what is in it on the way here. */
static const struct ka_at *outside(const struct ka_at *map, const struct ka_node *key,
				   const struct ka_at **ret)
{
	*ret = map;
	for (const struct ka_at *at = map->up; at; at = at->up) {
		if (ka_schema_field(at->schema, key->str, key->len))
			return at;
		*ret = at->key ? at : *ret;
	}
	return NULL;
}

/* How many fields of the mapping are too deep as this one is. */
static size_t count_outside(const struct ka_at *map, const struct ka_at *home)
{
	const struct ka_at *inner;
	size_t n = 0;

	for (size_t i = 0; i < map->node->npairs; i++) {
		const struct ka_node *key = map->node->pairs[i].key;

		n += !ka_schema_field(map->schema, key->str, key->len) &&
		     outside(map, key, &inner) == home;
	}
	return n;
}

static bool is_inherited(const char *name)
{
	static const char *const names[] = {"action", "severity", "tags", "message"};

	for (size_t i = 0; i < KA_ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* What other rules and sections inherit, and this one has not. */
static bool say_not_here(struct unknown *u)
{
	const struct ka_schema *s = u->map->schema;
	size_t sentence = strcspn(s->description, ".");

	if (!ka_schema_field(s, "severity", 8) && !ka_schema_field(s, "action", 6))
		return false;
	say(u, "not here. %.*s", (int)sentence, s->description);
	return true;
}

/* A field of something around this mapping. */
static bool say_outside(struct unknown *u)
{
	const struct ka_at *inner, *home = outside(u->map, u->pair->key, &inner);
	char path[PATH_BYTES];
	size_t n;

	if (!home)
		return false;
	if (ka_schema_field(home->schema, "severity", 8) && is_inherited(u->pair->key->str) &&
	    say_not_here(u))
		return true;
	if (inner->key && inner->up == home && inner == u->map) {
		if (u->map->told & GROUP_OUTSIDE)
			return true;
		u->map->told |= GROUP_OUTSIDE;
		n = count_outside(u->map, home);
		if (n > 1)
			say(u,
			    "it and %zu more belong beside '%s', not under it: are they "
			    "indented too far?",
			    n - 1, inner->key->str);
		else
			say(u, "it belongs beside '%s', not under it: is it indented too far?",
			    inner->key->str);
	} else if (path_of(home, path)) {
		say(u, "it belongs under %s", path);
	} else {
		say(u, "it belongs at the top");
	}
	return true;
}

/* ---- what a rule is about ---- */

/* The list beside the one that this rule is in, whose rules are about such a field. */
static const struct ka_schema_field *list_about(const struct ka_schema *section, const char *name)
{
	for (size_t i = 0; i < section->nfields; i++) {
		const struct ka_schema *list = section->fields[i].schema;
		const struct ka_schema_field *f;

		if (list->type != KA_SCHEMA_LIST || list->items->type != KA_SCHEMA_MAP)
			continue;
		f = ka_schema_field(list->items, name, strlen(name));
		if (f &&
		    (list->items->required | list->items->one_of) >> (f - list->items->fields) & 1)
			return &section->fields[i];
	}
	return NULL;
}

/* `path` where a `dir` is due: the rule is in the wrong list, or its field has the wrong name. */
static bool say_object(struct unknown *u)
{
	const struct ka_schema *s = u->map->schema;
	uint64_t due = s->required | s->one_of;
	const struct ka_at *section = u->map->up ? u->map->up->up : NULL;
	const struct ka_schema_field *other, *own = due ? &s->fields[__builtin_ctzll(due)] : NULL;
	char path[PATH_BYTES];

	if (!own || !section || section->schema->type != KA_SCHEMA_MAP || u->map->key)
		return false;
	for (size_t i = 0; i < s->nfields; i++)
		if (due >> i & 1 && ka_node_get(u->map->node, s->fields[i].name))
			return false;
	other = list_about(section->schema, u->pair->key->str);
	if (!other)
		return false;
	path_of(section, path);
	say(u, "it belongs under %s.%s; here it is '%s'", path, other->name, own->name);
	u->stands_for = due;
	return true;
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
		size_t n = path_add(path, len, s->fields[i].name), deeper = depth + 1;

		if (sub->type == KA_SCHEMA_LIST) {
			n = path_add(path, n, "[]");
			sub = sub->items;
			deeper += INTO_LIST;
		}
		if (sub->type == KA_SCHEMA_MAP)
			find_homes(h, sub, path, n, deeper);
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
		say(u, "it belongs at the top");
	else if (h->n == 1)
		say(u, "it belongs under %s", one);
	else if (h->n == 2)
		say(u, "it belongs under %s or %s", one, h->paths[1]);
	else
		say(u, "it belongs under %s, %s or %s", one, h->paths[1], h->paths[2]);
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

/* "version" for apiVersion, "labels" for matchLabels: a part, if it is one of a single field. */
static bool say_part(struct unknown *u)
{
	const struct ka_schema *s = u->map->schema;
	char part[LONGEST], name[LONGEST];
	int found = -1;

	if (fold(u->pair->key->str, part) < SHORTEST_PART)
		return false;
	for (size_t i = 0; i < s->nfields; i++) {
		fold(s->fields[i].name, name);
		if (!strstr(name, part))
			continue;
		if (found >= 0)
			return false;
		found = (int)i;
	}
	if (found < 0)
		return false;
	say(u, "did you mean '%s'?", s->fields[found].name);
	u->stands_for = 1ull << found;
	return true;
}

/* Below this mapping, else below the nearest one around it. */
static bool say_elsewhere(struct unknown *u)
{
	const struct ka_node *key = u->pair->key;
	struct homes below = homes_below(u->map->schema, key, u->map), h = {};

	for (const struct ka_at *at = u->map->up; at && !h.n; at = at->up)
		if (at->schema->type == KA_SCHEMA_MAP)
			h = homes_below(at->schema, key, at);
	if (below.n && (!h.n || below.depth < INTO_LIST || h.depth >= INTO_LIST)) {
		say_homes(u, &below);
		u->stands_for = way_to(u->map, &below);
		return true;
	}
	if (!below.n && say_part(u))
		return true;
	if (h.n)
		say_homes(u, &h);
	return h.n;
}

static bool say_other_kind(struct unknown *u)
{
	for (size_t i = 0; i < ka_schema_nkinds; i++) {
		struct homes h = homes_below(ka_schema_kinds[i].schema, u->pair->key, NULL);

		if (!h.n || ka_schema_kinds[i].schema == u->c->kind)
			continue;
		say(u, "only %s has it, under %s", ka_schema_kinds[i].name, h.paths[0]);
		return true;
	}
	return false;
}

/* ---- spelling ---- */

static bool say_near(struct unknown *u)
{
	const struct ka_schema *s = u->map->schema;
	struct ka_suggest near = ka_suggest_for(u->pair->key->str, u->pair->key->len);

	for (size_t i = 0; i < s->nfields; i++)
		ka_suggest_try(&near, s->fields[i].name);
	if (!near.best || near.distance * 2 >= strlen(near.best))
		return false;
	say(u, "did you mean '%s'?", near.best);
	u->stands_for = 1ull << place_of(s, near.best);
	return true;
}

uint64_t ka_check_unknown(struct ka_check *c, struct ka_at *map, const struct ka_pair *pair)
{
	static bool (*const guesses[])(struct unknown *) = {
		say_same,    say_labels,    say_condition, say_repeated,   say_object,
		say_outside, say_elsewhere, say_near,      say_other_kind,
	};
	struct unknown u = {.c = c, .map = map, .pair = pair};

	if (c->full) {
		ka_diag(c->ctx, KA_D_UNKNOWN_FIELD, pair->key->loc, pair->key->str);
		return 0;
	}
	for (size_t i = 0; i < KA_ARRAY_SIZE(guesses); i++)
		if (guesses[i](&u))
			return u.stands_for;
	say(&u, "what can be here: %s", ka_check_fields(c, map->schema));
	return 0;
}
