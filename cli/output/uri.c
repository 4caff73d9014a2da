// SPDX-License-Identifier: Apache-2.0
#include "uri.h"

#include <limits.h>

static const char *below_cwd(const char *name)
{
	char cwd[PATH_MAX];
	size_t len;

	if (!getcwd(cwd, sizeof(cwd)))
		return name;
	len = strlen(cwd);
	if (strncmp(name, cwd, len) != 0 || (len > 1 && name[len] != '/'))
		return name;
	name += len;
	while (*name == '/')
		name++;
	return name;
}

const char *ka_relative_name(const char *name)
{
	const char *rest = name;

	if (*rest == '/')
		rest = below_cwd(rest);
	while (rest[0] == '.' && rest[1] == '/') {
		rest += 2;
		while (*rest == '/')
			rest++;
	}
	return *rest ? rest : name;
}

json_t *ka_uri_json(const char *name)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~/";
	const char *s = ka_relative_name(name);
	KA_FREE char *uri = malloc(strlen(s) * 3 + sizeof("file://"));
	char *to = uri;

	if (!uri)
		return NULL;
	if (*s == '/')
		to = stpcpy(to, "file://");
	for (; *s; s++) {
		if (strchr(plain, *s))
			*to++ = *s;
		else
			to += sprintf(to, "%%%02X", (unsigned char)*s);
	}
	*to = '\0';
	return json_string(uri);
}
