package dev.cleave.partition.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.Gson;
import dev.cleave.partition.PlanFixtures;
import dev.cleave.partition.plan.SplitPlan;
import dev.cleave.partition.report.PlanDocument.Candidate;
import dev.cleave.partition.report.PlanDocument.Level;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The report as a browser shows it. A probe in a copy of the page asks every chart what it draws; skipped where there
 * is no Chromium.
 */
class HtmlReportBrowserTest {
    private static final Pattern ANSWER = Pattern.compile("<pre id=\"probe\">([^<]*)</pre>");

    /** What the probe saw. A data point is a number or {@code {x, y}}. */
    record Seen(
            List<String> errors,
            List<String> requests,
            String headline,
            int pictures,
            List<Chart> charts,
            List<String> abouts,
            List<List<String>> rows) {
        Chart chart(String id) {
            return charts.stream()
                    .filter(chart -> chart.id().equals(id))
                    .findFirst()
                    .orElseThrow();
        }
    }

    record Chart(String id, double width, double height, long drawnPixels, List<Dataset> datasets) {
        List<Dataset> on(String axis) {
            return datasets.stream()
                    .filter(dataset -> axis.equals(dataset.axis()))
                    .toList();
        }
    }

    record Dataset(String axis, Integer candidate, List<Double> x, List<Double> y, List<Double> radii) {}

    @TempDir
    Path folder;

    private Browser browser;

    @BeforeEach
    void findBrowser() {
        browser = Browser.require(folder);
    }

    @Test
    void drawsEveryChartWithTheNumbersOfThePlan() throws Exception {
        SplitPlan plan = PlanFixtures.everyKindOfRow();
        PlanDocument document = PlanDocument.of(plan);
        Seen seen = open(plan, "");
        assertThat(seen.errors()).isEmpty();
        assertThat(seen.requests()).isEmpty();
        assertThat(seen.charts()).extracting(Chart::id).containsExactly("breakdown", "strip", "bandwidth", "agreement");
        assertThat(seen.charts()).allSatisfy(chart -> {
            assertThat(chart.width()).isGreaterThan(900);
            assertThat(chart.height()).isGreaterThan(300);
            assertThat(chart.drawnPixels()).isGreaterThan(5_000);
        });
        assertBreakdown(seen.chart("breakdown"), document);
        assertStrip(seen.chart("strip"), document);
        assertBandwidth(seen.chart("bandwidth"), plan, document);
        assertAgreement(seen.chart("agreement"), document);
        assertThat(seen.abouts()).anySatisfy(about -> assertThat(about).contains("Not shown: 11 levels"));
        assertTable(seen.rows(), document);
    }

    @Test
    void putsASentenceInPlaceOfAChartWithoutData() throws Exception {
        Seen seen = open(PlanFixtures.localWithoutAgreements(), "");
        assertThat(seen.errors()).isEmpty();
        assertThat(seen.charts()).extracting(Chart::id).containsExactly("breakdown", "strip", "bandwidth");
        assertThat(open(PlanFixtures.everyCandidateRefused(), "").charts())
                .extracting(Chart::id)
                .containsExactly("breakdown", "bandwidth", "agreement");
    }

    @Test
    void showsNamesFromFilesAsText() throws Exception {
        String nasty = "</script><script>nothing.here()</script><!--<img src=x onerror='nothing.here()'>&amp;{{plan}}";
        Seen seen = open(PlanFixtures.withNames(nasty), "");
        assertThat(seen.errors()).isEmpty();
        assertThat(seen.requests()).isEmpty();
        assertThat(seen.pictures()).isZero();
        assertThat(seen.headline()).isEqualTo(nasty);
        assertThat(seen.charts()).hasSize(4);
    }

    @Test
    void itsPolicyStopsARequestAndTheProbeSeesIt() throws Exception {
        Seen seen =
                open(PlanFixtures.everyKindOfRow(), "<img src=\"https://example.invalid/a.png\"><script>no()</script>");
        assertThat(seen.requests()).anySatisfy(request -> assertThat(request).contains("https://example.invalid"));
        assertThat(seen.errors()).anySatisfy(error -> assertThat(error).contains("no is not defined"));
    }

    private static void assertBreakdown(Chart chart, PlanDocument plan) {
        List<ToDoubleFunction<Candidate>> parts = List.of(
                Candidate::headMillis,
                Candidate::encodeMillis,
                Candidate::uplinkMillis,
                Candidate::decodeMillis,
                Candidate::tailMillis,
                Candidate::downlinkMillis);
        assertThat(chart.datasets()).hasSize(parts.size());
        for (int part = 0; part < parts.size(); part++) {
            assertThat(chart.datasets().get(part).y())
                    .isEqualTo(plan.candidates().stream()
                            .mapToDouble(parts.get(part))
                            .boxed()
                            .toList());
        }
    }

    private static void assertStrip(Chart chart, PlanDocument plan) {
        assertThat(chart.on("edge").get(0).y())
                .isEqualTo(
                        plan.layers().stream().map(layer -> layer.edgeMillis()).toList());
        assertThat(chart.on("cloud").get(0).y())
                .isEqualTo(
                        plan.layers().stream().map(layer -> layer.cloudMillis()).toList());
        List<Double> sizes = chart.on("bytes").get(0).y();
        for (int index = 0; index < plan.layers().size(); index++) {
            long expected = plan.layers().get(index).boundaryBytes();
            assertThat(sizes.get(index)).isEqualTo(expected == 0 ? null : Double.valueOf(expected));
        }
        assertThat(chart.on("bytes").get(0).radii().stream().filter(radius -> radius > 0))
                .as("marks at the candidates' cuts")
                .hasSameSizeAs(plan.layers().stream()
                        .filter(layer -> layer.candidate() != null)
                        .toList());
    }

    private static void assertBandwidth(Chart chart, SplitPlan plan, PlanDocument document) {
        assertThat(chart.on("millis")).hasSameSizeAs(plan.candidates());
        chart.on("millis").forEach(line -> {
            assertThat(line.x()).isEqualTo(document.latency().uplinkBitsPerSecond());
            for (int step = 0; step < line.x().size(); step++) {
                assertThat(line.y().get(step))
                        .isCloseTo(
                                plan.candidates()
                                        .get(line.candidate())
                                        .cost()
                                        .totalMillis(
                                                plan.link().withUplink(line.x().get(step))),
                                within(1e-6));
            }
        });
        List<Dataset> winners = chart.on("winner");
        assertThat(winners)
                .extracting(Dataset::candidate)
                .isEqualTo(
                        plan.ranges().stream().map(SplitPlan.Range::candidate).toList());
        for (int index = 1; index < winners.size(); index++) {
            assertThat(winners.get(index).x().get(0))
                    .isEqualTo(plan.ranges().get(index).fromBitsPerSecond());
            assertThat(winners.get(index - 1).x().get(1))
                    .isEqualTo(plan.ranges().get(index - 1).toBitsPerSecond());
        }
    }

    private static void assertAgreement(Chart chart, PlanDocument plan) {
        for (int index = 0; index < plan.candidates().size(); index++) {
            int candidate = index;
            List<Level> known = plan.candidates().get(index).levels().stream()
                    .filter(level -> level.agreement() != null)
                    .toList();
            List<Dataset> lines = chart.datasets().stream()
                    .filter(dataset -> dataset.candidate() == candidate)
                    .toList();
            assertThat(lines).as("lines of candidate " + index).hasSize(known.isEmpty() ? 0 : 1);
            lines.forEach(line -> {
                assertThat(line.x())
                        .isEqualTo(known.stream().map(Level::wireBytes).toList());
                assertThat(line.y())
                        .isEqualTo(known.stream().map(Level::agreement).toList());
                int largest = line.radii()
                        .indexOf(line.radii().stream().max(Double::compare).orElseThrow());
                assertThat(known.get(largest).label())
                        .as("the level with the large mark")
                        .isEqualTo(plan.candidates().get(candidate).codec());
            });
        }
    }

    private static void assertTable(List<List<String>> rows, PlanDocument plan) {
        assertThat(rows).hasSameSizeAs(plan.candidates());
        for (int index = 0; index < rows.size(); index++) {
            Candidate candidate = plan.candidates().get(index);
            String text = String.join("|", rows.get(index));
            assertThat(rows.get(index).get(0)).isEqualTo(String.valueOf(index + 1));
            assertThat(text).contains(Math.round(candidate.totalMillis()) + "|");
            assertThat(text)
                    .contains(candidate.measured() ? "measured" : "predicted")
                    .contains("simulated");
            if (candidate.kind().equals("split")) {
                assertThat(text).contains(String.join(" + ", candidate.tensors()));
            }
            if (candidate.refused() != null) {
                assertThat(text).contains("refused: " + candidate.refused());
            }
        }
    }

    /** Opens a copy of the report with the probe in it, and more markup in front of the report's scripts. */
    private Seen open(SplitPlan plan, String markup) throws IOException, InterruptedException {
        Path file = folder.resolve("report.html");
        HtmlReport.write(plan, file);
        Map<String, String> additions = Map.of(
                "</title>", "</title><script>" + resource("probe-before.js") + "</script>",
                "<main>", markup + "<main>",
                "</body>\n</html>", "<script>" + resource("probe-after.js") + "</script></body>\n</html>");
        String page = Files.readString(file);
        for (Map.Entry<String, String> addition : additions.entrySet()) {
            assertThat(page).containsOnlyOnce(addition.getKey());
            page = page.replace(addition.getKey(), addition.getValue());
        }
        Files.writeString(file, page);
        Matcher answer = ANSWER.matcher(browser.dom(file));
        assertThat(answer.find()).as("an answer of the probe").isTrue();
        byte[] json = Base64.getDecoder().decode(answer.group(1));
        return new Gson().fromJson(new String(json, StandardCharsets.UTF_8), Seen.class);
    }

    private static String resource(String name) throws IOException {
        try (InputStream stream = HtmlReportBrowserTest.class.getResourceAsStream(name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
