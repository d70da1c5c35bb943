package dev.cleave.cli.daemon.http;

import java.util.concurrent.TimeUnit;

/** How many inferences may be under way at a time, and whether there may be any more. Thread-safe. */
final class Slots {
    private final int limit;
    private int taken;
    private boolean stopped;

    Slots(int limit) {
        this.limit = limit;
    }

    /** @throws HttpRefusal 503 if there is none left, or there will be none any more */
    synchronized void take() throws HttpRefusal {
        if (stopped) {
            throw Reply.busy("the agent is stopping");
        }
        if (taken == limit) {
            throw Reply.busy(taken + " requests are under way; expected fewer than the limit of " + limit);
        }
        taken++;
    }

    synchronized void giveBack() {
        taken--;
        notifyAll();
    }

    synchronized int taken() {
        return taken;
    }

    synchronized void stop() {
        stopped = true;
    }

    /** Waits until none is taken; false if the time was up first. */
    synchronized boolean awaitNone(long timeoutNanos) throws InterruptedException {
        long end = System.nanoTime() + timeoutNanos;
        for (long left = timeoutNanos; taken > 0; left = end - System.nanoTime()) {
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }
}
