/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of what has no path: words of network rules, capabilities. Both directions.
 */
#pragma once

#include "util.h"

/* By enum ka_net_word; by number (linux/capability.h). Both end with NULL. */
extern const char *const ka_net_words[], *const ka_capabilities[];

/* enum ka_net_word of "tcp"; -1: there is none. */
int ka_net_word(const char *name);
const char *ka_net_word_str(unsigned int word);
/* The number of "net_raw" (linux/capability.h); -1: there is none. */
int ka_capability(const char *name);
const char *ka_capability_str(unsigned int number); /* NULL: no name is known */
