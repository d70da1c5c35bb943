package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.EngineUse;
import dev.cleave.engine.FakeEngine;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which engine runs the head, on a clock that stands still: runs take the time that their graph declares. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EdgeAgentEngineTest extends AgentFixture {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final Map<String, Tensor> INPUTS = AffineModel.inputs(1, 4);

    private final List<EngineUse> told = new CopyOnWriteArrayList<>();
    private TwoEngines engines = newEngines("1");
    private EdgeAgent agent;
    /** That of the agent that was begun last, which closes it. */
    private ManualScheduler time;

    private TwoEngines newEngines(String otherVersion) {
        return new TwoEngines(otherVersion, nanos -> time.pass(nanos));
    }

    private Path profile() {
        return folder.resolve("device.json");
    }

    private EdgeAgentBuilder local(Bundle view) {
        time = new ManualScheduler();
        return builder(view)
                .scheduler(time)
                .engines(engines)
                .background(Runnable::run)
                .split(Split.local())
                .listener(recording());
    }

    private AgentListener recording() {
        return new AgentListener() {
            @Override
            public void engineInUse(EngineUse use) {
                told.add(use);
            }
        };
    }

    private Bundle bothForms(int segments, long nanos) throws IOException {
        return new AffineModel().secondForm(segments, nanos).full(folder);
    }

    private void start(EdgeAgentBuilder builder) throws Exception {
        agent = started(builder);
    }

    @AfterEach
    void everythingIsClosed() {
        if (agent != null) {
            agent.close();
            assertThat(engines.isAllClosed()).isTrue();
        }
    }

    /** Lets the measuring go on until it is told of: time stands still while something runs. */
    private void measure(int tellings) {
        while (told.size() < tellings) {
            step();
        }
        assertThat(told).hasSize(tellings);
    }

    private void step() {
        if (!time.advanceToNext()) {
            Thread.onSpinWait();
        }
    }

    private void assertRunBy(FakeEngine expected) throws Exception {
        int before = expected.runs().size();
        assertAnswers(get(agent.infer(INPUTS)), INPUTS);
        assertThat(expected.runs().size() - before).isEqualTo(3);
    }

    @Test
    void theFasterEngineTakesOverOnceItWasMeasured() throws Exception {
        start(local(bothForms(3, 400)));
        assertThat(engines.created).containsExactly("sound");
        assertRunBy(engines.sound);
        assertThat(told).hasSize(1);
        assertThat(told.get(0).toString())
                .isEqualTo(
                        "sound 1 (cpu) runs all segments: it defines the answers; nothing was measured on this device yet");
        measure(2);
        assertThat(told.get(1).engine()).isEqualTo("other");
        assertThat(told.get(1).why())
                .isEqualTo(
                        "measured on this device: other takes 0.001 ms (spread 0.000), sound 0.003 ms (spread 0.000)");
        assertThat(agent.engineInUse()).isEqualTo(told.get(1));
        assertThat(engines.sound.openSessions()).isZero();
        assertRunBy(engines.other);
    }

    @Test
    void theFirstEngineStaysWhereTheOtherIsNoFaster() throws Exception {
        start(local(bothForms(3, 1100)));
        measure(2);
        assertThat(told.get(1).engine()).isEqualTo("sound");
        assertThat(engines.other.runs()).isNotEmpty();
        assertThat(engines.other.openSessions()).isZero();
        assertRunBy(engines.sound);
    }

    @Test
    void segmentsWithoutASecondFormStayWithTheFirstEngine() throws Exception {
        start(local(bothForms(2, 10)));
        measure(2);
        assertThat(told.get(1).segments()).isEqualTo("other 1 (cpu) runs segments 0 to 1, sound 1 (cpu) segment 2");
        int before = engines.sound.runs().size();
        assertAnswers(get(agent.infer(INPUTS)), INPUTS);
        assertThat(engines.sound.runs()).hasSize(before + 1);
    }

    @Test
    void theNextStartRemembersWhatWasMeasured() throws Exception {
        start(local(bothForms(3, 400)).deviceProfile(profile()));
        measure(2);
        waitForProfile();
        agent.close();
        assertThat(Files.readString(profile())).contains("\"name\": \"other\"").contains("\"perNode\"");

        engines = newEngines("1");
        start(local(bothForms(3, 400)).deviceProfile(profile()));
        assertThat(agent.engineInUse().engine()).isEqualTo("other");
        assertThat(agent.engineInUse().why()).startsWith("measured on this device: other takes ");
        assertThat(engines.created).containsExactly("other");
        time.advance(60 * SECOND);
        assertThat(engines.created).containsExactly("other", "sound");
        assertThat(engines.other.runs()).isEmpty();
        assertRunBy(engines.other);
    }

    private void waitForProfile() {
        while (!Files.exists(profile())) {
            Thread.onSpinWait();
        }
    }

    @Test
    void anotherVersionOfAnEngineOrAnotherBundleIsMeasuredAnew() throws Exception {
        start(local(bothForms(3, 400)).deviceProfile(profile()));
        measure(2);
        waitForProfile();
        agent.close();

        told.clear();
        engines = newEngines("2");
        start(local(bothForms(3, 400)).deviceProfile(profile()));
        assertThat(agent.engineInUse().engine()).isEqualTo("sound");
        measure(2);
        assertThat(told.get(1).segments()).isEqualTo("other 2 (cpu) runs all segments");
        agent.close();

        told.clear();
        engines = newEngines("2");
        start(local(bothForms(3, 5000)).deviceProfile(profile()));
        assertThat(agent.engineInUse().why()).contains("nothing was measured");
        measure(2);
        assertThat(told.get(1).engine()).isEqualTo("sound");
    }

    @Test
    void anEngineThatIsNotThereIsNamedAndTheOtherGoesOn() throws Exception {
        engines.otherIsMissing = "no native library for this processor";
        start(local(bothForms(3, 400)));
        measure(2);
        assertThat(told.get(1).engine()).isEqualTo("sound");
        assertThat(told.get(1).refused()).containsExactly("other: no native library for this processor");
        assertRunBy(engines.sound);
    }

    @Test
    void anEngineThatWasAskedForIsUsedFromTheStart() throws Exception {
        start(local(bothForms(3, 5000)).engine("other"));
        assertThat(agent.engineInUse().why()).isEqualTo("it was asked for");
        assertRunBy(engines.other);
        time.advance(60 * SECOND);
        assertThat(engines.created).containsExactly("other");
        assertThat(told).hasSize(1);
    }

    @Test
    void anEngineThatWasAskedForAndIsNotThereGivesWayWithItsReason() throws Exception {
        engines.otherIsMissing = "no native library for this processor";
        start(local(bothForms(3, 400)).engine("other"));
        assertThat(told.get(0).toString())
                .isEqualTo("sound 1 (cpu) runs all segments: other, which comes first, does not run it here; refused: "
                        + "other: no native library for this processor");
        assertRunBy(engines.sound);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> local(bothForms(3, 400)).engine("third").build())
                .withMessage("engine \"third\" is not on the class path; expected one of [sound, other]");
    }

    @Test
    void aSegmentThatAnEngineRefusesGoesToTheNextEngine() throws Exception {
        Bundle view = new AffineModel().secondForm(3, 10).brokenSecondForm(1).full(folder);
        start(local(view).engine("other"));
        assertThat(agent.engineInUse().segments())
                .isEqualTo("other 1 (cpu) runs segment 0, sound 1 (cpu) segment 1, other 1 (cpu) segment 2");
        assertThat(agent.engineInUse().refused()).hasSize(1);
        assertThat(agent.engineInUse().refused().get(0)).startsWith("other: ").contains("segment-1.tflite");
        assertAnswers(get(agent.infer(INPUTS)), INPUTS);
    }

    @Test
    void nothingIsMeasuredWhereThereIsNothingToChoose() throws Exception {
        start(local(new AffineModel().full(folder)));
        time.advance(60 * SECOND);
        assertThat(agent.engineInUse().why()).isEqualTo("the bundle has one form of its head");
        assertThat(engines.created).containsExactly("sound");
        assertThat(engines.sound.runs()).isEmpty();
    }

    @Test
    void aProfileIsMeasuredAlsoOfTheOnlyEngine() throws Exception {
        start(local(new AffineModel().full(folder)).deviceProfile(profile()));
        while (!Files.exists(profile())) {
            step();
        }
        assertThat(Files.readString(profile()))
                .contains("\"name\": \"sound\"")
                .contains("\"boundary\": [")
                .doesNotContain("nothing was measured");
        assertThat(told).hasSize(1);
    }

    @Test
    void measuringGivesWayToRequestsAndGoesOnAfterwards() throws Exception {
        start(local(bothForms(3, 400)));
        time.advance(5 * SECOND - 1);
        engines.sound.hold();
        engines.other.hold();
        time.advance(1);
        engines.sound.awaitHeld(1); // the first run that is measured
        List<CompletableFuture<InferenceResult>> waiting = List.of(agent.infer(INPUTS), agent.infer(INPUTS));
        engines.sound.release();
        for (CompletableFuture<InferenceResult> answer : waiting) {
            assertAnswers(get(answer), INPUTS);
        }
        assertThat(engines.other.runs()).isEmpty();
        engines.other.release();
        measure(2);
        assertThat(told.get(1).engine()).isEqualTo("other");
    }

    @Test
    void aHeadThatIsMeasuredIsClosedWithTheAgent() throws Exception {
        start(local(bothForms(3, 400)));
        engines.other.hold();
        while (engines.other.runs().isEmpty()) {
            step();
        }
        assertThat(engines.other.openSessions()).isEqualTo(3);
        engines.other.release();
        agent.close();
        assertThat(engines.isAllClosed()).isTrue();
    }

    @Test
    void aDamagedFileIsMeasuredAnew() throws Exception {
        Files.writeString(profile(), "{\"format\":1,\"machine\":{\"architecture\":\"" + "x".repeat(9000) + "\"}}");
        start(local(bothForms(3, 400)).deviceProfile(profile()));
        assertThat(agent.engineInUse().engine()).isEqualTo("sound");
        measure(2);
        while (!profileSays("other")) {
            Thread.onSpinWait();
        }
    }

    private boolean profileSays(String engine) throws IOException {
        return Files.readString(profile()).contains("\"name\": \"" + engine + "\"");
    }
}
