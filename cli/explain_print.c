// SPDX-License-Identifier: Apache-2.0
#include "explain_print.h"

#include "../runtime/node.h"
#include "command.h"
#include "names.h"
#include "posture.h"
#include "report.h"

/* ---- asking ---- */

static int judge(const struct ka_explain_case *c, struct ka_explain_answer *a, enum ka_category cat,
		 enum ka_op op)
{
	const struct ka_who who = {.policies = c->member.policies,
				   .words = KA_POLICY_WORDS,
				   .flags = c->member.flags,
				   .class = {c->class[0], c -> class[1]}};

	return ka_explain(&c->reader, c->policies, &who, cat, op, a->path, &a->judged[a->n++]);
}

int ka_explain_ask(struct ka_explain_case *c, const char *word, enum ka_op op, const char *asked,
		   const char *path)
{
	struct ka_explain_answer *v = reallocarray(c->answers, c->n + 1, sizeof(*v)), *a;
	int r;

	if (!v)
		return -ENOMEM;
	c->answers = v;
	a = &v[c->n++];
	*a = (struct ka_explain_answer){.word = word, .asked = asked, .path = path};
	if (op == KA_OP_MAP_EXEC)
		return judge(c, a, KA_CAT_PROCESS, op);
	if (op != KA_OP_EXEC)
		return judge(c, a, KA_CAT_FILE, op);
	/* the kernel opens a program before it runs it */
	r = judge(c, a, KA_CAT_PROCESS, op);
	return r < 0 ? r : judge(c, a, KA_CAT_FILE, KA_OP_READ);
}

void ka_explain_case_done(struct ka_explain_case *c)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->answers[i].n; k++)
			ka_explained_done(&c->answers[i].judged[k]);
	free(c->answers);
	c->answers = NULL;
	c->n = 0;
}

static int exit_code(const struct ka_explain_case *c)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->answers[i].n; k++)
			if (c->answers[i].judged[k].ruling.verdict == KA_DENY)
				return KA_EXIT_NO;
	return KA_EXIT_OK;
}

static bool governs(const struct ka_explain_case *c, uint32_t policy)
{
	return c->member.policies[policy / 64] >> (policy % 64) & 1;
}

/* ---- text ---- */

static void safe(const char *s)
{
	ka_print_safe(stdout, s, strlen(s));
}

static void print_subject(const struct ka_explain_case *c)
{
	size_t n = 0;

	if (!c->ns) {
		fputs("the node's own tasks", stdout);
	} else {
		fputs("workload of namespace ", stdout);
		safe(c->ns);
		for (size_t i = 0; i < c->labels.n; i++) {
			fputs(i ? ", " : " with ", stdout);
			safe(c->labels.keys[i]);
			putchar('=');
			safe(c->labels.values[i]);
		}
	}
	for (uint32_t i = 0; i < c->reader.head->policies.count; i++)
		n += governs(c, i);
	printf(": %zu polic%s govern%s\n", n, ka_plural_y(n), n == 1 ? "s" : "");
	for (uint32_t i = 0; i < c->reader.head->policies.count; i++) {
		if (!governs(c, i))
			continue;
		fputs("  ", stdout);
		safe(ka_name_policy(&c->reader, i).s);
		puts(ka_image_policy(&c->reader, i)->flags & KA_POL_WOULD ? " (audit mode)" : "");
	}
}

static void print_postures(const struct ka_explain_case *c)
{
	struct ka_posture_origin o;

	for (int cat = 0; cat < KA_CAT__MAX; cat++) {
		if (!ka_posture_find(&c->reader, c->node, c->member.policies, c->ns,
				     (enum ka_category)cat, &o)) {
			printf("  %s: what no rule matches is permitted, no rule allows\n",
			       ka_name_category((enum ka_category)cat));
			continue;
		}
		printf("  %s: an allow-list; posture %s, from ",
		       ka_name_category((enum ka_category)cat), ka_name_posture(o.posture));
		safe(o.origin);
		putchar('\n');
	}
}

static void print_rule(const struct ka_explain_case *c, uint32_t number)
{
	const struct ka_rule_rec *rec = ka_image_rule(&c->reader, number);
	const struct ka_rule *rule = ka_rule_find(c->policies, &c->reader, number);
	const struct ka_from *from = rule ? ka_rule_from(rule, rec) : NULL;

	safe(ka_name_rule(&c->reader, number).s);
	if (rule) {
		printf(": %s ", ka_name_action(rec->action));
		safe(rule->object);
		fputs(rule->readonly ? " readOnly" : "", stdout);
		fputs(rule->recursive ? " recursive" : "", stdout);
	}
	if (from) {
		fputs(" from ", stdout);
		safe(from->path);
	}
}

static void print_alias(const struct ka_explain_case *c, uint32_t number)
{
	const struct ka_rule_rec *rec = ka_image_rule(&c->reader, number);
	const struct ka_rule *rule = ka_rule_find(c->policies, &c->reader, number);

	for (size_t i = 0; i < c->naliases; i++) {
		const struct ka_alias *a = &c->aliases[i];

		if (a->rule != rule || (a->from && a->from->index != rec->from))
			continue;
		fputs("             ", stdout);
		safe(a->path);
		fputs(a->fixed ? " may be " : " leads to ", stdout);
		safe(a->target);
		putchar('\n');
	}
}

static const char *fate_word(const struct ka_heard *x)
{
	static const char *const words[] = {
		[KA_FATE_DECIDES] = "decides", [KA_FATE_WOULD] = "would",
		[KA_FATE_REPORTS] = "audits",  [KA_FATE_LOST] = "lost",
		[KA_FATE_SOURCE] = "-",        [KA_FATE_SPARED] = "-",
	};

	return words[x->fate];
}

static const char *fate_note(const struct ka_heard *x)
{
	bool allow = x->entry.effect == KA_EFFECT_ALLOW;

	if (x->entry.scope == KA_SCOPE_INTEGRITY && x->fate == KA_FATE_SPARED)
		return "protects a source or an allowed program, but only from changes";
	switch (x->fate) {
	case KA_FATE_WOULD:
		return "its policy is in audit mode";
	case KA_FATE_SOURCE:
		return "about another source";
	case KA_FATE_SPARED:
		return allow ? "readOnly: it allows no change" : "readOnly: only about changes";
	case KA_FATE_LOST:
		return x->why;
	default:
		return x->entry.scope == KA_SCOPE_INTEGRITY
			       ? "protects a source or an allowed program from changes"
			       : "";
	}
}

static void print_heard(const struct ka_explain_case *c, const struct ka_heard *x)
{
	const char *note = fate_note(x);

	printf("    %-8s ", fate_word(x));
	print_rule(c, x->entry.rule);
	if (note[0])
		printf(" (%s)", note);
	putchar('\n');
	if (x->fate != KA_FATE_LOST)
		print_alias(c, x->entry.rule);
}

static void print_judged(const struct ka_explain_case *c, const struct ka_explained *x)
{
	printf("  %s: %s", ka_name_category(x->cat), ka_verdict_str(x->ruling.verdict));
	if (x->ruling.rule != KA_NO_RULE) {
		fputs(" by ", stdout);
		safe(ka_name_rule(&c->reader, x->ruling.rule).s);
	} else if (x->ruling.reason != KA_WHY_NONE) {
		printf(" by %s", ka_reason_str(x->ruling.reason));
	}
	if (x->ruling.audit != KA_NO_RULE)
		fputs(", and reported", stdout);
	putchar('\n');
	for (size_t i = 0; i < x->n; i++)
		print_heard(c, &x->v[i]);
	if (!x->n)
		puts("    no rule of these policies covers it");
}

static void print_answer(const struct ka_explain_case *c, const struct ka_explain_answer *a)
{
	printf("%s ", a->word);
	safe(a->asked);
	if (strcmp(a->asked, a->path) != 0) {
		fputs(", which is ", stdout);
		safe(a->path);
	}
	for (int i = 0; i < 2 && c->sources[i]; i++) {
		fputs(i ? " with " : ", by ", stdout);
		safe(c->sources[i]);
		fputs(c->class[i] ? "" : " (no rule's source)", stdout);
	}
	putchar('\n');
	for (size_t i = 0; i < a->n; i++)
		print_judged(c, &a->judged[i]);
}

int ka_explain_print(const struct ka_explain_case *c)
{
	print_subject(c);
	print_postures(c);
	for (size_t i = 0; i < c->n; i++)
		print_answer(c, &c->answers[i]);
	return exit_code(c);
}

/* ---- JSON ---- */

static json_t *text(const char *s)
{
	return ka_json_bytes(s, strlen(s));
}

static json_t *heard_json(const struct ka_explain_case *c, const struct ka_heard *x)
{
	static const char *const fates[] = {
		[KA_FATE_DECIDES] = "decides", [KA_FATE_WOULD] = "wouldDecide",
		[KA_FATE_REPORTS] = "audits",  [KA_FATE_LOST] = "lost",
		[KA_FATE_SOURCE] = "source",   [KA_FATE_SPARED] = "readOnly",
	};
	const struct ka_rule *rule = ka_rule_find(c->policies, &c->reader, x->entry.rule);
	json_t *o = json_object();

	json_object_set_new(o, "rule", text(ka_name_rule(&c->reader, x->entry.rule).s));
	json_object_set_new(
		o, "action",
		json_string(ka_name_action(ka_image_rule(&c->reader, x->entry.rule)->action)));
	if (rule)
		json_object_set_new(o, "object", text(rule->object));
	json_object_set_new(o, "fate", json_string(fates[x->fate]));
	if (x->fate == KA_FATE_LOST)
		json_object_set_new(o, "to", text(ka_name_rule(&c->reader, x->winner).s));
	if (fate_note(x)[0])
		json_object_set_new(o, "why", json_string(fate_note(x)));
	return o;
}

static json_t *judged_json(const struct ka_explain_case *c, const struct ka_explained *x)
{
	json_t *o = json_object(), *rules = json_array();

	json_object_set_new(o, "category", json_string(ka_name_category(x->cat)));
	json_object_set_new(o, "verdict", json_string(ka_verdict_str(x->ruling.verdict)));
	if (x->ruling.reason != KA_WHY_NONE)
		json_object_set_new(o, "reason", json_string(ka_reason_str(x->ruling.reason)));
	if (x->ruling.rule != KA_NO_RULE)
		json_object_set_new(o, "rule", text(ka_name_rule(&c->reader, x->ruling.rule).s));
	if (x->ruling.audit != KA_NO_RULE)
		json_object_set_new(o, "audit", text(ka_name_rule(&c->reader, x->ruling.audit).s));
	for (size_t i = 0; i < x->n; i++)
		json_array_append_new(rules, heard_json(c, &x->v[i]));
	json_object_set_new(o, "rules", rules);
	return o;
}

static json_t *answer_json(const struct ka_explain_case *c, const struct ka_explain_answer *a)
{
	json_t *o = json_object(), *judged = json_array();

	json_object_set_new(o, "operation", json_string(a->word));
	json_object_set_new(o, "asked", text(a->asked));
	json_object_set_new(o, "path", text(a->path));
	for (size_t i = 0; i < a->n; i++)
		json_array_append_new(judged, judged_json(c, &a->judged[i]));
	json_object_set_new(o, "judgements", judged);
	return o;
}

static json_t *postures_json(const struct ka_explain_case *c)
{
	json_t *all = json_object();
	struct ka_posture_origin found;

	for (int cat = 0; cat < KA_CAT__MAX; cat++) {
		json_t *o = json_object();
		bool list = ka_posture_find(&c->reader, c->node, c->member.policies, c->ns,
					    (enum ka_category)cat, &found);

		json_object_set_new(o, "allowList", json_boolean(list));
		if (list) {
			json_object_set_new(o, "posture",
					    json_string(ka_name_posture(found.posture)));
			json_object_set_new(o, "from", text(found.origin));
		}
		json_object_set_new(all, ka_name_category((enum ka_category)cat), o);
	}
	return all;
}

int ka_explain_print_json(const struct ka_explain_case *c)
{
	json_t *o = json_object(), *policies = json_array(), *sources = json_array(),
	       *answers = json_array();
	int r;

	for (uint32_t i = 0; i < c->reader.head->policies.count; i++)
		if (governs(c, i))
			json_array_append_new(policies, text(ka_name_policy(&c->reader, i).s));
	for (int i = 0; i < 2 && c->sources[i]; i++)
		json_array_append_new(sources, text(c->sources[i]));
	for (size_t i = 0; i < c->n; i++)
		json_array_append_new(answers, answer_json(c, &c->answers[i]));
	json_object_set_new(o, "host", json_boolean(!c->ns));
	if (c->ns)
		json_object_set_new(o, "namespace", text(c->ns));
	json_object_set_new(o, "policies", policies);
	json_object_set_new(o, "postures", postures_json(c));
	json_object_set_new(o, "sources", sources);
	json_object_set_new(o, "answers", answers);
	r = ka_print_json(o);
	return r ? r : exit_code(c);
}
