// SPDX-License-Identifier: Apache-2.0
#include "find.h"

#include <strings.h>

#include "../compiler/base/suggest.h"
#include "build.h"
#include "report.h"

static bool is_part(const char *s, size_t len, const char *with)
{
	return strlen(with) == len && !memcmp(s, with, len);
}

static bool is_kind(const char *s, size_t len, enum ka_kind kind)
{
	const char *full = ka_kind_str(kind);
	static const char prefix[] = "KubeArmor";

	if (strlen(full) == len && !strncasecmp(s, full, len))
		return true;
	if (strncmp(full, prefix, sizeof(prefix) - 1))
		return false;
	full += sizeof(prefix) - 1;
	return strlen(full) == len && !strncasecmp(s, full, len);
}

bool ka_named(const struct ka_policy *p, const char *name)
{
	const char *first = strchr(name, '/'), *second;
	size_t len;

	if (!first)
		return !strcmp(name, p->name);
	len = (size_t)(first - name);
	second = strchr(first + 1, '/');
	if (second)
		return is_kind(name, len, p->kind) &&
		       is_part(first + 1, (size_t)(second - first - 1), p->ns) &&
		       !strcmp(second + 1, p->name);
	if (strcmp(first + 1, p->name))
		return false;
	return is_kind(name, len, p->kind) || (p->ns[0] && is_part(name, len, p->ns));
}

static int say_none(struct ka_ctx *ctx, const struct ka_policies *set, const char *name)
{
	const char *last = strrchr(name, '/');
	struct ka_suggest near;

	last = last ? last + 1 : name;
	near = ka_suggest_for(last, strlen(last));
	for (size_t i = 0; i < set->n; i++)
		ka_suggest_try(&near, set->v[i]->name);
	(void)ctx;
	if (near.best)
		ka_error("no policy '%s' is in force; did you mean '%s'?", name, near.best);
	else
		ka_error("no policy '%s' is in force", name);
	fputs("  = `karmor-c get` lists what is in force\n", stderr);
	return KA_EXIT_NO;
}

static int say_several(struct ka_ctx *ctx, const struct ka_policies *set, const char *name)
{
	ka_error("'%s' names several policies; say which:", name);
	for (size_t i = 0; i < set->n; i++) {
		const char *id;

		if (!ka_named(set->v[i], name))
			continue;
		id = ka_policy_id(ctx, set->v[i]);
		fputs("  ", stderr);
		ka_print_safe(stderr, id, strlen(id));
		fputc('\n', stderr);
	}
	return KA_EXIT_USAGE;
}

int ka_find_one(struct ka_ctx *ctx, const struct ka_policies *set, const char *name,
		struct ka_policy **ret)
{
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++) {
		if (!ka_named(set->v[i], name))
			continue;
		*ret = set->v[i];
		n++;
	}
	if (n == 1)
		return KA_GO;
	return n ? say_several(ctx, set, name) : say_none(ctx, set, name);
}
