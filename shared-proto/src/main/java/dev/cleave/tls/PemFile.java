package dev.cleave.tls;

import io.grpc.util.CertificateUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;

/** Reads PEM files; what is wrong with one is said in one line that names it, and never shows what a key file holds. */
final class PemFile {
    private static final int MAX_BYTES = 1 << 20;

    private PemFile() {}

    static byte[] bytes(Path file) throws IOException {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new IOException(
                        file + " has " + Files.size(file) + " bytes; expected a PEM file of at most " + MAX_BYTES);
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IOException(file + " is missing; expected a PEM file", e);
        }
    }

    /** One certificate or more, in the file's order. */
    static X509Certificate[] certificates(Path file, byte[] pem) throws IOException {
        X509Certificate[] certificates;
        try {
            certificates = CertificateUtils.getX509Certificates(new ByteArrayInputStream(pem));
        } catch (CertificateException e) {
            throw new IOException(file + " holds something that is no certificate; expected X.509 in PEM", e);
        }
        if (certificates.length == 0) {
            throw new IOException(file + " holds no certificate; expected X.509 in PEM");
        }
        return certificates;
    }

    static PrivateKey privateKey(Path file, byte[] pem) throws IOException {
        try {
            return CertificateUtils.getPrivateKey(new ByteArrayInputStream(pem));
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            // The cause may quote the file.
            throw new IOException(file + " holds no private key that can be used; expected PKCS#8 in PEM, RSA or EC,"
                    + " not encrypted (-----BEGIN PRIVATE KEY-----)");
        }
    }
}
