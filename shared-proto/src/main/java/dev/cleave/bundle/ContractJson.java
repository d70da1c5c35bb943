package dev.cleave.bundle;

import dev.cleave.codec.BoundaryTensor;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Quantization;
import dev.cleave.codec.context.ContextModel;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * Reads {@code contract.json}. Keys come in the order in which {@link ContractWriter} writes them, {@code formatVersion}
 * first, so that a contract of another release is refused by its version before anything else.
 */
public final class ContractJson {
    private static final int MAX_NAME = ContractRules.MAX_NAME;
    private static final int MAX_LIST = ContractRules.MAX_LIST;

    private ContractJson() {}

    /**
     * Reads and checks a contract.
     *
     * @throws BundleException naming the key, the value and the expectation
     */
    public static Contract read(byte[] utf8) throws BundleException {
        Contract contract = StrictJson.read(BundlePath.CONTRACT, utf8, ContractJson::contract);
        ContractRules.check(contract);
        return contract;
    }

    /**
     * The contract's bytes: always the same for equal contracts, on every platform.
     *
     * @throws BundleException if {@link #read} would refuse them
     */
    public static byte[] write(Contract contract) throws BundleException {
        ContractRules.check(contract);
        return ContractWriter.write(contract);
    }

    private static Contract contract(StrictJson json) throws IOException {
        json.begin(
                "formatVersion",
                "modelName",
                "modelVersion",
                "sourceDigest",
                "precision",
                "edgePrecision",
                "inputs",
                "outputs",
                "replies",
                "labels",
                "preprocessing",
                "maxBatch",
                "batchReason",
                "points",
                "state",
                "privacyFloor",
                "files",
                "weightPrefixes");
        long version = json.whole("formatVersion");
        if (version != Contract.FORMAT_VERSION) {
            throw new BundleException(BundlePath.CONTRACT + ": format version " + version + "; this release reads "
                    + Contract.FORMAT_VERSION);
        }
        // Arguments are evaluated from left to right, which is the order of the keys.
        Contract contract = new Contract(
                json.text("modelName", MAX_NAME),
                json.text("modelVersion", MAX_NAME),
                json.text("sourceDigest", MAX_NAME),
                json.text("precision", MAX_NAME),
                json.text("edgePrecision", MAX_NAME),
                json.list("inputs", MAX_LIST, ContractJson::spec),
                json.list("outputs", MAX_LIST, ContractJson::spec),
                json.list("replies", MAX_LIST, ContractJson::codec),
                json.list("labels", ContractRules.MAX_LABELS, element -> element.text(MAX_NAME)),
                json.isNull("preprocessing") ? null : Preprocessing.read(json.object()),
                json.integer("maxBatch"),
                json.text("batchReason", MAX_NAME),
                json.list("points", MAX_LIST, ContractJson::point),
                json.list("state", MAX_LIST, ContractJson::state),
                json.integer("privacyFloor"),
                json.list("files", MAX_LIST, ContractJson::file),
                json.list("weightPrefixes", MAX_LIST, ContractJson::weightPrefix));
        json.end();
        return contract;
    }

    private static TensorSpec spec(StrictJson json) throws IOException {
        json.begin("name", "type", "shape");
        TensorSpec spec = specKeys(json);
        json.end();
        return spec;
    }

    private static TensorSpec specKeys(StrictJson json) throws IOException {
        return new TensorSpec(json.text("name", MAX_NAME), type(json), shape(json));
    }

    private static ElementType type(StrictJson json) throws IOException {
        String name = json.text("type", MAX_NAME);
        try {
            return ElementType.fromJsonName(name);
        } catch (IllegalArgumentException unknown) {
            throw json.wrong(BundleException.quote(name), "an element type: float32, uint8, ...");
        }
    }

    private static Shape shape(StrictJson json) throws IOException {
        List<Long> dims = json.list("shape", Shape.MAX_RANK, ContractJson::dimension);
        long[] values = new long[dims.size()];
        for (int axis = 0; axis < values.length; axis++) {
            values[axis] = dims.get(axis);
            if (values[axis] == Shape.BATCH && axis > 0) {
                throw json.wrong("a shape with \"N\" on axis " + axis, "\"N\" on axis 0 only");
            }
        }
        return Shape.of(values);
    }

    private static long dimension(StrictJson json) throws IOException {
        if (json.isText()) {
            String open = json.text(MAX_NAME);
            if (!open.equals("N") && !open.equals("?")) {
                throw json.wrong(BundleException.quote(open), "a size, \"N\" or \"?\"");
            }
            return open.equals("N") ? Shape.BATCH : Shape.DYNAMIC;
        }
        long size = json.whole();
        if (size < 0) {
            throw json.wrong(Long.toString(size), "a size, \"N\" or \"?\"");
        }
        return size;
    }

    private static LadderPoint point(StrictJson json) throws IOException {
        json.begin("index", "boundary", "earlyOutputs", "levels");
        LadderPoint point = new LadderPoint(
                json.integer("index"),
                json.list("boundary", MAX_LIST, ContractJson::boundaryTensor),
                json.list("earlyOutputs", MAX_LIST, element -> element.text(MAX_NAME)),
                json.list("levels", MAX_LIST, ContractJson::level));
        json.end();
        return point;
    }

    private static BoundaryTensor boundaryTensor(StrictJson json) throws IOException {
        json.begin("name", "type", "shape", "quantized");
        TensorSpec spec = specKeys(json);
        BoundaryTensor tensor = new BoundaryTensor(spec, json.isNull("quantized") ? null : quantization(json));
        json.end();
        return tensor;
    }

    private static Quantization quantization(StrictJson json) throws IOException {
        json.begin("type", "scale", "zeroPoint", "axis");
        ElementType type = type(json);
        List<Float> scale = json.list("scale", ContractRules.MAX_RANGES, StrictJson::real);
        List<Integer> zeroPoint = json.list("zeroPoint", ContractRules.MAX_RANGES, StrictJson::integer);
        Quantization quantization = new Quantization(type, scale, zeroPoint, json.integer("axis"));
        json.end();
        return quantization;
    }

    private static QualityLevel level(StrictJson json) throws IOException {
        json.begin("name", "codecs");
        QualityLevel level =
                new QualityLevel(json.text("name", MAX_NAME), json.list("codecs", MAX_LIST, ContractJson::codec));
        json.end();
        return level;
    }

    /** The keys of a codec depend on its first one, {@code codec}. */
    private static CodecParams codec(StrictJson json) throws IOException {
        json.begin("codec");
        String name = json.text("codec", MAX_NAME);
        CodecParams params;
        switch (name) {
            case "quant":
                params = quant(json);
                break;
            case "raw":
                params = new CodecParams.Raw();
                break;
            case "fp16":
                params = new CodecParams.Fp16();
                break;
            case "image":
                params = new CodecParams.Image();
                break;
            case "topK":
                params = topK(json);
                break;
            default:
                throw json.wrong(BundleException.quote(name), "raw, fp16, quant, image or topK");
        }
        json.end();
        return params;
    }

    private static CodecParams topK(StrictJson json) throws IOException {
        json.expectAlso("k");
        int k = json.integer("k");
        try {
            return new CodecParams.TopK(k);
        } catch (IllegalArgumentException refused) {
            throw new BundleException(BundlePath.CONTRACT + ": " + refused.getMessage());
        }
    }

    private static CodecParams quant(StrictJson json) throws IOException {
        json.expectAlso("levels", "axis", "low", "high");
        int levels = json.integer("levels");
        int axis = json.integer("axis");
        float[] low = floats(json, "low");
        float[] high = floats(json, "high");
        ContextModel context = null;
        if (json.hasKey()) {
            json.expectAlso("context");
            json.key("context");
            context = ContextModelJson.read(json);
        }
        try {
            return new CodecParams.Quant(levels, axis, low, high, context);
        } catch (IllegalArgumentException refused) {
            throw new BundleException(BundlePath.CONTRACT + ": " + refused.getMessage());
        }
    }

    private static float[] floats(StrictJson json, String key) throws IOException {
        List<Float> values = json.list(key, ContractRules.MAX_RANGES, StrictJson::real);
        float[] array = new float[values.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = values.get(i);
        }
        return array;
    }

    private static StateTensor state(StrictJson json) throws IOException {
        json.begin("input", "output", "side");
        StateTensor state = new StateTensor(json.text("input", MAX_NAME), json.text("output", MAX_NAME), side(json));
        json.end();
        return state;
    }

    private static StateTensor.Side side(StrictJson json) throws IOException {
        String name = json.text("side", MAX_NAME);
        for (StateTensor.Side side : StateTensor.Side.values()) {
            if (side.name().toLowerCase(Locale.ROOT).equals(name)) {
                return side;
            }
        }
        throw json.wrong(BundleException.quote(name), "edge or cloud");
    }

    private static FileDigest file(StrictJson json) throws IOException {
        json.begin("path", "size", "sha256");
        FileDigest file =
                new FileDigest(json.text("path", MAX_NAME), json.whole("size"), json.text("sha256", MAX_NAME));
        json.end();
        return file;
    }

    private static WeightPrefix weightPrefix(StrictJson json) throws IOException {
        json.begin("path", "point", "size", "sha256");
        WeightPrefix prefix = new WeightPrefix(
                json.text("path", MAX_NAME), json.integer("point"), json.whole("size"), json.text("sha256", MAX_NAME));
        json.end();
        return prefix;
    }
}
