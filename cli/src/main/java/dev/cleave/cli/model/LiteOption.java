package dev.cleave.cli.model;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import picocli.CommandLine.Option;

/** {@code --tflite}, and the engine that runs what it makes. */
final class LiteOption {
    private static final String ENGINE = "tflite";

    @Option(
            names = "--tflite",
            description = {
                "Add what devices run in TensorFlow Lite's form, too, up to the first operator that cannot be converted; run",
                "on the inputs, and left out from the first point on that changes more answers than --max-disagreement allows."
            })
    private boolean wanted;

    private String absence;

    boolean isWanted() {
        return wanted;
    }

    /** Null where it is not wanted, or there is none on this machine; then {@link #whyNotRun} says why. */
    Engine open() {
        if (!wanted) {
            return null;
        }
        try {
            return Engines.create(ENGINE);
        } catch (EngineException absent) {
            absence = absent.getMessage();
            return null;
        }
    }

    /** Why converted heads were not run over inputs, or null. */
    String whyNotRun(boolean hasInputs) {
        return absence != null ? absence : hasInputs ? null : "there are no sample inputs; give --inputs or --random";
    }
}
