package dev.cleave.edge.identity;

import io.grpc.CallCredentials;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.util.concurrent.Executor;

/** Puts {@code authorization: Bearer TOKEN} (RFC 6750) on each call. */
final class BearerToken extends CallCredentials {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final TokenProvider provider;

    BearerToken(TokenProvider provider) {
        this.provider = provider;
    }

    @Override
    public void applyRequestMetadata(RequestInfo request, Executor executor, MetadataApplier applier) {
        executor.execute(() -> apply(applier));
    }

    private void apply(MetadataApplier applier) {
        Metadata headers = new Metadata();
        try {
            headers.put(AUTHORIZATION, "Bearer " + requirePrintable(provider.token()));
        } catch (IOException | RuntimeException e) {
            applier.fail(Status.UNAUTHENTICATED.withDescription("this device has no token: " + e.getMessage()));
            return;
        }
        applier.apply(headers);
    }

    /**
     * The token, if it can stand in a header.
     *
     * @throws IllegalArgumentException that does not show it
     */
    static String requirePrintable(String token) {
        if (token == null || token.isEmpty()) {
            throw new IllegalArgumentException("the token is empty; expected printable ASCII without spaces");
        }
        for (int i = 0; i < token.length(); i++) {
            if (token.charAt(i) <= ' ' || token.charAt(i) >= 0x7f) {
                throw new IllegalArgumentException("the token's character " + i
                        + " is none that it may have; expected printable ASCII without" + " spaces");
            }
        }
        return token;
    }
}
