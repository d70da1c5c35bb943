package dev.cleave.crypto;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;

/**
 * The PEM files of Ed25519 keys, as OpenSSL writes them: RFC 8410, whose DER is the same for every key but for its last 32
 * bytes.
 */
final class Ed25519Pem {
    static final int KEY_BYTES = 32;

    /** PrivateKeyInfo of PKCS#8, version 0, id-Ed25519, an octet string in an octet string. */
    private static final byte[] PRIVATE = Hex.parse("302e020100300506032b657004220420");
    /** SubjectPublicKeyInfo, id-Ed25519, a bit string. */
    private static final byte[] PUBLIC = Hex.parse("302a300506032b6570032100");

    private static final int MAX_BYTES = 1 << 14;

    private Ed25519Pem() {}

    static byte[] readPublic(Path file) throws IOException {
        return read(file, PUBLIC, "PUBLIC KEY");
    }

    static byte[] readPrivate(Path file) throws IOException {
        return read(file, PRIVATE, "PRIVATE KEY");
    }

    static String writePublic(byte[] key) {
        return write(PUBLIC, key, "PUBLIC KEY");
    }

    static String writePrivate(byte[] seed) {
        return write(PRIVATE, seed, "PRIVATE KEY");
    }

    private static byte[] read(Path file, byte[] prefix, String label) throws IOException {
        byte[] der = der(text(file), label);
        boolean fits = der != null && der.length == prefix.length + KEY_BYTES;
        if (!fits || !Arrays.equals(Arrays.copyOf(der, prefix.length), prefix)) {
            throw new IOException(file + " is no Ed25519 " + label.toLowerCase(Locale.ROOT)
                    + "; expected PEM (-----BEGIN " + label + "-----), such as cleave keygen writes");
        }
        return Arrays.copyOfRange(der, prefix.length, der.length);
    }

    private static String text(Path file) throws IOException {
        try {
            return Files.size(file) > MAX_BYTES
                    ? ""
                    : new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw new IOException(file + " is missing; expected a key in PEM", e);
        }
    }

    /** What is between the two marks, or null. */
    private static byte[] der(String text, String label) {
        String begin = "-----BEGIN " + label + "-----";
        int from = text.indexOf(begin);
        int to = text.indexOf("-----END " + label + "-----");
        if (from < 0 || to < from) {
            return null;
        }
        try {
            return Base64.getMimeDecoder().decode(text.substring(from + begin.length(), to));
        } catch (IllegalArgumentException malformed) {
            return null;
        }
    }

    private static String write(byte[] prefix, byte[] key, String label) {
        byte[] der = Arrays.copyOf(prefix, prefix.length + key.length);
        System.arraycopy(key, 0, der, prefix.length, key.length);
        return "-----BEGIN " + label + "-----\n" + Base64.getEncoder().encodeToString(der) + "\n-----END " + label
                + "-----\n";
    }
}
