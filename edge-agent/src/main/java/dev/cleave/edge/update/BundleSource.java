package dev.cleave.edge.update;

import dev.cleave.v1.BundlePiece;
import dev.cleave.v1.DescribeRequest;
import dev.cleave.v1.DescribeResponse;
import dev.cleave.v1.FetchBundleRequest;
import dev.cleave.v1.SplitInferenceGrpc;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What the gateway in use offers. Everything is told on the updater's own executor. */
final class BundleSource {
    private static final long DESCRIBE_SECONDS = 10;

    /** Told what becomes of a question. */
    interface Answer {
        void described(DescribeResponse response);

        void failed(Status status);
    }

    /** Told of a download. */
    interface Receiver {
        /** The next one comes after {@link Download#next}. */
        void piece(BundlePiece piece);

        /** Once, at the end; OK if the gateway has sent all that it has. */
        void ended(Status status);
    }

    private final Supplier<Channel> gateway;
    private final Executor executor;

    /** @param gateway asked for each call; with the credentials that calls need */
    BundleSource(Supplier<Channel> gateway, Executor executor) {
        this.gateway = gateway;
        this.executor = executor;
    }

    void describe(String modelName, Answer answer) {
        SplitInferenceGrpc.newStub(gateway.get())
                .withDeadlineAfter(DESCRIBE_SECONDS, TimeUnit.SECONDS)
                .describe(DescribeRequest.newBuilder().setModelName(modelName).build(), new Asked(answer));
    }

    /** Asks for a bundle from an offset on; the first piece comes unasked. */
    Download fetch(String bundleId, long offset, Receiver receiver) {
        Download download = new Download(receiver);
        FetchBundleRequest request = FetchBundleRequest.newBuilder()
                .setBundleId(bundleId)
                .setOffset(offset)
                .build();
        SplitInferenceGrpc.newStub(gateway.get()).fetchBundle(request, download);
        return download;
    }

    private final class Asked implements StreamObserver<DescribeResponse> {
        private final Answer answer;
        private DescribeResponse response = DescribeResponse.getDefaultInstance();

        Asked(Answer answer) {
            this.answer = answer;
        }

        @Override
        public void onNext(DescribeResponse value) {
            response = value;
        }

        @Override
        public void onError(Throwable error) {
            executor.execute(() -> answer.failed(Status.fromThrowable(error)));
        }

        @Override
        public void onCompleted() {
            executor.execute(() -> answer.described(response));
        }
    }

    /** One call; at most one piece is on its way at a time. */
    final class Download implements ClientResponseObserver<FetchBundleRequest, BundlePiece> {
        private final Receiver receiver;
        private volatile ClientCallStreamObserver<FetchBundleRequest> call;

        Download(Receiver receiver) {
            this.receiver = receiver;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<FetchBundleRequest> started) {
            started.disableAutoRequestWithInitial(1);
            call = started;
        }

        /** Asks for one more piece. */
        void next() {
            call.request(1);
        }

        /** Nothing more is wanted. */
        void cancel(String why) {
            call.cancel(why, null);
        }

        @Override
        public void onNext(BundlePiece piece) {
            executor.execute(() -> receiver.piece(piece));
        }

        @Override
        public void onError(Throwable error) {
            executor.execute(() -> receiver.ended(Status.fromThrowable(error)));
        }

        @Override
        public void onCompleted() {
            executor.execute(() -> receiver.ended(Status.OK));
        }
    }
}
