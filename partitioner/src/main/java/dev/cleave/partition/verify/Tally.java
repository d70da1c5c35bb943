package dev.cleave.partition.verify;

import dev.cleave.answer.Agreement;
import dev.cleave.answer.Proportion;
import dev.cleave.answer.Values;
import dev.cleave.answer.Values.Difference;
import dev.cleave.bundle.Contract;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.Arrays;
import java.util.Map;

/** Adds up how one way of running the model did over all inputs. */
final class Tally {
    private final Contract contract;
    private final Agreement metric;
    private final double[] bytes;
    private final double[] encodeMillis;
    private final double[] decodeMillis;
    private int count;
    private int agreeing;
    private int labelled;
    private int correct;
    private double elements;
    private double replyBytes;
    private double maxAbsError;
    private double maxRelError;

    Tally(Contract contract, Agreement metric, int inputs) {
        this.contract = contract;
        this.metric = metric;
        bytes = new double[inputs];
        encodeMillis = new double[inputs];
        decodeMillis = new double[inputs];
    }

    /** @param label the right class, or null */
    void answer(Map<String, Tensor> outputs, Map<String, Tensor> expected, Integer label) {
        if (metric.agrees(contract.outputsWithoutState(), outputs, expected)) {
            agreeing++;
        }
        for (TensorSpec output : contract.outputsWithoutState()) {
            Difference difference = Values.difference(outputs.get(output.name()), expected.get(output.name()));
            maxAbsError = Math.max(maxAbsError, difference.maxAbs());
            maxRelError = Math.max(maxRelError, difference.relative());
        }
        if (label != null) {
            labelled++;
            correct += predictedClass(outputs) == label ? 1 : 0;
        }
        count++;
    }

    /** Call before {@link #answer}, for the same input. */
    void wire(int payloadBytes, long boundaryElements, long encodeNanos, long decodeNanos) {
        bytes[count] = payloadBytes;
        elements += boundaryElements;
        encodeMillis[count] = encodeNanos / 1e6;
        decodeMillis[count] = decodeNanos / 1e6;
    }

    /** Call for each input that is answered by a reply. */
    void reply(int payloadBytes) {
        replyBytes += payloadBytes;
    }

    private int predictedClass(Map<String, Tensor> outputs) {
        Tensor first = outputs.get(contract.outputsWithoutState().get(0).name());
        return first.type().isFloating() ? Values.argmax(first) : (int) Values.get(first, first.data(), 0);
    }

    Proportion agreeing() {
        return new Proportion(agreeing, count);
    }

    /** Of those that have a label. */
    Proportion correct() {
        return new Proportion(correct, labelled);
    }

    double bytesMean() {
        return Arrays.stream(bytes).average().orElse(0);
    }

    /**
     * @param name of the quality level
     * @param codec label
     */
    VerifyReport.Level level(String name, String codec) {
        return new VerifyReport.Level(
                name,
                codec,
                elements / count,
                bytesMean(),
                percentile(bytes, 0.95),
                replyBytes / count,
                agreeing(),
                correct(),
                maxAbsError,
                maxRelError,
                percentile(encodeMillis, 0.5),
                percentile(decodeMillis, 0.5));
    }

    /** Nearest-rank percentile. */
    static double percentile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }
}
