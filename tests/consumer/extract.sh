#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# `trust extract` in each filter and format, of which distributions make what
# OpenSSL, Java and others read: a root that is anchored in p11-kit-trust and
# listed by us, before and after the module.  Then the same list as a file in
# p11-kit-trust's own store, without the module.  At last, with the system's
# list damaged in all ways: p11-kit still works for everybody else.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/machine.sh
. "$(dirname "$0")/../machine.sh"

in_own_mounts "$@"
begin
need_module
need "$distrust" distrust
need trust p11-kit
need pkcs11-tool opensc
need strace strace
need /usr/bin/python3 python3
libdir=$(pkg-config --variable=libdir p11-kit-1)
need "$libdir/p11-kit-proxy.so" p11-kit-modules
store=/etc/pki/ca-trust/source

# ---- The machine --------------------------------------------------------

# An administrator's own list, with a root whose key we have.
own_list()
{
	local folder=$tmp/list/own
	mkdir -p "$folder"
	cp "$tmp/listed.pem" "$folder"
	cat >"$folder/incident.ini" <<-END
	[incident]
	title = A root of the tests
	reason = interception
	default = on
	argument = It is a test.
	story = It is a test. There is no more to say.
	reference = https://example.org/
	[certificate listed]
	file = listed.pem
	sha256 = $(openssl x509 -in "$tmp/listed.pem" -outform DER |
		sha256sum | cut -d' ' -f1)
	label = A listed root
	match = certificate key
	END
	mkdir -p /var/lib/p11-distrust
	must "$distrust" compile --local -o "$catalog" "$tmp/list"
}

# p11-kit-trust, with a store of ours.
own_store()
{
	mkdir -p "$store/anchors" "$store/blocklist"
	cat >"$modules/p11-kit-trust.module" <<-END
	module: p11-kit-trust.so
	trust-policy: yes
	priority: 1
	x-init-reserved: paths='$store'
	END
}

anchor()	# names...
{
	local name
	for name; do
		cp "$tmp/$name.pem" "$store/anchors"
	done
}

# ---- Asking --------------------------------------------------------------

# What a file, or the files of a folder, say of certificates: a word for each.
look_for()	# file or folder, certificates...
{
	local certificates=("${@:2}")
	/usr/bin/python3 - "$1" "${certificates[@]/#/$tmp/}" <<-'END'
	import base64, os, re, sys
	path = sys.argv[1]
	paths = [path]
	if os.path.isdir(path):
	    paths = [os.path.join(path, name) for name in os.listdir(path)]
	blocks = re.compile(rb"CERTIFICATE-----\n(.*?)-----", re.S)
	def ders(data):
	    return [base64.b64decode(text) for text in blocks.findall(data)]
	def verdict(wanted):
	    found = "ABSENT"
	    for data in (open(path, "rb").read() for path in paths):
	        if wanted in data:
	            found = "LISTED"
	        for block in ders(data):
	            # OpenSSL's settings follow: [0] is what it rejects.
	            settings = block[len(wanted):].partition(b"\xa0")[2]
	            server = bytes.fromhex("06082b06010505070301")
	            if block.startswith(wanted):
	                found = "DISTRUSTED" if server in settings else "LISTED"
	    return found
	for name in sys.argv[2:]:
	    print(verdict(ders(open(name + ".pem", "rb").read())[0]), end=" ")
	END
}

extract()	# filter, format: sets words
{
	rm -rf "$tmp/out"
	words=$(run trust extract --filter "$1" --format "$2" \
		--purpose server-auth "$tmp/out")
}

# What OpenSSL says of a site, with a file or a folder as all that it trusts.
openssl_says()	# site, file or folder
{
	local said trusted=(-no-CApath -CAfile "$2")
	[[ ! -d $2 ]] || trusted=(-no-CAfile -CApath "$2")
	said=$(openssl verify -purpose sslserver "${trusted[@]}" \
		"$tmp/$1.pem" 2>&1)
	case $?:$said in
	0:*) echo ACCEPTED ;;
	*'unable to get local issuer certificate'* | \
	*'certificate rejected'* | *'no certificate or crl found'*)
		echo REJECTED ;;
	*) echo "$said" ;;
	esac
}

# One row of the table: all that is to be said about it.  A file that can hold
# one certificate alone is made of a store with one alone.
try()	# when, filter, format, verdict that is due, OpenSSL's
{
	local words wrong='' seen healthy due=LISTED
	[[ $3 != x509-file ]] || mv "$store/anchors/healthy.pem" "$tmp/aside"
	if extract "$2" "$3"; then
		read -r seen healthy < <(look_for "$tmp/out" listed healthy)
		[[ $2 != blocklist && $3 != x509-file ]] || due=ABSENT
		[[ $healthy == "$due" ]] ||
			wrong+="a healthy root is not $due"$'\n'
	else
		seen=FAILED
		[[ $words != *'no certificate found'* ]] || seen=NONE
		[[ $words != *'format does not support trust policy'* ]] ||
			seen=REFUSED
	fi
	[[ $3 != x509-file ]] || mv "$tmp/aside" "$store/anchors/healthy.pem"
	[[ $seen == "$4" ]] || wrong+="$seen: $words"$'\n'
	if [[ $5 != - ]]; then
		seen=$(openssl_says listed-site "$tmp/out")
		[[ $seen == "$5" ]] || wrong+="OpenSSL: $seen"$'\n'
	fi
	report "$1: --filter=$2 --format=$3: $4, OpenSSL: $5" "$wrong"
}

report()	# what, what is wrong
{
	if [[ -z $2 ]]; then
		ok "$1"
	else
		not_ok "$1" "$2"
	fi
}

# ---- The table -----------------------------------------------------------

table_of_formats()	# when: before or after
{
	local filter format before after by_openssl
	while IFS='|' read -r filter format before after by_openssl; do
		if [[ $1 == before ]]; then
			try "$1" "$filter" "$format" "$before" "${by_openssl% *}"
		else
			try "$1" "$filter" "$format" "$after" "${by_openssl#* }"
		fi
	done < <(table <"$top/tests/data/extract.cases")
}

lists()	# when, filter, how often the root is in the list
{
	local words count
	words=$(run trust list --filter "$2")
	count=$(grep -c '^    label: A\? *[Ll]isted [Rr]oot$' <<<"$words")
	report "$1: trust list --filter=$2 has it $3 times" \
		"$([[ $count == "$3" ]] || echo "$count: $words")"
}

# ---- The list in p11-kit's own store --------------------------------------

# What Fedora's update-ca-trust makes for OpenSSL.  (In p11-kit 0.24 a root that
# stands among the anchors and in the blocklist of one store passes the filter
# "certificates" as good: that is our module's part.)
own_update()
{
	cat >/usr/bin/update-ca-trust <<-END
	#!/bin/sh -e
	trust extract --overwrite --format=pem-bundle --comment \
		--filter=ca-anchors --purpose=server-auth $tmp/bundle
	END
	chmod 755 /usr/bin/update-ca-trust
}

# OpenSSL about sites, with that bundle, or another file or folder.
bundle_says()	# when, verdict that is due for what is distrusted, [which]
{
	local site due seen
	for site in listed-site new-site healthy-site; do
		due=$2
		[[ $site != healthy-site ]] || due=ACCEPTED
		seen=$(openssl_says "$site" "${3:-$tmp/bundle}")
		report "$1: OpenSSL, $site: $due" \
			"$([[ $seen == "$due" ]] || echo "$seen")"
	done
}

# ---- openSUSE -------------------------------------------------------------

# What its update-ca-certificates makes with p11-kit, in its hooks' order, and
# where; then ours.
suse_update()	# hooks
{
	local state=/var/lib/ca-certificates hook
	mkdir -p "$state/pem" "$state/openssl"
	must trust extract --format=openssl-directory --filter=ca-anchors \
		--overwrite "$state/openssl"
	must trust extract --purpose=server-auth --filter=ca-anchors \
		--format=pem-directory-hash --overwrite "$state/pem"
	must trust extract --format=pem-bundle --purpose=server-auth \
		--filter=ca-anchors --overwrite "$state/ca-bundle.pem"
	chmod 444 "$state/ca-bundle.pem"
	rm -rf /etc/ssl/certs
	ln -s ../../var/lib/ca-certificates/pem /etc/ssl/certs
	for hook; do
		must env -C / "$hook" -v
	done
}

suse_says()	# when, verdict that is due for what is distrusted
{
	local each
	for each in openssl pem ca-bundle.pem; do
		bundle_says "openSUSE, $each: $1" "$2" \
			"/var/lib/ca-certificates/$each"
	done
}

blocklist()	# install or uninstall
{
	local words
	words=$("$distrust" "$1" --system --module "$module" blocklist 2>&1)
	report "distrust $1 --system blocklist" \
		"$([[ $? == 0 && $words == *': changed'* ]] || echo "$words")"
}

# ---- Damage ----------------------------------------------------------------

# p11-kit for everybody else: the healthy root, and another token behind the
# proxy.
works()	# what is wrong with the list, program that brings it about
{
	local words wrong=''
	rm -rf "$tmp/out"
	words=$(run "${@:2}" trust extract --filter ca-anchors \
		--format pem-bundle --purpose server-auth "$tmp/out") ||
		wrong="trust extract failed: $words"$'\n'
	words=$(look_for "$tmp/out" healthy qaznet)
	[[ $words == 'LISTED ABSENT ' ]] ||
		wrong+="the healthy root and a built-in one are $words"$'\n'
	words=$(run "${@:2}" pkcs11-tool --module "$libdir/p11-kit-proxy.so" \
		-O --type cert --slot-index 1) &&
		grep -q 'label: *Healthy Root' <<<"$words" ||
		wrong+="p11-kit-proxy: $words"
	report "trust extract and p11-kit-proxy, $1" "$wrong"
}

# The same with an error of the disk, in one system call about the list.
disk()	# system call, error
{
	works "$1 of the list: $2" strace -qqf -o "$tmp/trace" -P "$catalog" \
		-e "trace=$1" -e "inject=$1:error=$2"
	report "  $1 was asked for, and failed" \
		"$(grep -q "$2.*INJECTED" "$tmp/trace" || cat "$tmp/trace")"
}

damage()
{
	cp "$catalog" "$tmp/catalog"
	works 'a whole list' env
	head -c 300 /dev/urandom >"$catalog"
	works 'a list of noise' env
	head -c 1000 "$tmp/catalog" >"$catalog"
	works 'a list cut off' env
	{ head -c 700 "$tmp/catalog"; head -c 100000 /dev/urandom; } |
		head -c "$(stat -c %s "$tmp/catalog")" >"$catalog"
	works 'a list whose second half is noise' env
	: >"$catalog"
	works 'an empty list' env
	rm "$catalog"
	mkfifo "$catalog"
	works 'a pipe instead of the list' env
	rm "$catalog"
	mkdir "$catalog"
	works 'a folder instead of the list' env
	rmdir "$catalog"
	cp "$tmp/catalog" "$catalog"
	disk openat EIO
	disk openat EACCES
	disk openat EMFILE
	disk read EIO
	must mount --bind "$tmp/nothing" /var/lib
	works '/var without anything in it' env
	must umount /var/lib
}

catalog=/var/lib/p11-distrust/system.catalog
cp "$qaznet" "$tmp/qaznet.pem"
root listed '/CN=Listed Root'
root healthy '/CN=Healthy Root'
reissued new "$qaznet" "$(new_serial)"
for name in listed healthy new; do
	below "$name-site" "$name" site /CN=localhost
done
own_p11kit
own_folders /etc /usr/bin /var/lib
own_list
own_store
anchor listed healthy

table_of_formats before
lists before ca-anchors 1
lists before trust-policy 1
lists before blocklist 0
register 10
table_of_formats after
lists after ca-anchors 0
lists after trust-policy 1
lists after blocklist 1

rm "$modules/p11-distrust.module"
anchor new
own_update
must update-ca-trust
bundle_says 'p11-kit-trust alone' ACCEPTED
blocklist install
bundle_says 'with our list in its store' REJECTED
words=$("$distrust" status --system --module "$module" blocklist 2>&1)
report 'status does not claim a store that p11-kit was not built to read' \
	"$([[ $? == 2 && $words == *'another store'* ]] || echo "$words")"
blocklist uninstall
bundle_says 'without it again' ACCEPTED

suse_update
suse_says 'p11-kit-trust alone' ACCEPTED
register 10
sed "s|^distrust=.*|distrust=$(realpath "$distrust")|" \
	"$top/packaging/ca-certificates-hook" >"$tmp/hook"
chmod 755 "$tmp/hook"
suse_update "$tmp/hook"
suse_says 'with the module and our hook' REJECTED
suse_update "$tmp/hook"
suse_says 'a second time' REJECTED

anchor qaznet
damage
plan
