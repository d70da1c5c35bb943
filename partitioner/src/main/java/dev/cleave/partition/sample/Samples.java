package dev.cleave.partition.sample;

import java.util.List;

/** Inputs that may be read several times, in the same order; each is loaded when it is asked for, and then dropped. */
public interface Samples {
    int size();

    /** @throws SampleException naming the file, if it cannot be read or does not fit the model */
    Sample get(int index) throws SampleException;

    /** The same samples, kept in memory once loaded, as far as the budget goes. */
    default Samples cached(MemoryBudget budget) {
        return new CachedSamples(this, budget);
    }

    /** Some of the samples, by index, in that order. */
    default Samples only(List<Integer> indices) {
        Samples all = this;
        List<Integer> copy = List.copyOf(indices);
        return new Samples() {
            @Override
            public int size() {
                return copy.size();
            }

            @Override
            public Sample get(int index) throws SampleException {
                return all.get(copy.get(index));
            }
        };
    }

    static Samples of(List<Sample> samples) {
        List<Sample> copy = List.copyOf(samples);
        return new Samples() {
            @Override
            public int size() {
                return copy.size();
            }

            @Override
            public Sample get(int index) {
                return copy.get(index);
            }
        };
    }
}
