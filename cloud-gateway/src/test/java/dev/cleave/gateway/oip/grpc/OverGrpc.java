package dev.cleave.gateway.oip.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.cleave.gateway.oip.OipFixture;
import dev.cleave.gateway.oip.v2.InferParameter;
import dev.cleave.gateway.oip.v2.InferTensorContents;
import dev.cleave.gateway.oip.v2.ModelInferRequest;
import dev.cleave.gateway.oip.v2.ModelInferRequest.InferInputTensor;
import dev.cleave.gateway.oip.v2.ModelInferResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A gateway for one test, and requests to it over gRPC. */
abstract class OverGrpc extends OipFixture {
    /** {@code x} of one row for each value, every element of it. */
    static ModelInferRequest.Builder typed(String model, String input, float... rows) {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        for (float row : rows) {
            for (int i = 0; i < 4; i++) {
                contents.addFp32Contents(row);
            }
        }
        return ModelInferRequest.newBuilder()
                .setModelName(model)
                .addInputs(declared(input, rows.length).setContents(contents));
    }

    static InferInputTensor.Builder declared(String input, long rows) {
        return InferInputTensor.newBuilder()
                .setName(input)
                .setDatatype("FP32")
                .addShape(rows)
                .addShape(4);
    }

    static ModelInferRequest.Builder raw(String model, String input, float... rows) {
        ByteBuffer bytes = ByteBuffer.allocate(16 * rows.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float row : rows) {
            bytes.putFloat(row).putFloat(row).putFloat(row).putFloat(row);
        }
        return ModelInferRequest.newBuilder()
                .setModelName(model)
                .addInputs(declared(input, rows.length))
                .addRawInputContents(ByteString.copyFrom(bytes.flip()));
    }

    static InferParameter number(long value) {
        return InferParameter.newBuilder().setInt64Param(value).build();
    }

    ModelInferResponse infer(ModelInferRequest.Builder request) {
        return gateway.calls().withDeadlineAfter(60, TimeUnit.SECONDS).modelInfer(request.build());
    }

    void assertRefused(ModelInferRequest.Builder request, Status.Code code, String part) {
        assertThatThrownBy(() -> infer(request)).isInstanceOfSatisfying(StatusRuntimeException.class, refused -> {
            assertThat(refused.getStatus().getCode()).isEqualTo(code);
            assertThat(refused.getStatus().getDescription()).contains(part).doesNotContain("\n");
        });
    }

    /** What came of a call that nobody waits for. */
    static final class Pending implements ClientResponseObserver<ModelInferRequest, ModelInferResponse> {
        final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
        ClientCallStreamObserver<ModelInferRequest> call;

        @Override
        public void beforeStart(ClientCallStreamObserver<ModelInferRequest> started) {
            call = started;
        }

        @Override
        public void onNext(ModelInferResponse response) {
            events.add(response);
        }

        @Override
        public void onError(Throwable error) {
            events.add(Status.fromThrowable(error));
        }

        @Override
        public void onCompleted() {
            events.add(Status.OK);
        }

        Object next() throws InterruptedException {
            return events.poll(60, TimeUnit.SECONDS);
        }
    }

    Pending send(ModelInferRequest.Builder request) {
        Pending pending = new Pending();
        gateway.asyncCalls().modelInfer(request.build(), pending);
        return pending;
    }
}
