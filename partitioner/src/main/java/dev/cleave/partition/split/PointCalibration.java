package dev.cleave.partition.split;

import dev.cleave.bundle.QualityLevel;
import dev.cleave.codec.CodecException;
import dev.cleave.engine.EngineException;
import dev.cleave.partition.calibrate.Calibrated;
import dev.cleave.partition.calibrate.Calibrator;
import dev.cleave.partition.draft.DraftBundle;
import dev.cleave.partition.draft.DraftRun;
import dev.cleave.partition.edge.EdgeChoice;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.MemoryBudget;
import dev.cleave.partition.sample.Samples;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How the points of a draft are coded: what is known from before, and the rest calibrated. */
final class PointCalibration {
    private final DraftBundle draft;
    private final double wantedAgreement;

    PointCalibration(DraftBundle draft, double wantedAgreement) {
        this.draft = draft;
        this.wantedAgreement = wantedAgreement;
    }

    /**
     * Calibrates points 1..k.
     *
     * @param known by the names of a boundary's tensors in their order
     */
    List<Calibrated> calibrate(DraftRun run, Samples samples, Map<List<String>, Calibrated> known, Progress progress)
            throws IOException, EngineException, CodecException {
        List<Calibrated> calibrated = new ArrayList<>();
        List<Integer> open = new ArrayList<>();
        for (int point = 1; point <= draft.splitPoints(); point++) {
            Calibrated before = known.get(names(point));
            calibrated.add(before == null ? null : before.at(point));
            if (before == null) {
                open.add(point);
            }
        }
        if (open.isEmpty()) {
            progress.expectTime(Duration.ZERO);
            return calibrated;
        }
        Calibrator calibrator = new Calibrator(run.contract(), run.roundTrip(), wantedAgreement, MemoryBudget.ofJvm());
        for (Calibrated made : calibrator.calibrate(open, samples, progress)) {
            calibrated.set(made.measurement().point() - 1, made);
        }
        return calibrated;
    }

    private List<String> names(int point) {
        return draft.boundary(point).stream().map(TensorSpec::name).toList();
    }

    /** Of points 0..k: the calibrated ones, else the careful ones. */
    List<List<QualityLevel>> levels(List<Calibrated> calibrated) {
        List<List<QualityLevel>> levels = new ArrayList<>();
        draft.carefulParams().forEach(params -> levels.add(DraftBundle.withRaw(params)));
        for (Calibrated point : calibrated) {
            levels.set(point.measurement().point(), point.levels());
        }
        return levels;
    }

    /** @throws UnmetBudgetException naming the point that comes closest, unless all meet the budget */
    void requireMet(EdgeChoice edge, List<Calibrated> calibrated) {
        if (!calibrated.stream().allMatch(Calibrated::met)) {
            throw UnmetBudgetException.of(edge, wantedAgreement, calibrated, this::names);
        }
    }
}
