package dev.cleave.tls;

import io.grpc.util.AdvancedTlsX509TrustManager;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.net.ssl.TrustManager;

/**
 * Certificates of those who are believed, in a PEM file: the other side of a connection must show a certificate that
 * leads to one of them, and a gateway one that is for its name. Handshakes use what the file held when it was last read
 * without a fault. Thread-safe.
 */
public final class TrustFile {
    private final Path file;
    private final AdvancedTlsX509TrustManager manager;
    private byte[] seen = {};

    private TrustFile(Path file) throws IOException {
        this.file = file;
        try {
            this.manager = AdvancedTlsX509TrustManager.newBuilder().build();
        } catch (GeneralSecurityException e) {
            throw new IOException("this platform checks no certificates: " + e.getMessage(), e);
        }
    }

    /**
     * Reads the file.
     *
     * @param file PEM, one certificate or more
     * @throws IOException in one line that names the file and what is wrong with it
     */
    public static TrustFile open(Path file) throws IOException {
        TrustFile trust = new TrustFile(file);
        trust.refresh();
        return trust;
    }

    /**
     * Reads the file again if it has changed.
     *
     * @return whether others are believed now
     * @throws IOException if it cannot be used, in one line; those of before are still believed
     */
    public synchronized boolean refresh() throws IOException {
        byte[] pem = PemFile.bytes(file);
        if (Arrays.equals(pem, seen)) {
            return false;
        }
        try {
            manager.updateTrustCredentials(PemFile.certificates(file, pem));
        } catch (GeneralSecurityException e) {
            throw new IOException(file + ": certificates cannot be used on this platform (" + e.getMessage() + ")", e);
        }
        seen = pem;
        return true;
    }

    /** For a channel's or a server's credentials; always the same object. */
    public TrustManager trustManager() {
        return manager;
    }
}
