package dev.cleave.engine;

import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.List;
import java.util.Map;

/** The checks that every engine makes before a run, so that all of them refuse the same things in the same words. */
public final class RunCheck {
    private RunCheck() {}

    /**
     * Checks the arguments of {@link Session#run} against what the graph declares.
     *
     * @param label the graph's name for messages
     * @throws EngineException in one line: an input that is missing, unknown, or of another type or shape; a pinned
     *     output that is unknown, or of another type or shape
     */
    public static void check(
            String label,
            List<TensorSpec> inputSpecs,
            Map<String, Tensor> inputs,
            List<TensorSpec> outputSpecs,
            Map<String, Tensor> pinned)
            throws EngineException {
        for (TensorSpec spec : inputSpecs) {
            Tensor tensor = inputs.get(spec.name());
            if (tensor == null) {
                throw new EngineException(label + ": input \"" + spec.name() + "\" is missing; expected "
                        + spec.type().jsonName() + spec.shape());
            }
            requireFit(label, "input ", spec, tensor);
        }
        requireKnown(label, "input", inputSpecs, inputs);
        for (TensorSpec spec : outputSpecs) {
            Tensor tensor = pinned.get(spec.name());
            if (tensor != null) {
                requireFit(label, "pinned output ", spec, tensor);
            }
        }
        requireKnown(label, "pinned output", outputSpecs, pinned);
    }

    /**
     * Checks that the shape an output turned out to have is that of the tensor pinned for it.
     *
     * @throws EngineException naming both shapes
     */
    public static void checkPinnedShape(String label, String output, Shape actual, Tensor pinned)
            throws EngineException {
        if (!actual.equals(pinned.shape())) {
            throw new EngineException(label + ": output \"" + output + "\" has shape " + actual
                    + "; expected the pinned tensor's " + pinned.shape());
        }
    }

    private static void requireFit(String label, String what, TensorSpec spec, Tensor tensor) throws EngineException {
        String mismatch = spec.mismatch(tensor);
        if (mismatch != null) {
            throw new EngineException(label + ": " + what + mismatch);
        }
    }

    private static void requireKnown(String label, String what, List<TensorSpec> specs, Map<String, Tensor> given)
            throws EngineException {
        for (String name : given.keySet()) {
            if (specs.stream().noneMatch(spec -> spec.name().equals(name))) {
                throw new EngineException(
                        label + ": " + what + " \"" + name + "\" is unknown; expected one of " + specs);
            }
        }
    }
}
