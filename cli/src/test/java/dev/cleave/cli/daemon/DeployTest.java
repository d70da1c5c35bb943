package dev.cleave.cli.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cleave.cli.Cleave;
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
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What deploy/systemd holds: the unit means what the daemon understands, and the installer makes a daemon that starts. */
class DeployTest {
    private static final Path DEPLOY = Path.of("../deploy/systemd");
    private static final String PROGRAM = "/opt/cleave/bin/cleave-agent";

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
