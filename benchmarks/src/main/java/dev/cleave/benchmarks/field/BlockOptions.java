package dev.cleave.benchmarks.field;

import picocli.CommandLine.Option;

/** How long things are measured that run in turn, block by block, each in a JVM of its own; a mixin. */
public final class BlockOptions {
    @Option(names = "--blocks", paramLabel = "N", description = "Of each, in turn. Default 12.")
    private int blocks = 12;

    @Option(names = "--block-seconds", paramLabel = "S", description = "Of a block. Default 3.")
    private double blockSeconds = 3;

    @Option(
            names = "--warm-up-seconds",
            paramLabel = "S",
            description = "Most before the first block; it begins when the JVM has compiled what runs. Default 120.")
    private double warmUpSeconds = 120;

    /** Of each. */
    public int blocks() {
        return blocks;
    }

    /** How long one is. */
    public double blockSeconds() {
        return blockSeconds;
    }

    /** Most before the first. */
    public double warmUpSeconds() {
        return warmUpSeconds;
    }
}
