package dev.cleave.gateway.folder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UseOrderTest {
    @TempDir
    Path folder;

    private Path file(String name, String time) throws IOException {
        Path file = Files.createFile(folder.resolve(name));
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse(time)));
        return file;
    }

    private static Instant time(Path file) throws IOException {
        return Files.getLastModifiedTime(file).toInstant();
    }

    @Test
    void leavesTheTimeOfWhatIsTheLatestAnyway() throws Exception {
        Path a = file("a", "2020-01-01T00:00:00Z");
        Path b = file("b", "2020-01-02T00:00:00Z");
        UseOrder.markLast(b, List.of(a, b, folder.resolve("gone")));
        assertThat(time(b)).isEqualTo("2020-01-02T00:00:00Z");
    }

    @Test
    void keepsTheOrderOfUseWhateverTheClockSaidAtEach() throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        List<Path> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            all.add(file("f" + i, "20" + random.nextInt(10, 99) + "-01-01T00:00:00Z"));
        }
        List<Path> used = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Path next = all.get(random.nextInt(all.size()));
            UseOrder.markLast(next, all);
            used.remove(next);
            used.add(next);
        }
        List<Path> sorted = new ArrayList<>(used);
        sorted.sort(Comparator.comparing(file -> file.toFile().lastModified()));
        assertThat(sorted).isEqualTo(used).hasSize(all.size());
    }

    @Test
    void goesNoFurtherThanFileSystemsCan() throws Exception {
        Path spoilt = file("spoilt", "2300-01-01T00:00:00Z");
        Path a = file("a", "2020-01-01T00:00:00Z");
        UseOrder.markLast(a, List.of(spoilt, a));
        assertThat(time(a)).isEqualTo("2200-01-01T00:00:01Z");
    }
}
