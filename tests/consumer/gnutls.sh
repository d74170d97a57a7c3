#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# p11-kit's `trust`, and GnuTLS with p11-kit as its trust store: a root that
# the administrator anchored in p11-kit-trust is first ACCEPTED without our
# module, then REJECTED with it, at each priority where it could stand; what
# is healthy stays ACCEPTED.  All of it with mounts that nobody else sees: the
# trust store is one of our own.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

in_own_mounts "$@"
begin
need_module
need trust p11-kit
need "$(pkg-config --variable=p11_module_path p11-kit-1)/p11-kit-trust.so" \
	p11-kit-modules
bundle=$(pkg-config --variable=p11_trust_paths p11-kit-1)
need "$bundle" ca-certificates
need certtool gnutls-bin
need gnutls-cli gnutls-bin

# ---- The trust store -----------------------------------------------------

# A p11-kit of p11-kit-trust alone, as a distribution configures it.  Debian's
# reads its anchors from one bundle.
own_trust_store()
{
	own_p11kit
	: >"$tmp/anchors"
	must mount --bind "$tmp/anchors" "$bundle"
	cat >"$modules/p11-kit-trust.module" <<-'END'
	module: p11-kit-trust.so
	trust-policy: yes
	priority: 1
	END
}

# ---- Asking --------------------------------------------------------------

# Each sets $verdict and $words.

ask_certtool()	# site+issuer+...
{
	local sent
	IFS=+ read -ra sent <<<"$1"
	pems "${sent[@]}" >"$tmp/chain"
	words=$(run certtool --verify --load-ca-certificate pkcs11: \
		--infile "$tmp/chain")
	gnutls_verdict $?
}

ask_gnutls_cli()	# site
{
	words=$(run gnutls-cli --x509cafile=pkcs11: -p "${ports[$1]}" localhost)
	gnutls_verdict $?
}

# GnuTLS calls a distrusted certificate revoked, and one whose issuer is
# distrusted one of an unknown issuer.
gnutls_verdict()	# exit status
{
	case $1:$words in
	"$sanitizer_status":*)
		verdict=SANITIZER ;;
	0:*'The certificate is trusted.'*)
		verdict=ACCEPTED ;;
	1:*'is NOT trusted. The certificate chain is revoked.'* | \
	1:*'is NOT trusted. The certificate issuer is unknown.'*)
		verdict=REJECTED ;;
	*)
		verdict="exit $1" ;;
	esac
}

# By its label, which is the same in the list and in the certificate.
ask_list()	# filter, certificate
{
	local label
	label=$(openssl x509 -in "$tmp/$2.pem" -noout -subject -nameopt multiline |
		sed -n 's/^ *commonName *= //p')
	verdict=ABSENT
	if ! words=$(run trust list --filter "$1"); then
		verdict=FAILED
	elif grep -qxF "    label: $label" <<<"$words"; then
		verdict=LISTED
	fi
}

# LISTED as good, or DISTRUSTED: with the uses for which it is rejected.
ask_extract()	# filter, format, certificate
{
	local serial
	serial=$(serial_of "$tmp/$3.pem")
	verdict=ABSENT
	if ! words=$(extract "$1" "$2"); then
		verdict=FAILED
	elif [[ -s $tmp/extracted ]]; then
		verdict=$(openssl storeutl -certs -noout -text "$tmp/extracted" |
			find_serial "${serial#0x}")
	fi
}

# What OpenSSL says of a site, with the anchors as its bundle.
ask_openssl()	# site
{
	verdict=REJECTED
	if ! words=$(extract ca-anchors pem-bundle); then
		verdict=FAILED
	elif words=$(openssl verify -purpose sslserver \
		-CAfile "$tmp/extracted" "$tmp/$1.pem" 2>&1); then
		verdict=ACCEPTED
	elif [[ $words != *'unable to get local issuer certificate'* ]]; then
		verdict=FAILED
	fi
}

extract()	# filter, format
{
	rm -f "$tmp/extracted"
	run trust extract --filter "$1" --format "$2" --purpose server-auth \
		"$tmp/extracted"
}

# Reads the certificates as text.
find_serial()	# hexadecimal digits
{
	awk -v wanted="serialnumber${1,,}" '
	function judge(   rejected) {
		rejected = text ~ /rejected uses:/
		gsub(/[: ]/, "", text)
		if (index(text, wanted))
			verdict = rejected ? "DISTRUSTED" : "LISTED"
		text = ""
	}
	BEGIN { verdict = "ABSENT" }
	/^[0-9]+: Certificate$/ { judge() }
	{ text = text tolower($0) }
	END { judge(); print verdict }'
}

# ---- The matrix ----------------------------------------------------------

# All cases at one priority of our module, or without it.
round()	# priority, or "none"
{
	local what anchors asked before after number=0
	[[ $1 != none ]] || local sanitizer=()	# nothing of ours is there
	while IFS='|' read -r what anchors asked before after; do
		((++number))
		[[ $1 != 0 || $what != *'from priority 1 on' ]] || continue
		# shellcheck disable=SC2086	# words
		pems $anchors >"$tmp/anchors"
		if [[ $1 == none ]]; then
			try "no module: $what" "$asked" "$before" &&
				sound[number]=yes
		elif [[ -z ${sound[number]:-} ]]; then
			not_ok "priority $1: $what" 'not so without the module'
		else
			try "priority $1: $what" "$asked" "$after"
		fi
	done < <(table <"$top/tests/data/gnutls.cases")
}

try()	# what, question, answer that is due
{
	local question verdict words
	read -ra question <<<"$2"
	"ask_${question[0]}" "${question[@]:1}"
	if [[ $verdict == "$3" ]]; then
		ok "$1: $3"
	else
		not_ok "$1: $3" "$verdict: $2"$'\n'"$words"
		return 1
	fi
}

declare -A ports
sound=()
own_trust_store
make_certificates
openssl x509 -in "$qaznet" -noout -pubkey >"$tmp/qaznet.pub"
must openssl x509 -new -subj '/C=KZ/CN=Anybody' -force_pubkey "$tmp/qaznet.pub" \
	-CA "$tmp/healthy.pem" -CAkey "$tmp/healthy.key" -days "$days" \
	-extfile "$top/tests/data/pki.cnf" -extensions authority \
	-set_serial "$(new_serial)" -out "$tmp/disguised.pem"
for site in new-site healthy-site; do
	serve "$site"
	ports[$site]=$port
done
round none
priorities=(10 1 0)
# They change nothing inside of the module, and a sanitizer is slow.
((${#sanitizer[@]} == 0)) || priorities=(10)
for priority in "${priorities[@]}"; do
	register "$priority"
	round "$priority"
done
plan
