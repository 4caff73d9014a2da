// SPDX-License-Identifier: Apache-2.0
/*
 * Runs a fuzz target on every file of the directories that are given, and on damaged copies:
 * cut short, and with one byte changed.
 */
#include <dirent.h>
#include <stdio.h>

#include "fuzz.h"

#define MOST (1u << 20)
#define DAMAGED 24u

static void damage(const uint8_t *data, size_t size)
{
	/* exact size, so that a read beyond the end is seen */
	for (size_t i = 0; i < DAMAGED; i++) {
		size_t at = size * i / DAMAGED;
		uint8_t *copy = malloc(size ? size : 1);

		if (!copy)
			abort();
		memcpy(copy, data, size);
		if (at < size)
			copy[at] ^= (uint8_t)(1u << i % 8);
		LLVMFuzzerTestOneInput(copy, size);
		free(copy);
		copy = malloc(at ? at : 1);
		if (!copy)
			abort();
		memcpy(copy, data, at);
		LLVMFuzzerTestOneInput(copy, at);
		free(copy);
	}
}

static int replay(const char *path)
{
	FILE *f = fopen(path, "re");
	uint8_t *data = malloc(MOST);
	size_t size;

	if (!f || !data)
		abort();
	size = fread(data, 1, MOST, f);
	fclose(f);
	LLVMFuzzerTestOneInput(data, size);
	damage(data, size);
	free(data);
	return 1;
}

static int replay_dir(const char *name)
{
	DIR *dir = opendir(name);
	struct dirent *e;
	int n = 0;

	while (dir && (e = readdir(dir))) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s", name, e->d_name);
		if (e->d_name[0] == '.')
			continue;
		if (e->d_type == DT_DIR)
			n += replay_dir(path);
		else
			n += replay(path);
	}
	if (dir)
		closedir(dir);
	return n;
}

int main(int argc, char **argv)
{
	int n = 0;

	for (int i = 1; i < argc; i++)
		n += replay_dir(argv[i]);
	printf("%d inputs, each with %u damaged copies\n", n, 2 * DAMAGED);
	return n ? 0 : 1;
}
