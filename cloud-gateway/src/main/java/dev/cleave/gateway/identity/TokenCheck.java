package dev.cleave.gateway.identity;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.health.v1.HealthGrpc;
import java.util.Set;

/**
 * Turns away every call without a known bearer token, but those of {@code grpc.health.v1}, which load balancers make, and others that are
 * open. What is let in finds its {@link Device} in the call's context.
 */
final class TokenCheck implements ServerInterceptor {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final BearerTokens tokens;
    private final Set<String> open;

    /** @param open full names of methods that nobody needs a token for */
    TokenCheck(BearerTokens tokens, Set<String> open) {
        this.tokens = tokens;
        this.open = Set.copyOf(open);
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        if (HealthGrpc.SERVICE_NAME.equals(call.getMethodDescriptor().getServiceName())
                || open.contains(call.getMethodDescriptor().getFullMethodName())) {
            return as(tokens.recognise(headers.get(AUTHORIZATION)), call, headers, next);
        }
        Verdict verdict = tokens.judge(headers.get(AUTHORIZATION));
        if (verdict.device() == null) {
            call.close(Status.UNAUTHENTICATED.withDescription(verdict.refusal()), new Metadata());
            return new ServerCall.Listener<Q>() {};
        }
        return as(verdict.device(), call, headers, next);
    }

    private static <Q, R> ServerCall.Listener<Q> as(
            Device device, ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        return Contexts.interceptCall(Context.current().withValue(Device.CALLER, device), call, headers, next);
    }
}
