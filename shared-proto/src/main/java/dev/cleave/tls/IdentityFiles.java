package dev.cleave.tls;

import io.grpc.util.AdvancedTlsX509KeyManager;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import javax.net.ssl.KeyManager;

/**
 * A certificate chain and its private key in two PEM files: who this side of a connection is. Handshakes use what the
 * files held when they were last read without a fault. Thread-safe.
 *
 * <p>The two files are not replaced at the same moment. A key that does not belong to the certificate is therefore
 * refused like a file that cannot be read: the former pair stays, and the next {@link #refresh} looks again.
 */
public final class IdentityFiles {
    private static final byte[] PROOF = {'c', 'l', 'e', 'a', 'v', 'e'};

    private final Path chainFile;
    private final Path keyFile;
    private final AdvancedTlsX509KeyManager manager = new AdvancedTlsX509KeyManager();
    private byte[] chainSeen = {};
    private byte[] keySeen = {};
    private volatile X509Certificate certificate;

    private IdentityFiles(Path chainFile, Path keyFile) {
        this.chainFile = chainFile;
        this.keyFile = keyFile;
    }

    /**
     * Reads both files.
     *
     * @param chain PEM; the own certificate first, then those that lead to a root
     * @param key PEM, PKCS#8, RSA or EC, not encrypted
     * @throws IOException in one line that names the file and what is wrong with it
     */
    public static IdentityFiles open(Path chain, Path key) throws IOException {
        IdentityFiles files = new IdentityFiles(chain, key);
        files.refresh();
        return files;
    }

    /**
     * Reads the files again if they have changed.
     *
     * @return whether handshakes to come show another certificate
     * @throws IOException if they cannot be used, in one line; the former pair stays in use
     */
    public synchronized boolean refresh() throws IOException {
        byte[] chainPem = PemFile.bytes(chainFile);
        byte[] keyPem = PemFile.bytes(keyFile);
        if (Arrays.equals(chainPem, chainSeen) && Arrays.equals(keyPem, keySeen)) {
            return false;
        }
        X509Certificate[] chain = PemFile.certificates(chainFile, chainPem);
        PrivateKey key = PemFile.privateKey(keyFile, keyPem);
        requirePair(chain[0].getPublicKey(), key);
        manager.updateIdentityCredentials(chain, key);
        certificate = chain[0];
        chainSeen = chainPem;
        keySeen = keyPem;
        return true;
    }

    /** For a channel's or a server's credentials; always the same object. */
    public KeyManager keyManager() {
        return manager;
    }

    /** The own certificate, the chain's first. */
    public X509Certificate certificate() {
        return certificate;
    }

    private void requirePair(PublicKey publicKey, PrivateKey key) throws IOException {
        if (!key.getAlgorithm().equals(publicKey.getAlgorithm()) || !isPair(publicKey, key)) {
            throw new IOException(keyFile + " does not hold the key of the certificate in " + chainFile);
        }
    }

    private boolean isPair(PublicKey publicKey, PrivateKey key) throws IOException {
        try {
            Signature signature = Signature.getInstance("SHA256with" + (isRsa(key) ? "RSA" : "ECDSA"));
            signature.initSign(key);
            signature.update(PROOF);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(PROOF);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            throw new IOException(keyFile + ": the key cannot be used on this platform (" + e.getMessage() + ")", e);
        }
    }

    private static boolean isRsa(PrivateKey key) {
        return key.getAlgorithm().equals("RSA");
    }
}
