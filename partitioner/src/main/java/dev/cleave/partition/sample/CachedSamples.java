package dev.cleave.partition.sample;

/**
 * Samples that are kept once they were loaded, as far as a budget goes. They are read in the same order again and again,
 * so the first ones are kept for good: throwing out the one that was not used for longest would throw out each just
 * before it is needed.
 */
final class CachedSamples implements Samples {
    private final Samples source;
    private final MemoryBudget budget;
    private final Sample[] kept;

    CachedSamples(Samples source, MemoryBudget budget) {
        this.source = source;
        this.budget = budget;
        this.kept = new Sample[source.size()];
    }

    @Override
    public int size() {
        return kept.length;
    }

    @Override
    public Sample get(int index) throws SampleException {
        if (kept[index] != null) {
            return kept[index];
        }
        Sample sample = source.get(index);
        if (budget.take(bytes(sample))) {
            // The original may be many times as large, and nothing that reads samples twice wants it.
            kept[index] = new Sample(sample.name(), sample.inputs(), sample.picture());
        }
        return sample;
    }

    private static long bytes(Sample sample) {
        long picture = sample.picture() == null ? 0 : sample.picture().rgb().length;
        return picture + MemoryBudget.bytes(sample.inputs().values());
    }
}
