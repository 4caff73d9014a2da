/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decision over an entry list (ka_decide), postures, and policy sets (ka_meets).
 */
#include "handmade.h"

/* ---- entry lists ---- */

#define ALLOW KA_EFFECT_ALLOW
#define BLOCK KA_EFFECT_BLOCK
#define AUDIT KA_EFFECT_AUDIT
#define NS KA_SCOPE_NAMESPACE
#define CLUSTER KA_SCOPE_CLUSTER
#define INTEGRITY KA_SCOPE_INTEGRITY
#define NONE KA_NO_RULE

static __u32 list_of(struct maker *m, const struct ka_entry *entries, __u32 n)
{
	__u32 off = take(m, n * sizeof(*entries));
	struct ka_entry *e = at(m, off);

	memcpy(e, entries, n * sizeof(*entries));
	e[n - 1].flags |= KA_ENTRY_LAST;
	return off;
}

#define LIST(m, ...)                                         \
	list_of((m), (const struct ka_entry[]){__VA_ARGS__}, \
		sizeof((const struct ka_entry[]){__VA_ARGS__}) / sizeof(struct ka_entry))

struct asked {
	__u32 list, cat, op, flags;
	__u16 class[2];
	__u64 policies; /* 0: policy 0 alone */
};

static struct ka_ruling decide(struct maker *m, struct asked a)
{
	__u64 policies[KA_POLICY_WORDS] = {a.policies ? a.policies : 1};
	struct ka_who who = {.policies = policies,
			     .words = KA_POLICY_WORDS,
			     .flags = a.flags,
			     .class = {a.class[0], a.class[1]}};
	struct ka_ruling ret;

	memset(&ret, 0xa5, sizeof(ret));
	ka_decide(&m->view, &who, a.list, a.cat, a.op ? a.op : KA_OP_READ, &ret);
	return ret;
}

#define RULED(r, v, w, n, a)                         \
	do {                                         \
		struct ka_ruling ruled_ = (r);       \
		assert_int_equal(ruled_.verdict, v); \
		assert_int_equal(ruled_.reason, w);  \
		assert_int_equal(ruled_.rule, n);    \
		assert_int_equal(ruled_.audit, a);   \
	} while (0)

static void no_list_permits(void **arg KA_UNUSED)
{
	struct maker *m = make(64);

	RULED(decide(m, (struct asked){0}), KA_PERMIT, KA_WHY_NONE, NONE, NONE);
	free(m);
}

static void the_first_entry_that_applies_decides(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	__u32 block = LIST(m, {.rule = 7, .scope = NS, .effect = BLOCK},
			   {.rule = 8, .scope = NS, .effect = ALLOW});
	__u32 allow = LIST(m, {.rule = 8, .scope = NS, .effect = ALLOW},
			   {.rule = 7, .scope = NS, .effect = BLOCK});

	RULED(decide(m, (struct asked){block}), KA_DENY, KA_WHY_RULE, 7, NONE);
	RULED(decide(m, (struct asked){allow}), KA_PERMIT, KA_WHY_NONE, NONE, NONE);
	free(m);
}

static void policies_that_do_not_govern_are_passed_over(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	__u32 list = LIST(m, {.rule = 7, .policy = 5, .scope = NS, .effect = BLOCK},
			  {.rule = 8, .policy = 63, .scope = NS, .effect = BLOCK});

	RULED(decide(m, (struct asked){list}), KA_PERMIT, KA_WHY_NONE, NONE, NONE);
	RULED(decide(m, (struct asked){list, .policies = 1ull << 5}), KA_DENY, KA_WHY_RULE, 7,
	      NONE);
	RULED(decide(m, (struct asked){list, .policies = 1ull << 63}), KA_DENY, KA_WHY_RULE, 8,
	      NONE);
	free(m);
}

static void policies_of_all_words_govern(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	__u64 policies[KA_POLICY_WORDS] = {0};
	struct ka_who who = {.policies = policies, .words = KA_POLICY_WORDS};
	struct ka_ruling r;

	for (__u32 p = 0; p < KA_MAX_POLICIES; p += 61) {
		__u32 list = LIST(m, {.rule = 7, .policy = (__u16)p, .scope = NS, .effect = BLOCK});

		ka_decide(&m->view, &who, list, KA_CAT_FILE, KA_OP_READ, &r);
		assert_int_equal(r.verdict, KA_PERMIT);
		policies[p / 64] = 1ull << (p % 64);
		ka_decide(&m->view, &who, list, KA_CAT_FILE, KA_OP_READ, &r);
		assert_int_equal(r.verdict, KA_DENY);
		who.words = p / 64; /* a set that is shorter does not have it */
		ka_decide(&m->view, &who, list, KA_CAT_FILE, KA_OP_READ, &r);
		assert_int_equal(r.verdict, KA_PERMIT);
		who.words = KA_POLICY_WORDS;
		policies[p / 64] = 0;
	}
	free(m);
}

static void a_source_must_be_one_of_two(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	__u32 list = LIST(m, {.rule = 7, .source = 3, .scope = NS, .effect = BLOCK});

	RULED(decide(m, (struct asked){list}), KA_PERMIT, KA_WHY_NONE, NONE, NONE);
	RULED(decide(m, (struct asked){list, .class = {2, 4}}), KA_PERMIT, KA_WHY_NONE, NONE, NONE);
	RULED(decide(m, (struct asked){list, .class = {3, 0}}), KA_DENY, KA_WHY_RULE, 7, NONE);
	RULED(decide(m, (struct asked){list, .class = {0, 3}}), KA_DENY, KA_WHY_RULE, 7, NONE);
	free(m);
}

static const __u32 changes[] = {KA_OP_WRITE, KA_OP_CREATE,   KA_OP_UNLINK, KA_OP_RENAME,
				KA_OP_LINK,  KA_OP_SYMLINK,  KA_OP_MKDIR,  KA_OP_RMDIR,
				KA_OP_MKNOD, KA_OP_TRUNCATE, KA_OP_CHMOD,  KA_OP_CHOWN};
static const __u32 reads[] = {KA_OP_READ, KA_OP_EXEC, KA_OP_MAP_EXEC};

static void readonly_is_about_changes(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	__u32 block =
		LIST(m, {.rule = 7, .scope = NS, .effect = BLOCK, .flags = KA_ENTRY_READONLY});
	__u32 allow = LIST(m, {.rule = 7, .scope = NS, .effect = ALLOW, .flags = KA_ENTRY_READONLY},
			   {.rule = 8, .scope = NS, .effect = BLOCK});
	__u32 audit = LIST(
		m,
		{.rule = 7, .scope = KA_SCOPE_AUDIT, .effect = AUDIT, .flags = KA_ENTRY_READONLY});

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		__u32 op = changes[i];

		RULED(decide(m, (struct asked){block, .op = op}), KA_DENY, KA_WHY_RULE, 7, NONE);
		RULED(decide(m, (struct asked){allow, .op = op}), KA_DENY, KA_WHY_RULE, 8, NONE);
		RULED(decide(m, (struct asked){audit, .op = op}), KA_PERMIT, KA_WHY_NONE, NONE, 7);
	}
	for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++) {
		__u32 op = reads[i];

		RULED(decide(m, (struct asked){block, .op = op}), KA_PERMIT, KA_WHY_NONE, NONE,
		      NONE);
		RULED(decide(m, (struct asked){allow, .op = op}), KA_PERMIT, KA_WHY_NONE, NONE,
		      NONE);
		RULED(decide(m, (struct asked){audit, .op = op}), KA_PERMIT, KA_WHY_NONE, NONE,
		      NONE);
	}
	free(m);
}

static void no_mmap_does_not_judge_mappings(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	__u32 list = LIST(m, {.rule = 7, .scope = NS, .effect = BLOCK, .flags = KA_ENTRY_NO_MMAP});

	RULED(decide(m, (struct asked){list, KA_CAT_PROCESS, KA_OP_MAP_EXEC}), KA_PERMIT,
	      KA_WHY_NONE, NONE, NONE);
	RULED(decide(m, (struct asked){list, KA_CAT_PROCESS, KA_OP_EXEC}), KA_DENY, KA_WHY_RULE, 7,
	      NONE);
	free(m);
}

static void audit_reports_and_changes_nothing(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	struct ka_entry audit1 = {.rule = 1, .scope = KA_SCOPE_AUDIT, .effect = AUDIT};
	struct ka_entry audit2 = {.rule = 2, .scope = KA_SCOPE_AUDIT, .effect = AUDIT};
	__u32 alone = LIST(m, audit1, audit2);
	__u32 denied = LIST(m, {.rule = 7, .scope = NS, .effect = BLOCK}, audit1, audit2);
	__u32 allowed = LIST(m, {.rule = 7, .scope = NS, .effect = ALLOW}, audit1, audit2);

	RULED(decide(m, (struct asked){alone}), KA_PERMIT, KA_WHY_NONE, NONE, 1);
	RULED(decide(m, (struct asked){denied}), KA_DENY, KA_WHY_RULE, 7, 1);
	RULED(decide(m, (struct asked){allowed}), KA_PERMIT, KA_WHY_NONE, NONE, 1);
	/* an audited object is still matched by nothing */
	RULED(decide(m, (struct asked){alone, .flags = KA_MEMBER_LIST(KA_CAT_FILE) |
						       KA_MEMBER_POSTURE(KA_CAT_FILE)}),
	      KA_DENY, KA_WHY_POSTURE, NONE, 1);
	free(m);
}

static void the_stricter_scope_holds(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	__u32 first = LIST(m, {.rule = 7, .scope = CLUSTER, .effect = BLOCK},
			   {.rule = 8, .scope = NS, .effect = ALLOW});
	__u32 second = LIST(m, {.rule = 7, .scope = CLUSTER, .effect = ALLOW},
			    {.rule = 8, .scope = NS, .effect = BLOCK});
	__u32 both = LIST(m, {.rule = 7, .scope = CLUSTER, .effect = BLOCK},
			  {.rule = 8, .scope = NS, .effect = BLOCK});
	__u32 source = LIST(m, {.rule = 7, .scope = NS, .effect = ALLOW},
			    {.rule = 8, .scope = INTEGRITY, .effect = BLOCK});

	RULED(decide(m, (struct asked){first}), KA_DENY, KA_WHY_RULE, 7, NONE);
	RULED(decide(m, (struct asked){second}), KA_DENY, KA_WHY_RULE, 8, NONE);
	RULED(decide(m, (struct asked){both}), KA_DENY, KA_WHY_RULE, 7, NONE);
	RULED(decide(m, (struct asked){source, .op = KA_OP_WRITE}), KA_DENY, KA_WHY_INTEGRITY, 8,
	      NONE);
	free(m);
}

static void a_scope_is_decided_once(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	__u32 list = LIST(m, {.rule = 7, .scope = CLUSTER, .effect = ALLOW},
			  {.rule = 8, .scope = CLUSTER, .effect = BLOCK},
			  {.rule = 9, .scope = NS, .effect = ALLOW},
			  {.rule = 10, .scope = NS, .effect = BLOCK});

	RULED(decide(m, (struct asked){list}), KA_PERMIT, KA_WHY_NONE, NONE, NONE);
	free(m);
}

/* ---- audit mode ---- */

static void a_block_in_audit_mode_would_deny(void **arg KA_UNUSED)
{
	struct ka_entry would = {.rule = 1, .scope = NS, .effect = BLOCK, .flags = KA_ENTRY_WOULD};
	struct ka_entry would2 = {.rule = 2, .scope = NS, .effect = BLOCK, .flags = KA_ENTRY_WOULD};
	struct ka_entry block = {.rule = 3, .scope = NS, .effect = BLOCK};
	struct ka_entry allow = {.rule = 4, .scope = NS, .effect = ALLOW};
	struct maker *m = make(64);

	RULED(decide(m, (struct asked){LIST(m, would, would2)}), KA_WOULD_DENY, KA_WHY_RULE, 1,
	      NONE);
	/* it decides nothing: what comes next does, and what others deny stays denied */
	RULED(decide(m, (struct asked){LIST(m, would, allow)}), KA_WOULD_DENY, KA_WHY_RULE, 1,
	      NONE);
	RULED(decide(m, (struct asked){LIST(m, would, allow, block)}), KA_WOULD_DENY, KA_WHY_RULE,
	      1, NONE);
	RULED(decide(m, (struct asked){LIST(m, would, block)}), KA_DENY, KA_WHY_RULE, 3, NONE);
	/* it would not have decided */
	RULED(decide(m, (struct asked){LIST(m, allow, would)}), KA_PERMIT, KA_WHY_NONE, NONE, NONE);
	free(m);
}

/* ---- postures ---- */

#define F KA_CAT_FILE
#define LISTED(cat) KA_MEMBER_LIST(cat)
#define ENFORCED(cat) (KA_MEMBER_LIST(cat) | KA_MEMBER_POSTURE(cat))
#define WOULD(cat) (KA_MEMBER_LIST(cat) | KA_MEMBER_WOULD(cat))

static void the_posture_judges_the_unmatched(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	__u32 cat;

	for (cat = 0; cat < KA_CAT__MAX; cat++) {
		struct asked a = {.cat = cat};

		a.flags = ENFORCED(cat);
		RULED(decide(m, a), KA_DENY, KA_WHY_POSTURE, NONE, NONE);
		a.flags = WOULD(cat);
		RULED(decide(m, a), KA_WOULD_DENY, KA_WHY_POSTURE, NONE, NONE);
		a.flags = LISTED(cat);
		RULED(decide(m, a), KA_REPORT, KA_WHY_POSTURE, NONE, NONE);
		/* another category's allow-list, or a posture without an allow-list */
		a.flags = ENFORCED(!cat) | KA_MEMBER_POSTURE(cat) | KA_MEMBER_WOULD(cat);
		RULED(decide(m, a), KA_PERMIT, KA_WHY_NONE, NONE, NONE);
		/* never a mapping */
		a.flags = ENFORCED(cat);
		a.op = KA_OP_MAP_EXEC;
		RULED(decide(m, a), KA_PERMIT, KA_WHY_NONE, NONE, NONE);
	}
	free(m);
}

static void the_posture_leaves_the_matched(void **arg KA_UNUSED)
{
	struct ka_entry would = {.rule = 1, .scope = NS, .effect = BLOCK, .flags = KA_ENTRY_WOULD};
	struct ka_entry block = {.rule = 3, .scope = NS, .effect = BLOCK};
	struct ka_entry allow = {.rule = 4, .scope = NS, .effect = ALLOW};
	struct maker *m = make(64);
	__u32 spared = LIST(m, {.rule = 9, .source = 1, .scope = NS, .effect = ALLOW});

	RULED(decide(m, (struct asked){LIST(m, allow), .flags = ENFORCED(F)}), KA_PERMIT,
	      KA_WHY_NONE, NONE, NONE);
	RULED(decide(m, (struct asked){LIST(m, block), .flags = LISTED(F)}), KA_DENY, KA_WHY_RULE,
	      3, NONE);
	RULED(decide(m, (struct asked){spared, .flags = ENFORCED(F)}), KA_DENY, KA_WHY_POSTURE,
	      NONE, NONE);
	/* a Block in audit mode matches for the report alone */
	RULED(decide(m, (struct asked){LIST(m, would), .flags = ENFORCED(F)}), KA_DENY,
	      KA_WHY_POSTURE, NONE, NONE);
	RULED(decide(m, (struct asked){LIST(m, would), .flags = WOULD(F)}), KA_WOULD_DENY,
	      KA_WHY_RULE, 1, NONE);
	RULED(decide(m, (struct asked){LIST(m, would), .flags = LISTED(F)}), KA_WOULD_DENY,
	      KA_WHY_RULE, 1, NONE);
	RULED(decide(m, (struct asked){LIST(m, would, allow), .flags = ENFORCED(F)}), KA_WOULD_DENY,
	      KA_WHY_RULE, 1, NONE);
	free(m);
}

/* Integrity is no match: what only it spares is still unmatched. */
static void integrity_is_no_permission(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	__u32 list = LIST(
		m, {.rule = 7, .scope = INTEGRITY, .effect = BLOCK, .flags = KA_ENTRY_READONLY});

	RULED(decide(m, (struct asked){list, .op = KA_OP_READ, .flags = ENFORCED(F)}), KA_DENY,
	      KA_WHY_POSTURE, NONE, NONE);
	RULED(decide(m, (struct asked){list, .op = KA_OP_READ}), KA_PERMIT, KA_WHY_NONE, NONE,
	      NONE);
	free(m);
}

/* ---- lists that no compiler writes ---- */

static void long_lists_are_heard_to_the_end(void **arg KA_UNUSED)
{
	struct ka_entry entries[1500];
	struct maker *m = make(64);

	for (__u32 i = 0; i < 1500; i++)
		entries[i] = (struct ka_entry){
			.rule = i, .policy = i == 1499 ? 0 : 1, .scope = NS, .effect = BLOCK};
	RULED(decide(m, (struct asked){list_of(m, entries, 1500)}), KA_DENY, KA_WHY_RULE, 1499,
	      NONE);
	free(m);
}

static void a_list_without_an_end_is_undecided(void **arg KA_UNUSED)
{
	struct maker *m = make(64);

	/* zeroes: no entry has KA_ENTRY_LAST, none applies to anybody */
	memset(m->img + sizeof(struct ka_image), 0, sizeof(m->img) - sizeof(struct ka_image));
	for (__u32 i = sizeof(struct ka_image); i + sizeof(struct ka_entry) <= sizeof(m->img);
	     i += sizeof(struct ka_entry))
		((struct ka_entry *)(m->img + i))->policy = 1;
	head(m)->size = 0;
	((struct ka_entry *)m->img)->flags = 0;
	RULED(decide(m, (struct asked){512}), KA_DENY, KA_WHY_UNDECIDED, NONE, NONE);
	free(m);
}

/* ---- policy sets ---- */

static void sets_meet(void **arg KA_UNUSED)
{
	struct maker *m = make(64);
	__u64 policies[KA_POLICY_WORDS] = {0};
	struct ka_who who = {.policies = policies, .words = KA_POLICY_WORDS};
	__u32 off = take(m, sizeof(struct ka_pset) + 8 * KA_POLICY_WORDS);
	struct ka_pset *set = at(m, off);

	set->words = KA_POLICY_WORDS;
	for (__u32 p = 0; p < KA_MAX_POLICIES; p += 37) {
		__u32 w = p / 64;

		set->bits[w] = 1ull << (p % 64);
		assert_false(ka_meets(&m->view, &who, off));
		policies[w] = ~set->bits[w];
		assert_false(ka_meets(&m->view, &who, off));
		policies[w] = ~0ull;
		assert_true(ka_meets(&m->view, &who, off));
		assert_false(ka_meets(&m->view, &who, 0));
		set->words = w; /* what lies behind the set's end is not of it */
		assert_false(ka_meets(&m->view, &who, off));
		set->words = KA_POLICY_WORDS;
		who.words = w;
		assert_false(ka_meets(&m->view, &who, off));
		who.words = KA_POLICY_WORDS;
		policies[w] = 0;
		set->bits[w] = 0;
	}
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_list_permits),
		cmocka_unit_test(the_first_entry_that_applies_decides),
		cmocka_unit_test(policies_that_do_not_govern_are_passed_over),
		cmocka_unit_test(policies_of_all_words_govern),
		cmocka_unit_test(a_source_must_be_one_of_two),
		cmocka_unit_test(readonly_is_about_changes),
		cmocka_unit_test(no_mmap_does_not_judge_mappings),
		cmocka_unit_test(audit_reports_and_changes_nothing),
		cmocka_unit_test(the_stricter_scope_holds),
		cmocka_unit_test(a_scope_is_decided_once),
		cmocka_unit_test(a_block_in_audit_mode_would_deny),
		cmocka_unit_test(the_posture_judges_the_unmatched),
		cmocka_unit_test(the_posture_leaves_the_matched),
		cmocka_unit_test(integrity_is_no_permission),
		cmocka_unit_test(long_lists_are_heard_to_the_end),
		cmocka_unit_test(a_list_without_an_end_is_undecided),
		cmocka_unit_test(sets_meet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
