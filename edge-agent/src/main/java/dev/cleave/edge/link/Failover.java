package dev.cleave.edge.link;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Which of several addresses is in use, and which is tried next. Pure; not thread-safe, guarded by the link's lock. Addresses are
 * numbers from 0, in order of preference.
 *
 * <pre>
 *          +----- failed: rests for its back-off ----+
 *          v                                         |
 * due -> tried -----------opened-----------------> in use -> left: tried again only after the others
 *          ^  \--- another one opened first            |
 *          +------------------------ the network changed
 * </pre>
 *
 * <p>The address in use stays so until it fails or asks to be left, however preferred the others are. Then the most preferred one
 * that owes no back-off is tried at once; while its attempt hangs the next one is tried beside it, and whichever opens first is in
 * use. An address that refuses by name rests like any other, so it hides none; and one that was tried has its next turn after those
 * that were not, so that a few which hang do not hide the others.
 */
final class Failover {
    static final int NONE = -1;
    static final long NEVER = Long.MAX_VALUE;

    private final List<AttemptPace> paces;
    /** Those that had their turn; the others come first. */
    private final BitSet tried = new BitSet();

    private int inUse = NONE;
    private boolean failing;

    /** @param paces by address */
    Failover(List<AttemptPace> paces) {
        this.paces = paces;
    }

    /** {@link #NONE} while there is none. */
    int inUse() {
        return inUse;
    }

    /** Whether an attempt is under way. */
    boolean isTrying() {
        return paces.stream().anyMatch(AttemptPace::isUnderWay);
    }

    /** Whether one is under way at that address. */
    boolean isTrying(int address) {
        return paces.get(address).isUnderWay();
    }

    /** Whether an attempt has failed since an address was in use. */
    boolean isFailing() {
        return failing;
    }

    /** Whether an attempt is under way, and none has failed since an address was in use. */
    boolean isPromising() {
        return inUse == NONE && !failing && isTrying();
    }

    /** Whether an address other than the one in use could be tried at once. */
    boolean hasAlternative(long nowNanos) {
        for (int address = 0; address < paces.size(); address++) {
            if (address != inUse && paces.get(address).isDue(nowNanos)) {
                return true;
            }
        }
        return false;
    }

    /** The address to try now, whose attempt thereby begins; {@link #NONE} if there is none. To be asked until there is none. */
    int next(long nowNanos) {
        if (inUse != NONE || headStartNanos(nowNanos) > 0) {
            return NONE;
        }
        int next = inTurn(nowNanos);
        if (next != NONE) {
            tried.set(next);
            paces.get(next).begun(nowNanos);
        }
        return next;
    }

    /** How long until {@link #next} may say something else, unless something happens; {@link #NEVER} if nothing will. */
    long nanosUntilNext(long nowNanos) {
        if (inUse != NONE) {
            return NEVER;
        }
        long due = NEVER;
        for (AttemptPace pace : paces) {
            due = pace.isUnderWay() ? due : Math.min(due, pace.nanosUntilDue(nowNanos));
        }
        return due == NEVER ? NEVER : Math.max(due, headStartNanos(nowNanos));
    }

    private int inTurn(long nowNanos) {
        BitSet due = new BitSet();
        for (int address = 0; address < paces.size(); address++) {
            due.set(address, paces.get(address).isDue(nowNanos));
        }
        if (due.isEmpty()) {
            return NONE;
        }
        BitSet fresh = (BitSet) due.clone();
        fresh.andNot(tried);
        if (!fresh.isEmpty()) {
            return fresh.nextSetBit(0);
        }
        tried.clear(); // the next round
        return due.nextSetBit(0);
    }

    /** What is left of the time that the youngest attempt has to itself. */
    private long headStartNanos(long nowNanos) {
        long longest = 0;
        for (AttemptPace pace : paces) {
            longest = pace.isUnderWay() ? Math.max(longest, pace.nanosUntilOvertaken(nowNanos)) : longest;
        }
        return longest;
    }

    /**
     * An attempt succeeded: that address is in use, and the other attempts are abandoned.
     *
     * @param tookNanos the attempt
     */
    void opened(int address, long tookNanos) {
        paces.forEach(AttemptPace::abandoned);
        paces.get(address).opened(tookNanos);
        inUse = address;
        tried.clear();
        failing = false;
    }

    /** An attempt failed, or the address in use did. */
    void failed(int address, LinkFailure why, long retryAfterNanos, long nowNanos) {
        paces.get(address).failed(why, retryAfterNanos, nowNanos);
        inUse = inUse == address ? NONE : inUse;
        failing = true;
    }

    /** The address in use asks to be left: it is tried again only where the others cannot be. */
    void left(long nowNanos) {
        paces.get(inUse).left(nowNanos);
        tried.set(inUse);
        inUse = NONE;
    }

    /** What failed on the old network may be there on the new one: all is as at the start, attempts under way are abandoned. */
    void networkChanged() {
        paces.forEach(AttemptPace::networkChanged);
        tried.clear();
        inUse = NONE;
        failing = false;
    }

    /** Why there is none in use, in order of preference; null if none has failed. A refusal by name only if all refuse. */
    LinkFailure failure() {
        List<LinkFailure> failures = new ArrayList<>();
        for (AttemptPace pace : paces) {
            if (pace.lastFailure() != null) {
                failures.add(pace.lastFailure());
            }
        }
        return failures.isEmpty() ? null : LinkFailure.all(failures);
    }
}
