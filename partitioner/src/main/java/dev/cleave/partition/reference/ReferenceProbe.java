package dev.cleave.partition.reference;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.bundle.Reference;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Entropy;
import dev.cleave.engine.EngineException;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.roundtrip.PictureForm;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts what a gateway would see of sample inputs: at each point the boundary coded at the default quality level and
 * decoded again, at CLOUD pictures as pixels; and the answers of the unsplit model. One pass over the samples.
 */
public final class ReferenceProbe {
    /** That the format holds; further tensors, those of the last points, are left out. */
    private static final int MOST_TENSORS = 4096;

    private final Contract contract;
    private final RoundTrip roundTrip;
    private final List<Coded> points = new ArrayList<>();
    private final Map<String, ValueCounts> outputs = new LinkedHashMap<>();
    private final ClassCounts classes;

    /** One point's codec and what was counted behind it, by tensor. */
    private record Coded(int point, List<CodecParams> params, ActivationCodec codec, Map<String, ValueCounts> counts) {}

    /** @param contract the final one: its default quality levels are used */
    public ReferenceProbe(Contract contract, RoundTrip roundTrip) {
        this.contract = contract;
        this.roundTrip = roundTrip;
        int room = MOST_TENSORS;
        for (LadderPoint point : contract.points()) {
            room -= point.boundary().size();
            if (room >= 0) {
                points.add(coded(point));
            }
        }
        contract.outputsWithoutState().forEach(output -> outputs.put(output.name(), new ValueCounts()));
        this.classes = ClassCounts.forOutputs(contract.outputsWithoutState());
    }

    private Coded coded(LadderPoint point) {
        List<CodecParams> params = point.levels().get(0).codecs();
        Map<String, ValueCounts> counts = new LinkedHashMap<>();
        point.specs().forEach(spec -> counts.put(spec.name(), new ValueCounts()));
        return new Coded(point.index(), params, roundTrip.codec(point.index(), params, Entropy.NONE), counts);
    }

    /** What the samples look like. */
    public Reference measure(Samples samples, Progress progress) throws IOException, EngineException, CodecException {
        progress.begin("reference histograms", samples.size());
        for (int i = 0; i < samples.size(); i++) {
            add(samples.get(i));
            progress.step();
        }
        return reference(samples.size());
    }

    private void add(Sample sample) throws IOException, EngineException, CodecException {
        Map<String, Tensor> live = sample.inputs();
        int at = 0;
        for (Coded coded : points) {
            live = roundTrip.advance(at, coded.point(), live);
            at = coded.point();
            Map<String, Tensor> decoded = roundTrip.decode(
                    at,
                    coded.codec(),
                    roundTrip.encode(at, coded.codec(), coded.params(), live, sample, PictureForm.RGB8));
            coded.counts().forEach((tensor, counts) -> counts.add(decoded.get(tensor)));
        }
        Map<String, Tensor> answers = roundTrip.reference(sample.inputs());
        outputs.forEach((tensor, counts) -> counts.add(answers.get(tensor)));
        if (classes != null) {
            classes.add(answers.get(contract.outputsWithoutState().get(0).name()));
        }
    }

    private Reference reference(int inputs) {
        List<Reference.Boundary> boundaries = new ArrayList<>();
        for (Coded coded : points) {
            for (TensorSpec spec : contract.points().get(coded.point()).specs()) {
                boundaries.add(new Reference.Boundary(
                        coded.point(),
                        spec.name(),
                        coded.counts().get(spec.name()).histogram()));
            }
        }
        List<Reference.Output> answers = new ArrayList<>();
        outputs.forEach((tensor, counts) -> answers.add(new Reference.Output(tensor, counts.histogram())));
        return new Reference(inputs, boundaries, answers, classes == null ? null : classes.classes());
    }
}
