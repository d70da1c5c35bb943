package dev.cleave.gateway.trial;

import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The process in which one model is tried. Its job is one line of standard input, its answer one line of standard output;
 * whatever else is said goes to standard error. It ends when standard input does, so that no child outlives its gateway:
 * also one that is stuck in native code, since halting asks nobody.
 */
public final class TrialChild {
    private static final int MAX_JOB_BYTES = 4 << 20;
    private static final int ORPHANED = 3;

    private TrialChild() {}

    /** Takes no arguments. */
    public static void main(String[] args) throws IOException {
        PrintStream answers = System.out;
        System.setOut(System.err);
        String job = line(System.in);
        Thread leash = new Thread(TrialChild::awaitOrphanage, "cleave-leash");
        leash.setDaemon(true);
        leash.start();
        answers.println(answer(job));
        answers.flush();
        Runtime.getRuntime().halt(0);
    }

    private static String line(InputStream in) throws IOException {
        byte[] line = new byte[MAX_JOB_BYTES];
        int length = 0;
        for (int next = in.read(); next >= 0 && next != '\n' && length < line.length; next = in.read()) {
            line[length++] = (byte) next;
        }
        return new String(line, 0, length, StandardCharsets.UTF_8);
    }

    private static void awaitOrphanage() {
        try {
            while (System.in.read() >= 0) {
                // Nothing more is said to a child.
            }
        } catch (IOException gone) {
            // So is the gateway.
        }
        Runtime.getRuntime().halt(ORPHANED);
    }

    private static String answer(String line) {
        try {
            return answer(TrialJob.read(line));
        } catch (EngineException | IOException | RuntimeException | Error e) {
            return AnswerJson.refused(e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }

    private static <R> String answer(TrialJob<R> job) throws EngineException, IOException {
        return job.write(job.run(Engines.create(job.engine()), 0, GraphMemory.all(), new PeakMemory()));
    }
}
