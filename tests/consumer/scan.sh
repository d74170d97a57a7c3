#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# distrust scan: finds a root that was planted in each kind of store, says
# what takes it out, takes it out when asked, and keeps what was there.  Bad
# stores stop nothing.  The machine is one that nobody else sees.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/machine.sh
. "$(dirname "$0")/../machine.sh"

in_own_mounts "$@"
begin
need_module
need "$distrust" 'nothing: run make'
need update-ca-certificates ca-certificates
need certutil libnss3-tools
need keytool default-jre-headless
need openssl openssl
need jq jq

scan()	# arguments
{
	timeout 120 "$distrust" scan --module "$module" "$@" \
		>"$tmp/said" 2>"$tmp/troubles" </dev/null
	status=$?
}

says()	# what it shows, exit status
{
	if ((status == $2)); then
		ok "$1: exit status $2"
	else
		not_ok "$1: exit status $2" \
			"$status"$'\n'"$(cat "$tmp/said" "$tmp/troubles")"
	fi
}

# Whether the last scan has found new.pem at a path, and says this command.
finds()	# store, path, command for removing it
{
	# shellcheck disable=SC2016	# the variables are jq's
	if jq -se --arg path "$2" --arg sha "$sha" --arg remove "$3" '
		any(.path == $path and .sha256 == $sha and .remove == $remove and
		.incident == "kazakhstan-2019-qaznet" and
		.distrusted == "bears a distrusted name")' \
		"$tmp/said" >/dev/null; then
		ok "$1: found"
	else
		not_ok "$1: found" "$(grep -F "$2" "$tmp/said")
$(<"$tmp/troubles")"
	fi
}

# ---- A machine with the root in every kind of store -----------------------

make_certificates
sha=$(openssl x509 -in "$tmp/new.pem" -outform DER | sha256sum | cut -d' ' -f1)
own_ca_certificates
own_folders /usr/share /usr/lib/jvm
jvm=$(readlink -f "$(dirname "$(readlink -f "$(command -v java)")")/..")

# No store of this machine but what is planted: it may hold, and does, roots
# that are distrusted.
mkdir "$tmp/nothing"
for folder in /usr/lib/python3/dist-packages/certifi \
	/usr/share/nodejs/undici /usr/share/rubygems-integration/all/certs \
	/usr/lib/ruby/vendor_ruby/rubygems/ssl_certs; do
	[[ ! -d $folder ]] || must mount --bind "$tmp/nothing" "$folder"
done
rm -f "$jvm/lib/security/cacerts"
mkdir -p "$tmp/admin" "$tmp/home"
printf 'root:x:0:0::%s:/bin/sh\nsomebody:x:1000:1000::%s:/bin/sh\n' \
	"$tmp/admin" "$tmp/home" >"$tmp/passwd"
must mount --bind "$tmp/passwd" /etc/passwd
export HOME=$tmp/admin
unset XDG_CONFIG_HOME XDG_DATA_HOME
must update-ca-certificates

scan
says 'nothing is planted yet' 0
holds 'it says so' grep -q 'nothing distrusted' "$tmp/said"

keystore()	# file, type, files of certificates...
{
	local pem
	for pem in "${@:3}"; do
		must keytool -importcert -noprompt -keystore "$1" \
			-storetype "$2" -storepass changeit \
			-alias "$(basename "$pem" .pem)" -file "$pem"
	done
}

profile()	# folder
{
	new_database "$1"
	must certutil -A -d "sql:$1" -n 'It is new' -t CT,C,C \
		-i "$tmp/new.pem"
	must certutil -A -d "sql:$1" -n healthy -t CT,C,C \
		-i "$tmp/healthy.pem"
}

trust=/etc/pki/ca-trust/source/anchors
firefox=$tmp/home/.mozilla/firefox
flatpak=$tmp/home/.var/app/org.mozilla.firefox/.mozilla/firefox
import new healthy
{ printf '[p11-kit-object-v1]\nx-distrusted: true\n'; cat "$tmp/new.pem"
} >/usr/local/share/ca-certificates/new.crt
must update-ca-certificates --hooksdir ''
mkdir -p "$trust" /etc/pki/ca-trust/source/blocklist "$firefox" "$flatpak" \
	"$tmp/links"
pems healthy new >"$trust/both.pem"
cp "$tmp/new.pem" /etc/pki/ca-trust/source/blocklist/new.pem
openssl x509 -in "$tmp/new.pem" -outform DER -out "$trust/new.der"
{ printf '[p11-kit-object-v1]\nx-distrusted: true\n'; cat "$tmp/new.pem"
} >"$trust/already.p11-kit"
# Only of an object of p11-kit's, and to p11-kit alone, do these words say
# anything: update-ca-certificates puts all of new.crt into the bundle.
{ printf '# x-distrusted: true\n'; pems new; } >"$trust/comment.pem"
{ printf '[p11-kit-object-v1]\nx-distrusted: true\n'; pems healthy
	printf '[p11-kit-object-v1]\ntrusted: true\n'; pems new
} >"$trust/second.p11-kit"
keystore /etc/ssl/certs/java/cacerts JKS "$tmp/new.pem" "$tmp/healthy.pem"
keystore "$jvm/lib/security/cacerts" PKCS12 "$tmp/new.pem" "$tmp/healthy.pem"
profile "$tmp/admin/.pki/nssdb"
profile "$firefox/own.default"
profile "$flatpak/far.default"
printf '[Profile0]\nPath=own.default\n' >"$firefox/profiles.ini"
printf '[Profile0]\nPath=far.default\n' >"$flatpak/profiles.ini"
cp "$tmp/new.pem" "$tmp/links/new.pem"
ln -s new.pem "$tmp/links/$(openssl x509 -in "$tmp/new.pem" -noout \
	-subject_hash).0"
pems healthy new >"$tmp/bundle with a blank.pem"
export SSL_CERT_FILE="$tmp/bundle with a blank.pem" SSL_CERT_DIR=$tmp/links

# ---- Finding ----------------------------------------------------------------

update=/usr/sbin/update-ca-certificates
stores()
{
	finds "Debian's" /usr/local/share/ca-certificates/new.crt \
		"rm /usr/local/share/ca-certificates/new.crt && $update"
	finds "OpenSSL's bundle" /etc/ssl/certs/ca-certificates.crt "$update"
	finds "Fedora's, a bundle" "$trust/both.pem" \
		"distrust filter --in-place $trust/both.pem"
	finds "Fedora's, in DER" "$trust/new.der" "rm $trust/new.der"
	finds 'a comment tells of distrust' "$trust/comment.pem" \
		"rm $trust/comment.pem"
	finds 'another object is distrusted' "$trust/second.p11-kit" \
		"distrust filter --in-place $trust/second.p11-kit"
	finds 'Java, JKS' /etc/ssl/certs/java/cacerts "keytool -delete -keystore /etc/ssl/certs/java/cacerts -storepass changeit -alias new"
	finds 'Java, PKCS #12' "$jvm/lib/security/cacerts" "keytool -delete -keystore $jvm/lib/security/cacerts -storepass changeit -alias new"
	finds "root's NSS database" "$tmp/admin/.pki/nssdb" \
		"certutil -D -d sql:$tmp/admin/.pki/nssdb -n 'It is new'"
	finds "another user's Firefox" "$firefox/own.default" \
		"certutil -D -d sql:$firefox/own.default -n 'It is new'"
	finds 'Firefox of Flatpak' "$flatpak/far.default" \
		"certutil -D -d sql:$flatpak/far.default -n 'It is new'"
	finds 'the environment, a file' "$SSL_CERT_FILE" \
		"distrust filter --in-place '$SSL_CERT_FILE'"
	finds 'the environment, a folder' "$SSL_CERT_DIR/new.pem" \
		"distrust filter --in-place $SSL_CERT_DIR"
}

scan --json
says 'planted' 1
stores
holds 'nothing else is found' test "$(wc -l <"$tmp/said")" = 13
holds 'nothing protects yet' jq -se \
	'all(.protection != "protected")' "$tmp/said"
holds 'what no module reaches is said' jq -se \
	'any(.protection == "beyond reach" and (.path | test("far.default")))' \
	"$tmp/said"
scan
says 'for a person' 1
holds 'who, why, and what to do' awk '
	/\(another|Firefox, profile own.default: It is new\)$/ { a = 1 }
	a && /CN=Qaznet Trust Network,C=KZ|Qaznet/ { b = 1 }
	/^  To remove it: certutil -D / { c = 1 }
	END { exit !(b && c) }' "$tmp/said"

must "$distrust" install --user --module "$module" nssdb
scan --json
# shellcheck disable=SC2016	# the variable is jq's
holds 'who installs the module is protected' jq -se --arg path \
	"$tmp/admin/.pki/nssdb" 'any(.path == $path and
	.protection == "protected")' "$tmp/said"

# ---- Bad stores --------------------------------------------------------------

mkdir "$trust/deep" "$firefox/bad.default"
mkfifo "$trust/fifo.pem"
ln -s . "$trust/deep/loop"
ln -s nowhere "$trust/dangling.pem"
head -c 100000 /dev/urandom >"$trust/noise.pem"
head -c 100000 /dev/urandom >"$firefox/bad.default/cert9.db"
printf '[Profile0]\nPath=own.default\n[Profile1]\nPath=bad.default\n' \
	>"$firefox/profiles.ini"
truncate -s 100M "$trust/large.pem"
scan --json
says 'bad stores' 2
stores
# shellcheck disable=SC2016
holds 'one that is too large is named' jq -se --arg path "$trust/large.pem" \
	'any(.error // "" | contains($path))' "$tmp/said"
holds 'a database that is none is named' jq -se \
	'[.[] | select(.error)] | length == 2' "$tmp/said"
rm -r "$trust/fifo.pem" "$trust/deep" "$trust/dangling.pem" \
	"$trust/noise.pem" "$trust/large.pem"
printf '[Profile0]\nPath=own.default\n' >"$firefox/profiles.ini"
scan --nonsense
says 'an option that is none' 2

# ---- Removing ----------------------------------------------------------------

cp -r "$trust" "$tmp/before"
before=$(sha256sum <"$firefox/own.default/cert9.db")
scan --remove
says 'asked, and nobody says yes' 1
holds 'nothing was removed' diff -r "$trust" "$tmp/before"
holds 'the database is what it was' test \
	"$(sha256sum <"$firefox/own.default/cert9.db")" = "$before"

scan --remove --yes
says 'removed' 0
scan --json
says 'after that' 0
holds 'nothing is found' test ! -s "$tmp/said"
holds 'a bundle holds what is healthy' cmp <(pems healthy) "$trust/both.pem"
holds 'a folder has no link to nowhere' test -z "$(ls "$SSL_CERT_DIR")"
holds 'OpenSSL refuses' grep -q 'unable to get local issuer' <(
	env -u SSL_CERT_FILE -u SSL_CERT_DIR openssl verify \
		"$tmp/new-site.pem" 2>&1)
holds 'and accepts what is healthy' env -u SSL_CERT_FILE -u SSL_CERT_DIR \
	openssl verify "$tmp/healthy-site.pem"
holds 'NSS has what is healthy' certutil -L -d "sql:$firefox/own.default" \
	-n healthy
holds 'Java has' keytool -list -keystore /etc/ssl/certs/java/cacerts \
	-storepass changeit -alias healthy
kept=$(echo /var/lib/p11-distrust/removed/*)
holds 'a bundle was kept' cmp "$tmp/before/both.pem" "$kept$trust/both.pem"
holds 'a certificate was' cmp "$tmp/before/new.der" "$kept$trust/new.der"
holds 'a keystore was' keytool -list -storepass changeit -alias new \
	-keystore "$kept/etc/ssl/certs/java/cacerts"
holds 'a database was' certutil -L -d "sql:$kept$firefox/own.default" \
	-n 'It is new'

# Whoever is not root sees no other one's profiles.
profile "$tmp/admin/.pki/nssdb"
chmod 711 "$tmp"
chmod 700 "$tmp/admin"
chown -R 1000 "$tmp/home"
setpriv --reuid=1000 --regid=1000 --clear-groups env -u SSL_CERT_FILE \
	-u SSL_CERT_DIR HOME="$tmp/home" \
	/usr/bin/distrust scan --module "$module" >"$tmp/said" 2>&1
status=$?
says "another user's alone" 0
plan
