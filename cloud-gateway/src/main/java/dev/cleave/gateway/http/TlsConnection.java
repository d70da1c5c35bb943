package dev.cleave.gateway.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadPendingException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection over TLS: its caller is watched behind the encryption, and one who speaks HTTP in the clear is told that in the clear. */
final class TlsConnection extends SslConnection {
    private static final Logger LOG = LoggerFactory.getLogger(TlsConnection.class);
    private static final String REFUSAL = "{\"error\":\"this port speaks TLS; expected https\"}\n";
    private static final byte[] IN_THE_CLEAR =
            ("HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nConnection: close\r\nContent-Length: "
                            + REFUSAL.length() + "\r\n\r\n" + REFUSAL)
                    .getBytes(StandardCharsets.US_ASCII);

    TlsConnection(
            ByteBufferPool buffers, Executor threads, SslContextFactory factory, EndPoint endPoint, SSLEngine engine) {
        super(buffers, threads, factory, endPoint, engine);
    }

    @Override
    protected SslEndPoint newSslEndPoint() {
        return new Decrypted();
    }

    /** A record of TLS never begins with a letter, and a request of HTTP always does. The connection is closed by what is thrown. */
    @Override
    protected SSLEngineResult unwrap(SSLEngine engine, ByteBuffer input, ByteBuffer output) throws SSLException {
        try {
            return super.unwrap(engine, input, output);
        } catch (SSLException notTls) {
            if (input.hasRemaining() && Character.isLetter(input.get(input.position()))) {
                refuseInTheClear();
            }
            throw notTls;
        }
    }

    /** Nothing was sent before, so there is room for it; where there is none nobody waits. */
    private void refuseInTheClear() {
        try {
            getEndPoint().flush(ByteBuffer.wrap(IN_THE_CLEAR));
        } catch (IOException gone) {
            LOG.debug("caller in the clear has gone", gone);
        }
    }

    private final class Decrypted extends SslEndPoint implements CallerWatch {
        private final WatchedInput input = new WatchedInput(new Plain(), getExecutor());

        @Override
        public void whenGone(Runnable gone) {
            input.whenGone(gone);
        }

        @Override
        public void fillInterested(Callback callback) {
            if (!input.tryFillInterested(callback)) {
                throw new ReadPendingException();
            }
        }

        @Override
        public boolean tryFillInterested(Callback callback) {
            return input.tryFillInterested(callback);
        }

        @Override
        public boolean isFillInterested() {
            return input.isFillInterested();
        }

        @Override
        public int fill(ByteBuffer buffer) throws IOException {
            return input.fill(buffer);
        }

        private final class Plain implements WatchedInput.Source {
            @Override
            public int fill(ByteBuffer buffer) throws IOException {
                return Decrypted.super.fill(buffer);
            }

            @Override
            public void fillInterested(Callback callback) {
                Decrypted.super.fillInterested(callback);
            }
        }
    }
}
