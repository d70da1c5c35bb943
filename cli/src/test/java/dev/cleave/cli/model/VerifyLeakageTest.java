package dev.cleave.cli.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.cli.CommandRun;
import dev.cleave.cli.refusal.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyLeakageTest {
    @TempDir
    private Path folder;

    private String bundle;

    @BeforeEach
    void split() throws IOException {
        bundle = folder.resolve("model.cleave").toString();
        Path model = TinyModels.pictures(folder.resolve("model.onnx"));
        CommandRun split = CommandRun.of("split", model.toString(), "-o", bundle, "--at", "r1,r2");
        assertThat(split.exitCode()).as(split.err()).isZero();
    }

    @Test
    void everyPointHasItsLeakage() throws IOException {
        JsonNode points = verify("--random", "16", "--json");
        assertThat(points.get(0).get("leakage").doubleValue()).isEqualTo(1);
        for (int point = 1; point <= 2; point++) {
            assertThat(points.get(point).get("leakage").doubleValue()).isBetween(0.0, 1.0);
            assertThat(points.get(point).get("leakageInputs").intValue()).isEqualTo(16);
        }
        assertThat(points.get(1).get("leakage").doubleValue()).isPositive();
        assertThat(points.get(3).get("leakage").doubleValue()).isZero();
    }

    @Test
    void isNullWithFewerThanFourInputs() throws IOException {
        JsonNode points = verify("--random", "3", "--json");
        assertThat(points.get(0).get("leakage").doubleValue()).isEqualTo(1);
        assertThat(points.get(1).get("leakage").isNull()).isTrue();
        assertThat(points.get(3).get("leakage").doubleValue()).isZero();
    }

    @Test
    void theTableHasAColumnForIt() {
        CommandRun run = CommandRun.of("verify", bundle, "--random", "16");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("leakage")
                .containsPattern("cloud .* 1\\.00 ")
                .containsPattern("local .* 0\\.00 ");
    }

    private JsonNode verify(String... options) throws IOException {
        String[] args = new String[options.length + 2];
        args[0] = "verify";
        args[1] = bundle;
        System.arraycopy(options, 0, args, 2, options.length);
        CommandRun run = CommandRun.of(args);
        assertThat(run.exitCode()).as(run.err()).isZero();
        return new ObjectMapper().readTree(run.out()).get("splitPoints");
    }
}
