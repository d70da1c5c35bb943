package dev.cleave.gateway.identity;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which token belongs to which device, and what that may do, as a tokens file says: {@code SHA-256-of-the-token device [field=value ..]} per line
 * ({@link GrantText}), {@code #} begins a remark. The file holds no token that could be used; a plain hash is enough, for tokens are random and long,
 * not chosen by people. Immutable.
 */
final class TokenTable {
    private static final Pattern LINE = Pattern.compile("([0-9a-f]{64})\\s+([!-~]{1,128})(?:\\s+(\\S.*))?");

    private final List<Entry> entries;
    private final Set<String> devices;

    private TokenTable(List<Entry> entries, Set<String> devices) {
        this.entries = List.copyOf(entries);
        this.devices = Set.copyOf(devices);
    }

    /** A device, what it may do, and what one of its tokens hashes to. */
    record Entry(byte[] hash, String device, Grant grant) {}

    /** @throws IOException naming the file, the line and what is wrong with it; never shows what may be a token */
    static TokenTable parse(Path file, byte[] content) throws IOException {
        List<Entry> entries = new ArrayList<>();
        Map<String, Integer> firstLines = new HashMap<>();
        Map<String, Grant> grants = new HashMap<>();
        int number = 0;
        for (String line : new String(content, StandardCharsets.UTF_8).split("\n", -1)) {
            number++;
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            Entry entry = entry(file, number, text);
            Grant other = grants.putIfAbsent(entry.device(), entry.grant());
            Integer otherLine = firstLines.putIfAbsent(entry.device(), number);
            if (other != null && !other.equals(entry.grant())) {
                throw new IOException(file + ", line " + number + " lets " + entry.device()
                        + " do something else than line " + otherLine + "; expected the same of one device");
            }
            entries.add(entry);
        }
        return new TokenTable(entries, grants.keySet());
    }

    private static Entry entry(Path file, int number, String text) throws IOException {
        Matcher matcher = LINE.matcher(text);
        if (!matcher.matches()) {
            throw new IOException(file + ", line " + number
                    + " is no token; expected its SHA-256 as 64 lower-case hex digits, a space and a device");
        }
        String fields = matcher.group(3);
        try {
            return new Entry(
                    HexFormat.of().parseHex(matcher.group(1)),
                    matcher.group(2),
                    fields == null ? Grant.ALL : GrantText.parse(List.of(fields.split("\\s+"))));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ", line " + number + " " + e.getMessage(), e);
        }
    }

    int size() {
        return entries.size();
    }

    /** Names of all that have a token. */
    Set<String> devices() {
        return devices;
    }

    /** The first device that may not do everything; null if there is none. */
    String restricted() {
        return entries.stream()
                .filter(entry -> !entry.grant().isAll())
                .map(Entry::device)
                .findFirst()
                .orElse(null);
    }

    /**
     * What a token stands for, or null. Every entry is compared, each in a time that does not depend on where
     * it differs, so the time tells nothing about how near a guess was.
     *
     * @param hash SHA-256 of the token
     */
    Entry entryOf(byte[] hash) {
        Entry found = null;
        for (Entry entry : entries) {
            if (MessageDigest.isEqual(entry.hash(), hash)) {
                found = entry;
            }
        }
        return found;
    }

    static byte[] hash(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }
}
