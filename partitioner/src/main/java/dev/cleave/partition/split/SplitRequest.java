package dev.cleave.partition.split;

import dev.cleave.partition.cut.StatePair;
import dev.cleave.partition.edge.EdgeChoice;
import dev.cleave.partition.edge.EdgeMode;
import dev.cleave.partition.reduce.Reduction;
import dev.cleave.partition.reply.ReplyChoice;
import dev.cleave.picture.Preprocessing;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What to make of a model. Immutable; made by {@link #of}, and the {@code with} methods make variants. */
public final class SplitRequest {
    /** Points of a ladder that nobody asked to be longer. */
    public static final int DEFAULT_COUNT = 4;
    /** The default codec's promise on calibration inputs. */
    public static final double DEFAULT_AGREEMENT = 0.99;
    /** The share of inputs that may get another answer, of which integers alone may use half. */
    public static final double DEFAULT_DISAGREEMENT = 0.02;

    private final Path model;
    private String name;
    private String version = "1";
    private List<List<String>> at = List.of();
    private int count = DEFAULT_COUNT;
    private boolean planned;
    private List<String> labels = List.of();
    private Preprocessing preprocessing;
    private List<Reduction> reductions = List.of();
    private Map<String, Long> dims = Map.of();
    private double wantedAgreement = DEFAULT_AGREEMENT;
    private EdgeMode edgeMode = EdgeMode.NEVER;
    private EdgeChoice edgeChoice;
    private double maxDisagreement = DEFAULT_DISAGREEMENT;
    private String notBefore;
    private List<StatePair> state = List.of();
    private List<ReplyChoice> replies = List.of();
    private boolean halfTails;
    private boolean tfLite;

    private SplitRequest(Path model) {
        this.model = model;
    }

    /** Four narrow points chosen by the tool, 99 % agreement, named after the file. */
    public static SplitRequest of(Path model) {
        String file = model.getFileName().toString();
        SplitRequest request = new SplitRequest(model);
        request.name = servable(file.endsWith(".onnx") ? file.substring(0, file.length() - ".onnx".length()) : file);
        return request;
    }

    private SplitRequest with(Consumer<SplitRequest> change) {
        SplitRequest copy = new SplitRequest(model);
        copy.name = name;
        copy.version = version;
        copy.at = at;
        copy.count = count;
        copy.planned = planned;
        copy.labels = labels;
        copy.preprocessing = preprocessing;
        copy.reductions = reductions;
        copy.dims = dims;
        copy.wantedAgreement = wantedAgreement;
        copy.edgeMode = edgeMode;
        copy.edgeChoice = edgeChoice;
        copy.maxDisagreement = maxDisagreement;
        copy.notBefore = notBefore;
        copy.state = state;
        copy.replies = replies;
        copy.halfTails = halfTails;
        copy.tfLite = tfLite;
        change.accept(copy);
        return copy;
    }

    /** File to cut. */
    public Path model() {
        return model;
    }

    /** Under which a gateway will serve it. */
    public String name() {
        return name;
    }

    /** Of the model, free text. */
    public String version() {
        return version;
    }

    /** The points as sets of tensors, or empty for {@link #count} points chosen by the tool. */
    public List<List<String>> at() {
        return at;
    }

    /** Number of points where {@link #at} is empty. */
    public int count() {
        return count;
    }

    /** Whether the machine is measured: where {@link #at} is empty the plan chooses the points, else the narrowest cuts are taken;
     * the plan's table goes into the manifest. */
    public boolean planned() {
        return planned;
    }

    /** Of the classes of the first output, or empty. */
    public List<String> labels() {
        return labels;
    }

    /** Of pictures, or null; its input may still be unnamed. */
    public Preprocessing preprocessing() {
        return preprocessing;
    }

    /** Of large outputs. */
    public List<Reduction> reductions() {
        return reductions;
    }

    /** Sizes of open dimensions, by symbolic name. */
    public Map<String, Long> dims() {
        return dims;
    }

    /** That the default quality level has to reach on the samples that choose it, 0..1; others may differ twice as often. */
    public double wantedAgreement() {
        return wantedAgreement;
    }

    /** Whether devices are to run integers. */
    public EdgeMode edgeMode() {
        return edgeMode;
    }

    /** What devices are to run, if that was decided before, whatever {@link #edgeMode} says; or null. */
    public EdgeChoice edgeChoice() {
        return edgeChoice;
    }

    /** Share of inputs that may get another answer, of which a model in integers may use half. */
    public double maxDisagreement() {
        return maxDisagreement;
    }

    /** Tensor before which nothing may leave the device, or null. */
    public String notBefore() {
        return notBefore;
    }

    /** Tensors that loop back from an output to an input; empty to have them found by their names. */
    public List<StatePair> state() {
        return state;
    }

    /** How some outputs are to be coded on the way back; the others as samples allow. */
    public List<ReplyChoice> replies() {
        return replies;
    }

    /** Whether the tails are made in 16-bit floats, too. */
    public boolean halfTails() {
        return halfTails;
    }

    /** Whether what devices run is made for TensorFlow Lite, too. */
    public boolean tfLite() {
        return tfLite;
    }

    public SplitRequest withName(String value) {
        return with(copy -> copy.name = value);
    }

    public SplitRequest withVersion(String value) {
        return with(copy -> copy.version = value);
    }

    public SplitRequest withAt(List<List<String>> value) {
        return with(copy -> copy.at = value.stream().map(List::copyOf).toList());
    }

    public SplitRequest withCount(int value) {
        return with(copy -> copy.count = value);
    }

    public SplitRequest withPlanned(boolean value) {
        return with(copy -> copy.planned = value);
    }

    public SplitRequest withLabels(List<String> value) {
        return with(copy -> copy.labels = List.copyOf(value));
    }

    public SplitRequest withPreprocessing(Preprocessing value) {
        return with(copy -> copy.preprocessing = value);
    }

    public SplitRequest withReductions(List<Reduction> value) {
        return with(copy -> copy.reductions = List.copyOf(value));
    }

    public SplitRequest withDims(Map<String, Long> value) {
        return with(copy -> copy.dims = Map.copyOf(value));
    }

    public SplitRequest withWantedAgreement(double value) {
        return with(copy -> copy.wantedAgreement = value);
    }

    public SplitRequest withEdgeMode(EdgeMode value) {
        return with(copy -> copy.edgeMode = value);
    }

    /** @param value for this very model, as planning decided; or null */
    public SplitRequest withEdgeChoice(EdgeChoice value) {
        return with(copy -> copy.edgeChoice = value);
    }

    public SplitRequest withMaxDisagreement(double value) {
        return with(copy -> copy.maxDisagreement = value);
    }

    public SplitRequest withNotBefore(String value) {
        return with(copy -> copy.notBefore = value);
    }

    public SplitRequest withState(List<StatePair> value) {
        return with(copy -> copy.state = List.copyOf(value));
    }

    public SplitRequest withReplies(List<ReplyChoice> value) {
        return with(copy -> copy.replies = List.copyOf(value));
    }

    public SplitRequest withHalfTails(boolean value) {
        return with(copy -> copy.halfTails = value);
    }

    public SplitRequest withTfLite(boolean value) {
        return with(copy -> copy.tfLite = value);
    }

    /**
     * The name itself if a model can be served under it; else one much like it that can: 1 to 128 characters of printable
     * ASCII without spaces, quotes or slashes, not starting with a dot.
     */
    public static String servable(String name) {
        String plain = name.replaceAll("[^!-~]|[\"'/\\\\]", "_").replaceFirst("^\\.+", "");
        return plain.isEmpty() ? "model" : plain.substring(0, Math.min(plain.length(), 128));
    }
}
