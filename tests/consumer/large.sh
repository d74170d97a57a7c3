#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# A catalog of very many entries: made in time, loaded by NSS, hits and misses
# right.  ENTRIES chooses how many; a million is due in 30 seconds of work.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

begin
distrust=${DISTRUST:-$top/build/distrust}
entries=${ENTRIES:-1000000}
need_module
need "$distrust" 'nothing: run make'
need certutil libnss3-tools
need modutil libnss3-tools
need vfychain libnss3-tools

# All of one issuer, whose name is that of a root of ours; serial numbers of
# eight octets, every other one.
root large /O=Example/CN=Large
issuer=$(python3 - "$(openssl x509 -in "$tmp/large.pem" -outform DER |
	base64 -w 0)" <<-'END'
	import base64, sys
	der = base64.b64decode(sys.argv[1])
	def at(i):
	    n = der[i + 1]
	    long = n & 0x7f if n >= 0x80 else 0
	    size = int.from_bytes(der[i + 2:i + 2 + long], "big") if long else n
	    return i + 2 + long, size
	i = at(at(0)[0])[0]
	for _ in range(3):
	    start, size = at(i)
	    i = start + size
	start, size = at(i)
	print(base64.b64encode(der[i:start + size]).decode())
END
)
sources=$HOME/.config/p11-distrust/large
mkdir -p "$sources"
awk -v n="$entries" -v issuer="$issuer" 'BEGIN {
	print "[incident]\ntitle = Large\nreason = distrusted-ca"
	for (i = 0; i < n; i++)
		printf "[identity e%d]\nissuer = %s\nserial = 40%014x\n" \
			"label = Entry %d\nmatch = certificate\n", \
			i, issuer, 2 * i, i
}' >"$sources/incident.ini"

for name in hit miss; do
	for i in 0 $((entries / 2)) $((entries - 1)); do
		odd=$([[ $name == hit ]] && echo 0 || echo 1)
		below "$name-$i" large authority "/O=Example/CN=$name $i" \
			"$(printf '0x40%014x' $((2 * i + odd)))"
		below "$name-$i-site" "$name-$i" site /CN=localhost
	done
done
new_database "$tmp/db"
must certutil -A -d "sql:$tmp/db" -n large -t CT,C,C -a -i "$tmp/large.pem"
must modutil -dbdir "sql:$tmp/db" -force -add p11-distrust -libfile "$module"

says()	# what, expected, hit or miss
{
	local i words verdict why seen=
	for i in 0 $((entries / 2)) $((entries - 1)); do
		words=$(run vfychain -d "sql:$tmp/db" -u 1 \
			-a "$tmp/$3-$i-site.pem" -a "$tmp/$3-$i.pem")
		nss_verdict $? "$words"
		seen+="$verdict "
	done
	if [[ $seen == "$2 $2 $2 " ]]; then
		ok "NSS: $1"
	else
		not_ok "NSS: $1" "$seen"
	fi
}

says 'without the catalog, all are accepted' ACCEPTED hit
timed "$distrust" apply --user
what="$entries entries are compiled in less than 30 seconds' work"
if [[ $said == *": $entries entries, 1 group,"* ]] && ((took < 30000)); then
	ok "$what"
else
	not_ok "$what" "$took ms: $said"
fi
comment "$took ms: $said"
says 'with it, what is listed is refused' ISSUER hit
says 'and what is beside it is not' ACCEPTED miss
plan
