#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# Java: an HTTPS client first accepts a site under a root that the administrator
# gave to update-ca-certificates, or a user to keytool.  After `distrust install
# --system` it refuses, since the one is not in its keystore any more, the other
# one blocked; and accepts again once that is taken back.  SunPKCS11 loads our
# module and trusts nothing in it.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/machine.sh
. "$(dirname "$0")/../machine.sh"

in_own_mounts "$@"
begin
need_module
need "$distrust" distrust
need java default-jre-headless
need keytool default-jre-headless
need /etc/ca-certificates/update.d/jks-keystore ca-certificates-java
home=$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")
blocked=$(readlink -f "$home/lib/security/blocked.certs")
keystore=/etc/ssl/certs/java/cacerts

# Sites under a root of Debian's keystore, a root of keytool's, a healthy one.
asks()	# when, verdicts that are due
{
	local words verdicts
	words=$(timeout 60 java "$top/tests/data/Client.java" \
		"https://localhost:${ports[new-site]}/" \
		"https://localhost:${ports[order-site]}/" \
		"https://localhost:${ports[healthy-site]}/" 2>&1)
	verdicts=$(cut -d' ' -f1 <<<"$words" | tr '\n' ' ')
	if [[ $verdicts == "$2 " ]]; then
		ok "$1: $2"
	else
		not_ok "$1: $2" "$words"
	fi
}

has()	# alias
{
	keytool -list -keystore "$keystore" -storepass changeit -alias "$1"
}

lacks()
{
	! has "$1"
}

system()	# install or uninstall, targets
{
	"$distrust" "$1" --system --module "$module" "${@:2}"
}

declare -A ports
make_certificates
for site in new-site order-site healthy-site; do
	serve "$site"
	ports[$site]=$port
done
cp /etc/ca-certificates/update.d/jks-keystore "$tmp"
own_ca_certificates
cp "$tmp/jks-keystore" /etc/ca-certificates/update.d/
own_folders /usr/lib/jvm
import new healthy
must update-ca-certificates
must keytool -importcert -noprompt -keystore "$keystore" -storepass changeit \
	-alias mine -file "$tmp/order.pem"
cp "$blocked" "$tmp/blocked"

holds 'the keystore has the root' has debian:new.pem
asks 'before' 'ACCEPTED ACCEPTED ACCEPTED'
holds 'install bundle' system install bundle
holds 'the keystore has the root no more' lacks debian:new.pem
holds "it still has the user's" has mine
asks 'after install bundle' 'REJECTED ACCEPTED ACCEPTED'
holds 'install java' system install java
asks 'after install java' 'REJECTED REJECTED ACCEPTED'
holds 'uninstall bundle' system uninstall bundle
holds 'the keystore has the root again' has debian:new.pem
asks 'after uninstall bundle: blocked still' 'REJECTED REJECTED ACCEPTED'
holds 'uninstall java' system uninstall java
holds 'the list is as before, octet for octet' cmp "$blocked" "$tmp/blocked"
asks 'after uninstall java' 'ACCEPTED ACCEPTED ACCEPTED'

printf 'name = Distrust\nlibrary = %s\n' "$module" >"$tmp/store.cfg"
words=$(run java "$top/tests/data/Store.java" "$tmp/store.cfg")
if [[ $words == *'LOADED 0' && $words != *TRUSTS* ]]; then
	ok 'SunPKCS11 loads the module and trusts nothing'
else
	not_ok 'SunPKCS11 loads the module and trusts nothing' "$words"
fi
plan
