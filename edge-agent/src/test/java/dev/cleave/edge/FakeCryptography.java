package dev.cleave.edge;

import dev.cleave.crypto.Cryptography;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** Signatures that tell keys and messages apart, and keep nobody from forging them. Nothing can be sealed. */
public final class FakeCryptography implements Cryptography {
    @Override
    public byte[] publicKey(byte[] seed) {
        return sha256(seed);
    }

    @Override
    public byte[] sign(byte[] seed, byte[] message) {
        return signature(publicKey(seed), message);
    }

    @Override
    public boolean verify(byte[] publicKey, byte[] message, byte[] signature) {
        return Arrays.equals(signature(publicKey, message), signature);
    }

    private static byte[] signature(byte[] publicKey, byte[] message) {
        return Arrays.copyOf(sha256(publicKey, message), 64);
    }

    private static byte[] sha256(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public WritableByteChannel seal(WritableByteChannel sealed, int prefixBytes, byte[] key, byte[] associatedData)
            throws IOException {
        throw new IOException("nothing can be sealed in a test");
    }

    @Override
    public SeekableByteChannel unseal(SeekableByteChannel sealed, int prefixBytes, byte[] key, byte[] associatedData)
            throws IOException {
        throw new IOException("nothing is sealed in a test");
    }
}
