// SPDX-License-Identifier: Apache-2.0
/*
 * What only the document shows: what was left out, and where something was written.
 */
#include "../tree/yaml.h"
#include "linter.h"

/* Sections whose rules may have any action. */
static const char *const sections[] = {"process", "file", "network", "capabilities"};

struct looked {
	struct ka_ctx *ctx;
	const struct ka_node *root, *spec;
};

static const struct ka_node *text_of(const struct ka_node *map, const char *key)
{
	const struct ka_node *n = ka_node_get(map, key);

	return n && n->type == KA_NODE_STRING && n->len ? n : NULL;
}

static const struct ka_node *action_of(const struct ka_node *map)
{
	return text_of(map, "action");
}

/* The lists of rules in a section: every list that it has, but for tags. */
static const struct ka_node *list_at(const struct ka_node *section, size_t i)
{
	const struct ka_pair *p = &section->pairs[i];

	return p->value->type == KA_NODE_SEQ && !strncmp(p->key->str, "match", 5) ? p->value : NULL;
}

/* ---- a section without an action ---- */

/* A rule of the section that says other than Block; *ret_bare: one that says nothing. */
static const struct ka_node *other_action(const struct ka_node *section, bool *ret_bare)
{
	const struct ka_node *found = NULL;

	*ret_bare = false;
	for (size_t i = 0; i < section->npairs; i++) {
		const struct ka_node *list = list_at(section, i);

		for (size_t k = 0; list && k < list->nitems; k++) {
			const struct ka_node *a = action_of(list->items[k]);

			if (!a)
				*ret_bare = true;
			else if (!found && strcmp(a->str, "Block") != 0)
				found = a;
		}
	}
	return found;
}

/* A neighbour's action that is not Block. */
static const struct ka_node *neighbour(const struct looked *d, const char *self,
				       const char **ret_name)
{
	for (size_t i = 0; i < KA_ARRAY_SIZE(sections); i++) {
		const struct ka_node *a = action_of(ka_node_get(d->spec, sections[i]));

		if (!a || !strcmp(sections[i], self) || !strcmp(a->str, "Block"))
			continue;
		*ret_name = sections[i];
		return a;
	}
	return NULL;
}

static void silent_section(struct looked *d, const struct ka_pair *section)
{
	const char *who = "a rule of it";
	const struct ka_node *other;
	struct ka_diag *diag;
	bool bare;

	if (section->value->type != KA_NODE_MAP || action_of(section->value) || action_of(d->spec))
		return;
	other = other_action(section->value, &bare);
	if (!bare)
		return;
	if (!other)
		other = neighbour(d, section->key->str, &who);
	if (!other)
		return;
	diag = ka_diag(d->ctx, KA_D_SECTION_BLOCKS, section->key->loc, who, other->str);
	ka_diag_note(d->ctx, diag, other->loc, "said here");
	ka_diag_hint(d->ctx, diag, "write the action that you mean, be it 'action: Block'");
}

/* ---- fromSource on the last rule alone ---- */

static bool is_alike(const struct ka_node *a, const struct ka_node *b)
{
	static const char *const flags[] = {"ownerOnly", "readOnly", "recursive"};
	const struct ka_node *x = action_of(a), *y = action_of(b);

	if (!x != !y || (x && strcmp(x->str, y->str) != 0))
		return false;
	for (size_t i = 0; i < KA_ARRAY_SIZE(flags); i++)
		if (ka_node_true(ka_node_get(a, flags[i])) !=
		    ka_node_true(ka_node_get(b, flags[i])))
			return false;
	return true;
}

static void last_source(struct looked *d, const struct ka_node *list)
{
	const struct ka_node *last;
	const struct ka_pair *from;
	struct ka_diag *diag;

	if (list->nitems < 3)
		return;
	last = list->items[list->nitems - 1];
	from = ka_node_pair(last, "fromSource");
	if (!from || from->value->type != KA_NODE_SEQ || !from->value->nitems)
		return;
	for (size_t i = 0; i + 1 < list->nitems; i++)
		if (ka_node_get(list->items[i], "fromSource") || !is_alike(list->items[i], last))
			return;
	diag = ka_diag(d->ctx, KA_D_SOURCE_ON_LAST, from->key->loc, list->nitems);
	ka_diag_note(d->ctx, diag, list->items[0]->loc, "the first of them");
	ka_diag_hint(d->ctx, diag,
		     "each rule has a fromSource of its own: repeat it where it is "
		     "meant");
}

/* ---- readOnly: false ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/*
 * Takes a field out: from its name to the next field if that is behind it without a comment, or
 * its own line. Anything else is left to the author.
 */
static void remove_field(struct looked *d, struct ka_diag *diag, const struct ka_node *map,
			 const struct ka_pair *field)
{
	const struct ka_source *src = field->key->loc.source;
	size_t from = field->key->loc.offset, end = field->value->loc.offset, start = from;

	if (!src || end < from || end + 5 > src->len || strncmp(src->text + end, "false", 5) != 0)
		return;
	end += 5;
	while (start && is_blank(src->text[start - 1]))
		start--;
	while (end < src->len && is_blank(src->text[end]))
		end++;
	if ((!start || src->text[start - 1] == '\n') && end < src->len && src->text[end] == '\n') {
		ka_diag_fix(d->ctx, diag, (uint32_t)start, (uint32_t)(end + 1 - start), "");
		return;
	}
	if (field + 1 < map->pairs + map->npairs && end < src->len && src->text[end] == '\n') {
		size_t next = field[1].key->loc.offset;

		if (next > end && strspn(src->text + end, " \r\n") >= next - end)
			ka_diag_fix(d->ctx, diag, (uint32_t)from, (uint32_t)(next - from), "");
	} else if (start && src->text[start - 1] == ',') {
		ka_diag_fix(d->ctx, diag, (uint32_t)start - 1,
			    field->value->loc.offset + 5 - (uint32_t)(start - 1), "");
	}
}

static void read_only(struct looked *d, const struct ka_node *rule)
{
	const struct ka_pair *p = ka_node_pair(rule, "readOnly");
	struct ka_diag *diag;

	if (!p || p->value->type != KA_NODE_BOOL || ka_node_true(p->value))
		return;
	diag = ka_diag(d->ctx, KA_D_READ_ONLY_FALSE, p->key->loc);
	ka_diag_hint(d->ctx, diag, "take it out, or write 'readOnly: true' for changes alone");
	remove_field(d, diag, rule, p);
}

/* ---- the document ---- */

static void look_at_list(struct looked *d, const struct ka_node *list)
{
	last_source(d, list);
	for (size_t i = 0; i < list->nitems; i++)
		read_only(d, list->items[i]);
}

static void look_at_section(struct looked *d, const struct ka_pair *section)
{
	silent_section(d, section);
	for (size_t i = 0; section->value->type == KA_NODE_MAP && i < section->value->npairs; i++) {
		const struct ka_node *list = list_at(section->value, i);

		if (list)
			look_at_list(d, list);
	}
}

static void look_at_namespace(struct looked *d, const struct ka_policy *p)
{
	const struct ka_node *ns = ka_node_get(ka_node_get(d->root, "metadata"), "namespace");

	if (p->kind != KA_KIND_POLICY || (ns && ns->type != KA_NODE_NULL))
		return;
	ka_diag_hint(d->ctx, ka_diag(d->ctx, KA_D_NO_NAMESPACE, p->loc),
		     "write it: what kubectl fills in depends on who calls it");
}

void ka_lint_document(struct ka_ctx *ctx, const struct ka_node *root, const struct ka_policy *p)
{
	struct looked d = {.ctx = ctx, .root = root, .spec = ka_node_get(root, "spec")};

	if (!(ctx->lint & KA_LINT_DEFAULT))
		return;
	look_at_namespace(&d, p);
	for (size_t i = 0; i < KA_ARRAY_SIZE(sections); i++) {
		const struct ka_pair *section = ka_node_pair(d.spec, sections[i]);

		if (section)
			look_at_section(&d, section);
	}
}
