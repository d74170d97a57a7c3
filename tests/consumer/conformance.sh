#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# What the documents say is tested is tested: each test that
# tests/conformance.md and the README's section on security name is there.  It
# knows how a test is named; it must not know what one does.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

# A string that the source breaks into several lines becomes one.
whole()	# file
{
	sed -z 's/"[[:space:]]*\n[[:space:]]*"//g' "$1"
}

# Where a test's file is, by its last name.
place_of()	# file
{
	local place
	for place in "$top"/tests/{unit,consumer,data,fuzz}/"$1"; do
		[[ -f $place ]] && printf '%s' "$place" && return
	done
}

is_there()	# file, name
{
	local place
	place=$(place_of "$1")
	if [[ -n $place ]] && whole "$place" | grep -qF -- "$2"; then
		ok "$1: $2"
	else
		not_ok "$1: $2" 'no such test'
	fi
}

# The rows of the tables whose last column says which test.
rows()	# document
{
	awk '/\| test \|$/ { inside = 1; next }
		!/^\|/ { inside = 0 }
		inside && !/^\|---/' "$1"
}

# Their last cells: `file` name, a vertical bar in it escaped.
names()	# document
{
	# shellcheck disable=SC2016	# backquotes, not a command
	rows "$1" | sed -nE 's/\\\|/\x01/g
		s/^.*\| `([^`]+)` ([^|]+) \|$/\1|\2/; T; s/\x01/|/g; p'
}

each_is_there()	# document
{
	local file name n=0
	while IFS='|' read -r file name; do
		is_there "$file" "$name"
		((++n))
	done < <(names "$1")
	if ((n > 0 && n == $(rows "$1" | wc -l))); then
		ok "$n rows of ${1#"$top"/} name a test"
	else
		not_ok "each row of ${1#"$top"/} names a test" "$n do"
	fi
}

each_is_there "$top/tests/conformance.md"
each_is_there "$top/README.md"
plan
