package dev.cleave.gateway.oip;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A request over HTTP whose body comes in two parts, of which the second is kept back. Names the version of its path, or none. */
public final class SlowUpload implements AutoCloseable {
    private static final String BODY =
            "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,4],\"data\":[1,1,1,1]}]}";
    private static final int FIRST = BODY.length() / 2;

    private final Socket caller;

    private SlowUpload(Socket caller) {
        this.caller = caller;
    }

    /** @param path of the inference */
    public static SlowUpload begin(OipGateway gateway, String path) throws IOException {
        Socket caller = new Socket("localhost", gateway.gateway.httpPort());
        SlowUpload upload = new SlowUpload(caller);
        upload.send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nContent-Length: " + BODY.length() + "\r\n\r\n"
                + BODY.substring(0, FIRST));
        return upload;
    }

    /** Waits until the gateway reads a body like this one; it must be the only one that comes. */
    public static void awaitRead(OipGateway gateway) throws IOException, InterruptedException {
        gateway.awaitMetric("cleave_incoming_bytes " + BODY.length() + ".0");
    }

    private void send(String text) throws IOException {
        caller.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Sends the rest; the answer, its headers included. */
    public String finish() throws IOException {
        send(BODY.substring(FIRST));
        return new String(caller.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        caller.close();
    }
}
