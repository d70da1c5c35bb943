package dev.cleave.gateway.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.model.TestModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The examples of README.md and docs/OIP.md, as they are printed: bash runs each block of commands, with nothing changed but the port, and prints what the block says.
 * In a block, lines that begin with {@code {"} are output.
 */
class DocumentedExamplesTest {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```\\w*\n(.*?)^```$");

    @TempDir
    Path models;

    @TempDir
    Path home;

    private static Path document(String name) {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs/OIP.md"))) {
            folder = folder.getParent();
        }
        return folder.resolve(name);
    }

    /** Blocks of code that ask the HTTP port something. */
    private static List<String> blocks(Path page) throws IOException {
        List<String> blocks = new ArrayList<>();
        Matcher block = BLOCK.matcher(Files.readString(page));
        while (block.find()) {
            if (block.group(1).contains("http://localhost:8501/v2")) {
                blocks.add(block.group(1));
            }
        }
        return blocks;
    }

    @ParameterizedTest
    @CsvSource({"README.md, 1", "docs/OIP.md, 4"})
    void printWhatTheyAreSaidToPrint(String page, int expectedBlocks) throws Exception {
        assumeTrue(succeeds("bash", "-c", "curl --version"), "bash and curl are needed");
        TestModel.named("model").write(models);
        List<String> blocks = blocks(document(page));
        assertThat(blocks).hasSize(expectedBlocks);
        try (OipGateway gateway = new OipGateway(models, GatewayConfig.builder())) {
            for (String block : blocks) {
                List<String> commands = new ArrayList<>();
                List<String> outputs = new ArrayList<>();
                block.lines().forEach(line -> (line.startsWith("{\"") ? outputs : commands).add(line));
                String script = String.join("\n", commands)
                        .replace("localhost:8501", "localhost:" + gateway.gateway.httpPort());
                assertThat(run(script)).as(block).isEqualTo(outputs);
            }
        }
    }

    private List<String> run(String script) throws Exception {
        Path errors = home.resolve("errors");
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", script).redirectError(errors.toFile());
        builder.environment().put("HOME", home.toString()); // Nobody's .curlrc.
        builder.environment()
                .keySet()
                .removeIf(name -> name.toLowerCase(java.util.Locale.ROOT).endsWith("_proxy"));
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
        return output.lines().toList();
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException missing) {
            return false;
        }
    }
}
