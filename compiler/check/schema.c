// SPDX-License-Identifier: Apache-2.0
/*
 * The walk through a document along its kind's table. It meets every good value, so it only
 * looks here; what it finds wrong is said in schema_say.c and schema_home.c.
 */
#include "schema_check.h"

const struct ka_schema *ka_schema_of_kind(const char *kind)
{
	for (size_t i = 0; i < ka_schema_nkinds; i++)
		if (!strcmp(ka_schema_kinds[i].name, kind))
			return ka_schema_kinds[i].schema;
	return NULL;
}

static int place_of(const struct ka_schema *map, const char *name, size_t len)
{
	return map->at ? map->at[ka_schema_name(name, len)] - 1 : -1;
}

const struct ka_schema_field *ka_schema_field(const struct ka_schema *map, const char *name,
					      size_t len)
{
	int place = place_of(map, name, len);

	return place < 0 ? NULL : &map->fields[place];
}

bool ka_node_int(const struct ka_node *n, long long *ret)
{
	const char *s;

	if (!n || n->type != KA_NODE_INT || n->len > 15)
		return false;
	s = n->str + (n->str[0] == '-');
	if (s[0] == '0' && s[1])
		return false;
	if (!*s || strspn(s, "0123456789") != strlen(s))
		return false;
	*ret = strtoll(n->str, NULL, 10);
	return true;
}

static bool has_type(const struct ka_node *n, enum ka_schema_type type)
{
	static const enum ka_node_type types[] = {
		[KA_SCHEMA_STRING] = KA_NODE_STRING, [KA_SCHEMA_INT] = KA_NODE_INT,
		[KA_SCHEMA_BOOL] = KA_NODE_BOOL,     [KA_SCHEMA_LIST] = KA_NODE_SEQ,
		[KA_SCHEMA_MAP] = KA_NODE_MAP,
	};

	return n->type == types[type];
}

static bool is_value(const struct ka_schema *s, const struct ka_node *n)
{
	const char *str = n->str;

	if (s->prefix && !strncasecmp(str, s->prefix, strlen(s->prefix)))
		str += strlen(s->prefix);
	for (const char *const *v = s->values; *v; v++)
		if (s->any_case ? !strcasecmp(*v, str) : !strcmp(*v, str))
			return true;
	return false;
}

/* ---- what must be there ---- */

static void no_value(struct ka_check *c, const struct ka_node *key)
{
	ka_diag(c->ctx, KA_D_NO_VALUE, key->loc, key->str);
}

static void missing(struct ka_check *c, struct ka_loc where, const char *name,
		    const struct ka_schema *field)
{
	struct ka_diag *d = ka_diag(c->ctx, KA_D_MISSING_FIELD, where, name);

	if (ka_check_kept(c, d) && field->example)
		ka_diag_hint(c->ctx, d, "for example: %s: %s", name, field->example);
}

static void check_required(struct ka_check *c, const struct ka_schema *s, struct ka_loc where,
			   uint64_t given)
{
	for (uint64_t left = s->required & ~given; left; left &= left - 1) {
		const struct ka_schema_field *f = &s->fields[__builtin_ctzll(left)];

		missing(c, where, f->name, f->schema);
	}
}

/* One of the two is given; that the other one is there without a value is worth a word. */
static void check_empty(struct ka_check *c, const struct ka_at *at)
{
	const struct ka_schema *s = at->schema;

	for (size_t i = 0; i < at->node->npairs; i++) {
		const struct ka_node *key = at->node->pairs[i].key;
		int place = place_of(s, key->str, key->len);

		if (place >= 0 && (at->empty & s->one_of) >> place & 1)
			no_value(c, key);
	}
}

static void check_one_of(struct ka_check *c, const struct ka_at *at, struct ka_loc where,
			 uint64_t given)
{
	const struct ka_schema *s = at->schema;
	uint64_t mine = given & s->one_of;
	uint64_t two = mine ? mine : s->one_of;
	const struct ka_schema_field *first, *second;
	const char *text = "";
	struct ka_diag *d;

	if (__builtin_popcountll(mine) == 1 && at->empty & s->one_of)
		check_empty(c, at);
	if (!s->one_of || __builtin_popcountll(mine) == 1)
		return;
	first = &s->fields[__builtin_ctzll(two)];
	second = &s->fields[__builtin_ctzll(two & (two - 1))];
	if (!c->full)
		text = ka_sprintf(c->ctx,
				  mine ? "'%s' and '%s' exclude each other"
				       : "field '%s' or '%s' is missing",
				  first->name, second->name);
	d = ka_diag(c->ctx, KA_D_ONE_OF_FIELDS, where, text ?: "");
	if (ka_check_kept(c, d) && !mine && first->schema->example)
		ka_diag_hint(c->ctx, d, "for example: %s: %s", first->name, first->schema->example);
}

/* Half of what is demanded is said elsewhere, so this is about what has nothing of it. */
static void check_also_required(struct ka_check *c, const struct ka_schema *also,
				const struct ka_node *n, const char *because)
{
	struct ka_diag *d;

	for (const char *const *v = also->values; *v; v++)
		if (ka_node_get(n, *v))
			return;
	d = ka_diag(c->ctx, KA_D_MISSING_FIELD, n->loc, also->values[0]);
	if (also->values[1])
		ka_diag_hint(c->ctx, d, "with '%s' it takes '%s' and '%s'", because,
			     also->values[0], also->values[1]);
}

/* As deep as the table, which is not deep. */
static void check_also(struct ka_check *c, const struct ka_schema *also, const struct ka_node *n,
		       const char *because)
{
	if (n->type == KA_NODE_SEQ && also->items) {
		for (size_t i = 0; i < n->nitems; i++)
			check_also(c, also->items, n->items[i], because);
	} else if (n->type == KA_NODE_MAP) {
		for (size_t i = 0; i < also->nfields; i++) {
			const struct ka_node *v = ka_node_get(n, also->fields[i].name);

			if (v)
				check_also(c, also->fields[i].schema, v, because);
		}
		if (also->values)
			check_also_required(c, also, n, because);
	}
}

/* ---- collections ---- */

static void check_node(struct ka_check *c, struct ka_at *at);

/* A null is no value. Whether the field counts as given. */
static bool check_null(struct ka_check *c, struct ka_at *map, int place, const struct ka_pair *p)
{
	const struct ka_schema *s = map->schema, *f = s->fields[place].schema;

	if (f->type == KA_SCHEMA_ANY)
		return true;
	if (f->min_items) {
		ka_check_few(c, f, p);
		return true;
	}
	map->empty |= 1ull << place;
	if (!((s->required | s->one_of) >> place & 1))
		no_value(c, p->key);
	return false;
}

/* Returns the bits of the fields that are given with it. */
static uint64_t check_pair(struct ka_check *c, struct ka_at *map, const struct ka_pair *p)
{
	const struct ka_schema *s = map->schema;
	int place = place_of(s, p->key->str, p->key->len);
	struct ka_at at = {.up = map, .node = p->value, .key = p->key};

	if (place < 0 && !s->items)
		return ka_check_unknown(c, map, p);
	at.schema = place < 0 ? s->items : s->fields[place].schema;
	if (place >= 0 && !s->items && p->value->type == KA_NODE_NULL)
		return (uint64_t)check_null(c, map, place, p) << place;
	if (p->value->type == KA_NODE_SEQ && p->value->nitems < at.schema->min_items)
		ka_check_few(c, at.schema, p);
	else
		check_node(c, &at);
	return place < 0 ? 0 : 1ull << place;
}

static void check_map(struct ka_check *c, struct ka_at *at)
{
	const struct ka_schema *s = at->schema;
	struct ka_loc where = at->key ? at->key->loc : at->node->loc;
	uint64_t given = 0;

	for (size_t i = 0; i < at->node->npairs; i++)
		given |= check_pair(c, at, &at->node->pairs[i]);
	check_required(c, s, where, given);
	check_one_of(c, at, where, given);
	if (s->also && given >> s->when & 1)
		check_also(c, s->also, at->node, s->fields[s->when].name);
}

static void check_list(struct ka_check *c, const struct ka_at *at)
{
	for (size_t i = 0; i < at->node->nitems; i++)
		check_node(c, &(struct ka_at){.up = at,
					      .schema = at->schema->items,
					      .node = at->node->items[i]});
}

static void check_node(struct ka_check *c, struct ka_at *at)
{
	const struct ka_schema *s = at->schema;
	long long v;

	if (s->type == KA_SCHEMA_ANY)
		return;
	if (!has_type(at->node, s->type))
		ka_check_type(c, at);
	else if (s->type == KA_SCHEMA_MAP)
		check_map(c, at);
	else if (s->type == KA_SCHEMA_LIST)
		check_list(c, at);
	else if (s->values && !is_value(s, at->node))
		ka_check_values(c, at);
	else if (s->type == KA_SCHEMA_INT &&
		 (!ka_node_int(at->node, &v) || v < s->min || v > s->max))
		ka_check_range(c, at);
}

void ka_schema_check(struct ka_ctx *ctx, const struct ka_schema *kind, const struct ka_node *root)
{
	struct ka_check c = {.ctx = ctx, .kind = kind};

	check_map(&c, &(struct ka_at){.schema = kind, .node = root});
}
