#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# What the documents promise, `make docs-check`: each link leads to a file, and
# to a heading in it; each command of the README, its companions and the man
# pages has the sub-command and options that it is written with, and a test
# that runs it, named in tests/data/docs.cases, or a reason there why none
# does; what the README shows of a terminal is what is printed.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

distrust=${DISTRUST:-$top/build/distrust}
programs='make|distrust|apt|apt-get|trust|modutil|git|gpg|rpmbuild|nix-build|packaging/[a-z]+'

none()	# what there is none of, what was found
{
	if [[ -z $2 ]]; then
		ok "no $1"
	else
		not_ok "no $1" "$2"
	fi
}

# ---- Links ---------------------------------------------------------------

# Of a file's headings, as whoever shows Markdown makes them.
anchors()	# file
{
	sed -n 's/^##* //p' "$1" | tr '[:upper:] ' '[:lower:]-' |
		tr -cd '[:alnum:]_\n-'
}

leads_somewhere()	# file, target in it
{
	local to=$1
	[[ $2 == '#'* ]] || to=$(dirname "$1")/${2%%#*}
	[[ -e $to ]] || return
	[[ $2 != *'#'* ]] || anchors "$to" | grep -qxF -e "${2#*#}"
}

dead_links()
{
	local file target
	for file in "${pages[@]}"; do
		while read -r target; do
			[[ $target == *:* ]] || leads_somewhere "$file" "$target" ||
				echo "$file: $target"
		done < <(grep -oE '\]\([^) ]+\)' "$file" |
			sed 's/^](//; s/)$//')
	done
}

# A page that another one names: ours, or one of those below, which Debian has.
others=' make.1 modutil.1 openssl.1 pkcs11.conf.5 trust.1
	update-ca-certificates.8 '
dead_references()
{
	local page
	sed -n 's/^\.Xr \([^ ]*\) \([1-8]\).*/\1.\2/p' packaging/man/*.[1-8] |
		sort -u | while read -r page; do
			[[ -e packaging/man/$page || $others =~ \
				[[:space:]]"$page"[[:space:]] ]] || echo "$page"
		done
}

# ---- Commands ------------------------------------------------------------

# Of Markdown: fenced lines, and what stands between backticks.
of_markdown()	# file
{
	awk '/^```/ { fenced = !fenced; next } fenced' "$1"
	# shellcheck disable=SC2016	# Markdown's backticks
	awk '/^```/ { fenced = !fenced; next } !fenced' "$1" |
		grep -oE '`[^`]+`' | tr -d '`'
}

# Of a man page: literal blocks, their continued lines joined.
of_man()	# file
{
	awk '/^\.Bd -literal/ { shown = 1; next } /^\.Ed/ { shown = 0 } shown' \
		"$1" | sed -e ':a' -e '/\\e$/N; s/\\e\n *//; ta'
}

commands()
{
	local file
	for file in "${pages[@]}"; do
		of_markdown "$file"
	done | sed 's/ *#.*//' >"$tmp/all"
	for file in packaging/man/*.[1-8]; do
		of_man "$file"
	done >>"$tmp/all"
	grep -E "^($programs) " "$tmp/all" | sort -u
}

# The program and what it is told to do.
key()
{
	sed -E 's/^(modutil|gpg|rpmbuild|nix-build) .*/\1/;
		s/^(packaging\/[a-z]+) .*/\1/; s/^([^ ]+ [^ ]+).*/\1/'
}

# Options of our own tool that its help does not know.
unknown_options()
{
	local line name option
	grep '^distrust [a-z]' "$tmp/commands" | while read -r line; do
		read -r _ name _ <<<"$line"
		"$distrust" "$name" --help >"$tmp/help" 2>&1 ||
			echo "$line: no such sub-command"
		while read -r option; do
			grep -q -e "$option" "$tmp/help" ||
				echo "$line: $option"
		done < <(grep -oE -- '--[a-z-]+' <<<"$line")
	done
}

# Rows whose test does not name what it shall run.
idle_tests()
{
	local command test
	while IFS='|' read -r command test; do
		[[ $test == 'not run: '?* ]] ||
			grep -qE -e "(^|[^a-z])${command##* }([^a-z]|\$)" \
				"$test" ||
			echo "$command: $test"
	done <"$tmp/cases"
}

# ---- What a terminal shows -----------------------------------------------

# From where the README begins to show it, and wherever the module is.
shown()
{
	P11_DISTRUST_MODULE=$module tests/demo | sed -n '/^Before/,$p' |
		sed 's|-libfile .*/|-libfile build/|'
}

told()
{
	awk '/^```/ { on = 0 } on; /^\$ make demo$/ { on = 1 }' README.md
}

cd "$top" || exit 1
begin
need_module
need certutil libnss3-tools
need "$distrust" 'nothing: run make'
mapfile -t pages < <(find . -name '*.md' -not -path './build*' \
	-not -path './tests/fixtures/*' | sort)
table <tests/data/docs.cases >"$tmp/cases"
commands >"$tmp/commands"
key <"$tmp/commands" | sort -u >"$tmp/keys"
cut -d'|' -f1 "$tmp/cases" | sort >"$tmp/known"

none 'link leads nowhere' "$(dead_links)"
none 'page refers to one that there is not' "$(dead_references)"
none 'command has an option that there is not' "$(unknown_options)"
none 'command is without a test or a reason' \
	"$(comm -23 "$tmp/keys" "$tmp/known")"
none 'row is about a command that is nowhere' \
	"$(comm -13 "$tmp/keys" "$tmp/known")"
none 'line of the demonstration is another than the README has' \
	"$(diff <(told) <(shown))"
none 'test leaves out what it shall run' "$(idle_tests)"
plan
