package dev.cleave.cli.daemon;

import dev.cleave.cli.daemon.http.HttpSource;
import dev.cleave.cli.daemon.lines.LineSource;
import dev.cleave.cli.daemon.request.AgentFront;
import dev.cleave.cli.daemon.request.RequestSource;
import dev.cleave.cli.daemon.watch.WatchSource;
import dev.cleave.cli.output.JsonOut;
import dev.cleave.edge.EdgeAgent;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One agent and the sources that ask it. Owns the sources; the agent is closed by {@link #end}. Thread-safe. */
final class Daemon {
    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
    private static final long LAST_WORDS_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final EdgeAgent agent;
    private final List<RequestSource> sources = new ArrayList<>();
    private final List<String> places = new ArrayList<>();
    private final CountDownLatch told = new CountDownLatch(1);

    private Daemon(EdgeAgent agent) {
        this.agent = agent;
    }

    /**
     * Starts the sources that the options name.
     *
     * @param deadline of requests that bring none
     * @param metrics what {@code /metrics} shows
     * @param linkUp whether there is a gateway just now
     */
    static Daemon start(
            EdgeAgent agent,
            Duration deadline,
            SourceOptions options,
            InputStream standardInput,
            JsonOut out,
            Supplier<String> metrics,
            BooleanSupplier linkUp)
            throws IOException {
        Daemon daemon = new Daemon(agent);
        AgentFront front = new AgentFront(agent, deadline, options.maxPixels);
        try {
            if (options.http != null) {
                HttpSource.Settings settings = new HttpSource.Settings(
                        options.http, options.httpToken(), options.maxBodyBytes(), options.inFlight, deadline);
                HttpSource http = HttpSource.start(
                        settings, front, metrics, () -> agent.isLocalAvailable() || linkUp.getAsBoolean());
                daemon.add(http, http.url());
            }
            if (options.watch != null) {
                WatchSource watch = WatchSource.start(options.watch, front, out, options.settle, options.inFlight);
                daemon.add(watch, options.watch.toString());
            }
            if (options.lines) {
                Runnable atEnd = options.http == null && options.watch == null ? daemon::tellToEnd : () -> {};
                LineSource lines =
                        LineSource.start(standardInput, front, out, options.maxBodyBytes(), options.inFlight, atEnd);
                daemon.add(lines, "standard input");
            }
            return daemon;
        } catch (IOException | RuntimeException refused) {
            daemon.sources.forEach(RequestSource::close);
            throw refused;
        }
    }

    private void add(RequestSource source, String place) {
        sources.add(source);
        places.add(place);
    }

    /** Where it is listened, for people. */
    String places() {
        return String.join(", ", places);
    }

    /** Makes {@link #awaitEnd} return. */
    void tellToEnd() {
        told.countDown();
    }

    /** Waits until the daemon is told to end, or its only source has. */
    void awaitEnd() throws InterruptedException {
        told.await();
    }

    /** Takes nothing new, gives what is under way some time, and lets the rest fail by name. */
    void end(Duration grace) throws InterruptedException {
        sources.forEach(RequestSource::stop);
        if (!awaitIdle(grace.toNanos())) {
            LOG.warn("requests are still under way after {}; they fail now", grace);
        }
        agent.close();
        awaitIdle(LAST_WORDS_NANOS);
        sources.forEach(RequestSource::close);
    }

    private boolean awaitIdle(long nanos) throws InterruptedException {
        long end = System.nanoTime() + nanos;
        boolean idle = true;
        for (RequestSource source : sources) {
            idle &= source.awaitIdle(Math.max(1, end - System.nanoTime()));
        }
        return idle;
    }
}
