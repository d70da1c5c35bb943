package dev.cleave.gateway.trial;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the end of a child says of the model that it tried. Pure. */
final class Verdict {
    private static final int SIGNALLED = 128;
    private static final int KILLED = 9;
    private static final int MAX_LAST_LINE = 200;
    private static final Map<Integer, String> SIGNALS = Map.of(
            4, "SIGILL", 5, "SIGTRAP", 6, "SIGABRT", 7, "SIGBUS", 8, "SIGFPE", 9, "SIGKILL", 11, "SIGSEGV", 15,
            "SIGTERM");
    /** A JVM that gets one of the deadly signals says so on standard output, and then exits. */
    private static final Pattern DIED_OF =
            Pattern.compile("^#\\s+SIG[A-Z]+ \\(0x([0-9a-f]{1,2})\\)", Pattern.MULTILINE);

    private Verdict() {}

    /**
     * The report that it gave.
     *
     * @param job that it was given
     * @throws TrialException with the reason why there is none
     */
    static <R> R of(ChildRun.Ended ended, TrialJob<R> job) throws TrialException {
        int signal = signal(ended);
        if (signal > 0) {
            String name = SIGNALS.containsKey(signal) ? " (" + SIGNALS.get(signal) + ")" : "";
            String perhaps = signal == KILLED ? ", which the system does where memory is short" : "";
            throw new TrialException(
                    "crashed " + job.engine() + " with signal " + signal + name + " when it was tried" + perhaps);
        }
        if (ended.exitCode() != 0) {
            throw new TrialException("ended its trial with exit code " + ended.exitCode() + lastLine(ended.errors()));
        }
        if (ended.tooMuch()) {
            throw new TrialException("gave more than " + AnswerJson.MAX_BYTES
                    + " bytes when it was tried; expected one line of a report");
        }
        try {
            return AnswerJson.read(ended.output(), job);
        } catch (IOException e) {
            throw new TrialException("gave no report that can be read when it was tried: " + e.getMessage(), e);
        }
    }

    /** 0 if it ended by none. */
    private static int signal(ChildRun.Ended ended) {
        Matcher died = DIED_OF.matcher(new String(ended.output(), StandardCharsets.UTF_8));
        if (ended.exitCode() != 0 && died.find()) {
            return Integer.parseInt(died.group(1), 16);
        }
        return Math.max(0, ended.exitCode() - SIGNALLED);
    }

    private static String lastLine(String errors) {
        String[] lines = errors.strip().split("\\R");
        String last = AnswerJson.line(lines[lines.length - 1]);
        return last.isEmpty() ? "" : ": " + last.substring(0, Math.min(MAX_LAST_LINE, last.length()));
    }
}
