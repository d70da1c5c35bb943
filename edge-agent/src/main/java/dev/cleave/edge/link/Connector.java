package dev.cleave.edge.link;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.IntToDoubleFunction;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Opens streams, one after another, so that one is open to one of the gateways. Owns its streams, not the channels. Thread-safe.
 *
 * <pre>
 *             +----- the next address, or back-off -----+
 *             v                                         |
 * start -> attempts --Opened--> current --end--> no attempt left
 *             ^                    |
 *             +------ Drain -------+--> draining: answers what it has, and ends
 * </pre>
 *
 * <p>{@link Failover} says which address is tried, {@link AttemptPace} how often, {@link Endpoint} is what is known of one.
 *
 * <p>The link's lock guards all mutable fields, those of the endpoints included; it is never held while a stream is told to do
 * something, nor while a channel or anybody outside of this package is called. Under it a stream may be asked, which takes the stream's
 * lock; never the other way round. What the listener is to hear is put in line under the lock, and told without it ({@link LinkNews}).
 */
final class Connector {
    /** What requests wait for. Called without the lock; both may come late, after the next of them has. */
    interface Outcome {
        void opened(GatewayStream stream);

        /** An attempt ended; whether others are under way is to be asked. */
        void failed();
    }

    private static final Logger LOG = Logger.getLogger(Connector.class.getName());
    private static final LinkFailure NEVER_OPEN = LinkFailure.unavailable("link to the gateway is not open");
    private static final LinkFailure CLOSED = LinkFailure.unavailable("agent is closed");
    private static final LinkFailure OTHER_NETWORK = LinkFailure.unavailable("device is on another network");
    private static final LinkFailure OVERTAKEN = LinkFailure.unavailable("another gateway opened a stream first");

    private final Object lock;
    private final LinkSettings settings;
    private final Scheduler scheduler;
    private final Outcome outcome;
    private final StreamOwner streamOwner = new Streams();
    private final Endpoints endpoints;
    private final Failover failover;
    private final LinkNews news;
    private final Set<GatewayStream> draining = new LinkedHashSet<>();
    private GatewayStream current;
    /** Where a stream was open last, or the first address. */
    private Endpoint lastUsed;

    private Endpoint lastTried;
    private boolean closed;
    private long streams;
    private Scheduler.Timer retry = () -> {};

    /** @param lock the link's */
    Connector(
            Object lock,
            List<GatewayTarget> targets,
            LinkSettings settings,
            IntToDoubleFunction plannedTailNanos,
            Scheduler scheduler,
            Random random,
            LinkListener listener,
            Outcome outcome) {
        this.lock = lock;
        this.settings = settings;
        this.scheduler = scheduler;
        this.outcome = outcome;
        this.news = new LinkNews(listener);
        this.endpoints = new Endpoints(targets, settings, plannedTailNanos, random);
        this.failover = new Failover(endpoints.paces());
        this.lastUsed = endpoints.get(0);
        this.lastTried = endpoints.get(0);
    }

    /** How many addresses there are. */
    int addresses() {
        return endpoints.size();
    }

    /** The stream that is open; null if none is. Under the lock. */
    GatewayStream current() {
        return current;
    }

    /** Whether it is worth waiting for one: an attempt is under way, or about to be. Under the lock. */
    boolean isTrying() {
        boolean about = current == null && failover.hasAlternative(scheduler.nanoTime());
        return !closed && (failover.isTrying() || about);
    }

    /** Whether an attempt has failed since a stream was open. Under the lock. */
    boolean isFailing() {
        return failover.isFailing();
    }

    /**
     * Whether a request is likely to get through: the open stream is believed in, or no attempt to open one has failed. Under the
     * lock.
     */
    boolean isPromising() {
        return current != null ? !current.isDoubted() : failover.isPromising();
    }

    /** The address that a request would go to: where it would wait, or the last that was in use. Under the lock. */
    Endpoint subject() {
        return current == null && failover.isPromising() ? lastTried : lastUsed;
    }

    /** Whether another address could be tried at once. Under the lock. */
    boolean hasAlternative() {
        return failover.hasAlternative(scheduler.nanoTime());
    }

    /** Why no stream is open. Under the lock. */
    LinkFailure failure() {
        LinkFailure failure = closed ? CLOSED : failover.failure();
        return failure == null ? NEVER_OPEN : failure;
    }

    /** Begins every attempt that is due, and sees to the next. */
    void connect() {
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

    /**
     * The device is on another network: what was measured is forgotten, attempts that hang in the old one are given up, and the first
     * address is tried first again. A stream that is open answers what it has.
     */
    void networkChanged() {
        List<GatewayStream> hanging;
        GatewayStream open;
        synchronized (lock) {
            endpoints.networkChanged();
            hanging = endpoints.takeAttempts();
            failover.networkChanged();
            open = current;
            leaveCurrent();
        }
        hanging.forEach(attempt -> attempt.close(OTHER_NETWORK));
        if (open != null) {
            open.drain();
            open.endIfDrained();
        }
        endpoints.sleepExcept(null);
        connect();
    }

    /** The stream that is open, if one is, answers what it has; there is to be another. Under the lock. */
    private void leaveCurrent() {
        if (current != null) {
            draining.add(current);
            current = null;
        }
    }

    void close() {
        List<GatewayStream> left;
        synchronized (lock) {
            closed = true;
            retry.cancel();
            left = endpoints.attempts();
            left.addAll(draining);
            if (current != null) {
                left.add(current);
            }
        }
        for (GatewayStream stream : left) {
            stream.close(CLOSED);
        }
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
            synchronized (lock) {
                if (stream != endpoint.attempt()) {
                    return;
                }
                endpoint.opened(served);
                overtaken = endpoints.takeAttempts();
                failover.opened(endpoint.index(), tookNanos);
                retry.cancel();
                current = stream;
                lastUsed = endpoint;
                news.connected(connection);
                tellOfCurrent();
            }
            LOG.log(Level.FINE, "stream to {0} is open, points {1}", new Object[] {endpoint.address(), served});
            overtaken.forEach(attempt -> attempt.close(OVERTAKEN));
            endpoints.sleepExcept(endpoint);
            news.tell();
            outcome.opened(stream);
        }

        /** As it is now: whoever asks last has the last word. Under the lock. */
        private void tellOfCurrent() {
            if (current.isDoubted()) {
                news.down(current.endpoint().address(), StreamWatch.UNACKNOWLEDGED);
            } else {
                news.up(current.connection());
            }
        }

        @Override
        public void trustChanged(GatewayStream stream) {
            synchronized (lock) {
                if (stream != current) {
                    return;
                }
                tellOfCurrent();
            }
            news.tell();
        }

        @Override
        public void draining(GatewayStream stream) {
            synchronized (lock) {
                if (stream != current) {
                    return;
                }
                failover.left(scheduler.nanoTime());
                leaveCurrent();
            }
            stream.endpoint().sleep(); // the next stream goes over a new connection, to another gateway perhaps
            connect();
        }

        @Override
        public void ended(GatewayStream stream, LinkFailure failure, long retryAfterNanos) {
            Endpoint endpoint = stream.endpoint();
            synchronized (lock) {
                if (draining.remove(stream) || stream != endpoint.attempt() && stream != current) {
                    return;
                }
                endpoint.ended(failure);
                failover.failed(endpoint.index(), endpoint.named(failure), retryAfterNanos, scheduler.nanoTime());
                current = stream == current ? null : current;
                news.down(endpoint.address(), failure);
            }
            LOG.log(Level.FINE, "no stream to {0}: {1}", new Object[] {endpoint.address(), failure.message()});
            news.tell();
            connect();
            outcome.failed();
        }
    }

    @Override
    public String toString() {
        synchronized (lock) {
            String state = current != null
                    ? "open to " + lastUsed.address()
                    : failover.isTrying() ? "opening" : "down (" + failure() + ")";
            return "link " + state + ", points " + subject().points();
        }
    }
}
