package dev.cleave.benchmarks.peer;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** A classifier over HTTP, in the words of the server that has it. Thread-safe. */
interface HttpModel {
    /**
     * A request for one row, to be sent as often as one likes.
     *
     * @param row what the model takes, in row-major order
     */
    HttpRequest ask(float[] row);

    /**
     * What the model gave for it.
     *
     * @throws IOException if the answer is not what this server gives
     */
    float[] scores(HttpResponse<byte[]> answer) throws IOException;
}
