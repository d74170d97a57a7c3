#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# distrust install, uninstall and status, on profiles and databases that
# programs could have left in a home folder of our own, and on policies in an
# /etc of our own: what is found and what is changed, that a second run
# changes nothing, that taking back restores every octet, that being killed
# leaves the old or the new, and that status is right about every trap.

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
need /usr/bin/python3 python3
need strace strace
need /usr/lib/firefox-esr/libnss3.so firefox-esr
need /usr/lib/thunderbird/libnss3.so thunderbird
libdir=$(pkg-config --variable=libdir p11-kit-1)
need "$libdir/libnssckbi.so" libnss3

# ---- A home --------------------------------------------------------------

# A profile as a program leaves it.
profile()	# folder of profiles.ini, name, folder of the program
{
	new_database "$1/$2"
	printf '[Compatibility]\nLastVersion=1\nLastPlatformDir=%s\n' "$3" \
		>"$1/$2/compatibility.ini"
	printf 'user_pref("a", true);\n' >"$1/$2/prefs.js"
	printf '[Profile0]\nName=x\nIsRelative=1\nPath=%s\n\n' "$2" \
		>>"$1/profiles.ini"
}

make_home()
{
	local esr=/usr/lib/firefox-esr
	rm -rf "$HOME"
	mkdir "$HOME"
	profile "$HOME/.mozilla/firefox" one.default-esr "$esr"
	profile "$HOME/.mozilla/firefox" two.default /opt/no-such-firefox
	profile "$HOME/.config/mozilla/firefox" three.default "$esr"
	profile "$HOME/.thunderbird" mail.default /usr/lib/thunderbird
	profile "$HOME/.librewolf" wolf.default "$esr"
	profile "$HOME/.zen" zen.default "$esr"
	profile "$HOME/.mullvad/mullvadbrowser" mole.default "$esr"
	profile "$HOME/tor-browser/Browser/TorBrowser/Data/Browser" \
		onion.default "$esr"
	profile "$HOME/snap/firefox/common/.mozilla/firefox" snap.default "$esr"
	profile "$HOME/.var/app/org.mozilla.firefox/.mozilla/firefox" \
		flat.default "$esr"
	new_database "$HOME/.pki/nssdb"
	new_database "$HOME/.local/share/pki/nssdb"
	# Not all that programs write ends as it should.
	printf 'user_pref("b", 1);' >"$HOME/.zen/zen.default/user.js"
	truncate -s -2 "$HOME/.zen/zen.default/pkcs11.txt"
	rm "$HOME/.librewolf/wolf.default/pkcs11.txt"
	chmod 600 "$HOME/.thunderbird/mail.default/pkcs11.txt"
}

one=$HOME/.mozilla/firefox/one.default-esr
shared=$HOME/.pki/nssdb

# All octets and modes below a folder.
state()	# folders...
{
	find "$@" \( -type f -o -type l -o -type d \) -printf '%p %m %y\n' |
		sort
	find "$@" -type f -exec sha256sum {} + | sort
}

# ---- Asking --------------------------------------------------------------

# The tool as it is; sets $words and $status.
tool()	# arguments
{
	words=$("$distrust" "$@" </dev/null 2>&1)
	status=$?
}

# A fact from the JSON that the tool prints: one line a place.
facts()	# keys, parted by commas
{
	/usr/bin/python3 -c '
import json, sys
for place in json.load(sys.stdin):
    print(" | ".join(str(place.get(key, "-"))
                     for key in sys.argv[1].split(",")))' "$1" <<<"$words"
}

check()	# what, how it is to be, how it is
{
	if [[ $2 == "$3" ]]; then
		ok "$1"
	else
		not_ok "$1" "$(diff <(echo "$2") <(echo "$3"))"$'\n'"$words"
	fi
}

says()	# what, pattern of what the tool said
{
	# shellcheck disable=SC2053	# a pattern
	if [[ $words == $2 ]]; then
		ok "$1"
	else
		not_ok "$1" "$words"
	fi
}

# One place by status: its state, and a word of the reason.
verdict()	# what, folder, state, pattern of the reason
{
	local fact
	tool status --json --module "$module" --profile "$2"
	fact=$(facts state,why)
	# shellcheck disable=SC2053	# a pattern
	if [[ $fact == "$3 | "$4 ]]; then
		ok "status: $1: $3"
	else
		not_ok "status: $1: $3, $4" "$words"
	fi
}

install=(install --module "$module")

# ---- Finding, changing, taking back ----------------------------------------

finds_and_changes()
{
	local before after
	make_home
	before=$(state "$HOME")

	tool "${install[@]}" --dry-run --json
	check 'finds what a user has, but Tor, and knows what it cannot reach' \
		"$(places)" "$(facts target,path,result)"
	check 'a dry run changes nothing' "$before" "$(state "$HOME")"

	tool "${install[@]}"
	after=$(state "$HOME")
	check 'install succeeds' 0 "$status"
	reads_back

	tool "${install[@]}" --json
	check 'a second run changes no place' '' \
		"$(facts result | grep -v '^unchanged$\|^beyond reach$')"
	check 'and no octet' "$after" "$(state "$HOME")"

	tool status --json --module "$module" --user
	check 'every place is protected, or beyond reach' '' \
		"$(facts state | grep -v '^protected$\|^beyond reach$')"
	check 'status changes nothing' "$after" "$(state "$HOME")"

	tool uninstall
	check 'uninstall restores every octet, mode and folder' "$before" \
		"$(state "$HOME")"
	tool uninstall --json
	check 'a second one finds nothing to do' '' \
		"$(facts result | grep -v '^unchanged$\|^beyond reach$')"
}

places()
{
	sed "s|~|$HOME|" <<-'END'
	firefox | ~/.mozilla/firefox/one.default-esr | would change
	firefox | ~/.mozilla/firefox/two.default | would change
	firefox | ~/.config/mozilla/firefox/three.default | would change
	firefox | ~/snap/firefox/common/.mozilla/firefox/snap.default | beyond reach
	firefox | ~/.var/app/org.mozilla.firefox/.mozilla/firefox/flat.default | beyond reach
	thunderbird | ~/.thunderbird/mail.default | would change
	librewolf | ~/.librewolf/wolf.default | would change
	zen | ~/.zen/zen.default | would change
	mullvad | ~/.mullvad/mullvadbrowser/mole.default | would change
	nssdb | ~/.pki/nssdb | would change
	nssdb | ~/.local/share/pki/nssdb | would change
	END
}

# NSS itself reads what we wrote, in both of its versions here.
reads_back()
{
	local folder libraries words
	for libraries in '' /usr/lib/firefox-esr; do
		for folder in "$one" "$HOME/.zen/zen.default" "$shared"; do
			words=$(LD_LIBRARY_PATH=$libraries run modutil \
				-dbdir "sql:$folder" -list)
			if [[ $words == *'1. NSS Internal'*'2. p11-distrust'* ]]
			then
				ok "NSS loads it in ${folder##*/} ${libraries##*/}"
			else
				not_ok "NSS loads it in ${folder##*/}" "$words"
			fi
		done
	done
	check 'Firefox gets rootFlags' 1 \
		"$(grep -c '^NSS=trustOrder=1 .*rootFlags' "$one/pkcs11.txt")"
	check 'Chromium gets none' 1 \
		"$(grep -c '^NSS=trustOrder=1$' "$shared/pkcs11.txt")"
	check 'user.js keeps what it said' \
		'user_pref("b", 1);' "$(head -1 "$HOME/.zen/zen.default/user.js")"
}

# Somebody else's changes between install and uninstall stay.
others_changes_stay()
{
	make_home
	tool "${install[@]}"
	must run modutil -force -dbdir "sql:$one" -add card \
		-libfile "$libdir/libnssckbi.so"
	printf 'user_pref("c", 2);\n' >>"$one/user.js"
	tool uninstall
	words=$(run modutil -dbdir "sql:$one" -list)
	check "somebody else's module stays, ours goes" 'card' \
		"$(sed -n 's/^ *[2-9]\. //p' <<<"$words")"
	check "somebody else's preference stays, ours goes" \
		'user_pref("c", 2);' "$(<"$one/user.js")"
}

# Tor Browser is changed by name alone.
by_name()
{
	make_home
	tool "${install[@]}" --json tor
	check 'Tor Browser, by name' 'tor | changed' "$(facts target,result)"
	tool uninstall tor
	tool "${install[@]}" --json --profile "$one"
	check 'one profile alone' "$one | changed" "$(facts path,result)"
	tool "${install[@]}" no-such-program
	check 'an unknown name is refused' 2 "$status"
	tool "${install[@]}" --profile "$HOME/.config"
	check 'a folder that is none is refused' 2 "$status"
	tool install --module "$tmp/no-such.so"
	check 'a module that is not there is refused' 2 "$status"
}

# Where there is no database, one is made for those who would; nowhere else.
new_place()
{
	rm -rf "$HOME"
	mkdir "$HOME" "$HOME/.config"
	mkdir "$HOME/.config/chromium"
	tool "${install[@]}" --json
	check 'a database is made for Chromium' "$shared | changed" \
		"$(facts path,result)"
	verdict 'a new database' "$shared" protected 'NSS refuses*'
	tool uninstall
	check 'and taken away again' "$HOME
$HOME/.config
$HOME/.config/chromium
$HOME/.local
$HOME/.local/share" "$(find "$HOME" | sort)"
	mkdir -p "$HOME/.local/share/pki/nssdb"
	tool "${install[@]}" --json
	check 'none that would hide another' \
		"$HOME/.local/share/pki/nssdb | changed" "$(facts path,result)"
}

# ---- Being stopped -------------------------------------------------------

# Killed at each call of a kind in turn, while it installs and while it takes
# back: each file is the old or the new one; then a whole run does the rest,
# and nothing is left of either.
killed()
{
	local command call n old new wrong='' runs=0
	small_home
	old=$(state "$HOME")
	cp -r "$HOME" "$tmp/old"
	tool "${install[@]}" firefox nssdb
	new=$(state "$one" "$shared")
	cp -r "$HOME" "$tmp/new"
	for command in install uninstall; do
		for call in write fchmod fsync rename mkdir unlink rmdir; do
			for n in {1..100}; do
				killed_once || break
			done
		done
		judge_killed "$command"
	done
}

judge_killed()	# command
{
	if [[ -z $wrong ]] && ((runs > 20)); then
		ok "$1 killed at any of $runs places: old or new, and whole"
	else
		not_ok "$1 killed at any place: old or new, and whole" \
			"$runs runs"$'\n'"$wrong"
	fi
	runs=0 wrong=''
}

# Whether there was such a call.
killed_once()
{
	small_home
	[[ $command == install ]] || tool "${install[@]}" firefox nssdb
	stopped "$call" "$n" || return
	((++runs))
	wrong+=$(each_is_whole "$call $n")
	if [[ $command == install ]]; then
		tool "${install[@]}" firefox nssdb
		[[ $new == "$(state "$one" "$shared")" ]] ||
			wrong+="$call $n: not installed after all"$'\n'
	fi
	tool uninstall
	[[ $old == "$(state "$HOME")" ]] ||
		wrong+="$call $n: not as before"$'\n'$(
			diff <(echo "$old") <(state "$HOME"))$'\n'
	return 0
}

small_home()
{
	rm -rf "$HOME"
	mkdir -p "$HOME/.local/share"
	profile "${one%/*}" "${one##*/}" /usr/lib/firefox-esr
	new_database "$shared"
}

# Whether the tool was killed when it was about to make the n-th such call.
stopped()	# call, n
{
	local words=(uninstall)
	[[ $command == uninstall ]] || words=("${install[@]}" firefox nssdb)
	strace -qq -o /dev/null -e "trace=$1" \
		-e "inject=$1:signal=KILL:when=$2" "$distrust" \
		"${words[@]}" >/dev/null
	(($? == 137))
} 2>/dev/null	# the shell tells of everybody who is killed

each_is_whole()	# when
{
	local file
	for file in "$one/pkcs11.txt" "$one/user.js" "$shared/pkcs11.txt"; do
		is_same "$file" "$tmp/old${file#"$HOME"}" ||
			is_same "$file" "$tmp/new${file#"$HOME"}" ||
			echo "$1: ${file#"$HOME"} is neither old nor new"
	done
}

is_same()	# two files
{
	[[ ! -e $1 && ! -e $2 ]] || cmp -s "$1" "$2"
}

# A profile that a program has open is left alone.
locked()
{
	local before holder
	make_home
	before=$(state "$one")
	: >"$one/.parentlock"
	/usr/bin/python3 -c '
import fcntl, sys, time
file = open(sys.argv[1], "w")
fcntl.lockf(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(600)' "$one/.parentlock" >"$tmp/held" &
	holder=$!
	servers+=("$holder")
	until [[ -s $tmp/held ]]; do
		sleep 0.02
	done
	tool "${install[@]}" --json --profile "$one"
	check 'a running program is not disturbed' '2 failed' \
		"$status $(facts result)"
	says 'and it says why' '*it is running*'
	kill "$holder"
	wait "$holder" 2>/dev/null
	rm "$one/.parentlock"
	check 'nothing was changed' "$before" "$(state "$one")"
	ln -s "127.0.0.1:+$$" "$one/lock"
	tool "${install[@]}" --json --profile "$one"
	check 'one that locks by a link neither' '2 failed' \
		"$status $(facts result)"
	ln -sf '127.0.0.1:+999999999' "$one/lock"
	tool "${install[@]}" --json --profile "$one"
	check 'a link that a crash has left stops nobody' '0 changed' \
		"$status $(facts result)"
	mkdir -p "$HOME/.config/chromium"
	ln -s "$(hostname)-$$" "$HOME/.config/chromium/SingletonLock"
	tool "${install[@]}"
	says 'a running Chromium is to be started anew' '*start it anew*'
}

# ---- Traps ----------------------------------------------------------------

# Our stanza with other words in it.
stanza()	# folder, library, NSS=
{
	cp "$tmp/empty/pkcs11.txt" "$1/pkcs11.txt"
	printf 'library=%s\nname=%s\nNSS=%s\n\n' "$2" p11-distrust "$3" \
		>>"$1/pkcs11.txt"
}

roots='slotParams={0x00000001=[slotFlags=PublicCerts rootFlags=hasRootCerts]}'

traps()
{
	local no='not protected' order
	make_home
	verdict 'nothing installed' "$one" "$no" '*not installed*'
	for order in 75 76 100; do
		stanza "$one" "$module" "trustOrder=$order $roots"
		verdict "trustOrder $order" "$one" "$no" "*trustOrder*$order*"
	done
	stanza "$one" "$module" "trustOrder=74 $roots"
	verdict 'trustOrder 74' "$one" protected '*'
	# Of the name that status itself asks about, with another key.
	reissued victim "$qaznet" "$(new_serial)"
	must certutil -A -d "sql:$one" -n victim -t C,, -i "$tmp/victim.pem"
	verdict 'a re-issued root was imported' "$one" protected '*'
	must certutil -D -d "sql:$one" -n victim
	stanza "$one" "$module" ''
	verdict 'Firefox without rootFlags' "$one" "$no" '*without rootFlags*'
	stanza "$shared" "$module" ''
	verdict 'Chromium without anything' "$shared" protected '*'
	stanza "$shared" "$module" "trustOrder=1 $roots"
	verdict 'Chromium with rootFlags' "$shared" "$no" '*rootFlags*'

	stanza "$one" "$tmp/gone.so" "trustOrder=1 $roots"
	verdict 'a missing file' "$one" "$no" '*gone.so is not there*'
	other_machine >"$tmp/other.so"
	stanza "$one" "$tmp/other.so" "trustOrder=1 $roots"
	verdict 'a wrong architecture' "$one" "$no" '*another kind of processor*'
	echo text >"$tmp/text.so"
	stanza "$one" "$tmp/text.so" "trustOrder=1 $roots"
	verdict 'no library at all' "$one" "$no" '*not a library*'
	stanza "$one" "$libdir/libnspr4.so" "trustOrder=1 $roots"
	verdict 'a library without PKCS#11' "$one" "$no" '*does not load*'
	older >"$tmp/older.so"
	stanza "$one" "$tmp/older.so" "trustOrder=1 $roots"
	verdict 'an older module' "$one" "$no" '*is older than*'

	cp "$module" "$tmp/copy.so"
	stanza "$shared" "$module" 'trustOrder=1'
	printf 'library=%s\nname=%s\n\n' "$libdir/libnssckbi.so" roots \
		"$tmp/copy.so" other >>"$shared/pkcs11.txt"
	verdict 'a root module and trust behind it' "$shared" "$no" "*'other'*"

	stanza "$one" "$module" "trustOrder=1 $roots"
	printf 'user_pref("%s", true);\n' \
		security.utility_pkcs11_module_process.enabled \
		>>"$one/prefs.js"
	verdict 'modules in a process of their own' "$one" "$no" '*utility_*'
	tool "${install[@]}" --profile "$one"
	verdict 'install takes them back' "$one" protected '*'

	printf secret >"$tmp/password"
	must certutil -W -d "sql:$one" -f <(printf '\n') -@ "$tmp/password"
	verdict 'a password on the database' "$one" protected '*'
	must run modutil -force -dbdir "sql:$shared" -delete p11-distrust
	must run modutil -force -dbdir "sql:$shared" -delete roots
	must run modutil -force -dbdir "sql:$shared" -delete other
	must run modutil -force -dbdir "sql:$shared" -add 'By hand' \
		-libfile "$module"
	verdict 'added by hand under another name' "$shared" "$by_hand" '*'
}

# Its name is what tells that a library is ours.
by_hand='protected'
[[ $module == */p11-distrust.so ]] || by_hand='not protected'

# The module, but for a processor that this one is not (e_machine).
other_machine()
{
	head -c 18 "$module"
	printf '\x15\x00'
	tail -c +21 "$module"
}

# The module, but with a list of version 0.1 built in.
older()
{
	/usr/bin/python3 -c '
import re, sys
octets = open(sys.argv[1], "rb").read()
sys.stdout.buffer.write(re.sub(
    rb"(p11dstr\0\x04\x03\x02\x01.{12}).{4}",
    lambda found: found[1] + b"\1\0\0\0", octets, flags=re.DOTALL))' "$module"
}

# ---- The machine -----------------------------------------------------------

policies=/etc/firefox/policies/policies.json

system=(firefox thunderbird chromium nssdb)

foreign='{ "policies": { "DisableTelemetry": true,
 "SecurityDevices": {"Add": {"card": "/usr/lib/card.so"}} } }'

for_the_machine()
{
	local before after
	own_folders /etc /var/lib
	new_database /etc/pki/nssdb
	mkdir -p "${policies%/*}"
	printf '%s' "$foreign" >"$policies"
	before=$(state /etc/firefox* /etc/thunderbird* /etc/chromium* /etc/pki)

	tool "${install[@]}" --system --json "${system[@]}"
	check 'the machine: all is changed' 'firefox | changed
thunderbird | changed
nssdb | changed
chromium | changed' "$(facts target,result)"
	after=$(state /etc/firefox* /etc/thunderbird* /etc/chromium* /etc/pki)
	check 'policies: others stay' "True /usr/lib/card.so $module" "$(
		policy 'p["DisableTelemetry"]' \
			'p["SecurityDevices"]["Add"]["card"]' \
			'p["SecurityDevices"]["Add"]["p11-distrust"]')"
	tool "${install[@]}" --system "${system[@]}"
	check 'the machine: a second run changes nothing' "$after" \
		"$(state /etc/firefox* /etc/thunderbird* /etc/chromium* /etc/pki)"
	tool status --system --json --module "$module" "${system[@]}"
	check 'the machine: all is protected' 'protected' \
		"$(facts state | sort -u)"
	machine_traps
	tool uninstall --system "${system[@]}"
	check 'the machine: every octet is restored' "$before" \
		"$(state /etc/firefox* /etc/thunderbird* /etc/chromium* /etc/pki)"
	policies_of_others
}

policy()	# expressions of p
{
	/usr/bin/python3 -c '
import json, sys
p = json.load(open(sys.argv[1]))["policies"]
print(*(eval(words) for words in sys.argv[2:]))' "$policies" "$@"
}

machine_traps()
{
	local managed=/etc/chromium/policies/managed
	cp "$policies" "$tmp/policies"
	sed -i 's|"Add"|"Delete": ["p11-distrust"], "Add"|' "$policies"
	tool status --system --json firefox
	check 'status: a policy that deletes the module' 'not protected' \
		"$(facts state)"
	cp "$tmp/policies" "$policies"
	echo '{"CADistrustedCertificates": []}' >"$managed/other.json"
	tool status --system --json chromium
	check 'status: two files for one Chromium policy' 'not protected' \
		"$(facts state)"
	tool "${install[@]}" --system --json chromium
	check 'install: neither adds a second' '2 failed' \
		"$status $(facts result)"
	rm "$managed/other.json"
	tool "${install[@]}" --system --strict chromium
	check '--strict: nobody may click through' 1 \
		"$(grep -c '"SSLErrorOverrideAllowed": false' \
			"$managed/p11-distrust.json")"
}

policies_of_others()
{
	local before=' { "policies" : { "SecurityDevices": {"x": "/y.so"} } }'
	printf '%s' "$before" >"$policies"
	tool "${install[@]}" --system firefox
	check 'policies: the older form' "/y.so $module" "$(
		policy 'p["SecurityDevices"]["x"]' \
			'p["SecurityDevices"]["p11-distrust"]')"
	tool uninstall --system firefox
	check 'policies: and back' "$before" "$(<"$policies")"

	printf '{\n "policies": {\n' >"$policies"
	tool "${install[@]}" --system --json firefox
	check 'policies: no JSON, no change' "2 failed" "$status $(facts result)"
	says 'it says in which line' "*$policies:[0-9]*"
	check 'policies: left as they were' $'{\n "policies": {' "$(<"$policies")"
	printf '{"policies": {"SecurityDevices": 1}}' >"$policies"
	tool "${install[@]}" --system --json firefox
	check 'policies: no room, no change' "2 failed" "$status $(facts result)"

	rm "$policies"
	own_folders /usr/share/firefox-esr
	echo '{"policies": {"DisablePocket": true}}' \
		>/usr/share/firefox-esr/distribution/policies.json
	tool "${install[@]}" --system firefox
	check "policies: the program's own are kept" "True $module" "$(
		policy 'p["DisablePocket"]' \
			'p["SecurityDevices"]["Add"]["p11-distrust"]')"
	tool uninstall --system firefox
	check 'policies: made by us, removed by us' '' \
		"$(find "$policies" 2>/dev/null)"
}

finds_and_changes
others_changes_stay
by_name
new_place
locked
traps
killed
for_the_machine
plan
