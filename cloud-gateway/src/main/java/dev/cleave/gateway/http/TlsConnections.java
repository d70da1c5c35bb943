package dev.cleave.gateway.http;

import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** TLS 1.2 and 1.3 under HTTP/1.1. Each connection takes the port's context as it is when the caller comes, and has a time of its own for the handshake. */
final class TlsConnections extends SslConnectionFactory {
    private final SlowCallers slowCallers;

    TlsConnections(HttpServer.Tls tls, SlowCallers slowCallers) {
        super(new Contexts(tls), HttpVersion.HTTP_1_1.asString());
        this.slowCallers = slowCallers;
        // It would hold requests' hosts against the certificate. There is one for all names, and probes come by
        // address.
        setEnsureSecureRequestCustomizer(false);
    }

    @Override
    protected SslConnection newSslConnection(Connector connector, EndPoint endPoint, SSLEngine engine) {
        SslConnection connection = new TlsConnection(
                connector.getByteBufferPool(), connector.getExecutor(), getSslContextFactory(), endPoint, engine);
        WatchedEndPoint socket = WatchedEndPoint.of(endPoint);
        if (socket != null) {
            connection.addHandshakeListener(new SslHandshakeListener() {
                @Override
                public void handshakeSucceeded(Event event) {
                    socket.due(slowCallers.headersDue());
                }
            });
        }
        return connection;
    }

    private static final class Contexts extends SslContextFactory.Server {
        private final Supplier<SSLContext> context;

        Contexts(HttpServer.Tls tls) {
            context = tls.context();
            setSslContext(context.get());
            setIncludeProtocols("TLSv1.3", "TLSv1.2");
            setNeedClientAuth(tls.needsCertificates());
            setRenegotiationAllowed(false);
        }

        @Override
        public SSLContext getSslContext() {
            return context.get();
        }
    }
}
