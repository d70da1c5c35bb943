package dev.cleave.bundle;

import dev.cleave.codec.BoundaryTensor;
import dev.cleave.codec.CodecParams;
import dev.cleave.tensor.TensorSpec;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What a contract must fulfil beyond its JSON form. One instance checks one contract. */
final class ContractRules {
    /** Longest name, label, path or reason, in characters. */
    static final int MAX_NAME = 4096;
    /** Most tensors, points, levels or files. */
    static final int MAX_LIST = 8192;
    /** Most labels: classes of an output. */
    static final int MAX_LABELS = 1 << 20;
    /** Most ranges or scales of one tensor: channels. */
    static final int MAX_RANGES = 1 << 16;
    /** Most points between CLOUD and LOCAL. */
    static final int MAX_SPLIT_POINTS = 1024;
    /** Most rows in a batch. */
    static final int MAX_BATCH = 1 << 16;

    private static final int MAX_MODEL_NAME = 128;

    private final Contract contract;
    private final Map<String, TensorSpec> specs = new HashMap<>();
    private final Map<String, BoundaryTensor> boundaries = new HashMap<>();

    private ContractRules(Contract contract) {
        this.contract = contract;
    }

    /** @throws BundleException naming what is wrong, its value and the expectation */
    static void check(Contract contract) throws BundleException {
        ContractRules rules = new ContractRules(contract);
        rules.checkNames();
        rules.checkModel();
        rules.checkPoints();
        rules.checkBatch();
        rules.checkState();
        ContractFileRules.check(contract);
    }

    static BundleException wrong(String thing, Object value, String expected) {
        return new BundleException(BundlePath.CONTRACT + ": " + thing + " is " + value + "; expected " + expected);
    }

    private void checkNames() throws BundleException {
        checkModelName("modelName", contract.modelName());
        checkModelName("modelVersion", contract.modelVersion());
        checkDigest("sourceDigest", contract.sourceDigest());
        String precision = contract.precision();
        if (BundlePath.parse(BundlePath.weights(precision)) == null) {
            throw wrong("precision", BundleException.quote(precision), "fp32, fp16 or int8");
        }
        String edge = contract.edgePrecision();
        if (!edge.equals(precision) && !edge.equals(Contract.INT8)) {
            throw wrong("edgePrecision", BundleException.quote(edge), precision + " or " + Contract.INT8);
        }
        for (String label : contract.labels()) {
            checkText("label", label);
        }
        if (contract.labels().size() > MAX_LABELS) {
            throw wrong("number of labels", contract.labels().size(), "at most " + MAX_LABELS);
        }
    }

    /** Model names appear in addresses and file names. */
    private static void checkModelName(String key, String name) throws BundleException {
        checkText(key, name);
        boolean safe = !name.isEmpty() && name.length() <= MAX_MODEL_NAME;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            safe &= c > ' ' && c < 0x7f && c != '/' && c != '\\' && c != '"';
        }
        if (!safe || name.startsWith(".")) {
            throw wrong(
                    key,
                    BundleException.quote(name),
                    "1 to " + MAX_MODEL_NAME
                            + " printable ASCII characters without space, quote or slash, not starting with a dot");
        }
    }

    static void checkDigest(String thing, String digest) throws BundleException {
        if (!Sha256.isHex(digest)) {
            throw wrong(thing, BundleException.quote(digest), "64 lower-case hex digits");
        }
    }

    /** Text that survives a trip through UTF-8. */
    private static void checkText(String thing, String text) throws BundleException {
        if (text.length() > MAX_NAME) {
            throw wrong(thing, "a text of " + text.length() + " characters", "at most " + MAX_NAME);
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (Character.isSurrogate(c) && !pair) {
                throw wrong(thing, BundleException.quote(text), "text without half characters");
            }
            i += pair ? 1 : 0;
        }
    }

    private void checkModel() throws BundleException {
        checkTensors("inputs", contract.inputs());
        checkTensors("outputs", contract.outputs());
        if (contract.outputs().isEmpty()) {
            throw wrong("number of outputs", 0, "at least 1");
        }
        checkReplies();
        String pictures = contract.preprocessing() == null
                ? null
                : contract.preprocessing().input();
        if (contract.preprocessing() != null && !names(contract.inputs()).contains(pictures)) {
            throw wrong(
                    "input of preprocessing",
                    pictures == null ? "not named" : BundleException.quote(pictures),
                    "one of the model's inputs");
        }
    }

    private void checkReplies() throws BundleException {
        List<CodecParams> replies = contract.replies();
        if (replies.size() != contract.outputs().size()) {
            throw wrong(
                    "number of replies",
                    replies.size(),
                    "one for each of " + contract.outputs().size() + " outputs");
        }
        for (int i = 0; i < replies.size(); i++) {
            TensorSpec spec = contract.outputs().get(i);
            String expected = CodecRules.replyMisfit(replies.get(i), spec);
            if (expected != null) {
                throw wrong("reply of " + CodecRules.named(spec), CodecRules.shown(replies.get(i)), expected);
            }
        }
    }

    /** Names are unique in their list, and a tensor is the same wherever it appears. */
    private void checkTensors(String list, List<TensorSpec> tensors) throws BundleException {
        checkSize(list, tensors.size(), MAX_LIST);
        Set<String> names = new HashSet<>();
        for (TensorSpec spec : tensors) {
            checkText("tensor name", spec.name());
            if (spec.name().isEmpty()) {
                throw wrong("a tensor name in " + list, "empty", "a name");
            }
            if (!names.add(spec.name())) {
                throw wrong("tensor " + BundleException.quote(spec.name()), "twice in " + list, "once");
            }
            TensorSpec known = specs.put(spec.name(), spec);
            if (known != null && !known.equals(spec)) {
                throw wrong(
                        "tensor " + BundleException.quote(spec.name()) + " in " + list,
                        spec.type().jsonName() + spec.shape(),
                        known.type().jsonName() + known.shape() + " as elsewhere");
            }
        }
    }

    /** Whoever goes on from one point to the next hands over the integers of the first. */
    private void checkForms(LadderPoint point) throws BundleException {
        for (BoundaryTensor tensor : point.boundary()) {
            String name = tensor.spec().name();
            BoundaryTensor known = boundaries.put(name, tensor);
            if (known != null && !Objects.equals(known.quantized(), tensor.quantized())) {
                throw wrong(
                        "quantized form of tensor " + BundleException.quote(name) + " at point " + point.index(),
                        "another than before",
                        "the same at every point");
            }
        }
    }

    private static void checkSize(String list, int size, int limit) throws BundleException {
        if (size > limit) {
            throw wrong("number of " + list, size, "at most " + limit);
        }
    }

    private void checkPoints() throws BundleException {
        List<LadderPoint> points = contract.points();
        if (points.isEmpty() || points.size() > MAX_SPLIT_POINTS + 1) {
            throw wrong("number of points", points.size(), "1 to " + (MAX_SPLIT_POINTS + 1));
        }
        for (int i = 0; i < points.size(); i++) {
            LadderPoint point = points.get(i);
            if (point.index() != i) {
                throw wrong("index of point " + i, point.index(), Integer.toString(i));
            }
            checkTensors("the boundary of point " + i, point.specs());
            if (i > 0 && point.boundary().isEmpty()) {
                throw wrong("the boundary of point " + i, "empty", "at least one tensor");
            }
            checkForms(point);
            checkEarlyOutputs(point, i == 0 ? null : points.get(i - 1));
            new LevelRules(contract, point).check();
        }
        if (contract.privacyFloor() < 0 || contract.privacyFloor() > contract.local()) {
            throw wrong("privacyFloor", contract.privacyFloor(), "0 to " + contract.local());
        }
        checkFirstPoint();
    }

    private void checkEarlyOutputs(LadderPoint point, LadderPoint previous) throws BundleException {
        String list = "earlyOutputs of point " + point.index();
        Set<String> outputs = names(contract.outputs());
        Set<String> early = new HashSet<>();
        for (String name : point.earlyOutputs()) {
            if (!outputs.contains(name) || !early.add(name)) {
                throw wrong(list, "with " + BundleException.quote(name), "names of outputs, once each");
            }
        }
        if (previous != null && !early.containsAll(previous.earlyOutputs())) {
            throw wrong(list, BundleException.quote(early.toString()), "those of the point before as well");
        }
    }

    /** What crosses at point 0 is what the model is fed; state stays where it is. */
    private void checkFirstPoint() throws BundleException {
        Set<String> states = new HashSet<>();
        for (StateTensor state : contract.state()) {
            states.add(state.input());
        }
        Set<String> fed = names(contract.inputs());
        fed.removeAll(states);
        Set<String> crossing = names(contract.points().get(0).specs());
        if (!fed.equals(crossing)) {
            throw wrong("the boundary of point 0", BundleException.quote(crossing.toString()), "the model's inputs");
        }
    }

    private void checkBatch() throws BundleException {
        int maxBatch = contract.maxBatch();
        if (maxBatch < 1 || maxBatch > MAX_BATCH) {
            throw wrong("maxBatch", maxBatch, "1 to " + MAX_BATCH);
        }
        checkText("batchReason", contract.batchReason());
        if (contract.batchReason().isEmpty() != maxBatch > 1) {
            throw wrong(
                    "batchReason",
                    BundleException.quote(contract.batchReason()),
                    maxBatch > 1 ? "none with maxBatch " + maxBatch : "a reason why maxBatch is 1");
        }
        boolean rows = false;
        for (TensorSpec spec : specs.values()) {
            rows |= spec.shape().isBatched();
            if (maxBatch == 1 && spec.shape().isBatched()) {
                throw wrong("tensor " + BundleException.quote(spec.name()), spec.shape(), "no N when maxBatch is 1");
            }
        }
        if (maxBatch > 1 && !rows) {
            throw wrong("maxBatch", maxBatch, "1 where no tensor has a dimension N");
        }
    }

    private void checkState() throws BundleException {
        checkSize("state", contract.state().size(), MAX_LIST);
        Set<String> inputs = names(contract.inputs());
        Set<String> outputs = names(contract.outputs());
        for (StateTensor state : contract.state()) {
            if (!inputs.remove(state.input()) || !outputs.remove(state.output())) {
                throw wrong(
                        "a state",
                        BundleException.quote(state.input()) + " from " + BundleException.quote(state.output()),
                        "an input and an output of the model, each once");
            }
            checkLoop(specs.get(state.input()), specs.get(state.output()));
        }
        if (outputs.isEmpty()) {
            throw wrong("number of outputs that are no state", 0, "at least 1");
        }
        checkStateStays();
    }

    /** What a run leaves is what the next one takes. */
    private static void checkLoop(TensorSpec input, TensorSpec output) throws BundleException {
        boolean same = input.type() == output.type() && input.shape().equals(output.shape());
        if (!same) {
            throw wrong(
                    "state " + BundleException.quote(output.name()),
                    output.type().jsonName() + output.shape(),
                    input.type().jsonName() + input.shape() + " as the input " + BundleException.quote(input.name())
                            + " that it becomes");
        }
    }

    private void checkStateStays() throws BundleException {
        for (LadderPoint point : contract.points()) {
            Set<String> crossing = names(point.specs());
            for (StateTensor state : contract.state()) {
                if (crossing.contains(state.input())) {
                    throw wrong(
                            "the boundary of point " + point.index(),
                            BundleException.quote(crossing.toString()),
                            "one without state " + BundleException.quote(state.input()) + ", which stays on its side");
                }
            }
        }
    }

    private static Set<String> names(List<TensorSpec> tensors) {
        Set<String> names = new HashSet<>();
        for (TensorSpec spec : tensors) {
            names.add(spec.name());
        }
        return names;
    }
}
