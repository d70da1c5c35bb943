package dev.cleave.crypto;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;

/**
 * Sealing keys in a text file: {@code NAME KEY} per line, the key as 64 lower-case hex digits; {@code #} begins a remark.
 * For machines whose disk is safe from those who may get the bundle; a device that may be stolen takes its keys from
 * hardware.
 */
public final class SealingKeyFile implements KeyProvider {
    private static final int MAX_BYTES = 1 << 16;

    private final Path file;

    /** Nothing is read yet. */
    public SealingKeyFile(Path file) {
        this.file = file;
    }

    /** A line with a new key. */
    public static String newLine(String name, SecureRandom random) {
        byte[] key = new byte[Cryptography.SEALING_KEY_BYTES];
        random.nextBytes(key);
        return name + " " + Hex.of(key) + "\n";
    }

    @Override
    public byte[] key(String name) throws IOException {
        int number = 0;
        for (String line : text().split("\n")) {
            number++;
            String trimmed = line.trim();
            if (trimmed.isEmpty() || trimmed.startsWith("#")) {
                continue;
            }
            String[] words = trimmed.split("\\s+");
            if (words.length != 2 || !Hex.is(words[1], Cryptography.SEALING_KEY_BYTES)) {
                throw new IOException(file + ", line " + number
                        + " is no key; expected its name, a space and 64 lower-case hex digits");
            }
            if (words[0].equals(name)) {
                return Hex.parse(words[1]);
            }
        }
        throw new IOException(file + " holds no key \"" + name + "\"; expected one that the bundle is sealed with");
    }

    private String text() throws IOException {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new IOException(
                        file + " has " + Files.size(file) + " bytes; expected keys of at most " + MAX_BYTES);
            }
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new IOException(file + " is missing; expected sealing keys", e);
        }
    }
}
