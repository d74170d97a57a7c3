// SPDX-License-Identifier: BSD-3-Clause
// SPDX-FileCopyrightText: The p11-distrust authors

// Asks this Java whether it believes chains: `java Ask.java SITE ROOT ...`, DER
// files in pairs.  Says ACCEPTED, or REJECTED and why, in a line for each.

import java.io.FileInputStream;
import java.security.cert.*;
import java.util.*;

class Ask {
	static X509Certificate read(CertificateFactory x509, String path)
			throws Exception {
		try (var file = new FileInputStream(path)) {
			return (X509Certificate) x509.generateCertificate(file);
		}
	}

	public static void main(String[] paths) throws Exception {
		var x509 = CertificateFactory.getInstance("X.509");
		var pkix = CertPathValidator.getInstance("PKIX");
		for (int i = 0; i + 1 < paths.length; i += 2) {
			var site = x509.generateCertPath(List.of(read(x509, paths[i])));
			var root = new TrustAnchor(read(x509, paths[i + 1]), null);
			var question = new PKIXParameters(Set.of(root));
			question.setRevocationEnabled(false);
			try {
				pkix.validate(site, question);
				System.out.println("ACCEPTED");
			} catch (CertPathValidatorException e) {
				System.out.println("REJECTED " + e.getMessage());
			}
		}
	}
}
