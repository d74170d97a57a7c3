#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# distrust install --system --proxy: whether p11-kit-proxy shows the module.
# NSS with p11-kit-proxy as its only module accepts a site under a re-issued
# root that was imported; it refuses once the proxy shows ours, by choice or
# because the distribution has NSS load the proxy; and p11-kit's own programs
# see ours either way.  All that beside a package's registration, too.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/machine.sh
. "$(dirname "$0")/../machine.sh"

in_own_mounts "$@"
begin
need_module
need "$distrust" distrust
need trust p11-kit
need vfychain libnss3-tools
need modutil libnss3-tools
need pkcs11-tool opensc
libdir=$(pkg-config --variable=libdir p11-kit-1)
need "$libdir/p11-kit-proxy.so" p11-kit-modules
registered=/etc/pkcs11/modules/p11-distrust.module

# What NSS says of the site, and whether `trust` knows the list.
is()	# when, verdict that is due, yes or no
{
	local words verdict why listed=no
	words=$(run vfychain -d "sql:$tmp/db" -u 1 -a "$tmp/new-site.pem")
	nss_verdict $? "$words"
	! trust list --filter=blocklist | grep -q 'label: Qaznet' || listed=yes
	if [[ $verdict:$listed == "$2:$3" ]]; then
		ok "$1: NSS: $2, trust: $3"
	else
		not_ok "$1: NSS: $2, trust: $3" "$verdict:$listed"$'\n'"$words"
	fi
}

proxy()	# yes, no or usual
{
	local option=(--proxy="$1")
	[[ $1 != usual ]] || option=()
	"$distrust" install --system --module "$module" "${option[@]}" p11-kit
}

uninstall()
{
	"$distrust" uninstall --system --module "$module" p11-kit
}

# As on Fedora and RHEL.
nss_loads_proxy()
{
	mkdir -p /etc/crypto-policies/back-ends
	echo 'library=p11-kit-proxy.so' >/etc/crypto-policies/back-ends/nss.config
}

# Each choice, from a state of nothing to one.
choices()	# which machine, "trust" before: yes or no
{
	is "$1" ACCEPTED "$2"
	proxy usual >"$tmp/said"
	is "$1, the usual" ACCEPTED yes
	proxy yes >"$tmp/said"
	is "$1, --proxy=yes" CERT yes
	proxy usual >"$tmp/said"
	is "$1, the usual after that: what was chosen stays" CERT yes
	cp "$registered" "$tmp/registered"
	proxy yes >"$tmp/said"
	holds "$1, --proxy=yes twice changes nothing" \
		cmp "$registered" "$tmp/registered"
	proxy no >"$tmp/said"
	is "$1, --proxy=no" ACCEPTED yes
	uninstall >"$tmp/said"
	holds "$1, uninstall: no file is left" test ! -e "$registered"
	is "$1, uninstalled" ACCEPTED "$2"
}

make_certificates
own_p11kit
own_folders /etc /var/lib
cat >"$modules/p11-kit-trust.module" <<-'END'
module: p11-kit-trust.so
trust-policy: yes
priority: 1
END
new_database "$tmp/db"
must certutil -A -d "sql:$tmp/db" -n new -t CT,C,C -i "$tmp/new.pem"
must modutil -dbdir "sql:$tmp/db" -force -add p11-kit-proxy \
	-libfile "$libdir/p11-kit-proxy.so"

choices 'without a package' no
holds 'a word that is none of the two' test "$(proxy maybe >"$tmp/said" 2>&1
	echo $?)" = 2

sed "s|^module:.*|module: $module|" "$top/packaging/p11-distrust.module" \
	>"$modules/p11-distrust.module"
choices 'with a package' yes
rm "$modules/p11-distrust.module"

nss_loads_proxy
proxy usual >"$tmp/said"
is 'where NSS loads the proxy, the usual' CERT yes
proxy no >"$tmp/said"
is 'where NSS loads the proxy, --proxy=no' ACCEPTED yes
uninstall >"$tmp/said"
sed "s|^module:.*|module: $module|" "$top/packaging/p11-distrust.module" \
	>"$modules/p11-distrust.module"
proxy usual >"$tmp/said"
is 'where NSS loads the proxy, with a package' CERT yes
plan
