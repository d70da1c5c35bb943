package dev.cleave.cli.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code deploy/arm64} says of the class path: where native libraries lie, and which jars and modules the agent does without. */
class DeviceArchiveTest {
    private static final Path JARS = Path.of("../deploy/arm64/jars");
    private static final Pattern MODULES = Pattern.compile("(?m)^modules=(?:\\$modules,)?([a-z.,]+)");
    private static final Pattern NATIVE = Pattern.compile("(.*)/[^/]+\\.(so|dll|dylib|jnilib)");
    private static final Pattern VERSION = Pattern.compile("-[0-9].*|\\.jar$");
    private static final Pattern ADDRESS = Pattern.compile("http://127\\.0\\.0\\.1:\\d+");

    @TempDir
    private Path folder;

    /** A line of the file. {@code natives}: the folder of a taken jar's libraries for the device, or null. */
    private record Rule(boolean taken, Pattern name, String natives) {
        static Rule parse(String line) {
            String[] words = line.split("\\s+");
            assertThat(words[0]).as(line).isIn("take", "leave");
            assertThat(words.length).as(line).isGreaterThan(2);
            boolean taken = words[0].equals("take");
            Pattern name = Pattern.compile(words[1].replace(".", "\\.").replace("*", ".*"));
            return new Rule(taken, name, taken && words.length > 3 ? words[3] : null);
        }
    }

    private static List<Rule> rules() throws IOException {
        return Files.readAllLines(JARS).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(Rule::parse)
                .toList();
    }

    /** The first rule that fits, or null. */
    private static Rule rule(List<Rule> rules, Path jar) {
        String name = VERSION.matcher(jar.getFileName().toString()).replaceFirst("");
        return rules.stream()
                .filter(rule -> rule.name.matcher(name).matches())
                .findFirst()
                .orElse(null);
    }

    private static List<Path> classPath() {
        return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
                .splitAsStream(System.getProperty("java.class.path"))
                .map(Path::of)
                .toList();
    }

    private static String modules() throws IOException {
        return MODULES.matcher(Files.readString(Path.of("../deploy/arm64/package")))
                .results()
                .map(line -> line.group(1))
                .collect(Collectors.joining(","));
    }

    private static TreeSet<String> foldersOfNativeLibraries(Path jar) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            return zip.stream()
                    .map(ZipEntry::getName)
                    .map(NATIVE::matcher)
                    .filter(Matcher::matches)
                    .map(matcher -> matcher.group(1))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Test
    void nativeLibrariesLieWhereTheArchiveTakesThemFrom() throws IOException {
        List<Rule> rules = rules();
        List<String> taken = new ArrayList<>();
        for (Path jar : classPath()) {
            if (!jar.toString().endsWith(".jar")) {
                continue;
            }
            TreeSet<String> folders = foldersOfNativeLibraries(jar);
            Rule rule = rule(rules, jar);
            if (folders.isEmpty() || rule != null && !rule.taken) {
                continue;
            }
            assertThat(rule).as("line for %s, which has %s", jar, folders).isNotNull();
            assertThat(rule.natives).as("folder of %s, one of %s", jar, folders).isNotNull();
            // JavaCPP has a jar for each processor: here it is this machine's.
            String here = rule.natives.replace("linux-arm64", "");
            assertThat(folders)
                    .as(jar.toString())
                    .anyMatch(found ->
                            found.equals(rule.natives) || !here.equals(rule.natives) && found.startsWith(here));
            taken.add(rule.name.pattern());
        }
        assertThat(taken).contains("onnxruntime", "zstd-jni", "tensorflow-lite", "javacpp");
    }

    @Test
    void agentAnswersWithTheJarsAndModulesOfTheArchiveAlone() throws Exception {
        List<Rule> rules = rules();
        List<Path> all = classPath();
        List<Path> kept = all.stream()
                .filter(entry -> rule(rules, entry) == null || rule(rules, entry).taken)
                .toList();
        assertThat(all.size() - kept.size()).as("jars left out").isGreaterThan(10);
        Path bundle = TinyAgent.bundle(folder);
        Path red = Files.write(folder.resolve("red.png"), TinyAgent.picture("png", 0xFF0000));
        Process agent = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "--limit-modules",
                        modules(),
                        "-cp",
                        kept.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)),
                        "dev.cleave.cli.Cleave",
                        "agent",
                        bundle.toString(),
                        "--stdin",
                        "--http",
                        "0",
                        "--gateway",
                        "127.0.0.1:1")
                .start();
        StringBuilder log = new StringBuilder();
        try (BufferedReader notes = agent.errorReader();
                BufferedReader answers = agent.inputReader()) {
            String address = address(notes, log);
            agent.getOutputStream().write((red + "\n").getBytes(StandardCharsets.UTF_8));
            agent.getOutputStream().flush();
            assertThat(answers.readLine()).contains("\"source\":\"LOCAL\"", "\"outputs\":{\"y\":");
            assertThat(metrics(address)).contains("cleave_edge_requests_total", "jvm_memory_used_bytes");
            agent.toHandle().destroy(); // unlike the process's own, it leaves the streams open
            notes.lines().forEach(line -> log.append(line).append('\n'));
        } finally {
            agent.destroyForcibly();
        }
        assertThat(agent.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(log.toString()).doesNotContain("NoClassDefFoundError", "ClassNotFoundException");
    }

    /** Where the agent says that it listens; keeps what it says until then. */
    private static String address(BufferedReader notes, StringBuilder log) throws IOException {
        for (String line = notes.readLine(); line != null; line = notes.readLine()) {
            log.append(line).append('\n');
            Matcher address = ADDRESS.matcher(line);
            if (address.find()) {
                return address.group();
            }
        }
        throw new AssertionError("the agent ended: " + log);
    }

    private static String metrics(String address) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(address + "/metrics")).build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
