package dev.cleave.partition.reply;

import dev.cleave.answer.Agreement;
import dev.cleave.codec.CodecParams;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.calibrate.Shares;
import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.draft.DraftBundle;
import dev.cleave.partition.draft.DraftRun;
import dev.cleave.partition.draft.ModelTitle;
import dev.cleave.partition.draft.PictureInput;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.reply.ReplyChoice.Form;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.scratch.ScratchFolder;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides how each output of a model is coded on the way back: as asked for, else as halves where the unsplit model's outputs
 * and answers on the samples survive that, else raw. Samples that report ({@link Shares}) are not looked at. Without samples nothing
 * is known of the values, and all goes raw.
 *
 * <p>What loses more, {@code quant} and {@code topK}, is for whoever uses the outputs to ask for. Whatever is chosen, every
 * agreement that calibration and verification report is that of replies coded so.
 */
public final class ReplySurvey {
    private final ProbedModel probed;
    private final Preprocessing preprocessing;
    private final Engine engine;
    private final SessionOptions options;
    private final Progress progress;

    /**
     * @param probed the model
     * @param preprocessing of pictures, its input perhaps not named; or null
     * @param engine stays the caller's
     * @throws ModelException if the preprocessing does not fit the model
     */
    public ReplySurvey(
            ProbedModel probed, Preprocessing preprocessing, Engine engine, SessionOptions options, Progress progress)
            throws ModelException {
        this.probed = probed;
        this.preprocessing = PictureInput.bound(preprocessing, probed.inputs());
        this.engine = engine;
        this.options = options;
        this.progress = progress;
    }

    /** {@link #choose(List, Samples, Collection)} for a model without state. */
    public List<CodecParams> choose(List<ReplyChoice> asked, Samples samples) throws IOException, EngineException {
        return choose(asked, samples, List.of());
    }

    /**
     * Decides.
     *
     * @param asked for some outputs, or none
     * @param samples at least one, or null
     * @param state outputs that are no answers; raw unless asked for otherwise
     * @return one for each output of the model
     * @throws ModelException naming a choice that does not fit the model, or needs samples
     */
    public List<CodecParams> choose(List<ReplyChoice> asked, Samples samples, Collection<String> state)
            throws IOException, EngineException {
        Map<String, ReplyChoice> choices = byOutput(asked);
        Map<String, OutputValues> values = new LinkedHashMap<>();
        for (TensorSpec output : probed.outputs()) {
            ReplyChoice choice = choices.get(output.name());
            if (choice != null) {
                requireFitting(choice, output, samples != null);
            }
            boolean open = choice == null
                    ? output.type().bytes() > Short.BYTES && !state.contains(output.name())
                    : choice.form() == Form.QUANT;
            if (output.type().isFloating() && open && samples != null) {
                values.put(output.name(), new OutputValues());
            }
        }
        if (!values.isEmpty()) {
            List<TensorSpec> answers = probed.outputs().stream()
                    .filter(output -> !state.contains(output.name()))
                    .toList();
            observe(values, answers, Shares.unreported(samples));
        }
        List<CodecParams> replies = new ArrayList<>();
        for (TensorSpec output : probed.outputs()) {
            replies.add(params(choices.get(output.name()), values.get(output.name())));
        }
        return replies;
    }

    private Map<String, ReplyChoice> byOutput(List<ReplyChoice> asked) throws ModelException {
        List<String> outputs = probed.outputs().stream().map(TensorSpec::name).toList();
        Map<String, ReplyChoice> choices = new HashMap<>();
        for (ReplyChoice choice : asked) {
            if (!outputs.contains(choice.output())) {
                throw new ModelException(
                        "reply \"" + choice + "\": the model has no such output; expected one of " + outputs);
            }
            if (choices.put(choice.output(), choice) != null) {
                throw new ModelException("reply \"" + choice + "\": the output has two; expected one");
            }
        }
        return choices;
    }

    private static void requireFitting(ReplyChoice choice, TensorSpec output, boolean samples) throws ModelException {
        String expected = switch (choice.form()) {
            case RAW -> null;
            case TOP_K -> new CodecParams.TopK(choice.number()).misfit(output);
            case QUANT -> !output.type().isFloating() ? "raw" : samples ? null : "sample inputs, which tell the range";
            case FP16 -> output.type().isFloating() ? null : "raw";
        };
        if (expected != null) {
            throw new ModelException("reply \"" + choice + "\" for "
                    + output.type().jsonName() + output.shape() + "; expected " + expected);
        }
    }

    /** @param answers outputs that the model's answer is read from */
    private void observe(Map<String, OutputValues> values, List<TensorSpec> answers, Samples samples)
            throws IOException, EngineException {
        Agreement metric = Agreement.forOutputs(answers);
        progress.begin("outputs", samples.size());
        try (ScratchFolder scratch = ScratchFolder.create("cleave-replies");
                DraftRun run = draft(scratch).open(engine, options, scratch)) {
            for (int i = 0; i < samples.size(); i++) {
                Map<String, Tensor> outputs =
                        run.roundTrip().reference(samples.get(i).inputs());
                values.forEach((name, seen) -> {
                    seen.observe(outputs.get(name));
                    if (seen.valuesHold()) {
                        Map<String, Tensor> halved = new HashMap<>(outputs);
                        halved.put(name, OutputValues.halved(outputs.get(name)));
                        seen.answered(metric.agrees(answers, halved, outputs));
                    }
                });
                progress.step();
            }
        }
    }

    /** The uncut model. */
    private DraftBundle draft(ScratchFolder scratch) throws IOException {
        return DraftBundle.extract(
                ModelTitle.unnamed(),
                probed,
                preprocessing,
                List.of(),
                Ladder.of(List.of()),
                0,
                DraftBundle.rawReplies(probed),
                scratch.file("weights.bin"));
    }

    /** @param values null where there was no need to look */
    private static CodecParams params(ReplyChoice choice, OutputValues values) {
        if (choice == null) {
            return values != null && values.halvesHold() ? new CodecParams.Fp16() : new CodecParams.Raw();
        }
        return switch (choice.form()) {
            case RAW -> new CodecParams.Raw();
            case FP16 -> new CodecParams.Fp16();
            case TOP_K -> new CodecParams.TopK(choice.number());
            case QUANT -> quant(choice.number(), values);
        };
    }

    /** Of values that are never finite there is no range: they travel raw whatever it is. */
    private static CodecParams quant(int levels, OutputValues values) {
        float low = values.hasRange() ? values.low() : 0;
        float high = values.hasRange() ? values.high() : 0;
        return new CodecParams.Quant(levels, CodecParams.Quant.PER_TENSOR, new float[] {low}, new float[] {high});
    }
}
