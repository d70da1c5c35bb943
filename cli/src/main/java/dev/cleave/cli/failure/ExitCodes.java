package dev.cleave.cli.failure;

/** How the process ends. */
public final class ExitCodes {
    public static final int DONE = 0;
    /** Could not do it: the input, the file system, the network or a bug. */
    public static final int FAILED = 1;
    /** The command line itself is wrong. */
    public static final int USAGE = 2;
    /** Done, but a check or budget that was asked for failed, or requests failed. */
    public static final int CHECK_FAILED = 3;

    private ExitCodes() {}
}
