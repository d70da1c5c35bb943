package dev.cleave.gateway.oip.http;

import java.util.List;

/**
 * What a path asks for.
 *
 * @param kind what of it
 * @param model its name, or null where it is the server that is asked
 * @param version empty: the path names none
 */
record OipPath(Kind kind, String model, String version) {
    enum Kind {
        SERVER,
        LIVE,
        READY,
        MODEL,
        MODEL_READY,
        INFER
    }

    /** @return null for a path that the protocol does not have */
    static OipPath parse(String path) {
        return switch (path) {
            case "/v2" -> new OipPath(Kind.SERVER, null, "");
            case "/v2/health/live" -> new OipPath(Kind.LIVE, null, "");
            case "/v2/health/ready" -> new OipPath(Kind.READY, null, "");
            default -> path.startsWith("/v2/models/") ? ofModel(List.of(path.split("/", -1))) : null;
        };
    }

    /** {@code "", v2, models, NAME [, versions, V] [, ready | infer]}. */
    private static OipPath ofModel(List<String> segments) {
        if (segments.contains("") && segments.lastIndexOf("") > 0) {
            return null;
        }
        boolean versioned = segments.size() >= 6 && segments.get(4).equals("versions");
        String version = versioned ? segments.get(5) : "";
        List<String> rest = segments.subList(versioned ? 6 : 4, segments.size());
        Kind kind = rest.isEmpty()
                ? Kind.MODEL
                : rest.equals(List.of("ready")) ? Kind.MODEL_READY : rest.equals(List.of("infer")) ? Kind.INFER : null;
        return kind == null ? null : new OipPath(kind, segments.get(3), version);
    }

    String method() {
        return kind == Kind.INFER ? "POST" : "GET";
    }

    /** Whether it tells no more than {@code /health/ready} does. */
    boolean isHealth() {
        return kind == Kind.LIVE || kind == Kind.READY || kind == Kind.MODEL_READY;
    }
}
