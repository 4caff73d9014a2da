/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The floor of the bench: a program on file_open that does nothing. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("lsm/file_open") int empty(void *ctx)
{
	(void)ctx;
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
