package dev.cleave.cli.daemon.lines;

import dev.cleave.cli.agent.InferDocument;
import dev.cleave.cli.daemon.lines.BoundedLines.Line;
import dev.cleave.cli.daemon.oip.MalformedRequestException;
import dev.cleave.cli.daemon.request.AgentFront;
import dev.cleave.cli.daemon.request.FailureLine;
import dev.cleave.cli.daemon.request.InOrder;
import dev.cleave.cli.daemon.request.RequestSource;
import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.output.JsonOut;
import dev.cleave.cli.units.TimeSpan;
import dev.cleave.edge.InferenceInput;
import dev.cleave.edge.InferenceResult;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the lines of a stream, one line for each, in order. While the window is full nothing is read, so that whoever
 * writes has to wait. Owns two threads; the one that reads cannot be interrupted and is left behind when it is stopped.
 */
public final class LineSource implements RequestSource {
    private static final Logger LOG = LoggerFactory.getLogger(LineSource.class);

    private final BoundedLines lines;
    private final AgentFront agent;
    private final JsonOut out;
    private final int maxBytes;
    private final Runnable atEnd;
    private final InOrder<String> answers;
    private final Object reading = new Object();
    private volatile boolean stopped;

    private LineSource(InputStream stream, AgentFront agent, JsonOut out, int maxBytes, int window, Runnable atEnd) {
        this.lines = new BoundedLines(new BufferedInputStream(stream), maxBytes);
        this.agent = agent;
        this.out = out;
        this.maxBytes = maxBytes;
        this.atEnd = atEnd;
        this.answers = new InOrder<>("cleave-lines-answers", window, this::finished);
    }

    /**
     * @param maxBytes of one line
     * @param window requests on their way behind the first
     * @param atEnd run when the stream has ended and every line is answered
     */
    public static LineSource start(
            InputStream stream, AgentFront agent, JsonOut out, int maxBytes, int window, Runnable atEnd) {
        LineSource source = new LineSource(stream, agent, out, maxBytes, window, atEnd);
        Thread thread = new Thread(source::work, "cleave-lines");
        thread.setDaemon(true);
        thread.start();
        return source;
    }

    private void work() {
        try {
            long number = 0;
            for (Line line = lines.next(); line != null; line = lines.next()) {
                number++;
                // From here to the submission, so that nobody believes this to be idle in between.
                synchronized (reading) {
                    if (stopped) {
                        return;
                    }
                    if (line.cut() || !isBlank(line)) {
                        take(line, "line " + number);
                    }
                }
            }
            answers.awaitIdle(Long.MAX_VALUE / 2);
            atEnd.run();
        } catch (IOException broken) {
            LOG.error("standard input cannot be read: {}", broken.getMessage());
            atEnd.run();
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isBlank(Line line) {
        for (byte value : line.bytes()) {
            if (value != ' ' && value != '\t' && value != '\r') {
                return false;
            }
        }
        return true;
    }

    private void take(Line line, String place) throws InterruptedException {
        String name = place;
        try {
            if (line.cut()) {
                throw new MalformedRequestException("line is longer than " + maxBytes + " bytes");
            }
            LineRequest request = LineRequest.parse(line.bytes());
            name = request.name() == null ? place : request.name();
            answers.submit(name, agent.infer(input(request), request.deadline()));
        } catch (IOException | UserException malformed) {
            answers.submit(name, CompletableFuture.failedFuture(malformed));
        } catch (IllegalArgumentException malformed) {
            answers.submit(
                    name,
                    CompletableFuture.failedFuture(
                            new MalformedRequestException(TimeSpan.inMessage(malformed.getMessage()))));
        }
    }

    private InferenceInput input(LineRequest request) throws IOException {
        if (request.path() == null) {
            return InferenceInput.of(request.tensors());
        }
        try {
            return agent.file(Path.of(request.path()));
        } catch (InvalidPathException malformed) {
            throw new MalformedRequestException("\"" + request.path() + "\" is no path", malformed);
        }
    }

    private void finished(String name, InferenceResult result, Throwable failure) {
        out.line(result != null ? InferDocument.of(name, result) : FailureLine.of(name, failure));
    }

    @Override
    public void stop() {
        stopped = true;
    }

    @Override
    public boolean awaitIdle(long timeoutNanos) throws InterruptedException {
        long end = System.nanoTime() + timeoutNanos;
        if (!answers.awaitIdle(timeoutNanos)) {
            return false;
        }
        synchronized (reading) {
            return answers.awaitIdle(Math.max(TimeUnit.MILLISECONDS.toNanos(1), end - System.nanoTime()));
        }
    }

    @Override
    public void close() {
        stop();
        answers.close();
    }
}
