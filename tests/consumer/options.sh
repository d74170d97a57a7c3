#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# The options and words of each sub-command are the same wherever they are
# named: in its --help, in distrust(1), and in what bash, zsh and fish offer.
# Each --help fits a screen, and the pages are clean.  What the words mean is
# other tests' affair.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

begin
distrust=${DISTRUST:-$top/build/distrust}
need "$distrust" 'nothing: run make'
need mandoc mandoc
need groff groff-base
need jq jq
need fish fish
need zsh zsh
need /usr/share/bash-completion/bash_completion bash-completion
pages=$top/packaging/man
shells=$top/packaging/completions
mkdir "$tmp/bin"
ln -s "$(realpath "$distrust")" "$tmp/bin/distrust"
export PATH=$tmp/bin:$PATH
cd "$tmp" || exit

same()	# what, expected, seen
{
	if [[ $2 == "$3" && -n $2 ]]; then
		ok "$1"
	else
		not_ok "$1" "$(diff <(tr ' ' '\n' <<<"$2") \
			<(tr ' ' '\n' <<<"$3"))"
	fi
}

set_of()
{
	sort -u | tr '\n' ' '
}

# ---- Where they are named ------------------------------------------------

# Of a text.
options_in()
{
	sed '/^Formats/,$d' | grep -oE "(^|[][ ,(])--?[a-zA-Z0-9][-a-z0-9]*" | tr -d '][ ,(' |
		grep -vx -e --help -e --version | set_of
}

# Of distrust(1): what stands from a command's synopsis up to the next one's.
options_of_page()	# command
{
	awk -v wanted="$1" '
		/^\.It Xo/ || /^\.(Pp|Ss)/ { command = "" }
		/^\.Cm [a-z]/ && command == "" { command = $2 }
		command == wanted && /Fl / {
			sub(/.*Fl /, "")
			n = split($0, word, /[ |,]+|Fl/)
			for (i = 1; i <= n; i++) {
				if (word[i] == "Ar")
					i++
				else if (word[i] ~ /^-[a-z]/)
					print "-" word[i]
				else if (word[i] ~ /^[a-z]$/)
					print "-" word[i]
				else if (word[i] == "46")
					print "-4\n-6"
				else if (word[i] ~ /^[46]$/)
					print "-" word[i]
			}
		}' "$pages/distrust.1" | set_of
}

# What a shell offers where a word is to be completed.
bash_offers()	# words before it, what there is of it
{
	bash --norc -c '
		. /usr/share/bash-completion/bash_completion
		. "$1"
		COMP_WORDS=(distrust "${@:2}")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		COMP_LINE=${COMP_WORDS[*]}
		COMP_POINT=${#COMP_LINE}
		_distrust
		printf "%s\n" "${COMPREPLY[@]}"' - "$shells/distrust.bash" "$@" |
		grep -vx -e --help -e --version | set_of
}

fish_offers()
{
	# shellcheck disable=SC2016	# fish's
	fish --no-config -c '
		source $argv[1]
		complete -C "distrust $argv[2..-1]"' "$shells/distrust.fish" \
		"$@" | cut -f 1 | grep -vx -e --help -e --version | set_of
}

# The specifications that zsh's _arguments would read.
zsh_offers()	# words before it, what there is of it
{
	# shellcheck disable=SC2016	# zsh's
	zsh -f -c '
		_arguments() { print -rl -- "$@"; }
		_describe() { print -rl -- ${(P)2}; }
		words=(distrust "${@:2}") CURRENT=$#words
		source $1' "$shells/_distrust" "$shells/_distrust" "$@" 2>&1
}

zsh_options()	# command
{
	zsh_offers "$1" - | sed -n 's/^(.*)-/-/; s/^\*-/-/; s/^\(-[-a-z0-9]*\).*/\1/p' |
		grep -vx -e --help -e --version | set_of
}

# ---- Commands ------------------------------------------------------------

commands=$("$distrust" --help | sed -n 's/^  \([a-z]*\)  *[a-z].*/\1/p')
expected=$(set_of <<<"$commands")
same 'distrust(1) has each command' "$expected" \
	"$(sed -n '/^\.It Xo/,/^\.Xc/s/^\.Cm \([a-z]*\)$/\1/p' \
		"$pages/distrust.1" | set_of)"
same 'bash offers each command' "$expected" "$(bash_offers '')"
same 'zsh offers each command' "$expected" \
	"$(zsh_offers '' | sed -n 's/^\([a-z]*\):.*/\1/p' | set_of)"
same 'fish offers each command' "$expected" "$(fish_offers '')"

# ---- Options -------------------------------------------------------------

# An option that is there at least wants a value.
all_known()	# command, options...
{
	local option
	for option in "${@:2}"; do
		if "$distrust" "$1" "$option" --help </dev/null 2>&1 |
			grep -E 'unrecognized|invalid option|ambiguous'; then
			return 1
		fi
	done
}

fits()	# text
{
	[[ $(wc -l <<<"$1") -le 24 && $(wc -L <<<"$1") -le 80 ]]
}

all=
for command in $commands; do
	help=$("$distrust" "$command" --help)
	expected=$(options_in <<<"$help")
	all+=$expected
	same "distrust(1): options of $command" "$expected" \
		"$(options_of_page "$command")"
	same "bash: options of $command" "$expected" \
		"$(bash_offers "$command" -)"
	same "zsh: options of $command" "$expected" \
		"$(zsh_options "$command")"
	same "fish: options of $command" "$expected" \
		"$(fish_offers "$command" -)"
	# shellcheck disable=SC2086	# words
	if words=$(all_known "$command" $expected); then
		ok "$command knows them"
	else
		not_ok "$command knows them" "$words"
	fi
	if fits "$help"; then
		ok "$command --help fits a screen"
	else
		not_ok "$command --help fits a screen" "$help"
	fi
done
if fits "$("$distrust" --help)"; then
	ok '--help fits a screen'
else
	not_ok '--help fits a screen' "$("$distrust" --help)"
fi
same 'no option is known that no --help names' \
	"$(grep -rhoE "^\s*\{ \"[-a-z0-9]+\", (no|required)_arg" \
		"$top/tool" | sed 's/.*{ "\(.*\)".*/--\1/' |
		grep -vx -e --help | set_of)" \
	"$(tr ' ' '\n' <<<"$all" | grep ^-- | set_of)"

# ---- Words ---------------------------------------------------------------

targets=$("$distrust" status --help | sed -n '/^Targets/,$p' |
	sed -e 1d -e 's/(.*)//' \
		-e '/^  [a-z]*, [a-z]*,/s/,/\n/g' |
	grep -oE '^ *[a-z0-9-]+' | tr -d ' ' | set_of)
formats=$("$distrust" export --help | sed -n '/^Formats/,$p' |
	sed -n 's/^  \([a-z0-9-]*\) .*/\1/p' | set_of)
protocols='ftp imap ldap none pop3 smtp xmpp '
for shell in bash fish; do
	same "$shell offers each target" "$targets" \
		"$("${shell}_offers" install '')"
	same "$shell offers each format" "$formats" \
		"$("${shell}_offers" export '')"
	same "$shell offers each protocol" "$protocols" \
		"$("${shell}_offers" check --starttls '')"
	same "$shell offers the groups" \
		"$("$distrust" list --json | jq -r '.incidents[].name' | set_of)" \
		"$("${shell}_offers" enable '')"
done
same 'zsh offers each target' "$targets" "$(zsh_offers install '' | tr -d '\n' |
	sed 's/.*target:(\([^)]*\).*/\1/' | tr -s '\t ' '\n' | set_of)"
same 'distrust(1) has each target and format' \
	"$(tr ' ' '\n' <<<"$targets$formats" | grep . | set_of)" \
	"$(awk '/^The (targets|formats) are/ { on = 1 } /^\.El/ { on = 0 }
		on && /^\.It Cm/ { gsub(/,/, ""); for (i = 3; i <= NF; i++)
			print $i }' "$pages/distrust.1" | set_of)"

# ---- Pages ---------------------------------------------------------------

for page in distrust.1 p11-distrust.8; do
	words=$(mandoc -Tlint -Wwarning "$pages/$page" 2>&1;
		groff -ww -mdoc -Tutf8 "$pages/$page" 2>&1 >/dev/null)
	if [[ -z $words ]]; then
		ok "$page is clean"
	else
		not_ok "$page is clean" "$words"
	fi
done

plan
