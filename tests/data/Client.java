// SPDX-License-Identifier: BSD-3-Clause
// SPDX-FileCopyrightText: The p11-distrust authors

// An HTTPS client with Java's own trust: says of each address what happened.

import java.net.URL;
import javax.net.ssl.*;

class Client {
	public static void main(String[] addresses) throws Exception {
		for (String address : addresses) {
			String verdict = "ACCEPTED";
			try {
				var site = (HttpsURLConnection) new URL(address)
						.openConnection();
				site.getInputStream().readAllBytes();
			} catch (SSLHandshakeException e) {
				verdict = "REJECTED " + e.getMessage();
			}
			System.out.println(verdict);
		}
	}
}
