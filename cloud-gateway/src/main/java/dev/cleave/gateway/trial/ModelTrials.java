package dev.cleave.gateway.trial;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.crypto.Hex;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.RunTimeoutException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.TryModels;
import dev.cleave.gateway.folder.Folders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries models before they are loaded, one at a time: plain ones in a process of their own unless the settings say
 * otherwise, bundles if the settings say so; and finds out there which form of a bundle's tails is faster. Tried by one thread; {@link #close} may come from any, ends the trial under way and refuses the next.
 */
public final class ModelTrials implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelTrials.class);
    /** Changes when trials learn to ask something else, so that what was kept before counts no more. */
    private static final String RULES = "2";

    /** Makes the command of a trial; tests have others. */
    interface Commands {
        /** @param scratch an empty folder that is removed after the trial */
        ProcessBuilder of(long graphBytes, long memoryBytes, Path scratch) throws IOException;
    }

    private final GatewayConfig.Trials settings;
    private final Engine engine;
    private final GraphMemory memory;
    private final KeptReports kept;
    private final Commands commands;
    private final LongSupplier clock;
    private ChildRun running;
    private boolean closed;

    ModelTrials(
            GatewayConfig.Trials settings,
            Engine engine,
            GraphMemory memory,
            Path folder,
            Commands commands,
            LongSupplier clock) {
        this.settings = settings;
        this.engine = engine;
        this.memory = memory;
        this.kept = new KeptReports(folder);
        this.commands = commands;
        this.clock = clock;
    }

    /**
     * @param memory in which plain models are going to be loaded: what does not fit is not tried
     * @param folder where reports are kept; made when the first is
     */
    public static ModelTrials of(
            GatewayConfig.Trials settings, Engine engine, GraphMemory memory, Path folder, LongSupplier clock) {
        return new ModelTrials(settings, engine, memory, folder, ChildCommand::of, clock);
    }

    /**
     * Tries a plain model, unless the same files were tried before on the same engine.
     *
     * @param digest of its files, hex
     * @throws TrialException if it is not to be loaded, or the gateway is stopping; the message is a reason without a
     *     subject, or begins with the model's label
     */
    public TrialReport report(ModelFiles model, String digest) throws TrialException {
        try {
            model.requireRoom(memory);
            PlainJob job = new PlainJob(engine.name(), model);
            return report(job, digest, Files.size(model.graph()), model.bytes());
        } catch (IOException e) {
            throw new TrialException("cannot be tried: " + e.getMessage(), e);
        }
    }

    /**
     * Tries a bundle, if the settings have bundles tried.
     *
     * @param first the first point that is served
     * @param keys file of the keys that sealed bundles are opened with, or null
     * @return what a run of one row took; unknown if it was not tried in a process of its own
     * @throws TrialException as for a plain model
     */
    public RunMemory check(Bundle bundle, int first, Path keys) throws TrialException {
        if (settings.which() != TryModels.ALL) {
            return RunMemory.UNKNOWN;
        }
        try {
            return reportOf(bundle, bundleJob(bundle, first, keys), bundle.id() + "/" + first)
                    .memory();
        } catch (IOException e) {
            throw new TrialException("cannot be tried: " + e.getMessage(), e);
        }
    }

    /**
     * Compares the forms of a bundle's tails in a process of its own, unless that was done before.
     *
     * @param first the first of several points that are served, whose rows are independent and leave no state
     * @param keys file of the keys that sealed bundles are opened with, or null
     * @param options which the bundle is going to be loaded with
     * @return the chain where it comes to nothing: that is a form in which any bundle is served
     */
    public FormReport compare(Bundle bundle, int first, Path keys, SessionOptions options) {
        if (settings.which() == TryModels.NONE) {
            return FormReport.notCompared("tryModels is none");
        }
        try {
            FormJob job = new FormJob(bundleJob(bundle, first, keys), options);
            return reportOf(bundle, job, bundle.id() + "/" + first + "/" + job.loading());
        } catch (TrialException | IOException e) {
            return FormReport.notCompared(e.getMessage());
        }
    }

    private BundleJob bundleJob(Bundle bundle, int first, Path keys) {
        return new BundleJob(engine.name(), bundle.file(), first, bundle.isSealed() ? keys : null);
    }

    private <R> R reportOf(Bundle bundle, TrialJob<R> job, String digest) throws TrialException, IOException {
        long bytes = Files.size(bundle.file());
        return report(job, digest, Math.min(bytes, Contract.MAX_GRAPH_BYTES), bytes);
    }

    /**
     * @param heapBytes that are read into the heap at a time
     * @param bytes of all files
     */
    private <R> R report(TrialJob<R> job, String digest, long heapBytes, long bytes)
            throws TrialException, IOException {
        String key = key(digest);
        R before = kept.find(key, job);
        if (before != null) {
            return before;
        }
        R report = settings.which() == TryModels.NONE ? here(job) : apart(job, heapBytes, bytes);
        kept.keep(key, job, report);
        return report;
    }

    private String key(String digest) {
        String all = String.join("\n", RULES, engine.name(), engine.version(), digest);
        try {
            return Hex.of(MessageDigest.getInstance("SHA-256").digest(all.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }

    private <R> R here(TrialJob<R> job) throws TrialException, IOException {
        try {
            return job.run(engine, settings.limit().toNanos(), memory, MemoryWatch.NONE);
        } catch (RunTimeoutException e) {
            throw new TrialException(
                    "did not answer within " + ChildRun.text(settings.limit()) + " when it was tried", e);
        } catch (EngineException e) {
            throw new TrialException(AnswerJson.line(e.getMessage()), e);
        }
    }

    private <R> R apart(TrialJob<R> job, long heapBytes, long bytes) throws TrialException, IOException {
        long childMemory = settings.memory() + 2 * bytes;
        ChildRun run = begin(new ChildRun(settings.limit(), childMemory, clock));
        Path scratch = Files.createTempDirectory("cleave-trial");
        try {
            return Verdict.of(run.run(commands.of(heapBytes, childMemory, scratch), job.write()), job);
        } finally {
            delete(scratch);
        }
    }

    private synchronized ChildRun begin(ChildRun run) {
        if (closed) {
            run.stop();
        }
        running = run;
        return run;
    }

    /** Libraries that were unpacked are in it, if the child was killed. */
    private static void delete(Path scratch) {
        try {
            Folders.delete(scratch);
        } catch (IOException e) {
            LOG.warn("{} was not removed: {}", scratch, e.toString());
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (running != null) {
            running.stop();
        }
    }
}
