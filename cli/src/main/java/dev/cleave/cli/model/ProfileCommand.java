package dev.cleave.cli.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.samples.SampleOptions;
import dev.cleave.cli.verb.ToolVersion;
import dev.cleave.cli.verb.Verb;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.GraphFormat;
import dev.cleave.engine.Machine;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.profile.DeviceProfile;
import dev.cleave.partition.profile.DeviceProfileJson;
import dev.cleave.partition.profile.ProfileSettings;
import dev.cleave.partition.profile.Profiler;
import dev.cleave.partition.sample.Samples;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cleave profile}: how long a model and its parts take on this machine. */
@Command(
        name = "profile",
        description = "Measures a model on this machine, for a plan that may be made elsewhere.",
        footer = {"", "Example:", "  cleave profile model.onnx --threads 1 --batch 1,2,4,8 -o device.json"})
public final class ProfileCommand extends Verb {
    private static final int RANDOM_INPUTS = 4;
    private static final int MOST_THREADS = 1024;
    private static final int MOST_ROWS = 1024;

    @Parameters(paramLabel = "MODEL", description = "An ONNX model.")
    private Path model;

    @Option(names = "-o", required = true, paramLabel = "FILE", description = "The profile to write, as JSON.")
    private Path output;

    @Option(names = "--threads", paramLabel = "N", description = "Threads of one run. Default: the engine's choice.")
    private Integer threads;

    @Option(names = "--engine", paramLabel = "NAME", description = "onnxruntime or tflite. Default: the best there is.")
    private String engineName;

    @Option(
            names = "--batch",
            paramLabel = "N,N,..",
            split = ",",
            description = "Measure batches of so many rows, too.")
    private List<Integer> batch = new ArrayList<>();

    @Mixin
    private SampleOptions samples;

    @Override
    protected void run(Terminal terminal) throws Exception {
        checkOptions();
        new OutputFiles(model).add("-o", output);
        OnnxModel read = OnnxModel.read(model);
        try (Engine engine = Engines.create(engineName);
                BarProgress progress = new BarProgress(terminal)) {
            if (engine.format() != GraphFormat.ONNX) {
                throw usage(
                        "--engine " + engineName + ": reads ." + engine.format().extension()
                                + " graphs; expected an engine that reads ONNX models, onnxruntime");
            }
            progress.begin("probing shapes", 1);
            ModelSummary summary = ModelSummary.of(read, engine, samples.probing());
            progress.step();
            Samples inputs = samples.openOrRandom(summary.model(), RANDOM_INPUTS);
            SessionOptions options = SessionOptions.defaults().withThreads(threads == null ? 0 : threads);
            ProfileSettings settings = ProfileSettings.defaults().withBatchRows(batch);
            DeviceProfile profile = new Profiler(engine, options, settings, System::nanoTime, progress)
                    .profile(summary, inputs, Machine.local(), ToolVersion.text());
            progress.end();
            byte[] json = DeviceProfileJson.write(profile);
            Files.write(output, json);
            report(terminal, profile, json);
        }
    }

    private void checkOptions() {
        samples.areGiven();
        if (threads != null && (threads < 1 || threads > MOST_THREADS)) {
            throw usage("--threads " + threads + ": expected 1 to " + MOST_THREADS);
        }
        for (int rows : batch) {
            if (rows < 1 || rows > MOST_ROWS) {
                throw usage("--batch " + rows + ": expected 1 to " + MOST_ROWS + " rows");
            }
        }
    }

    private void report(Terminal terminal, DeviceProfile profile, byte[] json) throws Exception {
        if (terminal.isJson()) {
            terminal.json().document(new ObjectMapper().readTree(json));
            terminal.note("wrote " + output);
        } else {
            new ProfileReport(profile, !batch.isEmpty()).print(terminal);
            terminal.print("wrote " + output);
        }
    }
}
