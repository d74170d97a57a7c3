#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# The programs with which people look into a PKCS#11 module: OpenSC's
# pkcs11-tool, GnuTLS's p11tool, pkcs11-dump, and p11-kit with its proxy, its
# server and its remote modules.  They show what is there, exit with 0, and
# nobody complains: neither they of us, nor we of anything.  What they count
# is what a plain search finds.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

in_own_mounts "$@"
begin
need_module
need pkcs11-tool opensc
need p11tool gnutls-bin
need p11-kit p11-kit
need pkcs11-dump pkcs11-dump
own_p11kit
register 10

name=$(sed -n 's/^label = //p' "$(dirname "$qaznet")/incident.ini" | head -n 1)
uri="pkcs11:token=Distrust;type=cert;object=${name// /%20}"
must openssl x509 -in "$qaznet" -outform DER -out "$tmp/qaznet.der"

# Run a program, its words and its complaints apart.  pkcs11-tool says among
# the latter which slot it took.
listen()	# program, arguments
{
	timeout 60 "${sanitizer[@]}" "$@" </dev/null >"$tmp/words" \
		2>"$tmp/said"
	status=$?
	complaints=$(grep -vx 'Using slot [0-9]* with a present token (0x1)' \
		"$tmp/said")
}

# What holds for all of them, and one line that this one must show.
shows()	# regular expression, program, arguments
{
	local wrong='' status complaints odd
	listen "${@:2}"
	odd=$(grep -naE '^ *(error|warning)|CKR_|[^[:print:][:space:]]' \
		"$tmp/words")
	((status == 0)) || wrong+="exit status $status"$'\n'
	[[ -z $complaints ]] || wrong+="complaints: $complaints"$'\n'
	[[ -z $odd ]] || wrong+="odd lines: $odd"$'\n'
	grep -qE -- "$1" "$tmp/words" || wrong+="no line with: $1"$'\n'
	judge "${*:2}" "$wrong"
}

# A program that writes our certificate: the octets of the list.
writes()	# program, arguments
{
	local wrong='' status complaints
	listen "$@"
	((status == 0)) || wrong="exit status $status: $complaints"
	openssl x509 -in "$tmp/words" -outform DER 2>"$tmp/said" |
		cmp -s - "$tmp/qaznet.der" || wrong+=' another certificate'
	judge "$*" "$wrong"
}

# A program that looks for what the module has us trust.
trusts_nothing()	# program, arguments
{
	local wrong='' status complaints
	listen "$@"
	[[ $status == 2 && $(<"$tmp/words")$complaints == *'No matching'* ]] ||
		wrong="exit status $status: $complaints"
	judge "$*" "$wrong"
}

judge()	# what was run, what is wrong with it
{
	local text=${1//$module/p11-distrust.so}
	if [[ -z $2 ]]; then
		ok "$text"
	else
		not_ok "$text" "$2$(head -c 2000 "$tmp/words")"
	fi
}

shows '^Slot 0 .0x1.: ' pkcs11-tool --module "$module" -L
shows "^  label: +$name\$" pkcs11-tool --module "$module" -O
shows '^Supported mechanisms:$' pkcs11-tool --module "$module" -M
shows '^Library +p11-distrust ' pkcs11-tool --module "$module" -I
shows '^  token label +: Distrust$' pkcs11-tool --module "$module" -T
writes pkcs11-tool --module "$module" --read-object --type cert --label "$name"

shows "Label: $name\$" p11tool --provider "$module" --list-all
shows 'Label: Distrust$' p11tool --provider "$module" --list-tokens
shows "Label: $name\$" p11tool --provider "$module" --info "$uri"
writes p11tool --provider "$module" --export "$uri"

trusts_nothing p11tool --provider "$module" --list-all-trusted

shows '^    token: Distrust$' p11-kit list-modules

shows 'Calling C_Initialize in forked child' \
	pkcs11-tool --module "$module" --test-fork
# Two threads, each with C_Initialize, C_GetInfo, C_GetSlotList and a look at
# the slot; the words are many, two lines say how it ended.
threads_end_well()
{
	local wrong='' status complaints each=IN:GI:SL:T0
	listen pkcs11-tool --module "$module" --test-threads "$each" \
		--test-threads "$each"
	((status == 0)) || wrong="exit status $status"
	# As each has ended, not what it has met before: C_Initialize may be
	# called too late.
	cat "$tmp/said" "$tmp/words" |
		grep -E '^test_threads thread:[01] state:-1, rv:' |
		sed 's/^test_threads thread//' | sort -u >"$tmp/ends"
	[[ $(<"$tmp/ends") == \
		":0 state:-1, rv:CKR_OK"$'\n'":1 state:-1, rv:CKR_OK" ]] ||
		wrong+=$(<"$tmp/said")
	judge "pkcs11-tool --test-threads $each, twice" "$wrong"
}
threads_end_well

# ---- How many ------------------------------------------------------------

read -ra cryptoki < <(pkg-config --cflags p11-kit-1)
must "${CC:-cc}" -std=c11 -D_POSIX_C_SOURCE=200809L -I"$top/include" \
	"${cryptoki[@]}" -o "$tmp/count" \
	"$top/tests/data/count.c" -ldl

# What a plain search says of a module, by either door.
counts()	# what holds, the answer that is due, module, [any word]
{
	local words
	words=$(run "$tmp/count" "${@:3}" 2>&1)
	if [[ $words == "$2" ]]; then
		ok "$1: $2"
	else
		not_ok "$1: $2" "$words"
	fi
}

# How many lines of a program's words match.
tells()	# number, regular expression, program, arguments
{
	local wrong='' status complaints n
	listen "${@:3}"
	n=$(grep -cE -- "$2" "$tmp/words")
	((status == 0)) || wrong="exit status $status: $complaints"$'\n'
	((n == $1)) || wrong+="$n, not $1"$'\n'
	judge "$1 by ${*:3}" "$wrong"
}

words=$(run "$tmp/count" "$module" 2>&1)
[[ $words =~ ^([1-9][0-9]*)\ certificates,\ ([1-9][0-9]*)\ objects,\ 3.2$ ]]
certificates=${BASH_REMATCH[1]:-none}
objects=${BASH_REMATCH[2]:-none}
both="$certificates certificates, $objects objects"
counts 'by C_GetInterface' "$both, 3.2" "$module"
counts 'by C_GetFunctionList' "$both, 2.40" "$module" plain
tells "$certificates" '^Certificate Object' pkcs11-tool --module "$module" -O
# GnuTLS passes over the two profiles.
tells $((objects - 2)) '^Object [0-9]+:' p11tool --provider "$module" --list-all
tells 1 '^ +libraryDescription: p11-distrust' pkcs11-dump info "$module"
tells 1 $'^1\tDistrusted certificate authorities' pkcs11-dump slotlist "$module"

libraries=$(pkg-config --variable=p11_module_path p11-kit-1)
proxy=$(dirname "$libraries")/p11-kit-proxy.so
client=$libraries/p11-kit-client.so
need "$proxy" p11-kit-modules
need "$client" p11-kit-modules
counts 'through p11-kit-proxy' "$both, 2.40" "$proxy"

cat >"$modules/p11-distrust.module" <<END
remote: |p11-kit remote $module
END
counts 'through p11-kit remote' "$both, 2.40" "$proxy"
rm "$modules/p11-distrust.module"

serve_tokens()
{
	export XDG_RUNTIME_DIR=$tmp
	run p11-kit server --foreground --name "$tmp/socket" --sh \
		--provider "$module" pkcs11:token=Distrust >"$tmp/server" \
		2>&1 </dev/null &
	servers+=($!)
	for _ in {1..250}; do
		[[ -S $tmp/socket ]] && return
		sleep 0.02
	done
	must false "p11-kit server: $(<"$tmp/server")"
}
serve_tokens
export P11_KIT_SERVER_ADDRESS=unix:path=$tmp/socket
counts 'through p11-kit server' "$both, 2.40" "$client"
tells $((objects - 2)) '^Object [0-9]+:' p11tool --provider "$client" --list-all
plan
