#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# distrust install --system, status and uninstall, on a machine whose
# administrator trusts a re-issued root: each target is shown unprotected,
# protected, and unprotected again once something is broken; twice changes
# nothing; taking back leaves the machine as it was.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/machine.sh
. "$(dirname "$0")/../machine.sh"

in_own_mounts "$@"
begin
need_module
need "$distrust" distrust
need update-ca-certificates ca-certificates
need trust p11-kit
need java default-jre-headless
need curl curl
need /usr/bin/python3 python3
targets=(p11-kit bundle java)
hook=/etc/ca-certificates/update.d/distrust
registered=/etc/pkcs11/modules/p11-distrust.module
blocked=$(readlink -f "$(dirname "$(readlink -f "$(command -v java)")")/../lib/security/blocked.certs")

system()	# command, more
{
	"$distrust" "$1" --system --module "$module" "${@:2}"
}

# What status says of all places of a target, each state once.
state_of()	# target
{
	system status --json "$1" 2>"$tmp/said" | /usr/bin/python3 -c '
import json, sys
print(", ".join(sorted({place["state"] for place in json.load(sys.stdin)})))'
}

is()	# when, target, state that is due
{
	local state
	state=$(state_of "$2")
	if [[ $state == "$3" ]]; then
		ok "$1: $2 is $3"
	else
		not_ok "$1: $2 is $3" "$state"$'\n'"$(system status "$2" 2>&1)"
	fi
}

are()	# when, state that is due for all
{
	local target
	for target in "${targets[@]}"; do
		is "$1" "$target" "$2"
	done
}

# All that install may touch, in a comparable form.
machine()
{
	trust_store
	find /etc -path '/etc/pkcs11*' -printf '%p %y %m\n' | sort
	find /etc/ca-certificates -printf '%p %y %m\n' | sort
	find /etc/ca-certificates /usr/lib/jvm/*/lib/security -type f \
		\( -name '*.certs' -o -name distrust \) | sort |
		xargs -r sha256sum
	sha256sum "$blocked"
}

same_machine()	# what, what is due
{
	local now
	now=$(machine)
	if [[ $now == "$2" ]]; then
		ok "$1"
	else
		not_ok "$1" "$(diff <(echo "$2") <(echo "$now"))"
	fi
}

# As where packages are installed below a folder.
without_proc()	# command
{
	# shellcheck disable=SC2016	# the inner shell's arguments
	unshare --mount sh -c 'mount -t tmpfs none /proc && exec "$@"' - "$@"
}

# Break something, see status notice, put it right again.
broken()	# what, target, file, sed command
{
	cp -p "$3" "$tmp/whole"
	sed -i "$4" "$3"
	is "$1" "$2" 'not protected'
	cp -p "$tmp/whole" "$3"
}

asks()	# when, verdict that is due
{
	local words verdict
	ask_curl "$port"
	if [[ $verdict == "$2" ]]; then
		ok "$1: curl: $2"
	else
		not_ok "$1: curl: $2" "$words"
	fi
}

# A machine with one Java alone has no other that is still protected.
cut='not protected'
(($(find /usr/lib/jvm -name blocked.certs -exec readlink -f {} + |
	sort -u | wc -l) < 2)) || cut+=', protected'

make_certificates
serve new-site
listed=$port
own_ca_certificates
own_folders /usr/lib/jvm
import new healthy
must update-ca-certificates
before=$(machine)
asks before ACCEPTED
are before 'not protected'

holds 'install --dry-run' system install --dry-run
same_machine 'it changes nothing' "$before"
holds install system install
after=$(machine)
are 'after install' protected
holds 'status exits with 0' system status "${targets[@]}"
asks 'after install' REJECTED
holds 'install again' system install
same_machine 'it changes nothing' "$after"

# An own decision: files of the list follow as it is told.
serve healthy-site
asks 'a site of our own list, before' ACCEPTED
holds 'add says who follows' grep -q 'run update-ca-certificates' <(
	"$distrust" add --system "$tmp/healthy.pem")
is 'with an own entry' bundle 'not protected'
holds 'update-ca-certificates' update-ca-certificates
asks 'a site of our own list' REJECTED
holds 'remove says it too' grep -q 'run update-ca-certificates' <(
	"$distrust" remove --system "$tmp/healthy.pem")
holds 'update-ca-certificates' update-ca-certificates
asks 'a site that was taken off it' ACCEPTED
same_machine 'all is as before that' "$after"
port=$listed

broken 'without trust-policy' p11-kit "$registered" /trust-policy:/d
broken 'with another module' p11-kit "$registered" \
	's|^module:.*|module: /nowhere.so|'
broken 'a hook that does nothing' bundle "$hook" '2i exit 0'
chmod a-x "$hook"
is 'a hook that cannot be run' bundle 'not protected'
holds 'install again' system install bundle
is 'after that' bundle protected
cat "$tmp/new.pem" >>/etc/ssl/certs/ca-certificates.crt
is 'a root put back into the bundle' bundle 'not protected'
holds 'install again' system install bundle
same_machine 'all as it was after install' "$after"
cp -p "$blocked" "$tmp/whole"
sed -i '/^# p11-distrust end/d' "$blocked"
is 'one list of several without its end' java "$cut"
holds 'install again' system install java
is 'whole again' java protected
holds 'its list is as it was, octet for octet' cmp "$blocked" "$tmp/whole"
sed -i '/^# p11-distrust \(begin\|end\)/d' "$blocked"	# uninstall finds the lines

holds uninstall system uninstall
same_machine 'all is as before install' "$before"
asks 'after uninstall' ACCEPTED
are 'after uninstall' 'not protected'

for command in 'install --dry-run' uninstall; do
	# shellcheck disable=SC2086	# two words
	holds "$command without /proc" without_proc "$distrust" $command \
		--system --module "$module"
done
plan
