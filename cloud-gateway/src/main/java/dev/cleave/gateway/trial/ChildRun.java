package dev.cleave.gateway.trial;

import dev.cleave.gateway.config.ByteText;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * One child from its start to its end, within a time and an amount of memory; it does not outlive {@link #run}. Its
 * standard input stays open for as long as it may live. Used by one thread, stopped by any.
 */
final class ChildRun {
    private static final long LOOK_MILLIS = 20;
    private static final int MAX_ERROR_BYTES = 16 << 10;
    private static final String MOST_DISPENSABLE = "1000";

    /**
     * How it ended.
     *
     * @param exitCode 128 and more: by a signal
     * @param output all of what it wrote to standard output, or more than was allowed
     * @param tooMuch whether it was more
     * @param errors the end of what it wrote to standard error
     */
    record Ended(int exitCode, byte[] output, boolean tooMuch, String errors) {}

    private final Duration limit;
    private final long memoryBytes;
    private final LongSupplier clock;
    private Process process;
    private boolean stopped;

    ChildRun(Duration limit, long memoryBytes, LongSupplier clock) {
        this.limit = limit;
        this.memoryBytes = memoryBytes;
        this.clock = clock;
    }

    /**
     * @param job written to its standard input, with a line's end
     * @throws TrialException if it was ended, or could not be started
     */
    Ended run(ProcessBuilder command, String job) throws TrialException {
        long endNanos = clock.getAsLong() + limit.toNanos();
        Process child = start(command);
        try {
            BoundedText output = BoundedText.first(child.getInputStream(), AnswerJson.MAX_BYTES);
            BoundedText errors = BoundedText.last(child.getErrorStream(), MAX_ERROR_BYTES);
            tell(child, job);
            await(child, endNanos);
            output.await();
            errors.await();
            requireWanted();
            return new Ended(
                    child.exitValue(),
                    output.bytes(),
                    output.isCut(),
                    new String(errors.bytes(), StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TrialException("was not tried to the end: the gateway is stopping", e);
        } finally {
            end(child);
        }
    }

    private synchronized Process start(ProcessBuilder command) throws TrialException {
        requireWanted();
        try {
            process = command.start();
            sacrifice(process.pid());
            return process;
        } catch (IOException e) {
            throw new TrialException(
                    "cannot be tried: no process was started (" + e.getMessage() + "); expected "
                            + command.command().get(0),
                    e);
        }
    }

    /** Where memory is short Linux ends somebody: rather the child than its gateway. */
    private static void sacrifice(long pid) {
        try {
            Files.writeString(Path.of("/proc/" + pid + "/oom_score_adj"), MOST_DISPENSABLE);
        } catch (IOException notLinux) {
            return; // Or gone.
        }
    }

    /** On a thread of its own, for a pipe holds little and the child may not read. */
    private static void tell(Process child, String job) {
        Thread telling = new Thread(
                () -> {
                    try {
                        OutputStream in = child.getOutputStream();
                        in.write((job + "\n").getBytes(StandardCharsets.UTF_8));
                        in.flush();
                    } catch (IOException ended) {
                        return; // Before it has read its job; how it ended says why.
                    }
                },
                "cleave-trial-job");
        telling.setDaemon(true);
        telling.start();
    }

    private void await(Process child, long endNanos) throws InterruptedException, TrialException {
        while (!child.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
            if (clock.getAsLong() - endNanos >= 0) {
                throw new TrialException("did not answer within " + text(limit) + " when it was tried");
            }
            if (ResidentMemory.bytes(child.pid()) > memoryBytes) {
                throw new TrialException("took more than " + ByteText.of(memoryBytes) + " of memory when it was tried");
            }
        }
    }

    static String text(Duration time) {
        return time.toString().substring("PT".length()).toLowerCase(Locale.ROOT);
    }

    private synchronized void requireWanted() throws TrialException {
        if (stopped) {
            throw new TrialException("was not tried to the end: the gateway is stopping");
        }
    }

    /** Ends it from another thread; one that was not started will not be. */
    synchronized void stop() {
        stopped = true;
        if (process != null) {
            process.destroyForcibly();
        }
    }

    private static void end(Process child) {
        child.destroyForcibly();
        try {
            child.waitFor(); // SIGKILL is not refused.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            child.getOutputStream().close();
        } catch (IOException gone) {
            return; // With what was still to be told to it.
        }
    }
}
