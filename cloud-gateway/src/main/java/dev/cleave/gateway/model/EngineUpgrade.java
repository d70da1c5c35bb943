package dev.cleave.gateway.model;

/**
 * A model's way from what it serves on to a provider that takes long to build. Does nothing by itself: it is told what happens,
 * and says what may. Thread-safe.
 *
 * <pre>
 * WAITING --begin--> BUILDING --done----> DONE
 *    |                  |------failed--> FAILED, with a reason
 *    +------cancel------+------cancel--> CANCELLED
 * </pre>
 */
final class EngineUpgrade {
    enum State {
        WAITING,
        BUILDING,
        DONE,
        FAILED,
        CANCELLED
    }

    private final String provider;
    private State state = State.WAITING;
    private String reason = "";

    /** @param provider that is to be built */
    EngineUpgrade(String provider) {
        this.provider = provider;
    }

    synchronized State state() {
        return state;
    }

    /** Its turn has come; false if nobody wants it any more. */
    synchronized boolean begin() {
        return move(State.WAITING, State.BUILDING);
    }

    /** Whether it is worth going on. */
    synchronized boolean isWanted() {
        return state == State.WAITING || state == State.BUILDING;
    }

    /** What was built is in use; false if it was cancelled meanwhile. */
    synchronized boolean done() {
        return move(State.BUILDING, State.DONE);
    }

    /** Nothing came of it; false if it was cancelled meanwhile. */
    synchronized boolean failed(String why) {
        boolean moved = move(State.BUILDING, State.FAILED);
        reason = moved ? why : reason;
        return moved;
    }

    /** The model is not to be served any more. What is over already stays what it is. */
    synchronized void cancel() {
        state = isWanted() ? State.CANCELLED : state;
    }

    /** One line for people; empty if there is nothing to say. */
    synchronized String remark() {
        return switch (state) {
            case WAITING -> provider + ": waits to be built";
            case BUILDING -> provider + ": is being built";
            case FAILED -> provider + ": " + reason;
            case DONE, CANCELLED -> "";
        };
    }

    private boolean move(State from, State to) {
        boolean may = state == from;
        state = may ? to : state;
        return may;
    }
}
