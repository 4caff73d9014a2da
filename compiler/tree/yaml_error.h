/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libyaml's errors in words that help.
 */
#pragma once

#include <yaml.h>

#include "../base/context.h"

struct ka_yaml_error {
	struct ka_ctx *ctx;
	const struct ka_source *src;
	const yaml_parser_t *parser;
	struct ka_loc loc, context; /* of the problem; of what it was found in, or no place */
	size_t offset;              /* of the problem */
};

void ka_yaml_report(const struct ka_yaml_error *e);
