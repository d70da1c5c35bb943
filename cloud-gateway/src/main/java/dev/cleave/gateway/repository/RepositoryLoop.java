package dev.cleave.gateway.repository;

import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.repository.NextStep.Step;
import dev.cleave.gateway.repository.Situation.Phase;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the directory, asks for the next step and takes it, until there is none. One thread at a time runs it; what takes
 * long goes to the loader's executor. A look may come from any thread.
 */
final class RepositoryLoop {
    private static final Logger LOG = LoggerFactory.getLogger(RepositoryLoop.class);

    private final ModelFolder folder;
    private final Holdings holdings;
    private final VersionWork work;
    private final RepositoryListener listener;
    private final LongSupplier clock;
    private final long drainNanos;
    private String lastTrouble = "";
    private Map<String, String> lastUnread = Map.of();

    RepositoryLoop(
            ModelFolder folder,
            Holdings holdings,
            VersionWork work,
            RepositoryListener listener,
            LongSupplier clock,
            long drainNanos) {
        this.folder = folder;
        this.holdings = holdings;
        this.work = work;
        this.listener = listener;
        this.clock = clock;
        this.drainNanos = drainNanos;
    }

    /** Looks at the directory once. A look that fails changes nothing, and is said once; so is a part that cannot be read. */
    synchronized void look() {
        try {
            FolderLook look = folder.look();
            holdings.seen(look, clock.getAsLong());
            tell(look.unread());
        } catch (IOException | RuntimeException | Error e) {
            holdings.unseen("cannot be read (" + e + "); what is served stays");
        }
        String trouble = holdings.trouble();
        if (!trouble.equals(lastTrouble)) {
            if (trouble.isEmpty()) {
                LOG.info("models directory can be read again");
            } else {
                LOG.warn("models directory {}", trouble);
            }
            lastTrouble = trouble;
        }
    }

    private void tell(Map<String, String> unread) {
        unread.forEach((path, fault) -> {
            if (!fault.equals(lastUnread.get(path))) {
                LOG.warn("{}; what is served from there stays", fault);
            }
        });
        lastUnread.keySet().stream()
                .filter(path -> !unread.containsKey(path))
                .forEach(path -> LOG.info("{} can be read again, or is gone", path));
        lastUnread = Map.copyOf(unread);
    }

    /**
     * Takes steps until there is nothing to do, or something under way has to end first.
     *
     * @param loader runs what takes long; on the caller's thread, if that is how it runs things
     * @param ended told when it has run something, on its thread
     */
    void advance(Executor loader, Runnable ended) {
        Step step;
        do {
            if (holdings.isClosed()) {
                return;
            }
            free();
            step = NextStep.of(holdings.situation(clock.getAsLong()));
            take(step, loader, ended);
        } while (!(step instanceof Step.Rest));
    }

    private void take(Step step, Executor loader, Runnable ended) {
        if (step instanceof Step.Read read) {
            VersionSlot slot = holdings.begin(read.path());
            run(slot, () -> work.read(slot), loader, ended);
        } else if (step instanceof Step.Load load) {
            VersionSlot slot = holdings.slot(load.id());
            holdings.change(slot::loading);
            run(slot, () -> work.load(slot), loader, ended);
        } else if (step instanceof Step.Refuse refuse) {
            work.refuse(holdings.slot(refuse.id()));
        } else if (step instanceof Step.Drain drain) {
            drain(holdings.slot(drain.id()), drain.withStreams());
        }
    }

    private void run(VersionSlot slot, Runnable job, Executor loader, Runnable ended) {
        if (slot == null) {
            return; // Its file has gone since.
        }
        try {
            loader.execute(() -> {
                try {
                    job.run();
                } catch (RuntimeException | Error e) { // What would be under way for ever keeps all others from coming.
                    holdings.failed(slot, e.toString());
                    LOG.error("model file {} cannot be served", slot.file().path(), e);
                } finally {
                    ended.run();
                }
            });
        } catch (RejectedExecutionException closing) {
            LOG.debug("the repository is closing");
        }
    }

    /** A stream that was opened since the step was chosen makes another one of it. */
    private void drain(VersionSlot slot, boolean withStreams) {
        ServedModel model = slot.model();
        if (withStreams) {
            model.tellStreams(drainNanos);
            model.drain();
        } else if (!model.drainIfUnused()) {
            return;
        }
        holdings.change(() -> slot.draining(clock.getAsLong() + drainNanos));
        LOG.info("model {} {} drains", slot.name(), slot.version());
    }

    /** Takes out of memory what has drained. */
    private void free() {
        for (VersionSlot slot : holdings.slots(any -> any.phase() == Phase.DRAINING)) {
            ServedModel model = slot.model();
            boolean done = model.isQuiet() && model.openStreams() == 0;
            boolean late = clock.getAsLong() - slot.drainUntil() >= 0;
            if (!done && !late) {
                continue;
            }
            model.endStreams();
            if (model.closeNow()) {
                holdings.freed(slot);
                work.freed(slot);
                listener.unloaded(model);
                LOG.info("model {} {} is unloaded", slot.name(), slot.version());
            }
        }
    }
}
