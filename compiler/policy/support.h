/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the language can be enforced: by this build, and by a kernel. The language itself is
 * larger; a policy may be right and have to wait.
 */
#pragma once

#include "policy.h"

struct ka_kernel_profile;

/* "6.1", "6.12.9", "running"; NULL: no version that is known. */
const struct ka_kernel_profile *ka_kernel_profile(const char *version);
/* For help texts: "6.1", "6.12", ..., NULL-terminated. */
extern const char *const ka_kernel_profiles[];

/*
 * Adds for each part of a policy that cannot be enforced a diagnostic at its place: as an error
 * (KA_D_NOT_YET, `must`) or as a note (KA_D_LATER). With a kernel, what that kernel lacks is an
 * error as well (KA_D_KERNEL_LACKS).
 */
void ka_support_check(struct ka_ctx *ctx, const struct ka_policies *set,
		      const struct ka_kernel_profile *kernel, bool must);
