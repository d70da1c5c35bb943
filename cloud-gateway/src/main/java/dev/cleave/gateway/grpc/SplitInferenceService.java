package dev.cleave.gateway.grpc;

import dev.cleave.gateway.admission.Admission;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.identity.Device;
import dev.cleave.gateway.memory.MemoryShares;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.gateway.model.EdgeViews;
import dev.cleave.gateway.repository.ModelRepository;
import dev.cleave.gateway.video.VideoThreads;
import dev.cleave.v1.BundlePiece;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.DescribeRequest;
import dev.cleave.v1.DescribeResponse;
import dev.cleave.v1.FetchBundleRequest;
import dev.cleave.v1.ServerMessage;
import dev.cleave.v1.SplitInferenceGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The service {@code cleave.v1.SplitInference} over a repository of models. Owns the open streams, and the threads that read frames of videos. Thread-safe. */
public final class SplitInferenceService extends SplitInferenceGrpc.SplitInferenceImplBase implements AutoCloseable {
    /** Full names of the methods that never wait: a stream's messages are put in line, or answered, at once. */
    public static final Set<String> QUICK_METHODS =
            Set.of(SplitInferenceGrpc.getStreamMethod().getFullMethodName());

    private static final Logger LOG = LoggerFactory.getLogger(SplitInferenceService.class);

    private final StreamParts parts;
    private final VideoThreads readers;
    private final Catalogue catalogue;
    private final GatewayMetrics metrics;
    private final Set<StreamSession> sessions = ConcurrentHashMap.newKeySet();
    private volatile boolean draining;

    public SplitInferenceService(
            ModelRepository repository,
            EdgeViews edgeViews,
            Admission admission,
            GatewayConfig.Streams limits,
            GatewayMetrics metrics,
            LongSupplier clock) {
        this(repository, edgeViews, admission, limits, metrics, VideoThreads.ofMachine(), clock);
    }

    /** @param readers closed with this */
    SplitInferenceService(
            ModelRepository repository,
            EdgeViews edgeViews,
            Admission admission,
            GatewayConfig.Streams limits,
            GatewayMetrics metrics,
            VideoThreads readers,
            LongSupplier clock) {
        this.readers = readers;
        this.parts = new StreamParts(
                new Handshake(repository, limits, () -> draining),
                admission,
                limits,
                new MemoryShares(limits.maxReferenceBytes()),
                new MemoryShares(limits.maxStateBytes()),
                readers,
                clock);
        this.catalogue = new Catalogue(repository, edgeViews);
        this.metrics = metrics;
        metrics.referenceBytes(parts.references()::held);
        metrics.stateBytes(parts.states()::held);
    }

    @Override
    public StreamObserver<ClientMessage> stream(StreamObserver<ServerMessage> responses) {
        ServerCallStreamObserver<ServerMessage> call = (ServerCallStreamObserver<ServerMessage>) responses;
        Device device = Device.caller();
        if (!device.openStream()) {
            responses.onError(Status.RESOURCE_EXHAUSTED
                    .withDescription(device.name() + " has as many streams open as it may; expected one of them to end")
                    .asRuntimeException());
            return IGNORING;
        }
        StreamSession session = new StreamSession(call, device, parts, TransportThreads.ofCall());
        sessions.add(session);
        metrics.streamOpened();
        call.setOnCancelHandler(() -> {
            session.cancelled();
            closed(session, device);
        });
        call.setOnCloseHandler(() -> {
            session.cancelled(); // Somebody else may have ended it: nobody is there for what still runs.
            closed(session, device);
        });
        return session;
    }

    private void closed(StreamSession session, Device device) {
        if (sessions.remove(session)) {
            session.over();
            device.closeStream();
            metrics.streamClosed();
        }
    }

    /** What a stream that was refused still sends. */
    private static final StreamObserver<ClientMessage> IGNORING = new StreamObserver<>() {
        @Override
        public void onNext(ClientMessage message) {}

        @Override
        public void onError(Throwable error) {}

        @Override
        public void onCompleted() {}
    };

    @Override
    public void describe(DescribeRequest request, StreamObserver<DescribeResponse> responses) {
        responses.onNext(catalogue.describe(request, Device.caller()));
        responses.onCompleted();
    }

    @Override
    public void fetchBundle(FetchBundleRequest request, StreamObserver<BundlePiece> responses) {
        Path file;
        try {
            file = catalogue.edgeView(request.getBundleId(), Device.caller());
        } catch (StatusRuntimeException refused) {
            responses.onError(refused);
            return;
        }
        BundleDownload.start(
                (ServerCallStreamObserver<BundlePiece>) responses,
                file,
                request.getOffset(),
                parts.limits().chunkBytes());
    }

    /** Gives up what agents did not finish sending in time; to be called by a timer. Never throws. */
    public void sweep() {
        long now = parts.clock().getAsLong();
        for (StreamSession session : sessions) {
            try {
                session.sweep(now);
            } catch (RuntimeException e) {
                // A timer that throws would never come again, for any stream.
                LOG.error("a stream could not be looked after", e);
            }
        }
    }

    /** Tells every agent to go elsewhere and opens no stream from now on. */
    public void drain(long graceNanos) {
        draining = true;
        sessions.forEach(session -> session.drain(graceNanos));
    }

    /** Ends every stream once its replies are sent. */
    public void endStreams() {
        sessions.forEach(StreamSession::end);
    }

    /** Payload of frames that are not whole, of all streams. */
    public long incomingBytes() {
        return sessions.stream().mapToLong(StreamSession::incomingBytes).sum();
    }

    /** Streams that agents hold open. */
    public int openStreams() {
        return sessions.size();
    }

    /** No frame of a video is read any more; for after the server that serves this. */
    @Override
    public void close() {
        readers.close();
    }
}
