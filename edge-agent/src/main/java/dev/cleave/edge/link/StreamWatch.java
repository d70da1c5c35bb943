package dev.cleave.edge.link;

import com.google.protobuf.ByteString;
import dev.cleave.edge.estimate.AckWatch;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Notices that the gateway of one open stream says nothing any more: by acknowledgements that do not come ({@link Suspicion})
 * and by pings at intervals ({@link Heartbeat}). Owns the timers of both. Guarded by the stream's lock, which its timers take
 * themselves; the {@link Alarm} is told without it.
 */
final class StreamWatch {
    /** What is to be done about it. */
    interface Alarm {
        /** A ping was queued. */
        void queued();

        /** @param waiting those whose answers are doubted */
        void doubted(LinkFailure why, List<ReplyHandler> waiting);

        void givenUp(LinkFailure why);
    }

    static final LinkFailure UNACKNOWLEDGED = LinkFailure.silent("gateway does not acknowledge what it was sent");

    private final Object lock;
    private final Scheduler scheduler;
    private final long pingNanos;
    private final StreamRequests requests;
    private final Alarm alarm;
    private final Heartbeat heartbeat;
    private final Suspicion suspicion = new Suspicion();
    private Scheduler.Timer pingTimer = () -> {};
    private Scheduler.Timer checkTimer = () -> {};
    private boolean open;
    private boolean checking;
    private long checkNanos;

    /**
     * @param lock of the stream
     * @param requests of the stream, which know what is owed
     */
    StreamWatch(Object lock, Scheduler scheduler, long pingNanos, StreamRequests requests, Alarm alarm) {
        this.lock = lock;
        this.scheduler = scheduler;
        this.pingNanos = pingNanos;
        this.requests = requests;
        this.alarm = alarm;
        this.heartbeat = new Heartbeat(pingNanos, scheduler.nanoTime());
    }

    /** The stream is open: the first ping is queued. Under the lock. */
    void opened() {
        open = true;
        beat();
    }

    /** Under the lock. */
    void ended() {
        open = false;
        pingTimer.cancel();
        checkTimer.cancel();
    }

    /** Under the lock. */
    boolean isDoubted() {
        return suspicion.isDoubted();
    }

    /** The transport got rid of what it had buffered: bytes move, if slowly. Under the lock. */
    void moved(long nowNanos) {
        heartbeat.progress(nowNanos);
    }

    /** A message came; whether that ends a doubt. Under the lock. */
    boolean heard(long nowNanos) {
        heartbeat.progress(nowNanos);
        return suspicion.heard();
    }

    /** Under the lock. */
    void ponged(long nonce) {
        heartbeat.pong(nonce);
    }

    /** Something else may be owed than before, or sooner. Under the lock. */
    void look(long nowNanos) {
        long wait = open ? suspicion.nanosUntilCheck(requests.nanosUntilOverdue(nowNanos), nowNanos) : AckWatch.NEVER;
        if (wait == AckWatch.NEVER || checking && nowNanos + wait - checkNanos >= 0) {
            return;
        }
        checkTimer.cancel();
        checking = true;
        checkNanos = nowNanos + wait;
        checkTimer = scheduler.schedule(this::checkDue, checkNanos);
    }

    private void checkDue() {
        Suspicion.Verdict verdict;
        List<ReplyHandler> waiting;
        long now = scheduler.nanoTime();
        synchronized (lock) {
            checking = false;
            if (!open) {
                return;
            }
            verdict = suspicion.check(requests.nanosUntilOverdue(now), requests.allowanceNanos(now), now);
            if (verdict == Suspicion.Verdict.DOUBT) {
                requests.ping(ByteString.EMPTY); // its answer ends the doubt where nothing else would come
            }
            waiting = requests.waiting();
            look(now);
        }
        switch (verdict) {
            case DOUBT -> {
                alarm.doubted(UNACKNOWLEDGED, waiting);
                alarm.queued();
            }
            case GIVE_UP -> alarm.givenUp(LinkFailure.silent("gateway is silent: no acknowledgement comes"));
            case NOTHING -> {}
        }
    }

    /** Pings, and looks again one interval later. Under the lock. */
    private void beat() {
        long now = scheduler.nanoTime();
        if (!heartbeat.isWaiting()) {
            heartbeat.ping(requests.ping(ByteString.EMPTY), now);
        }
        pingTimer = scheduler.schedule(this::beatDue, now + pingNanos);
    }

    private void beatDue() {
        boolean silent;
        synchronized (lock) {
            if (!open) {
                return;
            }
            silent = heartbeat.isSilent(scheduler.nanoTime());
            if (!silent) {
                beat();
            }
        }
        if (silent) {
            alarm.givenUp(LinkFailure.silent("gateway is silent: no answer to a ping in "
                    + TimeUnit.NANOSECONDS.toMillis(2 * pingNanos) + " ms"));
        } else {
            alarm.queued();
        }
    }
}
