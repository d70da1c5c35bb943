package dev.cleave.edge.update;

import dev.cleave.edge.link.Backoff;
import dev.cleave.edge.link.Scheduler;
import dev.cleave.v1.BundlePiece;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * One bundle on its way here, over as many calls as it takes: after a break it goes on where it was, in this process or in the
 * next. Belongs to its updater's executor.
 *
 * <pre>
 * start --&gt; CALLING --piece--&gt; written --&gt; next piece ... whole, digest right, or given up --&gt; ENDED, owner told
 *            ^ |
 *  back-off, | | broken, stalled, not allowed now
 *  link up   | v
 *           PAUSED
 * </pre>
 */
final class BundleFetch {
    static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final Logger LOG = Logger.getLogger(BundleFetch.class.getName());
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long SPARE_BYTES = 1 << 20;
    private static final int MOST_WORDS = 300;
    static final int MOST_BREAKS = 20;

    private enum State {
        /** No call; waits for its time, or for the link. */
        PAUSED,
        /** One call; the file is open. */
        CALLING,
        /** Nothing is open any more. */
        ENDED
    }

    /** Told how it ends, once, and asked to wake it. */
    interface Owner {
        /** The file has the digest that was promised; it is the owner's. */
        void whole(Path part);

        /** It is not what the gateway said it would be. */
        void refused(String why);

        /** It does not come, or cannot be written. What has come stays. */
        void gaveUp(String why);

        /** The gateway does not have it any more. */
        void withdrawn();

        /** Calls {@link BundleFetch#woken} at that time, and at no other that was asked for before. */
        void wakeAt(long nanos);
    }

    private final Offer offer;
    private final UpdateSettings settings;
    private final BundleShelf shelf;
    private final BundleSource source;
    private final Scheduler scheduler;
    private final Owner owner;
    private final Backoff pauses;

    private State state = State.PAUSED;
    /** Null until it is first allowed to begin, and at the end. */
    private PartialBundle partial;
    /** While {@link State#CALLING}; null if there was nothing to ask for. */
    private BundleSource.Download download;
    /** Tells what an earlier call still says from what this one does. */
    private int calls;

    private int breaks;
    private boolean begunAnew;

    BundleFetch(
            Offer offer,
            UpdateSettings settings,
            BundleShelf shelf,
            BundleSource source,
            Scheduler scheduler,
            Random random,
            Owner owner) {
        this.offer = offer;
        this.settings = settings;
        this.shelf = shelf;
        this.source = source;
        this.scheduler = scheduler;
        this.owner = owner;
        this.pauses = new Backoff(FIRST_PAUSE_NANOS, LONGEST_PAUSE_NANOS, random);
    }

    /** Begins, or goes on. */
    void start() {
        if (!settings.isAllowed()) {
            pause(LONGEST_PAUSE_NANOS);
            return;
        }
        try {
            if (partial == null) {
                partial = PartialBundle.open(shelf.part(offer.sha256()), offer.bytes());
            }
            partial.goOn();
            call();
        } catch (IOException e) {
            unwritable(e);
        }
    }

    private void call() throws IOException {
        long missing = offer.bytes() - partial.length();
        long usable = shelf.usableBytes();
        if (partial.isWhole()) {
            finish();
        } else if (usable > 0 && usable < missing + SPARE_BYTES) {
            end("no room");
            owner.gaveUp("it needs " + missing + " bytes more in " + settings.folder() + ", whose disk has " + usable);
        } else {
            state = State.CALLING;
            owner.wakeAt(scheduler.nanoTime() + STALL_NANOS);
            download = source.fetch(offer.version().bundleId(), partial.length(), new Pieces(++calls));
        }
    }

    /** The time that was asked for has come. */
    void woken() {
        switch (state) {
            case PAUSED -> start();
            case CALLING -> broken("nothing came for " + TimeUnit.NANOSECONDS.toSeconds(STALL_NANOS) + " s");
            case ENDED -> {}
        }
    }

    /** There is a way to the gateway again. */
    void linkUp() {
        if (state == State.PAUSED) {
            start();
        }
    }

    /** Ends it; what has come stays. The owner is told nothing. */
    void end(String why) {
        endCall(why);
        state = State.ENDED;
        if (partial == null) {
            return;
        }
        try {
            partial.close();
        } catch (IOException e) {
            LOG.log(Level.FINE, "closing {0}: {1}", new Object[] {partial.file(), e});
        }
        partial = null;
    }

    /** Of one call; nothing that an earlier one says counts. */
    private final class Pieces implements BundleSource.Receiver {
        private final int call;

        Pieces(int call) {
            this.call = call;
        }

        @Override
        public void piece(BundlePiece piece) {
            if (isCurrent()) {
                received(piece);
            }
        }

        @Override
        public void ended(Status status) {
            if (isCurrent()) {
                callEnded(status);
            }
        }

        private boolean isCurrent() {
            return call == calls && state == State.CALLING;
        }
    }

    private void received(BundlePiece piece) {
        String refusal = partial.refusal(piece);
        if (refusal != null) {
            end(refusal);
            owner.refused(refusal);
            return;
        }
        try {
            partial.add(piece);
            breaks = 0;
            pauses.reset();
            if (partial.isWhole()) {
                finish();
            } else if (settings.isAllowed()) {
                owner.wakeAt(scheduler.nanoTime() + STALL_NANOS);
                download.next();
            } else {
                endCall("not now");
                pause(LONGEST_PAUSE_NANOS);
            }
        } catch (IOException e) {
            unwritable(e);
        }
    }

    private void finish() throws IOException {
        endCall("it is whole");
        partial.force();
        String sha256 = partial.sha256();
        if (sha256.equals(offer.sha256())) {
            Path file = partial.file();
            end("it is whole");
            owner.whole(file);
        } else if (partial.isPieced() && !begunAnew) {
            // One of the calls before is to blame, perhaps: then once more, from the beginning.
            begunAnew = true;
            partial.beginAnew();
            start();
        } else {
            Path file = partial.file();
            end("it is another file");
            shelf.removeFile(file);
            owner.refused("what came has the SHA-256 " + sha256 + "; expected " + offer.sha256());
        }
    }

    private void callEnded(Status status) {
        switch (status.getCode()) {
            case OK, UNAVAILABLE, CANCELLED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNKNOWN ->
                broken(status.isOk() ? "the gateway ended it" : words(status));
            case NOT_FOUND -> {
                LOG.log(Level.INFO, "gateway has no {0} any more: {1}", new Object[] {offer.version(), words(status)});
                end("it is not there");
                owner.withdrawn();
            }
            default -> {
                end("it is not given");
                owner.gaveUp("the gateway does not give it: " + status.getCode() + ": " + words(status));
            }
        }
    }

    /** A gateway's text as one bounded line. */
    private static String words(Status status) {
        String text = String.valueOf(status.getDescription());
        return text.substring(0, Math.min(text.length(), MOST_WORDS)).replaceAll("\\p{Cntrl}", " ");
    }

    private void broken(String why) {
        endCall(why);
        breaks++;
        LOG.log(Level.FINE, "fetching {0} broke at {1} bytes: {2}", new Object[] {offer.version(), partial.length(), why
        });
        if (breaks > MOST_BREAKS) {
            end(why);
            owner.gaveUp("fetching it broke " + breaks + " times without a byte; the last time: " + why);
        } else {
            pause(pauses.nextNanos());
        }
    }

    private void pause(long nanos) {
        state = State.PAUSED;
        owner.wakeAt(scheduler.nanoTime() + nanos);
    }

    /** Nothing that the call says counts any more. */
    private void endCall(String why) {
        calls++;
        if (download != null) {
            download.cancel(why);
            download = null;
        }
    }

    private void unwritable(IOException e) {
        end("it cannot be written");
        owner.gaveUp("it cannot be kept in " + settings.folder() + ": " + e.getMessage());
    }
}
