// SPDX-License-Identifier: Apache-2.0
/*
 * A hash table of rules that points into the policies and copies nothing, so that it stays small
 * beside them. It is the heap's, not the arena's: it goes when the linter is through.
 */
#include <sys/random.h>

#include "../base/intern.h"
#include "linter.h"

/* What of a rule an entry stands for. */
enum kind {
	OF_POLICY, /* itself, with one of its sources, within its policy */
	OF_GROUP,  /* the same within its group */
	ANY,       /* its object, whatever else: asked for by what reasons from absence */
	UNDER,     /* a pattern's literal directory */
	STEM,      /* a program's name */
};

struct entry {
	uint32_t hash; /* 0: free */
	struct ka_at at;
	uint32_t from : 28, kind : 4;
};
#define NO_SOURCE 0xfffffffu

struct ka_index {
	struct entry *slots;
	uint64_t seed;
	size_t mask, used;
	bool sources; /* some rule has one: then ANY, UNDER and STEM are of use */
};

/* ---- comparing ---- */

static uint64_t mix(uint64_t h, uint64_t with)
{
	h = (h ^ with) * 0x9e3779b97f4a7c15ull;
	return h ^ h >> 29;
}

static uint64_t hash_words(uint64_t h, const struct ka_words *w)
{
	for (size_t i = 0; i < w->n; i++)
		h = ka_hash_bytes(h, w->v[i].text, strlen(w->v[i].text));
	return h;
}

static uint64_t hash_extra(uint64_t h, const struct ka_rule_extra *x)
{
	h = hash_words(h, &x->args);
	h = hash_words(h, &x->syscalls);
	h = hash_words(h, &x->ifaces);
	for (size_t i = 0; i < x->ncidrs; i++)
		h = ka_hash_bytes(h, x->cidrs[i].addr, sizeof(x->cidrs[i].addr));
	for (size_t i = 0; i < x->nports; i++)
		h = mix(h, (uint64_t)x->ports[i].first << 16 | x->ports[i].last);
	return mix(h, x->limit);
}

static uint32_t hash_of(const struct ka_index *x, const struct ka_said *s)
{
	uint64_t h = ka_hash_bytes(x->seed, s->object, s->len);

	h = mix(h, (uint64_t)s->owner << 32 | (uint64_t)s->section << 24 |
			   (uint64_t)s->shape << 16 | (uint64_t)s->action << 8 | s->conditions);
	if (s->source)
		h = ka_hash_bytes(h, s->source, strlen(s->source));
	if (s->extra)
		h = hash_extra(h, s->extra);
	return (uint32_t)(h >> 32) | 1;
}

static bool same_words(const struct ka_words *a, const struct ka_words *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i].text, b->v[i].text) != 0)
			return false;
	return true;
}

static bool same_cidrs(const struct ka_rule_extra *a, const struct ka_rule_extra *b)
{
	if (a->ncidrs != b->ncidrs)
		return false;
	for (size_t i = 0; i < a->ncidrs; i++)
		if (a->cidrs[i].family != b->cidrs[i].family ||
		    a->cidrs[i].bits != b->cidrs[i].bits ||
		    memcmp(a->cidrs[i].addr, b->cidrs[i].addr, sizeof(a->cidrs[i].addr)) != 0)
			return false;
	return true;
}

static bool same_ports(const struct ka_rule_extra *a, const struct ka_rule_extra *b)
{
	if (a->nports != b->nports)
		return false;
	for (size_t i = 0; i < a->nports; i++) {
		const struct ka_port *p = &a->ports[i], *q = &b->ports[i];

		if (p->first != q->first || p->last != q->last || p->protocol != q->protocol ||
		    strcmp(p->name ? p->name : "", q->name ? q->name : "") != 0)
			return false;
	}
	return true;
}

static bool same_extra(const struct ka_rule_extra *a, const struct ka_rule_extra *b)
{
	if (a == b)
		return true;
	return a && b && same_words(&a->args, &b->args) && same_words(&a->syscalls, &b->syscalls) &&
	       same_words(&a->ifaces, &b->ifaces) && same_cidrs(a, b) && same_ports(a, b) &&
	       a->limit == b->limit && a->seconds == b->seconds && a->subclass == b->subclass &&
	       a->protocol == b->protocol && a->level == b->level;
}

static bool same(const struct ka_said *a, const struct ka_said *b)
{
	return a->owner == b->owner && a->section == b->section && a->shape == b->shape &&
	       a->action == b->action && a->conditions == b->conditions && a->len == b->len &&
	       !memcmp(a->object, b->object, a->len) && !a->source == !b->source &&
	       (!a->source || !strcmp(a->source, b->source)) && same_extra(a->extra, b->extra);
}

/* ---- what entries stand for ---- */

uint32_t ka_owner_of_group(const struct ka_linter *l, uint32_t group)
{
	(void)l;
	return KA_OF_GROUP | group;
}

uint32_t ka_owner_of_policy(const struct ka_linter *l, uint32_t policy)
{
	uint32_t group = l->groups.of[policy];

	return l->groups.v[group].policies > 1 ? policy : KA_OF_GROUP | group;
}

static uint32_t letters(const char *name)
{
	uint32_t n = 0;

	while ((name[n] | 0x20) >= 'a' && (name[n] | 0x20) <= 'z')
		n++;
	return n;
}

/* The directory that a pattern begins with. */
static uint32_t literal_dir(const char *pattern)
{
	size_t n = strcspn(pattern, "*?[]{}\\");

	while (n && pattern[n - 1] != '/')
		n--;
	return (uint32_t)n;
}

static void said_of_entry(const struct ka_linter *l, const struct entry *e, struct ka_said *ret)
{
	const struct ka_rule *r = ka_rule_at(l, e->at);

	ka_said_of(r, e->from == NO_SOURCE ? NULL : r->from[e->from].path, ret);
	ret->owner = e->kind == OF_POLICY ? e->at.policy
					  : ka_owner_of_group(l, l->groups.of[e->at.policy]);
	if (e->kind < ANY)
		return;
	ret->conditions = KA_IF_ANY;
	ret->extra = NULL;
	if (e->kind == UNDER) {
		ret->shape = KA_SHAPE_UNDER;
		ret->len = literal_dir(r->object);
	} else if (e->kind == STEM) {
		ret->shape = KA_SHAPE_STEM;
		ret->object = ka_base_name(r->object);
		ret->len = letters(ret->object);
	}
}

/* ---- the table ---- */

static struct entry *slot_of(const struct ka_linter *l, const struct ka_said *said, uint32_t hash)
{
	const struct ka_index *x = l->index;
	struct ka_said other;

	for (size_t i = hash & x->mask;; i = (i + 1) & x->mask) {
		struct entry *e = &x->slots[i];

		if (!e->hash)
			return e;
		if (e->hash != hash)
			continue;
		said_of_entry(l, e, &other);
		if (same(&other, said))
			return e;
	}
}

static void put(struct ka_linter *l, struct entry e)
{
	struct ka_said said;
	struct entry *slot;

	said_of_entry(l, &e, &said);
	e.hash = hash_of(l->index, &said);
	slot = slot_of(l, &said, e.hash);
	if (slot->hash && ka_rule_at(l, slot->at)->nfrom >= ka_rule_at(l, e.at)->nfrom)
		return;
	*slot = e;
}

static void put_rule(struct ka_linter *l, struct ka_at at)
{
	const struct ka_rule *r = ka_rule_at(l, at);
	bool shared = l->groups.v[l->groups.of[at.policy]].policies > 1;
	uint32_t n = r->nfrom ? r->nfrom : 1;

	for (uint32_t i = 0; i < n; i++) {
		struct entry e = {.at = at, .from = r->nfrom ? i : NO_SOURCE, .kind = OF_GROUP};

		put(l, e);
		e.kind = OF_POLICY;
		if (shared)
			put(l, e);
	}
	if (!l->index->sources || r->section != KA_SECTION_PROCESS || r->action != KA_EFFECT_ALLOW)
		return;
	put(l, (struct entry){.at = at, .from = NO_SOURCE, .kind = ANY});
	if (r->list == KA_LIST_PATTERNS)
		put(l, (struct entry){.at = at, .from = NO_SOURCE, .kind = UNDER});
	else if (r->list == KA_LIST_PATHS)
		put(l, (struct entry){.at = at, .from = NO_SOURCE, .kind = STEM});
}

/* An upper bound of the entries. */
static size_t count(const struct ka_linter *l, bool *ret_sources)
{
	size_t n = 0;

	*ret_sources = false;
	for (size_t p = 0; p < l->set->n; p++) {
		bool shared = l->groups.v[l->groups.of[p]].policies > 1;

		for (size_t i = 0; i < l->set->v[p]->nrules; i++) {
			const struct ka_rule *r = &l->set->v[p]->rules[i];

			n += (r->nfrom ? r->nfrom : 1) * (shared ? 2u : 1u);
			*ret_sources |= r->nfrom > 0;
		}
	}
	for (size_t p = 0; *ret_sources && p < l->set->n; p++)
		for (size_t i = 0; i < l->set->v[p]->nrules; i++)
			if (l->set->v[p]->rules[i].section == KA_SECTION_PROCESS &&
			    l->set->v[p]->rules[i].action == KA_EFFECT_ALLOW)
				n += 2;
	return n;
}

int ka_index_make(struct ka_linter *l)
{
	struct ka_index *x = calloc(1, sizeof(*x));
	size_t n, slots = 16;

	if (!x)
		return ka_fail(l->ctx, -ENOMEM, "out of memory");
	l->index = x;
	n = count(l, &x->sources);
	while (slots < n + n / 2)
		slots *= 2;
	x->mask = slots - 1;
	x->slots = calloc(slots, sizeof(*x->slots));
	if (!x->slots)
		return ka_fail(l->ctx, -ENOMEM, "out of memory");
	if (getrandom(&x->seed, sizeof(x->seed), GRND_NONBLOCK) < 0)
		x->seed = 0x5bd1e995; /* early boot: what is found does not depend on it */
	for (uint32_t p = 0; p < l->set->n; p++)
		for (uint32_t i = 0; i < l->set->v[p]->nrules; i++)
			put_rule(l, (struct ka_at){p, i});
	return 0;
}

void ka_index_done(struct ka_linter *l)
{
	if (l->index)
		free(l->index->slots);
	free(l->index);
	l->index = NULL;
}

bool ka_index_find(const struct ka_linter *l, const struct ka_said *said, struct ka_at *ret)
{
	const struct entry *e = slot_of(l, said, hash_of(l->index, said));

	if (!e->hash)
		return false;
	*ret = e->at;
	return true;
}
