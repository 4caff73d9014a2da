// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as patterns and paths: what the automaton covers is what a naive matcher says, and
 * the image that holds it is found good.
 *
 * Input: lines. "p" and a pattern, "d" and a directory, "e" and a path: Block rules; "/..." is a
 * path that is asked about after all rules are known.
 */
#include <stdio.h>

#include "../../compiler/bundle/compile.h"
#include "../../runtime/image.h"
#include "fuzz.h"

#define RULES 24u
#define LINE 200u

struct round {
	struct ka_rule rules[RULES];
	char text[RULES][LINE];
	uint32_t n;
	struct ka_policy policy, *policies[1];
};

/* ---- the naive matcher: the whole path as one string ---- */

static const char *class_end(const char *p)
{
	p += p[1] == '^' ? 2 : 1;
	while (*p && *p != ']')
		p += *p == '\\' && p[1] ? 2 : 1;
	return p;
}

static unsigned char class_byte(const char **p)
{
	*p += **p == '\\';
	return (unsigned char)*(*p)++;
}

static bool in_class(const char *p, const char *end, unsigned char c)
{
	bool not = p[1] == '^', in = false;

	p += not ? 2 : 1;
	while (p < end) {
		unsigned char lo = class_byte(&p), hi = lo;

		if (*p == '-' && p + 1 < end) {
			p++;
			hi = class_byte(&p);
		}
		in |= lo <= c && c <= hi;
	}
	return c && c != '/' && in != not ;
}

static bool glob(const char *p, const char *s)
{
	if (p[0] == '*') {
		bool across = p[1] == '*';
		const char *rest = p;

		while (*rest == '*')
			rest++;
		for (;; s++) {
			if (glob(rest, s))
				return true;
			if (!*s || (*s == '/' && !across))
				return false;
		}
	}
	if (!*p || !*s)
		return *p == *s;
	if (*p == '?')
		return *s != '/' && glob(p + 1, s + 1);
	if (*p == '[')
		return in_class(p, class_end(p), *s) && glob(class_end(p) + 1, s + 1);
	if (*p == '\\')
		p++;
	return *p == *s && glob(p + 1, s + 1);
}

static bool is_wild(const char *p)
{
	for (; *p; p++) {
		if (*p == '\\')
			p++;
		else if (strchr("*?[", *p))
			return true;
	}
	return false;
}

/* x is the same name in a child `..*` of its directory */
static bool covers_exactly(const char *x, const char *path)
{
	size_t dir = strrchr(x, '/') - x + 1;
	const char *slash;

	if (!strcmp(x, path))
		return true;
	if (strncmp(x, path, dir) || strncmp(path + dir, "..", 2))
		return false;
	slash = strchr(path + dir, '/');
	return slash && slash - (path + dir) > 2 && !strcmp(slash + 1, x + dir);
}

static bool covers_dir(const char *d, bool recursive, const char *path)
{
	size_t len = strlen(d);
	const char *slash;

	if (!strcmp(path, "/"))
		return len == 1;
	if (strlen(path) == len - 1 && !strncmp(d, path, len - 1))
		return true;
	if (strncmp(d, path, len) || !path[len])
		return false;
	slash = strchr(path + len, '/');
	if (recursive || !slash)
		return true;
	return !strncmp(path + len, "..", 2) && slash - (path + len) > 2 && !strchr(slash + 1, '/');
}

static bool covers_pattern(const char *p, const char *path)
{
	char plain[LINE], *to = plain;

	if (!is_wild(p)) {
		for (; *p; p++)
			*to++ = *p == '\\' ? *++p : *p;
		*to = '\0';
		/* an empty component, which no path has */
		return !strstr(plain, "//") && (to == plain + 1 || to[-1] != '/') &&
		       covers_exactly(plain, path);
	}
	/* `*` after the last slash is one name at least: "/" has none */
	return strcmp(path, "/") && glob(p, path);
}

static bool covered(const struct round *r, const char *path)
{
	for (uint32_t i = 0; i < r->n; i++) {
		const struct ka_rule *rule = &r->rules[i];

		if (rule->list == KA_LIST_PATTERNS ? covers_pattern(rule->object, path)
		    : rule->list == KA_LIST_DIRECTORIES
			    ? covers_dir(rule->object, rule->recursive, path)
			    : covers_exactly(rule->object, path))
			return true;
	}
	return false;
}

/* ---- what may be asked ---- */

/* As the front end has it: absolute, no empty or dotted component, none too long. */
static bool is_path(const char *s, bool dir)
{
	if (*s != '/')
		return false;
	if (dir && s[strlen(s) - 1] != '/')
		return false;
	while (*s) {
		size_t len;

		s++;
		len = strcspn(s, "/");
		if (!len)
			return !*s && (dir || s[-1] == '/');
		if ((len == 1 && s[0] == '.') || (len == 2 && s[0] == '.' && s[1] == '.'))
			return false;
		s += len;
		if (dir && s[0] == '/' && !s[1])
			return true;
		if (!dir && s[0] == '/' && !s[1])
			return false;
	}
	return true;
}

/* Fixed aliases would give rules other names; the model test looks at those. */
static bool has_alias(const char *s)
{
	return strstr(s, "bin") || strstr(s, "lib") || strstr(s, "run") || strstr(s, "lock");
}

static void add_rule(struct round *r, char kind, const char *object)
{
	struct ka_rule *rule = &r->rules[r->n];

	if (r->n == RULES || has_alias(object) || strchr(object, '{'))
		return;
	*rule = (struct ka_rule){
		.section = KA_CAT_FILE, .action = KA_EFFECT_BLOCK, .message = "", .tags = ""};
	strcpy(r->text[r->n], object);
	rule->object = r->text[r->n];
	rule->index = r->n;
	if (kind == 'p') {
		rule->list = KA_LIST_PATTERNS;
		if (object[0] != '/')
			return;
	} else if (kind == 'e') {
		rule->list = KA_LIST_PATHS;
		if (!is_path(object, false) || !object[1])
			return;
	} else {
		rule->list = KA_LIST_DIRECTORIES;
		rule->recursive = kind == 'r';
		if (!is_path(object, true))
			return;
	}
	r->n++;
}

static const char *next_line(const char **p, const char *end, char buf[LINE])
{
	size_t n = 0;

	while (*p < end && **p != '\n') {
		if (n + 1 < LINE && **p)
			buf[n++] = **p;
		(*p)++;
	}
	*p += *p < end;
	buf[n] = '\0';
	return buf;
}

static void ask(const struct round *r, const struct ka_reader *reader, const char *path)
{
	static const __u64 policies[KA_POLICY_WORDS] = {1};
	const struct ka_who who = {.policies = policies,
				   .words = KA_POLICY_WORDS,
				   .flags = KA_MEMBER_STRICT(KA_CAT_FILE)};
	struct ka_ruling ruling;

	if (!is_path(path, false))
		return;
	ka_image_judge(reader, &who, KA_CAT_FILE, KA_OP_READ, path, strlen(path), &ruling);
	if ((ruling.verdict == KA_DENY) == covered(r, path))
		return;
	fprintf(stderr, "'%s' is %scovered, but\n", path, covered(r, path) ? "" : "not ");
	for (uint32_t i = 0; i < r->n; i++)
		fprintf(stderr, "  %d %s\n", r->rules[i].list, r->rules[i].object);
	abort();
}

static void try(struct round *r, struct ka_ctx *ctx, const char *data, size_t size)
{
	const struct ka_compile_options opts = {.root_fd = -1};
	struct ka_policies policies = {.v = r->policies, .n = 1};
	struct ka_compiled compiled;
	struct ka_reader reader;
	char err[256], buf[LINE];

	if (ka_compile(ctx, &policies, &opts, &compiled))
		return;
	if (ka_image_check(compiled.image, compiled.size, compiled.capacity, err, sizeof(err),
			   &reader)) {
		fprintf(stderr, "%s\n", err);
		abort();
	}
	for (const char *p = data; p < data + size;)
		if (next_line(&p, data + size, buf)[0] == '/')
			ask(r, &reader, buf);
	ka_compiled_done(&compiled);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	KA_CTX struct ka_ctx ctx = {};
	struct round *r = calloc(1, sizeof(*r));
	const char *p = (const char *)data;
	char buf[LINE];

	if (!r || ka_ctx_init(&ctx))
		abort();
	r->policy = (struct ka_policy){
		.kind = KA_KIND_POLICY, .ns = "n", .name = "p", .rules = r->rules, .text = ""};
	r->policies[0] = &r->policy;
	while (p < (const char *)data + size) {
		next_line(&p, (const char *)data + size, buf);
		if (strchr("pder", buf[0]) && buf[0])
			add_rule(r, buf[0] == 'd' ? 'd' : buf[0], buf + 1);
	}
	r->policy.nrules = r->n;
	if (r->n)
		try(r, &ctx, (const char *)data, size);
	free(r);
	return 0;
}
