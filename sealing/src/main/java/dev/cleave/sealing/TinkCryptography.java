package dev.cleave.sealing;

import com.google.crypto.tink.StreamingAead;
import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import com.google.crypto.tink.subtle.Ed25519Sign;
import com.google.crypto.tink.subtle.Ed25519Verify;
import dev.cleave.crypto.Cryptography;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.security.GeneralSecurityException;

/**
 * {@link Cryptography} by Tink. The platform's own Ed25519 comes with Android 33 and Java 15; Tink's is the same
 * everywhere.
 */
public final class TinkCryptography implements Cryptography {
    private static final int SEGMENT_BYTES = 1 << 20;
    private static final int DERIVED_KEY_BYTES = 32;
    private static final int MAX_PREFIX_BYTES = 1 << 10;

    /** For the service loader. */
    public TinkCryptography() {}

    @Override
    public byte[] publicKey(byte[] seed) {
        try {
            return Ed25519Sign.KeyPair.newKeyPairFromSeed(seed).getPublicKey();
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("no Ed25519 key: " + e.getMessage(), e);
        }
    }

    @Override
    public byte[] sign(byte[] seed, byte[] message) {
        try {
            return new Ed25519Sign(seed).sign(message);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("no Ed25519 key: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
        try {
            new Ed25519Verify(publicKey).verify(signature, message);
            return true;
        } catch (GeneralSecurityException | IllegalArgumentException refused) {
            return false;
        }
    }

    @Override
    public WritableByteChannel seal(WritableByteChannel sealed, int prefixBytes, byte[] key, byte[] associatedData)
            throws IOException {
        try {
            return streaming(key, prefixBytes).newEncryptingChannel(sealed, associatedData);
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot be sealed on this platform: " + e.getMessage(), e);
        }
    }

    @Override
    public SeekableByteChannel unseal(SeekableByteChannel sealed, int prefixBytes, byte[] key, byte[] associatedData)
            throws IOException {
        try {
            return streaming(key, prefixBytes).newSeekableDecryptingChannel(sealed, associatedData);
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot be unsealed: " + e.getMessage(), e);
        }
    }

    /** The first segment is as much shorter as the prefix is long, so all others start at a multiple of their size. */
    private static StreamingAead streaming(byte[] key, int prefixBytes) throws GeneralSecurityException {
        if (key.length != SEALING_KEY_BYTES || prefixBytes < 0 || prefixBytes > MAX_PREFIX_BYTES) {
            throw new IllegalArgumentException("a key of " + key.length + " bytes and a prefix of " + prefixBytes
                    + "; expected " + SEALING_KEY_BYTES + " and 0 to " + MAX_PREFIX_BYTES);
        }
        return new AesGcmHkdfStreaming(key, "HmacSha256", DERIVED_KEY_BYTES, SEGMENT_BYTES, prefixBytes);
    }
}
