/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libyaml's errors in words that help: what it stumbled over is often not where the mistake is.
 * yaml_error.c knows which words, yaml_shape.c looks at the lines around.
 */
#pragma once

#include <yaml.h>

#include "../base/context.h"
#include "feed.h"
#include "place.h"
#include "tree.h"

struct ka_yaml_error {
	struct ka_ctx *ctx;
	const struct ka_source *src;
	const yaml_parser_t *parser;
	const struct ka_feed *feed;
	const struct ka_tree *tree;
	struct ka_places *places;   /* has to be rebased afterwards */
	struct ka_loc loc, context; /* of the problem; of what it was found in, or no place */
	struct ka_loc root;         /* of the last document's first value, or no place */
	size_t floor;               /* where the document begins */
};

#define KA_NO_TAB SIZE_MAX

/* Says what is wrong; the offset of the tab that was it, or KA_NO_TAB. */
size_t ka_yaml_report(const struct ka_yaml_error *e);

/* One was said in this line, and nothing fits any more: the lines up to `end` that have one, too.
 */
void ka_yaml_report_tabs(const struct ka_yaml_error *e, size_t end);
/* This text was not rendered. */
void ka_yaml_report_template(struct ka_ctx *ctx, struct ka_loc loc);

/* ---- private to the two ---- */

struct ka_loc ka_yaml_place(const struct ka_yaml_error *e, size_t offset, size_t len);

/* Each says what is wrong and returns true, or finds that it is something else. */
bool ka_shape_field(const struct ka_yaml_error *e);    /* something else than a field */
bool ka_shape_item(const struct ka_yaml_error *e);     /* something else than an item */
bool ka_shape_colon(const struct ka_yaml_error *e);    /* a ':' where none can be */
bool ka_shape_no_colon(const struct ka_yaml_error *e); /* a name without one */
bool ka_shape_root(const struct ka_yaml_error *e);     /* something behind the document */
bool ka_shape_dash(const struct ka_yaml_error *e);     /* a '-' where none can be */
bool ka_shape_quote(const struct ka_yaml_error *e);    /* an open quote */
bool ka_shape_flow(const struct ka_yaml_error *e);     /* an open bracket */
bool ka_shape_start(const struct ka_yaml_error *e);    /* a value that has to be quoted */
