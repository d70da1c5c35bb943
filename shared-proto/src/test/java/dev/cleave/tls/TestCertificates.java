package dev.cleave.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import okhttp3.tls.HeldCertificate;

/** Certificates made for a test: a root, and whatever it signs, valid for a day. */
public final class TestCertificates {
    private final HeldCertificate root;

    private TestCertificates(HeldCertificate root) {
        this.root = root;
    }

    /** A root that nobody else trusts. */
    public static TestCertificates root(String name) {
        return new TestCertificates(new HeldCertificate.Builder()
                .certificateAuthority(0)
                .commonName(name)
                .build());
    }

    /** The files of a certificate and its key. */
    public record Pair(Path chain, Path key) {}

    /** Writes the root's certificate. */
    public Path writeRoot(Path file) throws IOException {
        return Files.writeString(file, root.certificatePem());
    }

    /** A certificate for {@code localhost} and 127.0.0.1. */
    public HeldCertificate forLocalhost() {
        return local("localhost").build();
    }

    /** One for {@code localhost} that ended an hour ago. */
    public HeldCertificate expired() {
        long now = System.currentTimeMillis();
        return local("localhost")
                .validityInterval(now - TimeUnit.HOURS.toMillis(2), now - TimeUnit.HOURS.toMillis(1))
                .build();
    }

    /** One for {@code localhost} that begins in an hour. */
    public HeldCertificate notYetValid() {
        long now = System.currentTimeMillis();
        return local("localhost")
                .validityInterval(now + TimeUnit.HOURS.toMillis(1), now + TimeUnit.HOURS.toMillis(2))
                .build();
    }

    /** One for a name that is not this machine's. */
    public HeldCertificate forName(String name) {
        return new HeldCertificate.Builder()
                .commonName(name)
                .addSubjectAlternativeName(name)
                .signedBy(root)
                .build();
    }

    private HeldCertificate.Builder local(String name) {
        return new HeldCertificate.Builder()
                .commonName(name)
                .addSubjectAlternativeName("localhost")
                .addSubjectAlternativeName("127.0.0.1")
                .signedBy(root);
    }

    /**
     * TLS of one side.
     *
     * @param roots file of those that are believed
     * @param shown its own certificate, or null
     */
    public static SSLContext context(Path roots, Pair shown) throws IOException, GeneralSecurityException {
        KeyManager[] own = shown == null
                ? null
                : new KeyManager[] {
                    IdentityFiles.open(shown.chain(), shown.key()).keyManager()
                };
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own, new TrustManager[] {TrustFile.open(roots).trustManager()}, null);
        return context;
    }

    /** Writes {@code NAME.crt} and {@code NAME.key} into a folder, over what is there. */
    public static Pair write(HeldCertificate certificate, Path folder, String name) throws IOException {
        return new Pair(
                Files.writeString(folder.resolve(name + ".crt"), certificate.certificatePem()),
                Files.writeString(folder.resolve(name + ".key"), certificate.privateKeyPkcs8Pem()));
    }
}
