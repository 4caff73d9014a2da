// SPDX-License-Identifier: Apache-2.0
#include "documents.h"

static size_t order_of(const struct ka_policy *p)
{
	const struct ka_source *src = p->loc.source;

	return src && src->findings ? src->findings->order : SIZE_MAX;
}

static int by_place(const void *a, const void *b)
{
	const struct ka_policy *p = *(const struct ka_policy *const *)a;
	const struct ka_policy *q = *(const struct ka_policy *const *)b;
	size_t x = order_of(p), y = order_of(q);

	if (x != y)
		return x < y ? -1 : 1;
	return p->loc.line < q->loc.line ? -1 : p->loc.line > q->loc.line;
}

int ka_policies_by_place(const struct ka_found *f, const struct ka_policy ***ret)
{
	const struct ka_policies *set = &f->in->policies;

	*ret = calloc(set->n + 1, sizeof(const struct ka_policy *));
	if (!*ret)
		return -ENOMEM;
	for (size_t i = 0; i < set->n; i++)
		(*ret)[i] = set->v[i];
	if (set->n)
		qsort(*ret, set->n, sizeof(const struct ka_policy *), by_place);
	return 0;
}

void ka_documents_of(struct ka_document_walk *w, const struct ka_found *f, size_t source,
		     const struct ka_policy **by_place)
{
	size_t low = 0, high = f->in->policies.n;

	*w = (struct ka_document_walk){.found = f, .part = ka_found_part(f, source), .line = 1};
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (order_of(by_place[mid]) < source)
			low = mid + 1;
		else
			high = mid;
	}
	w->policies = by_place + low;
	while (low < f->in->policies.n && order_of(by_place[low]) == source)
		low++;
	w->npolicies = low - (size_t)(w->policies - by_place);
}

static bool is_separator(const char *s, size_t left)
{
	return left >= 3 && !memcmp(s, "---", 3) &&
	       (left == 3 || s[3] == ' ' || s[3] == '\t' || s[3] == '\n' || s[3] == '\r');
}

/* Whether a line has more than blanks, a comment, or the separator itself. */
static bool says_something(const char *s, size_t len)
{
	size_t i = is_separator(s, len) ? 3 : 0;

	while (i < len && (s[i] == ' ' || s[i] == '\t'))
		i++;
	return i < len && s[i] != '#' && !(len == 3 && !memcmp(s, "...", 3));
}

/* Goes over the lines of one document; true if it says anything. */
static bool pass(struct ka_document_walk *w)
{
	const struct ka_source *src = w->part.source;
	bool says = false, begun = false;

	while (w->at < src->len) {
		const char *s = src->text + w->at;
		size_t left = src->len - w->at, len = 0;

		if (is_separator(s, left) && begun)
			break;
		while (len < left && s[len] != '\n' && s[len] != '\r')
			len++;
		/* what stands before the first separator is part of the first document */
		begun = begun || is_separator(s, left) || says_something(s, len);
		says = says || says_something(s, len);
		if (len < left)
			len += s[len] == '\r' && len + 1 < left && s[len + 1] == '\n' ? 2 : 1;
		w->at += len;
		w->line++;
	}
	return says;
}

static void take(struct ka_document_walk *w, struct ka_document *d, bool all)
{
	d->diags = w->part.diags;
	while (w->part.n && (all || w->part.diags[0]->loc.line <= d->last)) {
		d->fails = d->fails || w->part.diags[0]->severity >= w->found->fail_level;
		w->part.diags++;
		w->part.n--;
		d->n++;
	}
	while (w->npolicies && w->policies[0]->loc.line <= d->last) {
		d->policy = d->policies++ ? d->policy : w->policies[0];
		w->policies++;
		w->npolicies--;
	}
}

bool ka_document_next(struct ka_document_walk *w, struct ka_document *ret)
{
	while (w->at < w->part.source->len || w->part.n) {
		struct ka_document d = {.number = w->number + 1, .first = w->line};
		bool says = pass(w), all = w->at >= w->part.source->len;

		d.last = w->line - 1;
		take(w, &d, all);
		if (!says && !d.n)
			continue;
		w->number++;
		*ret = d;
		return true;
	}
	return false;
}
