package dev.cleave.gateway.grpc;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much has come of messages that are not whole, of all calls together, and whether that is too much. Thread-safe.
 *
 * <p>Most messages are whole before their thread looks at anything else, and those cost nothing here: a thread of the transport has in hand what came of one call, and adds it to the count, which all share, when something of
 * another call comes, or when it is a lot. Whoever asks is told both, so nothing is overlooked; two threads that ask at the same moment may miss what the other has in hand.
 */
final class IncomingBytes {
    /** What a thread may have in hand. */
    static final long MOST_IN_HAND = 128 * 1024;

    private final long most;
    private final AtomicLong counted = new AtomicLong();
    private final Queue<Hand> hands = new ConcurrentLinkedQueue<>();
    private final ThreadLocal<Hand> ofThread = ThreadLocal.withInitial(this::hand);

    /** @param most bytes that there is room for */
    IncomingBytes(long most) {
        this.most = most;
    }

    private Hand hand() {
        Hand hand = new Hand(Thread.currentThread());
        hands.add(hand);
        return hand;
    }

    /** All that has come. */
    long total() {
        return counted.get()
                + hands.stream().mapToLong(hand -> hand.bytes.get()).sum();
    }

    /** What comes of one call, whose pieces come mostly by the calling thread. */
    OfCall ofCall() {
        return new OfCall(ofThread.get());
    }

    /** What one thread has not counted. Belongs to it; others look. */
    private final class Hand {
        final Thread thread;
        /** Written by the thread alone. */
        final AtomicLong bytes = new AtomicLong();

        private OfCall whose;

        Hand(Thread thread) {
            this.thread = thread;
        }

        boolean isHere() {
            return thread == Thread.currentThread();
        }

        /** @return whether there is room for it */
        boolean take(OfCall call, long more) {
            if (whose != call) {
                count();
                whose = call;
            }
            long inHand = bytes.getPlain() + more;
            bytes.setRelease(inHand);
            if (inHand <= MOST_IN_HAND && counted.get() + inHand <= most) {
                return true;
            }
            count();
            return counted.get() <= most;
        }

        void count() {
            if (whose != null) {
                whose.count(bytes.getPlain());
                drop();
            }
        }

        void drop() {
            whose = null;
            bytes.setRelease(0);
        }
    }

    /** What has come of one call, and is kept. */
    final class OfCall {
        private final Hand hand;
        /** Of {@link #counted}. */
        private final AtomicLong mine = new AtomicLong();

        private volatile boolean over;

        private OfCall(Hand hand) {
            this.hand = hand;
        }

        /** @return whether there is room for it */
        boolean came(long bytes) {
            if (hand.isHere()) {
                return hand.take(this, bytes);
            }
            count(bytes);
            return counted.get() <= most;
        }

        private void count(long bytes) {
            if (!over) {
                mine.addAndGet(bytes);
                counted.addAndGet(bytes);
                if (over) {
                    letGo();
                }
            }
        }

        /** What has come stays for a while, and another thread will say how long. */
        void stays() {
            if (hand.isHere() && hand.whose == this) {
                hand.count();
            }
        }

        /** Nothing of it is kept any more. */
        void left() {
            if (hand.isHere() && hand.whose == this) {
                hand.drop();
            }
            letGo();
        }

        private void letGo() {
            if (mine.get() != 0) {
                counted.addAndGet(-mine.getAndSet(0));
            }
        }

        /** The call is over: nothing more comes of it. */
        void end() {
            over = true;
            left();
        }
    }
}
