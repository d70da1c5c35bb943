package dev.cleave.partition.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.profile.DeviceProfile;
import dev.cleave.partition.profile.DeviceProfileJson;
import dev.cleave.partition.profile.ProfileException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Profiles that agents write, who know the times of segments and nothing of nodes. */
class SegmentProfileTest {
    private static final LinkProfile LINK = new LinkProfile(1e6, 1e6, 10);

    @TempDir
    Path folder;

    @AutoClose
    private PlannerRuns runs;

    private ModelSummary summary;

    @BeforeEach
    void readModel() throws Exception {
        runs = new PlannerRuns(folder);
        summary = runs.summary(new ModelBuilder()
                .input("x", "N", 64)
                .weights("w1", 64, 32)
                .weights("w2", 32, 16)
                .weights("w3", 16, 64)
                .weights("w4", 64, 4)
                .node("MatMul", "x w1", "m1")
                .node("Sigmoid", "m1", "h1")
                .node("MatMul", "h1 w2", "m2")
                .node("Sigmoid", "m2", "h2")
                .node("MatMul", "h2 w3", "m3")
                .node("Sigmoid", "m3", "h3")
                .node("MatMul", "h3 w4", "y")
                .output("y"));
    }

    /** As an agent writes it, with what it remembers beside. */
    private DeviceProfile profile(String precision, String spotChecks) throws ProfileException {
        String document = """
                {"format":1,"toolVersion":"test",
                 "machine":{"name":"pi","os":"Linux 6","architecture":"aarch64","cpu":"","cores":4},
                 "engine":{"name":"tflite","version":"2.20","provider":"cpu","threads":0},
                 "model":{"file":"model","sha256":"%s","precision":"%s"},
                 "whole":{"medianMillis":100,"spread":0.01,"runs":9,"inputs":[{"name":"x","type":"float32","shape":[1,64]}],"memory":null},
                 "nodes":{"perNode":"estimated","reason":"timed by segments","tracedShare":0,"costs":[]},
                 "spotChecks":[%s],
                 "batch":{"times":[],"skipped":"an agent times single rows"},
                 "drift":"",
                 "agent":{"bundle":"b","providers":[],"why":"w","engines":[]}}
                """.formatted(summary.model().graph().model().sha256(), precision, spotChecks);
        return DeviceProfileJson.read("device.json", document.getBytes(StandardCharsets.UTF_8));
    }

    private static String check(String tensor, double headMillis) {
        return """
                {"boundary":["%s"],"headMillis":%s,"tailMillis":%s,"runs":9,"spread":0.01,"headMemory":null,"tailMemory":null}
                """.formatted(tensor, headMillis, Math.max(0, 100 - headMillis));
    }

    private static double sum(double[] millis, Cut cut) {
        return cut.head().stream().mapToDouble(node -> millis[node]).sum();
    }

    @Test
    void timesBetweenPointsAreDividedByTheWork() throws Exception {
        double[] millis =
                profile("fp32", check("h1", 70) + "," + check("h2", 80)).nodeMillis(summary);
        assertThat(Arrays.stream(millis).sum()).isEqualTo(100, within(1e-9));
        assertThat(sum(millis, summary.cuts().at(List.of("h1")))).isEqualTo(70, within(1e-9));
        assertThat(sum(millis, summary.cuts().at(List.of("h2")))).isEqualTo(80, within(1e-9));
        double third = sum(millis, summary.cuts().at(List.of("h3")));
        assertThat(third).isBetween(90.0, 99.0);
        assertThat((100 - third) / (third - 80))
                .as("256 of about 1344 multiplications")
                .isBetween(0.2, 0.3);
    }

    @Test
    void withoutAnyPointTheWholeIsDivided() throws Exception {
        double[] millis = profile("fp32", "").nodeMillis(summary);
        assertThat(Arrays.stream(millis).sum()).isEqualTo(100, within(1e-9));
        assertThat(sum(millis, summary.cuts().at(List.of("h1")))).isBetween(45.0, 60.0);
    }

    @Test
    void contradictionsMakeNoTimeNegative() throws Exception {
        String points = check("h2", 30) + "," + check("h1", 90) + "," + check("h3", 400) + "," + check("nothing", 5);
        double[] millis = profile("fp32", points).nodeMillis(summary);
        assertThat(Arrays.stream(millis).min().orElseThrow()).isNotNegative();
        assertThat(Arrays.stream(millis).sum()).isEqualTo(100, within(1e-9));
    }

    @Test
    void aPlanIsMadeWithTheDevicesOwnTimes() throws Exception {
        DeviceProfile profile = profile("fp32", check("h1", 70) + "," + check("h2", 80));
        SplitPlan plan = runs.edge(profile).plan(summary, LINK, Constraints.defaults());
        assertThat(plan.candidates())
                .extracting(SplitPlan.Candidate::cost)
                .filteredOn(cost -> cost.kind() == CandidateKind.LOCAL)
                .singleElement()
                .satisfies(cost -> assertThat(cost.headMillis()).isEqualTo(100, within(1.0)));
        assertThat(plan.candidates())
                .extracting(SplitPlan.Candidate::cost)
                .filteredOn(cost -> cost.tensors().equals(List.of("h2")))
                .allSatisfy(cost -> assertThat(cost.headMillis()).isEqualTo(80, within(1.0)));
        assertThat(plan.best().cost().kind()).as(plan.reason()).isNotEqualTo(CandidateKind.LOCAL);
    }

    @Test
    void headsInIntegersAreNotThoseOfTheFloatModel() throws Exception {
        DeviceProfile profile = profile("int8", check("h1", 70));
        assertThatThrownBy(() -> runs.edge(profile).table(summary, LINK, Constraints.defaults()))
                .isInstanceOf(ProfileException.class)
                .hasMessageContaining("is of heads in int8; expected one of the model itself");
    }

    @Test
    void whatIsNotKnownIsWrittenAsSuch() throws Exception {
        DeviceProfile profile = profile("fp32", check("h1", 70));
        assertThat(DeviceProfileJson.read("again", DeviceProfileJson.write(profile)))
                .isEqualTo(profile);
        assertThat(profile.whole().memory()).isNull();
    }
}
