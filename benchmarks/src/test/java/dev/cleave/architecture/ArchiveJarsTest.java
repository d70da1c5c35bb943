package dev.cleave.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code deploy/arm64/package} refuses jars that it was told nothing of; this is where somebody who adds a dependency hears of it. */
class ArchiveJarsTest {
    private static final Path CLASS_PATH = Path.of("../cli/target/classpath");

    @Test
    void everyJarOfTheCommandHasALineInTheArchivesList() throws IOException {
        assumeTrue(Files.exists(CLASS_PATH), "the command is not packaged: no " + CLASS_PATH);
        List<PathMatcher> lines = Files.readAllLines(Path.of("../deploy/arm64/jars")).stream()
                .filter(line -> line.startsWith("take ") || line.startsWith("leave "))
                .map(line -> FileSystems.getDefault().getPathMatcher("glob:" + line.split("\\s+")[1]))
                .toList();
        List<String> jars = List.of(Files.readString(CLASS_PATH).strip().split(File.pathSeparator));
        assertThat(jars).hasSizeGreaterThan(20).allSatisfy(jar -> {
            String name = Path.of(jar)
                    .getFileName()
                    .toString()
                    .replaceFirst("\\.jar$", "")
                    .replaceFirst("-[0-9].*", "");
            assertThat(lines).as("line for " + jar).anyMatch(line -> line.matches(Path.of(name)));
        });
    }
}
