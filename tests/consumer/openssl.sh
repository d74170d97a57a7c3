#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# OpenSSL, and everything else that reads the bundle and the hash links that
# update-ca-certificates makes: a root that the administrator added is first
# ACCEPTED; with our hook it is REJECTED, once and after each further run;
# without it all is as before.  What is healthy stays ACCEPTED throughout.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/machine.sh
. "$(dirname "$0")/../machine.sh"

in_own_mounts "$@"
begin
need openssl openssl
need "$distrust" 'nothing: run make'
need update-ca-certificates ca-certificates
need curl curl
need wget wget
need git git
need /usr/bin/python3 python3
need node nodejs
need /usr/lib/x86_64-linux-gnu/libcurl-gnutls.so.4 libcurl3-gnutls
need /usr/lib/python3/dist-packages/gi python3-gi
need /usr/lib/x86_64-linux-gnu/gio/modules/libgiognutls.so glib-networking

openssl=(s_client_bundle s_client_links)
others=(curl libcurl_gnutls wget git python nodejs gio)

# OpenSSL about every site, the others about one of each kind.
round()	# when, verdict that is due for what is distrusted
{
	local site client due clients
	for site in "${sites[@]}"; do
		due=$2
		[[ $site != healthy* && $site != innocent* ]] || due=ACCEPTED
		clients=("${openssl[@]}")
		[[ $site != new-site && $site != healthy-site ]] ||
			clients+=("${others[@]}")
		for client in "${clients[@]}"; do
			try "$1: $client, $site" "$client" "$site" "$due"
		done
	done
}

try()	# what, client, site, verdict that is due
{
	local words verdict
	"ask_$2" "${ports[$3]}"
	if [[ $verdict == "$4" ]]; then
		ok "$1: $4"
	else
		not_ok "$1: $4" "$verdict"$'\n'"$words"
	fi
}

same_store()	# what, store that is due
{
	local store
	store=$(trust_store)
	if [[ $store == "$2" ]]; then
		ok "$1"
	else
		not_ok "$1" "$(diff <(echo "$2") <(echo "$store"))"
	fi
}

declare -A ports
sites=(new-site new-sub-site order-site healthy-site innocent-site)
make_certificates
for site in "${sites[@]}"; do
	above=()
	[[ $site != new-sub-site ]] || above=(new-sub)
	serve "$site" "${above[@]}"
	ports[$site]=$port
done
own_ca_certificates
import new order healthy innocent

must update-ca-certificates
before=$(trust_store)
round 'without the hook' ACCEPTED

cp "$top/packaging/ca-certificates-hook" \
	/etc/ca-certificates/update.d/distrust
must update-ca-certificates
filtered=$(trust_store)
round 'with the hook' REJECTED

must update-ca-certificates
same_store 'a second run changes nothing' "$filtered"
must update-ca-certificates --fresh
same_store 'nor does a fresh one' "$filtered"

rm /etc/ca-certificates/update.d/distrust
must update-ca-certificates
same_store 'without the hook again: all as before' "$before"
for client in "${openssl[@]}" "${others[@]}"; do
	try "without the hook again: $client" "$client" new-site ACCEPTED
done
plan
