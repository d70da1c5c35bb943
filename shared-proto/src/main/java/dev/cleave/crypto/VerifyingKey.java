package dev.cleave.crypto;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The public half of an Ed25519 key: what a signature is checked with, and what the key is known by.
 *
 * @param hex its 32 bytes in lower-case hex digits
 */
public record VerifyingKey(String hex) {
    public VerifyingKey {
        if (!Hex.is(hex, Ed25519Pem.KEY_BYTES)) {
            throw new IllegalArgumentException(
                    "a public key of " + hex.length() + " characters; expected 64 lower-case hex digits");
        }
    }

    /**
     * Reads a PEM file, as {@code cleave keygen} and {@code openssl pkey -pubout} write it.
     *
     * @throws IOException in one line that names the file
     */
    public static VerifyingKey read(Path file) throws IOException {
        return new VerifyingKey(Hex.of(Ed25519Pem.readPublic(file)));
    }

    /** The PEM file's text. */
    public String pem() {
        return Ed25519Pem.writePublic(bytes());
    }

    /** A new array. */
    public byte[] bytes() {
        return Hex.parse(hex);
    }
}
