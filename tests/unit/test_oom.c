// SPDX-License-Identifier: Apache-2.0
/*
 * Memory that runs out: every allocation of the compiler's front fails once. Reading must say
 * -ENOMEM, leak nothing, and never take a part of the policies for all of them.
 */
#include "oom.h"
#include "parse.h"

#define POLICY(name)                                                                       \
	"apiVersion: security.kubearmor.com/v1\n"                                          \
	"kind: KubeArmorPolicy\n"                                                          \
	"metadata: {name: " name ", annotations: {karmor-c/posture: audit}}\n"             \
	"spec:\n"                                                                          \
	"  selector: {matchLabels: {a: b, c: d}}\n"                                        \
	"  tags: [one, two]\n"                                                             \
	"  process: {matchPaths: [{path: /a, fromSource: [{path: /b}]}], action: Allow}\n" \
	"  file: {matchPatterns: [{pattern: '/x/{a,b}/**'}]}\n"

/* Everything that the language has besides. */
#define CLUSTER                                                                               \
	"apiVersion: security.kubearmor.com/v1\n"                                             \
	"kind: KubeArmorClusterPolicy\n"                                                      \
	"metadata: {name: c, annotations: {karmor-c/guards: '-ptrace,-bpf'}}\n"               \
	"spec:\n"                                                                             \
	"  selector: {matchExpressions: [{key: label, operator: In, values: [b=c, a=b]}]}\n"  \
	"  process: {matchPaths: [{path: /a, allowedArgs: [-a, -b], pts: false}]}\n"          \
	"  network: {matchProtocols: [{protocol: TCP}], matchDNSQueries: [{domain: A.b}]}\n"  \
	"  capabilities: {matchCapabilities: [{capability: CAP_KILL}]}\n"                     \
	"  syscalls: {matchSyscalls: [{syscall: [bpf, ptrace], fromSource: [{dir: /b/}]}]}\n" \
	"  presets: [{name: exec}]\n"
#define NETWORK                                                                                  \
	"apiVersion: security.kubearmor.com/v1\n"                                                \
	"kind: KubeArmorNetworkPolicy\n"                                                         \
	"metadata: {name: net}\n"                                                                \
	"spec:\n"                                                                                \
	"  nodeSelector: {matchLabels: {kubernetes.io/hostname: h}}\n"                           \
	"  egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], iface: [lo], ports: [{port: HTTP}],\n" \
	"            limit: 1MB, duration: 1h}]\n"

static const char text[] = POLICY("p") "---\n" POLICY("q") "---\n" CLUSTER "---\n" NETWORK "---\n"
							   "apiVersion: v1\nkind: Namespace\n"
							   "metadata: {name: default, annotations: "
							   "{kubearmor-file-posture: block}}\n";

/* As the commands do it. */
static int read_and_write(size_t *policies, size_t *errors)
{
	KA_CTX struct ka_ctx ctx = {};
	struct ka_source src = {.name = "x", .text = text, .len = sizeof(text) - 1};
	struct ka_policies set = {};
	const char *out;
	size_t len;
	int r;

	r = ka_ctx_init(&ctx);
	if (!r)
		r = ka_policies_read(&ctx, &src, &set);
	if (!r)
		r = ka_policies_finish(&ctx, &set);
	if (!r)
		r = ka_policies_text(&ctx, &set, &out, &len);
	*policies = set.n;
	*errors = ctx.nerrors;
	return r;
}

static void every_allocation_may_fail(void **state)
{
	size_t policies = 0, errors = 0;
	int r = -1;

	(void)state;
	for (long i = 0; r; i++) {
		assert_true(i < 10000);
		countdown = i;
		r = read_and_write(&policies, &errors);
		countdown = -1;
		if (r)
			assert_int_equal(r, -ENOMEM);
		/* no mistake of the user is made of it */
		assert_int_equal(errors, 0);
	}
	assert_int_equal(policies, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
