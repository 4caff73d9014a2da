// SPDX-License-Identifier: Apache-2.0
#include "nfa.h"

#define FIRST_SLOTS 256u

int ka_nfa_init(struct ka_nfa *nfa, struct ka_ctx *ctx)
{
	int r;

	*nfa = (struct ka_nfa){.ctx = ctx, .slots_mask = FIRST_SLOTS - 1};
	r = ka_globs_init(&nfa->globs, ctx) ?: ka_intern_init(&nfa->names, ctx)
					    ?: ka_intern_init(&nfa->texts, ctx);
	if (r < 0)
		return r;
	nfa->slots = ka_calloc(ctx, FIRST_SLOTS, sizeof(*nfa->slots));
	if (!nfa->slots || !ka_grow(ctx, &nfa->nodes, &nfa->nodes_cap, 2, sizeof(*nfa->nodes)) ||
	    !ka_grow(ctx, &nfa->clauses, &nfa->clauses_cap, 1, sizeof(*nfa->clauses)) ||
	    !ka_grow(ctx, &nfa->alts, &nfa->alts_cap, 1, sizeof(*nfa->alts)))
		return -ENOMEM;
	nfa->nnodes = KA_ROOT_NODE + 1;
	nfa->nclauses = 1; /* number 0 is the end of a list */
	nfa->nalts = 1;
	return 0;
}

/* ---- paths ---- */

int ka_path_split(struct ka_ctx *ctx, const char *text, struct ka_path *ret)
{
	uint32_t n = 0;

	for (const char *p = text; *p; p++)
		n += *p == '/';
	ret->n = 0;
	ret->parts = ka_calloc(ctx, n + 1, sizeof(*ret->parts));
	if (!ret->parts)
		return -ENOMEM;
	while (*text) {
		size_t len = strcspn(text, "/");

		if (len)
			ret->parts[ret->n++] = (struct ka_part){text, len};
		text += len + (text[len] == '/');
	}
	return 0;
}

char *ka_path_join(struct ka_ctx *ctx, const struct ka_path *path)
{
	size_t size = 2, at = 0;
	char *s;

	for (uint32_t i = 0; i < path->n; i++)
		size += path->parts[i].len + 1;
	s = ka_alloc(ctx, size);
	if (!s)
		return NULL;
	for (uint32_t i = 0; i < path->n; i++) {
		s[at++] = '/';
		memcpy(s + at, path->parts[i].name, path->parts[i].len);
		at += path->parts[i].len;
	}
	if (!path->n)
		s[0] = '/';
	return s;
}

/* ---- the trie ---- */

static uint32_t slot_of(uint32_t parent, uint32_t name)
{
	uint64_t h = ((uint64_t)parent << 32 | name) * 0x9E3779B97F4A7C15ull;

	return h >> 32;
}

uint32_t ka_nfa_child(const struct ka_nfa *nfa, uint32_t node, uint32_t name)
{
	uint32_t s = slot_of(node, name) & nfa->slots_mask;

	for (; nfa->slots[s]; s = (s + 1) & nfa->slots_mask) {
		const struct ka_trie_node *n = &nfa->nodes[nfa->slots[s]];

		if (n->parent == node && n->name == name)
			return nfa->slots[s];
	}
	return 0;
}

static void slot_put(uint32_t *slots, uint32_t mask, uint32_t node, const struct ka_trie_node *n)
{
	uint32_t s = slot_of(n->parent, n->name) & mask;

	while (slots[s])
		s = (s + 1) & mask;
	slots[s] = node;
}

static int rehash(struct ka_nfa *nfa)
{
	uint32_t mask = nfa->slots_mask * 4 + 3;
	uint32_t *slots = ka_calloc(nfa->ctx, (size_t)mask + 1, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	for (uint32_t i = KA_ROOT_NODE + 1; i < nfa->nnodes; i++)
		slot_put(slots, mask, i, &nfa->nodes[i]);
	nfa->slots = slots;
	nfa->slots_mask = mask;
	return 0;
}

static int add_child(struct ka_nfa *nfa, uint32_t parent, uint32_t name, uint32_t *ret)
{
	struct ka_trie_node *p, *n;
	uint32_t id = nfa->nnodes;
	int r = 0;

	if (!ka_grow(nfa->ctx, &nfa->nodes, &nfa->nodes_cap, id + 1, sizeof(*nfa->nodes)))
		return -ENOMEM;
	if (id * 2u > nfa->slots_mask)
		r = rehash(nfa);
	if (r < 0)
		return r;
	p = &nfa->nodes[parent];
	n = &nfa->nodes[id];
	*n = (struct ka_trie_node){.name = name, .parent = parent, .depth = p->depth + 1};
	if (p->last_child)
		nfa->nodes[p->last_child].sibling = id;
	else
		p->child = id;
	p->last_child = id;
	p->children++;
	slot_put(nfa->slots, nfa->slots_mask, id, n);
	nfa->nnodes++;
	*ret = id;
	return 0;
}

static int step(struct ka_nfa *nfa, uint32_t *node, const char *name, uint32_t len)
{
	uint32_t id, next;
	int r = ka_intern(&nfa->names, name, len, &id);

	if (r < 0)
		return r;
	next = ka_nfa_child(nfa, *node, id);
	if (!next)
		r = add_child(nfa, *node, id, &next);
	if (r >= 0)
		*node = next;
	return r;
}

int ka_nfa_node(struct ka_nfa *nfa, const struct ka_path *path, uint32_t *ret)
{
	uint32_t node = KA_ROOT_NODE;
	int r;

	for (uint32_t i = 0; i < path->n; i++) {
		r = step(nfa, &node, path->parts[i].name, path->parts[i].len);
		if (r < 0)
			return r;
	}
	*ret = node;
	return 0;
}

/* ---- clauses ---- */

static bool same_clause(const struct ka_clause *a, const struct ka_clause *b)
{
	return a->rule == b->rule && a->effect == b->effect && a->source == b->source &&
	       a->category == b->category && a->scope == b->scope;
}

/* Aliases of one rule come one after the other, so that looking at the newest few suffices. */
#define LOOK_BACK 8

int ka_nfa_clause(struct ka_nfa *nfa, uint32_t *head, const struct ka_clause *c)
{
	uint32_t id = nfa->nclauses, i = *head;

	for (int n = 0; i && n < LOOK_BACK; n++, i = nfa->clauses[i].next)
		if (same_clause(&nfa->clauses[i], c))
			return 0;
	if (!ka_grow(nfa->ctx, &nfa->clauses, &nfa->clauses_cap, id + 1, sizeof(*nfa->clauses)))
		return -ENOMEM;
	nfa->clauses[id] = *c;
	nfa->clauses[id].next = *head;
	nfa->nclauses++;
	*head = id;
	return 0;
}

int ka_nfa_cover(struct ka_nfa *nfa, uint32_t node, enum ka_cover cover, const struct ka_clause *c)
{
	struct ka_trie_node *n = &nfa->nodes[node];

	if (cover == KA_COVER_EXACT && n->parent)
		nfa->nodes[n->parent].leaves = true;
	return ka_nfa_clause(nfa, &n->clauses[cover], c);
}

/* ---- patterns ---- */

int ka_nfa_object(struct ka_nfa *nfa, const char *text, enum ka_spelling how, uint32_t *ret,
		  bool *ret_new)
{
	size_t len = strlen(text) + 1;
	KA_FREE char *key = malloc(len);
	uint32_t known = nfa->texts.n;
	int r;

	if (!key)
		return -ENOMEM;
	memcpy(key, text, len);
	key[len - 1] = (char)how;
	r = ka_intern(&nfa->texts, key, len, ret);
	if (r < 0)
		return r;
	*ret_new = nfa->texts.n != known;
	if (!*ret_new)
		return 0;
	if (!ka_grow(nfa->ctx, &nfa->objects, &nfa->objects_cap, *ret + 1, sizeof(*nfa->objects)))
		return -ENOMEM;
	nfa->objects[*ret] = (struct ka_goal){.execname = how == KA_SPELT_EXECNAME, .text = text};
	nfa->nobjects = *ret + 1;
	return 0;
}

/* The node of the alternative's literal prefix; *ret_n components of it are used up. */
static int prefix(struct ka_nfa *nfa, const struct ka_alt *alt, uint32_t *ret_node, uint32_t *ret_n)
{
	uint32_t node = KA_ROOT_NODE, n = 0;
	char name[KA_MAX_NAME];
	size_t len;
	int r;

	while (n < alt->n && !alt->comps[n].loop &&
	       ka_glob_name(&nfa->globs, alt->comps[n].glob, name, &len)) {
		r = step(nfa, &node, name, len);
		if (r < 0)
			return r;
		n++;
	}
	*ret_node = node;
	*ret_n = n;
	return 0;
}

int ka_nfa_alt(struct ka_nfa *nfa, uint32_t object, const struct ka_alt *alt)
{
	uint32_t node, skip, id = nfa->nalts, n, first = nfa->npositions;
	bool loose = false;
	int r = prefix(nfa, alt, &node, &skip);

	if (r < 0)
		return r;
	n = alt->n - skip;
	if (!ka_grow(nfa->ctx, &nfa->alts, &nfa->alts_cap, id + 1, sizeof(*nfa->alts)) ||
	    !ka_grow(nfa->ctx, &nfa->positions, &nfa->positions_cap, first + n + 1,
		     sizeof(*nfa->positions)))
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		const struct ka_comp *c = &alt->comps[skip + i];

		loose |= c->loop;
		nfa->positions[first + i] = (struct ka_position){
			.glob = c->glob, .alt = id, .loop = c->loop, .loose = loose};
	}
	nfa->positions[first + n] =
		(struct ka_position){.alt = id, .end = true, .loop = alt->tail, .loose = loose};
	nfa->alts[id] = (struct ka_nfa_alt){
		.first = first, .n = n, .next = nfa->nodes[node].alts, .object = object};
	nfa->nodes[node].alts = id;
	nfa->npositions += n + 1;
	nfa->nalts++;
	return 0;
}
