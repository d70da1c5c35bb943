package dev.cleave.partition.profile;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Machine;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.extract.CutGraphs;
import dev.cleave.partition.extract.Precision;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.profile.DeviceProfile.EngineUse;
import dev.cleave.partition.profile.DeviceProfile.ModelId;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.scratch.ScratchFolder;
import java.io.IOException;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Measures one model on this machine with one engine: the whole, what each node costs in it, heads and tails of some
 * cuts, and batches. One thread at a time; the engine stays the caller's.
 *
 * <p>A machine that is shared, or gets hot, is not as fast at the end as it was in the beginning. The whole model is timed
 * at both ends; if the two differ by more than a tenth everything is measured once more, and if they still do the
 * profile says so.
 */
public final class Profiler {
    private final Engine engine;
    private final SessionOptions options;
    private final ProfileSettings settings;
    private final LongSupplier nanoTime;
    private final Progress progress;

    /** @param nanoTime {@code System::nanoTime}; a test has its own */
    public Profiler(
            Engine engine, SessionOptions options, ProfileSettings settings, LongSupplier nanoTime, Progress progress) {
        this.engine = engine;
        this.options = options;
        this.settings = settings;
        this.nanoTime = nanoTime;
        this.progress = progress;
    }

    /**
     * Measures a model.
     *
     * @param samples at least one; times are those of the first, batches are made of all in turn
     * @param machine this one, {@link Machine#local()}
     * @throws EngineException if the model, or a part of it, cannot be loaded or run
     */
    public DeviceProfile profile(ModelSummary summary, Samples samples, Machine machine, String toolVersion)
            throws EngineException, IOException {
        try (ScratchFolder scratch = ScratchFolder.create("cleave-profile")) {
            CutGraphs graphs =
                    new CutGraphs(summary.model().flow(), summary.model().facts(), scratch.file("weights.bin"));
            Measurement measurement =
                    new Measurement(engine, options, settings, nanoTime, progress, summary, graphs, samples);
            List<Cut> cuts = spotChecked(summary);
            Measurement.Result result = measurement.run(cuts);
            if (!result.drift().isEmpty()) {
                result = measurement.run(cuts);
            }
            OnnxModel model = summary.model().graph().model();
            return new DeviceProfile(
                    toolVersion,
                    machine,
                    new EngineUse(engine.name(), engine.version(), result.provider(), options.threads()),
                    new ModelId(
                            model.file().getFileName().toString(),
                            model.sha256(),
                            Precision.of(summary.model().graph())),
                    result.whole(),
                    result.nodes(),
                    result.spotChecks(),
                    result.batch(),
                    result.drift());
        }
    }

    private List<Cut> spotChecked(ModelSummary summary) throws ModelException {
        boolean none = settings.spotChecks() == 0 || summary.cuts().noneBecause() != null;
        return none ? List.of() : summary.narrowest(settings.spotChecks()).points();
    }
}
