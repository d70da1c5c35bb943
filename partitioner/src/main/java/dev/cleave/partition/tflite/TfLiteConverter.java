package dev.cleave.partition.tflite;

import dev.cleave.engine.Engine;
import dev.cleave.engine.GraphSource;
import dev.cleave.partition.graph.ModelException;

/**
 * Turns ONNX graphs into TensorFlow Lite flatbuffers that take and give the same tensors: names, types, shapes, layout.
 *
 * <pre>
 *   SourceGraph   nodes in order, constants, types and extents of every tensor; the engine runs the graph for them
 *   QdqFolding    DequantizeLinear -&gt; operator -&gt; QuantizeLinear becomes one step on integers
 *   ChannelScaling  BatchNormalization goes into the convolution before it
 *   Operators     which family of operators lowers a step
 *   Draft         tensors with the order of their axes, transposed copies where they are asked for
 *   FlatModel     the flatbuffer
 * </pre>
 *
 * Scales and zero points are the ONNX graph's; its unsigned activations are signed inside. What TensorFlow Lite does not
 * do, or does otherwise, is refused; nothing is approximated. The same graph gives the same bytes. Thread-safe.
 */
public final class TfLiteConverter {
    private final Engine engine;

    /** @param engine for ONNX graphs; it tells the sizes of tensors, and the values of those that are constant */
    public TfLiteConverter(Engine engine) {
        this.engine = engine;
    }

    /**
     * Converts a graph, of a bundle or on its own.
     *
     * @param graph an ONNX graph, and where its external weights lie; its first axis alone may be open
     * @return a flatbuffer with all weights inside
     * @throws UnconvertibleException naming the operator and the node that stand in the way, what was found and what was
     *     expected
     * @throws ModelException if it is no valid ONNX graph, or does not run
     */
    public byte[] convert(GraphSource graph) throws UnconvertibleException, ModelException {
        SourceGraph source = SourceGraph.of(graph, engine);
        Draft draft = new Draft(source);
        draft.openInputs();
        for (Step step : ChannelScaling.fold(new QdqFolding(source).run(), source)) {
            Operators.family(step.node()).lower(new Lowering(draft, step));
        }
        draft.closeOutputs();
        return draft.toBytes();
    }
}
