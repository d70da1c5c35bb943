package dev.cleave.edge;

import dev.cleave.edge.link.GatewayLink;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The version of the model that requests take when they begin, and earlier ones that are still answering. Owns them. Thread-safe.
 *
 * <p>A request belongs to one version from its beginning to its end, so that nothing it uses changes under it.
 */
final class ModelVersions {
    private final LinkEvents events;
    private final Set<ModelInUse> others = new LinkedHashSet<>();
    private volatile ModelInUse current;
    private boolean closed;

    ModelVersions(ModelInUse first, LinkEvents events) {
        this.current = first;
        this.events = events;
        events.use(first.events());
    }

    ModelInUse current() {
        return current;
    }

    /** The current version, with one more request, which has to end. */
    ModelInUse begin() {
        ModelInUse model = current;
        while (!model.begin()) {
            ModelInUse later = current;
            if (later == model) {
                return null; // the agent is closed
            }
            model = later;
        }
        return model;
    }

    /** Takes over a version that is started, but not used yet; false, and nothing done, if the agent is closed. */
    synchronized boolean add(ModelInUse next) {
        if (closed) {
            return false;
        }
        forgetClosed();
        others.add(next);
        return true;
    }

    /** Requests that begin from now on take that version, which was {@link #add added}. */
    void use(ModelInUse next) {
        ModelInUse former;
        synchronized (this) {
            if (closed) {
                return;
            }
            former = current;
            others.remove(next);
            others.add(former);
            current = next;
        }
        events.use(next.events());
        former.retire();
    }

    private void forgetClosed() {
        others.removeIf(ModelInUse::isClosed);
    }

    /** Closes all of them, and none is added any more; false if it was done before. */
    boolean close() {
        List<ModelInUse> all;
        synchronized (this) {
            if (closed) {
                return false;
            }
            closed = true;
            all = all();
        }
        all.forEach(ModelInUse::close);
        return true;
    }

    private synchronized List<ModelInUse> all() {
        List<ModelInUse> all = new ArrayList<>(others);
        all.add(current);
        return all;
    }

    /** Tells the links of all of them: those that requests use, and one that is to be used. */
    void networkChanged() {
        for (ModelInUse model : all()) {
            GatewayLink link = model.parts().link();
            if (link != null && !model.isClosed()) {
                link.networkChanged();
            }
        }
    }

    /** Waits for segments that run; false if one still does. */
    boolean awaitClosed(long timeoutNanos) throws InterruptedException {
        long end = System.nanoTime() + timeoutNanos;
        boolean ended = true;
        for (ModelInUse model : all()) {
            long left = Math.max(1, end - System.nanoTime());
            ended &= model.awaitClosed(Math.min(left, TimeUnit.DAYS.toNanos(1)));
        }
        return ended;
    }
}
