package dev.cleave.cli.gateway;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.BufferingResponseListener;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.PathRequestContent;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;

/**
 * A PUT of a file, of which nothing is sent before the server has said that it wants it. By Jetty's client: that of the JDK waits
 * without end where a server answers anything else than 100 (JDK-8286171).
 */
final class FileUpload {
    private FileUpload() {}

    /** What the server said, whether it took the file or not. */
    record Answer(int status, String text) {}

    /**
     * Sends a file.
     *
     * @param type of the content
     * @param patience for all of it
     * @throws java.net.ConnectException if nobody is there
     * @throws IOException if it was not sent, and nothing was said
     */
    static Answer put(URI uri, Path file, String type, Map<String, String> headers, Duration patience)
            throws IOException, InterruptedException {
        HttpClient client = new HttpClient();
        try {
            client.start();
            Request request = client.newRequest(uri)
                    .method(HttpMethod.PUT)
                    .body(new PathRequestContent(type, file))
                    .timeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                    .headers(fields -> {
                        fields.put(HttpHeader.EXPECT, "100-continue");
                        headers.forEach(fields::put);
                    });
            Ending ending = new Ending();
            request.send(ending);
            return ending.answer.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IOException(uri.getAuthority() + " did not take " + file + ": " + e.getCause(), e);
        } catch (IOException | InterruptedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        } finally {
            stop(client);
        }
    }

    private static void stop(HttpClient client) throws IOException {
        try {
            client.stop();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    /** A server that has said what it thinks may end the connection before it has everything: then what it said counts. */
    private static final class Ending extends BufferingResponseListener {
        private final CompletableFuture<Answer> answer = new CompletableFuture<>();

        @Override
        public void onComplete(Result result) {
            if (result.getResponseFailure() == null && result.getResponse().getStatus() > 0) {
                answer.complete(
                        new Answer(result.getResponse().getStatus(), getContentAsString(StandardCharsets.UTF_8)));
            } else {
                answer.completeExceptionally(result.getFailure());
            }
        }
    }
}
