package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.cli.Cleave;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The README's first command, as a script sees it: one JSON document, and its promises kept. */
class DemoTest {
    private static final int LINES = 50;

    @Test
    void everyLineIsReadAlikeLocalSplitAndCloudAndNearlyAllAreRight() throws Exception {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Cleave.execute(new PrintWriter(out), new PrintWriter(err), "demo", "--json");
        assertThat(exitCode).as(err.toString()).isZero();

        JsonNode demo = new ObjectMapper().readTree(out.toString());
        assertThat(demo.get("inputs").asInt()).isEqualTo(LINES);
        assertThat(demo.get("correct").asInt()).isGreaterThanOrEqualTo(LINES * 85 / 100);
        assertThat(demo.at("/alike/splitRaw").asDouble()).isGreaterThanOrEqualTo(0.98);
        assertThat(demo.at("/alike/local").asDouble()).isGreaterThanOrEqualTo(0.98);
        assertThat(demo.at("/alike/split").asDouble()).isGreaterThanOrEqualTo(0.98);
        assertThat(demo.at("/chosen/kind").asText()).isIn("local", "split", "cloud");
        assertThat(demo.at("/chosen/reason").asText()).isNotBlank();
        for (String kind : new String[] {"local", "split", "cloud"}) {
            assertThat(demo.at("/p50Millis/" + kind).asDouble()).as(kind).isPositive();
        }
        assertThat(demo.at("/wireBytes/split").asDouble())
                .isPositive()
                .isLessThan(demo.at("/wireBytes/splitRaw").asDouble())
                .isLessThan(demo.at("/wireBytes/raw").asDouble());
        assertThat(demo.get("codec").asText()).matches("fp16|quant:\\d+/(channel|tensor)(/context)?");
        // The recogniser's answer is every character of a line: integers change nearly all of them.
        assertThat(demo.at("/device/integers").asBoolean()).isFalse();
        assertThat(demo.at("/device/reason").asText()).contains("the accuracy budget");
        assertThat(demo.at("/wireBytes/image").asDouble()).isPositive();
        Path report = Path.of(demo.get("report").asText());
        assertThat(report).isRegularFile().content().contains("Chart");
        Files.delete(report);
    }
}
