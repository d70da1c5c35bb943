package dev.cleave.partition.calibrate;

import dev.cleave.bundle.Contract;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.CodecParams.Quant;
import dev.cleave.codec.Entropy;
import dev.cleave.codec.Quantizer;
import dev.cleave.engine.EngineException;
import dev.cleave.partition.answer.Agreement;
import dev.cleave.partition.context.ContextTrainer;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Measures what one way of coding a point's boundary costs, and how often the answers stay the same.
 *
 * <p>Answers are compared on all inputs. Bytes are means over every second input; on the others, the context models are
 * learned, so that a model that knows its inputs by heart does not look good. Where contexts code the second half in fewer
 * bytes than zstd does, the result's parameters have them.
 */
final class Probe {
    /** Contexts are not learned from fewer inputs than half of these. */
    private static final int MIN_INPUTS = 8;

    private final Contract contract;
    private final RoundTrip roundTrip;
    private final int point;
    private final Boundaries boundaries;
    private final List<Map<String, Tensor>> expected;
    private final Map<String, Integer> channelAxes;
    private final Agreement metric;
    private final Progress progress;
    private final float[] block = new float[Quantizer.BLOCK];

    /**
     * @param expected outputs of the unsplit model, by sample
     * @param channelAxes of the tensors that may be quantised
     */
    Probe(
            Contract contract,
            RoundTrip roundTrip,
            int point,
            Boundaries boundaries,
            List<Map<String, Tensor>> expected,
            Map<String, Integer> channelAxes,
            Progress progress) {
        this.contract = contract;
        this.roundTrip = roundTrip;
        this.point = point;
        this.boundaries = boundaries;
        this.expected = expected;
        this.channelAxes = channelAxes;
        this.metric = Agreement.forOutputs(contract.outputs());
        this.progress = progress;
    }

    /**
     * What was measured.
     *
     * @param params those that were asked for, with context models if these pay
     */
    record Result(List<CodecParams> params, CodecCurve.Level level) {}

    /** Number of inputs that answers are compared on. */
    int inputs() {
        return expected.size();
    }

    Result measure(List<CodecParams> params) throws EngineException, SampleException, CodecException {
        Run run = new Run(params);
        boolean halves = expected.size() >= MIN_INPUTS;
        for (int i = 0; halves && i < expected.size(); i += 2) {
            run.learn(i);
        }
        run.finishLearning();
        for (int i = halves ? 1 : 0; i < expected.size(); i += halves ? 2 : 1) {
            run.weigh(i);
        }
        return run.result();
    }

    /** One measurement; its methods are called in their order. */
    private final class Run {
        private final List<CodecParams> params;
        private final ActivationCodec codec;
        /** By tensor; null where a tensor is not quantised. */
        private final List<ContextTrainer> trainers = new ArrayList<>();

        private List<CodecParams> contextParams;
        private ActivationCodec contextCodec;
        private int agreeing;
        private int weighed;
        private long bytes;
        private long contextBytes;

        Run(List<CodecParams> params) {
            this.params = params;
            codec = roundTrip.codec(point, params, Entropy.ZSTD);
            List<TensorSpec> specs = contract.points().get(point).specs();
            for (int i = 0; i < params.size(); i++) {
                trainers.add(
                        params.get(i) instanceof Quant quant
                                ? new ContextTrainer(
                                        channelAxes.get(specs.get(i).name()), quant.levels())
                                : null);
            }
        }

        void learn(int input) throws EngineException, SampleException, CodecException {
            Map<String, Tensor> live = boundaries.at(point, input);
            compare(input, live, codec.encode(live, Map.of()));
            Map<String, Tensor> floats = roundTrip.floats(point, live);
            List<TensorSpec> specs = contract.points().get(point).specs();
            for (int i = 0; i < trainers.size(); i++) {
                if (trainers.get(i) != null) {
                    learn(
                            trainers.get(i),
                            specs.get(i),
                            (Quant) params.get(i),
                            floats.get(specs.get(i).name()));
                }
            }
        }

        private void learn(ContextTrainer trainer, TensorSpec spec, Quant quant, Tensor tensor) {
            byte[] symbols = new byte[tensor.elements()];
            if (new Quantizer(spec, quant).quantize(tensor, symbols, block)) {
                trainer.observe(symbols, tensor.shape());
            }
        }

        void finishLearning() {
            List<CodecParams> learned = new ArrayList<>(params);
            for (int i = 0; i < learned.size(); i++) {
                if (trainers.get(i) != null) {
                    learned.set(
                            i,
                            ((Quant) params.get(i)).withContext(trainers.get(i).model()));
                }
            }
            contextParams = learned;
            contextCodec = roundTrip.codec(point, learned, Entropy.ZSTD);
        }

        void weigh(int input) throws EngineException, SampleException, CodecException {
            Map<String, Tensor> live = boundaries.at(point, input);
            ByteBuffer payload = codec.encode(live, Map.of());
            bytes += payload.remaining();
            contextBytes += contextCodec.encode(live, Map.of()).remaining();
            weighed++;
            compare(input, live, payload);
        }

        private void compare(int input, Map<String, Tensor> live, ByteBuffer payload)
                throws EngineException, CodecException {
            Map<String, Tensor> outputs = roundTrip.tail(point, roundTrip.decode(point, codec, payload), live);
            if (metric.agrees(contract.outputs(), outputs, expected.get(input))) {
                agreeing++;
            }
            progress.step();
        }

        Result result() {
            boolean contexts = contextBytes < bytes;
            List<CodecParams> best = contexts ? contextParams : params;
            return new Result(
                    best,
                    new CodecCurve.Level(
                            CodecLabel.of(best),
                            (double) (contexts ? contextBytes : bytes) / weighed,
                            (double) agreeing / expected.size()));
        }
    }
}
