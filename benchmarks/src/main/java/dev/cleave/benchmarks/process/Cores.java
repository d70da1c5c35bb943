package dev.cleave.benchmarks.process;

import dev.cleave.cli.failure.UserException;
import java.io.IOException;

/** Which core a process runs on. */
public final class Cores {
    private Cores() {}

    /** All threads of a process, and those to come, on one core. */
    public static void pin(long process, int core) throws IOException, InterruptedException {
        Process taskset = new ProcessBuilder("taskset", "-acp", Integer.toString(core), Long.toString(process))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (taskset.waitFor() != 0) {
            throw new UserException("taskset ended with " + taskset.exitValue() + "; expected two cores, and Linux");
        }
    }
}
