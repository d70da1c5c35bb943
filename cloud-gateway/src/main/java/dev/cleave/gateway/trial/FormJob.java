package dev.cleave.gateway.trial;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.engine.DeviceOptions;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.segment.SegmentChain;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * To load the tails of a bundle as a chain and as a session for each point, and to compare them: in a child, where what the
 * form that is not taken leaves in memory ends with it.
 *
 * @param on the bundle, as it is to be loaded; the job is not done
 * @param options which the gateway is going to load it with
 */
record FormJob(BundleJob on, SessionOptions options) implements TrialJob<FormReport> {
    private static final Set<String> KEYS = Set.of("chain", "why");

    @Override
    public String engine() {
        return on.engine();
    }

    @Override
    public void describe(ObjectNode line) {
        on.describe(line);
        line.set("forms", loading());
    }

    /** All that the comparison depends on but the bundle and the engine. */
    ObjectNode loading() {
        DeviceOptions device = options.device();
        ObjectNode loading = JSON.createObjectNode().put("threads", options.threads());
        ArrayNode providers = loading.putArray("providers");
        options.providers().forEach(providers::add);
        loading.put("device", device.index())
                .put("memory", device.memoryBytes())
                .put("halves", device.halves())
                .put("usualRows", device.usualRows())
                .put("maxRows", device.maxRows());
        return loading;
    }

    static FormJob of(JsonNode line) {
        JsonNode loading = line.required("forms");
        List<String> providers = new ArrayList<>();
        loading.required("providers").forEach(name -> providers.add(name.textValue()));
        DeviceOptions device = DeviceOptions.first()
                .withIndex(loading.required("device").intValue())
                .withMemoryBytes(loading.required("memory").longValue())
                .withHalves(loading.required("halves").booleanValue())
                .withRows(
                        loading.required("usualRows").intValue(),
                        loading.required("maxRows").intValue());
        return new FormJob(
                BundleJob.of(line),
                SessionOptions.defaults()
                        .withThreads(loading.required("threads").intValue())
                        .withProviders(providers)
                        .withDevice(device));
    }

    @Override
    public FormReport run(Engine engine, long limitNanos, GraphMemory memory, MemoryWatch watch)
            throws EngineException, IOException {
        return run(engine, System::nanoTime);
    }

    FormReport run(Engine engine, LongSupplier clock) throws EngineException, IOException {
        Bundle bundle = on.open();
        Contract contract = bundle.contract();
        String precision = contract.precision();
        try (SegmentChain chain = SegmentChain.load(bundle, engine, options, precision, on.first(), contract.local())) {
            FormTrial trial = new FormTrial(
                    contract,
                    on.first(),
                    (point, row, watch) -> chain.run(point, chain.to(), row, 0, watch),
                    point -> engine.load(
                            bundle.graph(precision, contract.tailGraph(precision, point), engine.format()), options),
                    clock);
            return trial.report();
        }
    }

    @Override
    public String write(FormReport report) {
        return JSON.createObjectNode()
                .put("chain", report.chain())
                .put("why", AnswerJson.line(report.why()))
                .toString();
    }

    @Override
    public FormReport read(JsonNode answer) throws IOException {
        AnswerJson.require(
                AnswerJson.keys(answer).equals(KEYS)
                        && answer.get("chain").isBoolean()
                        && AnswerJson.isShortText(answer.get("why")),
                "chain, true or false, and why, a short text");
        return new FormReport(
                answer.get("chain").booleanValue(),
                AnswerJson.line(answer.get("why").textValue()));
    }
}
