package dev.cleave.crypto;

import java.io.IOException;

/**
 * Gives the keys of sealed bundles: from a file, a platform's key store, a key service. Asked each time a bundle is read,
 * on the thread that reads it; what it returns is used for that and then overwritten. Thread-safe.
 */
@FunctionalInterface
public interface KeyProvider {
    /**
     * A key by its name.
     *
     * @param name that the bundle was sealed with, printable ASCII
     * @return {@link Cryptography#SEALING_KEY_BYTES} bytes, the caller's to overwrite
     * @throws IOException if there is no such key, in one line
     */
    byte[] key(String name) throws IOException;
}
