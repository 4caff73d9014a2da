/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of YAML, which is two modules: yaml.c has the stream of documents and what becomes of
 * one that cannot be read, yaml_events.c what libyaml finds in it.
 */
#pragma once

#include "yaml.h"

#include <yaml.h>

#include "feed.h"
#include "ignore.h"
#include "place.h"
#include "tree.h"

#define KA_READER_JOINED 8u /* suspicious lines of one document that are told */

struct ka_yaml_reader {
	struct ka_ctx *ctx;
	const struct ka_source *src;
	ka_yaml_each each;
	void *arg;
	bool templates; /* the text has braces that could be one */
	struct ka_places places;
	struct ka_feed feed;
	struct ka_remarks remarks;
	struct ka_arena nodes; /* ka_yaml_walk */
	struct ka_tree tree;
	size_t floor;       /* offset of the document that is being read */
	struct ka_loc root; /* of the last document's first value */
	struct ka_loc joined[KA_READER_JOINED];
	unsigned njoined;
	unsigned broken;                   /* documents that were given up */
	size_t read_again;                 /* bytes */
	uint32_t error_line, error_column; /* of the last one, which is not told twice */
};

size_t ka_reader_offset(struct ka_yaml_reader *r, const yaml_mark_t *mark);
struct ka_loc ka_reader_loc(struct ka_yaml_reader *r, const yaml_mark_t *mark);

/* 0, KA_TREE_ABANDON (the diagnostic is there) or negative errno. */
int ka_reader_event(struct ka_yaml_reader *r, const yaml_event_t *e) KA_MUST_CHECK;
