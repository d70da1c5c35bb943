package dev.cleave.partition.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import dev.cleave.partition.PlanFixtures;
import dev.cleave.partition.plan.SplitPlan;
import dev.cleave.partition.report.PlanDocument.Candidate;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanDocumentTest {
    private static final SplitPlan PLAN = PlanFixtures.everyKindOfRow();
    private static final PlanDocument DOCUMENT = PlanDocument.of(PLAN);

    @Test
    void hasTheFieldsThatScriptsRead() {
        JsonObject root = json(DOCUMENT);
        assertThat(root.keySet())
                .contains("model", "nodes", "planMillis", "link", "candidates", "chosen", "ranges", "reason");
        assertThat(root.getAsJsonObject("link").keySet())
                .containsExactlyInAnyOrder("uplinkBitsPerSecond", "downlinkBitsPerSecond", "rttMillis");
        assertThat(root.getAsJsonArray("ranges").get(0).getAsJsonObject().keySet())
                .containsExactlyInAnyOrder("fromBitsPerSecond", "toBitsPerSecond", "candidate");
        root.getAsJsonArray("candidates")
                .forEach(row -> assertThat(row.getAsJsonObject().keySet())
                        .contains(
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
                                "measured"));
    }

    @Test
    void splitPointIsTheLaddersNumbering() {
        assertThat(DOCUMENT.candidates()).allSatisfy(row -> {
            int index = DOCUMENT.candidates().indexOf(row);
            Integer expected = switch (row.kind()) {
                case "local" -> 5;
                case "split" ->
                    PLAN.ladder().contains(index)
                            ? Integer.valueOf(PLAN.ladder().indexOf(index) + 1)
                            : null;
                default -> 0;
            };
            assertThat(row.splitPoint()).as(row.kind() + " " + index).isEqualTo(expected);
        });
        assertThat(DOCUMENT.candidates())
                .extracting(Candidate::splitPoint)
                .as("every point of the ladder and splits off it")
                .contains(1, 2, 3, 4, null);
    }

    @Test
    void partsAddUpToTheTotal() {
        assertThat(DOCUMENT.candidates())
                .allSatisfy(row -> assertThat(row.headMillis()
                                + row.encodeMillis()
                                + row.uplinkMillis()
                                + row.decodeMillis()
                                + row.tailMillis()
                                + row.downlinkMillis())
                        .isCloseTo(row.totalMillis(), within(1e-9)));
    }

    @Test
    void whatIsUnknownOrEndlessIsNull() {
        Candidate predicted = only(
                DOCUMENT.candidates().stream().filter(row -> !row.measured()).toList());
        assertThat(predicted.agreement()).isNull();
        assertThat(predicted.leakage()).isNull();
        assertThat(predicted.levels())
                .allSatisfy(level -> assertThat(level.agreement()).isNull());
        int last = DOCUMENT.ranges().size() - 1;
        assertThat(DOCUMENT.ranges().get(last).toBitsPerSecond()).isNull();
        assertThat(DOCUMENT.ranges().subList(0, last)).noneMatch(range -> range.toBitsPerSecond() == null);
        assertThat(PlanDocument.of(PlanFixtures.everyCandidateRefused()).ladderRegret())
                .isNull();
        assertThat(json(DOCUMENT)
                        .getAsJsonArray("candidates")
                        .get(DOCUMENT.candidates().indexOf(predicted))
                        .getAsJsonObject()
                        .get("agreement")
                        .isJsonNull())
                .as("null is written, not left out")
                .isTrue();
    }

    @Test
    void agreementHasAnIntervalWhereItsInputsAreKnown() {
        Candidate counted = only(DOCUMENT.candidates().stream()
                .filter(row -> row.kind().equals("cloud-compressed"))
                .toList());
        assertThat(counted.agreementInputs()).isEqualTo(200);
        assertThat(counted.agreementInterval().get(0)).isCloseTo(0.9497, within(1e-4));
        assertThat(counted.agreementInterval().get(1)).isCloseTo(0.9922, within(1e-4));
        assertThat(DOCUMENT.candidates())
                .filteredOn(row -> row != counted)
                .allSatisfy(row -> assertThat(row.agreementInterval()).isNull());
    }

    @Test
    void callsRowsSimulatedIfTheDevicesTimesWereMultiplied() {
        assertThat(DOCUMENT.candidates()).allMatch(Candidate::simulated);
        assertThat(PlanDocument.of(PlanFixtures.localWithoutAgreements()).candidates())
                .noneMatch(Candidate::simulated);
    }

    @Test
    void latencyIsWhatTheCostsSayOnEachUplink() {
        List<Double> uplinks = DOCUMENT.latency().uplinkBitsPerSecond();
        for (int index = 0; index < PLAN.candidates().size(); index++) {
            for (int step = 0; step < uplinks.size(); step++) {
                assertThat(DOCUMENT.latency().totalMillis().get(index).get(step))
                        .isEqualTo(PLAN.candidates()
                                .get(index)
                                .cost()
                                .totalMillis(PLAN.link().withUplink(uplinks.get(step))));
            }
        }
    }

    @Test
    void latencySpansTheLinkAndEveryBorderBetweenTwoWinners() {
        List<Double> uplinks = DOCUMENT.latency().uplinkBitsPerSecond();
        double from = uplinks.get(0);
        double to = uplinks.get(uplinks.size() - 1);
        assertThat(uplinks).isSorted().doesNotHaveDuplicates();
        assertThat(PLAN.link().uplinkBitsPerSecond()).isBetween(from, to);
        assertThat(PLAN.ranges()).hasSizeGreaterThan(3);
        assertThat(PLAN.ranges().subList(1, PLAN.ranges().size()))
                .allSatisfy(range -> assertThat(range.fromBitsPerSecond()).isBetween(from, to));
    }

    private static JsonObject json(PlanDocument document) {
        return new GsonBuilder().serializeNulls().create().toJsonTree(document).getAsJsonObject();
    }

    private static Candidate only(List<Candidate> rows) {
        assertThat(rows).hasSize(1);
        return rows.get(0);
    }
}
