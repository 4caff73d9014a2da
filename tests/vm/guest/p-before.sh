# vm: smp=2 timeout=600
# SPDX-License-Identifier: Apache-2.0
# Proof 2: tasks that ran before the first apply come under a host policy with their sources: a shell,
# a program of 100 threads, lines of descent that fork all through the walk; descriptors stay usable.
. ./lib.sh
D=/srv/before
GO=/run/go
mkdir -p $D
for f in secret by-source frozen open; do
	echo content >$D/$f
done
for p in ka-early ka-blocked; do
	cp /usr/local/bin/ka-try /usr/local/bin/$p
done

started() { # NAME COMMAND...: in the background, its word to /run/early-NAME
	local name=$1
	shift
	setsid "$@" >/run/early-"$name" 2>&1 </dev/null &
}
started threads ka-early threads 100 , wait-for $GO , open-r $D/secret
started threads-open ka-early threads 100 , wait-for $GO , open-r $D/open
started threads-source ka-early threads 100 , wait-for $GO , open-r $D/by-source
started other-source ka-try threads 100 , wait-for $GO , open-r $D/by-source
started breed nice -n 19 ka-early breed 4 $GO , open-r $D/secret
started breed-source nice -n 19 ka-early breed 4 $GO , open-r $D/by-source
started breed-open nice -n 19 ka-early breed 4 $GO , open-r $D/open
started exec ka-early wait-for $GO , exec /usr/local/bin/ka-blocked nothing
started thread-exec ka-early threads 1 , wait-for $GO , exec /usr/local/bin/ka-blocked nothing
started kept-read ka-early keep-r $D/secret , wait-for $GO , kept-read
started kept-write ka-early keep-w $D/frozen , wait-for $GO , kept-write
started reopen ka-early keep-path $D/secret , wait-for $GO , kept-reopen-r
started shell bash -c "while [ ! -e $GO ]; do sleep 0.05; done; read -r x <$D/secret && echo leaked"
sleep 2

apply ../policies/host.yaml
nobody_left
touch $GO
wait

early() { # NAME WANT WHAT
	is "$3" "$(tail -n1 /run/early-$1)" "$2"
}
early threads "threads: EACCES" "each of 100 threads that ran before is denied"
early threads-open "threads: ok" "each of 100 threads opens what nothing governs"
early threads-source "threads: EACCES" "each of 100 threads is known by the program that it runs"
early other-source "threads: ok" "100 threads of another program are not mistaken for it"
early breed "breed: EACCES" "tasks that fork all through the walk are denied"
early breed-source "breed: EACCES" "tasks that fork all through the walk are known by their program"
early breed-open "breed: ok" "tasks that fork all through the walk open what nothing governs"
early exec "wait-for: EACCES" "a program that ran before may not run a blocked one"
early thread-exec "threads: EACCES" "nor may a thread of it that is not the leader"
early kept-read "keep-r: ok" "a descriptor open before stays readable"
early kept-write "keep-w: ok" "a descriptor open before stays writable"
early reopen "keep-path: EACCES" "a path descriptor from before gives no new opening"
if grep -q 'Permission denied' /run/early-shell && ! grep -q leaked /run/early-shell; then
	ok "a shell that ran before is denied"
else
	not_ok "a shell that ran before is denied"
	note </run/early-shell
fi

# who comes after
table after ka-early <<-T
	EACCES open-r $D/secret
	EACCES open-r $D/by-source
	ok open-r $D/frozen
	EACCES open-w $D/frozen
	EACCES double-fork , open-r $D/secret
	EACCES exec /usr/local/bin/ka-blocked nothing
	ok open-r $D/open
T
drop_caches
table after-cold ka-early <<-T
	EACCES open-r $D/secret
	EACCES open-r $D/by-source
	EACCES exec /usr/local/bin/ka-blocked nothing
	ok open-r $D/open
T
done_testing
