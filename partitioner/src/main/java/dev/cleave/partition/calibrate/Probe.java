package dev.cleave.partition.calibrate;

import dev.cleave.answer.Agreement;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.Manifest.PointMeasurement;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.CodecParams.Quant;
import dev.cleave.codec.Entropy;
import dev.cleave.codec.Quantizer;
import dev.cleave.engine.EngineException;
import dev.cleave.partition.context.ContextTrainer;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.roundtrip.CarriedState;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Measures what one way of coding a point's boundary costs, and how often the answers stay the same.
 *
 * <p>Context models are learned on one share of the inputs, and bytes weighed and answers compared on another, so that a model that
 * knows its inputs by heart does not look good. Where contexts take fewer bytes than zstd does, the result's parameters
 * have them.
 *
 * <p>Inputs of a model with state are frames of one stream. What the tail keeps is then carried through all of them as this way of coding makes it, so
 * that the losses of earlier frames count in the answers to later ones.
 */
final class Probe {
    /** Contexts are not learned from fewer inputs: what the smallest shares that are kept apart give. Whether they pay is measured on others. */
    private static final int FEWEST_LEARNED = 3;

    private final Contract contract;
    private final RoundTrip roundTrip;
    private final int point;
    private final Boundaries boundaries;
    private final Expected expected;
    private final Shares shares;
    private final Map<String, Integer> channelAxes;
    private final Agreement metric;
    private final Progress progress;
    private final float[] block = new float[Quantizer.BLOCK];

    /** @param channelAxes of the tensors that may be quantised */
    Probe(
            Contract contract,
            RoundTrip roundTrip,
            int point,
            Boundaries boundaries,
            Expected expected,
            Shares shares,
            Map<String, Integer> channelAxes,
            Progress progress) {
        this.contract = contract;
        this.roundTrip = roundTrip;
        this.point = point;
        this.boundaries = boundaries;
        this.expected = expected;
        this.shares = shares;
        this.channelAxes = channelAxes;
        this.metric = Agreement.forOutputs(contract.outputsWithoutState());
        this.progress = progress;
    }

    /**
     * What was measured.
     *
     * @param params those that were asked for, with context models if these pay
     */
    record Result(List<CodecParams> params, CodecCurve.Level level) {}

    /** On the inputs that choose. */
    Result measure(List<CodecParams> params) throws EngineException, SampleException, CodecException {
        List<CodecParams> learned = withContexts(params);
        List<Integer> weighed = shares.weighed();
        ActivationCodec plain = roundTrip.codec(point, params, Entropy.ZSTD);
        ActivationCodec contexts = roundTrip.codec(point, learned, Entropy.ZSTD);
        double bytes = 0;
        double contextBytes = 0;
        int agreeing = 0;
        for (Answered answered : answer(shares.choose(), plain)) {
            if (weighed.contains(answered.input)) {
                bytes += answered.bytes;
                contextBytes += contexts.encode(boundaries.at(point, answered.input), Map.of())
                        .remaining();
            }
            agreeing += answered.agrees ? 1 : 0;
        }
        List<CodecParams> best = contextBytes < bytes ? learned : params;
        return new Result(
                best,
                new CodecCurve.Level(
                        CodecLabel.of(best),
                        Math.min(bytes, contextBytes) / weighed.size(),
                        (double) agreeing / shares.choose().size()));
    }

    /** The same parameters if there are too few inputs to learn from. */
    private List<CodecParams> withContexts(List<CodecParams> params) throws EngineException, SampleException {
        if (shares.learn().size() < FEWEST_LEARNED) {
            return params;
        }
        List<TensorSpec> specs = contract.points().get(point).specs();
        Map<Integer, ContextTrainer> trainers = new LinkedHashMap<>();
        for (int i = 0; i < params.size(); i++) {
            if (params.get(i) instanceof Quant quant) {
                trainers.put(i, new ContextTrainer(channelAxes.get(specs.get(i).name()), quant.levels()));
            }
        }
        for (int input : trainers.isEmpty() ? List.<Integer>of() : shares.learn()) {
            Map<String, Tensor> live = boundaries.at(point, input);
            Map<String, Tensor> floats = roundTrip.floats(point, live);
            trainers.forEach((i, trainer) -> learn(trainer, specs.get(i), (Quant) params.get(i), floats));
        }
        List<CodecParams> learned = new ArrayList<>(params);
        trainers.forEach((i, trainer) -> learned.set(i, ((Quant) params.get(i)).withContext(trainer.model())));
        return learned;
    }

    private void learn(ContextTrainer trainer, TensorSpec spec, Quant quant, Map<String, Tensor> live) {
        Tensor tensor = live.get(spec.name());
        byte[] symbols = new byte[tensor.elements()];
        if (new Quantizer(spec, quant).quantize(tensor, symbols, block)) {
            trainer.observe(symbols, tensor.shape());
        }
    }

    /** How an input was answered. */
    private record Answered(int input, int bytes, long elements, boolean agrees) {}

    /** Codes some inputs and answers them; those between them are run, too, where they leave state to others. */
    private List<Answered> answer(List<Integer> wanted, ActivationCodec codec)
            throws EngineException, SampleException, CodecException {
        CarriedState state = new CarriedState(contract, contract.stateAfter(point));
        Set<Integer> counted = new HashSet<>(wanted);
        List<Answered> answers = new ArrayList<>();
        for (int input : state.isEmpty() ? wanted : upTo(Collections.max(wanted))) {
            Map<String, Tensor> live = state.with(boundaries.at(point, input));
            ByteBuffer payload = codec.encode(live, Map.of());
            Map<String, Tensor> boundary = roundTrip.decode(point, codec, payload);
            Map<String, Tensor> made = roundTrip.tail(point, boundary, live);
            state.keep(made);
            if (counted.contains(input)) {
                Map<String, Tensor> outputs = roundTrip.received(point, roundTrip.reply(point, made), live);
                boolean agrees = metric.agrees(contract.outputsWithoutState(), outputs, expected.of(input));
                long elements =
                        boundary.values().stream().mapToLong(Tensor::elements).sum();
                answers.add(new Answered(input, payload.remaining(), elements, agrees));
                progress.step();
            }
        }
        return answers;
    }

    private static List<Integer> upTo(int last) {
        return IntStream.rangeClosed(0, last).boxed().toList();
    }

    /** On the inputs that had no part in choosing. */
    PointMeasurement report(String level, List<CodecParams> params)
            throws EngineException, SampleException, CodecException {
        ActivationCodec codec = roundTrip.codec(point, params, Entropy.ZSTD);
        double bytes = 0;
        double elements = 0;
        int agreeing = 0;
        for (Answered answered : answer(shares.report(), codec)) {
            bytes += answered.bytes;
            elements += answered.elements;
            agreeing += answered.agrees ? 1 : 0;
        }
        int count = shares.report().size();
        return new PointMeasurement(point, level, bytes / count, elements / count, (double) agreeing / count, count);
    }
}
