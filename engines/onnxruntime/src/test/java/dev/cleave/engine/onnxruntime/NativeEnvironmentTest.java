package dev.cleave.engine.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class NativeEnvironmentTest {
    /** What the child process runs. */
    static final class Child {
        private Child() {}

        public static void main(String[] args) throws Exception {
            System.out.println("ONNX Runtime " + NativeEnvironment.get().getVersion());
        }
    }

    @Test
    void madeTwiceIsTheSame() throws Exception {
        assertThat(NativeEnvironment.get()).isSameAs(NativeEnvironment.get());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void longCommandLineDoesNotKillTheProcess() throws Exception {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dpadding=" + "/some/library.jar:".repeat(3000),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName())
                .redirectErrorStream(true)
                .start();
        String printed = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(printed).isZero();
        assertThat(printed).contains("ONNX Runtime 1.");
    }
}
