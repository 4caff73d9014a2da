/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that people and machines read from the tool: diagnostics, failures, JSON.
 *
 * Results go to stdout, everything else to stderr. Text that comes from input is printed with
 * control characters replaced, so that no policy can drive a terminal.
 */
#pragma once

#include "../compiler/base/context.h"
#include "command.h"
#include "utf8.h"

enum ka_format { KA_FORMAT_TEXT, KA_FORMAT_JSON };
/* For KA_OPT_CHOICE rows; the order is enum ka_format. */
extern const char *const ka_formats[];

/* "karmor-c: ..." on stderr. */
void ka_error(const char *fmt, ...) KA_PRINTF(1, 2);
void ka_warn(const char *fmt, ...) KA_PRINTF(1, 2);
/* The same with a pointer to the command's help; returns KA_EXIT_USAGE. */
int ka_usage_error(const struct ka_command *cmd, const char *fmt, ...) KA_PRINTF(2, 3);

/* A terminal, and NO_COLOR is not set. */
bool ka_is_coloured(FILE *out);
/* Every diagnostic with its source line and a caret, then what was left out; in one piece. */
void ka_report_diags(FILE *out, const struct ka_ctx *ctx);
/* The context's system failure as one line on stderr; returns the exit code for it. */
int ka_report_failure(const struct ka_ctx *ctx);

/* A JSON value on stdout, indented, with a newline; consumes it. */
int ka_print_json(json_t *value);
/* The same on any stream; whoever owns the stream looks whether it could be written. */
void ka_dump_json(FILE *out, json_t *value);

/* A diff (ka_text_diff) on stdout; in colour, and harmless, on a terminal. */
void ka_print_diff(const char *diff);
