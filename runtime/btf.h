/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which names the running kernel's BTF knows: hooks, kernel functions, map types.
 *
 * Reads the string section once instead of building libbpf's index, which would cost more
 * memory than all the rest of the loader.
 */
#pragma once

#include "util.h"

#define KA_VMLINUX_BTF "/sys/kernel/btf/vmlinux"

struct ka_btf_name {
	const char *name;
	bool found;
};

/* -ENOENT: the kernel has no BTF. */
int ka_btf_find(struct ka_btf_name *names, size_t n) KA_MUST_CHECK;
