# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors
# shellcheck shell=bash
# shellcheck disable=SC2154	# $root: of who sources it

# A clean Debian in the folder $root, with nothing but what debootstrap calls a
# minbase, and commands in it.  It knows of no package of ours.

make_root()
{
	local mirror suite
	if [[ -n ${ROOT:-} ]]; then
		must cp -a "$ROOT" "$root"
	else
		# shellcheck disable=SC2016	# apt's own notation
		mirror=$(apt-get indextargets --format '$(REPO_URI)' \
			'Created-By: Packages' | head -1)
		suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
		must debootstrap --variant=minbase "$suite" "$root" "$mirror"
	fi
	# From where this machine gets its packages, that one does.
	rm -rf "$root"/etc/apt/sources.list*
	must cp -a /etc/apt/sources.list* /etc/apt/trusted.gpg* \
		/etc/apt/keyrings "$root/etc/apt/"
	apt-config dump | grep '^Acquire::' >"$root/etc/apt/apt.conf.d/00test"
	cp /etc/resolv.conf "$root/etc/resolv.conf"
}

in_root()	# command
{
	# shellcheck disable=SC2016	# the inner shell's arguments
	unshare --mount --pid --fork bash -c '
		set -e
		mount --bind "$1" "$1"
		mount -t proc proc "$1/proc"
		mount --rbind /dev "$1/dev"
		exec env -i HOME=/root LC_ALL=C.UTF-8 TERM=dumb \
			DEBIAN_FRONTEND=noninteractive \
			http_proxy="${http_proxy:-}" \
			https_proxy="${https_proxy:-}" \
			PATH=/usr/sbin:/usr/bin:/sbin:/bin \
			chroot "$@"' - "$root" "$@" </dev/null
}

apt()	# arguments
{
	in_root apt-get -y --no-install-recommends \
		-o Dpkg::Use-Pty=0 "$@"
}
