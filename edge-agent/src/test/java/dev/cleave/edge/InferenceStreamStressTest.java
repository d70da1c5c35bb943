package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.stream.StreamSettings;
import dev.cleave.engine.FakeEngine;
import dev.cleave.tensor.Tensor;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Streams of both kinds side by side, coded against what the gateway holds, while connections break and drain, references are lost, the
 * gateway holds and fails, callers cancel and time jumps.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InferenceStreamStressTest {
    private static final int FRAMES = 300;
    private static final Set<Reason> EXPECTED =
            EnumSet.of(Reason.DEADLINE, Reason.UNAVAILABLE, Reason.REFUSED, Reason.EXECUTION, Reason.SUPERSEDED);

    @TempDir
    Path folder;

    private final ManualScheduler clock = new ManualScheduler();
    private final AtomicInteger open = new AtomicInteger();

    private final class Counting implements AgentListener {
        @Override
        public void requestStarted(long request, int splitPoint, int rows) {
            open.incrementAndGet();
        }

        @Override
        public void requestEnded(long request, String failure) {
            open.decrementAndGet();
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 3, THREADED", "2, 3, SOCKET", "3, 2, THREADED", "4, 2, SOCKET"})
    void everyFrameEndsOnceInTurnAndNeverWithAWrongAnswer(long seed, int through, FakeGateway.Transport transport)
            throws Exception {
        AffineModel model = new AffineModel().quantised();
        Bundle full = model.full(folder);
        FakeEngine engine = new FakeEngine(clock::pass);
        try (FakeGateway gateway = new FakeGateway(full, transport)) {
            ManagedChannel channel = gateway.channel();
            try (EdgeAgent agent = EdgeAgent.builder()
                    .bundle(model.edgeThrough(folder, through))
                    .engine(engine)
                    .channel(channel)
                    .scheduler(clock)
                    .random(new Random(seed))
                    .split(Split.at(1))
                    .listener(new Counting())
                    .build()) {
                run(agent, gateway, seed);
            } finally {
                channel.shutdownNow();
            }
            assertThat(gateway.violations).isEmpty();
        }
        assertThat(open).hasValue(0);
        assertThat(engine.openSessions()).isZero();
        assertThat(clock.waiting()).isZero();
    }

    private void run(EdgeAgent agent, FakeGateway gateway, long seed) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Void> chaos = async(() -> upset(gateway, new Random(seed), over));
        List<CompletableFuture<Void>> cameras = new ArrayList<>();
        for (StreamSettings settings : List.of(StreamSettings.latest(), StreamSettings.all(4))) {
            Random random = new Random(seed * 10 + settings.depth());
            StreamSettings exact = settings.withAddedError(0).withDeadline(Duration.ofMillis(1 + random.nextInt(500)));
            cameras.add(async(() -> film(agent, exact, random)));
        }
        for (CompletableFuture<Void> camera : cameras) {
            camera.get(240, TimeUnit.SECONDS);
        }
        over.set(true);
        chaos.get(60, TimeUnit.SECONDS);
    }

    private static CompletableFuture<Void> async(Runnable task) {
        return CompletableFuture.runAsync(task, work -> new Thread(work).start());
    }

    private static void film(EdgeAgent agent, StreamSettings settings, Random random) {
        List<CompletableFuture<InferenceResult>> futures = new ArrayList<>();
        List<Map<String, Tensor>> inputs = new ArrayList<>();
        List<Integer> told = Collections.synchronizedList(new ArrayList<>());
        try (InferenceStream stream = agent.stream(settings)) {
            for (int i = 0; i < FRAMES; i++) {
                int index = i;
                inputs.add(AffineModel.inputs(1, random.nextInt(3)));
                futures.add(stream.submit(inputs.get(i)));
                boolean cancelled = random.nextInt(20) == 0;
                if (!cancelled) {
                    futures.get(i).whenComplete((result, failure) -> told.add(index));
                } else {
                    futures.get(i).cancel(true);
                }
                if (random.nextInt(3) == 0) {
                    await(futures.get(random.nextInt(futures.size())));
                }
            }
            for (int i = 0; i < FRAMES; i++) {
                check(futures.get(i), inputs.get(i));
            }
        }
        assertThat(told).doesNotHaveDuplicates();
    }

    private static void await(CompletableFuture<InferenceResult> future) {
        try {
            future.get(60, TimeUnit.SECONDS);
        } catch (CancellationException | ExecutionException ended) {
            assertThat(future).isDone();
        } catch (Exception e) {
            throw new IllegalStateException("a frame hangs", e);
        }
    }

    private static void check(CompletableFuture<InferenceResult> future, Map<String, Tensor> inputs) {
        try {
            AgentFixture.assertAnswers(future.get(60, TimeUnit.SECONDS), inputs);
        } catch (CancellationException cancelled) {
            assertThat(future).isCancelled();
        } catch (ExecutionException e) {
            assertThat(((InferenceException) e.getCause()).reason()).isIn(EXPECTED);
        } catch (Exception e) {
            throw new IllegalStateException("a frame hangs", e);
        }
    }

    private void upset(FakeGateway gateway, Random random, AtomicBoolean over) {
        while (!over.get()) {
            switch (random.nextInt(8)) {
                case 0 -> gateway.script = FakeGateway.Script.values()[random.nextInt(3)];
                case 1, 2 -> gateway.script = FakeGateway.Script.ANSWER;
                case 3 -> breakOne(gateway, random);
                case 4 -> clock.advance(TimeUnit.MILLISECONDS.toNanos(1 + random.nextInt(100)));
                default -> {
                    FakeGateway.Request held = gateway.requests.poll();
                    if (held != null && held.hasPayload() && random.nextBoolean()) {
                        held.answer();
                    }
                }
            }
            Thread.yield();
        }
        clock.advance(TimeUnit.SECONDS.toNanos(1));
    }

    private static void breakOne(FakeGateway gateway, Random random) {
        if (gateway.sessions.isEmpty()) {
            return;
        }
        FakeGateway.Session session = gateway.session();
        int dice = random.nextInt(60);
        if (dice == 0) {
            session.fail(Status.UNAVAILABLE.withDescription("chaos"));
        } else if (dice == 1) {
            session.drain();
        } else if (dice < 10) {
            session.videos.forget();
        }
    }
}
