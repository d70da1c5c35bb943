package dev.cleave.gateway.grpc;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** An HTTP/2 connection written by hand, frame by frame, for what no client library would do. Not thread-safe. */
final class RawConnection implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RESET = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GO_AWAY = 7;
    static final int CONTINUATION = 9;
    static final int ACK = 1;
    static final int END_STREAM = 1;
    static final int END_HEADERS = 4;
    static final int INITIAL_WINDOW = 4;
    private static final int PATIENCE_MILLIS = 60_000;

    final Socket socket;
    final DataOutputStream out;
    private final DataInputStream in;
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder();

    /** @param headers those of a frame that has some, by name */
    record Read(int type, int flags, int stream, byte[] payload, Map<String, String> headers) {}

    RawConnection(int port) throws IOException {
        socket = new Socket("localhost", port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        out = new DataOutputStream(socket.getOutputStream());
        in = new DataInputStream(socket.getInputStream());
    }

    /** Begins to speak HTTP/2. @param window that every stream has at the start, for what the gateway sends */
    RawConnection greet(int window) throws IOException {
        out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        frame(
                SETTINGS,
                0,
                0,
                ByteBuffer.allocate(6)
                        .putShort((short) INITIAL_WINDOW)
                        .putInt(window)
                        .array());
        return this;
    }

    void frame(int type, int flags, int stream, byte... payload) throws IOException {
        out.write(payload.length >> 16);
        out.writeShort(payload.length);
        out.write(type);
        out.write(flags);
        out.writeInt(stream);
        out.write(payload);
        out.flush();
    }

    /** Begins a call. @param more names and values of headers */
    void call(int stream, String path, String... more) throws IOException {
        frame(HEADERS, END_HEADERS, stream, headers(path, more));
    }

    static byte[] headers(String path, String... more) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        literal(block, ":method", "POST");
        literal(block, ":scheme", "http");
        literal(block, ":path", path);
        literal(block, ":authority", "localhost");
        literal(block, "te", "trailers");
        literal(block, "content-type", "application/grpc");
        for (int i = 0; i < more.length; i += 2) {
            literal(block, more[i], more[i + 1]);
        }
        return block.toByteArray();
    }

    /** As it is, in no table. */
    private static void literal(ByteArrayOutputStream block, String name, String value) {
        block.write(0);
        for (String text : new String[] {name, value}) {
            block.write(text.length());
            block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** A message as gRPC writes it. */
    static byte[] message(boolean compressed, byte[] bytes) {
        return ByteBuffer.allocate(5 + bytes.length)
                .put((byte) (compressed ? 1 : 0))
                .putInt(bytes.length)
                .put(bytes)
                .array();
    }

    /** The next frame, of the gateway's settings and pings no more than the answer; null when the connection is over. */
    Read read() throws IOException {
        try {
            while (true) {
                int length = in.read() << 16;
                if (length < 0) {
                    return null;
                }
                length |= in.readUnsignedShort();
                int type = in.read();
                int flags = in.read();
                int stream = in.readInt();
                byte[] payload = in.readNBytes(length);
                if (type == SETTINGS || type == PING) {
                    if ((flags & ACK) == 0) {
                        frame(type, ACK, 0, type == PING ? payload : new byte[0]);
                    }
                } else {
                    return new Read(type, flags, stream, payload, type == HEADERS ? decode(stream, payload) : Map.of());
                }
            }
        } catch (EOFException | SocketException broken) {
            return null;
        }
    }

    private Map<String, String> decode(int stream, byte[] block) throws IOException {
        Http2Headers headers;
        try {
            headers = decoder.decodeHeaders(stream, Unpooled.wrappedBuffer(block));
        } catch (Http2Exception e) {
            throw new IOException(e);
        }
        Map<String, String> named = new HashMap<>();
        headers.forEach(
                entry -> named.put(entry.getKey().toString(), entry.getValue().toString()));
        return named;
    }

    /** Reads on to the frame that ends a stream: trailers, or its reset. */
    Read end(int stream) throws IOException {
        while (true) {
            Read frame = read();
            if (frame == null) {
                throw new AssertionError("the connection ended before stream " + stream);
            }
            boolean isEnd = frame.type() == RESET || frame.type() == HEADERS && (frame.flags() & END_STREAM) != 0;
            if (frame.stream() == stream && isEnd) {
                return frame;
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
