package dev.cleave.gateway.identity;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.health.v1.HealthGrpc;
import java.util.function.Consumer;

/**
 * Turns away every call without a known bearer token, but those of {@code grpc.health.v1}, which load balancers make. What
 * is let in finds its {@link Device} in the call's context.
 */
final class TokenCheck implements ServerInterceptor {
    static final String NO_TOKEN = "no_token";
    static final String UNKNOWN_TOKEN = "unknown_token";

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final String BEARER = "bearer ";

    private final DeviceTokens tokens;
    private final Consumer<String> refused;

    /** @param refused told why, {@link #NO_TOKEN} or {@link #UNKNOWN_TOKEN} */
    TokenCheck(DeviceTokens tokens, Consumer<String> refused) {
        this.tokens = tokens;
        this.refused = refused;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        if (HealthGrpc.SERVICE_NAME.equals(call.getMethodDescriptor().getServiceName())) {
            return next.startCall(call, headers);
        }
        String authorization = headers.get(AUTHORIZATION);
        if (authorization == null || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return refuse(call, NO_TOKEN, "no token; expected the header \"authorization: Bearer TOKEN\"");
        }
        Device device = tokens.device(authorization.substring(BEARER.length()));
        if (device == null) {
            return refuse(call, UNKNOWN_TOKEN, "token is not known to this gateway");
        }
        return Contexts.interceptCall(Context.current().withValue(Device.CALLER, device), call, headers, next);
    }

    private <Q, R> ServerCall.Listener<Q> refuse(ServerCall<Q, R> call, String reason, String message) {
        refused.accept(reason);
        call.close(Status.UNAUTHENTICATED.withDescription(message), new Metadata());
        return new ServerCall.Listener<Q>() {};
    }
}
