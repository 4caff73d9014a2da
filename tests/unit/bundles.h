/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small real bundles for tests: a policy compiled, with made-up objects.
 */
#pragma once

#include "../../compiler/bundle/compile.h"
#include "../../runtime/bundle.h"

#define BUNDLE_YAML                                \
	"apiVersion: security.kubearmor.com/v1\n"  \
	"kind: KubeArmorPolicy\n"                  \
	"metadata: {name: p, namespace: ns}\n"     \
	"spec:\n"                                  \
	"  selector: {matchLabels: {a: b}}\n"      \
	"  file: {matchPaths: [{path: /etc/x}]}\n" \
	"  process: {matchPatterns: [{pattern: /opt/*.sh}]}\n"

/* 0 or negative errno; *ret malloc'ed. */
static inline int bundle_from(const char *yaml, const struct ka_object *objects, size_t n,
			      void **ret, size_t *ret_size)
{
	const struct ka_source src = {.name = "test", .text = yaml, .len = strlen(yaml)};
	const struct ka_compile_options opts = {.root_fd = -1};
	KA_CTX struct ka_ctx ctx = {0};
	KA_CLEANUP(ka_compiled_done) struct ka_compiled c = {0};
	struct ka_policies set = {0};
	const char *text;
	size_t len;
	int r = ka_ctx_init(&ctx);

	if (!r)
		r = ka_policies_read(&ctx, &src, &set);
	if (!r)
		r = ka_policies_finish(&ctx, &set);
	if (!r)
		r = ctx.nerrors ? -EINVAL : ka_policies_text(&ctx, &set, &text, &len);
	if (!r)
		r = ka_compile(&ctx, &set, &opts, &c);
	return r ? r : ka_bundle_write(text, len, c.image, c.size, objects, n, ret, ret_size);
}
