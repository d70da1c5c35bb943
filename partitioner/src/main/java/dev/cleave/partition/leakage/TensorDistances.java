package dev.cleave.partition.leakage;

import dev.cleave.partition.sample.MemoryBudget;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.partition.sample.Samples;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Euclidean distances between samples of several tensors taken as one long vector. Owns copies of the samples until it
 * is closed; distances stay. One thread.
 *
 * <p>Every tensor counts the same, whatever its unit and its size: its squared distances are divided by their mean over
 * all pairs before they are added up. So a mask of zeros and -3.4e38 does not drown the activations beside it, nor do
 * they drown the few integers that are the input itself. A tensor that is the same in every sample adds nothing.
 *
 * <p>Elements are compared as 32-bit floats, infinities as the largest of these, NaN as zero. Samples of different sizes
 * are compared as if the shorter were filled up with zeros.
 */
public final class TensorDistances implements AutoCloseable {
    /** Samples of which distances are taken; pairs grow with the square. */
    public static final int MOST_SAMPLES = 64;

    private final List<String> names;
    private final MemoryBudget budget;
    /** By sample, then by tensor. */
    private final List<List<FlatTensor>> kept = new ArrayList<>();
    /** By tensor, then by sample and sample. */
    private final List<double[][]> squares = new ArrayList<>();

    private long taken;
    private int samples;
    private boolean full;

    /**
     * @param tensors that make up a sample
     * @param budget what the copies of samples are taken from; with less of it there are fewer samples
     */
    public TensorDistances(List<TensorSpec> tensors, MemoryBudget budget) {
        this.names = tensors.stream().map(TensorSpec::name).toList();
        this.budget = budget;
        for (int tensor = 0; tensor < names.size(); tensor++) {
            squares.add(new double[MOST_SAMPLES][MOST_SAMPLES]);
        }
    }

    /** Distances between the inputs of the first samples, as many as are of use; closed. */
    public static TensorDistances ofInputs(Samples samples, List<TensorSpec> inputs, MemoryBudget budget)
            throws SampleException {
        try (TensorDistances distances = new TensorDistances(inputs, budget)) {
            boolean room = true;
            for (int i = 0; room && i < samples.size(); i++) {
                room = distances.add(samples.get(i).inputs());
            }
            return distances;
        }
    }

    /**
     * Adds the next sample.
     *
     * @param tensors by name; others than those of this vector are allowed beside them
     * @return false if it was not added: there are {@link #MOST_SAMPLES}, or there is no memory for more. Once false, always
     *     false, so that what is there is always the first samples.
     */
    public boolean add(Map<String, Tensor> tensors) {
        long bytes = 0;
        for (String name : names) {
            bytes += (long) tensors.get(name).elements() * Float.BYTES;
        }
        full |= samples == MOST_SAMPLES || !budget.take(bytes);
        if (full) {
            return false;
        }
        taken += bytes;
        List<FlatTensor> sample =
                names.stream().map(name -> FlatTensor.of(tensors.get(name))).toList();
        for (int other = 0; other < samples; other++) {
            for (int tensor = 0; tensor < names.size(); tensor++) {
                double square =
                        sample.get(tensor).squaredDistance(kept.get(other).get(tensor));
                squares.get(tensor)[samples][other] = square;
                squares.get(tensor)[other][samples] = square;
            }
        }
        kept.add(sample);
        samples++;
        return true;
    }

    /** Number of samples added. */
    public int samples() {
        return samples;
    }

    /**
     * Distances between the first {@code count} samples.
     *
     * @throws IllegalArgumentException if there are fewer
     */
    public double[][] matrix(int count) {
        if (count > samples) {
            throw new IllegalArgumentException("distances of " + count + " samples; there are " + samples);
        }
        double[][] distances = new double[count][count];
        for (double[][] ofTensor : squares) {
            double mean = mean(ofTensor, count);
            for (int i = 0; mean > 0 && i < count; i++) {
                for (int j = 0; j < count; j++) {
                    distances[i][j] += ofTensor[i][j] / mean;
                }
            }
        }
        for (double[] row : distances) {
            for (int j = 0; j < count; j++) {
                row[j] = Math.sqrt(row[j]);
            }
        }
        return distances;
    }

    private static double mean(double[][] squares, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < count; j++) {
                sum += squares[i][j];
            }
        }
        return sum / Math.max(1, (double) count * (count - 1));
    }

    /** Lets go of the samples and gives their memory back; no more can be added. */
    @Override
    public void close() {
        full = true;
        kept.clear();
        budget.give(taken);
        taken = 0;
    }
}
