package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cleave.bundle.Bundle;
import dev.cleave.crypto.Hex;
import dev.cleave.edge.update.UpdateSettings;
import dev.cleave.tensor.Tensor;
import dev.cleave.v1.BundlePiece;
import dev.cleave.v1.FetchBundleRequest;
import dev.cleave.v1.ServedBundle;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An agent that updates itself from a {@link FakeGateway}, which offers what a test says. */
abstract class UpdateFixture extends AgentFixture {
    static final int TRIAL = 20;
    static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    /** From an agent's beginning to its first question. */
    static final long START = 10 * SECOND;

    static final long HOUR = TimeUnit.HOURS.toNanos(1);

    /** Of the agent that was built last, which closes them. */
    SerialExecutor updating;

    private ManualScheduler time;

    Path kept() {
        return folder.resolve("updates");
    }

    UpdateSettings settings() {
        return UpdateSettings.into(kept()).trialRequests(TRIAL).checkingEvery(Duration.ofHours(1));
    }

    EdgeAgent updatingAgent(Split split, UpdateSettings settings) throws Exception {
        return updatingAgent(split, builder -> builder.updates(settings));
    }

    /** @param more what is unusual about it */
    EdgeAgent updatingAgent(Split split, Consumer<EdgeAgentBuilder> more) throws Exception {
        updating = new SerialExecutor();
        time = time == null ? clock : new ManualScheduler();
        EdgeAgentBuilder builder =
                builder(bundle).scheduler(time).split(split).updates(settings()).updateExecutor(updating);
        more.accept(builder);
        return started(builder);
    }

    EdgeAgent updatingAgent(Split split) throws Exception {
        return updatingAgent(split, settings());
    }

    /** That of the agent that was built last. */
    @Override
    ManualScheduler timeOfRuns() {
        return time == null ? clock : time;
    }

    /** Lets the agent see to its updates. */
    void pass(long nanos) throws InterruptedException {
        time.advance(nanos);
        updating.awaitIdle();
    }

    static String sha256(byte[] bytes) throws Exception {
        return Hex.of(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    Bundle edgeView(AffineModel model) throws IOException {
        return model.edgeThrough(folder, AffineModel.LOCAL);
    }

    static byte[] bytes(Bundle bundle) throws IOException {
        return Files.readAllBytes(bundle.file());
    }

    static ServedBundle.Builder described(Bundle view) throws Exception {
        byte[] bytes = bytes(view);
        return ServedBundle.newBuilder()
                .setModelName(view.contract().modelName())
                .setModelVersion(view.contract().modelVersion())
                .setBundleId(view.id())
                .setState("READY")
                .setEdgeViewBytes(bytes.length)
                .setEdgeViewSha256(sha256(bytes));
    }

    /** The gateway serves it, says so, and gives it away. */
    void offer(Bundle view) throws Exception {
        gateway.serve(view);
        gateway.offers.clear();
        gateway.offers.add(described(view).build());
        gateway.download = all(bytes(view));
    }

    static BundlePiece piece(byte[] bytes, int from, int to) {
        return BundlePiece.newBuilder()
                .setOffset(from)
                .setTotalBytes(bytes.length)
                .setData(ByteString.copyFrom(bytes, from, to - from))
                .build();
    }

    /** Sends what is asked for in pieces of 1000 bytes. */
    static BiConsumer<FetchBundleRequest, StreamObserver<BundlePiece>> all(byte[] bytes) {
        return (request, pieces) -> {
            for (int from = (int) request.getOffset(); from < bytes.length; from += 1000) {
                pieces.onNext(piece(bytes, from, Math.min(bytes.length, from + 1000)));
            }
            pieces.onCompleted();
        };
    }

    /** The same, but the link breaks at a byte unless it was asked for bytes behind it. */
    static BiConsumer<FetchBundleRequest, StreamObserver<BundlePiece>> breakingAt(int at, byte[] bytes) {
        return (request, pieces) -> {
            if (request.getOffset() >= at) {
                all(bytes).accept(request, pieces);
            } else {
                pieces.onNext(piece(bytes, (int) request.getOffset(), at));
                pieces.onError(Status.UNAVAILABLE.withDescription("broken").asRuntimeException());
            }
        };
    }

    List<Long> offsetsFetched() {
        return gateway.fetches.stream().map(FetchBundleRequest::getOffset).collect(Collectors.toList());
    }

    List<String> updateEvents() {
        return events.stream()
                .filter(event -> event.matches("(updated|refused|back) .*"))
                .collect(Collectors.toList());
    }

    static void assertVersion(int version, EdgeAgent agent) throws Exception {
        Map<String, Tensor> inputs = AffineModel.inputs(1, 3);
        float[] y = AffineModel.floats(get(agent.infer(inputs)).outputs().get("y"));
        assertThat(y).isEqualTo(AffineModel.expectedY(inputs, version));
        assertThat(agent.contract().modelVersion()).isEqualTo(Integer.toString(version));
    }

    static void ask(EdgeAgent agent, int requests) throws Exception {
        for (int i = 0; i < requests; i++) {
            get(agent.infer(AffineModel.inputs(1, i)));
        }
    }

    /** Requests whose run on the device fails. */
    void askInVain(EdgeAgent agent, int requests) throws Exception {
        for (int i = 0; i < requests; i++) {
            engine.failNext("no such operator");
            failure(agent.infer(AffineModel.inputs(1, i)));
        }
    }

    /** Waits for an event of that beginning: a trial hears of a request just after its future is complete. */
    void awaitEvent(String beginning) throws InterruptedException {
        while (events.stream().noneMatch(event -> event.startsWith(beginning))) {
            Thread.onSpinWait();
        }
        updating.awaitIdle();
    }

    /** Waits until a version has come through its trial. */
    void awaitGood(Bundle version) throws IOException, InterruptedException {
        awaitGood(version.id());
    }

    void awaitGood(String bundleId) throws IOException, InterruptedException {
        while (!Files.readString(kept().resolve("versions")).contains(bundleId + " good")) {
            Thread.onSpinWait();
        }
        updating.awaitIdle();
    }

    List<String> files(String suffix) throws IOException {
        try (Stream<Path> files = Files.list(kept())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(suffix))
                    .sorted()
                    .collect(Collectors.toList());
        }
    }

    static byte[] firstHalf(byte[] bytes) {
        return Arrays.copyOf(bytes, bytes.length / 2);
    }
}
