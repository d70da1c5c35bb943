package dev.cleave.benchmarks.field;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.benchmarks.process.MemoryPeak;
import dev.cleave.cli.failure.UserException;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.EdgeAgentBuilder;
import dev.cleave.edge.InferenceInput;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.InferenceStream;
import dev.cleave.edge.Split;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.policy.Overflow;
import dev.cleave.edge.stream.StreamSettings;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * One agent of {@link BackPressure}: a main class, which prints what it found as JSON. Frames have a deadline of some seconds.
 */
final class Flooded {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final int WARM_UPS = 5;
    private static final long WARM_UP_PAUSE_MILLIS = 100;

    private final int side;
    private final Function<InferenceInput, CompletableFuture<InferenceResult>> agent;
    /** Frames that nobody uses. */
    private final ConcurrentLinkedQueue<Tensor> pool = new ConcurrentLinkedQueue<>();

    private final List<Double> remoteAges = Collections.synchronizedList(new ArrayList<>());
    private final List<Double> remoteEnds = Collections.synchronizedList(new ArrayList<>());
    private final AtomicLong local = new AtomicLong();
    private final AtomicLong named = new AtomicLong();
    private final AtomicLong open = new AtomicLong();

    private Flooded(int side, Function<InferenceInput, CompletableFuture<InferenceResult>> agent) {
        this.side = side;
        this.agent = agent;
    }

    /** Arguments: bundle, address, transport, mode, side, frames a second, seconds. */
    public static void main(String[] arguments) throws Exception {
        String[] address = arguments[1].split(":");
        ManagedChannel channel = channel(arguments[2], address[0], Integer.parseInt(address[1]));
        EventLog events = new EventLog();
        try (Engine engine = Engines.create(null);
                EdgeAgent agent = overflow(FieldCommand.agent(Path.of(arguments[0]), engine), arguments[3])
                        .channel(channel)
                        .split(Split.cloud())
                        .quality("raw")
                        .listener(events)
                        .build()) {
            events.awaitUp();
            Function<InferenceInput, CompletableFuture<InferenceResult>> frames = input -> agent.infer(input, DEADLINE);
            if (arguments[3].equals("latest")) {
                InferenceStream stream = agent.stream(StreamSettings.latest().withDeadline(DEADLINE));
                frames = stream::submit; // the agent's end is the stream's
            }
            Flooded flooded = new Flooded(Integer.parseInt(arguments[4]), frames);
            Map<String, Object> found = flooded.run(Integer.parseInt(arguments[5]), Integer.parseInt(arguments[6]));
            System.out.println(new ObjectMapper().writeValueAsString(found));
        } finally {
            channel.shutdownNow();
        }
    }

    private static ManagedChannel channel(String transport, String host, int port) {
        return switch (transport) {
            case "netty" ->
                NettyChannelBuilder.forAddress(host, port).usePlaintext().build();
            case "okhttp" ->
                OkHttpChannelBuilder.forAddress(host, port).usePlaintext().build();
            default -> throw new UserException("transport " + transport + "; expected netty or okhttp");
        };
    }

    private static EdgeAgentBuilder overflow(EdgeAgentBuilder builder, String mode) {
        return switch (mode) {
            case "local" -> builder.overflow(Overflow.LOCAL);
            case "wait" -> builder.overflow(Overflow.WAIT);
            case "reject" -> builder.overflow(Overflow.REJECT);
            case "latest" -> builder;
            default -> throw new UserException("mode " + mode + "; expected local, wait, reject or latest");
        };
    }

    private Map<String, Object> run(int framesPerSecond, int seconds) throws Exception {
        warmUp();
        remoteAges.clear();
        remoteEnds.clear();
        local.set(0);
        named.set(0);
        int frames = framesPerSecond * seconds;
        MemoryPeak memory = new MemoryPeak();
        try (memory) {
            flood(frames, framesPerSecond);
        }
        return Map.of(
                "frames", frames,
                "remote", remoteAges.size(),
                "local", local.get(),
                "named", named.get(),
                "lost", open.get(),
                "grownBytes", memory.grownBytes(),
                "grownHeapBytes", memory.grownHeapBytes(),
                "deadBytes", memory.deadBytes(),
                "serviceMillis", serviceMillis(),
                "oldestMillis", Statistics.quantile(remoteAges, 1));
    }

    /** Until the last frame has its ending. */
    private void flood(int frames, int framesPerSecond) throws Exception {
        long began = System.nanoTime();
        List<CompletableFuture<?>> last = new ArrayList<>();
        for (int i = 0; i < frames; i++) {
            long due = began + i * TimeUnit.SECONDS.toNanos(1) / framesPerSecond;
            TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
            CompletableFuture<?> ending = submit(due);
            if (frames - i <= framesPerSecond * DEADLINE.toSeconds()) {
                last.add(ending);
            }
        }
        CompletableFuture.allOf(last.toArray(new CompletableFuture<?>[0]))
                .handle((done, failure) -> null)
                .get(1, TimeUnit.MINUTES);
    }

    /** Until the gateway has answered some: the link may still carry what the agent before this one left on it. */
    private void warmUp() throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (remoteAges.size() < WARM_UPS && System.nanoTime() - until < 0) {
            submit(System.nanoTime()).handle((result, failure) -> null).join();
            TimeUnit.MILLISECONDS.sleep(WARM_UP_PAUSE_MILLIS);
        }
    }

    /** From answer to answer, the median. */
    private double serviceMillis() {
        List<Double> gaps = new ArrayList<>();
        for (int i = 1; i < remoteEnds.size(); i++) {
            gaps.add(remoteEnds.get(i) - remoteEnds.get(i - 1));
        }
        return Statistics.quantile(gaps, 0.5);
    }

    private CompletableFuture<InferenceResult> submit(long due) {
        Tensor frame = pool.poll();
        Tensor used = frame == null ? newFrame() : frame;
        open.incrementAndGet();
        CompletableFuture<InferenceResult> answer = agent.apply(InferenceInput.of("input", used));
        return answer.whenComplete((result, failure) -> {
            double end = System.nanoTime() / 1e6;
            open.decrementAndGet();
            pool.add(used);
            if (failure != null) {
                named.incrementAndGet();
            } else if (result.source() == Source.LOCAL) {
                local.incrementAndGet();
            } else {
                remoteAges.add(end - due / 1e6);
                remoteEnds.add(end);
            }
        });
    }

    private Tensor newFrame() {
        Tensor frame = Tensor.allocate(ElementType.FLOAT32, Shape.of(1, 1, side, side));
        Random random = new Random(side);
        for (int i = 0; i < frame.elements(); i++) {
            frame.data().putFloat(Float.BYTES * i, random.nextFloat());
        }
        return frame;
    }
}
