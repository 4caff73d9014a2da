// SPDX-License-Identifier: Apache-2.0
#include "command.h"

const struct ka_command *const ka_commands[] = {
	&ka_cmd_validate, &ka_cmd_fmt,        &ka_cmd_explain_id,
	&ka_cmd_schema,   &ka_cmd_compile,    &ka_cmd_inspect,
	&ka_cmd_explain,  &ka_cmd_apply,      &ka_cmd_delete,
	&ka_cmd_mode,     &ka_cmd_run,        &ka_cmd_off,
	&ka_cmd_get,      &ka_cmd_status,     &ka_cmd_logs,
	&ka_cmd_probe,    &ka_cmd_completion, NULL,
};
