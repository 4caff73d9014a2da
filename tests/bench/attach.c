/* SPDX-License-Identifier: Apache-2.0 */
/* attach OBJECT COMMAND...: runs COMMAND while all programs of OBJECT are attached. */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int attach_all(const char *path)
{
	struct bpf_object *obj = bpf_object__open_file(path, NULL);
	struct bpf_program *prog;

	if (!obj || bpf_object__load(obj))
		return -1;
	bpf_object__for_each_program (prog, obj)
		if (!bpf_program__attach(prog))
			return -1;
	return 0;
}

int main(int argc, char **argv)
{
	int status;
	pid_t pid;

	if (argc < 3)
		return 2;
	if (attach_all(argv[1])) {
		perror(argv[1]);
		return 1;
	}
	pid = fork();
	if (!pid) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
