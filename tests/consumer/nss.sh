#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# NSS, in its own tools: what a user or an administrator imported as trusted
# is first ACCEPTED without the module, and then REJECTED with it, for the
# reason that we mean; what is healthy stays ACCEPTED.  Runs with the system's
# NSS and with the one in Firefox, which asks for other objects first; with an
# argument, "system" or "firefox", with that one alone.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

in_own_mounts "$@"
begin
need_module
need certutil libnss3-tools
need vfychain libnss3-tools
need tstclnt libnss3-tools
need modutil libnss3-tools
libdir=$(pkg-config --variable=libdir p11-kit-1)
need "$libdir/p11-kit-proxy.so" p11-kit-modules
need "$libdir/libnssckbi.so" libnss3
firefox=/usr/lib/firefox-esr
need "$firefox/libnss3.so" firefox-esr
own_p11kit
register 10

# ---- The cases -----------------------------------------------------------

# Every root of the list that we hold in full, that is on by default, and that
# is distrusted for servers whenever it was issued.  One that does not say that
# it is an authority NSS takes for one only while it is trusted.
listed_roots()
{
	local incident file name as
	for incident in "$top"/certs/*/; do
		while read -r file; do
			is_root "$incident$file" || continue
			name=$(basename "$incident").${file%.pem} as=peer
			cp "$incident$file" "$tmp/$name.pem"
			is_authority "$tmp/$name.pem" && as=root
			printf 'the list: %s | %s=CT,C,C | %s:%s | CERT\n' \
				"$name" "$name" "$as" "$name"
		done < <(listed_files "$incident/incident.ini")
	done
}

listed_files()	# incident.ini
{
	awk '
	function tell() { if (on && file && plain) print file }
	/^default = / { on = $3 == "on" }
	/^\[/ { tell(); file = ""; plain = 1 }
	/^file = / { file = $3 }
	/^after = / { plain = 0 }
	/^usage = / { plain = / server/ }
	END { tell() }' "$1"
}

is_root()	# PEM file
{
	local subject issuer
	{ read -r subject && read -r issuer; } < <(openssl x509 -in "$1" \
		-noout -subject_hash -issuer_hash)
	[[ $subject == "$issuer" ]]
}

is_authority()	# PEM file
{
	[[ $(openssl x509 -in "$1" -noout -ext basicConstraints 2>&1) == *CA:TRUE* ]]
}

# ---- Asking --------------------------------------------------------------

# A site and all that its server sends, as site+issuer+...: by each verifier.
ask_site()	# database, site, expected
{
	local sent file chain=() pkix=$3
	IFS=+ read -ra sent <<<"$2"
	for file in "${sent[@]}"; do
		chain+=(-a "$tmp/$file.pem")
	done
	expect "$3" vfychain -d "sql:$1" -u 1 "${chain[@]}"
	expect "$3" tstclnt -d "sql:$1" -h 127.0.0.1 -p "${ports[$2]}" -Q
	# libpkix does not always say why, and in NSS 3.125 it accepts nothing.
	[[ $3 == ACCEPTED ]] || pkix='@(ISSUER|CERT|UNSAID)'
	[[ $nss == firefox ]] ||
		expect "$pkix" vfychain -d "sql:$1" -pp -u 1 "${chain[@]}"
}

# An authority, on a day when it is valid: as the user who imported it would
# ask, and as a program that is shown it.
ask_root()	# database, name, expected
{
	expect "$3" certutil -d "sql:$1" -V -u L -n "$2" -b "${valid[$2]}"
}

ask_shown()	# database, name, expected
{
	expect "$3" vfychain -d "sql:$1" -u 3 -b "${valid[$2]}" -a "$tmp/$2.pem"
}

# A site's own certificate that was imported.
ask_peer()	# database, name, expected
{
	expect "$3" certutil -d "sql:$1" -V -u V -n "$2" -b "${valid[$2]}"
}

# A root that NSS brings along.
ask_builtin()	# database, name with _ for blanks, expected
{
	expect "$3" certutil -d "sql:$1" -V -u L -b 2501010000Z \
		-n "Builtin Object Token:${2//_/ }"
}

# Ask one program.  What is not as expected is added to $wrong.
expect()	# expected, program, arguments
{
	local words verdict why
	words=$(LD_LIBRARY_PATH=$libraries run "${@:2}")
	nss_verdict $? "$words"
	# shellcheck disable=SC2053	# a pattern
	[[ $verdict == $1 ]] ||
		wrong+="$verdict where $1 was due: ${*:2}"$'\n'"$words"$'\n'
}

# ---- The matrix ----------------------------------------------------------

# How NSS comes by the module; in what order, and how it is without.
loads()
{
	local chosen=.
	# The order changes nothing inside of the module, and a sanitizer is slow.
	((${#sanitizer[@]} == 0)) || chosen='^(no module|modutil|p11-kit)'
	grep -E "$chosen" <<-'END'
	no module              |           |
	libnssckbi             | ckbi      |
	modutil -add           | ours      | no module
	trustOrder=1           | first     | no module
	p11-kit-proxy          | proxy     | no module
	libnssckbi, then ours  | ckbi ours | libnssckbi
	ours, then libnssckbi  | ours ckbi | libnssckbi
	END
}

load()	# database, which of them in order
{
	local which LD_LIBRARY_PATH=$libraries
	local ask=(run modutil -dbdir "sql:$1" -force)
	export LD_LIBRARY_PATH
	for which in "${@:2}"; do
		case $which in
		ours) must "${ask[@]}" -add p11-distrust -libfile "$module" ;;
		first) must "${ask[@]}" -rawadd "library=\"$module\" \
			name=\"p11-distrust\" NSS=\"trustOrder=1\"" ;;
		proxy) must "${ask[@]}" -add p11-kit-proxy \
			-libfile "$libdir/p11-kit-proxy.so" ;;
		ckbi) must "${ask[@]}" -add 'Root Certs' \
			-libfile "$libdir/libnssckbi.so" ;;
		esac
	done
}

# Databases with what each case imports, servers, and the days of validity.
prepare()
{
	local i name question
	for i in "${!what[@]}"; do
		new_database "$tmp/case/$i"
		for name in ${imported[i]}; do
			must certutil -A -d "sql:$tmp/case/$i" -n "${name%=*}" \
				-t "${name#*=}" -i "$tmp/${name%=*}.pem"
		done
		for question in ${questions[i]}; do
			name=${question#*:}
			case $question in
			root:* | shown:* | peer:*)
				valid[$name]=$(day_after_issue "$tmp/$name.pem") ;;
			site:*) serve_once "$name" ;;
			esac
		done
	done
}

serve_once()	# site+issuer+...
{
	local sent
	[[ -z ${ports[$1]:-} ]] || return
	IFS=+ read -ra sent <<<"$1"
	serve "${sent[@]}"
	ports[$1]=$port
}

day_after_issue()	# PEM file
{
	date -u +%y%m%d%H%MZ -d \
		"$(openssl x509 -in "$1" -noout -startdate | cut -d= -f2) + 1 day"
}

# One case under one way of loading.
try()	# case, database, name of the load, of the load without the module
{
	local i=$1 database=$2 due=${answer[$1]} wrong='' question
	if [[ -z $4 ]]; then
		due=ACCEPTED
		local sanitizer=()	# nothing of ours is there
	fi
	[[ -z $4 || -n ${accepted[$nss,$4,$i]:-} ]] ||
		wrong="not ACCEPTED with: $4"$'\n'
	cp "$tmp/case/$i"/*.db "$database"
	for question in ${questions[i]}; do
		"ask_${question%%:*}" "$database" "${question#*:}" "$due"
	done
	[[ -n $wrong ]] || accepted[$nss,$3,$i]=yes
	[[ $due == ACCEPTED ]] || due="REJECTED, SEC_ERROR_UNTRUSTED_$due"
	if [[ -z $wrong ]]; then
		ok "$label, $3: ${what[i]}: $due"
	else
		not_ok "$label, $3: ${what[i]}: $due" "$wrong"
	fi
}

# All cases under all ways of loading, with one NSS.
matrix()	# system or firefox
{
	local nss=$1 libraries=${folders[$1]} label loaded which without i
	local database
	label="$1's $(grep -aom 1 'NSS [0-9][0-9.]*' "$libraries/libnss3.so")"
	while IFS='|' read -r loaded which without; do
		database=$tmp/$nss/${loaded// /-}
		new_database "$database"
		# shellcheck disable=SC2086	# words
		load "$database" $which
		for i in "${!what[@]}"; do
			belongs "${what[i]}" "$loaded" || continue
			try "$i" "$database" "$loaded" "$without"
		done
	done < <(loads | table)
	return 0
}

# Whether a case says anything under this way of loading: what NSS brings along
# is there with libnssckbi alone, and the length of the list adds nothing after
# the first way.
belongs()	# what, name of the load
{
	case $1 in
	*'that NSS brings') [[ $2 == *libnssckbi* ]] ;;
	'the list: '*) [[ $2 == 'no module' || $2 == 'modutil -add' ]] ;;
	esac
}

# Several matrices side by side; what they said, in order and counted anew.
at_once()	# system, firefox
{
	local nss jobs=() job broken='' words=$tmp/all.tap
	local before=("${servers[@]}")
	for nss; do
		matrix "$nss" >"$tmp/$nss.tap" &
		jobs+=($!)
		servers+=($!)	# must not outlive us
	done
	for job in "${jobs[@]}"; do
		wait "$job" || broken=yes
	done
	servers=("${before[@]}")
	for nss; do
		cat "$tmp/$nss.tap"
	done | awk '/^(not )?ok / { sub(/ok [0-9]+/, "ok " ++n) } 1' >"$words"
	cat "$words"
	[[ -z $broken ]] || exit 1
	tests=$(grep -ac '^\(not \)\?ok ' "$words")
	failures=$(grep -ac '^not ok ' "$words")
}

declare -A folders=([system]=$libdir [firefox]=$firefox)
declare -A valid ports accepted
make_certificates
while IFS='|' read -r w m q a; do
	what+=("$w") imported+=("$m") questions+=("$q") answer+=("$a")
done < <({ cat "$top/tests/data/nss.cases"; listed_roots; } | table)
prepare
(($#)) || set -- system firefox
at_once "$@"
plan
