# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors
# shellcheck shell=bash
# shellcheck disable=SC2154	# $B and $tmp: of who sources it

# What the compiler and the linker do against whoever finds a bug, for
# tests/package/run: asked of the files in Debian's packages, with binutils.
# It knows nothing of what the files do.

# Functions that a pointer leads to, but for what the C library's own start of a
# program calls: none of these may lack an endbr64, where an indirect call has
# to land on a processor that checks it (x86 with CET).
unmarked()	# file
{
	local from to
	read -r from to < <(readelf -SW "$1" | sed 's/^ *\[ *[0-9]*\] *//' |
		awk '$1 == ".text" { print $3, $5 }')
	comm -23 <(readelf -rW "$1" |
			awk '/_RELATIVE/ { print $1, $4 }' |
			inside "$1" "$from" "$to" | sort -u) \
		<(objdump -d --no-show-raw-insn "$1" |
			sed -n 's/^ *\([0-9a-f]*\):\tendbr64.*/\1/p' | sort -u)
}

# Of "place target" the targets in .text, whose place is not in .init_array or
# .fini_array.
inside()	# file, start of .text, its size
{
	local start=$((16#$2)) end=$((16#$2 + 16#$3)) place target arrays
	arrays=$(readelf -SW "$1" | sed 's/^ *\[ *[0-9]*\] *//' |
		awk '$1 ~ /^\.(init|fini)_array$/ { print $3 }')
	while read -r place target; do
		((16#$target >= start && 16#$target < end)) || continue
		[[ $arrays == *"${place: -16}"* ]] || echo "$target"
	done
}

lacks()	# file
{
	local segments dynamic
	segments=$(readelf -lW "$1") dynamic=$(readelf -dW "$1")
	grep -q 'GNU_RELRO' <<<"$segments" ||
		echo 'relocations that are read-only afterwards'
	grep -q '(FLAGS_1) .*NOW' <<<"$dynamic" || echo 'all bound at its start'
	[[ $segments == *'file type is DYN'* ]] || echo 'code that can be anywhere'
	grep -q 'GNU_STACK .* RW  *0x' <<<"$segments" ||
		echo 'a stack without code'
	grep -E '\((RPATH|RUNPATH|TEXTREL)\)' <<<"$dynamic"
	nm -D -u "$1" | grep -q __stack_chk_fail || echo 'guards of its stack'
	[[ $(uname -m) != x86_64 ]] || unmarked "$1"
}

check_hardening()
{
	local unpacked=$tmp/hardened file deb
	for deb in "$B"/deb/p11-distrust{,-module}_*.deb; do
		must dpkg-deb -x "$deb" "$unpacked"
	done
	for file in "$unpacked"/usr/bin/distrust \
			"$unpacked"/usr/lib/*/pkcs11/p11-distrust.so; do
		same "${file##*/} lacks no guard" '' "$(lacks "$file" 2>&1)"
	done
	holds 'the tool calls the checked forms of libc functions' \
		grep -q '__memcpy_chk' <(nm -D -u "$unpacked/usr/bin/distrust")
}
