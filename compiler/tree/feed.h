/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hands a source to libyaml in small pieces, so that what it reads ahead is bounded.
 *
 * It stops before the first byte that YAML does not allow, when everything before it was read,
 * and when too much was read without an event: one endless value, name or comment would fill
 * the memory before libyaml says anything about it.
 */
#pragma once

#include "../base/context.h"

#define KA_FEED_GAP (1u << 20) /* bytes that may be read without an event */
#define KA_FEED_TABS 64u

enum ka_feed_stop { KA_FEED_GOES_ON, KA_FEED_TOO_LONG, KA_FEED_BAD_BYTE };

struct ka_feed {
	const struct ka_source *src;
	size_t at;             /* handed out so far */
	size_t since;          /* what was handed out when the last event came */
	size_t event;          /* the end of the last event */
	enum ka_feed_stop why; /* it stopped at `at` */
	const char *problem;   /* KA_FEED_BAD_BYTE */
	/* Tabs that were reported already: handed out as blanks, so that reading can go on. */
	size_t tabs[KA_FEED_TABS];
	unsigned ntabs;
};

/* libyaml's read handler; data is the feed. */
int ka_feed_read(void *data, unsigned char *buffer, size_t size, size_t *ret);
