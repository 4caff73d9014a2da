// SPDX-License-Identifier: Apache-2.0
#include "image.h"

#include "../bpf/siphash.h"

/* ---- records ---- */

static const void *record(const struct ka_reader *r, const struct ka_table *t, size_t size,
			  uint32_t i)
{
	return i < t->count ? r->view.img + t->off + (size_t)i * size : NULL;
}

const char *ka_image_str(const struct ka_reader *r, uint32_t off)
{
	const struct ka_table *t = &r->head->strings;

	return off < t->count ? (const char *)r->view.img + t->off + off : "";
}

const struct ka_policy_rec *ka_image_policy(const struct ka_reader *r, uint32_t i)
{
	return record(r, &r->head->policies, sizeof(struct ka_policy_rec), i);
}

const struct ka_rule_rec *ka_image_rule(const struct ka_reader *r, uint32_t i)
{
	return record(r, &r->head->rules, sizeof(struct ka_rule_rec), i);
}

const struct ka_label_rec *ka_image_label(const struct ka_reader *r, uint32_t i)
{
	return record(r, &r->head->labels, sizeof(struct ka_label_rec), i);
}

const struct ka_space_rec *ka_image_space(const struct ka_reader *r, const char *name)
{
	uint32_t low = 0, high = r->head->spaces.count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		const struct ka_space_rec *s =
			record(r, &r->head->spaces, sizeof(struct ka_space_rec), mid);
		int order = strcmp(name, ka_image_str(r, s->name));

		if (!order)
			return s;
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

const char *ka_image_source(const struct ka_reader *r, uint32_t class)
{
	const uint32_t *off = record(r, &r->head->sources, sizeof(uint32_t), class - 1);

	return off ? ka_image_str(r, *off) : "";
}

/* ---- paths ---- */

struct component {
	__u64 words[KA_NAME_WORDS];
	struct ka_name name;
	bool last;
};

struct cursor {
	const char *p, *end;
	uint32_t depth;
};

static void skip_slashes(struct cursor *c)
{
	while (c->p < c->end && *c->p == '/')
		c->p++;
}

/* The next component: 1; 0: there is none; -ENAMETOOLONG: no kernel would get there. */
static int next_component(struct cursor *c, struct component *ret)
{
	const char *begin;
	size_t len;

	skip_slashes(c);
	if (c->p == c->end)
		return 0;
	begin = c->p;
	while (c->p < c->end && *c->p != '/')
		c->p++;
	len = c->p - begin;
	if (len > KA_MAX_NAME || ++c->depth > KA_MAX_COMPONENTS)
		return -ENAMETOOLONG;
	memset(ret->words, 0, sizeof(ret->words));
	memcpy(ret->words, begin, len);
	ret->name =
		(struct ka_name){.more = len > 8 * KA_SHORT_WORDS ? ret->words : NULL, .len = len};
	memcpy(ret->name.w, ret->words, sizeof(ret->name.w));
	skip_slashes(c);
	ret->last = c->p == c->end;
	return 1;
}

/* Stops at a state that has one of the flags; `final` 0: goes to the object. */
static int walk(const struct ka_reader *r, const char *path, size_t len, uint32_t final,
		uint32_t *ret)
{
	struct cursor c = {.p = path, .end = path + len};
	uint32_t state = r->head->start;
	struct component part;
	int more;

	while ((more = next_component(&c, &part)) > 0) {
		if (KA_AT(&r->view, struct ka_state, state)->flags & final)
			continue; /* the rest must still be a path */
		state = ka_step(&r->view, state, &part.name, part.last);
	}
	*ret = state;
	return more;
}

uint32_t ka_image_walk(const struct ka_reader *r, const char *path, size_t len)
{
	uint32_t state;

	return walk(r, path, len, 0, &state) < 0 ? r->head->start : state;
}

/* What cannot be reached by any path of the kernel. */
static void unestablished(uint32_t member, uint32_t cat, struct ka_ruling *ret)
{
	*ret = (struct ka_ruling){.verdict = KA_PERMIT, .rule = KA_NO_RULE, .audit = KA_NO_RULE};
	if (member & KA_MEMBER_STRICT(cat))
		ret->verdict = KA_DENY;
	else if (member & KA_MEMBER_WATCH(cat))
		ret->verdict = KA_WOULD_DENY;
	if (ret->verdict != KA_PERMIT)
		ret->reason = KA_WHY_UNESTABLISHED;
}

void ka_image_judge(const struct ka_reader *r, const struct ka_who *who, enum ka_category cat,
		    enum ka_op op, const char *path, size_t len, struct ka_ruling *ret)
{
	uint32_t state;

	if (!len || path[0] != '/' || walk(r, path, len, KA_STATE_FINAL(cat), &state) < 0) {
		unestablished(who->flags, cat, ret);
		return;
	}
	ka_decide(&r->view, who, KA_AT(&r->view, struct ka_state, state)->list[cat], cat, op, ret);
}

void ka_image_judge_flat(const struct ka_reader *r, const struct ka_who *who, enum ka_category cat,
			 enum ka_op op, uint32_t index, struct ka_ruling *ret)
{
	uint32_t table = cat == KA_CAT_NETWORK ? r->head->sockets : r->head->capabilities;

	ka_decide(&r->view, who, table ? *KA_AT(&r->view, __u32, table + 4 * index) : 0, cat, op,
		  ret);
}

uint64_t ka_source_hash(const uint64_t key[2], const char *path, size_t len)
{
	struct cursor c = {.p = path, .end = path + len};
	struct component part;
	struct ka_sip s;

	ka_sip_start(&s, key[0], key[1]);
	while (next_component(&c, &part) > 0) {
		ka_sip_word(&s, part.name.len);
		for (uint32_t i = 0; i < (part.name.len + 7) / 8; i++)
			ka_sip_word(&s, part.words[i]);
	}
	return ka_sip_end(&s);
}
