package dev.cleave.partition.extract;

import dev.cleave.onnx.ModelProto;
import dev.cleave.partition.cut.Cut;
import java.io.IOException;
import java.util.function.UnaryOperator;

/**
 * Heads and tails of the cuts of one model, each as its side runs it: the device perhaps in another precision.
 *
 * @param device graphs of what the device runs
 * @param deviceCut from a cut of the gateway's model to the device's cut at the same tensors
 * @param gateway graphs of the model itself
 */
public record SidedGraphs(CutGraphs device, UnaryOperator<Cut> deviceCut, CutGraphs gateway) {
    /** Both sides run the same. */
    public static SidedGraphs alike(CutGraphs graphs) {
        return new SidedGraphs(graphs, UnaryOperator.identity(), graphs);
    }

    /** Whether both sides run the same. */
    public boolean areAlike() {
        return device == gateway;
    }

    /** What the device runs up to a cut of the gateway's model. */
    public ModelProto head(Cut cut) throws IOException {
        return device.head(deviceCut.apply(cut));
    }

    /** What the gateway runs from a cut on. */
    public ModelProto tail(Cut cut) throws IOException {
        return gateway.tail(cut);
    }
}
