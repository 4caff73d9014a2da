// SPDX-License-Identifier: Apache-2.0
/*
 * Allow-lists that lack what a workload needs: an Allow rule makes its category one, for all that
 * the policy governs. What another policy allows to the same workloads, or to a part of them,
 * counts as there.
 */
#include "known.h"
#include "linter.h"

/* What the Allow rules of a group hold. */
struct has {
	bool libraries; /* file */
	bool first;     /* process: a program that needs no source */
	bool tcp, udp;  /* network */
};

static bool begins_alike(const char *a, size_t len, const char *b)
{
	size_t n = strlen(b);

	return !strncmp(a, b, len < n ? len : n);
}

/* Whether a rule may cover loader and libraries: when in doubt, it does. */
static bool holds_libraries(const struct ka_rule *r)
{
	size_t len = strlen(r->object);

	if (r->list == KA_LIST_PATTERNS) {
		len = strcspn(r->object, "*?[]{}\\");
		return begins_alike(r->object, len, "/lib") ||
		       begins_alike(r->object, len, "/usr/lib");
	}
	if (r->list == KA_LIST_DIRECTORIES && r->recursive &&
	    (!strcmp(r->object, "/") || !strcmp(r->object, "/usr/")))
		return true;
	return ka_known_library(r->object) || strstr(r->object, ".so");
}

static void add(struct has *h, const struct ka_rule *r)
{
	if (r->action != KA_EFFECT_ALLOW)
		return;
	switch (r->section) {
	case KA_SECTION_FILE:
		h->libraries |= holds_libraries(r);
		break;
	case KA_SECTION_PROCESS:
		h->first |= !r->nfrom;
		break;
	case KA_SECTION_NETWORK:
		h->tcp |= !strcmp(r->object, "tcp") || !strcmp(r->object, "stream") ||
			  !strcmp(r->object, "all");
		h->udp |= !strcmp(r->object, "udp") || !strcmp(r->object, "dgram") ||
			  !strcmp(r->object, "all");
		break;
	default:
		break;
	}
}

static const struct ka_rule *first_allow(const struct ka_policy *p, enum ka_section section)
{
	for (size_t i = 0; i < p->nrules; i++)
		if (p->rules[i].section == section && p->rules[i].action == KA_EFFECT_ALLOW)
			return &p->rules[i];
	return NULL;
}

static void file(struct ka_linter *l, const struct ka_policy *p, const struct has *h)
{
	const struct ka_rule *r = first_allow(p, KA_SECTION_FILE);

	if (!r || h->libraries || !ka_posture_denies(p, KA_SECTION_FILE))
		return;
	ka_diag_hint(
		l->ctx, ka_diag(l->ctx, KA_D_ALLOW_NO_LIBRARIES, r->loc),
		"allow what programs read to start (/lib/, /lib64/, /usr/lib/, and themselves), "
		"or ask for reports alone: annotation karmor-c/posture-file: audit");
}

static void process(struct ka_linter *l, const struct ka_policy *p, const struct has *h)
{
	const struct ka_rule *r = first_allow(p, KA_SECTION_PROCESS);

	if (!r || h->first || !ka_posture_denies(p, KA_SECTION_PROCESS))
		return;
	ka_diag_hint(l->ctx, ka_diag(l->ctx, KA_D_ALLOW_NO_ENTRY, r->loc),
		     "allow the program that the workload begins with, without fromSource");
}

static void network(struct ka_linter *l, const struct ka_policy *p, const struct has *h)
{
	const struct ka_rule *r = first_allow(p, KA_SECTION_NETWORK);

	if (!r || !ka_posture_denies(p, KA_SECTION_NETWORK))
		return;
	if (!h->tcp)
		ka_diag_hint(l->ctx, ka_diag(l->ctx, KA_D_ALLOW_NO_PROTOCOL, r->loc, "tcp"),
			     "an Allow permits nothing that was forbidden: it denies the rest");
	else if (!h->udp)
		ka_diag_hint(l->ctx, ka_diag(l->ctx, KA_D_ALLOW_NO_DNS, r->loc),
			     "add 'protocol: udp' where names are to be resolved");
}

static struct has near(const struct ka_linter *l, const struct has *own, uint32_t group)
{
	const struct ka_group *g = &l->groups.v[group];
	struct has all = {};

	for (uint32_t i = 0; i < g->nnear; i++) {
		const struct has *h = &own[g->near[i]];

		all.libraries |= h->libraries;
		all.first |= h->first;
		all.tcp |= h->tcp;
		all.udp |= h->udp;
	}
	return all;
}

static void set(struct ka_linter *l)
{
	KA_FREE struct has *own = calloc(l->groups.n + 1, sizeof(*own));

	if (!own) {
		ka_fail(l->ctx, -ENOMEM, "out of memory");
		return;
	}
	for (size_t p = 0; p < l->set->n; p++)
		for (size_t i = 0; i < l->set->v[p]->nrules; i++)
			add(&own[l->groups.of[p]], &l->set->v[p]->rules[i]);
	for (uint32_t p = 0; p < l->set->n; p++) {
		struct has h = near(l, own, l->groups.of[p]);

		if (l->groups.v[l->groups.of[p]].incomplete || !ka_is_whole(l, p))
			continue;
		file(l, l->set->v[p], &h);
		process(l, l->set->v[p], &h);
		network(l, l->set->v[p], &h);
	}
}

/* ---- a directory above the token ---- */

static void rule(struct ka_linter *l, uint32_t policy, uint32_t number)
{
	static const char *const above[] = {
		"/run/secrets/",
		"/run/secrets/kubernetes.io/",
		"/var/run/secrets/",
		"/var/run/secrets/kubernetes.io/",
	};
	const struct ka_rule *r = &l->set->v[policy]->rules[number];

	if (r->list != KA_LIST_DIRECTORIES || r->recursive || !ka_is_path_rule(r))
		return;
	for (size_t i = 0; i < KA_ARRAY_SIZE(above); i++)
		if (!strcmp(r->object, above[i]))
			ka_diag_hint(l->ctx,
				     ka_diag(l->ctx, KA_D_TOKEN_NOT_RECURSIVE, r->loc, r->object),
				     "the service account's token lies in "
				     "kubernetes.io/serviceaccount/ below: add 'recursive: true'");
}

const struct ka_family ka_family_more = {.flags = KA_LINT_DEFAULT, .rule = rule, .set = set};
