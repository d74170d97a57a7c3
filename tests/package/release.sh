# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors
# shellcheck shell=bash
# shellcheck disable=SC2154	# $tmp, $top and $version: of who sources it

# A release, for tests/package/run: every place names the same version; what
# CONTRIBUTING.md says is done in a clone with a key of today, and verified by
# somebody who has its public half alone; the bill of materials is what SPDX
# 2.3 demands, and true.  It publishes nothing.

# ---- Versions ------------------------------------------------------------

# Each place's version, one a line.
named_versions()
{
	sed -n 's/^p11-distrust \([0-9.]*\), 20..-..-..$/\1/p' NEWS | head -1
	dpkg-parsechangelog -l packaging/debian/changelog -S Version |
		sed 's/-[0-9]*$//'
	sed -n 's/^Version: *//p' packaging/rpm/p11-distrust.spec
	sed -n 's/^pkgver=//p' packaging/arch/PKGBUILD packaging/alpine/APKBUILD
	sed -n 's/^  version = "\(.*\)";$/\1/p' packaging/nix/default.nix
}

check_versions()
{
	same 'NEWS and five recipes name the version' \
		"$(printf "$version\n%.0s" {1..6})" \
		"$(cd "$top" && named_versions)"
}

# ---- Signing -------------------------------------------------------------

# The commands of a heading of CONTRIBUTING.md, for this version: git tag, make
# dist, packaging/sbom, gpg and sha256sum.
said()	# heading
{
	awk -v heading="### $1" '
		/^#/ { here = $0 == heading; next }
		/^```/ { fenced = !fenced; next }
		here && fenced' "$top/CONTRIBUTING.md" |
		sed "s/X\.Y/$version/g"
}

does()	# heading, folder, GnuPG's home
{
	local commands
	commands=$(said "$1")
	[[ -n $commands ]] || return 1
	(cd "$2" && GNUPGHOME=$3 bash -e -c "$commands")
}

verifies()	# folder
{
	does 'Verifying one' "$1" "$tmp/theirs"
}

verifies_not()	# folder
{
	! verifies "$1"
}

check_signing()
{
	local clone=$tmp/release
	mkdir -m 700 "$tmp/ours" "$tmp/theirs"
	must gpg --homedir "$tmp/ours" --batch --pinentry-mode loopback \
		--passphrase '' --quick-generate-key \
		'Releaser <releaser@example.org>' ed25519 sign 1d
	must git clone -q "$top" "$clone"
	must git -C "$clone" config user.name Releaser
	must git -C "$clone" config user.email releaser@example.org
	holds 'a release is made as CONTRIBUTING.md says' \
		does 'Making one' "$clone" "$tmp/ours"
	must test -e "$clone/build/p11-distrust-$version.spdx.json"

	holds 'without the key nobody can verify it' verifies_not "$clone"
	gpg --homedir "$tmp/ours" --export | must gpg --homedir "$tmp/theirs" \
		--batch --import
	holds 'with it anybody can' verifies "$clone"
	cp "$clone/build/p11-distrust-$version.tar.gz" \
		"$clone/build/p11-distrust-$version.spdx.json" "$tmp"
	printf x >>"$clone/build/p11-distrust-$version.tar.gz"
	holds 'one octet more is found' verifies_not "$clone"
	gpgconf --homedir "$tmp/ours" --kill all
	gpgconf --homedir "$tmp/theirs" --kill all
}

# ---- The bill of materials -----------------------------------------------

# What SPDX 2.3 demands of a document in JSON, clause by clause: a line for
# each that does not hold.
spdx_faults()
{
	jq -r '
	def holds(f; $what): if f then empty else $what end;
	def id: test("^SPDXRef-[A-Za-z0-9.-]+$");
	def known: . == "BSD-3-Clause" or . == "NOASSERTION";
	([.SPDXID, .packages[].SPDXID, .files[].SPDXID]) as $ids |
	([.packages[] | select(.filesAnalyzed)]) as $ours |
	holds(.spdxVersion == "SPDX-2.3"; "6.1 version"),
	holds(.dataLicense == "CC0-1.0"; "6.2 licence of the document"),
	holds(.SPDXID == "SPDXRef-DOCUMENT"; "6.3 identifier"),
	holds(.name | length > 0; "6.4 name"),
	holds(.documentNamespace | test("^https://[^#]+$"); "6.5 namespace"),
	holds(.creationInfo.creators | length > 0 and
		all(test("^(Person|Organization|Tool): .")); "6.8 creators"),
	holds(.creationInfo.created | fromdateiso8601 > 0; "6.9 created"),
	holds($ids | all(id) and (length == (unique | length)); "7.2, 8.2 ids"),
	holds(.packages | all(.name and .versionInfo and .downloadLocation and
		(.licenseConcluded | known) and .copyrightText);
		"7 packages"),
	holds($ours | length == 1; "7.8 one of the packages is analysed"),
	holds($ours[0].licenseInfoFromFiles == ["BSD-3-Clause"] and
		$ours[0].licenseDeclared == "BSD-3-Clause"; "7.13 licences"),
	holds(.files | all((.fileName | test("^\\./[^/]")) and
		(.licenseConcluded | known) and .copyrightText and
		(.licenseInfoInFiles | all(known))); "8 files"),
	holds(.files | all(.checksums | map({(.algorithm): .checksumValue}) |
		add | (.SHA1 | test("^[0-9a-f]{40}$")) and
		(.SHA256 | test("^[0-9a-f]{64}$"))); "8.4 checksums"),
	holds(.relationships | all(.relationshipType | IN("DESCRIBES",
		"CONTAINS", "DYNAMIC_LINK", "BUILD_DEPENDENCY_OF"));
		"11.1 relationships"),
	holds([.relationships[] | .spdxElementId, .relatedSpdxElement] -
		$ids | length == 0; "11.1 they are between known ones"),
	holds([.relationships[] | select(.relationshipType == "DESCRIBES")] |
		length == 1; "11.1 what the document describes")
	' "$1"
}

sums()	# bill, algorithm
{
	jq -r --arg a "$2" '.files[] | .fileName as $name | .checksums[] |
		select(.algorithm == $a) | "\(.checksumValue)  \($name)"' "$1"
}

check_bill()
{
	local bill=$tmp/p11-distrust-$version.spdx.json
	same 'the bill of materials is what SPDX 2.3 demands' '' \
		"$(spdx_faults "$bill" 2>&1)"
	mkdir "$tmp/unpacked"
	must tar xzf "$tmp/p11-distrust-$version.tar.gz" -C "$tmp/unpacked" \
		--strip-components=1
	# shellcheck disable=SC2016	# the inner shell's argument
	same 'it has the files of the tarball, and their digests' \
		"$(cd "$tmp/unpacked" && find . -type f -exec sha256sum {} + |
			sort -k 2)" \
		"$(sums "$bill" SHA256 | sort -k 2)"
	same 'the digest of them all is theirs' \
		"$(sums "$bill" SHA1 | cut -c-40 | sort | tr -d '\n' |
			sha1sum | cut -c-40)" \
		"$(jq -r '.packages[].packageVerificationCode // empty |
			.packageVerificationCodeValue' "$bill")"
	same 'and that of the tarball' \
		"$(sha256sum "$tmp/p11-distrust-$version.tar.gz" | cut -c-64)" \
		"$(jq -r '.packages[].checksums // empty | .[].checksumValue' \
			"$bill")"
	rm -rf "$tmp/unpacked"
}
