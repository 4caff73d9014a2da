/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of files as reports need them: relative to where the tool was called, which is the root
 * of the repository in a pipeline.
 */
#pragma once

#include <jansson.h>

#include "../../runtime/util.h"

/* Without "./" in front; what lies below the working directory without its name. In `name`. */
const char *ka_relative_name(const char *name);
/* The same as a URI reference: every byte that a URI cannot have as %XX; "file://..." if absolute.
 */
json_t *ka_uri_json(const char *name);
