package dev.cleave.edge.link;

import dev.cleave.v1.Report;
import io.grpc.Channel;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Keeps a stream to the gateway open for as long as the agent lives. Owns its streams, not the channel. Thread-safe.
 *
 * <pre>
 *            +--------- retry, backoff ----------+
 *            v                                   |
 * start -> attempt --Opened--> current --end--> none   (everybody who waits is told at once)
 *            ^                    |
 *            +------ Drain -------+--> draining: answers what it has, and ends
 * </pre>
 *
 * <p>While an attempt is under way requests wait for its outcome; while none is, they are turned away at once. After a
 * refusal by name (another bundle, no permission) the next attempt waits for the longest delay: only a person can mend
 * that.
 *
 * <p>{@code lock} guards all mutable fields and is never held while a stream, a waiter or the listener is called.
 */
public final class GatewayLink implements AutoCloseable {
    /** A request that needs a stream. Exactly one of the two is called, once, unless it is forgotten before. */
    public interface Waiter {
        void opened(GatewayStream stream);

        void unavailable(LinkFailure failure);
    }

    private static final Logger LOG = Logger.getLogger(GatewayLink.class.getName());

    private final ManagedChannel channel;
    private final Channel calls;
    private final LinkSettings settings;
    private final Scheduler scheduler;
    private final LinkListener listener;
    private final StreamOwner streamOwner = new Streams();
    private final Object lock = new Object();
    private final Backoff backoff;
    private final Set<Waiter> waiters = new LinkedHashSet<>();
    private final Set<GatewayStream> draining = new LinkedHashSet<>();
    private GatewayStream attempt;
    private GatewayStream current;
    private SortedSet<Integer> points;
    private LinkFailure lastFailure;
    private boolean toldDown;
    private boolean closed;
    private Scheduler.Timer retry = () -> {};

    /**
     * @param channel carries the streams; woken when a connection failed or the gateway drains
     * @param calls the same channel, with call credentials if there are any
     */
    public GatewayLink(
            ManagedChannel channel,
            Channel calls,
            LinkSettings settings,
            Scheduler scheduler,
            Random random,
            LinkListener listener) {
        this.channel = channel;
        this.calls = calls;
        this.settings = settings;
        this.scheduler = scheduler;
        this.listener = listener;
        this.backoff = new Backoff(settings.backoffFirstNanos(), settings.backoffCapNanos(), random);
    }

    /** Begins the first attempt. */
    public void start() {
        connect();
    }

    /** Calls the waiter as soon as a stream is open, at once if one is or if none is on its way. */
    public void whenOpen(Waiter waiter) {
        GatewayStream open;
        LinkFailure failure;
        synchronized (lock) {
            open = current;
            if (open == null && attempt != null && !closed) {
                waiters.add(waiter);
                return;
            }
            failure = lastFailure;
        }
        if (open != null) {
            waiter.opened(open);
        } else {
            waiter.unavailable(failure != null ? failure : LinkFailure.unavailable("link to the gateway is not open"));
        }
    }

    /** The waiter is told nothing any more. */
    public void forget(Waiter waiter) {
        synchronized (lock) {
            waiters.remove(waiter);
        }
    }

    /** Whether a stream is open, or the first attempt since one was is under way. */
    public boolean isUsable() {
        synchronized (lock) {
            return current != null || attempt != null && lastFailure == null;
        }
    }

    /** Points that the gateway served when a stream was last opened; null if none ever was. */
    public SortedSet<Integer> points() {
        synchronized (lock) {
            return points;
        }
    }

    /** Hands a report to the stream that is open; false if none is. */
    public boolean report(Report report) {
        GatewayStream open;
        synchronized (lock) {
            open = current;
        }
        return open != null && open.report(report);
    }

    @Override
    public void close() {
        LinkFailure why = LinkFailure.unavailable("agent is closed");
        List<GatewayStream> streams = new ArrayList<>();
        synchronized (lock) {
            closed = true;
            lastFailure = why;
            retry.cancel();
            streams.addAll(draining);
            if (current != null) {
                streams.add(current);
            }
            if (attempt != null) {
                streams.add(attempt);
            }
        }
        for (GatewayStream stream : streams) {
            stream.close(why);
        }
    }

    private void connect() {
        GatewayStream stream;
        synchronized (lock) {
            if (closed || attempt != null || current != null) {
                return;
            }
            stream = new GatewayStream(settings, scheduler, streamOwner);
            attempt = stream;
        }
        // A channel that failed to connect turns calls away until its own backoff is over; ours is over now.
        if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
            channel.enterIdle();
        }
        stream.start(calls);
    }

    /** Under the lock. */
    private List<Waiter> takeWaiters() {
        List<Waiter> taken = new ArrayList<>(waiters);
        waiters.clear();
        return taken;
    }

    /** What the streams tell. */
    private final class Streams implements StreamOwner {
        @Override
        public void opened(GatewayStream stream) {
            List<Waiter> waiting;
            boolean wasDown;
            SortedSet<Integer> served = stream.points();
            synchronized (lock) {
                if (stream != attempt) {
                    return;
                }
                wasDown = toldDown || points == null;
                attempt = null;
                current = stream;
                points = served;
                lastFailure = null;
                toldDown = false;
                backoff.reset();
                waiting = takeWaiters();
            }
            LOG.log(Level.FINE, "stream to the gateway is open, points {0}", served);
            if (wasDown) {
                listener.up(stream.gatewayVersion());
            }
            for (Waiter waiter : waiting) {
                waiter.opened(stream);
            }
        }

        @Override
        public void draining(GatewayStream stream) {
            synchronized (lock) {
                if (stream != current) {
                    return;
                }
                current = null;
                draining.add(stream);
            }
            channel.enterIdle(); // the next stream goes over a new connection, to another gateway perhaps
            connect();
        }

        @Override
        public void ended(GatewayStream stream, LinkFailure failure, long retryAfterNanos) {
            List<Waiter> waiting;
            boolean firstFailure;
            synchronized (lock) {
                if (draining.remove(stream) || stream != attempt && stream != current) {
                    return;
                }
                attempt = null;
                current = null;
                lastFailure = closed ? lastFailure : failure;
                firstFailure = !toldDown;
                toldDown = true;
                waiting = takeWaiters();
                scheduleRetry(failure, retryAfterNanos);
            }
            LOG.log(Level.FINE, "no stream to the gateway: {0}", failure.message());
            if (firstFailure) {
                listener.down(failure);
            }
            for (Waiter waiter : waiting) {
                waiter.unavailable(failure);
            }
        }

        /** Under the lock. */
        private void scheduleRetry(LinkFailure failure, long retryAfterNanos) {
            if (closed) {
                return;
            }
            boolean byName = failure.kind() == LinkFailure.Kind.REFUSED;
            long delay = byName ? backoff.longNanos() : backoff.nextNanos();
            long asked = Math.min(retryAfterNanos, settings.backoffCapNanos());
            retry = scheduler.schedule(GatewayLink.this::connect, scheduler.nanoTime() + Math.max(delay, asked));
        }
    }

    @Override
    public String toString() {
        synchronized (lock) {
            String state = current != null ? "open" : attempt != null ? "opening" : "down (" + lastFailure + ")";
            return "link " + state + ", points " + (points == null ? Collections.emptySet() : points);
        }
    }
}
