#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# What the benchmarks say of their samples: medians, spread and ratios are
# right, and the README's tables call nothing within its bar that is not.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

begin

says()	# what, expected, seen
{
	if [[ $3 == "$2" ]]; then
		ok "$1"
	else
		not_ok "$1" "$3"
	fi
}

# Eleven rounds; one of them when the machine was busy, for all alike.
samples()
{
	local round busy
	for round in {1..11}; do
		busy=$((round == 6 ? 100 : 1))
		printf 'miss\tnull\tns\t%d\n' $((4 * busy))
		printf 'miss\tp11-distrust\tns\t%d\n' $((12 * busy + round))
		printf 'miss\tpeer\tns\t%d\n' $((4000 * busy))
	done
	printf 'miss\tlast\tns\t1e3\n'
}

samples | "$top/tests/bench/spread" >"$tmp/spread"
row()	# who
{
	awk -F '\t' -v OFS=' ' -v who="$1" \
		'$2 == who { print $3, $4, $5, $6, $7, $8 }' "$tmp/spread"
}
says 'median, nine of ten, and ratios by round' 'ns 19 14 23 4.25 1' \
	"$(row p11-distrust)"
says 'a busy round changes no ratio' 'ns 4000 4000 4000 1000 235.29' \
	"$(row peer)"
says 'the first who is the floor' 'ns 4 4 4 1 0.23529' "$(row null)"
says 'a single sample is its own median' 'ns 1000 1000 1000 250 76.923' \
	"$(row last)"

table_of()	# times the floor, percent of instructions
{
	printf 'warm\tmiss\tp11-distrust\tns\t%s\t0\t0\t%s\t1\n' 1234.5 "$1"
	printf 'count\tmiss\tp11-distrust\t\t250\t0\t0\t6\t1\n'
	printf 'count\thit\tp11-distrust\t\t701\t0\t0\t0\t1\n'
	printf 'users\tnss-instructions\tnone\t\t2e7\t0\t0\t1\t0\n'
	printf 'users\tnss-instructions\tp11-distrust\t\t2e7\t0\t0\t%s\t1\n' "$2"
}
cells()	# beginning of the line, which of its cells
{
	awk -F ' *[|] *' -v begin="$1" -v cell="$2" \
		'index($0, "| " begin) == 1 { print $cell; exit }' "$tmp/tables"
}
table_of 4.0 1.004 | "$top/tests/bench/tables" >"$tmp/tables"
says 'at its bar: bold; three figures' '**1,230 ns** (4.0 x)' \
	"$(cells 'a certificate that nobody lists' 5)"
says 'exact figures stay so' '**250**' "$(cells '... in instructions' 5)"
says 'a user who pays half a percent at most: bold' '**+0.40 %**' \
	"$(grep -F '20,000,000' "$tmp/tables" | cut -d '|' -f 5 | tr -d '\n' |
		sed 's/^ //; s/ $//')"
table_of 4.1 1.006 | "$top/tests/bench/tables" >"$tmp/tables"
says 'above its bar: plain' '1,230 ns (4.1 x)' \
	"$(cells 'a certificate that nobody lists' 5)"
says 'a user who pays more: plain' '+0.60 %' \
	"$(grep -F '20,000,000' "$tmp/tables" | cut -d '|' -f 5 | tr -d '\n' |
		sed 's/^ //; s/ $//')"
plan
