# SPDX-License-Identifier: BSD-3-Clause
# SPDX-FileCopyrightText: The p11-distrust authors
#
# Nix: `nix-build packaging/nix`.  On NixOS nothing is registered by being in
# a package: with this one as p11-distrust, a configuration says
#   environment.etc."pkcs11/modules/p11-distrust.module".source =
#     "${p11-distrust}/share/p11-kit/modules/p11-distrust.module";

{ pkgs ? import <nixpkgs> { } }:

pkgs.stdenv.mkDerivation {
  pname = "p11-distrust";
  version = "0.1";
  # What was built here was built for another place.
  src = builtins.path {
    path = ../..;
    name = "p11-distrust";
    filter = path: type: ! builtins.elem (baseNameOf path) [ "build" ".git" ];
  };
  nativeBuildInputs = [ pkgs.gettext pkgs.pkg-config ];
  buildInputs = with pkgs; [ inih jansson nss openssl p11-kit xxHash ];
  checkInputs = [ pkgs.cmocka ];
  # Where it builds there is no /bin/bash.
  postPatch = "patchShebangs tests";
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
  # A name alone would be looked for in p11-kit's folder.
  postInstall = ''
    sed -i "s|^module: |module: $out/lib/pkcs11/|" \
      $out/share/p11-kit/modules/p11-distrust.module
  '';
  meta = {
    description = "Makes programs reject interception certificates";
    license = pkgs.lib.licenses.bsd3;
    platforms = pkgs.lib.platforms.linux;
    mainProgram = "distrust";
  };
}
