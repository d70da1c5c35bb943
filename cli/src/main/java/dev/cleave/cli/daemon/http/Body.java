package dev.cleave.cli.daemon.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import dev.cleave.cli.units.ByteSize;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;

/**
 * What a request brings, read whole.
 *
 * @param kind of its content
 */
record Body(Kind kind, byte[] bytes) {
    enum Kind {
        PICTURE,
        JSON,
        /** JSON, and tensors as bytes behind it. */
        BINARY
    }

    private static final Set<String> PICTURES = Set.of("image/jpeg", "image/png", "image/bmp");

    /** Nothing is read of a body that is too large, or of a kind that is not known. */
    static Body read(HttpExchange exchange, int maxBytes) throws IOException, HttpRefusal {
        Kind kind = kind(exchange.getRequestHeaders());
        String length = exchange.getRequestHeaders().getFirst("Content-Length");
        if (length != null && (length.length() > 18 || Long.parseLong(length) > maxBytes)) {
            throw tooLarge(maxBytes);
        }
        byte[] bytes = exchange.getRequestBody().readNBytes(maxBytes + 1);
        if (bytes.length > maxBytes) {
            throw tooLarge(maxBytes);
        }
        return new Body(kind, bytes);
    }

    private static HttpRefusal tooLarge(int maxBytes) {
        return new HttpRefusal(413, "body is too large; expected at most " + ByteSize.format(maxBytes));
    }

    /** Only what no form of a web page can send, so that one elsewhere cannot post here without asking first. */
    private static Kind kind(Headers headers) throws HttpRefusal {
        String given = headers.getFirst("Content-Type");
        String type = given == null ? "" : given.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (PICTURES.contains(type)) {
            return Kind.PICTURE;
        }
        if (headers.getFirst("Inference-Header-Content-Length") != null) {
            return Kind.BINARY;
        }
        if (type.equals("application/json")) {
            return Kind.JSON;
        }
        throw new HttpRefusal(
                415,
                "content type is " + (type.isEmpty() ? "missing" : "\"" + printable(type) + "\"")
                        + "; expected application/json, image/jpeg or image/png");
    }

    private static String printable(String type) {
        return type.substring(0, Math.min(80, type.length())).replaceAll("[^ -~]", "?");
    }
}
