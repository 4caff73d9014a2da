/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the text of policies to an image that can be asked, for tests of the compiler.
 */
#pragma once

#include "parse.h"

#include "../../compiler/bundle/compile.h"
#include "../../runtime/image.h"

#define POLICY(name, spec)                                                   \
	"---\napiVersion: security.kubearmor.com/v1\n"                       \
	"kind: KubeArmorPolicy\nmetadata: {name: " name ", namespace: ns}\n" \
	"spec:\n  selector: {matchLabels: {app: x}}\n" spec
#define HOST(name, spec)                                          \
	"---\napiVersion: security.kubearmor.com/v1\n"            \
	"kind: KubeArmorHostPolicy\nmetadata: {name: " name "}\n" \
	"spec:\n  nodeSelector: {matchLabels: {kubernetes.io/hostname: '*'}}\n" spec

struct world {
	struct ka_ctx ctx;
	struct ka_policies policies;
	struct ka_compiled compiled;
	struct ka_reader reader;
	struct ka_member member; /* of the workload ns {app=x} */
	int result;              /* of ka_compile */
};

static inline void world_read(struct world *w, const char *text)
{
	*w = (struct world){};
	assert_int_equal(ka_ctx_init(&w->ctx), 0);
	w->policies = read_all(&w->ctx, text);
	if (w->ctx.nerrors)
		fail_msg("%s", w->ctx.diags[0]->message);
}

static inline void world_compile(struct world *w, struct ka_compile_options opts)
{
	static const char *keys[] = {"app"}, *values[] = {"x"};
	const struct ka_labels labels = {keys, values, 1};
	const struct ka_node node = {.hostname = "host", .os = "linux", .arch = "amd64"};
	char err[256] = "";

	w->result = ka_compile(&w->ctx, &w->policies, &opts, &w->compiled);
	if (w->result)
		return;
	if (ka_image_check(w->compiled.image, w->compiled.size, w->compiled.capacity, err,
			   sizeof(err), &w->reader))
		fail_msg("%s", err);
	ka_member_make(&w->reader, &node, "ns", &labels, &w->member);
}

static inline struct world *world(const char *text)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	world_read(w, text);
	world_compile(w, (struct ka_compile_options){.root_fd = -1});
	if (w->result)
		fail_msg("%d %s", w->result, w->ctx.ndiags ? w->ctx.diags[0]->message : "");
	return w;
}

static inline void world_done(struct world *w)
{
	ka_compiled_done(&w->compiled);
	ka_ctx_done(&w->ctx);
	free(w);
}

static inline uint16_t class_of(const struct world *w, const char *source)
{
	for (uint32_t c = 1; source && c <= w->reader.head->sources.count; c++)
		if (!strcmp(ka_image_source(&w->reader, c), source))
			return c;
	return 0;
}

static inline struct ka_ruling judge(const struct world *w, enum ka_category cat, enum ka_op op,
				     const char *path, const char *source)
{
	const struct ka_who who = {.policies = w->member.policies,
				   .words = KA_POLICY_WORDS,
				   .flags = w->member.flags,
				   .class = {class_of(w, source)}};
	struct ka_ruling ret;

	ka_image_judge(&w->reader, &who, cat, op, path, strlen(path), &ret);
	return ret;
}

static inline const struct ka_state *state_at(const struct world *w, const char *path)
{
	return KA_AT(&w->reader.view, struct ka_state,
		     ka_image_walk(&w->reader, path, strlen(path)));
}

#define READ(w, path) judge(w, KA_CAT_FILE, KA_OP_READ, path, NULL).verdict
#define WRITE(w, path) judge(w, KA_CAT_FILE, KA_OP_WRITE, path, NULL).verdict
#define EXEC(w, path) judge(w, KA_CAT_PROCESS, KA_OP_EXEC, path, NULL).verdict
