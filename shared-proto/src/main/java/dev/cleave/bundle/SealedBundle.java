package dev.cleave.bundle;

import dev.cleave.crypto.Cryptographies;
import dev.cleave.crypto.Cryptography;
import dev.cleave.crypto.KeyProvider;
import java.io.IOException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.UUID;

/**
 * A bundle's bytes, encrypted: what a device keeps that may be stolen. Opened by {@link Bundle#open(Path, KeyProvider)},
 * which decrypts into memory; nothing is written.
 *
 * <pre>
 * offset 0   8 bytes "CLVSEAL" and the format, 1
 *        8   u8 length of the key's name, 1 to 55
 *        9   the name, printable ASCII, filled up with zeros
 *       64   the bundle, sealed by {@link Cryptography#seal} with the 64 bytes before it as associated data
 * </pre>
 */
public final class SealedBundle {
    static final int HEADER_BYTES = 64;

    private static final byte[] MAGIC = {'C', 'L', 'V', 'S', 'E', 'A', 'L', 1};
    private static final int NAME_AT = MAGIC.length + 1;
    private static final int MAX_NAME = HEADER_BYTES - NAME_AT;
    private static final int BUFFER = 1 << 16;

    private SealedBundle() {}

    /**
     * Seals a bundle file. The result is of another length and other bytes each time.
     *
     * @param keyName 1 to 55 printable ASCII characters; it can be read by everybody
     * @param key {@link Cryptography#SEALING_KEY_BYTES} bytes
     * @param target replaced if it is there; appears whole or not at all
     * @throws IOException if the bundle cannot be read or the target not written
     */
    public static void seal(Path bundle, String keyName, byte[] key, Path target) throws IOException {
        byte[] header = header(keyName);
        Cryptography cryptography = Cryptographies.find();
        Path part = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".part");
        part.toFile().deleteOnExit();
        try {
            try (FileChannel in = FileChannel.open(bundle, StandardOpenOption.READ);
                    FileChannel out = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                writeFully(out, ByteBuffer.wrap(header));
                try (WritableByteChannel sealing = cryptography.seal(out, HEADER_BYTES, key, header)) {
                    copy(in, sealing);
                }
            }
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static void copy(FileChannel in, WritableByteChannel out) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        while (in.read(buffer) >= 0) {
            ((Buffer) buffer).flip();
            writeFully(out, buffer);
            ((Buffer) buffer).clear();
        }
    }

    private static void writeFully(WritableByteChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    private static byte[] header(String keyName) {
        byte[] name = keyName.getBytes(StandardCharsets.US_ASCII);
        if (!isName(name) || !keyName.equals(new String(name, StandardCharsets.US_ASCII))) {
            throw new IllegalArgumentException(
                    "key name \"" + keyName + "\"; expected 1 to " + MAX_NAME + " printable ASCII characters");
        }
        byte[] header = Arrays.copyOf(MAGIC, HEADER_BYTES);
        header[MAGIC.length] = (byte) name.length;
        System.arraycopy(name, 0, header, NAME_AT, name.length);
        return header;
    }

    private static boolean isName(byte[] name) {
        boolean printable = name.length >= 1 && name.length <= MAX_NAME;
        for (byte b : name) {
            printable &= b > ' ' && b < 0x7f;
        }
        return printable;
    }

    /**
     * The name of the key that a file is sealed with, or null if it is no sealed bundle.
     *
     * @throws BundleException if it is one of another release
     */
    public static String keyName(Path file) throws IOException {
        byte[] header = readHeader(file);
        return header == null ? null : name(file, header);
    }

    /** Null if the file does not begin as a sealed bundle does. */
    private static byte[] readHeader(Path file) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (header.hasRemaining() && channel.read(header) >= 0) {
                continue;
            }
        }
        byte[] bytes = header.array();
        boolean sealed = !header.hasRemaining();
        for (int i = 0; i < MAGIC.length - 1; i++) {
            sealed &= bytes[i] == MAGIC[i];
        }
        return sealed ? bytes : null;
    }

    private static String name(Path file, byte[] header) throws BundleException {
        int format = header[MAGIC.length - 1];
        if (format != MAGIC[MAGIC.length - 1]) {
            throw new BundleException(file + " is sealed in format " + format + "; expected 1");
        }
        int length = header[MAGIC.length];
        byte[] name =
                length < 1 || length > MAX_NAME ? new byte[0] : Arrays.copyOfRange(header, NAME_AT, NAME_AT + length);
        byte[] rest = Arrays.copyOfRange(header, Math.min(HEADER_BYTES, NAME_AT + name.length), HEADER_BYTES);
        if (!isName(name) || !Arrays.equals(rest, new byte[rest.length])) {
            throw new BundleException(
                    file + " is sealed with a key whose name cannot be read; expected printable ASCII");
        }
        return new String(name, StandardCharsets.US_ASCII);
    }

    /** Where the bytes of a file are that may be sealed. */
    static Storage storage(Path file, KeyProvider keys) throws IOException {
        byte[] header = readHeader(file);
        if (header == null) {
            return new PlainStorage(file);
        }
        String name = name(file, header);
        if (keys == null) {
            throw new BundleException(file + " is sealed with key \"" + name + "\"; expected that key");
        }
        return new Unsealing(file, name, header, keys);
    }

    /** Decrypts what is read, each time anew; keeps no key. */
    private static final class Unsealing implements Storage {
        private final Path file;
        private final String name;
        private final byte[] header;
        private final KeyProvider keys;
        private final Cryptography cryptography;

        Unsealing(Path file, String name, byte[] header, KeyProvider keys) throws IOException {
            this.file = file;
            this.name = name;
            this.header = header;
            this.keys = keys;
            this.cryptography = Cryptographies.find();
        }

        @Override
        public Path file() {
            return file;
        }

        @Override
        public boolean isPlain() {
            return false;
        }

        @Override
        public SeekableByteChannel open() throws IOException {
            byte[] key = keys.key(name);
            try {
                if (key == null || key.length != Cryptography.SEALING_KEY_BYTES) {
                    throw new BundleException("key \"" + name + "\" has " + (key == null ? 0 : key.length)
                            + " bytes; expected " + Cryptography.SEALING_KEY_BYTES);
                }
                FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                return new UnsealedChannel(cryptography.unseal(channel, HEADER_BYTES, key, header), name);
            } finally {
                if (key != null) {
                    Arrays.fill(key, (byte) 0);
                }
            }
        }
    }
}
