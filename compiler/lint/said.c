// SPDX-License-Identifier: Apache-2.0
/*
 * What a rule says, in a form that can be compared.
 */
#include "linter.h"

/* The shape of a pattern; *len is what of its text is the object. */
static enum ka_shape shape_of_pattern(const char *s, uint32_t *len)
{
	size_t n = strlen(s), plain = strcspn(s, "*?[]{}\\");
	const char *tail = s + plain;

	*len = (uint32_t)n;
	if (plain == n)
		return KA_SHAPE_PATH;
	if (!plain || s[0] != '/' || tail[-1] != '/')
		return KA_SHAPE_GLOB;
	if (strcmp(tail, "**") != 0 && strcmp(tail, "*") != 0)
		return KA_SHAPE_GLOB;
	*len = (uint32_t)plain;
	return tail[1] ? KA_SHAPE_BELOW : KA_SHAPE_INSIDE;
}

enum ka_shape ka_shape_of(const struct ka_rule *r, uint32_t *ret_len)
{
	*ret_len = (uint32_t)strlen(r->object);
	if (!ka_is_path_rule(r))
		return KA_SHAPE_WORD;
	if (r->execname)
		return KA_SHAPE_NAME;
	if (r->list == KA_LIST_DIRECTORIES)
		return KA_SHAPE_DIR;
	if (r->list == KA_LIST_PATTERNS)
		return shape_of_pattern(r->object, ret_len);
	return KA_SHAPE_PATH;
}

/* What counts of a rule's extra; most rules have nothing there. */
static const struct ka_rule_extra *extra_of(const struct ka_rule *r)
{
	if (r->section < KA_SECTION_POSTURES && !r->has_args)
		return NULL;
	return r->extra;
}

void ka_said_of(const struct ka_rule *r, const char *source, struct ka_said *ret)
{
	*ret = (struct ka_said){
		.section = r->section,
		.action = r->action,
		.object = r->object,
		.source = source,
		.extra = extra_of(r),
		.conditions = (r->recursive ? KA_IF_RECURSIVE : 0) |
			      (r->readonly ? KA_IF_READ_ONLY : 0) |
			      (r->owner_only ? KA_IF_OWNER : 0) |
			      (r->terminal ? KA_IF_TERMINAL : 0) | (r->has_args ? KA_IF_ARGS : 0),
	};
	ret->shape = (uint8_t)ka_shape_of(r, &ret->len);
}

bool ka_next_above(const char *path, uint32_t path_len, uint32_t *len)
{
	const char *slash;

	if (*len >= path_len)
		return false;
	slash = memchr(path + *len, '/', path_len - *len);
	if (!slash || slash + 1 == path + path_len)
		return false;
	*len = (uint32_t)(slash + 1 - path);
	return true;
}

bool ka_posture_denies(const struct ka_policy *p, enum ka_section section)
{
	if (p->audit_mode)
		return false;
	if (p->posture[section] != KA_POSTURE_UNSET)
		return p->posture[section] == KA_POSTURE_BLOCK;
	if (p->ns_posture[section] != KA_POSTURE_UNSET)
		return p->ns_posture[section] == KA_POSTURE_BLOCK;
	return p->kind != KA_KIND_HOST;
}
