#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The examples for pipelines do what they say: the commands of the GitHub workflow and the GitLab
# job, the git hook, and the hooks for pre-commit, each in a repository of its own.
. "$SOURCE/tests/cli/lib.sh"

mkdir bin
ln -s "$KARMOR_C" bin/karmor-c
PATH=$T/bin:$PATH
export PATH HOME="$T" GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b
export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE || true

# The interpreter that Debian's packages belong to.
python=python3
$python -c 'import yaml' 2>/dev/null || python=/usr/bin/python3
$python -c 'import yaml' 2>/dev/null || skip 'python3 without yaml'

# steps FILE: its commands, one file each, in steps/
steps()
{
	rm -rf steps
	mkdir steps
	$python - "$1" <<-'END'
		import sys, yaml
		doc = yaml.safe_load(open(sys.argv[1]))
		if "jobs" in doc:
		    assert doc["permissions"]["security-events"] == "write"
		    steps = doc["jobs"]["validate"]["steps"]
		    upload = [s for s in steps if "upload-sarif" in s.get("uses", "")]
		    assert upload[0]["with"]["sarif_file"] == "karmor-c.sarif"
		    commands = [(s.get("if"), s["run"]) for s in steps if "run" in s]
		else:
		    reports = doc["policies"]["artifacts"]["reports"]
		    assert reports == {"junit": "karmor-c.xml", "codequality": "karmor-c.json"}
		    commands = [(None, c) for c in doc["policies"]["script"]]
		for i, (when, command) in enumerate(commands):
		    with open(f"steps/{i}{'.always' if when == 'always()' else ''}", "w") as f:
		        f.write(command + "\n")
	END
}

# pipeline FILE EXIT: all its steps as the runner would, in the directory `repo`
pipeline()
{
	steps "$SOURCE/samples/ci/$1"
	result=0
	for s in steps/*; do
		if [ "$result" = 0 ] || [ "${s%.always}" != "$s" ]; then
			(cd repo && bash -eo pipefail "../$s") >>log 2>&1 || result=1
		fi
	done
	[ "$result" = "$2" ] || fail "$1: result $result, expected $2: $(cat log)"
	: >log
}

reports()
{
	for r in "$@"; do
		[ -s "repo/$r" ] || fail "no $r"
	done
	cp repo/karmor-c.sarif of.sarif
	cp repo/karmor-c.xml of.junit
	cp repo/karmor-c.json of.gitlab
	python3 "$SOURCE/tests/cli/check_format.py" of.sarif of.junit of.gitlab || fail 'a report'
}

# ---- pipelines ----
mkdir -p repo/policies
policy good shop /usr/bin/apt Block >repo/policies/good.yaml
"$KARMOR_C" fmt repo/policies/good.yaml >/dev/null 2>&1 || true
pipeline gitlab.yml 0
pipeline github.yml 0
reports karmor-c.sarif karmor-c.xml karmor-c.json
! grep -q -e '"level": "error"' -e '"level": "warning"' repo/karmor-c.sarif || fail 'a finding in a good policy'

rm repo/karmor-c.*
policy bad shop /usr/bin/apt Blok >repo/policies/bad.yaml
pipeline gitlab.yml 1
pipeline github.yml 1
reports karmor-c.sarif karmor-c.xml karmor-c.json
grep -q '"ruleId": "KA0105"' repo/karmor-c.sarif || fail 'the finding is not in the report'
rm -r repo

# ---- the git hook ----
git init -q repo
cp "$SOURCE/samples/ci/pre-commit" repo/.git/hooks/
cd repo
commit() # EXIT WHAT
{
	got=0
	git commit -qm "$2" >../out 2>../err || got=1
	[ "$got" = "$1" ] || { fail "the hook: $2: exit $got, expected $1" && cat ../out ../err >&2; }
}

echo hello >README
git add README
commit 0 'no policy'
policy good shop /usr/bin/apt Block >good.yaml
mkdir 'a dir'
policy other shop /usr/bin/apt Block >'a dir/other one.yaml'
git add .
commit 0 'good policies'
policy bad shop /usr/bin/apt Blok >bad.yaml
git add bad.yaml
commit 1 'a bad policy'
grep -q '^./bad.yaml:13:11: error\[KA0105\]' ../err || fail 'the hook names no place'
# what is staged counts, not what lies in the folder
policy bad shop /usr/bin/apt Block >bad.yaml
commit 1 'mended, and not staged'
git add bad.yaml
policy bad shop /usr/bin/apt Blok >bad.yaml
commit 0 'mended and staged, and broken again'
git rm -q --cached good.yaml
commit 0 'a policy less'
git checkout -q bad.yaml
printf '%s\n' '# a comment' >>bad.yaml
git commit -qam 'with -a' >../out 2>../err || fail 'the hook with commit -a'
cd ..
rm -rf repo

# ---- pre-commit ----
cp "$SOURCE/.pre-commit-hooks.yaml" .
$python - <<-'END' >entries || fail 'the hooks for pre-commit'
	import yaml
	for hook in yaml.safe_load(open(".pre-commit-hooks.yaml")):
	    assert hook["language"] == "system" and hook["types"] == ["yaml"] and hook["name"]
	    print(hook["entry"])
END
policy good shop /usr/bin/apt Block >good.yaml
policy bad shop /usr/bin/apt Blok >bad.yaml
while read -r entry; do
	sh -c "$entry good.yaml" >out 2>err || { fail "$entry: a good policy" && show; }
done <entries
if command -v pre-commit >/dev/null; then
	git init -q hooks
	cp .pre-commit-hooks.yaml hooks/
	git -C hooks add . && git -C hooks commit -qm hooks
	git init -q repo
	cp good.yaml bad.yaml repo/
	git -C repo add .
	cd repo
	pre-commit try-repo ../hooks karmor-c-validate --files good.yaml >../out 2>../err ||
		{ fail 'pre-commit: a good policy' && cat ../out ../err >&2; }
	! pre-commit try-repo ../hooks karmor-c-validate --files good.yaml bad.yaml >../out 2>../err ||
		fail 'pre-commit: a bad policy passes'
	cd ..
	has out 'KA0105'
fi

finish
