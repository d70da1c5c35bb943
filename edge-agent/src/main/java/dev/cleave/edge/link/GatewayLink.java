package dev.cleave.edge.link;

import dev.cleave.edge.estimate.LinkConditions;
import dev.cleave.edge.estimate.LinkEstimator;
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
import java.util.function.IntToDoubleFunction;
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
    private final LinkEstimator estimator;
    private final StreamOwner streamOwner = new Streams();
    private final Object lock = new Object();
    private final Backoff backoff;
    private final HandshakeLimit handshake;
    private final Breaker breaker;
    private final Set<Waiter> waiters = new LinkedHashSet<>();
    private final Set<GatewayStream> draining = new LinkedHashSet<>();
    private GatewayStream attempt;
    private GatewayStream current;
    /** The current stream owes an acknowledgement for too long. */
    private boolean doubted;
    /** The connection may be dead without knowing it. */
    private boolean stale;

    private SortedSet<Integer> points;
    private LinkFailure lastFailure;
    private boolean toldDown;
    private boolean closed;
    private Scheduler.Timer retry = () -> {};

    /**
     * @param channel carries the streams; woken when a connection failed or the gateway drains
     * @param calls the same channel, with call credentials if there are any
     * @param plannedTailNanos by point, of one batch on the gateway; NaN where nothing was planned
     */
    public GatewayLink(
            ManagedChannel channel,
            Channel calls,
            LinkSettings settings,
            IntToDoubleFunction plannedTailNanos,
            Scheduler scheduler,
            Random random,
            LinkListener listener) {
        this.channel = channel;
        this.calls = calls;
        this.settings = settings;
        this.scheduler = scheduler;
        this.listener = listener;
        this.estimator = new LinkEstimator(settings.probeBytesPerMinute(), plannedTailNanos);
        this.backoff = new Backoff(settings.backoffFirstNanos(), settings.backoffCapNanos(), random);
        this.handshake = new HandshakeLimit(settings.handshakeNanos());
        this.breaker = new Breaker(new Backoff(settings.backoffFirstNanos(), settings.backoffCapNanos(), random));
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

    /**
     * Whether a request should try the gateway: a stream is open, and acknowledgements and answers come in time; or the first
     * attempt since one was is under way.
     */
    public boolean isUsable() {
        synchronized (lock) {
            boolean promising = current != null ? !doubted : attempt != null && lastFailure == null;
            return promising && breaker.allows(scheduler.nanoTime());
        }
    }

    /** A request tries the gateway; returns what it has to bring along when it ends. */
    public int begun() {
        synchronized (lock) {
            return breaker.begun(scheduler.nanoTime());
        }
    }

    /**
     * That request ended.
     *
     * @param begunIn as {@link #begun} gave it
     * @param inTime whether the gateway answered before the device had to help itself
     */
    public void ended(int begunIn, boolean inTime) {
        synchronized (lock) {
            breaker.ended(begunIn, inTime, scheduler.nanoTime());
        }
    }

    /** That request ended, and the gateway is not to blame: it was cancelled, say. */
    public void withdrawn(int begunIn) {
        synchronized (lock) {
            breaker.withdrawn(begunIn);
        }
    }

    /**
     * The device is on another network, or thinks so: connections of the old one may be dead, what was measured is of no use, and
     * there is no reason to wait for the next attempt.
     */
    public void networkChanged() {
        GatewayStream open;
        synchronized (lock) {
            estimator.networkChanged();
            backoff.reset();
            retry.cancel();
            open = current;
        }
        if (open != null) {
            if (open.drain()) {
                streamOwner.draining(open);
                open.endIfDrained();
            }
        } else {
            connect();
        }
    }

    /** Bytes of frames that wait for the gateway's credit; more than 0: the window is full. */
    public long waitingBytes() {
        GatewayStream open;
        synchronized (lock) {
            open = current;
        }
        return open == null ? 0 : open.waitingBytes();
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

    /** What is known of the link and of the gateway as of now, also while no stream is open. */
    public LinkConditions conditions(long nowNanos) {
        GatewayStream open;
        synchronized (lock) {
            open = current;
        }
        return open == null ? estimator.conditions(nowNanos) : open.conditions(nowNanos);
    }

    /**
     * A request begins, and with it the occasion to look at the link if nothing crosses: by a ping ahead of one that
     * will, by one with padding where it stays on the device. Without requests nobody asks what the link is like.
     *
     * @param remote whether its frame will cross
     */
    public void look(boolean remote) {
        GatewayStream open;
        synchronized (lock) {
            open = current;
        }
        if (open != null) {
            open.look(remote);
        }
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
        boolean wake;
        synchronized (lock) {
            if (closed || attempt != null || current != null) {
                return;
            }
            stream = new GatewayStream(settings, handshake.nanos(), scheduler, estimator, streamOwner);
            attempt = stream;
            wake = stale;
            stale = false;
        }
        // A connection that swallows bytes would swallow the next stream's too. A channel that failed to connect turns
        // calls away
        // until its own backoff is over; ours is over now.
        if (wake || channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
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
                doubted = false;
                backoff.reset();
                handshake.succeeded(stream.handshakeNanos());
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
                doubted = false;
                draining.add(stream);
            }
            channel.enterIdle(); // the next stream goes over a new connection, to another gateway perhaps
            connect();
        }

        @Override
        public void doubted(GatewayStream stream, LinkFailure why) {
            boolean first;
            synchronized (lock) {
                if (stream != current) {
                    return;
                }
                doubted = true;
                first = !toldDown;
                toldDown = true;
            }
            if (first) {
                listener.down(why);
            }
        }

        @Override
        public void trusted(GatewayStream stream) {
            synchronized (lock) {
                if (stream != current || !doubted) {
                    return;
                }
                doubted = false;
                toldDown = false;
            }
            listener.up(stream.gatewayVersion());
        }

        @Override
        public void ended(GatewayStream stream, LinkFailure failure, long retryAfterNanos) {
            List<Waiter> waiting;
            boolean firstFailure;
            synchronized (lock) {
                if (draining.remove(stream) || stream != attempt && stream != current) {
                    return;
                }
                if (stream == attempt && failure.kind() == LinkFailure.Kind.SILENT) {
                    handshake.timedOut();
                }
                stale |= failure.kind() == LinkFailure.Kind.SILENT;
                doubted = false;
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
            long delay = byName ? backoff.jittered(settings.refusedNanos()) : backoff.nextNanos();
            long asked = Math.min(retryAfterNanos, settings.refusedNanos());
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
