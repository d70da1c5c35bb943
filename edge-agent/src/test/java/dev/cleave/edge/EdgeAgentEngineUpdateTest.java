package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.EngineUse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which engine a new version of the model runs on. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EdgeAgentEngineUpdateTest extends UpdateFixture {
    private static final long FAST = 400;

    private final List<EngineUse> told = new CopyOnWriteArrayList<>();

    private AgentListener recording() {
        return new AgentListener() {
            @Override
            public void engineInUse(EngineUse use) {
                told.add(use);
            }
        };
    }

    /** Leaves a file behind that says that the other engine is the faster one. */
    private void measure(Path profile) throws Exception {
        ManualScheduler time = new ManualScheduler();
        TwoEngines engines = new TwoEngines("1", time::pass);
        EdgeAgent agent = started(builder(bundle)
                .scheduler(time)
                .engines(engines)
                .background(Runnable::run)
                .split(Split.local())
                .deviceProfile(profile));
        while (!Files.exists(profile)) {
            if (!time.advanceToNext()) {
                Thread.onSpinWait();
            }
        }
        agent.close();
    }

    /** Otherwise a slower engine would count against the version. */
    @Test
    void aNewVersionBeginsWithTheEngineOfTheOneBefore() throws Exception {
        bundle = new AffineModel().secondForm(3, FAST).full(folder);
        Path profile = folder.resolve("device.json");
        measure(profile);
        Bundle next = edgeView(new AffineModel().version(2).secondForm(3, FAST));
        offer(next);
        TwoEngines engines = new TwoEngines("1", nanos -> timeOfRuns().pass(nanos));
        EdgeAgent agent = updatingAgent(
                Split.local(),
                builder -> builder.engines(engines)
                        .background(Runnable::run)
                        .deviceProfile(profile)
                        .updates(settings())
                        .listener(recording()));
        assertThat(told.get(0).why()).startsWith("measured on this device: other takes ");
        pass(START);
        assertThat(agent.bundleId()).isEqualTo(next.id());
        assertThat(told.get(1).segments()).isEqualTo("other 1 (cpu) runs all segments");
        assertThat(told.get(1).why()).isEqualTo("the version before runs on it; this one was not measured yet");
        agent.close();
        assertThat(engines.isAllClosed()).isTrue();
    }
}
