// SPDX-License-Identifier: Apache-2.0
#include "feed.h"

#define PIECE 4096u

/* Whether all bytes are printable ASCII or white space. Without a branch: it is all of the text. */
static bool is_plain(const unsigned char *s, size_t len)
{
	unsigned bad = 0;

	for (size_t i = 0; i < len; i++)
		bad |= (s[i] < 0x20 && s[i] != '\t' && s[i] != '\n' && s[i] != '\r') |
		       (s[i] > 0x7e);
	return !bad;
}

static bool is_allowed(uint32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0x7e) || c == 0x85 ||
	       (c >= 0xa0 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) ||
	       (c >= 0x10000 && c <= 0x10ffff);
}

/* The length of the character at s, 0: none that YAML allows; *ret says why. */
static size_t character(const unsigned char *s, size_t left, const char **ret)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = *s < 0x80   ? 1
		   : *s < 0xc2 ? 0
		   : *s < 0xe0 ? 2
		   : *s < 0xf0 ? 3
		   : *s < 0xf5 ? 4
			       : 0;
	uint32_t c = n < 2 ? *s : *s & (0x7fu >> n);

	*ret = "this byte is no UTF-8";
	if (!n || n > left)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[n])
		return 0;
	*ret = c < 0xd800 ? "control characters are not allowed" : "this character is not allowed";
	return is_allowed(c) ? n : 0;
}

/* A byte order mark inside: two files became one. libyaml would count it as a column. */
static bool is_inner_mark(const struct ka_feed *f, size_t at)
{
	const char *s = f->src->text + at;

	return at && s[-1] == '\n' && !memcmp(s, "\xef\xbb\xbf", 3);
}

/* How many of the next bytes are good; they end with a whole character. */
static size_t good(struct ka_feed *f, size_t most)
{
	const unsigned char *s = (const unsigned char *)f->src->text + f->at;
	size_t left = f->src->len - f->at, n = 0, one;

	if (is_plain(s, most))
		return most;
	while (n < most) {
		one = character(s + n, left - n, &f->problem);
		if (one == 3 && is_inner_mark(f, f->at + n)) {
			f->problem = "a byte order mark where no text begins";
			one = 0;
		}
		if (!one || n + one > most)
			break;
		n += one;
	}
	return n;
}

static void cover_tabs(const struct ka_feed *f, unsigned char *buffer, size_t n)
{
	for (unsigned i = 0; i < f->ntabs; i++)
		if (f->tabs[i] >= f->at && f->tabs[i] - f->at < n)
			buffer[f->tabs[i] - f->at] = ' ';
}

int ka_feed_read(void *data, unsigned char *buffer, size_t size, size_t *ret)
{
	struct ka_feed *f = data;
	size_t n = f->src->len - f->at;

	*ret = 0;
	if (!n)
		return 1;
	if (f->at - f->since > KA_FEED_GAP) {
		f->why = KA_FEED_TOO_LONG;
		return 0;
	}
	if (n > PIECE)
		n = PIECE;
	n = good(f, n < size ? n : size);
	if (!n) {
		f->why = KA_FEED_BAD_BYTE;
		return 0;
	}
	memcpy(buffer, f->src->text + f->at, n);
	cover_tabs(f, buffer, n);
	f->at += n;
	*ret = n;
	return 1;
}
