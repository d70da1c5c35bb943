package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.QualityLevel;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.EdgeAgentBuilder;
import dev.cleave.edge.InferenceException;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.InferenceStream;
import dev.cleave.edge.Split;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.stream.StreamSettings;
import dev.cleave.partition.Recurrent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Streams of a recurrent network, cut before, between and behind its states, through a gateway's process. */
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StatefulStreamsTest {
    private static final int FRAMES = 50;
    private static final int AT_ONCE = 4;
    private static final double STATE_BYTES = 2 * 4 * 36 * 4;
    private static final Offset<Float> EXACT = Offset.offset(1e-4f);
    private static final StreamSettings ALL =
            StreamSettings.all(FRAMES).withDeadline(Duration.ofSeconds(20)).withAddedError(0);

    @TempDir
    private static Path temporary;

    @AutoClose
    private static SplitModel model;

    @BeforeAll
    static void split() throws Exception {
        model = SplitModel.recurrent(temporary);
    }

    /** What an agent has told, as far as it matters here. */
    private static final class Told implements AgentListener {
        final Semaphore linkUps = new Semaphore(0);
        final Semaphore linkDowns = new Semaphore(0);
        final List<String> resets = new CopyOnWriteArrayList<>();

        @Override
        public void linkUp(String gateway, String gatewayVersion) {
            linkUps.release();
        }

        @Override
        public void linkDown(String gateway, String reason) {
            linkDowns.release();
        }

        @Override
        public void stateReset(long stream, String why) {
            resets.add(why);
        }
    }

    private static EdgeAgent agent(int port, Split split, Told told) throws Exception {
        EdgeAgentBuilder builder = model.agent(model.bundle(), port)
                .split(split)
                .quality(QualityLevel.RAW)
                .localFallback(false)
                .listener(told);
        EdgeAgent agent = builder.build();
        told.linkUps.acquire();
        return agent;
    }

    /** A few frames are on their way at once. */
    private static List<InferenceResult> film(InferenceStream stream, int from, int frames) throws Exception {
        List<CompletableFuture<InferenceResult>> futures = new ArrayList<>();
        for (int time = from; time < from + frames; time++) {
            futures.add(stream.submit(SplitModel.input(Recurrent.frame(time))));
            futures.get(Math.max(0, futures.size() - AT_ONCE)).get();
        }
        List<InferenceResult> results = new ArrayList<>();
        for (CompletableFuture<InferenceResult> future : futures) {
            results.add(future.get());
        }
        return results;
    }

    /** @param results of frames from that time on, which are the first ones that the model sees */
    private static void assertWhole(List<InferenceResult> results, int from) throws Exception {
        List<float[]> whole = model.sequence(from, results.size());
        for (int i = 0; i < results.size(); i++) {
            assertThat(SplitModel.answer(results.get(i))).as("frame %d", i).containsExactly(whole.get(i), EXACT);
        }
    }

    @Test
    void aStreamIsTheWholeModelWhereverItsStateIs() throws Exception {
        int port = FreePort.find();
        try (GatewayProcess gateway = GatewayProcess.start(model.served(), port, "{}")) {
            for (Split split : List.of(Split.cloud(), Split.at(1), Split.at(2), Split.at(3))) {
                Told told = new Told();
                try (EdgeAgent agent = agent(port, split, told);
                        InferenceStream stream = agent.stream(ALL)) {
                    List<InferenceResult> results = film(stream, 0, FRAMES);
                    assertThat(results).noneMatch(result -> result.source() == Source.LOCAL || result.stateReset());
                    assertWhole(results, 0);
                    assertThat(told.resets).isEmpty();
                }
            }
            assertThat(gateway.metric("cleave_requests_total", "outcome=\"ok\""))
                    .isEqualTo(4 * FRAMES);
        }
    }

    @Test
    void streamsThatShareBatchesDoNotMix() throws Exception {
        int port = FreePort.find();
        try (GatewayProcess gateway = GatewayProcess.start(
                        model.served(), port, "{\"maxQueueDelay\": \"5ms\", \"preferredBatches\": [2]}");
                EdgeAgent agent = agent(port, Split.at(1), new Told());
                InferenceStream first = agent.stream(ALL)) {
            try (InferenceStream second = agent.stream(ALL)) {
                filmBoth(first, second);
                assertThat(gateway.metric("cleave_state_bytes", "")).isEqualTo(2 * STATE_BYTES);
            }
            Eventually.until(
                    "the gateway lets go of the state of a stream that is closed",
                    () -> gateway.metric("cleave_state_bytes", "") == STATE_BYTES);
        }
    }

    private static void filmBoth(InferenceStream first, InferenceStream second) throws Exception {
        List<CompletableFuture<InferenceResult>> ofFirst = new ArrayList<>();
        List<CompletableFuture<InferenceResult>> ofSecond = new ArrayList<>();
        for (int i = 0; i < FRAMES; i++) {
            ofFirst.add(first.submit(SplitModel.input(Recurrent.frame(i))));
            ofSecond.add(second.submit(SplitModel.input(Recurrent.frame(1000 + i))));
            ofFirst.get(Math.max(0, i - AT_ONCE)).get();
            ofSecond.get(Math.max(0, i - AT_ONCE)).get();
        }
        List<InferenceResult> results = all(ofFirst);
        assertWhole(results, 0);
        assertWhole(all(ofSecond), 1000);
        assertThat(results).as("rows of both streams in one run").anyMatch(result -> result.batchSize() == 2);
    }

    private static List<InferenceResult> all(List<CompletableFuture<InferenceResult>> futures) throws Exception {
        List<InferenceResult> results = new ArrayList<>();
        for (CompletableFuture<InferenceResult> future : futures) {
            results.add(future.get());
        }
        return results;
    }

    /** Whatever the stream says after the restart, it does not say it as if nothing had been forgotten. */
    @Test
    void aGatewaysRestartBeginsTheStateAnewAndSaysSo() throws Exception {
        int port = FreePort.find();
        Told told = new Told();
        EdgeAgent agent = null;
        InferenceStream stream = null;
        try {
            try (GatewayProcess first = GatewayProcess.start(model.served(), port, "{}")) {
                agent = agent(port, Split.at(1), told);
                stream = agent.stream(ALL);
                assertWhole(film(stream, 0, 20), 0);
                assertThat(first.metric("cleave_requests_total", "outcome=\"ok\""))
                        .isEqualTo(20);
            }
            told.linkDowns.acquire();
            CompletableFuture<InferenceResult> without = stream.submit(SplitModel.input(Recurrent.frame(20)));
            InferenceResult answered = null;
            try (GatewayProcess next = GatewayProcess.start(model.served(), port, "{}")) {
                told.linkUps.acquire();
                try {
                    answered = without.get();
                } catch (ExecutionException failed) {
                    assertThat(failed.getCause())
                            .isInstanceOf(InferenceException.class)
                            .hasMessageContaining("LOCAL in its place is not possible: the gateway keeps state");
                }
                int from = answered == null ? 21 : 20;
                List<InferenceResult> results = new ArrayList<>();
                if (answered != null) {
                    results.add(answered);
                }
                results.addAll(film(stream, 21, 20));
                assertWhole(results, from);
                assertThat(results.get(0).stateReset()).isTrue();
                assertThat(results.subList(1, results.size())).noneMatch(InferenceResult::stateReset);
                assertThat(next.metric("cleave_requests_total", "outcome=\"ok\""))
                        .isEqualTo(results.size());
                assertThat(told.resets).hasSize(1);
                assertThat(told.resets.get(0)).contains("the gateway that kept it is out of reach");
            }
        } finally {
            if (stream != null) {
                stream.close();
            }
            if (agent != null) {
                agent.close();
            }
        }
    }
}
