package dev.cleave.gateway.admin;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What operators did, one JSON object a line. The file is put aside when it is full, and the oldest of those is dropped.
 * Thread-safe.
 */
final class AuditLog {
    static final int KEPT = 4;
    private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
    private static final int MAX_TEXT = 512;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final long maxBytes;
    private final Clock clock;

    /** @param maxBytes of one file */
    AuditLog(Path file, long maxBytes, Clock clock) {
        this.file = file;
        this.maxBytes = maxBytes;
        this.clock = clock;
    }

    /** @param outcome {@code ok}, or why not */
    synchronized void record(String who, String action, String model, String version, String outcome) {
        ObjectNode line = JSON.createObjectNode()
                .put("time", clock.instant().toString())
                .put("who", cut(who))
                .put("action", cut(action))
                .put("model", cut(model))
                .put("version", cut(version))
                .put("outcome", cut(outcome));
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            if (Files.exists(file) && Files.size(file) + bytes.length > maxBytes) {
                rotate();
            }
            append(bytes);
        } catch (IOException e) {
            LOG.error("audit log {} cannot be written ({}): {}", file, e, line);
        }
    }

    /** All of a line or nothing: what a full disk cut short would make a line that is none. */
    private void append(byte[] line) throws IOException {
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            long end = out.size();
            boolean whole = false;
            try {
                ByteBuffer left = ByteBuffer.wrap(line);
                while (left.hasRemaining()) {
                    out.write(left, end + left.position());
                }
                whole = true;
            } finally {
                if (!whole) {
                    out.truncate(end);
                }
            }
        }
    }

    private void rotate() throws IOException {
        for (int i = KEPT - 1; i >= 0; i--) {
            Path from = i == 0 ? file : aside(i);
            if (Files.exists(from)) {
                Files.move(from, aside(i + 1), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private Path aside(int index) {
        return file.resolveSibling(file.getFileName() + "." + index);
    }

    private static String cut(String text) {
        return text.substring(0, Math.min(text.length(), MAX_TEXT));
    }
}
