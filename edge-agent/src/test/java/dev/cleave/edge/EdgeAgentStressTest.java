package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.InferenceException.Reason;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.Source;
import dev.cleave.engine.FakeEngine;
import dev.cleave.tensor.Tensor;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Many requests from several threads while streams break and drain, the gateway holds, fails and answers, callers cancel
 * and time jumps: everything that may race with everything else.
 */
class EdgeAgentStressTest {
    private static final int CALLERS = 3;
    private static final int REQUESTS_EACH = 400;
    private static final Set<Reason> EXPECTED =
            EnumSet.of(Reason.DEADLINE, Reason.UNAVAILABLE, Reason.REFUSED, Reason.EXECUTION);

    @TempDir
    Path folder;

    private final ManualScheduler clock = new ManualScheduler();
    private final Map<Long, AtomicInteger> started = new ConcurrentHashMap<>();
    private final Map<Long, AtomicInteger> ended = new ConcurrentHashMap<>();

    private final class Counting implements AgentListener {
        @Override
        public void requestStarted(long request, int splitPoint, int rows) {
            started.computeIfAbsent(request, id -> new AtomicInteger()).incrementAndGet();
        }

        @Override
        public void requestEnded(long request, String failure) {
            ended.computeIfAbsent(request, id -> new AtomicInteger()).incrementAndGet();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 3, THREADED, 1",
        "2, 3, SOCKET, 1",
        "3, 2, THREADED, 1",
        "4, 2, SOCKET, 1",
        "5, 3, THREADED, 2",
        "6, 2, THREADED, 2",
        "7, 2, SOCKET, 3"
    })
    void everyRequestEndsExactlyOnceWhateverRaces(
            long seed, int through, FakeGateway.Transport transport, int addresses) throws Exception {
        AffineModel model = new AffineModel();
        Bundle full = model.full(folder);
        FakeEngine engine = new FakeEngine(clock::pass);
        List<FakeGateway> gateways = new ArrayList<>();
        List<ManagedChannel> channels = new ArrayList<>();
        for (int i = 0; i < addresses; i++) {
            gateways.add(new FakeGateway(full, transport));
            channels.add(gateways.get(i).channel());
        }
        EdgeAgentBuilder builder = EdgeAgent.builder()
                .bundle(model.edgeThrough(folder, through))
                .engine(engine)
                .scheduler(clock)
                .random(new Random(seed))
                .split(Split.at(1))
                .listener(new Counting());
        channels.forEach(builder::channel);
        try (EdgeAgent agent = builder.build()) {
            List<Throwable> faults = runCallers(agent, gateways, seed);
            assertThat(faults).isEmpty();
            assertGoesOn(agent, gateways);
        } finally {
            channels.forEach(ManagedChannel::shutdownNow);
            gateways.forEach(FakeGateway::close);
        }
        assertThat(gateways).allMatch(gateway -> gateway.violations.isEmpty());
        assertThat(ended.keySet()).isEqualTo(started.keySet());
        assertThat(started.values()).allMatch(count -> count.get() == 1);
        assertThat(ended.values()).allMatch(count -> count.get() == 1);
        assertThat(engine.openSessions()).isZero();
        assertThat(clock.waiting()).isZero();
    }

    private List<Throwable> runCallers(EdgeAgent agent, List<FakeGateway> gateways, long seed) throws Exception {
        List<CompletableFuture<Void>> callers = new ArrayList<>();
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Void> chaos = CompletableFuture.runAsync(
                () -> upset(agent, gateways, new Random(seed), over), task -> new Thread(task).start());
        for (int caller = 0; caller < CALLERS; caller++) {
            Random random = new Random(seed * 100 + caller);
            callers.add(CompletableFuture.runAsync(() -> call(agent, random), task -> new Thread(task).start()));
        }
        List<Throwable> faults = new ArrayList<>();
        for (CompletableFuture<Void> caller : callers) {
            try {
                caller.get(120, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                faults.add(e.getCause());
            }
        }
        over.set(true);
        chaos.get(60, TimeUnit.SECONDS);
        return faults;
    }

    /** Once the gateway behaves, at the latest after the longest backoff, requests are answered by it again. */
    private void assertGoesOn(EdgeAgent agent, List<FakeGateway> gateways) throws Exception {
        for (FakeGateway gateway : gateways) {
            gateway.script = FakeGateway.Script.ANSWER;
            // What it swallowed there keeps its credit for ever; and of two streams that were opened shortly after each
            // other the
            // gateway may see the one that was given up last.
            gateway.sessions.forEach(session -> session.fail(Status.UNAVAILABLE));
        }
        Map<String, Tensor> inputs = AffineModel.inputs(2, 1);
        Source source = Source.LOCAL;
        for (int second = 0; source != Source.SPLIT && second < 60; second++) {
            letASecondPass();
            try {
                source = passingTime(agent.infer(inputs)).source();
            } catch (ExecutionException notYet) {
                assertThat(((InferenceException) notYet.getCause()).reason()).isIn(Reason.UNAVAILABLE, Reason.DEADLINE);
            }
        }
        assertThat(source).isEqualTo(Source.SPLIT);
    }

    /** By the clock; in fact a tenth of it, as a handshake over a socket takes its time, and its limit is by the clock. */
    private void letASecondPass() {
        for (int step = 0; step < 20; step++) {
            clock.advance(TimeUnit.MILLISECONDS.toNanos(50));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    /** Over a socket an answer takes its time, and a stream that broke while it was opened is found out by the clock. */
    private InferenceResult passingTime(CompletableFuture<InferenceResult> future) throws Exception {
        for (int step = 0; step < 3000; step++) {
            try {
                return future.get(20, TimeUnit.MILLISECONDS);
            } catch (TimeoutException notYet) {
                clock.advance(TimeUnit.MILLISECONDS.toNanos(50));
            }
        }
        throw new AssertionError("request is past its deadline and not over");
    }

    private void call(EdgeAgent agent, Random random) {
        for (int i = 0; i < REQUESTS_EACH; i++) {
            Map<String, Tensor> inputs = AffineModel.inputs(1 + random.nextInt(4), random.nextInt(100));
            CompletableFuture<InferenceResult> future =
                    agent.infer(InferenceInput.of(inputs), Duration.ofMillis(1 + random.nextInt(500)));
            if (random.nextInt(8) == 0) {
                future.cancel(true);
            }
            try {
                AgentFixture.assertAnswers(future.get(60, TimeUnit.SECONDS), inputs);
            } catch (CancellationException cancelled) {
                assertThat(future).isCancelled();
            } catch (ExecutionException e) {
                assertThat(((InferenceException) e.getCause()).reason()).isIn(EXPECTED);
            } catch (Exception e) {
                throw new IllegalStateException("request " + i + " hangs", e);
            }
        }
    }

    /** Until the callers are through; at last it lets time pass, so that whatever still waits comes to its deadline. */
    private void upset(EdgeAgent agent, List<FakeGateway> gateways, Random random, AtomicBoolean over) {
        while (!over.get()) {
            FakeGateway gateway = gateways.get(random.nextInt(gateways.size()));
            if (gateways.size() > 1 && random.nextInt(200) == 0) {
                agent.networkChanged();
            }
            switch (random.nextInt(6)) {
                case 0 -> gateway.script = FakeGateway.Script.values()[random.nextInt(3)];
                case 1 -> gateway.script = FakeGateway.Script.ANSWER;
                case 2 -> breakOne(gateway, random);
                case 3 -> clock.advance(TimeUnit.MILLISECONDS.toNanos(1 + random.nextInt(200)));
                default -> {
                    FakeGateway.Request held = gateway.requests.poll();
                    if (held != null && random.nextBoolean()) {
                        held.answer();
                    }
                }
            }
            Thread.yield();
        }
        clock.advance(TimeUnit.SECONDS.toNanos(1));
    }

    private static void breakOne(FakeGateway gateway, Random random) {
        if (gateway.sessions.isEmpty() || random.nextInt(20) != 0) {
            return;
        }
        FakeGateway.Session session = gateway.session();
        if (random.nextBoolean()) {
            session.fail(Status.UNAVAILABLE.withDescription("chaos"));
        } else {
            session.drain();
        }
    }
}
