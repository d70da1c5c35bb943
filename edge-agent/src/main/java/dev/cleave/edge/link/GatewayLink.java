package dev.cleave.edge.link;

import dev.cleave.edge.estimate.LinkConditions;
import dev.cleave.v1.Report;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.TimeUnit;
import java.util.function.IntToDoubleFunction;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Keeps a stream open to one of the gateways for as long as the agent lives. Owns its streams, not the channels. Thread-safe.
 *
 * <pre>
 *             +----- the next address, or back-off -----+
 *             v                                         |
 * start -> attempts --Opened--> current --end--> no attempt left   (everybody who waits is told at once)
 *             ^                    |
 *             +------ Drain -------+--> draining: answers what it has, and ends
 * </pre>
 *
 * <p>{@link Failover} says which address is tried, {@link AttemptPace} how often, {@link Endpoint} is what is known of one. While
 * an attempt is under way requests wait for its outcome; while none is, they are turned away at once.
 *
 * <p>{@code lock} guards all mutable fields, those of the endpoints included, and is never held while a stream, a channel, a waiter
 * or the listener is called.
 */
public final class GatewayLink implements AutoCloseable {
    /** A request that needs a stream. Exactly one of the two is called, once, unless it is forgotten before. */
    public interface Waiter {
        void opened(GatewayStream stream);

        void unavailable(LinkFailure failure);
    }

    /** A gateway whose breaker was not closed for so long is left, if there is another one. */
    static final long BREAKER_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final Logger LOG = Logger.getLogger(GatewayLink.class.getName());
    private static final LinkFailure NEVER_OPEN = LinkFailure.unavailable("link to the gateway is not open");
    private static final LinkFailure HANGS =
            LinkFailure.unavailable("gateway takes requests and does not answer them in time");
    private static final LinkFailure CLOSED = LinkFailure.unavailable("agent is closed");
    private static final LinkFailure OVERTAKEN = LinkFailure.unavailable("another gateway opened a stream first");

    private final LinkSettings settings;
    private final Scheduler scheduler;
    private final LinkListener listener;
    private final StreamOwner streamOwner = new Streams();
    private final Object lock = new Object();
    private final List<Endpoint> endpoints;
    private final Failover failover;
    private final LinkNews news;
    private final Set<Waiter> waiters = new LinkedHashSet<>();
    private final Set<GatewayStream> draining = new LinkedHashSet<>();
    private GatewayStream current;
    /** Where a stream was open last, or the first address. */
    private Endpoint lastUsed;

    private Endpoint lastTried;
    /** The current stream owes an acknowledgement for too long. */
    private boolean doubted;

    private boolean closed;
    private long streams;
    private Scheduler.Timer retry = () -> {};

    /**
     * @param targets one or more, in order of preference, no two of one address
     * @param plannedTailNanos by point, of one batch on a gateway; NaN where nothing was planned
     */
    public GatewayLink(
            List<GatewayTarget> targets,
            LinkSettings settings,
            IntToDoubleFunction plannedTailNanos,
            Scheduler scheduler,
            Random random,
            LinkListener listener) {
        this.settings = settings;
        this.scheduler = scheduler;
        this.listener = listener;
        this.news = new LinkNews(listener);
        List<Endpoint> known = new ArrayList<>();
        List<AttemptPace> paces = new ArrayList<>();
        for (GatewayTarget target : targets) {
            Endpoint endpoint =
                    new Endpoint(known.size(), target, targets.size() == 1, settings, plannedTailNanos, random);
            known.add(endpoint);
            paces.add(endpoint.pace());
        }
        this.endpoints = known;
        this.failover = new Failover(paces);
        this.lastUsed = known.get(0);
        this.lastTried = known.get(0);
    }

    /** Begins the first attempt. */
    public void start() {
        connect();
    }

    /** How many addresses there are. */
    public int gateways() {
        return endpoints.size();
    }

    /** Calls the waiter as soon as a stream is open, at once if one is or if none is on its way. */
    public void whenOpen(Waiter waiter) {
        GatewayStream open;
        LinkFailure failure;
        synchronized (lock) {
            open = current;
            if (open == null && failover.isTrying() && !closed) {
                waiters.add(waiter);
                return;
            }
            failure = failure();
        }
        if (open != null) {
            waiter.opened(open);
        } else {
            waiter.unavailable(failure);
        }
    }

    /** Under the lock. */
    private LinkFailure failure() {
        LinkFailure failure = closed ? CLOSED : failover.failure();
        return failure == null ? NEVER_OPEN : failure;
    }

    /** The waiter is told nothing any more. */
    public void forget(Waiter waiter) {
        synchronized (lock) {
            waiters.remove(waiter);
        }
    }

    /**
     * Whether a request should try a gateway: a stream is open, and acknowledgements and answers come in time; or the first
     * attempt since one was is under way.
     */
    public boolean isUsable() {
        synchronized (lock) {
            boolean promising = current != null ? !doubted : failover.isPromising();
            return promising && subject().breaker().allows(scheduler.nanoTime());
        }
    }

    /** A request tries the gateway of this stream; returns what it has to bring along when it ends. */
    public Trial begun(GatewayStream stream) {
        synchronized (lock) {
            Endpoint endpoint = stream.endpoint();
            return new Trial(endpoint, endpoint.breaker().begun(scheduler.nanoTime()));
        }
    }

    /**
     * That request ended.
     *
     * @param inTime whether the gateway answered before the device had to help itself
     */
    public void ended(Trial trial, boolean inTime) {
        GatewayStream hanging;
        synchronized (lock) {
            long now = scheduler.nanoTime();
            Breaker breaker = trial.endpoint().breaker();
            breaker.ended(trial.era(), inTime, now);
            boolean leave = !inTime
                    && current != null
                    && current.endpoint() == trial.endpoint()
                    && breaker.nanosNotClosed(now) >= BREAKER_PATIENCE_NANOS
                    && failover.hasAlternative(now);
            hanging = leave ? current : null;
        }
        if (hanging != null) {
            hanging.close(HANGS, settings.refusedNanos());
        }
    }

    /** That request ended, and the gateway is not to blame: it was cancelled, say. */
    public void withdrawn(Trial trial) {
        synchronized (lock) {
            trial.endpoint().breaker().withdrawn(trial.era());
        }
    }

    /**
     * The device is on another network, or thinks so: connections of the old one may be dead, what was measured is of no use, there
     * is no reason to wait for the next attempt, and the most preferred address is tried first again.
     */
    public void networkChanged() {
        GatewayStream open;
        synchronized (lock) {
            endpoints.forEach(endpoint -> endpoint.estimator().networkChanged());
            open = current;
            if (open == null) {
                failover.networkChanged();
            }
        }
        if (open == null) {
            connect();
        } else if (open.drain()) {
            leave(open, failover::networkChanged);
            open.endIfDrained();
        }
    }

    /** Bytes of frames that wait for the gateway's credit; more than 0: the window is full. */
    public long waitingBytes() {
        GatewayStream open = open();
        return open == null ? 0 : open.waitingBytes();
    }

    /** Points that the gateway served when a stream was last opened; null if none ever was. */
    public SortedSet<Integer> points() {
        synchronized (lock) {
            return subject().points();
        }
    }

    /** Hands a report to the stream that is open; false if none is. */
    public boolean report(Report report) {
        GatewayStream open = open();
        return open != null && open.report(report);
    }

    /** What is known of the link and of the gateway as of now, also while no stream is open. */
    public LinkConditions conditions(long nowNanos) {
        GatewayStream open;
        Endpoint subject;
        synchronized (lock) {
            open = current;
            subject = subject();
        }
        return open == null ? subject.estimator().conditions(nowNanos) : open.conditions(nowNanos);
    }

    /**
     * A request begins, and with it the occasion to look at the link if nothing crosses: by a ping ahead of one that
     * will, by one with padding where it stays on the device. Without requests nobody asks what the link is like.
     *
     * @param remote whether its frame will cross
     */
    public void look(boolean remote) {
        GatewayStream open = open();
        if (open != null) {
            open.look(remote);
        }
    }

    /** Null if none is. */
    private GatewayStream open() {
        synchronized (lock) {
            return current;
        }
    }

    /** The address that a request would go to: where it would wait, or the last that was in use. Under the lock. */
    private Endpoint subject() {
        return current == null && failover.isPromising() ? lastTried : lastUsed;
    }

    @Override
    public void close() {
        List<GatewayStream> left = new ArrayList<>();
        synchronized (lock) {
            closed = true;
            retry.cancel();
            left.addAll(draining);
            if (current != null) {
                left.add(current);
            }
            left.addAll(attempts());
        }
        for (GatewayStream stream : left) {
            stream.close(CLOSED);
        }
        turnAway();
    }

    /** Begins every attempt that is due, and sees to the next. */
    private void connect() {
        while (true) {
            Endpoint endpoint;
            GatewayStream stream;
            boolean fresh;
            synchronized (lock) {
                long now = scheduler.nanoTime();
                int next = closed ? Failover.NONE : failover.next(now);
                if (next == Failover.NONE) {
                    connectLater(now);
                    return;
                }
                endpoint = endpoints.get(next);
                fresh = endpoint.takeStale();
                stream = new GatewayStream(endpoint, ++streams, settings, scheduler, streamOwner);
                endpoint.attempt(stream);
                lastTried = endpoint;
            }
            endpoint.start(stream, fresh);
        }
    }

    /** Under the lock. */
    private void connectLater(long nowNanos) {
        retry.cancel();
        long wait = closed ? Failover.NEVER : failover.nanosUntilNext(nowNanos);
        if (wait != Failover.NEVER) {
            retry = scheduler.schedule(this::connect, nowNanos + wait);
        }
    }

    /** Those that wait learn that no attempt is under way any more, if that is so. */
    private void turnAway() {
        List<Waiter> waiting;
        LinkFailure failure;
        synchronized (lock) {
            if (!closed && (current != null || failover.isTrying())) {
                return;
            }
            failure = failure();
            waiting = takeWaiters();
        }
        for (Waiter waiter : waiting) {
            waiter.unavailable(failure);
        }
    }

    /** Under the lock. */
    private List<Waiter> takeWaiters() {
        List<Waiter> taken = new ArrayList<>(waiters);
        waiters.clear();
        return taken;
    }

    /** Those under way. Under the lock. */
    private List<GatewayStream> attempts() {
        List<GatewayStream> attempts = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            if (endpoint.attempt() != null) {
                attempts.add(endpoint.attempt());
            }
        }
        return attempts;
    }

    /**
     * A stream drains: there is to be another one.
     *
     * @param where tells the failover, under the lock
     */
    private void leave(GatewayStream stream, Runnable where) {
        synchronized (lock) {
            if (stream != current) {
                return;
            }
            where.run();
            current = null;
            doubted = false;
            draining.add(stream);
        }
        stream.endpoint().sleep(); // the next stream goes over a new connection, to another gateway perhaps
        connect();
    }

    /** What the streams tell. */
    private final class Streams implements StreamOwner {
        @Override
        public void opened(GatewayStream stream) {
            Endpoint endpoint = stream.endpoint();
            Connection connection = stream.connection();
            SortedSet<Integer> served = stream.points();
            long tookNanos = stream.handshakeNanos();
            List<GatewayStream> overtaken;
            Runnable told;
            synchronized (lock) {
                if (stream != endpoint.attempt()) {
                    return;
                }
                endpoint.opened(served);
                overtaken = attempts();
                endpoints.forEach(Endpoint::overtaken);
                failover.opened(endpoint.index(), tookNanos);
                retry.cancel();
                current = stream;
                lastUsed = endpoint;
                doubted = false;
                told = news.up(connection);
            }
            LOG.log(Level.FINE, "stream to {0} is open, points {1}", new Object[] {endpoint.address(), served});
            letGo(endpoint, overtaken);
            listener.connected(connection);
            told.run();
            serve(stream);
        }

        /** Of other addresses, which might go on connecting by themselves. */
        private void letGo(Endpoint inUse, List<GatewayStream> overtaken) {
            for (GatewayStream attempt : overtaken) {
                attempt.close(OVERTAKEN);
            }
            for (Endpoint endpoint : endpoints) {
                if (endpoint != inUse) {
                    endpoint.sleep();
                }
            }
        }

        private void serve(GatewayStream stream) {
            List<Waiter> waiting;
            synchronized (lock) {
                waiting = takeWaiters();
            }
            for (Waiter waiter : waiting) {
                waiter.opened(stream);
            }
        }

        @Override
        public void draining(GatewayStream stream) {
            leave(stream, failover::left);
        }

        @Override
        public void doubted(GatewayStream stream, LinkFailure why) {
            Runnable told;
            synchronized (lock) {
                if (stream != current) {
                    return;
                }
                doubted = true;
                told = news.down(stream.endpoint().address(), why);
            }
            told.run();
        }

        @Override
        public void trusted(GatewayStream stream) {
            Connection connection = stream.connection();
            Runnable told;
            synchronized (lock) {
                if (stream != current || !doubted) {
                    return;
                }
                doubted = false;
                told = news.up(connection);
            }
            told.run();
        }

        @Override
        public void ended(GatewayStream stream, LinkFailure failure, long retryAfterNanos) {
            Endpoint endpoint = stream.endpoint();
            Runnable told;
            synchronized (lock) {
                if (draining.remove(stream) || stream != endpoint.attempt() && stream != current) {
                    return;
                }
                endpoint.ended(failure);
                failover.failed(endpoint.index(), endpoint.named(failure), retryAfterNanos, scheduler.nanoTime());
                doubted &= stream != current;
                current = stream == current ? null : current;
                told = news.down(endpoint.address(), failure);
            }
            LOG.log(Level.FINE, "no stream to {0}: {1}", new Object[] {endpoint.address(), failure.message()});
            told.run();
            connect();
            turnAway();
        }
    }

    @Override
    public String toString() {
        synchronized (lock) {
            String state = current != null
                    ? "open to " + lastUsed.address()
                    : failover.isTrying() ? "opening" : "down (" + failure() + ")";
            SortedSet<Integer> points = subject().points();
            return "link " + state + ", points " + (points == null ? Collections.emptySet() : points);
        }
    }
}
