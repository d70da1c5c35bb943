package dev.cleave.benchmarks.peer;

import dev.cleave.cli.failure.UserException;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Clients of an HTTP server, each with a connection of its own, that ask again as soon as they are answered. One thread uses it. */
final class ClosedLoop {
    private static final double NANOS_PER_MILLI = 1e6;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<HttpRequest> requests;

    /** @param requests that each client sends in turn */
    ClosedLoop(List<HttpRequest> requests) {
        this.requests = List.copyOf(requests);
    }

    /**
     * What became of a while.
     *
     * @param seconds until the last was answered
     * @param millis from asking to the whole answer, one for each
     */
    record Block(double seconds, List<Double> millis) {
        double perSecond() {
            return millis.size() / seconds;
        }
    }

    /** @throws UserException if one answer is no success */
    Block run(int clients, double seconds) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        try {
            long start = System.nanoTime();
            long end = start + (long) (seconds * 1e9);
            List<Callable<List<Double>>> loops = new ArrayList<>();
            for (int client = 0; client < clients; client++) {
                int first = client;
                loops.add(() -> loop(first, end));
            }
            List<Double> millis = new ArrayList<>();
            for (Future<List<Double>> loop : threads.invokeAll(loops)) {
                millis.addAll(loop.get());
            }
            return new Block((System.nanoTime() - start) / 1e9, millis);
        } catch (ExecutionException failed) {
            throw new UserException(failed.getCause().getMessage());
        } finally {
            threads.shutdownNow();
        }
    }

    private List<Double> loop(int first, long end) throws InterruptedException {
        List<Double> millis = new ArrayList<>();
        for (int i = first; System.nanoTime() - end < 0; i++) {
            long asked = System.nanoTime();
            send(requests.get(i % requests.size()));
            millis.add((System.nanoTime() - asked) / NANOS_PER_MILLI);
        }
        return millis;
    }

    /** Sends one, and returns its answer. */
    HttpResponse<byte[]> send(HttpRequest request) throws InterruptedException {
        HttpResponse<byte[]> answer;
        try {
            answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException failed) {
            throw new UserException(request.uri() + " does not answer: " + failed.getMessage(), failed);
        }
        if (answer.statusCode() != 200) {
            throw new UserException(request.uri() + " answers " + answer.statusCode() + " "
                    + new String(answer.body(), StandardCharsets.UTF_8) + "; expected 200");
        }
        return answer;
    }
}
