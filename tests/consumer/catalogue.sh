#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# The catalogue as a whole.  The audit finds nothing that is not explained, and
# finds what is put there for it to be found.  Of what Debian, Firefox,
# Chromium and NSS trust the module knows nothing but the exceptions that are
# meant.  Each entry that is on is ACCEPTED by NSS without the module and
# REJECTED with it, by the system's NSS and by Firefox's; each that is opt-in
# stays ACCEPTED.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/catalogue/others.sh
. "$top/tests/catalogue/others.sh"

begin
need_module
while read -r file package; do
	need "$file" "$package"
done < <(others_need)
need certutil libnss3-tools
programs=$(dirname "$module")/catalogue
distrust=${DISTRUST:-$(dirname "$module")/distrust}
exceptions=$top/tests/catalogue/exceptions

# Databases are written a certificate at a time: not to a disk, where there is
# anything else.
if [[ -d /dev/shm && -w /dev/shm ]]; then
	fast=$(mktemp -d -p /dev/shm)
	trap 'rm -rf "$fast"; tidy' EXIT
else
	fast=$tmp
fi

# ---- The audit -----------------------------------------------------------

# Sets $words and $status.
audit()	# options, folder
{
	words=$(run "$distrust" audit --exceptions "$exceptions" "$@")
	status=$?
}

audit_certs()
{
	audit "${audit_options[@]}" "$top/certs"
	if ((status == 0)); then
		ok 'the audit finds nothing that is not explained'
	else
		not_ok 'the audit finds nothing that is not explained' "$words"
	fi
	comment "$(grep -A 1 -E '^  (meant|not )' <<<"$words")"
	comment "$(sed -n '/^Coverage/,/^$/p' <<<"$words")"
	# What the module must find among others' certificates, and no more.
	sed -n 's/^  meant: .* hits \([0-9a-f]\{64\}\) in .*/\1/p' \
		<<<"$words" | sort -u >"$tmp/meant"
}

# A tree with one fault, and what the audit must say of it.
faults()
{
	cat <<-'END'
	a name that Debian trusts | trusted_name | its name or its issuer's
	a key that Debian trusts | trusted_key | by its key
	a root that Debian trusts | trusted_root | by this certificate
	a wrong hash of an identity | wrong_sha1 | sha1 is
	a wrong day of an identity | wrong_day | not-after is
	a reference that is not https | plain_reference | is not https
	one reference | one_reference | 1 reference; 2
	references to one site | one_site | to one site; 2 sites
	a short story | short_story | a story of 1 sentences
	blocked before it began | early_block | before it began
	OneCRL claimed wrongly | claim_onecrl | (issuer and serial) is said to
	Java claimed wrongly | claim_jdk | (SHA-256) is said to
	OneCRL not mentioned | unmarked | OneCRL holds it; blocked-by
	OneCRL mentioned wrongly | marked | but OneCRL does not hold it
	a Kazakh root left out | without_isca | OneCRL has, and we lack
	END
}

# What follows changes the tree $bad.
edit()	# folder, sed's arguments
{
	sed -i "${@:2}" "$bad/$1/incident.ini"
}

affirmtrust=ca-removed-affirmtrust-2024
trusted_root() { edit $affirmtrust 's/^default = .*/default = on/'; }

# An incident of one identity, with what AffirmTrust's first has of a key.
imitate()	# match, key
{
	mkdir "$bad/imitation"
	{
		sed '/^\[identity/,$d; s/^default = .*/default = on/' \
			"$bad/$affirmtrust/incident.ini"
		printf '[identity one]\nlabel = one\nmatch = %s\n' "$1"
		awk -v key="$2" '
			/^\[/ { of++ }
			/^[a-z]/ { take = $1 == key }
			of == 2 && take' "$bad/$affirmtrust/incident.ini"
	} >"$bad/imitation/incident.ini"
}
trusted_name() { imitate name subject; }
trusted_key() { imitate key spki-sha256; }

wrong_sha1() { edit $affirmtrust '/^sha1/s/.$/0/; /^sha1/s/00$/01/'; }
wrong_day() { edit $affirmtrust '/^not-after/s/20..-/2029-/'; }
plain_reference() { edit vendor-dell 's|^reference = https|reference = http|'; }
one_reference() { edit vendor-superfish -E '/^reference = .*(eff|github)/d'; }
one_site()
{
	edit vendor-sennheiser-headsetup \
		's|= https://portal.*|= https://bugzilla.mozilla.org/|'
}
short_story()
{
	edit vendor-dell -e '/^story/,/^reference/{/^\t/d}' \
		-e 's/^story.*/story = Nothing is said./'
}
early_block()
{
	edit kazakhstan-2019-qaznet 's/^began = .*/began = 2020-01-01/'
}
# shellcheck disable=SC2016	# sed's $
claim_onecrl()
{
	edit vendor-superfish \
		'$a confirmed-by = Mozilla OneCRL (issuer and serial)'
}
# shellcheck disable=SC2016
claim_jdk()
{
	edit vendor-superfish \
		'$a confirmed-by = OpenJDK blocked.certs (SHA-256)'
}
unmarked() { edit kazakhstan-2019-qaznet /^blocked-by/d; }
# shellcheck disable=SC2016
marked() { edit vendor-superfish '$a blocked-by = onecrl'; }
without_isca()
{
	edit kazakhstan-2020-isca '/^\[certificate isca-2024-09/,/^$/d'
	rm "$bad/kazakhstan-2020-isca/isca-2024-09.pem"
}

audit_faults()
{
	local what break due bad=$tmp/bad
	while IFS='|' read -r what break due; do
		rm -rf "$bad"
		cp -r "$top/certs" "$bad"
		"$break"
		audit --trusted "Debian=$tmp/debian.pem" \
			--onecrl "$tmp/onecrl.json" \
			--jdk "$tmp/blocked.certs" "$bad"
		if [[ $status == 1 && $words == *"$due"* ]]; then
			ok "the audit finds $what"
		else
			not_ok "the audit finds $what" "exit $status: $words"
		fi
	done < <(faults | table)
}

# ---- What others trust ---------------------------------------------------

ask()	# arguments of tests/catalogue/ask.c
{
	run "$programs/ask" "$module" "$@"
}

# All questions are such as find something.
ask_superfish()
{
	local words found asked
	words=$(ask hits "$top/certs/vendor-superfish/superfish.pem")
	found=$(grep -c '|Superfish' <<<"$words")
	asked=$(sed -n 's/^questions|//p' <<<"$words")
	if [[ $asked -gt 10 && $found == "$asked" ]]; then
		ok "Superfish is found by all $asked questions"
	else
		not_ok 'Superfish is found by all questions' "$words"
	fi
}

# Whether $words is the answer of one that was asked about enough, and found
# nothing but what is meant.
check_hits()	# whose, least number
{
	local count wrong
	count=$(sed -n 's/^asked about|//p' <<<"$words")
	wrong=$(grep -vE '^(asked about|questions)\|' <<<"$words" |
		grep -vFf "$tmp/meant-or-none")
	if [[ ${count:-0} -ge $2 && -z $wrong ]]; then
		ok "nothing but what is meant is found among $count of $1"
	else
		not_ok "nothing but what is meant is found among $1" \
			"asked about $count"$'\n'"$wrong"
	fi
}

ask_others()
{
	local name file words found=''
	# grep -f with an empty file would pass nothing.
	{ cat "$tmp/meant" && echo none; } >"$tmp/meant-or-none"
	while read -r name file; do
		words=$(ask hits "$file")
		found+=$words$'\n'
		check_hits "$name's authorities" 100
	done < <(trusted_others "$tmp")
	words=$(ask preloaded "$tmp/intermediates.json")
	check_hits "Firefox's preloaded intermediates" 1000
	found=$(grep -oE '^[0-9a-f]{64}' <<<"$found" | sort -u)
	if [[ $found == "$(cat "$tmp/meant")" ]]; then
		ok 'the module finds all that the audit says is meant'
	else
		not_ok 'the module finds all that the audit says is meant' \
			"$found"$'\nand not\n'"$(cat "$tmp/meant")"
	fi
}

# ---- Each entry, asked about --------------------------------------------

declare -A hash	# what NSS compares, of entries that NSS can ask about
declare -A on	# entries of which a proof is due, until there is one

# What NSS is told of each: by an entry itself, or by a rule above it.
ask_entries()
{
	local state id answer digest off=''
	while IFS='|' read -r state id answer digest; do
		case $state:$answer in
		off:nothing | questions:*) ;;
		off:*) off+="$id: $answer"$'\n' ;;
		on:nothing) on[$id]=asked ;;
		on:trusted) not_ok "NSS is told to distrust $id" "$answer" ;;
		on:*)
			on[$id]=asked hash[$id]=$digest
			ok "NSS is told to distrust $id"
			;;
		*) not_ok 'entries are asked about' "$state: $id" ;;
		esac
	done < <(ask entries "$top/certs")
	if [[ -z $off && ${#hash[@]} -gt 100 ]]; then
		ok 'NSS is told nothing of what is opt-in'
	else
		not_ok 'NSS is told nothing of what is opt-in' "$off"
	fi
}

# Whoever holds a key that is known, under another name.
ask_keys()
{
	local state id answer off='' any=''
	while IFS='|' read -r state id answer; do
		case $state:$answer in
		off:nothing | questions:*) ;;
		off:*) off+="$id: $answer"$'\n' ;;
		on:nothing) not_ok "the key of $id is known by any name" ;;
		on:*)
			any=yes
			ok "the key of $id is known by any name"
			;;
		*) not_ok 'keys are asked about' "$state: $id" ;;
		esac
	done < <(ask keys "$top/certs" "$fast/forged")
	if [[ -z $off && -n $any ]]; then
		ok 'keys of what is opt-in are not known'
	else
		not_ok 'keys of what is opt-in are not known' "$off"
	fi
}

# ---- Each entry, through NSS ---------------------------------------------

# The same cases, without and with the module: lines name|before|after.
ask_nss()	# which NSS, its libraries, table
{
	local db=$fast/$1-$3 cases=$fast/forged/$3
	local program=(run "$programs/nss")
	export LD_LIBRARY_PATH=$2
	mkdir "$db"
	run certutil -N -d "sql:$db" --empty-password
	"${program[@]}" import "$db" "$cases"
	paste -d '|' <("${program[@]}" ask "$db" "$cases") \
		<("${program[@]}" ask "$db" "$cases" "$module") |
		awk -F '|' 'NF == 4 && $1 == $3 { print $1 "|" $2 "|" $4; next }
			{ print "cannot be asked: " $0 }'
	unset LD_LIBRARY_PATH
}

# One answer.  NSS believes nothing of a synthetic certificate where the module
# tells it a hash to compare: that is for without_hashes().
judge()	# label, table, state, rule, entry, before, after
{
	local due="NSS $1: $4 rule of $5: ACCEPTED, then REJECTED"
	if [[ $6 != ACCEPTED ]]; then
		not_ok "$due" "before: $6"
	elif [[ $3 == off ]]; then
		[[ $7 == ACCEPTED ]] || not_ok \
			"NSS $1: $5 is opt-in: ACCEPTED twice" "$7"
		((++accepted))
	elif [[ $2 == forged* && $4 == certificate && -n ${hash[$5]} ]]; then
		((++hashed))
	elif [[ $7 == SEC_ERROR_UNTRUSTED_@(ISSUER|CERT) ]]; then
		ok "$due"
		on[$5]=proven
	else
		not_ok "$due" "after: $7"
	fi
}

through_nss()	# which NSS, its libraries, tables
{
	local table name before after version accepted=0 hashed=0
	version=$(LD_LIBRARY_PATH=$2 run "$programs/nss" version)
	for table in "${@:3}"; do
		while IFS='|' read -r name before after; do
			case $name in
			o[nf]*' '*) ;;
			*)
				not_ok "$1's NSS is asked" "$name"
				continue
				;;
			esac
			# shellcheck disable=SC2086	# words
			judge "$version" $table $name "$before" "$after"
		done < <(ask_nss "$1" "$2" "$table")
	done
	if ((accepted > 100)); then
		ok "NSS $version: $accepted that are opt-in: ACCEPTED twice"
	elif [[ $3 == known ]]; then
		not_ok "NSS $version: what is opt-in was asked about" \
			"$accepted"
	fi
	((hashed == 0)) || without_hashes "$@"
}

# A module with the same list, less the hashes of identities that have a
# serial number: what is left of each is asked about by the same chains.
hashless=$fast/hashless.so
make_hashless()
{
	local ini objects
	objects=$(dirname "$module")/obj/module
	cp -r "$top/certs" "$tmp/hashless"
	for ini in "$tmp"/hashless/*/incident.ini; do
		awk '
		function tell(i) {
			for (i = 0; i < n; i++)
				if (!(serial && line[i] ~ /^sha(1|256) = /))
					print line[i]
			n = serial = 0
		}
		/^\[/ { tell() }
		/^serial = / { serial = 1 }
		{ line[n++] = $0 }
		END { tell() }' "$ini" >"$tmp/ini" && mv "$tmp/ini" "$ini"
	done
	must "$distrust" compile --source "$tmp/builtin.c" "$tmp/hashless"
	# shellcheck disable=SC2086	# words
	must "${CC:-cc}" ${SANITIZE:+-fsanitize=$SANITIZE} -shared -fPIC \
		-I"$top/module" -o "$hashless" "$tmp/builtin.c" "$objects"/*.o
}

without_hashes()	# which NSS, its libraries, two tables
{
	local name after id due
	[[ -e $hashless ]] || make_hashless
	while IFS='|' read -r name after; do
		id=${name##* }
		[[ $name == 'on certificate '* && -n ${hash[$id]} ]] || continue
		due="NSS $version: certificate rule of $id, without its hash"
		if [[ $after == SEC_ERROR_UNTRUSTED_@(ISSUER|CERT) ]]; then
			ok "$due: REJECTED"
			on[$id]=proven
		else
			not_ok "$due: REJECTED" "$after"
		fi
	done < <(LD_LIBRARY_PATH=$2 run "$programs/nss" ask \
		"$fast/$1-$4" "$fast/forged/$4" "$hashless")
}

# ---- What no client can be asked about ----------------------------------

# A key of which the hash alone is known, in a list of one's own: what holds
# for it holds for the entries of this kind.
hash_alone()
{
	local tree=$tmp/own/one data=$tmp/data/p11-distrust words spki
	mkdir -p "$tree" "$data"
	root hidden '/CN=Hidden Root'
	spki=$(openssl x509 -in "$tmp/hidden.pem" -noout -pubkey |
		openssl pkey -pubin -outform DER | sha256sum)
	cat >"$tree/incident.ini" <<-END
	[incident]
	title = A key
	reason = leaked-key
	default = on
	argument = For a test.
	story = One. Two.
	reference = https://example.org/

	[identity key]
	spki-sha256 = ${spki%% *}
	label = a key by its hash
	match = key
	END
	must "$distrust" compile --local -o "$data/user.catalog" "$tmp/own"
	words=$(ask hits "$tmp/hidden.pem")
	if [[ $words == *'asked about|1'* && $words != *'by its hash'* ]]; then
		ok 'a key that no list has is not found'
	else
		not_ok 'a key that no list has is not found' "$words"
	fi
	words=$(XDG_DATA_HOME=$tmp/data ask hits "$tmp/hidden.pem")
	if [[ $words == *'certificate by value|a key by its hash'* ]]; then
		ok 'a key is found of which a list has the hash alone'
	else
		not_ok 'a key is found of which a list has the hash alone' \
			"$words"
	fi
}

# NSS has rejected every entry that is on, save those of which nothing but
# hashes is known.
account()
{
	local id asked=() hashes
	hashes=$(sed -n 's/^on|//p' "$fast/forged/hashes")
	for id in "${!on[@]}"; do
		[[ ${on[$id]} == proven ]] || grep -qxF "$id" <<<"$hashes" ||
			asked+=("$id")
	done
	if ((${#on[@]} > 100 && ${#asked[@]} == 0)); then
		ok "of ${#on[@]} entries that are on, NSS rejects all it can"
	else
		not_ok "of ${#on[@]} entries that are on, NSS rejects all" \
			"not: ${asked[*]}"
	fi
	comment 'known by hashes alone, so that there is nothing to ask with:'
	comment "$hashes"
}

must gather_others "$tmp" "$programs/roots"
use_others "$tmp"
audit_certs
audit_faults
ask_superfish
ask_others
mkdir "$fast/forged"
must run "$programs/forge" "$top/certs" "$fast/forged"
ask_entries
ask_keys
# What is opt-in is not asked about twice.
for table in known forged; do
	grep '^on' "$fast/forged/$table" >"$fast/forged/$table-on"
done
through_nss system "$libdir" known forged
through_nss firefox "$firefox" known-on forged-on
hash_alone
account
plan
