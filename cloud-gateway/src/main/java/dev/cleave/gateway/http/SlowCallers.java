package dev.cleave.gateway.http;

import java.nio.ByteBuffer;
import java.util.function.LongSupplier;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Ends connections whose callers keep them without getting on. Jetty's idle time begins anew with every byte, so a byte now
 * and then holds a connection for as long as one likes; here a stage has an end, whatever comes of it:
 *
 * <pre>
 *   handshake   from the connection's beginning, where the port speaks TLS
 *   headers     from the handshake, or the connection's beginning, or the end of the answer before, to their last line
 *   answer      from its first byte to its last, as the caller takes it
 * </pre>
 *
 * A body is watched by who reads it, and takes as long as it may then. Time comes from a clock and from {@link #sweep}.
 */
final class SlowCallers extends Handler.Wrapper {
    private final HttpServer.Times times;
    private final LongSupplier clock;

    SlowCallers(Handler next, HttpServer.Times times, LongSupplier clock) {
        super(next);
        this.times = times;
        this.clock = clock;
    }

    /** When a connection that begins now must have agreed on TLS. */
    long handshakeDue() {
        return clock.getAsLong() + times.handshake().toNanos();
    }

    /** When a connection must have sent the headers of a request that may begin now. */
    long headersDue() {
        return clock.getAsLong() + times.headers().toNanos();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        WatchedEndPoint connection = WatchedEndPoint.of(
                request.getConnectionMetaData().getConnection().getEndPoint());
        if (connection != null) {
            connection.due(null);
            request.addHttpStreamWrapper(stream -> new Stages(stream, connection));
        }
        return super.handle(request, response, callback);
    }

    /** Closes the connections whose stage has lasted too long. */
    void sweep(Iterable<EndPoint> connections) {
        long now = clock.getAsLong();
        for (EndPoint each : connections) {
            if (each instanceof WatchedEndPoint connection && connection.isOverdue(now)) {
                connection.close();
            }
        }
    }

    private final class Stages extends HttpStream.Wrapper {
        private final WatchedEndPoint connection;

        Stages(HttpStream stream, WatchedEndPoint connection) {
            super(stream);
            this.connection = connection;
        }

        @Override
        public void send(
                MetaData.Request request, MetaData.Response response, boolean last, ByteBuffer content, Callback done) {
            if (last) {
                connection.due(clock.getAsLong() + times.taking().toNanos());
            }
            super.send(request, response, last, content, done);
        }

        @Override
        public void succeeded() {
            connection.due(headersDue());
            super.succeeded();
        }

        @Override
        public void failed(Throwable cause) {
            connection.due(headersDue());
            super.failed(cause);
        }
    }
}
