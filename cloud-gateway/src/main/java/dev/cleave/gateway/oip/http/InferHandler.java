package dev.cleave.gateway.oip.http;

import dev.cleave.gateway.config.Patience;
import dev.cleave.gateway.http.CallerWatch;
import dev.cleave.gateway.identity.Device;
import dev.cleave.gateway.oip.AnswerSink;
import dev.cleave.gateway.oip.InferCall;
import dev.cleave.gateway.oip.InferRequest;
import dev.cleave.gateway.oip.Inferences;
import dev.cleave.gateway.oip.OipException;
import dev.cleave.gateway.oip.OipModel;
import dev.cleave.gateway.oip.OutputTensor;
import dev.cleave.gateway.oip.Quoted;
import dev.cleave.gateway.oip.json.JsonRequest;
import dev.cleave.gateway.oip.json.RequestReader;
import dev.cleave.gateway.oip.json.ResponseWriter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/** Answers inferences. No thread waits for a body, a run, or a caller. Thread-safe. */
final class InferHandler {
    private static final Set<String> TYPES = Set.of("", "application/json", "application/octet-stream");

    private static final Set<String> OWN_SITES = Set.of("same-origin", "none");

    private final Inferences inferences;
    private final int maxBytes;
    private final BodyMemory memory;
    private final Patience patience;
    private final LongSupplier clock;

    /**
     * @param maxBytes of one body
     * @param memory of all bodies together
     * @param patience how long a body may take to come
     */
    InferHandler(Inferences inferences, int maxBytes, BodyMemory memory, Patience patience, LongSupplier clock) {
        this.inferences = inferences;
        this.maxBytes = maxBytes;
        this.memory = memory;
        this.patience = patience;
        this.clock = clock;
    }

    /**
     * Looks at a request's headers, and has its body read. Which version answers is settled when that has come.
     *
     * @param device whose request it is
     * @throws HttpRefusal before anything of the body was read
     */
    void handle(OipPath asked, Device device, Exchange exchange) throws HttpRefusal {
        Request request = exchange.request();
        requireContent(request);
        int jsonBytes = jsonBytes(exchange.header(Exchange.JSON_LENGTH));
        if (request.getLength() > maxBytes) {
            throw BodyReader.tooLarge(maxBytes);
        }
        new BodyReader(request, maxBytes, memory, patience, clock, new BodyReader.Receiver() {
                    @Override
                    public void received(byte[] body, int bytes) {
                        exchange.bodyRead();
                        try {
                            submit(asked, device, exchange, body, bytes, jsonBytes);
                        } catch (OipException refused) {
                            exchange.refuse(HttpRefusal.of(refused));
                        }
                    }

                    @Override
                    public void refused(HttpRefusal refusal) {
                        exchange.refuse(refusal);
                    }

                    @Override
                    public void broken(Throwable cause) {
                        exchange.abandon(cause);
                    }
                })
                .run();
    }

    /**
     * A page of another site can send a body without a type unasked. Clients that are no browsers send none, either, but they do not say where a page
     * that asks is from.
     */
    private static void requireNoPage(Request request, String type) throws HttpRefusal {
        String site = request.getHeaders().get("Sec-Fetch-Site");
        if (site != null && !OWN_SITES.contains(site)) {
            throw new HttpRefusal(403, "a page of another site asks; expected a tool, or a page of this site");
        }
        if (type.isEmpty() && request.getHeaders().contains(HttpHeader.ORIGIN)) {
            throw new HttpRefusal(
                    415, "a page asks without a content type; expected application/json or application/octet-stream");
        }
    }

    /** A form of a web page comes as none of these types. */
    private static void requireContent(Request request) throws HttpRefusal {
        String given = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
        String type = given == null ? "" : given.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        requireNoPage(request, type);
        if (!TYPES.contains(type)) {
            throw new HttpRefusal(
                    415,
                    "content type is " + Quoted.of(type) + "; expected application/json or application/octet-stream");
        }
        String encoding = request.getHeaders().get(HttpHeader.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new HttpRefusal(415, "content encoding is " + Quoted.of(encoding) + "; expected none");
        }
    }

    /** @return -1: all of the body */
    private static int jsonBytes(String header) throws HttpRefusal {
        if (header == null) {
            return -1;
        }
        String digits = header.strip();
        if (!digits.matches("\\d{1,9}")) {
            throw new HttpRefusal(
                    400, Exchange.JSON_LENGTH + " is " + Quoted.of(header) + "; expected a number of bytes");
        }
        return Integer.parseInt(digits);
    }

    private void submit(OipPath asked, Device device, Exchange exchange, byte[] body, int bytes, int jsonBytes)
            throws OipException {
        JsonRequest request = RequestReader.read(body, bytes, jsonBytes < 0 ? bytes : jsonBytes);
        InferCall call = inferences.submit(
                new InferRequest(
                        asked.model(),
                        asked.version(),
                        request.inputs(),
                        request.outputNames(),
                        request.schedule(),
                        bytes),
                device,
                new Answer(request.withoutInputs(), exchange));
        CallerWatch.of(exchange.request()).whenGone(call::cancel);
    }

    /** Makes the response on one of the server's threads: a worker has other things to do than to write JSON. */
    private static final class Answer implements AnswerSink {
        private final JsonRequest request;
        private final Exchange exchange;
        private final Executor threads;

        Answer(JsonRequest request, Exchange exchange) {
            this.request = request;
            this.exchange = exchange;
            this.threads =
                    exchange.request().getConnectionMetaData().getConnector().getExecutor();
        }

        @Override
        public void answered(OipModel model, List<OutputTensor> outputs) {
            send(() -> exchange.answer(ResponseWriter.response(model, request, outputs)));
        }

        @Override
        public void refused(OipException refusal) {
            send(() -> exchange.refuse(HttpRefusal.of(refusal)));
        }

        private void send(Runnable sending) {
            try {
                threads.execute(() -> sendNow(sending));
            } catch (RuntimeException | Error stopping) { // The server has ended, and its connections with it.
                exchange.abandon(stopping);
            }
        }

        /** A caller without an answer would wait: its connection is closed. */
        private void sendNow(Runnable sending) {
            try {
                sending.run();
            } catch (RuntimeException | Error e) {
                exchange.abandon(e);
            }
        }
    }
}
