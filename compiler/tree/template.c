// SPDX-License-Identifier: Apache-2.0
#include "template.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_end_of_line(char c)
{
	return c == '\n' || c == '\r';
}

static bool is_word(const char *s, size_t len, const char *word)
{
	return len == strlen(word) && !memcmp(s, word, len);
}

/* What is between the braces, on one line. */
static bool is_action(const char *s, size_t len)
{
	bool blank = memchr(s, ' ', len);

	if (len && *s == '-') {
		s++;
		len--;
	}
	if (!len || is_blank(*s))
		return true;
	if (*s == '/')
		return len > 1 && s[1] == '*'; /* a comment */
	if (memchr(s, ',', len) && !blank)
		return false; /* alternatives */
	if (*s == '.' || *s == '$')
		return true;
	while (len && is_blank(s[len - 1]))
		len--;
	return blank || is_word(s, len, "end") || is_word(s, len, "else");
}

/* A statement of Jinja is told from a pattern by its blanks. */
static bool is_statement(const char *s, size_t left)
{
	size_t i = 2;

	if (left > i && (s[i] == '-' || s[i] == '+'))
		i++;
	return left > i && is_blank(s[i]);
}

bool ka_template_at(const char *s, size_t left, size_t *ret_len)
{
	size_t line = 0;
	const char *close;

	if (left < 3 || *s != '{' || (s[1] != '{' && s[1] != '%'))
		return false;
	while (line < left && !is_end_of_line(s[line]))
		line++;
	close = memmem(s + 2, line - 2, s[1] == '{' ? "}}" : "%}", 2);
	*ret_len = close ? (size_t)(close + 2 - s) : line;
	if (s[1] == '%')
		return is_statement(s, left);
	if (close)
		return is_action(s + 2, (size_t)(close - s) - 2);
	return is_action(s + 2, line - 2) && !memchr(s, ',', line);
}

/* Whether YAML has other words for what is at `at`: a comment, or a string in quotes. */
static bool is_explained(const char *line, const char *at, size_t len)
{
	char quote = 0;

	for (const char *p = line; p < at; p++) {
		bool first = p == line || is_blank(p[-1]) || strchr("[{,(:", p[-1]);

		if (quote) {
			if (*p == quote)
				quote = 0;
		} else if (*p == '#' && (p == line || is_blank(p[-1]))) {
			return true;
		} else if ((*p == '"' || *p == '\'') && first) {
			quote = *p;
		}
	}
	/* "{{ default "x" .Values.y }}": what is quoted ends inside the action */
	return quote && !memchr(at, quote, len);
}

bool ka_template_find(const char *text, size_t from, size_t to, size_t *ret, size_t *ret_len)
{
	size_t line = from;

	for (size_t i = from; i < to; i++) {
		if (is_end_of_line(text[i])) {
			line = i + 1;
			continue;
		}
		if (text[i] != '{' || !ka_template_at(text + i, to - i, ret_len) ||
		    is_explained(text + line, text + i, *ret_len))
			continue;
		*ret = i;
		return true;
	}
	return false;
}
