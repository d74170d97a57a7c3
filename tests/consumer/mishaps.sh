#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# What goes wrong around the tool: each allocation fails (tests/data/nomem.c),
# disks are full or broken, the tool is killed.  It must say so and exit with
# 2; each file is the old or the new one, and whole; what was decided before
# is still refused.  That being killed harms no install: install.sh.
#
# LIMIT=N sets how many allocations of each command fail; 0: all.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/machine.sh
. "$(dirname "$0")/../machine.sh"

in_own_mounts "$@"
begin
need_module
need "$distrust" 'nothing: run make'
need certutil libnss3-tools
need modutil libnss3-tools
need strace strace

# ---- A small machine -----------------------------------------------------

# Two roots, of which one is distrusted, and no other stores: what there is to
# read decides how long this takes.
own_folders /etc /var/lib /usr/share /usr/local
root healthy '/O=Example/CN=Healthy Root'
root ours '/O=Example/CN=Root of ours'
root theirs '/O=Example/CN=Root of theirs'
below ours-site ours site /CN=localhost
below theirs-site theirs site /CN=localhost
reissued new "$qaznet" "$(new_serial)"
below new-site new site /CN=localhost
rm -rf /etc/ssl/certs /etc/pki /usr/local/share/ca-certificates \
	/usr/share/ca-certificates
mkdir -p /etc/ssl/certs /etc/p11-distrust /var/lib/p11-distrust
pems healthy new >/etc/ssl/certs/ca-certificates.crt

# The tool as it is; sets $words and $status.
tool()	# arguments
{
	words=$(timeout 60 "$distrust" "$@" </dev/null 2>&1)
	status=$?
}

judge()	# what holds, what is wrong
{
	if [[ -z $2 ]]; then
		ok "$1"
	else
		not_ok "$1" "$2"
	fi
}

# ---- What a run has left -------------------------------------------------

# A program: below a folder each file is the old or the new one, none is
# missing that is in both, and no other is there.  Then all is as before.
cat >"$tmp/settled" <<'END'
#!/bin/bash
folder=$1 old=$2 new=$3 wrong=0
while read -r name; do
	cmp -s "$folder/$name" "$old/$name" ||
		cmp -s "$folder/$name" "$new/$name" || wrong=1
done < <(cd "$folder" && find . -type f)
while read -r name; do
	[[ -e $folder/$name || ! -e $new/$name ]] || wrong=1
done < <(cd "$old" && find . -type f)
((wrong)) && find "$folder" -type f >&2
rm -rf "$folder"
cp -a "$old" "$folder"
exit $wrong
END
chmod +x "$tmp/settled"

# The folder of a command that changes one, before and after it.
changes()	# folder, command...
{
	rm -rf "$tmp/before" "$tmp/after"
	cp -a "$1" "$tmp/before"
	must "${@:2}"
	cp -a "$1" "$tmp/after"
	rm -rf "$1"
	cp -a "$tmp/before" "$1"
	[[ -z $(diff -r "$tmp/before" "$tmp/after") ]] &&
		must false "$* changes nothing"
	after="'$tmp/settled' '$1' '$tmp/before' '$tmp/after'"
}

# ---- No memory -----------------------------------------------------------

# OpenSSL 3.0 itself does not outlive all failures (it crashes in
# OPENSSL_init_crypto()), so that its own allocations are left alone.
must "${CC:-cc}" -std=c11 -shared -fPIC -o "$tmp/nomem.so" \
	"$top/tests/data/nomem.c"
runs=0
starves()	# what, arguments of the tool
{
	local mode words status wrong=''
	for mode in once ever; do
		words=$(LD_PRELOAD=$tmp/nomem.so NOMEM_MODE=$mode \
			NOMEM_NOISE=libcrypto NOMEM_LIMIT=${LIMIT-40} \
			NOMEM_AFTER=$after timeout 600 \
			"$distrust" "${@:2}" </dev/null 2>&1)
		status=$?
		[[ $status == 0 &&
			$words =~ ([0-9]+)\ of\ [0-9]+\ allocations\ failed,\ 0\ wrong$ ]] ||
			wrong+="$mode: status $status: $words"$'\n'
		((runs += ${BASH_REMATCH[1]:-0}))
	done
	judge "each allocation fails: $1" "$wrong"
}

mkdir -p "$tmp/sources/own" "$tmp/out" "$tmp/machine" "$HOME/.pki"
new_database "$HOME/.pki/nssdb"
must "$distrust" add --root "$tmp/machine" "$tmp/ours.pem"
pems ours >"$tmp/sources/own/ours.pem"
cat >"$tmp/sources/own/incident.ini" <<END
[incident]
title = Own decisions
reason = distrusted-ca
[certificate ours]
file = ours.pem
sha256 = $(openssl x509 -in "$tmp/ours.pem" -outform DER | sha256sum | cut -d' ' -f1)
label = Root of ours
match = certificate name key
END
cd "$tmp" || exit
after=
must "$distrust" compile --local -o "$tmp/good.catalog" "$tmp/sources"
starves 'list' list
starves 'list --json' list --json --catalog "$tmp/good.catalog"
starves 'show' show kazakhstan-2019-qaznet
starves 'show --json' show --json kazakhstan-2019-qaznet
starves 'verify' verify "$tmp/good.catalog"
starves 'verify --json' verify --json "$tmp/good.catalog"
starves 'check' check "$tmp/new-site.pem"
starves 'check --json' check --json "$tmp/new-site.pem"
starves 'scan' scan --module "$module"
starves 'scan --json' scan --json --module "$module"
starves 'filter' filter /etc/ssl/certs/ca-certificates.crt
starves 'export' export --catalog "$tmp/good.catalog" pem
changes "$tmp/out" "$distrust" compile --local -o "$tmp/out/made" "$tmp/sources"
starves 'compile' compile --local -o "$tmp/out/made" "$tmp/sources"
changes "$tmp/machine" "$distrust" add --root "$tmp/machine" "$tmp/theirs.pem"
starves 'add' add --root "$tmp/machine" "$tmp/theirs.pem"
changes "$tmp/machine" "$distrust" remove --root "$tmp/machine" "$tmp/ours.pem"
starves 'remove' remove --root "$tmp/machine" "$tmp/ours.pem"
rm "$tmp/machine/var/lib/p11-distrust/system.catalog"
changes "$tmp/machine" "$distrust" apply --root "$tmp/machine"
starves 'apply' apply --root "$tmp/machine"
changes "$HOME" "$distrust" install --module "$module" nssdb
starves 'install' install --module "$module" nssdb
must "$distrust" install --module "$module" nssdb
changes "$HOME" "$distrust" uninstall nssdb
starves 'uninstall' uninstall nssdb
must "$distrust" uninstall nssdb
printf '# %d runs in which an allocation failed\n' "$runs"

# ---- Being killed ------------------------------------------------------------

# Decisions are made or not, whenever the run that makes them is killed: the
# next one leaves what was before or what was to be, and nothing else.
killed()	# what, arguments of the tool
{
	local call n wrong='' runs=0
	changes "$tmp/machine" "$distrust" "${@:2}"
	for call in write fsync rename unlink mkdir rmdir; do
		for n in {1..200}; do
			is_killed "$call" "$n" "${@:2}" || break
			((++runs))
			tool apply --root "$tmp/machine"
			diff -r "$tmp/machine" "$tmp/before" >/dev/null ||
				diff -r "$tmp/machine" "$tmp/after" >/dev/null ||
				wrong+="$call $n: $words"$'\n'$(
					diff -r "$tmp/machine" "$tmp/before")$'\n'
			as_before
		done
		as_before
	done
	((runs > 10)) || wrong+="$runs runs"
	judge "killed at any of $runs places: $1" "$wrong"
}

as_before()
{
	rm -rf "$tmp/machine"
	cp -a "$tmp/before" "$tmp/machine"
}

# Whether the tool was killed when it was about to make the n-th such call.
is_killed()	# call, n, arguments of the tool
{
	strace -qq -o /dev/null -e "trace=$1" \
		-e "inject=$1:signal=KILL:when=$2" "$distrust" "${@:3}" \
		>/dev/null </dev/null
	(($? == 137))
} 2>/dev/null	# the shell tells of everybody who is killed

must "$distrust" apply --root "$tmp/machine"
killed 'add' add --root "$tmp/machine" "$tmp/theirs.pem"
killed 'a new group' add --root "$tmp/machine" --group new "$tmp/theirs.pem"
killed 'remove' remove --root "$tmp/machine" "$tmp/ours.pem"
killed 'disable' disable --root "$tmp/machine" kazakhstan-2019-qaznet

# ---- Disks ---------------------------------------------------------------

new_database "$tmp/db"
for name in ours theirs; do
	must certutil -A -d "sql:$tmp/db" -n "$name" -t CT,C,C -a \
		-i "$tmp/$name.pem"
done
must modutil -dbdir "sql:$tmp/db" -force -add p11-distrust -libfile "$module"

# What NSS says of the sites below ours and theirs: A for accepted, R for
# rejected.
nss_says()
{
	local name words verdict why
	for name in ours theirs; do
		words=$(run vfychain -d "sql:$tmp/db" -u 1 \
			-a "$tmp/$name-site.pem")
		nss_verdict $? "$words"
		case $verdict in
		ACCEPTED) printf A ;;
		ISSUER | CERT) printf R ;;
		*) printf '?%s' "$words" ;;
		esac
	done
}

catalog=/var/lib/p11-distrust/system.catalog
sources=/etc/p11-distrust

# The tool could not do it, said why, left no octet of its own, and what was
# decided before is in force.
failed()	# what, pattern of what it is to say
{
	local wrong='' seen
	# shellcheck disable=SC2053	# a pattern
	[[ $status == 2 && $words == $2 ]] || wrong="status $status: $words"
	cmp -s "$catalog" "$tmp/catalog" || wrong+=' another catalog'
	[[ -z $(diff -r "$sources" "$tmp/decided" 2>&1) ]] ||
		wrong+=" sources: $(diff -r "$sources" "$tmp/decided" 2>&1)"
	seen=$(find "${catalog%/*}" "$sources" -name '*.??????*' \
		! -name '*.catalog')
	[[ -z $seen ]] || wrong+=" left: $seen"
	seen=$(nss_says)
	[[ $seen == RA ]] || wrong+=" NSS: $seen"
	judge "$1" "$wrong"
}

# Not an octet more fits on this file system.
fill()	# folder
{
	cat /dev/zero >"$1/fill" 2>/dev/null
	[[ -s $1/fill ]] || must false "$1/fill is empty"
}

# What install may change.
etc()
{
	find /etc ! -path '/etc/p11-distrust*' -type f | sort |
		xargs sha256sum
}

full_disks()
{
	local before full='*No space left on device*'
	must mount -t tmpfs -o mode=755,size=256k none "${catalog%/*}"
	must mount -t tmpfs -o mode=755,size=256k none "$sources"
	must "$distrust" add --system "$tmp/ours.pem"
	cp "$catalog" "$tmp/catalog"
	cp -a "$sources" "$tmp/decided"
	[[ $(nss_says) == RA ]] || must false "NSS: $(nss_says)"

	fill "${catalog%/*}"
	tool add --system "$tmp/theirs.pem"
	failed 'no room for the catalog: add' "$full"
	tool apply --system
	failed 'no room for the catalog: apply' "$full"
	tool remove --system "$tmp/ours.pem"
	failed 'no room for the catalog: remove' "$full"
	before=$(etc)
	tool install --system --module "$module" p11-kit nssdb
	failed 'no room for what was there before: install --system' "$full"
	judge 'then it changes nothing else' "$(diff <(echo "$before") <(etc))"
	rm "${catalog%/*}/fill"

	fill "$sources"
	rm -rf "$tmp/decided"
	cp -a "$sources" "$tmp/decided"
	tool add --system "$tmp/theirs.pem"
	failed 'no room for the sources: add' "$full"
	rm "$sources/fill" "$tmp/decided/fill"
}

# Each call of a kind fails once; one that was not there to fail ends it.
broken_disk()
{
	local call error n wrong='' runs=0
	for call in write fchmod fsync rename; do
		for error in EIO ENOSPC; do
			for n in {1..50}; do
				one_fails || break
			done
		done
	done
	if [[ -z $wrong ]] && ((runs > 6)); then
		ok "a broken disk: $runs calls fail"
	else
		not_ok 'a broken disk' "$runs runs"$'\n'"$wrong"
	fi
}

# Whether there was an n-th such call that could fail.
one_fails()
{
	local words status
	words=$(timeout 60 strace -o "$tmp/trace" -e "trace=$call" \
		-e "inject=$call:error=$error:when=$n" \
		"$distrust" apply --system 2>&1)
	status=$?
	grep -q INJECTED "$tmp/trace" || return
	((++runs))
	[[ $status == 2 && -n $words ]] ||
		wrong+="$call $error $n: status $status: $words"$'\n'
	cmp -s "$catalog" "$tmp/catalog" ||
		wrong+="$call $error $n: another catalog"$'\n'
	[[ -z $(find "${catalog%/*}" -name '*.??????*' ! -name '*.catalog') ]] ||
		wrong+="$call $error $n: something is left"$'\n'
}

full_disks
broken_disk
tool add --system "$tmp/theirs.pem"
judge 'then all is well again' "$([[ $status$(nss_says) == 0RR ]] || echo "$words")"
umount "${catalog%/*}" "$sources"
plan
