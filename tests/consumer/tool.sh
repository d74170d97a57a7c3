#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# The tool as a person or a program uses it: what each sub-command says and
# leaves behind (tests/data/tool.transcript), and that NSS then refuses what
# was decided.  All happens below $tmp, and on a machine that nobody else
# sees.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/machine.sh
. "$(dirname "$0")/../machine.sh"

in_own_mounts "$@"
begin
need_module
need "$distrust" 'nothing: run make'
need certutil libnss3-tools
need vfychain libnss3-tools
need modutil libnss3-tools

# ---- Transcripts ---------------------------------------------------------

# A transcript is a series of sections, "== what it shows", each in a folder
# of its own where c/ is certs/ and f/ the fixtures' certificates.  Of a line
# that begins with "$ " the rest is a command; what it says on both streams
# follows, and "? STATUS" unless that is 0.  Empty lines and those that begin
# with "#" are left out of both.
section=
judge_section()
{
	[[ -n $section ]] || return
	if diff -u "$tmp/due" "$tmp/seen" >"$tmp/difference"; then
		ok "$section"
	else
		not_ok "$section" "$(tail -n +3 "$tmp/difference")"
	fi
}

begin_section()	# what it shows
{
	section=$1
	here=$(mktemp -d -p "$tmp" section.XXXXXX)
	ln -s "$top/certs" "$here/c"
	ln -s "$top/tests/fixtures/compile/pem" "$here/f"
	: >"$tmp/due"
	: >"$tmp/seen"
}

do_line()	# line
{
	printf '%s\n' "$1" >>"$tmp/due"
	[[ $1 == '$ '* ]] || return
	printf '%s\n' "$1" >>"$tmp/seen"
	(
		cd "$here" && HOME=$here/home PATH=$tmp/bin:$PATH \
			timeout 30 bash -c "${1#'$ '}" </dev/null 2>&1
		status=$?
		((status == 0)) || printf '? %d\n' "$status"
	) | sed "s|$here|HERE|g; s|$top|TOP|g; /^\$/d; /^#/d" >>"$tmp/seen"
}

transcripts()	# file
{
	local line
	mkdir -p "$tmp/bin"
	ln -sf "$distrust" "$tmp/bin/distrust"
	while IFS= read -r line; do
		case $line in
		'#'* | '') ;;
		'== '*)
			judge_section
			begin_section "${line#== }" ;;
		*) do_line "$line" ;;
		esac
	done <"$1"
	judge_section
}

transcripts "$top/tests/data/tool.transcript"

# ---- What is decided, NSS refuses ----------------------------------------

own_folders /etc /var/lib

# A machine on which a user has imported three roots as trusted.
new_database "$tmp/db"
for name in ours theirs healthy; do
	root "$name" "/O=Example/CN=Root $name"
	below "$name-site" "$name" site /CN=localhost
	must certutil -A -d "sql:$tmp/db" -n "$name" -t CT,C,C -a \
		-i "$tmp/$name.pem"
done
must modutil -dbdir "sql:$tmp/db" -force -add p11-distrust -libfile "$module"

# What NSS says of a site below each root: A for accepted, R for rejected.
verdicts()	# roots...
{
	local name words verdict why all=
	for name; do
		words=$(run vfychain -d "sql:$tmp/db" -u 1 \
			-a "$tmp/$name-site.pem")
		nss_verdict $? "$words"
		case $verdict in
		ACCEPTED) all+=A ;;
		ISSUER | CERT) all+=R ;;
		*) all+="?$verdict:$words?" ;;
		esac
	done
	printf '%s' "$all"
}

nss_says()	# what, expected, roots...
{
	local seen
	seen=$(verdicts "${@:3}")
	if [[ $seen == "$2" ]]; then
		ok "NSS: $1"
	else
		not_ok "NSS: $1" "$seen where $2 was due"
	fi
}

decide()	# arguments of distrust
{
	must "$distrust" "$@"
}

three=(ours theirs healthy)
nss_says 'all accepted before anything is decided' AAA "${three[@]}"
decide add --user "$tmp/ours.pem"
nss_says "a user's own decision is honoured" RAA "${three[@]}"
decide add --system "$tmp/theirs.pem"
nss_says "so is the machine's, beside it" RRA "${three[@]}"
chmod g+w "$HOME/.local/share/p11-distrust/user.catalog"
nss_says "but not where others could have written it" ARA "${three[@]}"
decide apply --user
nss_says 'and again once it is made anew' RRA "${three[@]}"
decide disable --system own
nss_says 'a group that the machine switches off is off' RAA "${three[@]}"
decide enable --system own
decide remove --user "$tmp/ours.pem"
decide remove --system "$tmp/theirs.pem"
nss_says 'all accepted once all is taken back' AAA "${three[@]}"

# Roots of the list itself: DigiNotar's, which is on, and one of Camerfirma's,
# which is opt-in.
own_root()	# name, expected: A or R
{
	local words verdict why
	words=$(run certutil -d "sql:$tmp/db" -V -u L -n "$1" -b 1501010000Z)
	nss_verdict $? "$words"
	if [[ ${verdict/ACCEPTED/A} == A ]]; then
		printf A
	elif [[ $verdict == @(ISSUER|CERT) ]]; then
		printf R
	else
		printf '?%s: %s?' "$verdict" "$words"
	fi
}

nss_says_of_roots()	# what, expected
{
	local seen
	seen=$(own_root diginotar)$(own_root chambers)
	if [[ $seen == "$2" ]]; then
		ok "NSS: $1"
	else
		not_ok "NSS: $1" "$seen where $2 was due"
	fi
}

must certutil -A -d "sql:$tmp/db" -n diginotar -t CT,C,C -a -i "$diginotar"
must certutil -A -d "sql:$tmp/db" -n chambers -t CT,C,C -a \
	-i "$top/certs/ca-distrusted-camerfirma/chambers-2008.pem"
nss_says_of_roots 'what is on is refused, opt-in is not' RA
decide enable --user ca-distrusted-camerfirma
nss_says_of_roots 'a user switches a group on' RR
decide disable --system ca-distrusted-camerfirma
nss_says_of_roots "but the machine's policy rules" RA
decide disable --system ca-compromised-diginotar
decide enable --system ca-distrusted-camerfirma
nss_says_of_roots 'the machine switches both ways' AR
decide enable --user ca-compromised-diginotar
nss_says_of_roots "and no user overrules it" AR

plan
