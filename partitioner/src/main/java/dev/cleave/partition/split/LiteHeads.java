package dev.cleave.partition.split;

import dev.cleave.answer.Agreement;
import dev.cleave.answer.Proportion;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.HeadMeasurement;
import dev.cleave.codec.CodecException;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphFormat;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.draft.DraftBundle;
import dev.cleave.partition.draft.DraftRun;
import dev.cleave.partition.edge.EdgeChoice;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.heads.ConvertedHeads;
import dev.cleave.partition.heads.HeadCheck;
import dev.cleave.partition.heads.HeadConverter;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.Samples;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * The way of TensorFlow Lite's heads into a bundle: converted before anything is calibrated, run afterwards, and kept as
 * far as the accuracy budget goes. One thread.
 */
final class LiteHeads {
    private final Engine engine;
    private final Engine lite;
    private final SessionOptions options;
    private final Progress progress;

    /** @param lite null: then heads are converted and not run */
    LiteHeads(Engine engine, Engine lite, SessionOptions options, Progress progress) {
        this.engine = engine;
        this.lite = lite;
        this.options = options;
        this.progress = progress;
    }

    /**
     * Converts what devices run.
     *
     * @return null if that was not asked for
     * @throws ModelException naming what stands in the way, if no point would have such a head
     */
    ConvertedHeads convert(SplitRequest request, DraftBundle draft) throws ModelException {
        if (!request.tfLite()) {
            return null;
        }
        ConvertedHeads heads = new HeadConverter(engine, lite, progress).convert(draft.deviceSegments());
        if (heads.through() == 0) {
            throw new ModelException("model " + request.model() + " for TensorFlow Lite: " + heads.obstacle()
                    + "; expected at least a first segment that can be converted");
        }
        return heads;
    }

    /** The draft with these heads, in place of any that it has. */
    static DraftBundle into(DraftBundle draft, ConvertedHeads heads) {
        return heads == null ? draft : draft.withForms(GraphFormat.TFLITE, heads.segments());
    }

    /**
     * Runs the heads and keeps those before the first that changes more answers than was allowed and than its ONNX form does.
     *
     * @param heads of the draft; null: none
     * @param run over the draft, heads in ONNX
     * @param decided the draft's contract with its quality levels
     * @throws UnmetBudgetException if that leaves none
     */
    ConvertedHeads checked(
            SplitRequest request,
            EdgeChoice edge,
            ConvertedHeads heads,
            DraftRun run,
            Contract decided,
            Samples samples)
            throws IOException, EngineException, CodecException {
        if (heads == null || lite == null) {
            return heads;
        }
        List<HeadMeasurement> measured =
                new HeadCheck(run.bundle(), decided, run.roundTrip(), lite, options).measure(samples, progress);
        for (HeadMeasurement head : measured) {
            if (misses(head, request.maxDisagreement())) {
                String why = shortfall(head, decided, request.maxDisagreement());
                if (head.point() == 1) {
                    throw UnmetBudgetException.because(why, edge);
                }
                return heads.withMeasured(measured).until(head.point() - 1, why);
            }
        }
        return heads.withMeasured(measured);
    }

    /** A head in ONNX that differs more often than was allowed has passed on fewer inputs than these. */
    private static boolean misses(HeadMeasurement head, double maxDisagreement) {
        return Proportion.ofShare(head.agreement(), head.inputs())
                .misses(Math.max(maxDisagreement, 1 - head.onnxAgreement()));
    }

    private static String shortfall(HeadMeasurement head, Contract contract, double maxDisagreement) {
        return String.format(
                Locale.ROOT,
                "the TensorFlow Lite head of point %d agrees on %d of %d inputs (%s), that in ONNX on %d; expected %.1f %%",
                head.point(),
                Proportion.ofShare(head.agreement(), head.inputs()).count(),
                head.inputs(),
                Agreement.forOutputs(contract.outputsWithoutState()).label(),
                Proportion.ofShare(head.onnxAgreement(), head.inputs()).count(),
                (1 - maxDisagreement) * 100);
    }
}
