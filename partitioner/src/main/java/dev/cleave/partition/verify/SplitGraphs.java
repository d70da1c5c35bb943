package dev.cleave.partition.verify;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs a point by its {@code head-i} and {@code tail-i} graphs, the way a GPU gateway does. Owns its sessions. */
final class SplitGraphs implements AutoCloseable {
    private final Contract contract;
    private final Session head;
    private final Session tail;

    private SplitGraphs(Contract contract, Session head, Session tail) {
        this.contract = contract;
        this.head = head;
        this.tail = tail;
    }

    /** @param point 1..k, or k+1 for the graph {@code whole} alone */
    static SplitGraphs load(Bundle bundle, Engine engine, SessionOptions options, int point)
            throws EngineException, IOException {
        Contract contract = bundle.contract();
        String precision = contract.precision();
        if (point == contract.local()) {
            return new SplitGraphs(contract, null, engine.load(bundle.graph(precision, "whole"), options));
        }
        Session head = engine.load(bundle.graph(precision, "head-" + point), options);
        try {
            return new SplitGraphs(contract, head, engine.load(bundle.graph(precision, "tail-" + point), options));
        } catch (EngineException | IOException failed) {
            head.close();
            throw failed;
        }
    }

    Map<String, Tensor> run(Map<String, Tensor> inputs) throws EngineException {
        Map<String, Tensor> live = new HashMap<>(inputs);
        if (head != null) {
            live.putAll(head.run(only(head, live)));
        }
        live.putAll(tail.run(only(tail, live)));
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        for (TensorSpec output : contract.outputs()) {
            outputs.put(output.name(), live.get(output.name()));
        }
        return outputs;
    }

    private static Map<String, Tensor> only(Session session, Map<String, Tensor> live) {
        Map<String, Tensor> inputs = new HashMap<>();
        for (TensorSpec input : session.inputs()) {
            if (live.containsKey(input.name())) {
                inputs.put(input.name(), live.get(input.name()));
            }
        }
        return inputs;
    }

    @Override
    public void close() {
        if (head != null) {
            head.close();
        }
        tail.close();
    }
}
