package dev.cleave.gateway.identity;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which token belongs to which device, as a tokens file says: {@code SHA-256-of-the-token device} per line, {@code #}
 * begins a remark. The file holds no token that could be used; a plain hash is enough, for tokens are random and long,
 * not chosen by people. Immutable.
 */
final class TokenTable {
    private static final Pattern LINE = Pattern.compile("([0-9a-f]{64})\\s+([!-~]{1,128})");

    private final List<Entry> entries;

    private TokenTable(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    /** A device and what its token hashes to. */
    private record Entry(byte[] hash, String device) {}

    /** @throws IOException naming the file and the line that is none; never shows what stands there */
    static TokenTable parse(Path file, byte[] content) throws IOException {
        List<Entry> entries = new ArrayList<>();
        int number = 0;
        for (String line : new String(content, StandardCharsets.UTF_8).split("\n", -1)) {
            number++;
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            Matcher matcher = LINE.matcher(text);
            if (!matcher.matches()) {
                throw new IOException(file + ", line " + number
                        + " is no token; expected its SHA-256 as 64 lower-case hex digits, a space and a device");
            }
            entries.add(new Entry(HexFormat.of().parseHex(matcher.group(1)), matcher.group(2)));
        }
        return new TokenTable(entries);
    }

    int size() {
        return entries.size();
    }

    /**
     * The device that a token belongs to, or null. Every entry is compared, each in a time that does not depend on where
     * it differs, so the time tells nothing about how near a guess was.
     *
     * @param hash SHA-256 of the token
     */
    String deviceOf(byte[] hash) {
        String device = null;
        for (Entry entry : entries) {
            if (MessageDigest.isEqual(entry.hash(), hash)) {
                device = entry.device();
            }
        }
        return device;
    }

    static byte[] hash(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }
}
