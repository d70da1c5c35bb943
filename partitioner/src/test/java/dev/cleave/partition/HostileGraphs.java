package dev.cleave.partition;

import dev.cleave.tensor.ElementType;

/** Small valid graphs that ONNX Runtime does not survive, or never comes back from. */
public final class HostileGraphs {
    private HostileGraphs() {}

    /** A Loop that goes on for ever: its body hands its condition, which is true, on to the next round. */
    public static ModelBuilder endless() {
        return new ModelBuilder()
                .input("x", 1, 4)
                .scalarBool("always", true)
                .node("Loop", "_ always x", "y")
                .body(
                        "body",
                        loop -> loop.input("i", ElementType.INT64)
                                .input("go", ElementType.BOOL)
                                .input("carried", 1, 4)
                                .node("Identity", "go", "again")
                                .node("Sin", "carried", "next")
                                .output("again", ElementType.BOOL)
                                .output("next", ElementType.FLOAT32, 1, 4))
                .output("y");
    }

    /**
     * A Split that leaves out its first output. ONNX Runtime 1.29 does not refuse it when it loads the graph, and its kernel writes there all the same: SIGSEGV. Only for processes
     * that may die.
     */
    public static ModelBuilder crashing() {
        return new ModelBuilder()
                .input("x", 1, 4)
                .node("Split", "x", "_ y")
                .with("axis", 1)
                .output("y", ElementType.FLOAT32, 1, 2);
    }
}
