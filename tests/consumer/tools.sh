#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# The programs with which people look into a PKCS#11 module: OpenSC's
# pkcs11-tool, GnuTLS's p11tool, and p11-kit.  They show what is there, exit
# with 0, and nobody complains: neither they of us, nor we of anything.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

in_own_mounts "$@"
begin
need_module
need pkcs11-tool opensc
need p11tool gnutls-bin
need p11-kit p11-kit
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
plan
