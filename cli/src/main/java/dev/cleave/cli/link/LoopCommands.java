package dev.cleave.cli.link;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Commands that other threads hand to a loop and wait for. Thread-safe. */
final class LoopCommands {
    private final Runnable wakeUp;
    private final Queue<FutureTask<?>> waiting = new ArrayDeque<>();
    private boolean ended;

    /** Commands of a loop that {@code wakeUp} wakes. */
    LoopCommands(Runnable wakeUp) {
        this.wakeUp = wakeUp;
    }

    /** Has the loop run a command and waits until it has, interrupted or not; does nothing once the loop has ended. */
    void submit(Runnable command) {
        FutureTask<Void> task = new FutureTask<>(command, null);
        synchronized (this) {
            if (ended) {
                return;
            }
            waiting.add(task);
        }
        wakeUp.run();
        await(task);
    }

    /** Called by the loop, each turn. */
    void runAll() {
        for (FutureTask<?> next = poll(); next != null; next = poll()) {
            next.run();
        }
    }

    /** Called by the loop when it ends: nobody waits for ever. */
    void end() {
        synchronized (this) {
            ended = true;
        }
        runAll();
    }

    private synchronized FutureTask<?> poll() {
        return waiting.poll();
    }

    private static void await(FutureTask<?> task) {
        boolean interrupted = false;
        boolean done = false;
        while (!done) {
            try {
                task.get();
                done = true;
            } catch (InterruptedException again) {
                interrupted = true;
            } catch (ExecutionException failure) {
                throw new IllegalStateException("the loop could not run a command", failure.getCause());
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
