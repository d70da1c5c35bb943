package dev.cleave.gateway.oip.grpc;

import dev.cleave.gateway.identity.Device;
import dev.cleave.gateway.oip.AnswerSink;
import dev.cleave.gateway.oip.InferCall;
import dev.cleave.gateway.oip.InferRequest;
import dev.cleave.gateway.oip.Inferences;
import dev.cleave.gateway.oip.OipException;
import dev.cleave.gateway.oip.OipModel;
import dev.cleave.gateway.oip.OipModels;
import dev.cleave.gateway.oip.OutputTensor;
import dev.cleave.gateway.oip.ServerFacts;
import dev.cleave.gateway.oip.v2.GRPCInferenceServiceGrpc;
import dev.cleave.gateway.oip.v2.ModelInferRequest;
import dev.cleave.gateway.oip.v2.ModelInferResponse;
import dev.cleave.gateway.oip.v2.ModelMetadataRequest;
import dev.cleave.gateway.oip.v2.ModelMetadataResponse;
import dev.cleave.gateway.oip.v2.ModelReadyRequest;
import dev.cleave.gateway.oip.v2.ModelReadyResponse;
import dev.cleave.gateway.oip.v2.ServerLiveRequest;
import dev.cleave.gateway.oip.v2.ServerLiveResponse;
import dev.cleave.gateway.oip.v2.ServerMetadataRequest;
import dev.cleave.gateway.oip.v2.ServerMetadataResponse;
import dev.cleave.gateway.oip.v2.ServerReadyRequest;
import dev.cleave.gateway.oip.v2.ServerReadyResponse;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The service {@code inference.GRPCInferenceService}. Handlers never wait for a run. Thread-safe. */
public final class InferenceService extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
    /** Calls that tell no more than {@code grpc.health.v1} does, for load balancers. */
    public static final Set<String> HEALTH_METHODS = Set.of(
            GRPCInferenceServiceGrpc.getServerLiveMethod().getFullMethodName(),
            GRPCInferenceServiceGrpc.getServerReadyMethod().getFullMethodName(),
            GRPCInferenceServiceGrpc.getModelReadyMethod().getFullMethodName());

    /** What gRPC's clients wait for before they try again. */
    private static final Metadata.Key<String> PUSHBACK =
            Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

    private final OipModels models;
    private final Inferences inferences;
    private final ServerFacts server;

    public InferenceService(OipModels models, Inferences inferences, ServerFacts server) {
        this.models = models;
        this.inferences = inferences;
        this.server = server;
    }

    @Override
    public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> responses) {
        answer(responses, ServerLiveResponse.newBuilder().setLive(true).build());
    }

    @Override
    public void serverReady(ServerReadyRequest request, StreamObserver<ServerReadyResponse> responses) {
        boolean ready = server.ready().getAsBoolean();
        answer(responses, ServerReadyResponse.newBuilder().setReady(ready).build());
    }

    @Override
    public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> responses) {
        try {
            boolean ready = models.isReady(request.getName(), request.getVersion(), Device.caller());
            answer(responses, ModelReadyResponse.newBuilder().setReady(ready).build());
        } catch (OipException refused) {
            responses.onError(status(refused));
        }
    }

    @Override
    public void serverMetadata(ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> responses) {
        answer(
                responses,
                ServerMetadataResponse.newBuilder()
                        .setName(ServerFacts.NAME)
                        .setVersion(server.version())
                        .addAllExtensions(ServerFacts.EXTENSIONS)
                        .build());
    }

    @Override
    public void modelMetadata(ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> responses) {
        try {
            answer(responses, Messages.metadata(models.find(request.getName(), request.getVersion(), Device.caller())));
        } catch (OipException refused) {
            responses.onError(status(refused));
        }
    }

    @Override
    public void modelInfer(ModelInferRequest message, StreamObserver<ModelInferResponse> responses) {
        ServerCallStreamObserver<ModelInferResponse> call = (ServerCallStreamObserver<ModelInferResponse>) responses;
        try {
            InferRequest request = withinDeadline(Messages.request(message));
            Answer answer = new Answer(message.getId(), Messages.isRaw(message), call);
            InferCall running = inferences.submit(request, Device.caller(), answer);
            call.setOnCancelHandler(running::cancel); // gRPC calls it after this method has returned.
        } catch (OipException refused) {
            responses.onError(status(refused));
        }
    }

    /** The call's deadline counts as one of the request. */
    private static InferRequest withinDeadline(InferRequest request) {
        Deadline deadline = Context.current().getDeadline();
        return deadline == null ? request : request.within(deadline.timeRemaining(TimeUnit.NANOSECONDS));
    }

    /** Sends the one answer of a call. Does not hold the request, whose elements are in the queue by now. */
    record Answer(String id, boolean raw, ServerCallStreamObserver<ModelInferResponse> call) implements AnswerSink {
        @Override
        public void answered(OipModel model, List<OutputTensor> outputs) {
            send(() -> answer(call, Messages.response(model, id, raw, outputs)));
        }

        @Override
        public void refused(OipException refusal) {
            send(() -> call.onError(status(refusal)));
        }

        /** A call whose caller has gone away takes nothing any more. */
        private void send(Runnable sending) {
            if (!call.isCancelled()) {
                try {
                    sending.run();
                } catch (StatusRuntimeException | IllegalStateException gone) {
                    // It was cancelled in between: nobody is there to be told.
                } catch (RuntimeException | Error e) { // Others of the batch are to be answered all the same.
                    fail(e);
                }
            }
        }

        private void fail(Throwable cause) {
            try {
                call.onError(Status.INTERNAL
                        .withDescription("the answer could not be sent: " + cause)
                        .asRuntimeException());
            } catch (RuntimeException | Error gone) {
                // Then it ends at its deadline, or with its connection.
            }
        }
    }

    private static <T> void answer(StreamObserver<T> responses, T response) {
        responses.onNext(response);
        responses.onCompleted();
    }

    private static StatusRuntimeException status(OipException refused) {
        Status status = switch (refused.fault()) {
            case MALFORMED, TOO_LARGE -> Status.INVALID_ARGUMENT;
            case NOT_FOUND -> Status.NOT_FOUND;
            case OVERLOADED -> Status.RESOURCE_EXHAUSTED;
            case UNSUPPORTED -> Status.UNIMPLEMENTED;
            case UNAVAILABLE -> Status.UNAVAILABLE;
            case DEADLINE -> Status.DEADLINE_EXCEEDED;
            case CANCELLED -> Status.CANCELLED;
            case FAILED -> Status.INTERNAL;
        };
        Metadata trailers = new Metadata();
        if (refused.retryAfterNanos() > 0) {
            long millis = TimeUnit.NANOSECONDS.toMillis(refused.retryAfterNanos() + 999_999); // Never too early.
            trailers.put(PUSHBACK, Long.toString(millis));
        }
        return status.withDescription(refused.getMessage()).asRuntimeException(trailers);
    }
}
