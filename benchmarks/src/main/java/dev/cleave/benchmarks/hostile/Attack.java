package dev.cleave.benchmarks.hostile;

import com.google.protobuf.ByteString;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Frame;
import dev.cleave.v1.Open;
import dev.cleave.v1.Ping;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What is done to a gateway. */
final class Attack {
    private static final int AT_A_TIME = 50;
    private static final int GIGABYTE = 1 << 30;

    private Attack() {}

    /**
     * What came of it.
     *
     * @param count how often it was done
     * @param named how many were told an error, or closed in time where nobody can be told
     * @param example one of the errors
     */
    record Outcome(int count, int named, String example) {}

    /** Streams that break the protocol in eight ways, in turn. */
    static Outcome malformedStreams(ManagedChannel channel, String bundle, int count, Random random) throws Exception {
        int named = 0;
        String example = "";
        for (int begun = 0; begun < count; begun += AT_A_TIME) {
            List<ByteStream> streams = new ArrayList<>();
            for (int i = begun; i < Math.min(count, begun + AT_A_TIME); i++) {
                ByteStream stream = new ByteStream(channel);
                misbehave(stream, i % 8, bundle, random);
                streams.add(stream);
            }
            for (ByteStream stream : streams) {
                String error = stream.error();
                named += error != null && !error.contains("\n") ? 1 : 0;
                example = error == null ? example : error;
                stream.leave();
            }
        }
        return new Outcome(count, named, example);
    }

    private static void misbehave(ByteStream stream, int way, String bundle, Random random) {
        if (way > 1) {
            stream.send(open(way == 2 ? "none" : bundle));
        }
        switch (way) {
            case 0 -> stream.send(frame(1, 0, 1, 10, 10));
            case 1 -> stream.send(noise(random));
            case 2 -> {} // No such bundle.
            case 3 -> stream.send(open(bundle));
            case 4 -> stream.send(frame(1, 3, 5, 5000, 25_000));
            case 5 -> stream.send(frame(1, 0, 1024, 1024, GIGABYTE));
            case 6 -> stream.send(frame(0, 0, 1, 10, 10));
            default ->
                stream.send(ClientMessage.newBuilder()
                        .setPing(Ping.newBuilder().setPadding(ByteString.copyFrom(new byte[100_000])))
                        .build()
                        .toByteArray());
        }
    }

    private static byte[] noise(Random random) {
        byte[] noise = new byte[1 + random.nextInt(1000)];
        random.nextBytes(noise);
        noise[0] = -1;
        return noise;
    }

    private static byte[] open(String bundle) {
        return ClientMessage.newBuilder()
                .setOpen(Open.newBuilder().setBundleId(bundle))
                .build()
                .toByteArray();
    }

    private static byte[] frame(long id, int index, int chunks, int bytes, long announced) {
        return ClientMessage.newBuilder()
                .setFrame(Frame.newBuilder()
                        .setRequestId(id)
                        .setSplitPoint(1)
                        .setRows(1)
                        .setChunkIndex(index)
                        .setChunkCount(chunks)
                        .setFrameBytes(announced)
                        .setPayload(ByteString.copyFrom(new byte[bytes])))
                .build()
                .toByteArray();
    }

    /**
     * Connections that say something and then nothing, or a byte now and then, for as long as they may.
     *
     * @param first what is said
     * @param drip whether a byte follows every second
     * @param mostSeconds by which all must have been closed
     */
    static Outcome slowConnections(int port, int count, String first, boolean drip, int mostSeconds) throws Exception {
        List<Socket> open = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                Socket socket = new Socket("127.0.0.1", port);
                socket.setSoTimeout(1);
                socket.getOutputStream().write(first.getBytes(StandardCharsets.US_ASCII));
                open.add(socket);
            }
            int closed = 0;
            String last = "closed";
            long end = System.nanoTime() + mostSeconds * 1_000_000_000L;
            while (!open.isEmpty() && System.nanoTime() - end < 0) {
                Thread.sleep(1000);
                for (Socket socket : List.copyOf(open)) {
                    String said = said(socket, drip);
                    if (said != null) {
                        open.remove(socket);
                        socket.close();
                        closed++;
                        last = said.isEmpty() ? last : said;
                    }
                }
            }
            return new Outcome(count, closed, last);
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    /** @return null while it is open; else the first line that was said, if it is text */
    private static String said(Socket socket, boolean drip) {
        byte[] read = new byte[4096];
        try {
            int length = socket.getInputStream().read(read);
            String text = length <= 0 ? "" : new String(read, 0, length, StandardCharsets.US_ASCII);
            return length < 0
                    ? ""
                    : text.startsWith("HTTP/1.1 4") ? text.lines().findFirst().orElse("") : null;
        } catch (SocketTimeoutException nothingYet) {
            return drip && !write(socket) ? "" : null;
        } catch (IOException closed) {
            return "";
        }
    }

    private static boolean write(Socket socket) {
        try {
            socket.getOutputStream().write('a');
            return true;
        } catch (IOException closed) {
            return false;
        }
    }
}
