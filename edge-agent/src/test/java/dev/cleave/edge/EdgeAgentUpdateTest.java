package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.events.Source;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EdgeAgentUpdateTest extends UpdateFixture {
    private Bundle offered;

    private void offerVersionTwo() throws Exception {
        offered = edgeView(new AffineModel().version(2));
        offer(offered);
    }

    @Test
    void fetchesANewerVersionAndAnswersWithIt() throws Exception {
        offerVersionTwo();
        EdgeAgent agent = updatingAgent(Split.at(1));
        assertVersion(1, agent);
        pass(START);
        assertThat(updateEvents()).containsExactly("updated 1 to 2");
        assertVersion(2, agent);
        assertThat(agent.bundleId()).isEqualTo(offered.id());
        assertThat(gateway.opens).extracting(open -> open.getBundleId()).containsExactly(bundle.id(), offered.id());
        assertThat(files(".part")).isEmpty();
        pass(1);
        engine.awaitSessions(AffineModel.LOCAL);
        assertThat(engine.openSessions()).as("of the new version alone").isEqualTo(AffineModel.LOCAL);
        assertThat(events).filteredOn(event -> event.startsWith("up")).containsExactly("up fake", "updated 1 to 2");
    }

    @Test
    void aVersionThatIsChangedToIsToldOfAnotherNetwork() throws Exception {
        EdgeAgent agent = updatingAgent(Split.at(1));
        offerVersionTwo();
        gateway.silentAtOpen = true;
        pass(START);
        assertThat(agent.contract().modelVersion()).isEqualTo("1");
        gateway.silentAtOpen = false;
        agent.networkChanged();
        assertThat(agent.contract().modelVersion()).isEqualTo("2");
    }

    @Test
    void whatBeganBeforeEndsOnTheFormerVersion() throws Exception {
        offerVersionTwo();
        EdgeAgent agent = updatingAgent(Split.at(1));
        gateway.script = FakeGateway.Script.HOLD;
        Map<String, Tensor> inputs = AffineModel.inputs(2, 5);
        CompletableFuture<InferenceResult> before = agent.infer(inputs);
        FakeGateway.Request first = gateway.awaitRequest();
        pass(START);
        CompletableFuture<InferenceResult> after = agent.infer(inputs);
        gateway.awaitRequest().answer();
        assertThat(AffineModel.floats(get(after).outputs().get("y"))).isEqualTo(AffineModel.expectedY(inputs, 2));
        pass(1);
        assertThat(engine.openSessions()).as("of both versions").isEqualTo(2 * AffineModel.LOCAL);
        first.answer();
        assertThat(AffineModel.floats(get(before).outputs().get("y"))).isEqualTo(AffineModel.expectedY(inputs, 1));
        pass(1);
        engine.awaitSessions(AffineModel.LOCAL);
        assertThat(engine.openSessions()).as("of the new version").isEqualTo(AffineModel.LOCAL);
    }

    @Test
    void aVersionThatDidWellIsWhatTheNextStartBeginsWith() throws Exception {
        offerVersionTwo();
        try (EdgeAgent agent = updatingAgent(Split.local())) {
            pass(START);
            ask(agent, TRIAL);
            awaitGood(offered);
        }
        assertThat(files(".cleave")).containsExactly(offered.id() + ".cleave");
        assertVersion(2, updatingAgent(Split.local()));
        pass(HOUR);
        assertThat(gateway.fetches).hasSize(1);
    }

    @Test
    void aVersionThatFailsIsGivenBackAndNotFetchedAgain() throws Exception {
        offerVersionTwo();
        try (EdgeAgent agent = updatingAgent(Split.local())) {
            ask(agent, 30);
            pass(START);
            askInVain(agent, 3);
            awaitEvent("back");
            assertThat(updateEvents()).hasSize(2).startsWith("updated 1 to 2");
            assertThat(updateEvents().get(1))
                    .matches("back from 2 to 1: 3 of its first 3 requests failed; "
                            + "of the former version's last (29|30) it was 0");
            assertVersion(1, agent);
            pass(3 * HOUR);
        }
        assertVersion(1, updatingAgent(Split.local()));
        pass(3 * HOUR);
        assertThat(gateway.fetches).hasSize(1);
        assertThat(files(".cleave")).isEmpty();
    }

    @Test
    void aVersionThatIsSlowerIsGivenBack() throws Exception {
        offered = edgeView(new AffineModel().version(2).slow(60_000_000));
        offer(offered);
        EdgeAgent agent = updatingAgent(Split.local());
        ask(agent, 30);
        pass(START);
        ask(agent, 10);
        awaitEvent("back");
        assertThat(updateEvents())
                .containsExactly(
                        "updated 1 to 2",
                        "back from 2 to 1: it takes 60.0 ms without a gateway where the former version took 0.0 ms");
        assertVersion(1, agent);
    }

    @Test
    void callersMistakesAreNoFailuresOfAVersion() throws Exception {
        offerVersionTwo();
        EdgeAgent agent = updatingAgent(Split.local());
        pass(START);
        for (int i = 0; i < 30; i++) {
            failure(agent.infer(AffineModel.inputs(AffineModel.MAX_BATCH + 1, i)));
        }
        assertVersion(2, agent);
        assertThat(updateEvents()).containsExactly("updated 1 to 2");
    }

    @Test
    void anAgentWhoseVersionIsNotServedAnyMoreAnswersLocallyAndComesBackWithTheNextOne() throws Exception {
        offerVersionTwo();
        gateway.stopServing(bundle);
        EdgeAgent agent = updatingAgent(Split.auto());
        assertThat(get(agent.infer(AffineModel.inputs(1, 1))).source()).isEqualTo(Source.LOCAL);
        pass(START);
        assertThat(updateEvents()).containsExactly("updated 1 to 2");
        assertThat(events).contains("up fake");
        assertThat(get(started(builder(offered).split(Split.at(1))).infer(AffineModel.inputs(1, 1)))
                        .source())
                .isEqualTo(Source.SPLIT);
        assertVersion(2, agent);
    }

    @Test
    void asksAgainWhenTheLinkComesBack() throws Exception {
        EdgeAgent agent = updatingAgent(Split.at(1));
        pass(60 * SECOND);
        gateway.kill();
        offerVersionTwo();
        gateway.start();
        pass(20 * SECOND);
        assertThat(updateEvents()).containsExactly("updated 1 to 2");
        assertVersion(2, agent);
    }

    @Test
    void fetchesNothingWhileItIsNotAllowedTo() throws Exception {
        boolean[] allowed = {false};
        offerVersionTwo();
        EdgeAgent agent = updatingAgent(Split.at(1), settings().onlyIf(() -> allowed[0]));
        pass(3 * HOUR);
        assertThat(gateway.fetches).isEmpty();
        assertVersion(1, agent);
        allowed[0] = true;
        pass(2 * HOUR);
        assertVersion(2, agent);
    }

    @Test
    void aTrialThatNeverEndsIsBegunThreeTimesAndNoMore() throws Exception {
        offerVersionTwo();
        try (EdgeAgent agent = updatingAgent(Split.local())) {
            pass(START);
            assertVersion(2, agent);
        }
        for (int start = 2; start <= 3; start++) {
            try (EdgeAgent agent = updatingAgent(Split.local())) {
                assertVersion(2, agent);
            }
        }
        assertVersion(1, updatingAgent(Split.local()));
        pass(3 * HOUR);
        assertThat(gateway.fetches).hasSize(1);
    }

    @Test
    void aTrialGoesOnInTheNextProcessAndCanStillGoWrong() throws Exception {
        offerVersionTwo();
        try (EdgeAgent agent = updatingAgent(Split.local())) {
            pass(START);
            assertVersion(2, agent);
        }
        EdgeAgent agent = updatingAgent(Split.local());
        askInVain(agent, 3);
        awaitEvent("back");
        assertVersion(1, agent);
    }

    @Test
    void anApplicationThatBringsTheNewestVersionItselfUsesThat() throws Exception {
        offerVersionTwo();
        try (EdgeAgent agent = updatingAgent(Split.local())) {
            pass(START);
            ask(agent, TRIAL);
            awaitGood(offered);
        }
        bundle = edgeView(new AffineModel().version(3));
        EdgeAgent agent = updatingAgent(Split.local());
        assertVersion(3, agent);
        assertThat(files(".cleave")).isEmpty();
    }

    @Test
    void refusesAFolderThatAnotherAgentUses() throws Exception {
        updatingAgent(Split.local());
        assertThatThrownBy(() -> updatingAgent(Split.local()))
                .isInstanceOf(IOException.class)
                .hasMessage("folder " + kept() + " for updates is in use by another agent; expected one of its own");
    }

    @Test
    void needsAGateway() {
        assertThatThrownBy(() -> EdgeAgent.builder()
                        .bundle(bundle)
                        .engine(engine)
                        .updates(settings())
                        .build())
                .hasMessage("updates come from a gateway, and there is none; expected a gateway");
    }
}
