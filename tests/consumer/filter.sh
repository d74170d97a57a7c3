#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors

# distrust filter: what goes and what stays, in which words, with which exit
# status; whatever a consumer would read as a certificate is seen; a file is
# replaced as a whole, and hash links never have a gap.

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
distrust=${DISTRUST:-$top/build/distrust}

begin
need "$distrust" distrust
need openssl openssl
need strace strace

# Filter the file "in" into "out", and compare.
filters()	# what, exit status that is due, file that is due
{
	local status
	"$distrust" filter <"$tmp/in" >"$tmp/out" 2>"$tmp/said"
	status=$?
	if [[ $status == "$2" ]] && cmp -s "$tmp/out" "$3"; then
		ok "$1"
	else
		not_ok "$1" "status $status"$'\n'"$(<"$tmp/said")"
	fi
}

# ---- What goes -----------------------------------------------------------

goes()	# what, certificate block on stdin
{
	cat >"$tmp/block"
	{ echo '# first'; cat "$tmp/healthy.pem" "$tmp/block"
		echo '# last'; } >"$tmp/in"
	{ echo '# first'; cat "$tmp/healthy.pem"; echo '# last'; } >"$tmp/due"
	filters "goes: $1" 1 "$tmp/due"
}

stays()	# what, block on stdin
{
	cat >"$tmp/in"
	filters "stays: $1" 0 "$tmp/in"
}

make_certificates
for name in qaznet new same utf8 order case new-sub new-cross; do
	goes "$name" <"$tmp/$name.pem"
done
goes "OpenSSL's form" < <(openssl x509 -in "$tmp/new.pem" \
	-addtrust serverAuth -trustout)
goes 'an old label' < <(sed 's/CERTIFICATE/X509 &/' "$tmp/new.pem")
goes 'lines of Windows' < <(sed 's/$/\r/' "$tmp/new.pem")
goes 'white space' < <(sed '/^-/!s/..../&  \n/g' "$tmp/new.pem")

for name in healthy longer near innocent; do
	stays "$name" <"$tmp/$name.pem"
done
stays 'a record of distrust' < <(openssl x509 -in "$tmp/new.pem" \
	-addreject serverAuth -trustout)
stays 'a key' <"$tmp/new.key"
stays 'text' <"$top/LICENSE"
stays 'a block that is none' < <(sed '/^-/!s/^.*/AAAA/' "$tmp/new.pem")
stays 'nothing' </dev/null

pems new >"$tmp/in"
"$distrust" filter <"$tmp/in" 2>"$tmp/said"
holds 'it says what went, and why' grep -q 'took out "CN=Qaznet Trust Network,C=KZ": it bears a distrusted name (kazakhstan-2019-qaznet: ' "$tmp/said"
"$distrust" filter "$tmp/nowhere" 2>"$tmp/said"
holds 'what is not there: 2' test $? = 2
"$distrust" filter -i 2>"$tmp/said"
holds 'a wrong command line: 2' test $? = 2

# ---- In place --------------------------------------------------------------

# A file that is read is the old one or the new one: nobody writes to it.
pems healthy new near >"$tmp/bundle"
pems healthy near >"$tmp/due"
chmod 640 "$tmp/bundle"
strace -qq -e trace=openat,rename,unlink -o "$tmp/trace" \
	"$distrust" filter -q --in-place "$tmp/bundle"
holds 'in place' cmp "$tmp/bundle" "$tmp/due"
holds 'its mode stays' test "$(stat -c %a "$tmp/bundle")" = 640
# shellcheck disable=SC2016	# the variables are awk's
holds 'it was opened for reading alone' awk -v path="\"$tmp/bundle\"" '
	/^openat/ && index($0, path) && !/O_RDONLY/ { bad = 1 }
	/^rename/ && index($0, path) { done = 1 }
	END { exit bad || !done }' "$tmp/trace"

# Equal names, so equal hashes: only issuer and key set them apart.
folder=$tmp/folder
mkdir "$folder"
reissued other "$diginotar" "$(new_serial)"
cp "$tmp/innocent.pem" "$tmp/other.pem" "$tmp/new.pem" "$folder"
cp "$diginotar" "$folder/diginotar.pem"
hash=$(openssl x509 -in "$diginotar" -noout -subject_hash)
ln -s diginotar.pem "$folder/$hash.0"
ln -s innocent.pem "$folder/$hash.1"
ln -s other.pem "$folder/$hash.2"
gone=$(strace -qq -e trace=rename,unlink -o "$tmp/trace" \
	"$distrust" filter -q --in-place "$folder")
holds 'a folder: the names of what went' \
	test "$gone" = 'diginotar.pem'$'\n''new.pem'
holds 'the links have no gap' test "$(cd "$folder" && echo "$hash".*)" = \
	"$hash.0 $hash.1"
holds 'and lead to what stays' cat "$folder/$hash.0" "$folder/$hash.1"
holds 'the last link moved over the first, in one step' \
	grep -q "^rename(\".*$hash.2\", \".*$hash.0\")" "$tmp/trace"
"$distrust" filter -q --in-place "$folder" >"$tmp/said"
holds 'again: nothing to do' test "$?$(<"$tmp/said")" = 0

cp "$tmp/new.pem" "$folder"
"$distrust" filter -q -o "$tmp/copy" "$folder" >"$tmp/said"
holds 'a copy of a folder' test ! -e "$tmp/copy/new.pem" -a \
	-e "$folder/new.pem" -a -e "$tmp/copy/$hash.1"
plan
