# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors
#
# Nix: `nix-build packaging/nix`.  On NixOS nothing is registered by being in
# a package: environment.etc."pkcs11/modules/p11-distrust.module" does that.

{ pkgs ? import <nixpkgs> { } }:

pkgs.stdenv.mkDerivation {
  pname = "p11-distrust";
  version = "0.1";
  src = ../..;
  nativeBuildInputs = [ pkgs.gettext pkgs.pkg-config ];
  buildInputs = with pkgs; [ inih jansson nss openssl p11-kit xxHash ];
  nativeCheckInputs = [ pkgs.cmocka ];
  doCheck = true;
  checkTarget = "check-unit";
  # pkg-config answers with p11-kit's own folders, which are not ours to
  # write to.
  makeFlags = [
    "PREFIX=${placeholder "out"}"
    "CA_HOOKS="
    "module_path=${placeholder "out"}/lib/pkcs11"
    "module_configs=${placeholder "out"}/share/p11-kit/modules"
  ];
  meta = {
    description = "Makes programs reject interception certificates";
    license = pkgs.lib.licenses.bsd3;
    platforms = pkgs.lib.platforms.linux;
    mainProgram = "distrust";
  };
}
