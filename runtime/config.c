/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <ctype.h>
#include <stdarg.h>

#define MAX_LABELS 256
#define MAX_LINE 1024

enum section { AT_TOP, IN_LABELS, IN_POSTURE };

struct parser {
	const char *name;
	unsigned int line;
	struct ka_node *node;
	struct ka_error *e;
	enum section section;
	bool seen[IN_POSTURE + 1];
	int whom; /* index of posture[], -1: none yet */
	bool seen_whom[2];
};

KA_PRINTF(2, 3) static int refuse(struct parser *p, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return ka_error_set(p->e, -EINVAL, "%s:%u: %s", p->name, p->line, text);
}

/* ---- one line ---- */

/* Cuts a comment and spaces at the end; a '#' counts after a space only, as in YAML. */
static void trim(char *s)
{
	char quote = 0;
	size_t n;

	for (char *c = s; *c; c++) {
		if (quote)
			quote = *c == quote ? 0 : quote;
		else if ((*c == '"' || *c == '\'') && c > s && c[-1] == ' ')
			quote = *c;
		else if (*c == '#' && (c == s || c[-1] == ' ')) {
			*c = '\0';
			break;
		}
	}
	n = strlen(s);
	while (n && (s[n - 1] == ' ' || s[n - 1] == '\r'))
		s[--n] = '\0';
}

static int unquote(struct parser *p, char **value)
{
	char *v = *value;
	size_t n = strlen(v);

	if (*v != '"' && *v != '\'') {
		if (strchr("[]{}&*!|>%@`,?-", *v) && *v && (*v != '-' || !isalnum(v[1])))
			return refuse(p, "only plain or quoted values are understood here");
		if (strstr(v, ": "))
			return refuse(p, "a value with ': ' needs quotes");
		return 0;
	}
	if (n < 2 || v[n - 1] != *v || memchr(v + 1, *v, n - 2) || memchr(v, '\\', n))
		return refuse(p, "only simple quoted values are understood here");
	v[n - 1] = '\0';
	*value = v + 1;
	return 0;
}

static bool key_ok(const char *key)
{
	if (!*key || !isalnum((unsigned char)*key))
		return false;
	for (; *key; key++)
		if (!isalnum((unsigned char)*key) && !strchr("._-/", *key))
			return false;
	return true;
}

/* Splits "key: value" or "key:"; the value is "" then. */
static int split(struct parser *p, char *s, char **key, char **value)
{
	char *colon = strchr(s, ':');

	if (!colon || (colon[1] && colon[1] != ' '))
		return refuse(p, "expected 'key: value'");
	*colon = '\0';
	*key = s;
	*value = colon + 1 + strspn(colon + 1, " ");
	if (!key_ok(s))
		return refuse(p, "'%.60s' is no key", s);
	return unquote(p, value);
}

/* ---- what a line means ---- */

static int open_section(struct parser *p, const char *key, const char *value)
{
	if (!strcmp(key, "labels"))
		p->section = IN_LABELS;
	else if (!strcmp(key, "posture"))
		p->section = IN_POSTURE;
	else
		return refuse(p, "unknown key '%.60s' (known: labels, posture)", key);
	p->whom = -1;
	if (p->seen[p->section])
		return refuse(p, "'%s' is given twice", key);
	p->seen[p->section] = true;
	if (*value)
		return refuse(p, "the entries of '%s' belong on lines of their own", key);
	return 0;
}

static int add_label(struct parser *p, const char *key, const char *value)
{
	struct ka_labels *l = &p->node->labels;
	const char **keys = (const char **)l->keys, **values = (const char **)l->values;

	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(keys[i], key))
			return refuse(p, "label '%s' is given twice", key);
	if (l->n == MAX_LABELS)
		return refuse(p, "too many labels (limit is %d)", MAX_LABELS);
	if (!keys)
		l->keys = keys = calloc(MAX_LABELS, sizeof(*keys));
	if (!values)
		l->values = values = calloc(MAX_LABELS, sizeof(*values));
	if (!keys || !values)
		return ka_error_set(p->e, -ENOMEM, "no memory");
	keys[l->n] = strdup(key);
	values[l->n] = strdup(value);
	l->n++; /* also when a copy failed: ka_node_done frees what is there */
	if (!keys[l->n - 1] || !values[l->n - 1])
		return ka_error_set(p->e, -ENOMEM, "no memory");
	return 0;
}

static int open_whom(struct parser *p, const char *key, const char *value)
{
	if (!strcmp(key, "workloads"))
		p->whom = 0;
	else if (!strcmp(key, "host"))
		p->whom = 1;
	else
		return refuse(p, "unknown key '%.60s' (known: workloads, host)", key);
	if (p->seen_whom[p->whom])
		return refuse(p, "'%s' is given twice", key);
	p->seen_whom[p->whom] = true;
	return *value ? refuse(p, "'%s' needs 'file:' or 'process:' below it", key) : 0;
}

static int set_posture(struct parser *p, const char *key, const char *value)
{
	enum ka_posture *to;

	static const char *const names[KA_CAT__MAX] = {
		[KA_CAT_FILE] = "file",
		[KA_CAT_PROCESS] = "process",
		[KA_CAT_NETWORK] = "network",
		[KA_CAT_CAPABILITIES] = "capabilities",
	};
	size_t cat = 0;

	while (cat < KA_CAT__MAX && strcmp(key, names[cat]))
		cat++;
	if (cat == KA_CAT__MAX)
		return refuse(p,
			      "unknown key '%.60s' (known: file, process, network, capabilities)",
			      key);
	to = &p->node->posture[p->whom][cat];
	if (*to != KA_POSTURE_UNSET)
		return refuse(p, "'%s' is given twice", key);
	if (!strcmp(value, "block"))
		*to = KA_POSTURE_BLOCK;
	else if (!strcmp(value, "audit"))
		*to = KA_POSTURE_AUDIT;
	else
		return refuse(p, "a posture is 'block' or 'audit', not '%.60s'", value);
	return 0;
}

static int take_entry(struct parser *p, size_t indent, char *text)
{
	char *key = NULL, *value = NULL;
	int r = split(p, text, &key, &value);

	if (r)
		return r;
	if (indent == 0)
		return open_section(p, key, value);
	if (p->section == IN_LABELS && indent == 2)
		return add_label(p, key, value);
	if (p->section == IN_POSTURE && indent == 2)
		return open_whom(p, key, value);
	if (p->section == IN_POSTURE && indent == 4 && p->whom >= 0)
		return set_posture(p, key, value);
	return refuse(p, "wrong indentation: two spaces per level");
}

static int take_line(struct parser *p, const char *line, size_t len)
{
	char copy[MAX_LINE];
	size_t indent;

	p->line++;
	if (len >= sizeof(copy))
		return refuse(p, "the line is too long");
	if (memchr(line, '\0', len) || memchr(line, '\t', len))
		return refuse(p, "tabs and NUL bytes have no place here");
	memcpy(copy, line, len);
	copy[len] = '\0';
	trim(copy);
	indent = strspn(copy, " ");
	if (!copy[indent] || (p->line == 1 && !strcmp(copy, "---")))
		return 0;
	return take_entry(p, indent, copy + indent);
}

int ka_config_parse(const char *text, size_t len, const char *name, struct ka_node *ret,
		    struct ka_error *e)
{
	struct parser p = {.name = name, .node = ret, .e = e, .whom = -1};

	while (len) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;
		int r = take_line(&p, text, n);

		if (r)
			return r;
		n += !!end;
		text += n;
		len -= n;
	}
	return 0;
}
