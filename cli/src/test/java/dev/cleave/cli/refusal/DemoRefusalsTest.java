package dev.cleave.cli.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoRefusalsTest {
    private static final int INPUTS = 80;

    @TempDir
    private Path folder;

    @Test
    void aBudgetThatCannotBeKeptIsExitCode3AsItIsForSplit() throws IOException {
        Path dice = TinyModels.dice(folder.resolve("dice.onnx"));
        Path inputs = Files.createDirectory(folder.resolve("inputs"));
        for (int i = 0; i < INPUTS; i++) {
            Refusals.tensor(inputs.resolve(String.format(Locale.ROOT, "%03d.npy", i)), i, 1, 3, 8, 8);
        }
        CommandRun run = CommandRun.of("demo", "--model", dice.toString(), "--inputs", inputs.toString());
        assertThat(run.exitCode()).as(run.err()).isEqualTo(3);
        assertThat(run.err().lines().reduce((first, last) -> last).orElse(""))
                .startsWith("cleave demo: ")
                .contains("keep fewer than 98.0 % of the answers", "closest is ", " bytes (raw)");
        assertThat(run.out()).isEmpty();
    }
}
