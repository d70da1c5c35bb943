package dev.cleave.cli.agent;

import dev.cleave.answer.Values;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.events.Waterfall;
import dev.cleave.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One answer of {@code infer}: its JSON object, and its row for people.
 *
 * @param why the point was chosen, in one line
 * @param fallback why the device finished although the gateway was chosen, or null
 */
public record InferDocument(
        String input,
        String source,
        int splitPoint,
        Map<String, Output> outputs,
        double totalMillis,
        Waterfall waterfall,
        long wireBytes,
        int batchSize,
        boolean deadlineMet,
        String why,
        String fallback) {
    static final String[] HEADINGS = {
        "input", "source", "answer", "total", "head", "enc", "up*", "queue", "dec", "tail", "down*", "bytes", "batch"
    };

    /** Integer outputs up to this many elements are printed whole: labels, characters. */
    private static final int MOST_VALUES = 4096;

    /**
     * @param argmax index of the largest element
     * @param label of that class, or null
     * @param values all elements of a small integer output, or null
     */
    public record Output(List<Long> shape, int argmax, String label, List<Long> values) {}

    public static InferDocument of(String input, InferenceResult result) {
        Map<String, Output> outputs = new LinkedHashMap<>();
        for (Map.Entry<String, Tensor> output : result.outputs().entrySet()) {
            boolean first = outputs.isEmpty();
            String label = first && !result.labels().isEmpty() ? result.labels().get(0) : null;
            outputs.put(output.getKey(), output(output.getValue(), label));
        }
        return new InferDocument(
                input,
                result.source().name(),
                result.splitPoint(),
                outputs,
                result.waterfall().totalMillis(),
                result.waterfall(),
                result.wireBytes(),
                result.batchSize(),
                result.deadlineMet(),
                result.decision().why(),
                result.fallback() == null ? null : result.fallback().message());
    }

    private static Output output(Tensor tensor, String label) {
        List<Long> shape = new ArrayList<>();
        for (long dim : tensor.shape().dims()) {
            shape.add(dim);
        }
        return new Output(shape, Values.argmax(tensor), label, values(tensor));
    }

    private static List<Long> values(Tensor tensor) {
        if (tensor.type().isFloating() || tensor.elements() > MOST_VALUES) {
            return null;
        }
        ByteBuffer data = tensor.data();
        List<Long> values = new ArrayList<>();
        for (int i = 0; i < tensor.elements(); i++) {
            values.add((long) Values.get(tensor, data, i));
        }
        return values;
    }

    Object[] cells() {
        Output first = outputs.values().iterator().next();
        return new Object[] {
            input,
            source,
            first.label() != null ? first.label() : "#" + first.argmax(),
            millis(totalMillis),
            millis(waterfall.headMillis()),
            millis(waterfall.encodeMillis()),
            millis(waterfall.uplinkMillis()),
            millis(waterfall.queueMillis()),
            millis(waterfall.decodeMillis()),
            millis(waterfall.tailMillis()),
            millis(waterfall.downlinkMillis()),
            wireBytes,
            batchSize
        };
    }

    private static String millis(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
