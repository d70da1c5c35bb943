package dev.cleave.partition.split;

import dev.cleave.bundle.BoundaryTensor;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.FileDigest;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.bundle.StateTensor;
import dev.cleave.bundle.WeightPrefix;
import dev.cleave.bundle.WeightsDigester;
import dev.cleave.codec.CodecParams;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.cut.StatePair;
import dev.cleave.partition.extract.ExtractedModel;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.TensorFacts;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** All of a contract that is known before calibration; {@link #contract} adds the quality levels. */
final class ContractDraft {
    /** What the format allows; the gateway decides how many rows it joins. */
    private static final int MOST_ROWS = 1 << 16;

    private final SplitRequest request;
    private final ProbedModel probed;
    private final TensorFacts facts;
    private final Ladder ladder;
    private final Cut floor;
    private final List<StatePair> statePairs;
    private final ExtractedModel extracted;
    private final Preprocessing preprocessing;
    private final List<FileDigest> files = new ArrayList<>();
    private final List<WeightPrefix> prefixes;

    /** @param floor the privacy floor as a cut, or null */
    ContractDraft(
            SplitRequest request,
            ProbedModel probed,
            List<StatePair> statePairs,
            Ladder ladder,
            Cut floor,
            ExtractedModel extracted)
            throws IOException {
        this.request = request;
        this.probed = probed;
        this.facts = probed.facts();
        this.ladder = ladder;
        this.floor = floor;
        this.statePairs = statePairs;
        this.extracted = extracted;
        this.preprocessing = bound(request, inputs());
        extracted.graphs().forEach((name, bytes) -> files.add(FileDigest.of(path(extracted, name), bytes)));
        long[] sizes = extracted.prefixSizes();
        WeightsDigester weights = WeightsDigester.of(
                extracted.weightsLocation(), extracted.weights(), Arrays.copyOfRange(sizes, 1, sizes.length - 1));
        files.add(weights.file());
        prefixes = weights.prefixes();
    }

    static String path(ExtractedModel extracted, String graph) {
        return "graphs/" + extracted.precision() + "/" + graph + ".onnx";
    }

    /** Pictures feed the one input that a picture fits if the preprocessing names none. */
    private static Preprocessing bound(SplitRequest request, List<TensorSpec> inputs) throws ModelException {
        Preprocessing preprocessing = request.preprocessing();
        if (preprocessing == null) {
            return null;
        }
        String named = preprocessing.input();
        List<TensorSpec> fitting = inputs.stream()
                .filter(input -> named == null || named.isEmpty()
                        ? input.shape().rank() == 4
                        : input.name().equals(named))
                .toList();
        if (fitting.size() != 1) {
            String fed = named == null || named.isEmpty() ? "an input it does not name" : "input \"" + named + "\"";
            throw new ModelException("preprocessing feeds " + fed + ", and the model has " + inputs
                    + "; expected \"input\" to name one");
        }
        TensorSpec input = fitting.get(0);
        String misfit = preprocessing.misfit(input);
        if (misfit != null) {
            throw new ModelException("preprocessing does not fit the model: " + misfit);
        }
        return preprocessing.withInput(input.name());
    }

    List<TensorSpec> inputs() {
        return probed.inputs();
    }

    Preprocessing preprocessing() {
        return preprocessing;
    }

    int splitPoints() {
        return ladder.size();
    }

    /** Tensors of point 0..k; state never crosses. */
    List<TensorSpec> boundary(int point) {
        return point == 0
                ? crossingInputs()
                : specs(ladder.points().get(point - 1).boundary());
    }

    private List<TensorSpec> crossingInputs() {
        Set<String> state = new HashSet<>();
        statePairs.forEach(pair -> state.add(pair.input()));
        return inputs().stream().filter(input -> !state.contains(input.name())).toList();
    }

    /** How the inputs cross at CLOUD: pictures as pictures, all else as it is. */
    List<CodecParams> cloudParams() {
        List<CodecParams> params = new ArrayList<>();
        for (TensorSpec input : crossingInputs()) {
            boolean picture = preprocessing != null && preprocessing.input().equals(input.name());
            params.add(picture ? new CodecParams.Image() : new CodecParams.Raw());
        }
        return params;
    }

    /** @param levels of points 0..k */
    Contract contract(List<List<QualityLevel>> levels) throws ModelException {
        List<LadderPoint> points = new ArrayList<>();
        for (int point = 0; point <= ladder.size(); point++) {
            List<BoundaryTensor> boundary = boundary(point).stream()
                    .map(spec -> new BoundaryTensor(spec, null))
                    .toList();
            points.add(new LadderPoint(point, boundary, earlyOutputs(point), levels.get(point)));
        }
        return new Contract(
                request.name(),
                request.version(),
                probed.graph().model().sha256(),
                extracted.precision(),
                inputs(),
                probed.outputs(),
                request.labels(),
                preprocessing,
                probed.isBatched() ? MOST_ROWS : 1,
                probed.batchReason(),
                points,
                state(),
                privacyFloor(),
                files,
                prefixes);
    }

    private List<String> earlyOutputs(int point) {
        if (point > 0) {
            return ladder.points().get(point - 1).earlyOutputs();
        }
        return List.of();
    }

    /** State that a point keeps on one side is on the edge if its tensors are in the first head, else in the cloud. */
    private List<StateTensor> state() {
        List<StateTensor> state = new ArrayList<>();
        for (StatePair pair : statePairs) {
            boolean edge = !ladder.points().isEmpty()
                    && ladder.points().get(0).earlyOutputs().contains(pair.output());
            state.add(new StateTensor(
                    pair.input(), pair.output(), edge ? StateTensor.Side.EDGE : StateTensor.Side.CLOUD));
        }
        return state;
    }

    /** The first point whose head holds all that must stay on the device. */
    private int privacyFloor() throws ModelException {
        if (floor == null) {
            return 0;
        }
        for (int point = 1; point <= ladder.size(); point++) {
            if (floor.isWithin(ladder.points().get(point - 1))) {
                return point;
            }
        }
        throw new ModelException(
                "no point of the ladder is at or after \"" + request.notBefore() + "\"; expected one that may be used");
    }

    private List<TensorSpec> specs(Collection<String> names) {
        return names.stream().map(facts::spec).toList();
    }
}
