package dev.cleave.partition.verify;

import dev.cleave.bundle.Contract;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.ValueInfoProto;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.reduce.OutputReducer;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The model file that a bundle was cut from, run as it is: nothing of the cutting, extracting or rewriting under test
 * touches it, but for the output reductions that the bundle's output names tell. Owns its session.
 */
public final class ReferenceModel implements Verifier.Reference, AutoCloseable {
    private final OnnxModel model;
    private final Contract contract;
    private final Session session;

    private ReferenceModel(OnnxModel model, Contract contract, Session session) {
        this.model = model;
        this.contract = contract;
        this.session = session;
    }

    /**
     * Loads the model.
     *
     * @throws ModelException if inputs or outputs are not the contract's; names the missing one
     */
    public static ReferenceModel load(OnnxModel model, Contract contract, Engine engine, SessionOptions options)
            throws IOException, EngineException {
        List<String> outputs = model.proto().getGraph().getOutputList().stream()
                .map(ValueInfoProto::getName)
                .toList();
        List<String> wanted = contract.outputs().stream().map(TensorSpec::name).toList();
        ModelProto reduced = OutputReducer.reduce(
                model.proto(), OutputReducer.between(outputs, wanted, name -> lastDim(contract, name)));
        Session session = engine.load(ModelSource.of(model.with(reduced)), options);
        ReferenceModel reference = new ReferenceModel(model, contract, session);
        try {
            reference.requireSame("input", contract.inputs(), session.inputs());
            reference.requireSame("output", contract.outputs(), session.outputs());
            reference.requireFittingInputs(session.inputs());
            return reference;
        } catch (ModelException other) {
            session.close();
            throw other;
        }
    }

    private static int lastDim(Contract contract, String output) {
        return contract.outputs().stream()
                .filter(spec -> spec.name().equals(output))
                .mapToInt(spec -> (int) spec.shape().dim(spec.shape().rank() - 1))
                .findFirst()
                .orElse(1);
    }

    private void requireSame(String kind, List<TensorSpec> expected, List<TensorSpec> actual) throws ModelException {
        for (TensorSpec spec : expected) {
            boolean known =
                    actual.stream().anyMatch(other -> other.name().equals(spec.name()) && other.type() == spec.type());
            if (!known) {
                throw new ModelException(
                        "model " + model.file() + " has no " + kind + " \"" + spec.name() + "\" of type "
                                + spec.type().jsonName() + "; expected the model that bundle \"" + contract.modelName()
                                + "\" was cut from");
            }
        }
    }

    /** Shapes of inputs, as far as both are known; the bundle may have opened the model's batch dimension. */
    private void requireFittingInputs(List<TensorSpec> actual) throws ModelException {
        for (TensorSpec input : actual) {
            for (TensorSpec expected : contract.inputs()) {
                if (expected.name().equals(input.name()) && !fits(expected.shape(), input.shape())) {
                    throw new ModelException(
                            "model " + model.file() + " has input " + input + ", the bundle " + expected
                                    + "; expected the model that bundle \"" + contract.modelName() + "\" was cut from");
                }
            }
        }
    }

    private static boolean fits(Shape one, Shape other) {
        boolean fits = one.rank() == other.rank() || other.rank() == 0;
        for (int axis = 0; fits && axis < other.rank(); axis++) {
            fits = one.dim(axis) < 0 || other.dim(axis) < 0 || one.dim(axis) == other.dim(axis);
        }
        return fits;
    }

    /** SHA-256 of the model file. */
    public String digest() {
        return model.sha256();
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> inputs) throws EngineException {
        Map<String, Tensor> taken = new HashMap<>();
        for (TensorSpec input : session.inputs()) {
            if (inputs.containsKey(input.name())) {
                taken.put(input.name(), inputs.get(input.name()));
            }
        }
        return session.run(taken);
    }

    @Override
    public void close() {
        session.close();
    }
}
