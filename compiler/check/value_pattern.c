// SPDX-License-Identifier: Apache-2.0
#include "value_pattern.h"

#include "../automaton/glob.h"

#define MOST_WORK (1u << 20) /* bytes that multiplying out may copy: far below the real limit */

struct glance {
	const char *p;
	size_t len;
	size_t alternatives, rounds; /* of multiplying out */
};

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-';
}

/* After '[': letters, digits and ascending ranges of them. */
static bool is_class(struct glance *g)
{
	g->p += *g->p == '^';
	if (*g->p == ']')
		return false;
	while (*g->p != ']') {
		char lo = *g->p++;

		if (!is_word(lo) || lo == '-')
			return false;
		if (g->p[0] != '-' || g->p[1] == ']')
			continue;
		if (!is_word(g->p[1]) || g->p[1] < lo)
			return false;
		g->p += 2;
	}
	g->p++;
	return true;
}

/* After '{': words, one of them not empty, so that no component has to be. */
static bool is_choice(struct glance *g)
{
	bool some = false;
	size_t n = 1;

	for (; *g->p != '}'; g->p++) {
		if (*g->p == ',')
			n++;
		else if (is_word(*g->p))
			some = true;
		else
			return false;
	}
	g->p++;
	g->alternatives *= n;
	g->rounds++;
	return some;
}

static bool is_plain_byte(struct glance *g)
{
	char c = *g->p++;

	switch (c) {
	case '/':
		return *g->p && *g->p != '/';
	case '[':
		return is_class(g);
	case '{':
		return is_choice(g);
	case '}':
	case '\\':
		return false;
	case '*':
		if (*g->p == '*') {
			g->alternatives *= 2;
			g->rounds++;
		}
	}
	return true;
}

bool ka_pattern_is_plain(const char *s, size_t len)
{
	struct glance g = {.p = s, .len = len, .alternatives = 1, .rounds = 1};

	if (*s != '/')
		return false;
	while (*g.p) {
		if (!is_plain_byte(&g) || g.alternatives > KA_PATTERN_ALTS)
			return false;
	}
	return g.alternatives * g.rounds * len <= MOST_WORK;
}
