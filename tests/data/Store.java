// SPDX-License-Identifier: BSD-3-Clause
// SPDX-FileCopyrightText: The p11-distrust authors

// Loads a PKCS #11 module as a keystore, and says what it would trust.

import java.security.*;
import java.util.Collections;

class Store {
	public static void main(String[] configuration) throws Exception {
		Provider provider = Security.getProvider("SunPKCS11")
				.configure(configuration[0]);
		KeyStore store = KeyStore.getInstance("PKCS11", provider);
		store.load(null, null);
		for (String alias : Collections.list(store.aliases())) {
			System.out.println("TRUSTS " + alias);
		}
		System.out.println("LOADED " + store.size());
	}
}
