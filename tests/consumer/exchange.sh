#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# `distrust export` and `import`: what was written in another form and read
# again is the same, as far as that form can say it (tests/data/exchange.jq),
# and what it cannot say was told.  Firefox's OneCRL is imported as it is, and
# then NSS refuses what only OneCRL knows.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

begin
distrust=${DISTRUST:-$top/build/distrust}
need_module
need "$distrust" 'nothing: run make'
need jq jq
need openssl openssl
need python3 python3
need unzip unzip
need certtool gnutls-bin
need certutil libnss3-tools
need vfychain libnss3-tools
need modutil libnss3-tools

made()	# machine
{
	printf '%s' "$tmp/$1/var/lib/p11-distrust/system.catalog"
}

facts()	# machine, form
{
	"$distrust" list --entries --json --catalog "$(made "$1")" |
		jq --arg form "$2" -f "$top/tests/data/exchange.jq"
}

compare()	# what, expected, seen
{
	if [[ $2 == "$3" && $2 != '[]' ]]; then
		ok "$1"
	else
		not_ok "$1" "$(diff <(echo "$2") <(echo "$3") | head -40)"
	fi
}

matches()	# what, pattern, seen
{
	# shellcheck disable=SC2053	# a pattern
	if [[ $3 == $2 ]]; then
		ok "$1"
	else
		not_ok "$1" "$3"
	fi
}

# ---- There and back ------------------------------------------------------

# One of each kind that a list may hold.
for name in a b c d; do
	root "$name" "/O=Example/CN=Root $name (\"x\", 100% y; z)"
done
mkdir "$tmp/one"
add()	# arguments
{
	must "$distrust" add --root "$tmp/one" "$@"
}
add "$tmp/a.pem"
add --match certificate,key "$tmp/b.pem"
add --usage server,email "$tmp/c.pem"
add --usage server --after 2024-05-06 "$tmp/d.pem"
add --match certificate,name,key "$qaznet"
add --usage email "$diginotar"
add MBMxETAPBgNVBAMMCElzc3VlciAx:00f1 --label 'ä "%41" \x41'
add MBMxETAPBgNVBAMMCElzc3VlciAy:7f --usage server
add MBMxETAPBgNVBAMMCElzc3VlciAz:01 --after 2025-01-01
add "key:$(printf '%064d' 1)" "$(printf '%064d' 2)"
add 'name:/O=Example/CN=Name'

for form in pem openssl p11-kit certdata jdk digests chromium onecrl; do
	mkdir "$tmp/$form"
	said=$("$distrust" export --catalog "$(made one)" \
		-o "$tmp/$form/file" "$form" 2>&1)
	must "$distrust" import --root "$tmp/$form" "$tmp/$form/file"
	compare "import(export) of $form" "$(facts one "$form")" \
		"$(facts "$form" itself)"
	matches "what $form cannot carry is told" '*cannot express*' "$said"
	if [[ $form != @(digests|chromium|p11-kit) ]]; then
		matches "$form: rules that are lost" '*rule by key*' "$said"
	fi
	again=$("$distrust" export --catalog "$(made "$form")" "$form" 2>&1)
	must "$distrust" import --root "$tmp/$form" "$tmp/$form/file"
	compare "$form again" "$again" "$("$distrust" export \
		--catalog "$(made "$form")" "$form" 2>&1)"
done
labels=$("$distrust" list --json --catalog "$(made certdata)" |
	jq -r '.incidents[].entries[].label' | grep 41)
matches 'labels with odd characters: certdata' 'ä "%41" \\x41' "$labels"
labels=$("$distrust" list --json --catalog "$(made p11-kit)" |
	jq -r '.incidents[].entries[].label' | grep 41)
matches 'labels with odd characters: p11-kit' 'ä "%41" \\x41' "$labels"

# A certificate may be named like the mark of any form.
mkdir "$tmp/odd"
for name in '-----BEGIN CERTIFICATE-----' '{"serialNumber": 1}' '{0x}' \
	'[p11-kit-object-v1]' 'CKA_CLASS CK_OBJECT_CLASS'; do
	root odd "/CN=$name"
	must "$distrust" add --root "$tmp/odd" --label "$name" "$tmp/odd.pem"
done
for form in pem openssl p11-kit certdata jdk digests onecrl; do
	mkdir "$tmp/odd-$form"
	must "$distrust" export --catalog "$(made odd)" -o "$tmp/odd.$form" \
		"$form" 2>/dev/null
	said=$("$distrust" import --root "$tmp/odd-$form" "$tmp/odd.$form" 2>&1)
	matches "$form: names like marks" '*: 5 imported, *' "$said"
done
matches "GnuTLS reads a bundle of such names" 5 "$(certtool -i \
	--infile "$tmp/odd.pem" 2>/dev/null | grep -c '^X.509')"

# ---- Others read them ----------------------------------------------------

openssl x509 -in "$tmp/openssl/file" -noout -text >"$tmp/text" 2>&1
matches 'OpenSSL: rejected' '*Rejected Uses:*' "$(<"$tmp/text")"
python3 - "$("$distrust" export --catalog "$(made one)" macos 2>/dev/null)" \
	>"$tmp/said" 2>&1 <<-'END'
	import plistlib, sys
	settings = plistlib.loads(sys.argv[1].encode())
	assert settings["trustVersion"] == 1
	for digest, entry in settings["trustList"].items():
	    assert len(digest) == 40 and entry["issuerName"][0] == 0x30
	    assert entry["trustSettings"] == [{"kSecTrustSettingsResult": 3}]
	print(len(settings["trustList"]))
END
matches 'macOS: a property list' 4 "$(<"$tmp/said")"
matches 'Firefox: a policy' '*/p11-distrust.so' "$("$distrust" export firefox \
	2>/dev/null | jq -r '.policies.SecurityDevices.Add["p11-distrust"]')"
count=$("$distrust" export windows 2>/dev/null | grep -c "^Add-Distrusted 'MII")
matches 'Windows: a script' '[1-9]*' "$count"
matches 'one incident alone' "*Qaznet*" "$("$distrust" export \
	--group kazakhstan-2019-qaznet pem 2>/dev/null)"
matches 'an unknown form' '*unknown format*' "$("$distrust" export word 2>&1)"

# ---- Forms of others -----------------------------------------------------

imports()	# what, expected entries, file, arguments
{
	local said
	rm -rf "$tmp/other"
	mkdir "$tmp/other"
	said=$("$distrust" import --root "$tmp/other" "${@:4}" "$3" 2>&1)
	matches "$1" "*: $2 imported, *" "$said"
}

refuses()	# what, pattern, file, arguments
{
	local said
	said=$("$distrust" import --root "$tmp/other" "${@:4}" "$3" 2>&1)
	matches "$1" "$2" "$said"
}

mkdir "$tmp/lists"
cp "$tmp"/[abcd].pem "$tmp/lists"
cd "$tmp/lists" || exit
mkdir folder
cp a.pem b.pem folder
openssl x509 -in c.pem -outform DER -out folder/c.der
openssl crl2pkcs7 -nocrl -certfile d.pem -outform DER -out folder/d.p7b
imports 'a folder of PEM, DER and PKCS #7' 4 folder
printf '{"BlockedSPKIs": ["%s"], "NumParents": 1}' \
	"$(head -c 32 /dev/zero | base64)" >crlset
imports 'a CRLSet' 1 crlset
{
	echo 'static constexpr uint8_t kList[][32] = {'
	for octet in 1 0xab; do
		printf '    // %s.pem\n    {0x%02x' x "$octet"
		printf ', 0x%02x' {2..32}
		printf '},\n'
	done
	echo '};'
} >blocklist.h
imports "an array as in Chromium's source" 2 blocklist.h
openssl x509 -in a.pem -noout -fingerprint -sha256 | cut -d= -f2 >digests
imports 'fingerprints with colons' 1 digests
imports 'digests of keys' 1 digests --by-key
printf 'Algorithm=SHA-256\n%064d\n' 7 >blocked.certs
imports "Java's blocked.certs" 1 blocked.certs
cat >mixed.p11-kit <<-END
	# a comment
	[p11-kit-object-v1]
	class: certificate
	x-distrusted: true
	$(openssl x509 -in b.pem -pubkey -noout)

	[p11-kit-object-v1]
	trusted: true
	nss-server-distrust-after: "%32%35%30%31%30%32%30%30%30%30%30%30Z"
	$(<a.pem)

	[p11-kit-object-v1]
	trusted: true
	$(<c.pem)
END
imports 'p11-kit: a key, and a day' 2 mixed.p11-kit
must openssl x509 -in a.pem -signkey "$tmp/a.key" -days -1 -out ended.pem
imports 'a certificate that ends before it begins' 1 ended.pem
matches 'and its catalog is good' '*: good; *' \
	"$("$distrust" verify "$(made other)" 2>&1)"
openssl x509 -in a.pem -outform DER | python3 -c '
import sys
der = bytearray(sys.stdin.buffer.read())
der[der.rindex(b"\x30\x0e\x06\x03\x55\x04\x0a") - 2] ^= 0x20	# SET
sys.stdout.buffer.write(der)' >name.der
imports 'a certificate whose subject is no DER' 1 name.der
matches 'its catalog is good too' '*: good; *' \
	"$("$distrust" verify "$(made other)" 2>&1)"
refuses 'text that is no list' '*is no digest*' "$top/README.md"
refuses 'a program' '*no list that is known*' "$distrust"
head -c 300 a.pem >half
refuses 'half a certificate' '*a damaged certificate*' half
sed '0,/^CKA_CERT_SHA1_HASH/!b;//{n;s/^....//}' "$tmp/certdata/file" >short
refuses 'a hash of 19 octets' 'short:*: bad CKA_CERT_SHA1_HASH; 20 octets' short
refuses 'broken JSON' '*JSON*' <(echo '{"serialNumber"') --format onecrl
refuses 'an unknown form' "*bad --format 'x'*" a.pem --format x

# ---- OneCRL --------------------------------------------------------------

omni=/usr/lib/firefox-esr/browser/omni.ja
need "$omni" firefox-esr
unzip -p "$omni" defaults/settings/security-state/onecrl.json >onecrl.json \
	2>/dev/null
timed "$distrust" import --user onecrl.json
count=$(sed -n 's/^onecrl: \([0-9]*\) imported.*/\1/p' <<<"$said")
if ((${count:-0} >= 1500 && took < 1000)); then
	ok "OneCRL, 1,500 records or more, in less than a second's work"
else
	not_ok "OneCRL, 1,500 records or more, in less than a second's work" \
		"$took ms: $said"
fi
comment "$took ms: $said"
matches 'what of it is left out is told' \
	'*by subject and key*more than 20 octets*' "$said"
must "$distrust" verify "$HOME/.local/share/p11-distrust/user.catalog"
before=$(sha256sum "$HOME/.local/share/p11-distrust/user.catalog")
must "$distrust" import --user "$omni"
after=$(sha256sum "$HOME/.local/share/p11-distrust/user.catalog")
matches "the same from Firefox's archive, and again" "$before" "$after"
# Each once: keys, and issuers with a serial number that a certificate may have.
distinct=$(jq '[.data[] | if .pubKeyHash then [.pubKeyHash]
	elif (.serialNumber | rtrimstr("=") | length) <= 27
	then [.issuerName, .serialNumber] else empty end] | unique | length' \
	onecrl.json)
imports 'all of it by key' "$distinct" onecrl.json --by-key

# Its issuers' names as OpenSSL takes them, and serial numbers, of records
# that our own list has not.
"$distrust" list --entries --json | jq -r '.incidents[].entries[].serial' \
	>ours
candidates()
{
	python3 - <<-'END'
	import base64, json
	types = {b"\x55\x04\x06": "C", b"\x55\x04\x0a": "O",
	         b"\x55\x04\x0b": "OU", b"\x55\x04\x03": "CN"}
	ours = set(open("ours").read().split())
	def parse(der):
	    n, skip = der[1], 2
	    if n >= 0x80:
	        skip += n & 0x7f
	        n = int.from_bytes(der[2:skip], "big")
	    return der[skip:skip + n], der[skip + n:]
	def subject(der):
	    rest, out = parse(der)[0], ""
	    while rest:
	        rdn, rest = parse(rest)
	        oid, value = parse(parse(rdn)[0])
	        text = parse(value)[0].decode("ascii")
	        if "/" in text or value[0] != 0x13:
	            raise ValueError
	        out += "/" + types[oid] + "=" + text
	    return out
	for r in json.load(open("onecrl.json"))["data"]:
	    try:
	        serial = base64.b64decode(r["serialNumber"]).hex()
	        name = subject(base64.b64decode(r["issuerName"]))
	    except (KeyError, ValueError):
	        continue
	    if serial not in ours and 1 < len(serial) // 2 < 19 and \
	            serial[0] in "1234567":
	        print(r["issuerName"], serial, name, sep="\t")
	END
}
hex()
{
	od -An -vtx1 | tr -d ' \n'
}
while IFS=$'\t' read -r name serial subject; do
	STRINGS=default root onecrl "$subject"
	openssl x509 -in "$tmp/onecrl.pem" -outform DER | hex |
		grep -q "$(base64 -d <<<"$name" | hex)" && break
done < <(candidates 2>/dev/null)
below onecrl-sub onecrl authority '/O=Example/CN=Intermediate' "0x$serial"
below onecrl-other onecrl authority '/O=Example/CN=Another'
for name in sub other; do
	below "$name-site" "onecrl-$name" site /CN=localhost
done
new_database "$tmp/db"
must certutil -A -d "sql:$tmp/db" -n onecrl -t CT,C,C -a \
	-i "$tmp/onecrl.pem"
ask()	# sub or other
{
	local words verdict why
	words=$(run vfychain -d "sql:$tmp/db" -u 1 -a "$tmp/$1-site.pem" \
		-a "$tmp/onecrl-$1.pem")
	nss_verdict $? "$words"
	printf '%s' "$verdict"
}
matches 'NSS, without the module: accepted' 'ACCEPTED ACCEPTED' \
	"$(ask sub) $(ask other)"
must modutil -dbdir "sql:$tmp/db" -force -add p11-distrust -libfile "$module"
matches 'NSS refuses an intermediate that only OneCRL knows' 'ISSUER ACCEPTED' \
	"$(ask sub) $(ask other)"
rm "$HOME/.local/share/p11-distrust/user.catalog"
matches 'and without the import it does not' 'ACCEPTED ACCEPTED' \
	"$(ask sub) $(ask other)"
plan
