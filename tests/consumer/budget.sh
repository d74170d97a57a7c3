#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# What a question may cost, in instructions, the caller's included.  They are
# the same on every machine and however busy it is, so that a change which
# makes the module slower is seen here and not by its users.  Counted with gcc
# and the flags of a release.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

begin
need_module
count=${B:-$top/build}/bench/count
bundle=/etc/ssl/certs/ca-certificates.crt
need valgrind valgrind
need "$count" 'nothing, but make build-tests'
need "$bundle" ca-certificates
# No catalog of this machine comes into it.
export XDG_DATA_HOME=$tmp/none

printf 'p11-distrust\t%s\t\n' "$module" >"$tmp/table"
"$top/tests/bench/instructions" "$count" all "$tmp/table" "$bundle" -- \
	"$top"/certs/*/*.pem >"$tmp/counts"

within()	# task, budget, what is asked
{
	local is
	is=$(awk -F '\t' -v task="$1" '$1 == task { print int($2 + 0.5) }' \
		"$tmp/counts")
	if [[ -n $is ]] && ((is <= $2)); then
		ok "$3: at most $2 instructions"
	else
		not_ok "$3: at most $2 instructions" "${is:-nothing} counted"
	fi
}

# As counted, and two or three in a hundred for another bundle or compiler.
within miss 250 'a certificate that nobody lists'
within miss-root 350 'an authority of the bundle, by its own number'
within unserved 155 'a class that the module does not have'
within hit 1200 'a listed certificate, and seven attributes of its trust'
within hit-name 1480 'a re-issued root of a listed name, and the same'
within session 110 'a session, opened and closed'
within enumerate 395 'all objects, each'
plan
