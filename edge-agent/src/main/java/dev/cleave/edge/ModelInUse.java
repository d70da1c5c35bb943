package dev.cleave.edge;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.events.EngineUse;
import dev.cleave.edge.link.GatewayLink;
import dev.cleave.edge.policy.SplitPolicy;
import dev.cleave.edge.report.Reporter;

/**
 * One version of the model: what its bundle gives, and how many requests still need it. Owns its sessions and its stream to the
 * gateway, both of which end after the last of these requests once it is {@link #retire retired}. Thread-safe.
 */
final class ModelInUse {
    private final Bundle bundle;
    private final AgentParts parts;
    private final ChosenHead head;
    private final SplitPolicy policy;
    private final InputCheck inputCheck;
    private final LinkEvents.Source events;
    private final Reporter reporter;
    private int open;
    private boolean retired;
    private boolean closed;

    /**
     * @param head that of the parts
     * @param events of its link
     * @param reporter null if nothing is reported
     */
    ModelInUse(
            Bundle bundle,
            AgentParts parts,
            ChosenHead head,
            SplitPolicy policy,
            InputCheck inputCheck,
            LinkEvents.Source events,
            Reporter reporter) {
        this.bundle = bundle;
        this.parts = parts;
        this.head = head;
        this.policy = policy;
        this.inputCheck = inputCheck;
        this.events = events;
        this.reporter = reporter;
    }

    Bundle bundle() {
        return bundle;
    }

    AgentParts parts() {
        return parts;
    }

    SplitPolicy policy() {
        return policy;
    }

    InputCheck inputCheck() {
        return inputCheck;
    }

    LinkEvents.Source events() {
        return events;
    }

    /** Whether a gateway serves this version just now. */
    boolean isLinked() {
        return parts.link() != null && parts.link().isUsable();
    }

    /** What runs its segments here. */
    EngineUse engineUse() {
        return head.use();
    }

    /** Tells what runs it, opens the stream, and has reports sent over it. */
    void start() {
        head.start();
        if (parts.link() != null) {
            parts.link().start();
        }
        if (reporter != null) {
            reporter.start();
        }
    }

    /** A request begins, and will {@link #end}; false if it has to take a later version. */
    synchronized boolean begin() {
        if (retired) {
            return false;
        }
        open++;
        return true;
    }

    void end() {
        synchronized (this) {
            open--;
        }
        closeIfIdle();
    }

    /** Takes no more requests, and is closed when the last has ended. */
    void retire() {
        synchronized (this) {
            retired = true;
        }
        head.retire();
        closeIfIdle();
    }

    private void closeIfIdle() {
        synchronized (this) {
            if (!retired || open > 0 || closed) {
                return;
            }
        }
        // On the timer's thread, where reports are sent from.
        parts.scheduler().schedule(this::closeWithLastReport, parts.scheduler().nanoTime());
    }

    private void closeWithLastReport() {
        if (reporter != null) {
            reporter.last();
        }
        close();
    }

    /** Ends the stream and lets a segment that runs finish; does not wait for it. A second call does nothing. */
    void close() {
        synchronized (this) {
            retired = true;
            if (closed) {
                return;
            }
            closed = true;
        }
        if (reporter != null) {
            reporter.stop();
        }
        GatewayLink link = parts.link();
        if (link != null) {
            link.close();
        }
        head.close();
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Waits for the end of what {@link #close} began. */
    boolean awaitClosed(long timeoutNanos) throws InterruptedException {
        return parts.head().awaitClosed(timeoutNanos);
    }
}
