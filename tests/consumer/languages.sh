#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# The tool in Kazakh and Russian: each message of the sources is translated,
# each help fits a screen and names the same options, and a program reads
# English whatever the language.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/machine.sh
. "$(dirname "$0")/../machine.sh"

in_own_mounts "$@"
begin
distrust=${DISTRUST:-$top/build/distrust}
built=${B:-$top/build}
need_module
need "$distrust" 'nothing: run make'
need msgfmt gettext
need jq jq

# ---- What is translated --------------------------------------------------

must make -s -C "$top" B="$tmp/b" "$tmp/b/messages.pot"
for po in "$top"/po/*.po; do
	language=$(basename "$po" .po)
	# Of its words nothing but the newest count as missing.
	words=$(msgcmp "$po" "$tmp/b/messages.pot" 2>&1 |
		grep -v 'warning: this message is not used'
		msgattrib --untranslated "$po"
		msgattrib --only-fuzzy "$po"
		msgfmt -c -o /dev/null "$po" 2>&1 | grep -v 'header field')
	if [[ -z $words ]]; then
		ok "$language: all is translated, and formats agree"
	else
		not_ok "$language: all is translated, and formats agree" \
			"$words"
	fi
	unused=$(msgcomm --less-than=2 "$po" "$tmp/b/messages.pot" |
		grep -c '^msgid "[^"]')
	if ((unused == 0)); then
		ok "$language: and nothing else is"
	else
		not_ok "$language: and nothing else is" "$unused messages"
	fi
done

# ---- What is said --------------------------------------------------------

# As installed, where only we see it.
must mkdir -p "$built/locale"
must mount --bind "$built/locale" /usr/share/locale

says()	# what, language, pattern, arguments of distrust
{
	local words
	words=$(LANGUAGE=$2 "$distrust" "${@:4}" 2>&1)
	# shellcheck disable=SC2053	# a pattern
	if [[ $words == $3 ]]; then
		ok "$2: $1"
	else
		not_ok "$2: $1" "$words"
	fi
}

mkdir -p "$tmp/bad/x"
printf '[list]\nversion = 1.0\ndate = 2026-01-01\n' >"$tmp/bad/list.ini"
printf '[incident]\nnonsense = 1\n' >"$tmp/bad/x/incident.ini"

says check ru '*: ДОВЕРЯТЬ НЕЛЬЗЯ*сам внесён в список:*Не устанавливайте*' \
	check "$qaznet"
says check kk '*: СЕНУГЕ БОЛМАЙДЫ*өзі тізімде тұр:*орнатпаңыз*' \
	check "$qaznet"
says check en '*: DISTRUSTED*is listed itself:*Do not install it*' \
	check "$qaznet"
says list ru '*Перехват государством*запис* в *случа*, список*' list
says list kk '*Мемлекеттің ұстап алуы*жазба, *оқиғада, тізім*' list
says show ru '*Причина*Отклоняет*' show kazakhstan-2019-qaznet
says show kk '*Себебі*Тыйым*' show kazakhstan-2019-qaznet
says 'a fault with its line' ru '*incident.ini:2: *неизвестный ключ*' \
	compile "$tmp/bad"
says install ru '*изменится*загружать модуль*' install --dry-run --module "$module"
says install kk '*өзгертілер еді*модульді жүктеу*' install --dry-run --module "$module"

for language in ru kk; do
	seen=$(LANGUAGE=$language "$distrust" check --json "$qaznet")
	if [[ $seen == "$("$distrust" check --json "$qaznet")" ]]; then
		ok "$language: programs read English"
	else
		not_ok "$language: programs read English" "$seen"
	fi
done

# ---- Help ----------------------------------------------------------------

options_in()
{
	sed '/macos/d' | grep -oE -e '--?[a-zA-Z0-9][-a-z0-9]*' |
		grep -oE -e '^--[a-z0-9-]*|^-[a-z0-9]$' | sort -u
}

help_fits()	# language, command or nothing
{
	local words
	words=$(LANGUAGE=$1 "$distrust" "${@:2}" --help)
	[[ $(wc -l <<<"$words") -le 24 && $(wc -L <<<"$words") -le 80 ]] &&
		[[ $(options_in <<<"$words") == \
			"$("$distrust" "${@:2}" --help | options_in)" ]]
}

commands=$("$distrust" --help | sed -n 's/^  \([a-z]*\)  *[a-z].*/\1/p')
for language in ru kk; do
	bad=
	for command in '' $commands; do
		help_fits "$language" ${command:+"$command"} ||
			bad+="${command:-distrust} "
	done
	if [[ -z $bad ]]; then
		ok "$language: each help fits a screen, with the same options"
	else
		not_ok "$language: each help fits a screen, with the same options" \
			"$bad"
	fi
done

plan
