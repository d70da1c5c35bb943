package dev.cleave.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
    @TempDir
    Path folder;

    private final Clock clock = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);

    @Test
    void writesOneObjectALine() throws Exception {
        AuditLog log = new AuditLog(folder.resolve("audit.jsonl"), 1 << 20, clock);
        log.record("anna", "load", "m\"\n", "3", "ok");
        assertThat(Files.readAllLines(folder.resolve("audit.jsonl")))
                .containsExactly("{\"time\":\"2026-01-02T03:04:05Z\",\"who\":\"anna\",\"action\":\"load\","
                        + "\"model\":\"m\\\"\\n\",\"version\":\"3\",\"outcome\":\"ok\"}");
    }

    @Test
    void takesNoMoreRoomHoweverMuchHappens() throws Exception {
        AuditLog log = new AuditLog(folder.resolve("audit.jsonl"), 2_000, clock);
        for (int i = 0; i < 500; i++) {
            log.record("anna", "load", "m", Integer.toString(i), "x".repeat(10_000));
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(AuditLog.KEPT + 1);
            for (Path file : all) {
                assertThat(Files.size(file)).isLessThanOrEqualTo(2_000);
            }
        }
        assertThat(Files.readString(folder.resolve("audit.jsonl"))).contains("\"version\":\"499\"");
    }
}
