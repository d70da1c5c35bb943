package dev.cleave.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the launcher script in a made-up project, with a {@code java} and a {@code mvn} that only write down calls. */
class LauncherTest {
    private record Result(int exitCode, String out, String err) {}

    private static final String FAKE_MAVEN = "#!/bin/sh\n"
            + "echo built >>\"$CALLS\"\n"
            + "mkdir -p cli/target\n"
            + "touch cli/target/cleave.jar cli/target/some.jar\n"
            + "echo \"$PWD/cli/target/some.jar\" >cli/target/classpath\n";

    private static final String FAKE_JAVA = "#!/bin/sh\n"
            + "if [ \"$1\" = -version ]; then echo 'openjdk version \"VERSION.0.1\" 2026-01-01' >&2; exit; fi\n"
            + "while [ \"$1\" != dev.cleave.cli.Cleave ]; do shift; done\n"
            + "shift; for word in \"$@\"; do echo \"<$word>\"; done\n"
            + "echo \"$CLASSPATH $ORT_DISABLE_TELEMETRY\" >\"$SEEN\"\n"
            + "exit 3\n";

    @TempDir
    private Path temporary;

    private Path project;
    private Path bin;

    @BeforeEach
    void makeProject() throws IOException {
        Path launcher = Path.of("../cleave");
        assumeTrue(Files.isRegularFile(launcher) && Files.isExecutable(Path.of("/bin/sh")), "needs a POSIX shell");
        project = temporary.resolve("a project");
        bin = temporary.resolve("bin");
        for (String folder : new String[] {
            "shared-proto",
            "engines",
            "sealing",
            "partitioner",
            "edge-agent",
            "edge-micrometer",
            "cloud-gateway",
            "cli/src/main/java"
        }) {
            Files.createDirectories(project.resolve(folder));
        }
        Files.createDirectories(bin);
        Files.copy(launcher, project.resolve("cleave"));
        executable(project.resolve("cleave"));
        age(Files.writeString(project.resolve("cli/src/main/java/A.java"), "class A {}"));
        age(Files.writeString(project.resolve("pom.xml"), "<project/>"));
        age(project.resolve("cli/src/main/java"));
        age(project.resolve("cli/src/main"));
        for (String tool : new String[] {
            "sh", "dirname", "readlink", "find", "head", "sed", "cat", "mkdir", "touch", "rm", "sleep", "tail"
        }) {
            Path found = Path.of("/usr/bin", tool);
            Files.createSymbolicLink(bin.resolve(tool), Files.exists(found) ? found : Path.of("/bin", tool));
        }
        install("mvn", FAKE_MAVEN);
        install("java", FAKE_JAVA.replace("VERSION", "17"));
    }

    @Test
    void buildsOnTheFirstCallAndPassesWordsAndExitCodeOn() throws Exception {
        Result result = launch(project.resolve("cleave"), "inspect", "a model.onnx", "");
        assertThat(result.out()).isEqualTo("<inspect>\n<a model.onnx>\n<>\n");
        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.err()).startsWith("cleave: building").hasLineCount(1);
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void handsTheClassPathAndNoTelemetryOnToProcessesThatTheCommandStarts() throws Exception {
        launch(project.resolve("cleave"));
        Path target = project.toRealPath().resolve("cli/target");
        assertThat(temporary.resolve("seen"))
                .hasContent(target.resolve("cleave.jar") + ":" + target.resolve("some.jar") + " 1\n");
    }

    @Test
    void doesNotBuildAgainWhileNothingHasChanged() throws Exception {
        launch(project.resolve("cleave"));
        Result second = launch(project.resolve("cleave"));
        assertThat(second.err()).isEmpty();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void buildsAgainWhenASourceIsNewer() throws Exception {
        launch(project.resolve("cleave"));
        inTheFuture(project.resolve("cli/src/main/java/A.java"));
        launch(project.resolve("cleave"));
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void buildsAgainWhenAPomIsNewerOrAJarHasGone() throws Exception {
        launch(project.resolve("cleave"));
        Files.delete(project.resolve("cli/target/some.jar"));
        launch(project.resolve("cleave"));
        assertThat(builds()).isEqualTo(2);
        inTheFuture(project.resolve("pom.xml"));
        launch(project.resolve("cleave"));
        assertThat(builds()).isEqualTo(3);
    }

    @Test
    void doesNotBuildAgainForATest() throws Exception {
        launch(project.resolve("cleave"));
        Path test = project.resolve("cli/src/test/java/ATest.java");
        Files.createDirectories(test.getParent());
        inTheFuture(Files.writeString(test, "class ATest {}"));
        launch(project.resolve("cleave"));
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void worksThroughRelativeAndChainedLinks() throws Exception {
        Path first = Files.createSymbolicLink(bin.resolve("cleave"), Path.of("../a project/cleave"));
        Path second = Files.createSymbolicLink(temporary.resolve("c"), first);
        assertThat(launch(second, "x").out()).isEqualTo("<x>\n");
    }

    @Test
    void saysInOneLineThatJavaIsMissing() throws Exception {
        Files.delete(bin.resolve("java"));
        assertRefused("java is not on the PATH");
    }

    @Test
    void saysInOneLineThatMavenIsMissing() throws Exception {
        Files.delete(bin.resolve("mvn"));
        assertRefused("mvn is not on the PATH");
    }

    @Test
    void refusesAnOldJava() throws Exception {
        install("java", FAKE_JAVA.replace("VERSION", "11"));
        assertRefused("is version 11; expected a JDK 17 or newer");
    }

    @Test
    void namesTheReasonAndTheLogOfAFailedBuild() throws Exception {
        install("mvn", "#!/bin/sh\necho '[ERROR] no such plugin'; echo '[ERROR] more'; exit 1\n");
        Result result = launch(project.resolve("cleave"));
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err())
                .contains("cleave: the build failed: no such plugin; the log is ")
                .doesNotContain("more");
        assertThat(project.resolve("cli/target/build.log")).content().contains("[ERROR] more");
    }

    private void assertRefused(String reason) throws Exception {
        Result result = launch(project.resolve("cleave"));
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).startsWith("cleave: ").contains(reason).hasLineCount(1);
    }

    private Result launch(Path script, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(words));
        Path out = temporary.resolve("out");
        Path err = temporary.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(temporary.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().remove("JAVA_HOME");
        builder.environment().put("PATH", bin.toString());
        builder.environment().put("CALLS", temporary.resolve("calls").toString());
        builder.environment().put("SEEN", temporary.resolve("seen").toString());
        Process process = builder.start();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).as("launcher ends").isTrue();
        return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private long builds() throws IOException {
        return Files.readAllLines(temporary.resolve("calls")).size();
    }

    private void install(String tool, String script) throws IOException {
        executable(Files.write(bin.resolve(tool), script.getBytes(StandardCharsets.UTF_8)));
    }

    private static void executable(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void age(Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis() - 3_600_000));
    }

    private static void inTheFuture(Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis() + 3_600_000));
    }
}
