package dev.cleave.gateway.identity;

import java.util.function.Consumer;

/** Who is let in by an {@code Authorization} header, whatever protocol it came by. Thread-safe. */
final class BearerTokens {
    static final String NO_TOKEN = "no_token";
    static final String UNKNOWN_TOKEN = "unknown_token";

    private static final String BEARER = "bearer ";

    private final DeviceTokens tokens;
    private final Consumer<String> refused;

    /** @param refused told why, {@link #NO_TOKEN} or {@link #UNKNOWN_TOKEN} */
    BearerTokens(DeviceTokens tokens, Consumer<String> refused) {
        this.tokens = tokens;
        this.refused = refused;
    }

    /** @param authorization the header, or null */
    Verdict judge(String authorization) {
        if (!isBearer(authorization)) {
            return refuse(NO_TOKEN, "no token; expected the header \"authorization: Bearer TOKEN\"");
        }
        Device device = tokens.device(authorization.substring(BEARER.length()));
        return device == null ? refuse(UNKNOWN_TOKEN, "token is not known to this gateway") : new Verdict(device, null);
    }

    /** Where nobody needs a token: whoever shows one that is known is that device, everybody else is anybody. */
    Device recognise(String authorization) {
        Device device = isBearer(authorization) ? tokens.device(authorization.substring(BEARER.length())) : null;
        return device == null ? Device.ANYBODY : device;
    }

    private static boolean isBearer(String authorization) {
        return authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length());
    }

    private Verdict refuse(String reason, String message) {
        refused.accept(reason);
        return new Verdict(null, message);
    }
}
