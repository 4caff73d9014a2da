/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of fields: paths, patterns, names, addresses. Each check adds its diagnostics and says
 * whether the value can be used; those that give a text give the one spelling that later stages
 * compare by, or NULL.
 *
 *   value.c         paths, patterns, names
 *   value_select.c  labels and what selects by them
 *   value_word.c    words of a known set: protocols, capabilities, presets, system calls
 *   value_net.c     domains, addresses, ports, quotas
 *
 * NULL, and what is no string (the schema has told), give false without a diagnostic. So does a
 * word that the schema has refused already.
 */
#pragma once

#include "../tree/yaml.h"

#define KA_MAX_PATH 4096u /* bytes of a path or pattern */

enum ka_path_type { KA_PATH_OBJECT, KA_PATH_DIR, KA_PATH_SOURCE };

bool ka_check_path(struct ka_ctx *ctx, const struct ka_node *n, enum ka_path_type type);
bool ka_check_pattern(struct ka_ctx *ctx, const struct ka_node *n);
bool ka_check_execname(struct ka_ctx *ctx, const struct ka_node *n);
/* what: "name" or "namespace"; max: bytes. */
bool ka_check_name(struct ka_ctx *ctx, const struct ka_node *n, const char *what, size_t max);

/* ---- selectors ---- */

bool ka_check_label_key(struct ka_ctx *ctx, const struct ka_node *n);
/* A value of matchLabels, in a nodeSelector (`node`) or another one. */
bool ka_check_label_value(struct ka_ctx *ctx, const char *key, const struct ka_node *n, bool node);
/* Of matchExpressions: KEY=VALUE; a namespace. */
bool ka_check_expression_label(struct ka_ctx *ctx, const struct ka_node *n);
bool ka_check_expression_namespace(struct ka_ctx *ctx, const struct ka_node *n);

/* ---- words ---- */

const char *ka_value_protocol(struct ka_ctx *ctx, const struct ka_node *n);   /* "tcp" */
const char *ka_value_capability(struct ka_ctx *ctx, const struct ka_node *n); /* "net_raw" */
const char *ka_value_preset(struct ka_ctx *ctx, const struct ka_node *n);
const char *ka_value_level(struct ka_ctx *ctx, const struct ka_node *n);     /* "pod" */
const char *ka_value_usb_class(struct ka_ctx *ctx, const struct ka_node *n); /* "HID", "77" */
bool ka_check_syscall(struct ka_ctx *ctx, const struct ka_node *n);
/* The kernel that a system call came with, of those newer than any that is supported; 0, 0. */
void ka_syscall_since(const char *name, unsigned *ret_major, unsigned *ret_minor);
/* IPPROTO_TCP, ...; 0: none. */
uint8_t ka_value_transport(struct ka_ctx *ctx, const struct ka_node *n);

/* ---- network ---- */

const char *ka_value_domain(struct ka_ctx *ctx, const struct ka_node *n);
/* addr: 4 bytes of AF_INET, or 16 of AF_INET6, host bits cleared. */
bool ka_value_cidr(struct ka_ctx *ctx, const struct ka_node *n, uint8_t *ret_family,
		   uint8_t *ret_bits, uint8_t ret_addr[16]);
/* *ret: 0 and a name, or the number and NULL. */
bool ka_value_port(struct ka_ctx *ctx, const struct ka_node *n, uint16_t *ret,
		   const char **ret_name);
bool ka_value_limit(struct ka_ctx *ctx, const struct ka_node *n, uint64_t *ret_bytes);
bool ka_value_duration(struct ka_ctx *ctx, const struct ka_node *n, uint64_t *ret_seconds);
bool ka_check_iface(struct ka_ctx *ctx, const struct ka_node *n);

/* ---- for the checks themselves ---- */

static inline bool ka_is_string(const struct ka_node *n)
{
	return n && n->type == KA_NODE_STRING;
}

/* The whole value should be `text`, if it stands in the source as it is. */
void ka_value_fix(struct ka_ctx *ctx, struct ka_diag *d, const struct ka_node *n, const char *text);
/* Whether an error about this very value was reported. */
bool ka_value_told(const struct ka_ctx *ctx, const struct ka_node *n);
