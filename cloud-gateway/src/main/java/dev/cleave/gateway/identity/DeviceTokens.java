package dev.cleave.gateway.identity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/** A tokens file as it was when it was last read without a fault, and what each device of it has used up. Thread-safe. */
public final class DeviceTokens {
    private static final long MAX_BYTES = 16 << 20;

    private final Path file;
    private final boolean isForOperators;
    private final BiConsumer<String, String> denied;
    private final LongSupplier clock;
    private final Map<String, Usage> usages = new ConcurrentHashMap<>();
    private byte[] seen;
    private volatile TokenTable table;

    private DeviceTokens(Path file, boolean isForOperators, BiConsumer<String, String> denied, LongSupplier clock) {
        this.file = file;
        this.isForOperators = isForOperators;
        this.denied = denied;
        this.clock = clock;
    }

    /**
     * @param denied told a device and what it was not given: {@code model}, {@code rate}, {@code bytes} or {@code streams}
     * @throws IOException naming the file and what is wrong with it
     */
    public static DeviceTokens open(Path file, BiConsumer<String, String> denied, LongSupplier clock)
            throws IOException {
        return opened(new DeviceTokens(file, false, denied, clock));
    }

    /**
     * Of people who may do everything: a file that says less of one is refused, as nobody would keep him to it.
     *
     * @throws IOException naming the file and what is wrong with it
     */
    public static DeviceTokens ofOperators(Path file) throws IOException {
        return opened(new DeviceTokens(file, true, (device, what) -> {}, System::nanoTime));
    }

    /**
     * Whether a file of this content could be read.
     *
     * @param file for the message
     * @throws IOException naming the file, the line and what is wrong with it
     */
    public static void check(Path file, byte[] content) throws IOException {
        TokenTable.parse(file, content);
    }

    private static DeviceTokens opened(DeviceTokens tokens) throws IOException {
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
        TokenTable parsed = TokenTable.parse(file, content);
        if (isForOperators && parsed.restricted() != null) {
            throw new IOException(file + " limits what " + parsed.restricted()
                    + " may do, which is for devices; expected names alone");
        }
        table = parsed;
        usages.keySet().retainAll(parsed.devices());
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

    TokenTable table() {
        return table;
    }

    void denied(String device, String what) {
        denied.accept(device, what);
    }

    /** The device that shows a token, or null if nobody is known by it. */
    public Device device(String token) {
        TokenTable now = table;
        TokenTable.Entry entry = now.entryOf(TokenTable.hash(token));
        return entry == null
                ? null
                : new Device(
                        this,
                        now,
                        entry,
                        usages.computeIfAbsent(entry.device(), device -> new Usage(clock.getAsLong())));
    }
}
