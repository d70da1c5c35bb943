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
    private static final String JARS =
            "(grpc-(?!netty|services|inprocess|testing|protobuf-\\d).*|protobuf-javalite.*|guava.*|failureaccess.*|gson.*|okio.*|perfmark.*"
                    + "|onnxruntime-\\d.*|zstd-jni.*|annotations-api.*|jsr305.*|kotlin-stdlib.*|annotations-[0-9].*|j2objc-annotations.*|error_prone_annotations.*|animal-sniffer-annotations.*)\\.jar";
    private static final String MODULES =
            ".*/(shared-proto|edge-agent|onnxruntime|tflite|tflite-session|tflite-classes|android-sample)/target/.*";

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
            lines.add("warning: " + warning.getDiagnosticMessage());
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
                .as("fields of messages, which are read by name")
                .anyMatch(line -> line.matches(" +int bitField0_ -> bitField0_")
                        || line.matches(" +.* requestId_ -> requestId_"));
    }

    /** What the app consists of, each part in one archive, which R8 reads rules and services from as well. */
    private List<Path> program() throws IOException {
        List<Path> program = new ArrayList<>();
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        for (String entry : classPath.split(File.pathSeparator)) {
            Path path = Path.of(entry);
            if (Files.isDirectory(path) && path.endsWith("classes") && entry.matches(MODULES)) {
                program.add(archive(path, folder.resolve("part-" + program.size() + ".jar")));
            } else if (path.getFileName().toString().matches(JARS)
                    || entry.endsWith(".jar") && entry.matches(MODULES) && !entry.endsWith("tests.jar")) {
                program.add(path);
            }
        }
        for (String jar : System.getProperty("sample.jars").split(File.pathSeparator)) {
            program.add(Path.of(jar));
        }
        assertThat(program).hasSizeGreaterThan(12);
        return program;
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
