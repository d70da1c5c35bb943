package dev.cleave.gateway.identity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/** A tokens file as it was when it was last read without a fault. Thread-safe. */
public final class DeviceTokens {
    private static final long MAX_BYTES = 16 << 20;

    private final Path file;
    private byte[] seen;
    private volatile TokenTable table;

    private DeviceTokens(Path file) {
        this.file = file;
    }

    /** @throws IOException naming the file and what is wrong with it */
    public static DeviceTokens open(Path file) throws IOException {
        DeviceTokens tokens = new DeviceTokens(file);
        tokens.refresh();
        return tokens;
    }

    /**
     * Reads the file again if it has changed.
     *
     * @return whether others are let in now
     * @throws IOException if it cannot be used; those of before are still let in
     */
    public synchronized boolean refresh() throws IOException {
        byte[] content = read();
        if (seen != null && Arrays.equals(content, seen)) {
            return false;
        }
        table = TokenTable.parse(file, content);
        seen = content;
        return true;
    }

    private byte[] read() throws IOException {
        try {
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new IOException(file + " has " + size + " bytes; expected tokens of at most " + MAX_BYTES);
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IOException(file + " is missing; expected a tokens file", e);
        }
    }

    int size() {
        return table.size();
    }

    /** The device that shows a token, or null if nobody is known by it. */
    public Device device(String token) {
        byte[] hash = TokenTable.hash(token);
        String name = table.deviceOf(hash);
        return name == null ? null : new Device(name, () -> name.equals(table.deviceOf(hash)));
    }
}
