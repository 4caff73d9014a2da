// SPDX-License-Identifier: Apache-2.0
/*
 * What fields of rules hold: the object, and what only some kinds of rules have.
 */
#include "../check/value.h"
#include "decode.h"

const struct ka_rule_extra ka_rule_no_extra = {.subclass = -1, .protocol = -1};

struct ka_rule_extra *ka_rule_extra(struct ka_ctx *ctx, struct ka_rule *rule)
{
	struct ka_rule_extra *x;

	if (rule->extra && rule->extra != &ka_rule_no_extra)
		return (struct ka_rule_extra *)rule->extra;
	x = ka_calloc(ctx, 1, sizeof(*x));
	if (x) {
		*x = ka_rule_no_extra;
		rule->extra = x;
	}
	return x;
}

/* ---- lists of words ---- */

static int by_text(const void *a, const void *b)
{
	const struct ka_word *x = a, *y = b;
	int r = strcmp(x->text, y->text);

	/* the first of equal ones is the one that stays */
	return r ? r : x->loc.offset < y->loc.offset ? -1 : x->loc.offset > y->loc.offset;
}

int ka_take_words(struct ka_ctx *ctx, const struct ka_node *list,
		  bool (*check)(struct ka_ctx *, const struct ka_node *), struct ka_words *ret)
{
	size_t n = 0, kept = 0;

	if (!list || list->type != KA_NODE_SEQ || !list->nitems)
		return 0;
	ret->v = ka_calloc(ctx, list->nitems, sizeof(*ret->v));
	if (!ret->v)
		return -ENOMEM;
	for (size_t i = 0; i < list->nitems; i++) {
		const struct ka_node *item = list->items[i];

		if (ka_is_string(item) && (!check || check(ctx, item)))
			ret->v[n++] = (struct ka_word){.text = item->str, .loc = item->loc};
	}
	qsort(ret->v, n, sizeof(*ret->v), by_text);
	for (size_t i = 0; i < n; i++)
		if (!kept || strcmp(ret->v[kept - 1].text, ret->v[i].text) != 0)
			ret->v[kept++] = ret->v[i];
	ret->n = kept;
	return 0;
}

/* ---- objects ---- */

static int take(const struct ka_node *n, const char *object, struct ka_rule *rule)
{
	if (!object)
		return 0;
	rule->object = object;
	rule->loc = n->loc;
	return 1;
}

int ka_take_path(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule)
{
	const struct ka_node *n = ka_node_get(item, "path");

	return take(n, ka_check_path(ctx, n, KA_PATH_OBJECT) ? n->str : NULL, rule);
}

int ka_take_program(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule)
{
	const struct ka_node *n = ka_node_get(item, "execname"), *path = ka_node_get(item, "path");

	if (path && path->type != KA_NODE_NULL)
		return ka_take_path(ctx, item, rule);
	rule->execname = true;
	return take(n, ka_check_execname(ctx, n) ? n->str : NULL, rule);
}

int ka_take_dir(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule)
{
	const struct ka_node *n = ka_node_get(item, "dir");

	return take(n, ka_check_path(ctx, n, KA_PATH_DIR) ? n->str : NULL, rule);
}

int ka_take_pattern(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule)
{
	const struct ka_node *n = ka_node_get(item, "pattern");

	return take(n, ka_check_pattern(ctx, n) ? n->str : NULL, rule);
}

int ka_take_protocol(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule)
{
	const struct ka_node *n = ka_node_get(item, "protocol");

	return take(n, ka_value_protocol(ctx, n), rule);
}

int ka_take_domain(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule)
{
	const struct ka_node *n = ka_node_get(item, "domain");

	return take(n, ka_value_domain(ctx, n), rule);
}

int ka_take_capability(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule)
{
	const struct ka_node *n = ka_node_get(item, "capability");

	return take(n, ka_value_capability(ctx, n), rule);
}

int ka_take_preset(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule)
{
	const struct ka_node *n = ka_node_get(item, "name");

	return take(n, ka_value_preset(ctx, n), rule);
}

/* ---- system calls ---- */

/* The names of system calls; 1, 0 or -ENOMEM as ka_take. */
static int take_syscalls(struct ka_ctx *ctx, const struct ka_node *list, struct ka_rule *rule)
{
	struct ka_rule_extra *x;
	int r;

	if (!list || list->type != KA_NODE_SEQ)
		return 0;
	x = ka_rule_extra(ctx, rule);
	if (!x)
		return -ENOMEM;
	r = ka_take_words(ctx, list, ka_check_syscall, &x->syscalls);
	return r < 0 ? r : x->syscalls.n != 0;
}

int ka_take_syscalls(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule)
{
	const struct ka_node *list = ka_node_get(item, "syscall");

	rule->object = "";
	if (list)
		rule->loc = list->loc;
	return take_syscalls(ctx, list, rule);
}

int ka_take_syscall_path(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule)
{
	const struct ka_node *n = ka_node_get(item, "path");
	const struct ka_node *list = ka_node_get(item, "syscall");
	enum ka_path_type type = KA_PATH_OBJECT;
	int r = list ? take_syscalls(ctx, list, rule) : 1;

	if (r <= 0)
		return r;
	if (ka_is_string(n) && n->len && n->str[n->len - 1] == '/')
		type = KA_PATH_DIR;
	return take(n, ka_check_path(ctx, n, type) ? n->str : NULL, rule);
}

/* ---- devices ---- */

static int number_of(const struct ka_node *item, const char *field, int fallback)
{
	long long v;

	return ka_node_int(ka_node_get(item, field), &v) && v >= 0 && v <= 255 ? (int)v : fallback;
}

int ka_take_device(struct ka_ctx *ctx, const struct ka_node *item, struct ka_rule *rule)
{
	const struct ka_node *n = ka_node_get(item, "class");
	struct ka_rule_extra *x = ka_rule_extra(ctx, rule);

	if (!x)
		return -ENOMEM;
	x->subclass = number_of(item, "subClass", -1);
	x->protocol = number_of(item, "protocol", -1);
	x->level = (unsigned)number_of(item, "level", 0);
	return take(n, ka_value_usb_class(ctx, n), rule);
}
