package dev.cleave.benchmarks.field;

import dev.cleave.edge.events.AgentListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** When an agent's link came and went, and how often each request ended. Thread-safe. */
final class EventLog implements AgentListener {
    /** @param nanos of {@link System#nanoTime()} */
    record LinkEvent(long nanos, boolean up) {}

    private final List<LinkEvent> link = new ArrayList<>();
    private final Map<Long, Integer> endings = new ConcurrentHashMap<>();

    @Override
    public void requestEnded(long request, String failure) {
        endings.merge(request, 1, Integer::sum);
    }

    @Override
    public synchronized void linkUp(String gatewayVersion) {
        link.add(new LinkEvent(System.nanoTime(), true));
        notifyAll();
    }

    @Override
    public synchronized void linkDown(String reason) {
        link.add(new LinkEvent(System.nanoTime(), false));
    }

    /** Requests that ended more than once. */
    long endedTwice() {
        return endings.values().stream().filter(times -> times > 1).count();
    }

    synchronized void awaitUp() throws InterruptedException {
        while (link.isEmpty() || !link.get(link.size() - 1).up()) {
            wait();
        }
    }

    /** Milliseconds from a moment to the next time the link came or went; NaN if it did not. */
    synchronized double millisUntil(boolean up, long fromNanos) {
        return link.stream()
                .filter(event -> event.up() == up && event.nanos() - fromNanos >= 0)
                .mapToDouble(event -> (event.nanos() - fromNanos) / 1e6)
                .findFirst()
                .orElse(Double.NaN);
    }
}
