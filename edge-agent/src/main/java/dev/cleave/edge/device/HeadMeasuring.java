package dev.cleave.edge.device;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.device.DeviceRecord.EngineRecord;
import dev.cleave.edge.device.DeviceRecord.Subject;
import dev.cleave.edge.events.EngineUse;
import dev.cleave.edge.head.HeadEngines;
import dev.cleave.edge.head.HeadRunner;
import dev.cleave.edge.head.LoadedHead;
import dev.cleave.edge.link.Scheduler;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Machine;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Finds out which engine runs a version of the model fastest on this device, has the head worker go on with that one, and keeps what was
 * found. Never in the way of a request: heads are loaded on a thread of no hurry, some seconds after the start, and each run is a spare
 * task of the worker that is given up at the next segment border when a request comes. At most one run is under way.
 *
 * <pre>
 * start --5 s--> loading the other heads --> run, pause, run, pause ... --> the fastest is in use, the others are closed --> file written
 * </pre>
 *
 * <p>Steps follow each other, each on one thread at a time, so its fields need no lock; what is handed on goes through the queues
 * of scheduler, worker and executor.
 */
public final class HeadMeasuring implements AutoCloseable {
    /** What the first answers have to themselves. */
    static final long BEGIN_AFTER_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** How long it leaves a worker alone that has something to do. */
    static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private static final Logger LOG = Logger.getLogger(HeadMeasuring.class.getName());

    /**
     * What is measured, and where the result goes.
     *
     * @param isOpen whether the fastest is to be used; else the engine in use is timed alone
     * @param first what the head began with
     * @param file null if nothing is kept
     * @param toolVersion of this release
     */
    public record Settings(
            Bundle bundle,
            boolean isOpen,
            FirstEngine first,
            Subject subject,
            Machine machine,
            DeviceFile file,
            String toolVersion) {}

    private final Settings settings;
    private final HeadEngines engines;
    private final HeadRunner runner;
    private final Scheduler scheduler;
    private final Executor background;
    private final Consumer<EngineUse> inUse;

    private final List<String> names = new ArrayList<>();
    private final List<LoadedHead> heads = new ArrayList<>();
    /** Of those that are not compared. */
    private final List<EngineRecord> refused = new ArrayList<>();

    private EngineComparison comparison;
    /** Whether the head in use cannot be run with made-up inputs: then there is nothing to compare with. */
    private boolean givenUp;

    private Map<String, Tensor> inputs;
    private volatile boolean closed;

    /**
     * @param engines those of the runner
     * @param background where heads are loaded and the file is written, one task after another
     * @param inUse told when another head is in use
     */
    public HeadMeasuring(
            Settings settings,
            HeadEngines engines,
            HeadRunner runner,
            Scheduler scheduler,
            Executor background,
            Consumer<EngineUse> inUse) {
        this.settings = settings;
        this.engines = engines;
        this.runner = runner;
        this.scheduler = scheduler;
        this.background = background;
        this.inUse = inUse;
    }

    public void start() {
        in(BEGIN_AFTER_NANOS, () -> inBackground(this::prepare));
    }

    /** Begins nothing more. What was loaded is closed with the engines. */
    @Override
    public void close() {
        closed = true;
    }

    private void in(long nanos, Runnable step) {
        scheduler.schedule(
                () -> {
                    if (!closed) {
                        step.run();
                    }
                },
                scheduler.nanoTime() + nanos);
    }

    private void inBackground(Step step) {
        try {
            background.execute(() -> {
                try {
                    if (!closed) {
                        step.run();
                    }
                } catch (IOException | EngineException | RuntimeException | LinkageError | OutOfMemoryError e) {
                    if (!closed) {
                        LOG.log(Level.WARNING, "heads are not measured: {0}", String.valueOf(e.getMessage()));
                    }
                }
            });
        } catch (RejectedExecutionException ended) {
            close();
        }
    }

    /** Something that takes its time. */
    private interface Step {
        void run() throws IOException, EngineException;
    }

    private void prepare() throws IOException, EngineException {
        List<String> wanted = settings.isOpen()
                ? engines.names()
                : Collections.singletonList(current().engine());
        for (String name : wanted) {
            if (name.equals(current().engine()) || engines.canBegin(name)) {
                names.add(name);
            } else {
                refused.add(notThere(name));
            }
        }
        if (isKnown()) {
            return;
        }
        if (names.size() < 2 && settings.file() == null) {
            tell(current(), settings.first().why());
            return;
        }
        inputs = TimingInputs.of(settings.bundle().contract());
        if (inputs == null) {
            LOG.log(Level.INFO, "heads are not measured: an input has an open dimension beside its rows");
            return;
        }
        load();
        comparison = new EngineComparison(names);
        next();
    }

    private LoadedHead current() {
        return runner.head();
    }

    private EngineRecord notThere(String name) {
        String why = engines.refusal(name);
        return new EngineRecord(name, "", "", null, why == null ? name + ": the bundle has no form for it" : why);
    }

    /** Whether what is remembered is of the very engines that are there now. */
    private boolean isKnown() throws EngineException {
        DeviceRecord remembered = settings.first().remembered();
        if (remembered == null || remembered.engines().size() != names.size() + refused.size()) {
            return false;
        }
        for (String name : names) {
            EngineRecord then = remembered.engine(name);
            if (then == null || !then.version().equals(engines.engine(name).version())) {
                return false;
            }
        }
        for (EngineRecord gone : refused) {
            EngineRecord then = remembered.engine(gone.name());
            if (then == null || !then.version().isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /** The heads of all that are compared; one that does not load or is shorter is not. */
    private void load() throws IOException, EngineException {
        for (String name : new ArrayList<>(names)) {
            LoadedHead head = name.equals(current().engine()) ? current() : engines.load(name);
            if (head.engine().equals(name) && head.through() == current().through()) {
                heads.add(head);
                continue;
            }
            engines.close(head);
            names.remove(name);
            String version = engines.engine(name).version();
            refused.add(new EngineRecord(name, version, "", null, String.join("; ", head.refused())));
        }
    }

    /** On the timer's thread, the worker's or in the background. */
    private void next() {
        int turn = givenUp ? -1 : comparison.next();
        boolean taken = runner.executeIfIdle(turn < 0 ? this::decide : () -> time(turn));
        if (!taken) {
            in(RETRY_NANOS, this::next);
        }
    }

    /** On the worker. */
    private void time(int turn) {
        long pause = RETRY_NANOS;
        try {
            long began = scheduler.nanoTime();
            long[] nanos = closed ? null : runner.time(heads.get(turn), inputs);
            if (nanos != null) {
                comparison.ran(turn, nanos);
                // As long as the run was, so that half of the device is left to others.
                pause = Math.max(1, scheduler.nanoTime() - began);
            }
        } catch (EngineException | RuntimeException e) {
            comparison.failed(turn);
            givenUp = heads.get(turn) == current();
            LOG.log(Level.WARNING, "engine {0} is not measured: {1}", new Object[] {names.get(turn), e.getMessage()});
        }
        in(pause, this::next);
    }

    /** On the worker, so between two runs. */
    private void decide() {
        if (closed) {
            return;
        }
        int winner = givenUp ? -1 : comparison.winner();
        LoadedHead chosen = winner < 0 ? current() : heads.get(winner);
        for (LoadedHead head : heads) {
            if (head != chosen && head != current()) {
                engines.close(head);
            }
        }
        if (chosen != current()) {
            runner.use(chosen, comparison.times(winner).wholeSegmentNanos());
        }
        if (winner >= 0) {
            tell(chosen, "measured on this device: " + comparison.why());
            inBackground(() -> keep(winner));
        }
    }

    /** Nothing new where the engine was not to be chosen. */
    private void tell(LoadedHead head, String why) {
        if (settings.isOpen()) {
            List<String> all = new ArrayList<>(head.refused());
            for (EngineRecord each : refused) {
                if (!all.contains(each.refused())) {
                    all.add(each.refused());
                }
            }
            inUse.accept(new EngineUse(head.engine(), head.describe(), why, all));
        }
    }

    private void keep(int winner) throws IOException {
        if (settings.file() == null) {
            return;
        }
        List<EngineRecord> records = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            LoadedHead head = heads.get(i);
            boolean timed = comparison.isTimed(i);
            records.add(new EngineRecord(
                    names.get(i),
                    head.version(),
                    head.provider(),
                    timed ? comparison.times(i) : null,
                    timed ? "" : names.get(i) + ": its run failed"));
        }
        records.addAll(refused);
        DeviceRecord record = new DeviceRecord(settings.subject(), names.get(winner), comparison.why(), records);
        settings.file()
                .write(DeviceProfileWriting.write(
                        settings.bundle(), record, settings.machine(), settings.toolVersion()));
        LOG.log(Level.FINE, "what was measured on this device is in {0}", settings.file());
    }
}
