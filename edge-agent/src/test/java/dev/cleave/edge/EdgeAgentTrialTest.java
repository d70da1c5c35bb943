package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.ForwardingEngine;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.v1.Error;
import io.grpc.Status;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Trials of versions: how they begin, what they see, and how they end where nothing goes as it should. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EdgeAgentTrialTest extends UpdateFixture {
    private final Bundle[] views = new Bundle[4];

    private Bundle version(int number) throws Exception {
        views[number] = edgeView(new AffineModel().version(number));
        return views[number];
    }

    private void begin(Split split) throws Exception {
        try (EdgeAgent agent = updatingAgent(split)) {
            pass(START);
            assertVersion(2, agent);
        }
    }

    /** No version can be finished on the device. */
    private void offerWithoutLocal() throws Exception {
        bundle = new AffineModel().edgeThrough(folder, 2);
        gateway.serve(new AffineModel().version(2).full(folder));
        views[2] = new AffineModel().version(2).edgeThrough(folder, 2);
        gateway.offers.add(described(views[2]).build());
        gateway.download = all(bytes(views[2]));
    }

    @Test
    void aSwitchDoesNotWaitForGatewaysThatSwallowEverything() throws Exception {
        FakeGateway another = anotherGateway();
        offer(version(2));
        another.serve(views[2]);
        EdgeAgent agent = updatingAgent(Split.at(1), builder -> builder.channel(channelTo(another)));
        gateway.silentAtOpen = true;
        another.silentAtOpen = true;
        pass(START);
        pass(5 * SECOND);
        assertThat(updateEvents()).containsExactly("updated 1 to 2");
        assertThat(agent.bundleId()).isEqualTo(views[2].id());
    }

    @Test
    void aRollBackDoesNotWaitForTheFormerVersionsStream() throws Exception {
        offer(version(2));
        EdgeAgent agent = updatingAgent(Split.at(1));
        pass(START);
        assertVersion(2, agent);
        gateway.silentAtOpen = true;
        askInVain(agent, 3);
        awaitEvent("back from 2 to 1");
        assertThat(agent.bundleId()).isEqualTo(bundle.id());
    }

    @Test
    void aVersionThatTheGatewayTakesAwayAndTheDeviceCannotDoWithoutIsGivenBack() throws Exception {
        offerWithoutLocal();
        EdgeAgent agent = updatingAgent(Split.at(1));
        pass(START);
        assertVersion(2, agent);
        gateway.offers.clear();
        gateway.offers.add(described(bundle).build());
        gateway.stopServing(views[2]);
        gateway.session().fail(Status.UNAVAILABLE);
        pass(5 * SECOND);
        assertThat(failure(agent.infer(AffineModel.inputs(1, 1))).reason()).isEqualTo(Reason.REFUSED);
        pass(60 * SECOND);
        assertThat(updateEvents())
                .last()
                .asString()
                .startsWith("back from 2 to 1: the gateway serves affine 1 (")
                .endsWith(") and not this one any more");
        assertVersion(1, agent);
        assertThat(files(".cleave")).isEmpty();
        gateway.serve(new AffineModel().version(2).full(folder));
        gateway.offers.add(described(views[2]).build());
        pass(2 * HOUR);
        assertVersion(2, agent);
    }

    @Test
    void aGatewayThatRefusesTheDeviceSaysNothingOfAVersion() throws Exception {
        offerWithoutLocal();
        EdgeAgent agent = updatingAgent(Split.at(1));
        pass(START);
        gateway.refusal = Error.newBuilder().setCode(Error.Code.UNAUTHENTICATED).build();
        gateway.session().fail(Status.UNAVAILABLE);
        for (int i = 0; i < 10; i++) {
            pass(30 * SECOND);
            assertThat(failure(agent.infer(AffineModel.inputs(1, i))).reason()).isEqualTo(Reason.REFUSED);
        }
        gateway.refusal = null;
        pass(120 * SECOND);
        assertVersion(2, agent);
        assertThat(updateEvents()).containsExactly("updated 1 to 2");
    }

    @Test
    void aVersionOfWhichTheGatewayServesNoPointAndTheDeviceCannotFinishIsGivenBack() throws Exception {
        offerWithoutLocal();
        EdgeAgent agent = updatingAgent(Split.auto());
        List<Integer> points = gateway.points;
        gateway.points = List.of();
        pass(START);
        gateway.points = points;
        for (int i = 0; i < 3; i++) {
            assertThat(failure(agent.infer(AffineModel.inputs(1, i))).reason()).isEqualTo(Reason.UNAVAILABLE);
        }
        awaitEvent("back from 2 to 1");
        assertVersion(1, agent);
    }

    @Test
    void whatTheNetworkDoesIsNoFailureOfAVersion() throws Exception {
        offerWithoutLocal();
        EdgeAgent agent = updatingAgent(Split.at(1));
        pass(START);
        gateway.kill();
        pass(5 * SECOND);
        for (int i = 0; i < 10; i++) {
            assertThat(failure(agent.infer(AffineModel.inputs(1, i))).reason()).isEqualTo(Reason.UNAVAILABLE);
        }
        gateway.start();
        pass(60 * SECOND);
        assertVersion(2, agent);
        assertThat(updateEvents()).containsExactly("updated 1 to 2");
    }

    @Test
    void aTrialThatDoesNotEndGivesWayToTheNextVersion() throws Exception {
        offer(version(2));
        EdgeAgent agent = updatingAgent(Split.local());
        ask(agent, 30);
        pass(START);
        assertVersion(2, agent);
        offer(version(3));
        pass(2 * HOUR);
        assertVersion(3, agent);
        askInVain(agent, 5);
        awaitEvent("back from 3 to 1");
        assertVersion(1, agent);
        assertThat(files(".cleave")).isEmpty();
    }

    @Test
    void aTrialThatTookThePlaceOfAnotherOneAsTheProcessEndedGivesWayToWhatWasBeforeBoth() throws Exception {
        Files.createDirectories(kept());
        StringBuilder lines = new StringBuilder();
        for (int number = 2; number <= 3; number++) {
            Bundle view = version(number);
            Files.copy(view.file(), kept().resolve(view.id() + ".cleave"));
            lines.append(view.id()).append(" trial 1\n");
        }
        Files.writeString(kept().resolve("versions"), lines);
        EdgeAgent agent = updatingAgent(Split.local());
        assertVersion(3, agent);
        askInVain(agent, 5);
        awaitEvent("back from 3 to 1");
        assertVersion(1, agent);
    }

    @Test
    void aVersionOnTrialStaysSoIfTheNextOneDoesNotLoad() throws Exception {
        offer(version(2));
        EdgeAgent agent = updatingAgent(Split.local());
        ask(agent, 30);
        pass(START);
        ask(agent, 5);
        offer(edgeView(new AffineModel().version(3)));
        Bundle broken = edgeView(new AffineModel().version(3).brokenSegment(1));
        gateway.offers.clear();
        gateway.offers.add(described(broken).build());
        gateway.download = all(bytes(broken));
        pass(2 * HOUR);
        assertThat(updateEvents()).hasSize(2).last().asString().startsWith("refused 3: it does not run here");
        assertVersion(2, agent);
        askInVain(agent, 5);
        awaitEvent("back from 2 to 1");
    }

    @Test
    void afterATrialThatWentOnInTheNextProcessTheFormerVersionIsWhatTheNextIsComparedWith() throws Exception {
        offer(version(2));
        begin(Split.local());
        EdgeAgent agent = updatingAgent(Split.local());
        askInVain(agent, 3);
        awaitEvent("back from 2 to 1");
        ask(agent, 30);
        Bundle slow = edgeView(new AffineModel().version(3).slow(60_000_000));
        offer(slow);
        pass(2 * HOUR);
        assertThat(agent.bundleId()).isEqualTo(slow.id());
        ask(agent, 12);
        awaitEvent("back from 3 to 1: it takes 60.0 ms");
    }

    @Test
    void aVersionWhoseStartCannotBeRememberedIsNotBegun() throws Exception {
        offer(version(2));
        begin(Split.local());
        // A folder in the way of the file that is replaced.
        Files.createDirectories(kept().resolve("versions.new").resolve("in the way"));
        try (EdgeAgent agent = updatingAgent(Split.local())) {
            assertVersion(1, agent);
        }
        Files.delete(kept().resolve("versions.new").resolve("in the way"));
        Files.delete(kept().resolve("versions.new"));
        assertVersion(2, updatingAgent(Split.local()));
    }

    @Test
    void aFetchedFileThatIsSpoiltOnAFullDiskIsPassedOver() throws Exception {
        offer(version(2));
        begin(Split.local());
        Files.write(kept().resolve(views[2].id() + ".cleave"), firstHalf(bytes(views[2])));
        Files.createDirectories(kept().resolve("versions.new").resolve("in the way"));
        assertVersion(1, updatingAgent(Split.local()));
    }

    @Test
    void aVersionThatTheMemoryDoesNotHoldIsPassedOver() throws Exception {
        offer(version(2));
        begin(Split.local());
        Engine small = new SmallMemory(views[2].id());
        try (EdgeAgent agent = updatingAgent(Split.local(), builder -> builder.engine(small))) {
            assertVersion(1, agent);
        }
        assertVersion(2, updatingAgent(Split.local()));
    }

    @Test
    void theFolderIsFreeAgainAfterABuildThatEndedInWhateverWay() throws Exception {
        Engine small = new SmallMemory("affine-1");
        assertThatThrownBy(() -> updatingAgent(Split.local(), builder -> builder.engine(small)))
                .isInstanceOf(OutOfMemoryError.class);
        assertVersion(1, updatingAgent(Split.local()));
    }

    /** {@link #engine}, which has no memory for graphs of some files. */
    private final class SmallMemory extends ForwardingEngine {
        private final String tooLarge;

        SmallMemory(String tooLarge) {
            super(engine);
            this.tooLarge = tooLarge;
        }

        @Override
        public Session load(GraphSource graph, SessionOptions options) throws EngineException {
            if (graph.label().contains(tooLarge)) {
                throw new OutOfMemoryError("for " + graph.label());
            }
            return super.load(graph, options);
        }

        @Override
        public void close() {}
    }
}
