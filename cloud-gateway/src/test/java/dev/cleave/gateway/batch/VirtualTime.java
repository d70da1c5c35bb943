package dev.cleave.gateway.batch;

import java.util.PriorityQueue;

/** Things that happen one after another in virtual time; those of one moment in the order in which they were planned. One thread. */
public final class VirtualTime {
    private final PriorityQueue<Event> events = new PriorityQueue<>((a, b) -> {
        int byTime = Long.compare(a.at(), b.at());
        return byTime != 0 ? byTime : Long.compare(a.order(), b.order());
    });
    private long now;
    private long order;

    private record Event(long at, long order, Runnable what) {}

    /** Nanoseconds since it began. */
    public long now() {
        return now;
    }

    /** Plans something, not before now. */
    public void at(long when, Runnable what) {
        events.add(new Event(when, order++, what));
    }

    /** Goes on until a moment; what is planned for then or later stays planned. */
    public void runUntil(long end) {
        while (events.peek() != null && events.peek().at() < end) {
            Event next = events.poll();
            now = next.at();
            next.what().run();
        }
        now = end;
    }
}
