package dev.cleave.partition.survey;

import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Entropy;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.calibrate.ChannelRanges;
import dev.cleave.partition.extract.CutGraphs;
import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * About how many bytes every single tensor of a model would be on the wire: enough to tell which cuts are worth a survey,
 * and too rough for anything else.
 *
 * <p>One sample is run with all tensors as outputs, and each tensor goes through the codec at a middling number of
 * levels. How many levels its answers need is not known yet; it may double or halve the bytes, and the size and
 * the emptiness of a tensor change them by a thousand.
 */
public final class WireSketch {
    /** In the middle of what calibration finds for trained networks, 12 to 64. */
    private static final int LEVELS = 24;

    /** Tensors are made in groups of about this size. */
    private static final long GROUP_BYTES = 256L << 20;

    private final ProbedModel model;
    private final Map<String, Double> bytes = new LinkedHashMap<>();
    private final boolean quantised;

    private WireSketch(ProbedModel model, boolean quantised) {
        this.model = model;
        this.quantised = quantised;
    }

    /**
     * Bytes of every carrier that may cross a cut, by name.
     *
     * @param samples of which the first is run; or null: then floats count as halves, as {@code split} sends them
     * @param preprocessing bound, or null; not used where samples are given
     */
    public static Map<String, Double> of(
            ProbedModel model,
            CutGraphs graphs,
            Preprocessing preprocessing,
            Engine engine,
            SessionOptions options,
            Samples samples)
            throws IOException, EngineException {
        WireSketch sketch = new WireSketch(model, samples != null);
        Samples given = samples == null ? RandomProbes.of(model, preprocessing) : samples;
        Map<String, Tensor> inputs = given.get(0).inputs();
        inputs.forEach(sketch::weigh);
        for (List<String> group : sketch.groups()) {
            try (Session session = engine.load(graphs.source(graphs.making(group)), options)) {
                Map<String, Tensor> read = new LinkedHashMap<>();
                session.inputs().forEach(spec -> read.put(spec.name(), inputs.get(spec.name())));
                session.run(read).forEach(sketch::weigh);
            }
        }
        return sketch.bytes;
    }

    private List<List<String>> groups() {
        Dataflow flow = model.flow();
        List<List<String>> groups = new ArrayList<>();
        long room = 0;
        for (String carrier : flow.carriers()) {
            if (flow.producer(flow.carrier(carrier)) < 0 || model.facts().spec(carrier) == null) {
                continue;
            }
            if (groups.isEmpty() || room < model.facts().bytes(carrier)) {
                groups.add(new ArrayList<>());
                room = GROUP_BYTES;
            }
            room -= model.facts().bytes(carrier);
            groups.get(groups.size() - 1).add(carrier);
        }
        return groups;
    }

    private void weigh(String name, Tensor tensor) {
        TensorSpec spec = model.facts().spec(name);
        ActivationCodec codec =
                new ActivationCodec(List.of(spec), List.of(params(spec, tensor)), Entropy.ZSTD, null, null);
        bytes.put(name, (double) codec.encode(Map.of(name, tensor), Map.of()).remaining());
    }

    private CodecParams params(TensorSpec spec, Tensor tensor) {
        if (!spec.type().isFloating()) {
            return new CodecParams.Raw();
        }
        if (!quantised) {
            return new CodecParams.Fp16();
        }
        ChannelRanges ranges = new ChannelRanges(spec);
        ranges.observe(tensor);
        return ranges.observed() == 0 ? new CodecParams.Raw() : ranges.quant(LEVELS, ranges.channelAxis());
    }
}
