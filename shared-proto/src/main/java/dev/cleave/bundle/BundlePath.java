package dev.cleave.bundle;

import dev.cleave.engine.GraphFormat;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a graph or weights file lies in a bundle: {@code weights/<precision>.bin},
 * {@code graphs/<precision>/{segment-i,head-i,tail-i,whole}.onnx} or {@code graphs/<precision>/segment-i.tflite}.
 *
 * @param precision {@code fp32}, {@code fp16} or {@code int8}
 * @param index i of a segment, head or tail; 0 for the others
 * @param format of a graph; null for weights
 */
public record BundlePath(Kind kind, String precision, int index, GraphFormat format) {
    /** What the file is. */
    public enum Kind {
        WEIGHTS,
        SEGMENT,
        HEAD,
        TAIL,
        WHOLE
    }

    static final String CONTRACT = "contract.json";
    static final String MANIFEST = "manifest.json";
    static final String SIGNATURE = "signature.json";

    private static final Pattern WEIGHTS_FILE = Pattern.compile("weights/(fp32|fp16|int8)\\.bin");
    private static final Pattern GRAPH_FILE = Pattern.compile(
            "graphs/(fp32|fp16|int8)/(?:(segment|head|tail)-(0|[1-9][0-9]{0,3})|whole)\\.(onnx|tflite)");

    /**
     * The path of a precision's weights file. It is also the {@code location} by which graphs name that file in their
     * external data, so a graph loads from disk when it is put at the root of an unpacked bundle.
     */
    public static String weights(String precision) {
        return "weights/" + precision + ".bin";
    }

    /** The ONNX form of a graph: {@code segment-0}, {@code head-2}, {@code tail-1}, {@code whole}. */
    public static String graph(String precision, String graph) {
        return graph(precision, graph, GraphFormat.ONNX);
    }

    /** A graph in one of its forms; segments alone have others than ONNX. */
    public static String graph(String precision, String graph, GraphFormat format) {
        return "graphs/" + precision + "/" + graph + "." + format.extension();
    }

    /** Null if the text is no path of a bundle's file. */
    public static BundlePath parse(String path) {
        Matcher weights = WEIGHTS_FILE.matcher(path);
        if (weights.matches()) {
            return new BundlePath(Kind.WEIGHTS, weights.group(1), 0, null);
        }
        Matcher graph = GRAPH_FILE.matcher(path);
        if (!graph.matches()) {
            return null;
        }
        boolean isWhole = graph.group(2) == null;
        Kind kind = isWhole ? Kind.WHOLE : Kind.valueOf(graph.group(2).toUpperCase(Locale.ROOT));
        GraphFormat format = GraphFormat.fromExtension(graph.group(4));
        if (format != GraphFormat.ONNX && kind != Kind.SEGMENT) {
            return null;
        }
        return new BundlePath(kind, graph.group(1), isWhole ? 0 : Integer.parseInt(graph.group(3)), format);
    }

    /** Whether such a file can exist in a ladder of {@code splitPoints} points between CLOUD and LOCAL. */
    boolean fits(int splitPoints) {
        return kind == Kind.HEAD ? index >= 1 && index <= splitPoints + 1 : index <= splitPoints;
    }
}
