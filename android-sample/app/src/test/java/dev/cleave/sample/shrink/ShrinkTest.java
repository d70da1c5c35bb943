package dev.cleave.sample.shrink;

import static org.assertj.core.api.Assertions.assertThat;

import com.android.tools.r8.CompilationMode;
import com.android.tools.r8.Diagnostic;
import com.android.tools.r8.DiagnosticsHandler;
import com.android.tools.r8.JdkClassFileProvider;
import com.android.tools.r8.OutputMode;
import com.android.tools.r8.R8;
import com.android.tools.r8.R8Command;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * R8 shrinks the app with the rules that the libraries bring: no class is missing, and what native code looks for is still there.
 * Android's classes below {@code java} are those of the JDK here; that none is used that Android lacks is checked elsewhere.
 */
class ShrinkTest {
    private static final int API_LEVEL = 26;
    /** On the tests' class path in place of what AARs bring to the app. */
    private static final String FROM_AARS =
            ".*/(onnxruntime-\\d[^/]*|zstd-jni-[^/]*)\\.jar|.*/tflite-classes/target/.*";

    @TempDir
    private Path folder;

    private static final class Complaints implements DiagnosticsHandler {
        final List<String> lines = new ArrayList<>();

        @Override
        public void error(Diagnostic error) {
            lines.add("error: " + error.getDiagnosticMessage());
        }

        @Override
        public void warning(Diagnostic warning) {
            // What several jars tell a JVM's module system, which Android has not.
            if (!warning.getDiagnosticMessage().contains("module-info.class")) {
                lines.add("warning: " + warning.getDiagnosticMessage());
            }
        }
    }

    @Test
    void nothingIsMissingAndWhatIsFoundByNameStays() throws Exception {
        Complaints complaints = new Complaints();
        Path mapping = folder.resolve("mapping.txt");
        R8.run(R8Command.builder(complaints)
                .addLibraryFiles(Path.of(System.getProperty("sample.android")))
                .addLibraryResourceProvider(JdkClassFileProvider.fromJdkHome(Path.of(System.getProperty("java.home"))))
                .addProgramFiles(program())
                .addProguardConfigurationFiles(
                        Path.of("app/proguard-rules.pro"), Path.of(System.getProperty("sample.rules")))
                .setProguardMapOutputPath(mapping)
                .setMinApiLevel(API_LEVEL)
                .setMode(CompilationMode.RELEASE)
                .setOutput(Files.createDirectory(folder.resolve("dex")), OutputMode.DexIndexed)
                .build());
        assertThat(complaints.lines).isEmpty();
        List<String> kept = Files.readAllLines(mapping);
        assertThat(kept)
                .contains("ai.onnxruntime.OrtSession -> ai.onnxruntime.OrtSession:")
                .contains("com.github.luben.zstd.Zstd -> com.github.luben.zstd.Zstd:")
                .contains("dev.cleave.sample.agent.AgentService -> dev.cleave.sample.agent.AgentService:")
                .anyMatch(line -> line.startsWith("dev.cleave.engine.onnxruntime.OnnxRuntimeProvider -> "))
                .anyMatch(line -> line.startsWith("dev.cleave.engine.tflite.android.TfLiteProvider -> "))
                .anyMatch(line -> line.startsWith("io.grpc.okhttp.OkHttpChannelProvider -> "));
        assertThat(kept)
                .as("fields of messages, which are read by name; a name that is kept is not listed")
                .noneMatch(line ->
                        line.matches(" +.* (requestId_|bitField0_) -> .*") && !line.matches(".* (\\w+) -> \\1"));
    }

    /** What the app consists of, each part in one archive, which R8 reads rules and services from as well. */
    private List<Path> program() throws IOException {
        List<Path> program = new ArrayList<>();
        program.add(archive(Path.of("target", "classes"), folder.resolve("app.jar")));
        Stream<String> own = paths(System.getProperty("sample.jars"));
        Stream<String> fromAars = paths(
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")))
                .filter(entry -> entry.matches(FROM_AARS));
        for (String entry : (Iterable<String>) Stream.concat(own, fromAars)::iterator) {
            Path path = Path.of(entry);
            program.add(
                    Files.isDirectory(path) ? archive(path, folder.resolve("part-" + program.size() + ".jar")) : path);
        }
        return program;
    }

    private static Stream<String> paths(String classPath) {
        return Stream.of(classPath.split(File.pathSeparator));
    }

    private static Path archive(Path classes, Path jar) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(file);
                Stream<Path> files = Files.walk(classes)) {
            for (Path part : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                zip.putNextEntry(
                        new ZipEntry(classes.relativize(part).toString().replace(File.separatorChar, '/')));
                Files.copy(part, zip);
            }
        }
        return jar;
    }
}
