/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a rule of an image back to what was written: an image knows rules by their place, the
 * policy text that goes with it knows their objects.
 */
#pragma once

#include "../compiler/policy/policy.h"
#include "../runtime/image.h"

/* NULL: the policies are not those of the image, or there is no such rule. */
const struct ka_rule *ka_rule_find(const struct ka_policies *policies, const struct ka_reader *r,
				   uint32_t rule);
/* The fromSource that rule number `rule` is about, or NULL. */
const struct ka_from *ka_rule_from(const struct ka_rule *rule, const struct ka_rule_rec *rec);

const char *ka_name_action(unsigned int action); /* "Block" */
