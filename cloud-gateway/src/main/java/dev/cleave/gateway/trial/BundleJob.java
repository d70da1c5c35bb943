package dev.cleave.gateway.trial;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.crypto.SealingKeyFile;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.RunTimeoutException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.segment.SegmentChain;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * To load the segments of a bundle that a gateway runs, in the bundle's own precision, and to run them once. What the
 * bundle says of itself is not looked into; the report repeats it.
 *
 * @param first the first point that is served
 * @param keys file of the keys that a sealed bundle is opened with; null: it is not sealed
 */
record BundleJob(String engine, Path bundle, int first, Path keys) implements ModelJob {
    private static final String NOT_ASKED = "a bundle says itself whether requests can be joined";

    @Override
    public void describe(ObjectNode line) {
        line.put("bundle", bundle.toString()).put("first", first);
        line.put("keys", keys == null ? null : keys.toString());
    }

    static BundleJob of(JsonNode line) {
        String keys = line.required("keys").textValue();
        return new BundleJob(
                line.required("engine").textValue(),
                Path.of(line.required("bundle").textValue()),
                line.required("first").intValue(),
                keys == null ? null : Path.of(keys));
    }

    @Override
    public TrialReport run(Engine on, long limitNanos, GraphMemory memory, MemoryWatch watch)
            throws EngineException, IOException {
        Bundle opened = open();
        Contract contract = opened.contract();
        List<TensorSpec> inputs = new ArrayList<>(contract.points().get(first).specs());
        contract.stateAfter(first).forEach(state -> inputs.add(contract.input(state.input())));
        RunMemory taken;
        try (SegmentChain chain = SegmentChain.load(
                opened, on, SessionOptions.defaults(), contract.precision(), first, contract.local())) {
            taken = run(chain, inputs, limitNanos, watch);
        }
        return new TrialReport(open(inputs), open(contract.outputs()), NOT_ASKED, taken);
    }

    Bundle open() throws IOException {
        return keys == null ? Bundle.open(bundle) : Bundle.open(bundle, new SealingKeyFile(keys));
    }

    /** What fails on what was made up may do well on what it is meant for. */
    private RunMemory run(SegmentChain chain, List<TensorSpec> inputs, long limitNanos, MemoryWatch watch)
            throws RunTimeoutException {
        for (long size : RowProbe.sizes(inputs)) {
            try {
                Map<String, Tensor> row = new MadeUpInputs(SEED).row(inputs, size);
                watch.begin();
                chain.run(first, chain.to(), row, limitNanos);
                return RunMemory.of(1, row.values(), watch.grown());
            } catch (RunTimeoutException e) {
                throw e;
            } catch (EngineException | IllegalArgumentException e) {
                continue;
            }
        }
        return RunMemory.UNKNOWN;
    }

    private static List<TensorSpec> open(List<TensorSpec> specs) {
        return specs.stream()
                .map(spec -> spec.shape().isBatched()
                        ? new TensorSpec(spec.name(), spec.type(), spec.shape().withDim(0, Shape.DYNAMIC))
                        : spec)
                .toList();
    }
}
