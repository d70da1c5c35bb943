package dev.cleave.cli.refusal;

import static dev.cleave.cli.refusal.Refusals.assertCouldNot;
import static dev.cleave.cli.refusal.Refusals.assertUsageError;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanCommandTest {
    @TempDir
    private Path folder;

    private Path model;

    @BeforeEach
    void makeModel() throws IOException {
        model = TinyModels.pictures(folder.resolve("model.onnx"));
    }

    @Test
    void jsonHasTheFieldsThatScriptsRead() throws Exception {
        CommandRun run = plan("--json", "--random", "4");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        JsonNode plan = new ObjectMapper().readTree(run.out());
        assertThat(names(plan))
                .contains("model", "nodes", "planMillis", "link", "candidates", "chosen", "ranges", "reason");
        assertThat(names(plan.get("link")))
                .containsExactly("uplinkBitsPerSecond", "downlinkBitsPerSecond", "rttMillis");
        assertThat(plan.get("link").get("downlinkBitsPerSecond").asDouble()).isEqualTo(1e6);
        assertThat(plan.get("nodes").asInt()).isEqualTo(7);
        assertThat(plan.get("planMillis").asDouble()).isPositive();
        List<String> wanted = List.of(
                "kind",
                "splitPoint",
                "tensors",
                "wireBytes",
                "headMillis",
                "encodeMillis",
                "uplinkMillis",
                "tailMillis",
                "downlinkMillis",
                "totalMillis",
                "agreement",
                "leakage",
                "measured");
        double before = 0;
        for (JsonNode candidate : plan.get("candidates")) {
            assertThat(names(candidate)).containsAll(wanted);
            if (candidate.get("codec").asText().equals("predicted")) {
                break;
            }
            assertThat(candidate.get("totalMillis").asDouble()).isGreaterThanOrEqualTo(before);
            before = candidate.get("totalMillis").asDouble();
        }
        assertThat(plan.get("candidates").findValuesAsText("kind"))
                .contains("local", "split", "cloud-raw", "cloud-compressed");
        assertThat(plan.get("chosen").asInt()).isZero();
        for (JsonNode range : plan.get("ranges")) {
            assertThat(names(range)).containsExactly("fromBitsPerSecond", "toBitsPerSecond", "candidate");
        }
        assertThat(plan.get("reason").asText()).contains(" is fastest: ");
    }

    @Test
    void peopleGetATableTheRangesTheLadderAndTheReason() {
        CommandRun run = plan("--rtt", "10s", "--edge-slowdown", "3");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains(
                        "simulated: times x 3\n",
                        "link     up 1 Mbit/s, down 1 Mbit/s, rtt 10",
                        "candidate",
                        "\n>  local",
                        "cloud-raw",
                        "cloud-compressed",
                        "r2",
                        "best by uplink: local everywhere\n",
                        "ladder: ",
                        "The device alone is fastest: ");
    }

    @Test
    void writesTheReport() throws IOException {
        Path html = folder.resolve("report.html");
        CommandRun run = plan("--html", html.toString());
        assertThat(run.exitCode()).isZero();
        assertThat(run.out() + run.err()).contains("wrote " + html);
        assertThat(html).content().startsWith("<!").contains("cloud-compressed", " is fastest: ");
    }

    @Test
    void profilesAndConstraintsAndObjectivesAreTaken() throws Exception {
        Path device = folder.resolve("device.json");
        assertThat(CommandRun.of("profile", model.toString(), "-o", device.toString())
                        .exitCode())
                .isZero();
        CommandRun run = plan(
                "--json",
                "--edge",
                device.toString(),
                "--cloud",
                device.toString(),
                "--objective",
                "bytes",
                "--not-before",
                "r1",
                "--downlink",
                "2mbit",
                "--ladder",
                "1");
        assertThat(run.err()).isEmpty();
        JsonNode plan = new ObjectMapper().readTree(run.out());
        assertThat(plan.get("objective").asText()).isEqualTo("bytes");
        assertThat(plan.get("link").get("downlinkBitsPerSecond").asDouble()).isEqualTo(2e6);
        assertThat(plan.get("ladder")).hasSizeLessThanOrEqualTo(1);
        for (JsonNode candidate : plan.get("candidates")) {
            boolean cloud = candidate.get("kind").asText().startsWith("cloud");
            assertThat(cloud && candidate.get("refused").isNull()).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', textBlock = """
            --objective,        fame,   `'fame': expected latency, gateway, bytes or throughput`
            --uplink,           0,      "0" is not a rate
            --uplink,           fast,   "fast"
            --downlink,         -1mbit, "-1mbit"
            --rtt,              -5ms,   "-5ms"
            --rtt,              5,      "5"
            --edge-slowdown,    0,      expected a factor above 0
            --edge-slowdown,    NaN,    expected a factor above 0
            --edge-slowdown,    Infinity, expected a factor above 0
            --max-disagreement, 1.5,    expected 0 to 1
            --edge-memory,      much,   "much"
            --ladder,           0,      expected at least 1
            --batch,            0,      expected at least 1
            --threads,          0,      expected at least 1
            --random,           0,      expected at least 1
            --colour,           red,    unknown option
            """)
    void optionThatCannotBeRightIsAUsageError(String option, String value, String expectation) {
        Stream<String> link = Stream.of("--uplink", "1mbit", "--rtt", "10ms");
        Stream<String> given = option.equals("--uplink")
                ? link.skip(2)
                : option.equals("--rtt") ? Stream.of("--uplink", "1mbit") : link;
        CommandRun run = Refusals.run(Stream.concat(Stream.of("plan", model.toString()), given), option, value);
        assertUsageError(run, "cleave plan: ", option, expectation);
    }

    @Test
    void withoutALinkThereIsNoPlan() {
        assertUsageError(
                CommandRun.of("plan", model.toString(), "--rtt", "5ms"), "missing required option", "--uplink");
        assertUsageError(
                CommandRun.of("plan", model.toString(), "--uplink", "1mbit"), "missing required option", "--rtt");
    }

    @Test
    void profilesThatAreNoneAreRefusedByName() throws IOException {
        assertCouldNot(plan("--edge", folder.resolve("none.json").toString()), "none.json: no such file");
        Path garbage = Refusals.text(folder, "garbage.json", "{\"format\": ").resolve("garbage.json");
        assertCouldNot(plan("--edge", garbage.toString()), "garbage.json");
        assertCouldNot(plan("--cloud", garbage.toString()), "garbage.json");
        Path other = TinyModels.branches(folder.resolve("other.onnx"));
        Path device = folder.resolve("device.json");
        assertThat(CommandRun.of("profile", other.toString(), "-o", device.toString())
                        .exitCode())
                .isZero();
        assertCouldNot(plan("--edge", device.toString()), "profile of other.onnx", "expected that of ", "model.onnx");
    }

    @Test
    void modelsAndPlacesThatCannotBeAreRefusedByName() throws IOException {
        assertCouldNot(plan("--not-before", "nowhere"), "\"nowhere\"", "no such tensor");
        assertCouldNot(plan("--html", folder.resolve("no/r.html").toString()), "--html ", "there is no folder");
        assertCouldNot(plan("--html", model.toString()), "is the model or another output");
        assertCouldNot(plan("--inputs", folder.resolve("none").toString()), "none: no such file or folder");
        TinyModels.stateful(model);
        assertCouldNot(plan(), "\"state_out\" is fed back as input \"state_in\"; expected a model without state");
        TinyModels.insideOneIf(model);
        assertCouldNot(plan(), "no legal cut: the whole network is inside one If \"y\"");
        Files.writeString(model, "hello");
        assertCouldNot(plan(), "model.onnx is text; expected an ONNX model");
    }

    @Test
    void constraintsThatNothingKeepsToAreAFailedCheck() {
        CommandRun run = plan("--not-before", "r1", "--edge-memory", "1");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err())
                .hasLineCount(1)
                .startsWith("cleave plan: no candidate keeps to the constraints; Nothing is left: ")
                .contains(" is refused, as ");
        assertThat(run.out()).contains("best by uplink: none");
    }

    /** As an agent writes it that runs integers. */
    private Path profileOfIntegers() throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(model));
        return Files.writeString(
                folder.resolve("device.json"), """
                {"format":1,"toolVersion":"test",
                 "machine":{"name":"pi","os":"Linux 6","architecture":"aarch64","cpu":"","cores":4},
                 "engine":{"name":"tflite","version":"2.20","provider":"cpu","threads":0},
                 "model":{"file":"model","sha256":"%s","precision":"int8"},
                 "whole":{"medianMillis":100,"spread":0.01,"runs":9,"inputs":[],"memory":null},
                 "nodes":{"perNode":"estimated","reason":"timed by segments","tracedShare":0,"costs":[]},
                 "spotChecks":[],"batch":{"times":[],"skipped":"an agent times single rows"},"drift":""}
                """.formatted(HexFormat.of().formatHex(digest)));
    }

    @Test
    void aDeviceThatRunsIntegersIsPlannedWithIntegers() throws Exception {
        String profile = profileOfIntegers().toString();
        assertUsageError(
                plan("--edge", profile),
                "that device runs heads in int8, whose ranges are found from sample inputs; expected --inputs or --random");
        CommandRun run = plan("--json", "--edge", profile, "--random", "8");
        assertThat(run.exitCode()).as(run.err()).isZero();
        for (JsonNode candidate : new ObjectMapper().readTree(run.out()).get("candidates")) {
            if (candidate.get("kind").asText().equals("local")) {
                assertThat(candidate.get("headMillis").asDouble())
                        .as("not scaled by what integers gain here")
                        .isBetween(100.0, 110.0);
            }
        }
        assertCouldNot(plan("--edge", profile, "--random", "8", "--int8=never"), "is of heads in int8");
    }

    private CommandRun plan(String... more) {
        boolean ownTime = List.of(more).contains("--rtt");
        Stream<String> link = Stream.of("plan", model.toString(), "--uplink", "1mbit", "--rtt", "10ms");
        return Refusals.run(ownTime ? link.limit(4) : link, more);
    }

    private static List<String> names(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }
}
