package dev.cleave.gateway.trial;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptReportsTest {
    private static final PlainJob JOB = new PlainJob("fake", new ModelFiles("m.onnx", Path.of("m.onnx"), Map.of()));
    private static final int MOST = 256;

    @TempDir
    Path folder;

    private static TrialReport report(int width) {
        Shape shape = Shape.of(Shape.BATCH, width);
        return new TrialReport(
                List.of(new TensorSpec("x", ElementType.FLOAT32, shape)),
                List.of(new TensorSpec("y", ElementType.FLOAT32, shape)),
                "",
                new RunMemory(3, 12 * width, 1 << 20));
    }

    @Test
    void findsWhatWasKeptByItsDigestAlone() {
        new KeptReports(folder.resolve("trials")).keep("a", JOB, report(1));
        KeptReports later = new KeptReports(folder.resolve("trials"));
        assertThat(later.find("a", JOB)).isEqualTo(report(1));
        assertThat(later.find("b", JOB)).isNull();
    }

    @Test
    void forgetsTheOldest() throws Exception {
        KeptReports kept = new KeptReports(folder);
        for (int i = 0; i < MOST + 2; i++) {
            kept.keep("d" + i, JOB, report(i + 1));
            if (i < MOST) {
                Files.setLastModifiedTime(folder.resolve("d" + i + ".json"), FileTime.from(Instant.ofEpochSecond(i)));
            }
        }
        try (var files = Files.list(folder)) {
            assertThat(files).hasSize(MOST);
        }
        assertThat(kept.find("d0", JOB)).isNull();
        assertThat(kept.find("d1", JOB)).isNull();
        assertThat(kept.find("d2", JOB)).isEqualTo(report(3));
        assertThat(kept.find("d" + (MOST + 1), JOB)).isEqualTo(report(MOST + 2));
    }

    @Test
    void keepsWhatIsWrittenAfterTheClockWasSetBack() throws Exception {
        KeptReports kept = new KeptReports(folder);
        Instant ahead = Instant.parse("2101-01-01T00:00:00Z");
        for (int i = 0; i < MOST; i++) {
            Path file = Files.writeString(folder.resolve("d" + i + ".json"), "{}");
            Files.setLastModifiedTime(file, FileTime.from(ahead.plusSeconds(i)));
        }
        kept.keep("new", JOB, report(1));
        kept.keep("newer", JOB, report(2));
        assertThat(kept.find("new", JOB)).isEqualTo(report(1));
        assertThat(kept.find("newer", JOB)).isEqualTo(report(2));
        assertThat(folder.resolve("d0.json")).doesNotExist();
        assertThat(folder.resolve("d1.json")).doesNotExist();
        assertThat(folder.resolve("d2.json")).exists();
    }

    @Test
    void whatCannotBeKeptHindersNobody() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        KeptReports kept = new KeptReports(file);
        kept.keep("a", JOB, report(1));
        assertThat(kept.find("a", JOB)).isNull();
    }
}
