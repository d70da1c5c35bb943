package dev.cleave.crypto;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * Service through which a module offers signatures and sealed files; listed in {@code META-INF/services}. Thread-safe.
 *
 * <p>Signatures are Ed25519 (RFC 8032). A sealed file is AES-256-GCM over segments of 1 MiB, under a key that is made for
 * the file and a nonce of each segment's own (Tink's {@code AES256_GCM_HKDF_1MB}; Hoang, Reyhanitabar, Rogaway and Vizár,
 * "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015): it can be read from any place, and
 * no segment can be changed, moved, left out or taken from another file unseen.
 */
public interface Cryptography {
    /** Bytes of a sealing key. */
    int SEALING_KEY_BYTES = 32;

    /** The public key that goes with a seed. */
    byte[] publicKey(byte[] seed);

    /** 64 bytes. */
    byte[] sign(byte[] seed, byte[] message);

    /** Whether a signature of the message was made with the seed that goes with the public key. */
    boolean verify(byte[] publicKey, byte[] message, byte[] signature);

    /**
     * What is written to the channel that is returned is sealed into the given one; closing it closes that, too.
     *
     * @param sealed at the end of a prefix that is already written
     * @param prefixBytes length of that prefix, at most 1 KiB
     * @param key {@link #SEALING_KEY_BYTES} bytes
     * @param associatedData what reading must name again, the prefix say; it is not written
     */
    WritableByteChannel seal(WritableByteChannel sealed, int prefixBytes, byte[] key, byte[] associatedData)
            throws IOException;

    /**
     * A view of what was sealed. Reading from it throws {@link IOException} where the file was changed, and for another key
     * or other associated data. Closing it closes the given channel, too.
     *
     * @param sealed from its prefix on; not to be used while the view is
     */
    SeekableByteChannel unseal(SeekableByteChannel sealed, int prefixBytes, byte[] key, byte[] associatedData)
            throws IOException;
}
