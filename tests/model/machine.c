/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* ---- making it ---- */

/* The bounds on what patterns may multiply into have the numbers from KA0450 on. */
static bool is_bound(const struct ka_diag *d)
{
	return strcmp(ka_diag_code(d->id), "KA0450") >= 0;
}

static int complain(const struct ka_ctx *ctx, FILE *f)
{
	int ret = ctx->failed || !ctx->nerrors ? -1 : MD_TOO_MUCH;
	size_t i;

	for (i = 0; i < ctx->ndiags; i++)
		if (ctx->diags[i]->severity == KA_ERROR && !is_bound(ctx->diags[i]))
			ret = -1;
	for (i = 0; i < ctx->ndiags && ret != MD_TOO_MUCH; i++)
		if (ctx->diags[i]->severity == KA_ERROR)
			fprintf(f, "%s %u:%u: %s\n", ka_diag_code(ctx->diags[i]->id),
				ctx->diags[i]->loc.line, ctx->diags[i]->loc.column,
				ctx->diags[i]->message);
	if (ctx->failed)
		fprintf(f, "failed: %s\n", ctx->failure);
	return ret;
}

static int compile_text(struct md_machine *m, const char *text, size_t len, const char *root,
			FILE *complaints)
{
	KA_CLOSE int root_fd = root ? open(root, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	struct ka_compile_options opts = {.root_fd = root_fd, .follow_shared = true};
	struct ka_policies policies = {0};
	struct ka_source src = {"model", text, len};
	char err[256] = "";
	int r;

	r = ka_policies_read(&m->ctx, &src, &policies);
	if (!r)
		r = ka_policies_finish(&m->ctx, &policies);
	if (!r && !m->ctx.nerrors)
		r = ka_compile(&m->ctx, &policies, &opts, &m->compiled);
	if (r || m->ctx.nerrors) {
		return complain(&m->ctx, complaints);
	}
	r = ka_image_check(m->compiled.image, m->compiled.size, m->compiled.capacity, err,
			   sizeof(err), &m->reader);
	if (r)
		fprintf(complaints, "image refused (%d): %s\n", r, err);
	return r ? -1 : 0;
}

int md_machine_text(struct md_machine *m, const char *text, size_t len, const char *root,
		    FILE *complaints)
{
	int r;

	*m = (struct md_machine){0};
	if (ka_ctx_init(&m->ctx))
		abort();
	m->open = true;
	r = compile_text(m, text, len, root, complaints);
	if (r)
		md_machine_done(m);
	return r;
}

int md_machine_make(struct md_machine *m, const struct md_set *set, const int *order,
		    FILE *complaints)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f;
	int r;

	f = open_memstream(&text, &len);
	if (!f)
		abort();
	md_yaml(set, order, f);
	fclose(f);
	r = md_machine_text(m, text, len, set->root.there ? set->root.dir : NULL, complaints);
	m->set = set;
	free(text);
	return r;
}

void md_machine_done(struct md_machine *m)
{
	if (!m->open)
		return;
	ka_compiled_done(&m->compiled);
	ka_ctx_done(&m->ctx);
	*m = (struct md_machine){0};
}

/* ---- asking it ---- */

static const enum ka_category categories[] = {
	[MD_PROCESS] = KA_CAT_PROCESS,
	[MD_FILE] = KA_CAT_FILE,
	[MD_NETWORK] = KA_CAT_NETWORK,
	[MD_CAPABILITIES] = KA_CAT_CAPABILITIES,
};

static uint16_t class_of(const struct md_machine *m, const char *path)
{
	const char *source;
	uint32_t c;

	for (c = 1; path && c <= m->reader.head->sources.count; c++) {
		source = ka_image_source(&m->reader, c);
		if (source && !strcmp(source, path))
			return (uint16_t)c;
	}
	return 0;
}

static size_t split_labels(const struct md_label *labels, int n, const char **keys,
			   const char **values)
{
	int i;

	for (i = 0; i < n; i++) {
		keys[i] = labels[i].key;
		values[i] = labels[i].value;
	}
	return (size_t)n;
}

static enum ka_posture posture_of(enum md_posture p)
{
	return p == MD_POSTURE_NONE    ? KA_POSTURE_UNSET
	       : p == MD_POSTURE_AUDIT ? KA_POSTURE_AUDIT
				       : KA_POSTURE_BLOCK;
}

void md_machine_seat(const struct md_machine *m, const struct md_node *node,
		     const struct md_subject *who, struct md_seat *ret)
{
	const char *nk[MD_MAX_LABELS], *nv[MD_MAX_LABELS], *wk[MD_MAX_LABELS], *wv[MD_MAX_LABELS];
	struct ka_labels labels = {wk, wv, split_labels(who->labels, who->nlabels, wk, wv)};
	struct ka_node kn = {
		.hostname = node->hostname,
		.os = node->os,
		.arch = node->arch,
		.labels = {nk, nv, split_labels(node->labels, node->nlabels, nk, nv)},
	};
	enum md_section s;
	int i;

	for (i = 0; i < 2; i++)
		for (s = MD_PROCESS; s < MD_SECTIONS; s++)
			kn.posture[i][categories[s]] = posture_of(node->posture[i][s]);
	ka_member_make(&m->reader, &kn, who->host ? NULL : who->ns, &labels, &ret->member);
	ret->class[0] = class_of(m, who->sources[0]);
	ret->class[1] = class_of(m, who->sources[1]);
	ret->terminal = who->terminal;
}

enum ka_category md_machine_category(const struct md_access *access)
{
	return categories[access->section];
}

uint32_t md_machine_has(const struct md_seat *seat, const struct md_access *access)
{
	return (access->owner ? KA_HAS_OBJECT : 0) | (seat->terminal ? KA_HAS_TERMINAL : 0);
}

bool md_machine_is_asked(const struct md_access *access)
{
	return access->section != MD_NETWORK || md_machine_index(access) != KA_SOCKET_EXEMPT;
}

uint32_t md_machine_index(const struct md_access *access)
{
	const struct md_socket *s = &access->socket;

	if (access->section == MD_NETWORK)
		return ka_socket_index((__u32)s->family, (__u32)s->type, (__u32)s->protocol);
	return access->capability;
}

enum ka_op md_machine_op(const struct md_access *access)
{
	static const enum ka_op changes[] = {
		KA_OP_WRITE, KA_OP_CREATE, KA_OP_UNLINK, KA_OP_RENAME,   KA_OP_LINK,  KA_OP_SYMLINK,
		KA_OP_MKDIR, KA_OP_RMDIR,  KA_OP_MKNOD,  KA_OP_TRUNCATE, KA_OP_CHMOD, KA_OP_CHOWN,
	};
	static const enum ka_op uses[] = {
		KA_OP_SOCKET, KA_OP_BIND, KA_OP_LISTEN, KA_OP_CONNECT, KA_OP_ACCEPT, KA_OP_SEND,
	};

	switch (access->op) {
	case MD_USE:
		return access->section == MD_CAPABILITIES
			       ? KA_OP_CAPABLE
			       : uses[access->detail % KA_ARRAY_SIZE(uses)];
	case MD_READ:
		return KA_OP_READ;
	case MD_EXEC:
		return KA_OP_EXEC;
	case MD_MAP:
		return KA_OP_MAP_EXEC;
	case MD_CHANGE:
		break;
	}
	return changes[access->detail % KA_ARRAY_SIZE(changes)];
}

static struct ka_who who_of(const struct md_seat *seat)
{
	return (struct ka_who){
		.policies = (const __u64 *)seat->member.policies,
		.words = KA_POLICY_WORDS,
		.flags = seat->member.flags,
		.class = {seat->class[0], seat -> class[1]},
	};
}

void md_machine_rule(const struct md_machine *m, const struct md_seat *seat,
		     const struct md_access *access, struct ka_ruling *ret)
{
	enum ka_category cat = md_machine_category(access);
	enum ka_op op = md_machine_op(access);
	struct ka_who who = who_of(seat);

	who.has = md_machine_has(seat, access);
	if (!md_machine_is_asked(access))
		*ret = (struct ka_ruling){.rule = KA_NO_RULE, .audit = KA_NO_RULE};
	else if (md_has_paths(access->section))
		ka_image_judge(&m->reader, &who, cat, op, access->path, strlen(access->path), ret);
	else
		ka_image_judge_flat(&m->reader, &who, cat, op, md_machine_index(access), ret);
}

void md_machine_judge(const struct md_machine *m, const struct md_seat *seat,
		      const struct md_access *access, struct md_verdict *ret)
{
	struct ka_ruling ruling;

	md_machine_rule(m, seat, access, &ruling);
	if (md_machine_verdict(m, &ruling, ret))
		ret->answer = (enum md_answer) - 1;
}

enum md_answer md_machine_undecided(const struct md_seat *seat, enum md_section section)
{
	enum ka_category cat = categories[section];

	if (seat->member.flags & KA_MEMBER_STRICT(cat))
		return MD_DENY;
	return seat->member.flags & KA_MEMBER_WATCH(cat) ? MD_WOULD_DENY : MD_PERMIT;
}

static const struct ka_state *state_of(const struct md_machine *m, const char *path)
{
	uint32_t off = ka_image_walk(&m->reader, path, strlen(path));

	return KA_AT(&m->reader.view, struct ka_state, off);
}

bool md_machine_moves(const struct md_machine *m, const struct md_seat *seat, const char *path)
{
	struct ka_who who = who_of(seat);

	return ka_meets(&m->reader.view, &who, state_of(m, path)->move);
}

bool md_machine_mounts(const struct md_machine *m, const struct md_seat *seat, const char *path)
{
	struct ka_who who = who_of(seat);

	return ka_meets(&m->reader.view, &who, state_of(m, path)->mount);
}

bool md_machine_same_below(const struct md_machine *m, const char *a, const char *b)
{
	return ka_below(&m->reader.view, ka_image_walk(&m->reader, a, strlen(a))) ==
	       ka_below(&m->reader.view, ka_image_walk(&m->reader, b, strlen(b)));
}

/* ---- its answer in the model's words ---- */

static const struct md_policy *policy_of(const struct md_machine *m, uint32_t i)
{
	static const uint8_t kinds[] = {[MD_POLICY] = KA_KIND_POLICY,
					[MD_CLUSTER] = KA_KIND_CLUSTER,
					[MD_HOST] = KA_KIND_HOST};
	const struct ka_policy_rec *rec = ka_image_policy(&m->reader, i);
	int k;

	for (k = 0; rec && k < m->set->npolicies; k++) {
		const struct md_policy *p = &m->set->policies[k];

		if (rec->kind == kinds[p->kind] &&
		    !strcmp(p->ns, ka_image_str(&m->reader, rec->ns)) &&
		    !strcmp(p->name, ka_image_str(&m->reader, rec->name)))
			return p;
	}
	return NULL;
}

static int name_of(const struct md_machine *m, uint32_t rule, struct md_name *ret)
{
	static const enum md_list lists[] = {
		[KA_LIST_PATHS] = MD_PATHS,
		[KA_LIST_DIRECTORIES] = MD_DIRS,
		[KA_LIST_PATTERNS] = MD_PATTERNS,
		[KA_LIST_PROTOCOLS] = MD_PROTOCOLS,
		[KA_LIST_CAPABILITIES] = MD_CAPABILITY_NAMES,
	};
	const struct ka_rule_rec *rec;
	int i;

	*ret = (struct md_name){NULL, NULL, -1};
	if (rule == KA_NO_RULE)
		return 0;
	rec = ka_image_rule(&m->reader, rule);
	if (!rec || rec->list >= KA_ARRAY_SIZE(lists))
		return -1;
	ret->policy = policy_of(m, rec->policy);
	if (!ret->policy)
		return -1;
	ret->from = rec->from == KA_NO_FROM ? -1 : rec->from;
	for (i = 0; i < ret->policy->nrules; i++) {
		const struct md_rule *r = &ret->policy->rules[i];

		if (!r->gone && r->index == rec->index && r->list == lists[rec->list] &&
		    categories[r->section] == rec->section) {
			ret->rule = r;
			return 0;
		}
	}
	return -1;
}

int md_machine_verdict(const struct md_machine *m, const struct ka_ruling *ruling,
		       struct md_verdict *ret)
{
	static const enum md_answer answers[] = {
		[KA_PERMIT] = MD_PERMIT,
		[KA_DENY] = MD_DENY,
		[KA_WOULD_DENY] = MD_WOULD_DENY,
		[KA_REPORT] = MD_REPORT,
	};

	memset(ret, 0, sizeof(*ret));
	if (ruling->verdict > KA_REPORT)
		return -1;
	ret->answer = answers[ruling->verdict];
	switch (ruling->reason) {
	case KA_WHY_NONE:
		ret->reason = MD_BY_NOTHING;
		break;
	case KA_WHY_RULE:
		ret->reason = MD_BY_RULE;
		break;
	case KA_WHY_POSTURE:
		ret->reason = MD_BY_POSTURE;
		break;
	case KA_WHY_INTEGRITY:
		ret->reason = MD_BY_INTEGRITY;
		break;
	default:
		return -1;
	}
	return name_of(m, ruling->rule, &ret->rule) || name_of(m, ruling->audit, &ret->audit) ? -1
											      : 0;
}
