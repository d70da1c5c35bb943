package dev.cleave.gateway.oip.http;

import dev.cleave.gateway.oip.json.ResponseWriter;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** A request and its one response. Thread-safe. */
final class Exchange {
    /** How many bytes of a body are JSON; the rest are tensors. */
    static final String JSON_LENGTH = "Inference-Header-Content-Length";

    private static final String JSON = "application/json";
    private static final String BYTES = "application/octet-stream";

    private final Request request;
    private final Response response;
    private final Callback callback;
    private final AtomicBoolean answered = new AtomicBoolean();
    private volatile boolean bodyRead;

    Exchange(Request request, Response response, Callback callback) {
        this.request = request;
        this.response = response;
        this.callback = callback;
    }

    Request request() {
        return request;
    }

    /** Its value, or null. */
    String header(String name) {
        return request.getHeaders().get(name);
    }

    /** Nothing of the request is still to come. */
    void bodyRead() {
        bodyRead = true;
    }

    void answer(int status, byte[] json) {
        if (begin(status, JSON)) {
            write(json);
        }
    }

    void answer(ResponseWriter.Body body) {
        if (begin(200, body.hasBinary() ? BYTES : JSON)) {
            if (body.hasBinary()) {
                response.getHeaders().put(JSON_LENGTH, Integer.toString(body.jsonBytes()));
            }
            write(body.bytes());
        }
    }

    void refuse(HttpRefusal refused) {
        if (!begin(refused.status(), JSON)) {
            return;
        }
        if (refused.header() != null) {
            response.getHeaders().put(refused.header(), refused.value());
        }
        if (request.getMethod().equals("POST") && !bodyRead) {
            // What is left of the body is not read, so nothing can follow it.
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
        }
        write(ResponseWriter.error(refused.getMessage()));
    }

    /** A response that cannot even be begun ends its connection: its caller would wait. */
    private void write(byte[] bytes) {
        try {
            response.write(true, ByteBuffer.wrap(bytes), callback);
        } catch (RuntimeException | Error e) {
            callback.failed(e);
        }
    }

    /** There is nobody to answer. */
    void abandon(Throwable cause) {
        if (answered.compareAndSet(false, true)) {
            callback.failed(cause);
        }
    }

    private boolean begin(int status, String type) {
        if (!answered.compareAndSet(false, true)) {
            return false;
        }
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        return true;
    }
}
