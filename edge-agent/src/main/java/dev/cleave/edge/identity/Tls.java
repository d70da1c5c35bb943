package dev.cleave.edge.identity;

import java.nio.file.Path;
import java.util.Objects;

/**
 * How an agent speaks TLS. All files are PEM, and read again before each new stream: a certificate that was renewed, or a
 * root that was added, is used from the next connection on, while the one that is open stays open.
 *
 * @param trustedCertificates of the roots that may vouch for a gateway; null: those of the system
 * @param certificate this device's chain, its own first, for gateways that ask for one; null: none
 * @param privateKey of that certificate: PKCS#8, RSA or EC, not encrypted; null exactly if there is no certificate
 * @param gatewayName that the gateway's certificate must be for; null: the host that is connected to
 */
public record Tls(Path trustedCertificates, Path certificate, Path privateKey, String gatewayName) {
    public Tls {
        if ((certificate == null) != (privateKey == null)) {
            throw new IllegalArgumentException("a certificate and its private key go together; expected both or none");
        }
    }

    /** Gateways whose certificate leads to a root of the system. */
    public static Tls systemTrust() {
        return new Tls(null, null, null, null);
    }

    /** Gateways whose certificate leads to one in this file, and no others. */
    public static Tls trusting(Path certificates) {
        return new Tls(Objects.requireNonNull(certificates, "certificates"), null, null, null);
    }

    /** The same, and this device shows a certificate of its own. */
    public Tls withCertificate(Path chain, Path key) {
        return new Tls(trustedCertificates, chain, key, gatewayName);
    }

    /** The same, for a gateway that is reached by another name or address than its certificate's. */
    public Tls withGatewayName(String name) {
        return new Tls(trustedCertificates, certificate, privateKey, name);
    }
}
