package dev.cleave.benchmarks.process;

/** Work for another JVM until it has compiled what it runs: until its compiler takes next to none of its processor time. */
public final class WarmUp {
    /** Share of processor time that a JVM's compiler takes when there is little left to compile. */
    public static final double COMPILED = 0.02;

    private static final long LOOK_NANOS = 5_000_000_000L;

    private WarmUp() {}

    /** A piece of work, much shorter than a look. */
    @FunctionalInterface
    public interface Work {
        void run() throws Exception;
    }

    /**
     * Does the work again and again.
     *
     * @param process that is to compile
     * @param mostSeconds after which it is enough in any case
     * @return the compiler's share at the last look
     */
    public static double of(long process, double mostSeconds, Work work) throws Exception {
        long end = System.nanoTime() + (long) (mostSeconds * 1e9);
        double share = 1;
        while (share > COMPILED && System.nanoTime() - end < 0) {
            ThreadTimes began = ThreadTimes.of(process);
            long look = System.nanoTime() + LOOK_NANOS;
            while (System.nanoTime() - look < 0) {
                work.run();
            }
            share = ThreadTimes.of(process).since(began).share(ThreadTimes.COMPILER);
        }
        return share;
    }
}
