package dev.cleave.gateway.oip.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.oip.v2.GRPCInferenceServiceGrpc;
import dev.cleave.gateway.oip.v2.ModelInferResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A call of {@code ModelInfer} whose message is any bytes. */
final class HostileCall {
    private static final Set<Status.Code> NAMED =
            Set.of(Status.Code.INVALID_ARGUMENT, Status.Code.NOT_FOUND, Status.Code.DEADLINE_EXCEEDED);

    private static final MethodDescriptor<byte[], ModelInferResponse> METHOD = MethodDescriptor.newBuilder(
                    new Bytes(), GRPCInferenceServiceGrpc.getModelInferMethod().getResponseMarshaller())
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(GRPCInferenceServiceGrpc.getModelInferMethod().getFullMethodName())
            .build();

    private HostileCall() {}

    /** @return 1 if it was refused, by name */
    static int send(Channel channel, byte[] message) {
        try {
            CallOptions patient = CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS);
            ClientCalls.blockingUnaryCall(channel, METHOD, patient, message);
            return 0;
        } catch (StatusRuntimeException refused) {
            Status status = refused.getStatus();
            boolean unreadable = status.getCode() == Status.Code.CANCELLED
                    || status.getCode() == Status.Code.INTERNAL
                    || status.getCode() == Status.Code.UNKNOWN;
            if (!NAMED.contains(status.getCode())) {
                assertThat(unreadable
                                && !String.valueOf(status.getDescription()).contains("Exception"))
                        .as(status.toString())
                        .isTrue();
            } else {
                assertThat(status.getDescription()).isNotBlank().doesNotContain("\n");
            }
            return 1;
        }
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
