package dev.cleave.edge.link;

import dev.cleave.edge.estimate.LinkConditions;
import dev.cleave.v1.Report;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedSet;
import java.util.concurrent.TimeUnit;
import java.util.function.IntToDoubleFunction;

/**
 * The way to the gateways, for as long as the agent lives: whether there is one, what it is like, and the stream that a request goes
 * over, which a {@link Connector} opens. Owns streams, not channels. Thread-safe.
 *
 * <p>While attempts to open a stream are under way requests wait for the outcome: of the first one, or where they have no other way, of
 * all of them. While none is, they are turned away at once.
 *
 * <p>{@code lock} guards all mutable fields, the connector's included, and is never held while a stream, a channel, a waiter or the
 * listener is called.
 */
public final class GatewayLink implements AutoCloseable {
    /**
     * A request that needs a stream. It is told one of the two, once, unless it is forgotten before; a patient one is told nothing for as
     * long as attempts follow each other, which may be for ever.
     */
    public interface Waiter {
        /** Whether it has no other way than to wait for a stream, although an attempt has failed. */
        boolean isPatient();

        void opened(GatewayStream stream);

        void unavailable(LinkFailure failure);
    }

    /** A gateway whose breaker was not closed for so long is left, if there is another one. */
    static final long BREAKER_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final LinkFailure HANGS =
            LinkFailure.unavailable("gateway takes requests and does not answer them in time");

    private final Object lock = new Object();
    private final LinkSettings settings;
    private final Scheduler scheduler;
    private final Connector connector;
    /** And whether they are patient. */
    private final Map<Waiter, Boolean> waiters = new LinkedHashMap<>();

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
        this.connector = new Connector(
                lock, targets, settings, plannedTailNanos, scheduler, random, listener, new WaitersOutcome());
    }

    /** Begins the first attempt. */
    public void start() {
        connector.connect();
    }

    /** How many addresses there are. */
    public int gateways() {
        return connector.addresses();
    }

    /** Calls the waiter as soon as a stream is open, at once if one is or if it is not worth waiting for. */
    public void whenOpen(Waiter waiter) {
        boolean patient = waiter.isPatient();
        GatewayStream open;
        LinkFailure failure;
        synchronized (lock) {
            open = connector.current();
            if (open == null && connector.isTrying() && (patient || !connector.isFailing())) {
                waiters.put(waiter, patient);
                return;
            }
            failure = connector.failure();
        }
        if (open != null) {
            waiter.opened(open);
        } else {
            waiter.unavailable(failure);
        }
    }

    /** The waiter is told nothing any more. */
    public void forget(Waiter waiter) {
        synchronized (lock) {
            waiters.remove(waiter);
        }
    }

    private final class WaitersOutcome implements Connector.Outcome {
        @Override
        public void opened(GatewayStream stream) {
            List<Waiter> waiting;
            synchronized (lock) {
                waiting = takeWaiters(true);
            }
            for (Waiter waiter : waiting) {
                waiter.opened(stream);
            }
        }

        @Override
        public void failed() {
            List<Waiter> waiting;
            LinkFailure failure;
            synchronized (lock) {
                if (connector.current() != null || !connector.isFailing()) {
                    return;
                }
                waiting = takeWaiters(!connector.isTrying());
                failure = connector.failure();
            }
            for (Waiter waiter : waiting) {
                waiter.unavailable(failure);
            }
        }
    }

    /** Under the lock. */
    private List<Waiter> takeWaiters(boolean alsoPatient) {
        List<Waiter> taken = new ArrayList<>();
        waiters.forEach((waiter, patient) -> {
            if (alsoPatient || !patient) {
                taken.add(waiter);
            }
        });
        taken.forEach(waiters::remove);
        return taken;
    }

    /**
     * Whether a request should try a gateway: a stream is open, and acknowledgements and answers come in time; or the first
     * attempt since one was is under way.
     */
    public boolean isUsable() {
        synchronized (lock) {
            return connector.isPromising() && connector.subject().breaker().allows(scheduler.nanoTime());
        }
    }

    /** A request tries the gateway of this stream; it has to give the permit back when it ends. */
    public Permit begun(GatewayStream stream) {
        synchronized (lock) {
            Endpoint endpoint = stream.endpoint();
            return new Permit(endpoint, endpoint.breaker().begun(scheduler.nanoTime()));
        }
    }

    /**
     * That request ended. A gateway that hangs for long is left, if there is another.
     *
     * @param inTime whether the gateway answered before the device had to help itself
     */
    public void ended(Permit permit, boolean inTime) {
        GatewayStream hanging;
        synchronized (lock) {
            long now = scheduler.nanoTime();
            Breaker breaker = permit.endpoint().breaker();
            breaker.ended(permit.era(), inTime, now);
            GatewayStream open = connector.current();
            boolean hangs = open != null
                    && open.endpoint() == permit.endpoint()
                    && breaker.nanosNotClosed(now) >= BREAKER_PATIENCE_NANOS;
            hanging = !inTime && hangs && connector.hasAlternative() ? open : null;
        }
        if (hanging != null) {
            hanging.close(HANGS, settings.refusedNanos());
        }
    }

    /** That request ended, and the gateway is not to blame: it was cancelled, say. */
    public void withdrawn(Permit permit) {
        synchronized (lock) {
            permit.endpoint().breaker().withdrawn(permit.era());
        }
    }

    /**
     * The device is on another network, or thinks so: connections of the old one may be dead, what was measured is of no use, there
     * is no reason to wait for the next attempt, and the most preferred address is tried first again.
     */
    public void networkChanged() {
        connector.networkChanged();
    }

    /** Null if none is. */
    private GatewayStream open() {
        synchronized (lock) {
            return connector.current();
        }
    }

    /** Bytes of frames that wait for the gateway's credit; more than 0: the window is full. */
    public long waitingBytes() {
        GatewayStream open = open();
        return open == null ? 0 : open.uplink().waitingBytes();
    }

    /** Bytes of frames that were not handed to the transport yet, those that wait for credit included. */
    public long unsentBytes() {
        GatewayStream open = open();
        return open == null ? 0 : open.uplink().unsentBytes();
    }

    /** Points that the gateway served when a stream was last opened; null if none ever was. */
    public SortedSet<Integer> points() {
        synchronized (lock) {
            return connector.subject().points();
        }
    }

    /** To the gateway that is in use, or was last, for calls of other kinds. */
    public Channel calls() {
        synchronized (lock) {
            return connector.subject().calls();
        }
    }

    /** Hands a report to the stream that is open; false if none is. */
    public boolean report(Report report) {
        GatewayStream open = open();
        return open != null && open.uplink().report(report);
    }

    /** What is known of the link and of the gateway as of now, also while no stream is open. */
    public LinkConditions conditions(long nowNanos) {
        GatewayStream open;
        Endpoint subject;
        synchronized (lock) {
            open = connector.current();
            subject = connector.subject();
        }
        return open == null
                ? subject.estimator().conditions(nowNanos)
                : open.uplink().conditions(nowNanos);
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
            open.uplink().look(remote);
        }
    }

    @Override
    public void close() {
        connector.close();
    }

    @Override
    public String toString() {
        return connector.toString();
    }
}
