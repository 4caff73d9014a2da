// SPDX-License-Identifier: Apache-2.0
#include "suggest.h"

#define LONGEST 64u /* longer names are near to nothing */

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

static bool same(char a, char b)
{
	if (a >= 'A' && a <= 'Z')
		a = (char)(a - 'A' + 'a');
	if (b >= 'A' && b <= 'Z')
		b = (char)(b - 'A' + 'a');
	return a == b;
}

unsigned ka_edits(const char *a, size_t alen, const char *b, size_t blen, unsigned most)
{
	unsigned rows[3][LONGEST + 1], *before = rows[0], *last = rows[1], *row = rows[2], *t;

	if (alen > LONGEST || blen > LONGEST)
		return most + 1;
	for (size_t j = 0; j <= blen; j++)
		last[j] = (unsigned)j;
	for (size_t i = 1; i <= alen; i++) {
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= blen; j++) {
			row[j] = min3(last[j] + 1, row[j - 1] + 1,
				      last[j - 1] + !same(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
			    same(a[i - 2], b[j - 1]) && before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		t = before;
		before = last;
		last = row;
		row = t;
	}
	return last[blen] > most ? most + 1 : last[blen];
}

void ka_suggest_try(struct ka_suggest *s, const char *candidate)
{
	size_t len = strlen(candidate);
	unsigned most = 2, d;

	/* Two edits make anything of two letters. */
	if (s->len <= 3 || len <= 3)
		most = 1;
	d = ka_edits(s->name, s->len, candidate, len, most);
	if (d <= most && d < s->distance) {
		s->best = candidate;
		s->distance = d;
	}
}
