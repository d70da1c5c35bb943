package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.Answer;
import dev.cleave.edge.events.BundleVersion;
import dev.cleave.edge.events.Decision;
import dev.cleave.edge.events.Fallback;
import dev.cleave.edge.events.ShadowCheck;
import dev.cleave.engine.FakeEngine;
import dev.cleave.tensor.Tensor;
import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An agent on {@link AffineModel}, a {@link FakeGateway} and a clock that stands still. */
abstract class AgentFixture {
    @TempDir
    Path folder;

    final ManualScheduler clock = new ManualScheduler();
    /** Whatever runs takes so many times as long. */
    volatile int timesSlower = 1;

    final FakeEngine engine = new FakeEngine(nanos -> timeOfRuns().pass(timesSlower * nanos));
    final List<String> events = new CopyOnWriteArrayList<>();
    /** What was told of the link, with the address. */
    final List<String> linkEvents = new CopyOnWriteArrayList<>();

    /** Those that came before the end of their request. */
    final Map<Long, Answer> answers = new ConcurrentHashMap<>();

    final List<Decision> decisions = new CopyOnWriteArrayList<>();
    private final CountDownLatch linkUp = new CountDownLatch(1);
    FakeGateway gateway;
    Bundle bundle;
    private final List<FakeGateway> others = new ArrayList<>();
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final List<EdgeAgent> agents = new ArrayList<>();

    @BeforeEach
    void startGateway() throws Exception {
        bundle = new AffineModel().full(folder);
        gateway = new FakeGateway(bundle);
    }

    @AfterEach
    void closeAll() throws Exception {
        agents.forEach(EdgeAgent::close);
        channels.forEach(ManagedChannel::shutdownNow);
        gateway.close();
        others.forEach(FakeGateway::close);
        assertThat(engine.openSessions()).isZero();
    }

    /** A builder with everything but the split; {@link #started} keeps what it builds. */
    EdgeAgentBuilder builder(Bundle view) {
        return EdgeAgent.builder()
                .bundle(view)
                .engine(engine)
                .channel(channelTo(gateway))
                .deviceId("test-device")
                .scheduler(clock)
                .random(new Random(7))
                .listener(new Recording())
                .reports(Duration.ZERO);
    }

    /** Which clock runs take time on. */
    ManualScheduler timeOfRuns() {
        return clock;
    }

    /** A gateway beside {@link #gateway}, closed with it. */
    FakeGateway anotherGateway() throws Exception {
        FakeGateway another = new FakeGateway(bundle);
        others.add(another);
        return another;
    }

    ManagedChannel channelTo(FakeGateway one) {
        ManagedChannel channel = one.channel();
        channels.add(channel);
        return channel;
    }

    EdgeAgent started(EdgeAgentBuilder builder) throws Exception {
        EdgeAgent agent = builder.build();
        agents.add(agent);
        return agent;
    }

    EdgeAgent agent(Split split) throws Exception {
        return started(builder(bundle).split(split));
    }

    /** Without the last segment: LOCAL is not possible. */
    EdgeAgent agentWithoutLocal(Split split) throws Exception {
        return started(builder(new AffineModel().edgeThrough(folder, 2)).split(split));
    }

    /** Waits until an agent has told of its first connection. */
    void awaitLinkUp() throws InterruptedException {
        assertThat(linkUp.await(60, TimeUnit.SECONDS)).isTrue();
    }

    /** Waits until something of the link was told: its end may come on a thread that is still at a reply. */
    void awaitLinkEvent(String prefix) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        synchronized (linkEvents) {
            while (linkEvents.stream().noneMatch(event -> event.startsWith(prefix))) {
                long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
                assertThat(left)
                        .as("ms left for \"%s\" after %s", prefix, linkEvents)
                        .isPositive();
                linkEvents.wait(left);
            }
        }
    }

    static InferenceResult get(CompletableFuture<InferenceResult> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    static InferenceException failure(CompletableFuture<InferenceResult> future) throws Exception {
        try {
            throw new AssertionError("answered: " + get(future));
        } catch (ExecutionException e) {
            return (InferenceException) e.getCause();
        }
    }

    static void assertAnswers(InferenceResult result, Map<String, Tensor> inputs) {
        assertThat(result.outputs().keySet()).containsExactly("y", "early");
        assertThat(AffineModel.floats(result.outputs().get("y"))).isEqualTo(AffineModel.expectedY(inputs));
        assertThat(AffineModel.floats(result.outputs().get("early"))).isEqualTo(AffineModel.expectedEarly(inputs));
    }

    /** Labels of the segments that ran on the device, in order. */
    List<String> segmentsRun() {
        return engine.runs().stream()
                .map(run -> run.label().replaceAll(".*(segment-\\d).*", "$1"))
                .toList();
    }

    private final class Recording implements AgentListener {
        @Override
        public void requestStarted(long request, int splitPoint, int rows) {
            events.add("started " + request + " at " + splitPoint);
        }

        @Override
        public void decided(long request, Decision decision) {
            decisions.add(decision);
        }

        @Override
        public void fallback(long request, Fallback why) {
            events.add("fallback " + request + " " + why.cause());
        }

        @Override
        public void requestAnswered(long request, Answer answer) {
            if (!events.contains("ended " + request)) {
                answers.put(request, answer);
            }
        }

        @Override
        public void requestEnded(long request, String failure) {
            events.add("ended " + request + (failure == null ? "" : " failed"));
        }

        @Override
        public void frameSuperseded(long stream) {
            events.add("superseded in " + stream);
        }

        @Override
        public void bundleUpdated(BundleVersion from, BundleVersion to) {
            events.add("updated " + from.modelVersion() + " to " + to.modelVersion());
        }

        @Override
        public void updateRefused(BundleVersion offered, String why) {
            events.add("refused " + offered.modelVersion() + ": " + why);
        }

        @Override
        public void rolledBack(BundleVersion from, BundleVersion to, String why) {
            events.add("back from " + from.modelVersion() + " to " + to.modelVersion() + ": " + why);
        }

        @Override
        public void shadowChecked(long request, ShadowCheck check) {
            events.add("shadow " + request + " at " + check.splitPoint() + " " + check.level() + ": " + check.agreed()
                    + " of " + check.rows() + " " + check.rule() + " " + check.reference() + " " + check.precision());
        }

        @Override
        public void linkUp(String gateway, String gatewayVersion) {
            toldOfLink("up " + gateway);
            events.add("up " + gatewayVersion);
            linkUp.countDown();
        }

        @Override
        public void linkDown(String gateway, String reason) {
            toldOfLink("down " + gateway + ": " + reason);
            events.add("down");
        }

        private void toldOfLink(String event) {
            synchronized (linkEvents) {
                linkEvents.add(event);
                linkEvents.notifyAll();
            }
        }
    }
}
