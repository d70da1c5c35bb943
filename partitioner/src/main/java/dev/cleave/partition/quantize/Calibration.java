package dev.cleave.partition.quantize;

import dev.cleave.engine.EngineException;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.partition.sample.Samples;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Tensor;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The values that tensors of a float model have on sample inputs: histograms, and means by channel; one pass over the samples. */
final class Calibration {
    private final Map<String, Histogram> histograms = new HashMap<>();

    private final Map<String, ChannelMeans> means = new HashMap<>();

    private Calibration(Collection<String> tensors) {
        for (String name : tensors) {
            histograms.put(name, new Histogram());
            means.put(name, new ChannelMeans());
        }
    }

    /**
     * Runs a model that has these tensors as inputs or outputs.
     *
     * @param indices of the samples that ranges are found from
     */
    static Calibration run(
            Runner model, Collection<String> tensors, Samples samples, List<Integer> indices, Progress progress)
            throws SampleException, EngineException {
        Calibration calibration = new Calibration(tensors);
        progress.begin("ranges", indices.size());
        for (int index : indices) {
            Sample sample = samples.get(index);
            Map<String, Tensor> made = model.run(sample);
            calibration.add(sample.inputs());
            calibration.add(made);
            model.recycle(made);
            progress.step();
        }
        return calibration;
    }

    /** The mean of each channel of a tensor; empty if nothing was seen of it. */
    float[] means(String tensor) {
        return means.get(tensor).means();
    }

    /** The largest magnitude of each channel of a tensor; empty if nothing was seen of it. */
    float[] sizes(String tensor) {
        return means.containsKey(tensor) ? means.get(tensor).sizes() : new float[0];
    }

    private void add(Map<String, Tensor> tensors) {
        tensors.forEach((name, tensor) -> {
            if (histograms.containsKey(name) && tensor.type() == ElementType.FLOAT32) {
                histograms.get(name).add(tensor);
                means.get(name).add(tensor);
            }
        });
    }

    /** The range of every tensor. */
    Map<String, Range> ranges(RangeMethod method) {
        Map<String, Range> ranges = new LinkedHashMap<>();
        histograms.forEach((name, values) -> ranges.put(name, values.isEmpty() ? values.all() : method.of(values)));
        return ranges;
    }
}
