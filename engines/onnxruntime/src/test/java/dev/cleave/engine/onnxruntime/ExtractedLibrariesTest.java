package dev.cleave.engine.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExtractedLibrariesTest {
    @TempDir
    private Path temporary;

    @Test
    void deletesMappedLibrariesAtOnceAndTheirFolderInTheEnd() throws IOException {
        Path folder = Files.createDirectory(temporary.resolve("onnxruntime-java42"));
        Path library = Files.createFile(folder.resolve("libonnxruntime.so"));
        Path provider = Files.createFile(folder.resolve("libonnxruntime_providers_shared.so"));
        String line = "7f00-7f01 r-xp 00000000 fe:00 1234                       " + library;

        Set<File> folders = ExtractedLibraries.deleteMapped(new StringReader(line + "\n" + line));

        assertThat(library).doesNotExist();
        assertThat(provider).exists(); // Unpacked, and mapped only when a provider is added.
        assertThat(folders).containsExactly(folder.toFile());
        Files.createFile(folder.resolve("libonnxruntime_providers_cuda.so"));
        ExtractedLibraries.deleteAll(folders);
        assertThat(folder).doesNotExist();
    }

    @Test
    void leavesEveryOtherMappedFileAlone() throws IOException {
        Path installed = Files.createFile(temporary.resolve("libonnxruntime.so"));
        String maps = "7f00-7f01 r-xp 00000000 fe:00 1234 " + installed + "\n7f00-7f01 rw-p 00000000 00:00 0 [heap]\n";

        assertThat(ExtractedLibraries.deleteMapped(new StringReader(maps))).isEmpty();
        assertThat(installed).exists();
    }
}
