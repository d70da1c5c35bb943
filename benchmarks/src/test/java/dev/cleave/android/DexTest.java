package dev.cleave.android;

import static org.assertj.core.api.Assertions.assertThat;

import com.android.tools.r8.CompilationMode;
import com.android.tools.r8.D8;
import com.android.tools.r8.D8Command;
import com.android.tools.r8.Diagnostic;
import com.android.tools.r8.DiagnosticsHandler;
import com.android.tools.r8.JdkClassFileProvider;
import com.android.tools.r8.OutputMode;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Android's compiler takes the agent, what it shares with the gateway, and the engine, for API level 26. */
class DexTest {
    private static final int API_LEVEL = 26;

    @TempDir
    private Path folder;

    /** What D8 has to say, at any level above a remark. */
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
    void agentAndEngineBecomeDalvikCode() throws Exception {
        Complaints complaints = new Complaints();
        D8.run(D8Command.builder(complaints)
                .addLibraryResourceProvider(JdkClassFileProvider.fromJdkHome(Path.of(System.getProperty("java.home"))))
                .addClasspathFiles(libraries())
                .addProgramFiles(AndroidModules.classFiles())
                .setMinApiLevel(API_LEVEL)
                .setMode(CompilationMode.RELEASE)
                .setOutput(folder, OutputMode.DexIndexed)
                .build());
        assertThat(complaints.lines).isEmpty();
        String dex = new String(Files.readAllBytes(folder.resolve("classes.dex")), StandardCharsets.ISO_8859_1);
        assertThat(dex).startsWith("dex\n038");
        assertThat(dex)
                .contains("Ldev/cleave/edge/EdgeAgent;")
                .contains("Ldev/cleave/codec/ActivationCodec;")
                .contains("Ldev/cleave/engine/onnxruntime/OnnxRuntimeEngine;")
                .doesNotContain("java/lang/runtime/ObjectMethods")
                .doesNotContain("java/lang/invoke/StringConcatFactory");
    }

    /** The class path of this test without the project's own classes: gRPC, protobuf, ONNX Runtime. */
    private static List<Path> libraries() {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Stream.of(classPath.split(File.pathSeparator))
                .filter(entry -> entry.endsWith(".jar"))
                .map(Path::of)
                .filter(jar -> jar.getFileName()
                        .toString()
                        .matches("(grpc-|protobuf-java|guava|gson|onnxruntime|zstd-jni|tink).*"))
                .toList();
    }
}
