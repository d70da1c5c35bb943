package dev.cleave.gateway.admission;

import dev.cleave.gateway.exec.Outcome;
import dev.cleave.gateway.identity.Device;
import dev.cleave.gateway.limit.Permit;
import dev.cleave.v1.Error;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A request's place in the house, from its admission to its answer: one of its model's limit, bytes of those that are held, and what its device was charged.
 * Thread-safe: one thread may read its frame while another one answers it.
 */
final class Place {
    private final Permit permit;
    private final Device device;
    private final long charged;
    private final AtomicLong heldBytes;
    /** Of {@link #heldBytes}. */
    private long bytes;

    private boolean left;

    /**
     * @param charged bytes that the device was charged for
     * @param heldBytes of all requests
     */
    Place(Permit permit, Device device, long charged, AtomicLong heldBytes) {
        this.permit = permit;
        this.device = device;
        this.charged = charged;
        this.heldBytes = heldBytes;
    }

    /**
     * It holds so many bytes from now on; one that was left holds none.
     *
     * @param most of all requests
     * @return false if that is more than there is room for; nothing changes then
     */
    synchronized boolean hold(long size, long most) {
        if (left) {
            return true;
        }
        long more = size - bytes;
        if (heldBytes.addAndGet(more) > most && more > 0) {
            heldBytes.addAndGet(-more);
            return false;
        }
        bytes = size;
        return true;
    }

    /** The request is over, and its end says something of the load, or nothing. */
    void leave(Outcome outcome) {
        letGo();
        if (outcome.isAnswer()) {
            permit.answered();
        } else if (outcome.refusal().code() == Error.Code.DEADLINE_EXCEEDED) {
            permit.dropped();
        } else {
            permit.withdrawn();
        }
    }

    /** The request is not taken in after all, and nobody was told that it was. */
    void withdraw() {
        letGo();
        permit.withdrawn();
    }

    private synchronized void letGo() {
        if (!left) {
            left = true;
            heldBytes.addAndGet(-bytes);
        }
    }

    /** What its device was charged is given back; at most once. */
    void uncharge() {
        device.giveBack(charged);
    }
}
