package dev.cleave.gateway.admission;

import dev.cleave.gateway.exec.Outcome;
import dev.cleave.gateway.identity.Device;
import dev.cleave.gateway.limit.Permit;
import dev.cleave.gateway.memory.HeldBytes;
import dev.cleave.v1.Error;

/**
 * A request's place in the house: one of its model's limit, from its admission to its answer; bytes of those that are held, from its admission until nobody reads it any more; and
 * what its device was charged.
 * Thread-safe: one thread may read its frame while another one answers it.
 */
final class Place {
    private final Permit permit;
    private final Device device;
    private final long charged;
    private final HeldBytes held;
    private final HeldBytes.OfModel ofModel;
    /** Of {@link #held}. */
    private long bytes;

    private boolean left;

    /**
     * @param charged bytes that the device was charged for
     * @param held of all requests
     * @param ofModel of them, those of its model
     */
    Place(Permit permit, Device device, long charged, HeldBytes held, HeldBytes.OfModel ofModel) {
        this.permit = permit;
        this.device = device;
        this.charged = charged;
        this.held = held;
        this.ofModel = ofModel;
    }

    /**
     * It holds so many bytes from now on; one that was left holds none.
     *
     * @return false if that is more than there is room for; nothing changes then
     */
    synchronized boolean hold(long size) {
        if (left) {
            return true;
        }
        if (size > bytes && !held.take(ofModel, size - bytes)) {
            return false;
        }
        if (size < bytes) {
            held.giveBack(ofModel, bytes - size);
        }
        bytes = size;
        return true;
    }

    /** The request has its answer, which says something of the load, or nothing. */
    void answered(Outcome outcome) {
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

    /** It holds nothing any more. */
    synchronized void letGo() {
        if (!left) {
            left = true;
            held.giveBack(ofModel, bytes);
        }
    }

    /** What its device was charged is given back; at most once. */
    void uncharge() {
        device.giveBack(charged);
    }
}
