package dev.cleave.crypto;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;

/** The private half of an Ed25519 key. Nothing shows it but {@link #pem}. Immutable. */
public final class SigningKey {
    private final byte[] seed;

    private SigningKey(byte[] seed) {
        this.seed = seed;
    }

    /** A new key. */
    public static SigningKey generate(SecureRandom random) {
        byte[] seed = new byte[Ed25519Pem.KEY_BYTES];
        random.nextBytes(seed);
        return new SigningKey(seed);
    }

    /**
     * Reads a PEM file, as {@code cleave keygen} and {@code openssl genpkey -algorithm ed25519} write it.
     *
     * @throws IOException in one line that names the file and does not show it
     */
    public static SigningKey read(Path file) throws IOException {
        return new SigningKey(Ed25519Pem.readPrivate(file));
    }

    /** The PEM file's text: the secret itself. */
    public String pem() {
        return Ed25519Pem.writePrivate(seed);
    }

    public VerifyingKey verifyingKey(Cryptography cryptography) {
        return new VerifyingKey(Hex.of(cryptography.publicKey(seed)));
    }

    /** 64 bytes. */
    public byte[] sign(byte[] message, Cryptography cryptography) {
        return cryptography.sign(seed, message);
    }
}
