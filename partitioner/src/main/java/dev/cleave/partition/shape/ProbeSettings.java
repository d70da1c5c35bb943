package dev.cleave.partition.shape;

import dev.cleave.tensor.Tensor;
import java.time.Duration;
import java.util.Map;

/**
 * How to feed a model that is to be looked into.
 *
 * @param seed of random inputs
 * @param dims sizes of open dimensions by their symbolic name, or {@code INPUT:AXIS} where they have none
 * @param samples a real tensor for some or all inputs; values of random inputs are then drawn from it
 * @param runLimit after which a run is given up
 */
public record ProbeSettings(long seed, Map<String, Long> dims, Map<String, Tensor> samples, Duration runLimit) {
    public ProbeSettings {
        dims = Map.copyOf(dims);
        samples = Map.copyOf(samples);
    }

    /** Seed 0, every open dimension 1, no samples, one minute a run. */
    public static ProbeSettings defaults() {
        return new ProbeSettings(0, Map.of(), Map.of(), Duration.ofMinutes(1));
    }

    public ProbeSettings withSeed(long value) {
        return new ProbeSettings(value, dims, samples, runLimit);
    }

    public ProbeSettings withDims(Map<String, Long> value) {
        return new ProbeSettings(seed, value, samples, runLimit);
    }

    public ProbeSettings withSamples(Map<String, Tensor> value) {
        return new ProbeSettings(seed, dims, value, runLimit);
    }

    public ProbeSettings withRunLimit(Duration value) {
        return new ProbeSettings(seed, dims, samples, value);
    }
}
