package dev.cleave.engine.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.OperatorTime;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.tensor.Tensor;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@link Engine} over ONNX Runtime. Made by {@link OnnxRuntimeProvider}; thread-safe.
 *
 * <p>Loading a graph: its external tensors are tied to the regions of the source ({@link ExternalData}), its inputs and
 * outputs are checked to be tensors ({@link DeclaredValues}), the wanted execution providers are added as far as they
 * can be. A provider may also fail only when it sees the graph; then the session is made again without the most
 * preferred one, down to the CPU alone.
 */
public final class OnnxRuntimeEngine implements Engine {
    static final String NAME = "onnxruntime";

    private static final int WARM_UP_RUNS = 3;

    private final OrtEnvironment environment;
    private final UnsignedTensors unsigned;

    OnnxRuntimeEngine(OrtEnvironment environment) {
        this.environment = environment;
        this.unsigned = new UnsignedTensors(environment);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String version() {
        return environment.getVersion();
    }

    @Override
    public String unavailableReason(String provider) {
        return ExecutionProviders.unavailableReason(provider);
    }

    @Override
    public Session load(GraphSource graph, SessionOptions options) throws EngineException {
        return load(graph, options, null);
    }

    @Override
    public List<List<OperatorTime>> profile(
            GraphSource graph, SessionOptions options, Map<String, Tensor> inputs, int runs) throws EngineException {
        try (ProfileFile file = ProfileFile.create(graph.label())) {
            try (OnnxRuntimeSession session = load(graph, options, file.prefix())) {
                for (int run = 0; run < WARM_UP_RUNS + runs; run++) {
                    session.run(inputs);
                }
            }
            return file.read(WARM_UP_RUNS, runs);
        }
    }

    /** @param profile prefix of the file that is to be written when the session ends, or null */
    private OnnxRuntimeSession load(GraphSource graph, SessionOptions options, Path profile) throws EngineException {
        DeclaredValues declared = DeclaredValues.read(graph.label(), graph.graph());
        ExternalData.Linked linked = ExternalData.link(graph);
        Map<String, String> refused = new LinkedHashMap<>();
        while (true) {
            OrtSession.SessionOptions settings = new OrtSession.SessionOptions();
            List<String> added = Collections.emptyList();
            HeldWeights held = null;
            try {
                held = HeldWeights.of(linked.held(), environment);
                held.addTo(settings);
                configure(settings, options, linked, profile);
                added = ExecutionProviders.add(settings, options, declared, refused);
                OrtSession session = environment.createSession(linked.graph(), settings);
                return OnnxRuntimeSession.open(
                        graph.label(), environment, unsigned, session, settings, held, declared, added, refused);
            } catch (OrtException | RuntimeException e) {
                close(settings, held);
                if (added.isEmpty()) {
                    throw new EngineException(graph.label() + ": " + OneLine.of(e.getMessage()), e);
                }
                refused.put(added.get(0), OneLine.of(e.getMessage()));
            } catch (EngineException e) {
                close(settings, held);
                throw e;
            }
        }
    }

    private static void close(OrtSession.SessionOptions settings, HeldWeights held) {
        settings.close();
        if (held != null) {
            held.close();
        }
    }

    private static void configure(
            OrtSession.SessionOptions settings, SessionOptions options, ExternalData.Linked linked, Path profile)
            throws OrtException {
        settings.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
        // Bytes that look like ONNX Runtime's own format would bypass the checks made on the ONNX message.
        settings.addConfigEntry("session.load_model_format", "ONNX");
        settings.addConfigEntry("session.intra_op.allow_spinning", options.spinning() ? "1" : "0");
        settings.addConfigEntry("session.inter_op.allow_spinning", options.spinning() ? "1" : "0");
        settings.setOptimizationLevel(
                options.optimized()
                        ? OrtSession.SessionOptions.OptLevel.ALL_OPT
                        : OrtSession.SessionOptions.OptLevel.NO_OPT);
        if (options.threads() > 0) {
            settings.setIntraOpNumThreads(options.threads());
        }
        if (profile != null) {
            settings.enableProfiling(profile.toString());
        }
        if (linked.folder() != null) {
            settings.addConfigEntry(
                    "session.model_external_initializers_file_folder_path",
                    linked.folder().toString());
        }
    }

    @Override
    public void close() {
        unsigned.close();
    }
}
