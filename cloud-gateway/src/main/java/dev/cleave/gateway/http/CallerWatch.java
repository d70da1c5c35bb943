package dev.cleave.gateway.http;

import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;

/**
 * Notices that a caller closes his connection while his answer is being made: HTTP/1.1 has no word for giving up. Jetty does not read from a connection in that
 * time, so nobody would know before the answer is written. The same over TLS, where he may say so before he closes.
 */
public interface CallerWatch {
    /** @param gone called at most once, on one of the server's threads; not after the connection reads on */
    void whenGone(Runnable gone);

    /** That of the connection by which a request came. */
    static CallerWatch of(Request request) {
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        return endPoint instanceof CallerWatch watch ? watch : gone -> {};
    }
}
