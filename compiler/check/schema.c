// SPDX-License-Identifier: Apache-2.0
#include "schema.h"

#include "../base/suggest.h"

/* Where in the document a check is: for "belongs under". */
struct at {
	const struct at *up;
	const char *key; /* NULL: an item of a list */
};

struct check {
	struct ka_ctx *ctx;
	const struct ka_schema *kind;
};

#define PATH_BYTES 256u

const struct ka_schema *ka_schema_of_kind(const char *kind)
{
	for (size_t i = 0; i < ka_schema_nkinds; i++)
		if (!strcmp(ka_schema_kinds[i].name, kind))
			return ka_schema_kinds[i].schema;
	return NULL;
}

static const char *type_str(enum ka_schema_type type)
{
	switch (type) {
	case KA_SCHEMA_STRING:
		return "a string";
	case KA_SCHEMA_INT:
		return "an integer";
	case KA_SCHEMA_BOOL:
		return "a boolean (true or false)";
	case KA_SCHEMA_LIST:
		return "a list";
	case KA_SCHEMA_MAP:
		return "a mapping";
	case KA_SCHEMA_ANY:
		break;
	}
	return "a value";
}

static bool has_type(const struct ka_node *n, enum ka_schema_type type)
{
	switch (type) {
	case KA_SCHEMA_STRING:
		return n->type == KA_NODE_STRING;
	case KA_SCHEMA_INT:
		return n->type == KA_NODE_INT;
	case KA_SCHEMA_BOOL:
		return n->type == KA_NODE_BOOL;
	case KA_SCHEMA_LIST:
		return n->type == KA_NODE_SEQ;
	case KA_SCHEMA_MAP:
		return n->type == KA_NODE_MAP;
	case KA_SCHEMA_ANY:
		return true;
	}
	return false;
}

/* ---- where a misplaced field belongs ---- */

static size_t path_add(char *path, size_t len, const char *part)
{
	int n = snprintf(path + len, PATH_BYTES - len, "%s%s", len && part[0] != '[' ? "." : "",
			 part);

	return n < 0 || len + (size_t)n >= PATH_BYTES ? PATH_BYTES - 1 : len + (size_t)n;
}

static size_t path_of(const struct at *at, char *path)
{
	size_t len;

	if (!at) {
		path[0] = '\0';
		return 0;
	}
	len = path_of(at->up, path);
	return path_add(path, len, at->key ? at->key : "[]");
}

/* Finds the first mapping below `s` that knows the field; path holds where it is. */
static bool find_home(const struct ka_schema *s, const char *name, char *path, size_t len)
{
	for (size_t i = 0; i < s->nfields; i++) {
		if (!strcmp(s->fields[i].name, name)) {
			path[len] = '\0';
			return true;
		}
	}
	for (size_t i = 0; i < s->nfields; i++) {
		const struct ka_schema *sub = s->fields[i].schema;
		size_t n;

		n = path_add(path, len, s->fields[i].name);
		if (sub->type == KA_SCHEMA_LIST) {
			n = path_add(path, n, "[]");
			sub = sub->items;
		}
		if (find_home(sub, name, path, n))
			return true;
	}
	return false;
}

static void hint_unknown(const struct check *c, const struct ka_schema *s, const struct at *at,
			 const struct ka_node *key, struct ka_diag *d)
{
	struct ka_suggest near = ka_suggest_for(key->str, key->len);
	char path[PATH_BYTES];

	for (size_t i = 0; i < s->nfields; i++)
		ka_suggest_try(&near, s->fields[i].name);
	if (near.best)
		ka_diag_hint(c->ctx, d, "did you mean '%s'?", near.best);
	else if (find_home(s, key->str, path, path_of(at, path)) ||
		 find_home(c->kind, key->str, path, 0))
		ka_diag_hint(c->ctx, d, "it belongs %s%s", path[0] ? "under " : "at the top", path);
}

/* ---- scalars ---- */

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

static void check_type(const struct check *c, const struct ka_schema *s, const char *name,
		       const struct ka_node *n)
{
	struct ka_diag *d;

	d = ka_diag(c->ctx, KA_D_WRONG_TYPE, n->loc, name, type_str(s->type),
		    ka_node_type_str(n->type));
	if (s->type == KA_SCHEMA_STRING && n->type < KA_NODE_NULL)
		ka_diag_hint(c->ctx, d, "quote it: '%s'", n->str);
	else if ((s->type == KA_SCHEMA_BOOL || s->type == KA_SCHEMA_INT) &&
		 n->type == KA_NODE_STRING &&
		 has_type(&(struct ka_node){.type = ka_scalar_type(n->str, n->len)}, s->type))
		ka_diag_hint(c->ctx, d, "write it without quotes: %s", n->str);
	else if (s->type == KA_SCHEMA_LIST && n->type != KA_NODE_NULL)
		ka_diag_hint(c->ctx, d, "a list's items begin with '- '");
}

static void check_values(const struct check *c, const struct ka_schema *s, const char *name,
			 const struct ka_node *n)
{
	struct ka_suggest near = ka_suggest_for(n->str, n->len);
	struct ka_diag *d;
	char list[PATH_BYTES] = "";
	size_t len = 0;

	for (size_t i = 0; s->values[i]; i++) {
		int w;

		if (!strcmp(s->values[i], n->str))
			return;
		ka_suggest_try(&near, s->values[i]);
		w = snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "", s->values[i]);
		if (w > 0 && len + (size_t)w < sizeof(list))
			len += (size_t)w;
	}
	d = ka_diag(c->ctx, KA_D_NOT_ONE_OF, n->loc, n->str, name);
	if (near.best)
		ka_diag_hint(c->ctx, d, "did you mean '%s'?", near.best);
	else
		ka_diag_hint(c->ctx, d, "its values are: %s", list);
}

static void check_range(const struct check *c, const struct ka_schema *s, const char *name,
			const struct ka_node *n)
{
	long long v;

	if (!ka_node_int(n, &v) || v < s->min || v > s->max)
		ka_diag(c->ctx, KA_D_RANGE, n->loc, name, s->min, s->max, n->str);
}

/* ---- collections ---- */

static void check_node(const struct check *c, const struct ka_schema *s, const char *name,
		       struct ka_loc where, const struct ka_node *n, const struct at *at);

static const struct ka_schema_field *field_of(const struct ka_schema *s, const char *name)
{
	for (size_t i = 0; i < s->nfields; i++)
		if (!strcmp(s->fields[i].name, name))
			return &s->fields[i];
	return NULL;
}

static void check_few(const struct check *c, const struct ka_schema *s, const struct ka_pair *p)
{
	struct ka_diag *d = ka_diag(c->ctx, KA_D_FEW_ITEMS, p->key->loc, p->key->str, s->min_items,
				    s->min_items == 1 ? "" : "s");

	ka_diag_hint(c->ctx, d, "%s", s->description);
}

static void check_pair(const struct check *c, const struct ka_schema *s, const struct ka_pair *p,
		       const struct at *up)
{
	const struct ka_schema_field *f = field_of(s, p->key->str);
	const struct at at = {.up = up, .key = p->key->str};

	if (!f) {
		hint_unknown(c, s, up, p->key,
			     ka_diag(c->ctx, KA_D_UNKNOWN_FIELD, p->key->loc, p->key->str));
		return;
	}
	if (p->value->type == KA_NODE_NULL && f->schema->min_items)
		check_few(c, f->schema, p);
	else if (p->value->type == KA_NODE_NULL && f->schema->type != KA_SCHEMA_ANY) {
		if (!f->required)
			ka_diag(c->ctx, KA_D_NO_VALUE, p->key->loc, p->key->str);
	} else if (p->value->type == KA_NODE_SEQ && p->value->nitems < f->schema->min_items)
		check_few(c, f->schema, p);
	else
		check_node(c, f->schema, p->key->str, p->key->loc, p->value, &at);
}

static bool is_given(const struct ka_node *map, const char *name)
{
	const struct ka_node *v = ka_node_get(map, name);

	return v && v->type != KA_NODE_NULL;
}

static void check_required(const struct check *c, const struct ka_schema *s, struct ka_loc where,
			   const struct ka_node *n)
{
	for (size_t i = 0; i < s->nfields; i++) {
		const struct ka_schema_field *f = &s->fields[i];
		struct ka_diag *d;

		if (!f->required || is_given(n, f->name))
			continue;
		d = ka_diag(c->ctx, KA_D_MISSING_FIELD, where, f->name);
		if (f->schema->description)
			ka_diag_hint(c->ctx, d, "%s", f->schema->description);
	}
}

static void check_one_of(const struct check *c, const struct ka_schema *s, struct ka_loc where,
			 const struct ka_node *n)
{
	const char *names[2] = {};
	size_t given = 0, known = 0;

	for (size_t i = 0; i < s->nfields; i++) {
		if (!s->fields[i].one_of)
			continue;
		if (known < 2)
			names[known] = s->fields[i].name;
		known++;
		given += is_given(n, s->fields[i].name);
	}
	if (known < 2 || given == 1)
		return;
	ka_diag(c->ctx, KA_D_ONE_OF_FIELDS, where,
		ka_sprintf(c->ctx,
			   given ? "'%s' and '%s' exclude each other"
				 : "field '%s' or '%s' is missing",
			   names[0], names[1]));
}

static void check_map(const struct check *c, const struct ka_schema *s, struct ka_loc where,
		      const struct ka_node *n, const struct at *at)
{
	for (size_t i = 0; i < n->npairs; i++) {
		const struct ka_pair *p = &n->pairs[i];
		const struct at sub = {.up = at, .key = p->key->str};

		if (s->items)
			check_node(c, s->items, p->key->str, p->key->loc, p->value, &sub);
		else
			check_pair(c, s, p, at);
	}
	check_required(c, s, where, n);
	check_one_of(c, s, where, n);
}

static void check_list(const struct check *c, const struct ka_schema *s, const char *name,
		       const struct ka_node *n, const struct at *up)
{
	const struct at at = {.up = up};
	const char *item = ka_sprintf(c->ctx, "an item of '%s'", name);

	for (size_t i = 0; i < n->nitems; i++)
		check_node(c, s->items, item ? item : name, n->items[i]->loc, n->items[i], &at);
}

static void check_node(const struct check *c, const struct ka_schema *s, const char *name,
		       struct ka_loc where, const struct ka_node *n, const struct at *at)
{
	if (s->type == KA_SCHEMA_ANY)
		return;
	if (!has_type(n, s->type)) {
		check_type(c, s, name, n);
		return;
	}
	if (s->values)
		check_values(c, s, name, n);
	if (s->has_range)
		check_range(c, s, name, n);
	if (s->type == KA_SCHEMA_MAP)
		check_map(c, s, where, n, at);
	if (s->type == KA_SCHEMA_LIST)
		check_list(c, s, name, n, at);
}

void ka_schema_check(struct ka_ctx *ctx, const struct ka_schema *kind, const struct ka_node *root)
{
	const struct check c = {.ctx = ctx, .kind = kind};

	check_map(&c, kind, root->loc, root, NULL);
}
