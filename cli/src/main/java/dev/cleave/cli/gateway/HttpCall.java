package dev.cleave.cli.gateway;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.BufferingResponseListener;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpMethod;

/**
 * One request and its answer. By Jetty's client: that of the JDK waits without end where a body is sent only when the server wants it
 * ({@code Expect: 100-continue}) and the server answers anything else than 100 (JDK-8286171).
 */
final class HttpCall {
    private HttpCall() {}

    /** What the server said, whatever that was. */
    record Answer(int status, String text) {}

    /**
     * Sends a request.
     *
     * @param tls for {@code https}; null: nothing is sent there
     * @param body null: none
     * @param patience for all of it
     * @throws java.net.ConnectException if nobody is there
     * @throws IOException if it was not sent, and nothing was said
     */
    static Answer send(
            OperatorTls tls,
            HttpMethod method,
            URI uri,
            Map<String, String> headers,
            Request.Content body,
            Duration patience)
            throws IOException, InterruptedException {
        HttpClient client = new HttpClient();
        client.setFollowRedirects(false); // A file, or a token, is for the port that was named.
        if (tls != null) {
            client.setSslContextFactory(tls);
        }
        try {
            client.start();
            Request request = client.newRequest(uri)
                    .method(method)
                    .body(body)
                    .timeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                    .headers(fields -> headers.forEach(fields::put));
            Ending ending = new Ending();
            request.send(ending);
            return ending.answer.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IOException(uri.getAuthority() + " gave no answer: " + e.getCause(), e);
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
        private static final int MAX_BYTES = 16 << 20;

        private final CompletableFuture<Answer> answer = new CompletableFuture<>();

        Ending() {
            super(MAX_BYTES);
        }

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
