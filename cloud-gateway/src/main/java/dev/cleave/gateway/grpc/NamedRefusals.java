package dev.cleave.gateway.grpc;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;

/**
 * Services whose callers are told what is wrong with a message that cannot be read. gRPC by itself calls that an error of the
 * application, with a stack trace in the log for each.
 */
final class NamedRefusals {
    private NamedRefusals() {}

    /** The same service; its messages are read as null where they are none, and {@link WatchedCall} knows why. */
    static ServerServiceDefinition of(ServerServiceDefinition service) {
        ServerServiceDefinition.Builder named =
                ServerServiceDefinition.builder(service.getServiceDescriptor().getName());
        service.getMethods().forEach(method -> named.addMethod(named(method)));
        return named.build();
    }

    private static <Q, R> ServerMethodDefinition<Q, R> named(ServerMethodDefinition<Q, R> method) {
        MethodDescriptor<Q, R> asked = method.getMethodDescriptor();
        return ServerMethodDefinition.create(
                asked.toBuilder(new Reader<>(asked.getRequestMarshaller()), asked.getResponseMarshaller())
                        .build(),
                method.getServerCallHandler());
    }

    private record Reader<Q>(Marshaller<Q> messages) implements Marshaller<Q> {
        @Override
        public InputStream stream(Q message) {
            return messages.stream(message);
        }

        @Override
        public Q parse(InputStream bytes) {
            WatchedCall call = CallWatch.CALL.get();
            if (call == null) {
                return messages.parse(bytes);
            }
            try {
                return messages.parse(bytes);
            } catch (StatusRuntimeException unreadable) {
                call.unreadable(name(unreadable.getStatus()));
                return null;
            }
        }

        /** What gRPC has a word for, sizes that is, keeps it. */
        private Status name(Status status) {
            return status.getCode() == Status.Code.RESOURCE_EXHAUSTED
                    ? Status.RESOURCE_EXHAUSTED.withDescription(status.getDescription())
                    : Status.INVALID_ARGUMENT.withDescription("bytes are no message " + type() + "; expected one");
        }

        private String type() {
            return messages instanceof PrototypeMarshaller<Q> known
                    ? known.getMessageClass().getSimpleName()
                    : "of this method";
        }
    }
}
