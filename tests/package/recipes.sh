# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors
# shellcheck shell=bash
# shellcheck disable=SC2154	# $tarball, $top and $B: of who sources it

# The recipes of other distributions, for tests/package/run: each builds the
# tarball with what Debian has of that distribution's tools, and the package
# holds what `make install` installs there, and no more than the recipe says.
# The unit tests ran when Debian's packages were built.  rpm and pacman then
# install what they have built, and remove it.

# What there is below $1, as it is before anybody packs manual pages.
names()
{
	(cd "$1" && find . ! -type d ! -path './usr/lib/.build-id/*' |
		sed 's/\(man.\/.*\)\.gz$/\1/' | sort)
}

# What make installs, and what a recipe adds to it.
installed_by_make()	# files that are added, arguments of make
{
	rm -rf "$tmp/make"
	must make install -s -j2 -C "$top" B="$B" DESTDIR="$tmp/make" "${@:2}"
	{ names "$tmp/make" && printf '%s' "$1"; } | sort
}

as_nobody()	# folder, command
{
	# shellcheck disable=SC2016	# the inner shell's arguments
	setpriv --reuid=nobody --regid=nogroup --clear-groups \
		bash -c 'cd "$1" && HOME=$1 exec "${@:2}"' - "$@"
}

# ---- RPM -----------------------------------------------------------------

# Debian has no packages by the names that the spec requires; what it makes of
# the tarball is what it makes elsewhere.
build_rpm()	# folder, definition of a macro ...
{
	local defined=() each
	for each in "_topdir $1" 'debug_package %{nil}' "${@:2}"; do
		defined+=(--define "$each")
	done
	mkdir "$1" "$1/root"
	rpmbuild -tb --nodeps --nocheck "${defined[@]}" "$tarball" &&
		rpm2cpio "$1"/RPMS/*/*.rpm >"$1/cpio" &&
		cd "$1/root" && cpio -idm <../cpio
}

make_rpm()
{
	local made=(CA_HOOKS= native_path=/usr/lib64/mozilla/pkcs11-modules)
	holds 'an RPM is built of the tarball' build_rpm "$tmp/rpm"
	holds 'rpmlint has nothing to say of it and the spec' rpmlint --strict \
		-c "$top/tests/package/rpmlint.toml" "$tmp"/rpm/RPMS/*/*.rpm \
		"$top/packaging/rpm/p11-distrust.spec"
	same 'it holds what make installs, and the licence' \
		"$(installed_by_make '' "${made[@]}")" \
		"$(names "$tmp/rpm/root" | grep -v /licenses/)"
	holds 'make uninstall' make uninstall -s -C "$top" B="$B" \
		DESTDIR="$tmp/make" "${made[@]}"
	same 'it leaves no file' '' "$(names "$tmp/make")"
}

# The hook is called as openSUSE wants it, the documents are where it has them.
make_suse_rpm()
{
	local made=(CA_HOOKS=/usr/lib/ca-certificates/update.d
		CA_HOOK=99distrust.run
		native_path=/usr/lib64/mozilla/pkcs11-modules
		doc_path=/usr/share/doc/packages/p11-distrust)
	holds 'one for openSUSE is' build_rpm "$tmp/suse" 'suse_version 1600' \
		'_defaultdocdir /usr/share/doc/packages'
	same 'it holds what make installs, and the licence' \
		"$(installed_by_make '' "${made[@]}")" \
		"$(names "$tmp/suse/root" | grep -v /licenses/)"
}

# ---- Arch ----------------------------------------------------------------

make_arch()
{
	cp -r "$top/packaging/arch" "$tmp/arch"
	cp "$tarball" "$tmp/arch"
	chown -R nobody "$tmp/arch"
	holds 'makepkg builds a package for Arch' as_nobody "$tmp/arch" \
		env PKGEXT=.pkg.tar makepkg --nodeps --nocheck
	mkdir "$tmp/arch/root"
	must tar xf "$tmp/arch"/*.pkg.tar -C "$tmp/arch/root"
	same 'it holds what make installs, the licence and a hook' \
		"$(installed_by_make "$(printf './%s\n' .BUILDINFO .INSTALL \
			.MTREE .PKGINFO \
			usr/share/libalpm/hooks/p11-distrust.hook \
			usr/share/licenses/p11-distrust/LICENSE)" CA_HOOKS=)" \
		"$(names "$tmp/arch/root")"
}

# ---- Alpine --------------------------------------------------------------

# Without abuild: its recipe is a shell's, and so are the two functions that
# matter.
make_alpine()
{
	local folder=$tmp/alpine each
	cp -r "$top/packaging/alpine" "$folder"
	must tar xzf "$tarball" -C "$folder"
	chown -R nobody "$folder"
	# shellcheck disable=SC2016	# the inner shell's
	holds 'the functions of the recipe for Alpine do' \
		as_nobody "$folder" sh -e -u -c '
			. ./APKBUILD
			pkgdir=$HOME/root
			cd "$pkgname-$pkgver"
			build
			package'
	same 'they install what make does' "$(installed_by_make '')" \
		"$(names "$folder/root")"
	# shellcheck disable=SC2016	# the inner shell's
	for each in $(sh -c '. "$1"; echo $source $install ${triggers%%=*}' - \
			"$folder/APKBUILD"); do
		[[ $each == *.tar.gz ]] ||
			holds "it has $each" sh -n "$folder/$each"
	done
}

# ---- Nix -----------------------------------------------------------------

# What the expression says, if nixpkgs were nothing but names: its sources, the
# arguments of make, and what is done after that.
say_nix()	# folder
{
	HOME=$1 nix-instantiate --store "$1" --read-write-mode --eval --strict \
		--json --arg pkgs "import $top/tests/package/nixpkgs.nix" \
		"$1/tree/packaging/nix/default.nix" >"$1/said" 2>"$1/words" ||
		{ cat "$1/words"; return 1; }
}

build_nix()	# folder
{
	local out=$1/out flags
	mapfile -t flags < <(jq -r '.makeFlags[]' "$1/said" |
		sed -E "s|=/[a-z0-9]{52}|=$out|")
	cp -r "$1$(jq -r .src "$1/said")" "$1/source"
	chmod -R u+w "$1/source"
	make -s -j2 -C "$1/source" "${flags[@]}" install &&
		out=$out bash -e -c "$(jq -r .postInstall "$1/said")"
}

# In a folder where somebody has built it already, for /usr.
make_nix()
{
	local folder=$tmp/nix out=$tmp/nix/out
	mkdir "$folder" "$folder/tree"
	must tar xzf "$tarball" -C "$folder/tree" --strip-components=1
	mkdir "$folder/tree/build"
	: >"$folder/tree/build/distrust"
	holds "Nix's expression has a value" say_nix "$folder"
	rm -r "$folder/tree/build"
	same 'its sources are those of the tarball' "$(names "$folder/tree")" \
		"$(names "$folder$(jq -r .src "$folder/said")")"
	holds 'what it does installs all below one folder' build_nix "$folder"
	holds 'p11-kit is told where the module is' test -f "$(sed -n \
		's/^module: //p' "$out/share/p11-kit/modules/p11-distrust.module")"
	holds 'and so is the tool' grep -q "$out/lib/pkcs11/p11-distrust.so" \
		"$out/bin/distrust"
}

# ---- Their machines ------------------------------------------------------

# Package managers work below $root, a Debian that they take for their own: it
# has what the package depends on by other names.  What goes wrong in a script of
# the package they only say.
there()	# package manager, arguments
{
	local words status
	words=$("$1_there" "${@:2}" 2>&1)
	status=$?
	echo "$words"
	((status == 0)) && [[ ! $words =~ (^|$'\n')('error: '|'warning: %') ]]
}

pacman_there()
{
	mkdir -p "$root/var/lib/pacman" "$tmp/pacman"
	printf '[options]\nArchitecture = auto\n' >"$tmp/pacman/conf"
	pacman --config "$tmp/pacman/conf" --root "$root" \
		--dbpath "$root/var/lib/pacman" --cachedir "$tmp/pacman" \
		--hookdir "$root/usr/share/libalpm/hooks" \
		--logfile "$tmp/pacman/log" --noconfirm "$@" -dd
}

rpm_there()
{
	rpm --root "$root" --dbpath /var/lib/rpm "$@" --nodeps
}

# What Arch's and Fedora's would do, as far as we are concerned.
have_update_ca_trust()
{
	cat >"$root/usr/bin/update-ca-trust" <<'END'
#!/bin/sh
exec trust extract --overwrite --format=pem-bundle --filter=ca-anchors \
	--purpose=server-auth /etc/extracted.pem
END
	chmod 755 "$root/usr/bin/update-ca-trust"
}

extracted()	# authority
{
	grep -qxF "$(sed -n 5p "$root/tests/planted/$1.pem")" \
		"$root/etc/extracted.pem"
}

left_out()	# authority
{
	! extracted "$1"
}

# The administrator's decision has a catalog of a format that is none when the
# package comes again.
live_with()	# package manager, package, how it installs, how it removes
{
	local policy=etc/chromium/policies/managed/p11-distrust.json
	local install=(there "$1" "${@:3:$#-3}" "$2")

	holds "$1 installs" "${install[@]}"
	is "by $1" certtool new REJECTED
	is "by $1" certtool own ACCEPTED
	holds 'a bundle is made' extracted own
	must mkdir -p "$root/${policy%/*}"
	must in_root distrust install --system chromium
	holds 'the tool installs a policy' test -e "$root/$policy"
	must in_root distrust add --system /tests/planted/own.pem
	must truncate -s 0 "$root/$catalog"
	holds "$1 installs it again" "${install[@]}"
	holds 'the decisions are compiled anew' \
		in_root distrust verify "/$catalog"
	is "again by $1" certtool own REJECTED
	holds 'the bundle is made without what is distrusted' left_out own
	holds 'and with all else' extracted healthy
	holds "$1 removes" there "$1" "${@: -1}" p11-distrust
	is "removed by $1" certtool new ACCEPTED
	holds 'it is in the bundle again' extracted own
	holds 'what the tool had installed is gone' test ! -e "$root/$policy"
	must rm -r "$root/etc/chromium" "$root/etc/p11-distrust" \
		"${root:?}/${catalog%/*}"
}

live_elsewhere()
{
	must apt install libinih1 libjansson4
	have_update_ca_trust
	live_with rpm "$(echo "$tmp"/rpm/RPMS/*/*.rpm)" -U --replacepkgs -e
	live_with pacman "$(echo "$tmp"/arch/*.pkg.tar)" -U -R
}
