package dev.cleave.cli.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cleave.cli.Cleave;
import dev.cleave.cli.failure.ExitCodes;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What deploy/systemd holds: the unit means what the daemon understands, and the installer makes a daemon that starts. */
class DeployTest {
    private static final Path DEPLOY = Path.of("../deploy/systemd");
    private static final String PROGRAM = "/opt/cleave/bin/cleave-agent";

    private static final Map<String, String> KINDS =
            Map.of("Linux amd64", "linux-x64", "Linux aarch64", "linux-aarch64");

    @TempDir
    private Path folder;

    private static String execStart() throws IOException {
        try (Stream<String> lines = Files.lines(DEPLOY.resolve("cleave-agent.service"))) {
            return lines.filter(line -> line.startsWith("ExecStart="))
                    .map(line -> line.substring("ExecStart=".length()))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static String setting(String name) throws IOException {
        try (Stream<String> lines = Files.lines(DEPLOY.resolve("agent.env"))) {
            return lines.filter(line -> line.startsWith(name + "="))
                    .map(line -> line.substring(name.length() + 1))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void unitStartsTheAgentWithOptionsThatItHas() throws IOException {
        String command = execStart();
        assertThat(command).startsWith(PROGRAM + " ");
        List<String> words = new ArrayList<>(List.of("agent"));
        for (String word : command.substring(PROGRAM.length() + 1).split(" ")) {
            switch (word) {
                case "${CLEAVE_BUNDLE}" -> words.add(setting("CLEAVE_BUNDLE"));
                case "${CLEAVE_GATEWAY}" -> words.add(setting("CLEAVE_GATEWAY"));
                case "$CLEAVE_OPTIONS" ->
                    words.addAll(Arrays.asList(setting("CLEAVE_OPTIONS").split(" ")));
                default -> words.add(word);
            }
        }
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        assertThat(Cleave.commandLine(nowhere, nowhere)
                        .parseArgs(words.toArray(String[]::new))
                        .subcommand()
                        .commandSpec()
                        .name())
                .isEqualTo("agent");
    }

    @Test
    void unitIsOneThatSystemdUnderstands() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/systemd-analyze")), "needs systemd-analyze");
        String unit = Files.readString(DEPLOY.resolve("cleave-agent.service")).replace(PROGRAM, "/bin/true");
        Path copy = Files.writeString(folder.resolve("cleave-agent.service"), unit);
        Run run = run("/usr/bin/systemd-analyze", "verify", copy.toString());
        assertThat(run.output).doesNotContain("cleave-agent");
        assertThat(run.exitCode).isZero();
    }

    @Test
    void unitGivesTheAgentNothingThatItDoesNotNeed() throws IOException {
        assertThat(Files.readAllLines(DEPLOY.resolve("cleave-agent.service")))
                .contains(
                        "DynamicUser=yes",
                        "NoNewPrivileges=yes",
                        "ProtectSystem=strict",
                        "ProtectHome=yes",
                        "PrivateTmp=yes",
                        "CapabilityBoundingSet=",
                        "SystemCallFilter=@system-service")
                .anyMatch(line -> line.startsWith("MemoryMax="))
                .noneMatch(line -> line.startsWith("MemoryDenyWriteExecute="));
    }

    @Test
    void unitLeavesMemoryForMoreThanTheHeap() throws IOException {
        String options = setting("CLEAVE_JAVA_OPTS");
        int heapMegabytes = megabytes(options, "-Xmx(\\d+)m");
        int directMegabytes = megabytes(options, "-XX:MaxDirectMemorySize=(\\d+)m");
        String unit = Files.readString(DEPLOY.resolve("cleave-agent.service"));
        assertThat(megabytes(unit, "MemoryMax=(\\d+)M")).isEqualTo(heapMegabytes + directMegabytes + 384);
    }

    private static int megabytes(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    @Test
    void unitStartsTheAgentAgainUnlessItsCommandLineIsWrong() throws IOException {
        assertThat(Files.readAllLines(DEPLOY.resolve("cleave-agent.service")))
                .contains(
                        "Restart=on-failure",
                        "StartLimitIntervalSec=0",
                        "RestartPreventExitStatus=" + ExitCodes.USAGE,
                        "SuccessExitStatus=143");
    }

    /** With a project and a java that only pretend. */
    @Test
    void installerCopiesTheClassPathAndWritesAProgram() throws Exception {
        Path project = folder.resolve("a project");
        Path target = Files.createDirectories(project.resolve("cli/target"));
        Path repository = Files.createDirectories(folder.resolve("repository"));
        Files.createDirectories(project.resolve("deploy/systemd"));
        executable(project.resolve("cleave"), "#!/bin/sh\n");
        executable(folder.resolve("bin/java"), "#!/bin/sh\nprintf '%s\\n' \"$CLASSPATH\" \"$@\"\n");
        executable(project.resolve("deploy/systemd/install"), Files.readString(DEPLOY.resolve("install")));
        Files.writeString(target.resolve("cleave.jar"), "cleave");
        Files.writeString(repository.resolve("one.jar"), "one");
        Files.writeString(
                target.resolve("classpath"), repository.resolve("one.jar").toString());

        Path prefix = folder.resolve("opt");
        Run run = run(project.resolve("deploy/systemd/install").toString(), prefix.toString());
        assertThat(run.output).isEqualTo("installed " + prefix + "/bin/cleave-agent\n");
        assertThat(prefix.resolve("lib/cleave.jar")).hasContent("cleave");
        assertThat(prefix.resolve("lib/one.jar")).hasContent("one");
        List<String> started = run(prefix.resolve("bin/cleave-agent").toString(), "a bundle", "--stdin")
                .output
                .lines()
                .toList();
        assertThat(started).startsWith(prefix + "/lib/cleave.jar:" + prefix + "/lib/one.jar");
        assertThat(started).endsWith("dev.cleave.cli.Cleave", "agent", "a bundle", "--stdin");
    }

    @Test
    void installerUnpacksTheEnginesLibrariesOfThisMachine() throws Exception {
        String kind = KINDS.get(System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        assumeTrue(kind != null, "needs Linux on a processor that the engine is built for");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/unzip")), "needs unzip");
        Path project = folder.resolve("project");
        Path target = Files.createDirectories(project.resolve("cli/target"));
        executable(project.resolve("cleave"), "#!/bin/sh\n");
        executable(folder.resolve("bin/java"), "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        executable(project.resolve("deploy/systemd/install"), Files.readString(DEPLOY.resolve("install")));
        Files.writeString(target.resolve("cleave.jar"), "cleave");
        Path engine = folder.resolve("onnxruntime-1.0.jar");
        try (ZipOutputStream jar = new ZipOutputStream(Files.newOutputStream(engine))) {
            for (String entry : List.of(kind + "/libonnxruntime.so", "win-x64/onnxruntime.dll")) {
                jar.putNextEntry(new ZipEntry("ai/onnxruntime/native/" + entry));
                jar.write(entry.getBytes(StandardCharsets.UTF_8));
            }
        }
        Files.writeString(target.resolve("classpath"), engine.toString());

        Path prefix = folder.resolve("opt");
        assertThat(run(project.resolve("deploy/systemd/install").toString(), prefix.toString()).exitCode)
                .isZero();
        assertThat(prefix.resolve("native")).isDirectoryContaining("glob:**/libonnxruntime.so");
        assertThat(prefix.resolve("native/libonnxruntime.so")).hasContent(kind + "/libonnxruntime.so");
        assertThat(run(prefix.resolve("bin/cleave-agent").toString()).output.lines())
                .contains("-Donnxruntime.native.path=" + prefix + "/native");
    }

    private record Run(int exitCode, String output) {}

    private Run run(String... command) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "needs a POSIX shell");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("JAVA_HOME");
        builder.environment().remove("CLEAVE_JAVA_OPTS");
        builder.environment().merge("PATH", "", (path, none) -> folder.resolve("bin") + ":" + path);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), output);
    }

    private static void executable(Path file, String script) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
