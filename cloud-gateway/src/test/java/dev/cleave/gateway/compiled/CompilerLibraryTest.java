package dev.cleave.gateway.compiled;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompilerLibraryTest {
    @TempDir
    Path folder;

    @Test
    void theVersionIsInTheNameThatTheLinkLeadsTo() throws Exception {
        Files.createFile(folder.resolve("libnvinfer.so.10.15.1"));
        Files.createSymbolicLink(folder.resolve("libnvinfer.so.10"), Path.of("libnvinfer.so.10.15.1"));
        assertThat(CompilerLibrary.version(List.of(folder.resolve("none"), folder)))
                .isEqualTo("10.15.1");
    }

    @Test
    void aLibraryThatDoesNotTellIsOfNoVersion() throws Exception {
        assertThat(CompilerLibrary.version(List.of(folder))).isEmpty();
        Files.createFile(folder.resolve("libnvinfer.so.10"));
        assertThat(CompilerLibrary.version(List.of(folder))).isEmpty();
    }

    @Test
    void theLoadersPathComesFirst() {
        assertThat(CompilerLibrary.folders(Map.of("LD_LIBRARY_PATH", "/a::/b")))
                .startsWith(Path.of("/a"), Path.of("/b"), Path.of("/usr/lib/x86_64-linux-gnu"));
    }
}
