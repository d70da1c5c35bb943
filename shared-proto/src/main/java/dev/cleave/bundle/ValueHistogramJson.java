package dev.cleave.bundle;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The JSON form of a {@link ValueHistogram}. */
final class ValueHistogramJson {
    static final int MAX_EDGES = 256;

    private static final List<String> KEYS =
            Collections.unmodifiableList(Arrays.asList("edges", "counts", "zeros", "nonFinite", "mean", "deviation"));
    /** So that sums of counts stay whole as 64-bit floats, too. */
    private static final long MAX_COUNT = 1L << 53;

    private ValueHistogramJson() {}

    /** @throws BundleException naming the key, the value and the expectation */
    static ValueHistogram read(StrictJson json) throws IOException {
        return new Reading(json).histogram();
    }

    /** A number of things: 0 to 2^53. */
    static long count(StrictJson json) throws IOException {
        long value = json.whole();
        if (value < 0 || value > MAX_COUNT) {
            throw json.wrong(Long.toString(value), "0 to " + MAX_COUNT);
        }
        return value;
    }

    static void write(ValueHistogram histogram, JsonWriter json) throws IOException {
        json.beginObject();
        json.name("edges").beginArray();
        for (float edge : histogram.edges()) {
            json.jsonValue(DecimalText.of(edge));
        }
        json.endArray();
        json.name("counts").beginArray();
        for (long count : histogram.counts()) {
            json.value(count);
        }
        json.endArray();
        json.name("zeros").value(histogram.zeros());
        json.name("nonFinite").value(histogram.nonFinite());
        json.name("mean").jsonValue(DecimalText.of(histogram.mean()));
        json.name("deviation").jsonValue(DecimalText.of(histogram.deviation()));
        json.endObject();
    }

    /** The values read so far, by key. */
    private static final class Reading {
        private final StrictJson json;
        private List<Float> edges;
        private List<Long> counts;
        private long zeros;
        private long nonFinite;
        private double mean;
        private double deviation;
        private float edgeBefore = Float.NEGATIVE_INFINITY;

        Reading(StrictJson json) {
            this.json = json;
        }

        ValueHistogram histogram() throws IOException {
            json.lenient(KEYS, this::field);
            ValueHistogram histogram = new ValueHistogram(edges, counts, zeros, nonFinite, mean, deviation);
            long total = histogram.total();
            if (counts.size() != edges.size() + 1) {
                throw json.wrong("with " + edges.size() + " edges and " + counts.size() + " counts", "one more count");
            }
            if (total > MAX_COUNT || zeros > total) {
                throw json.wrong(
                        "with " + total + " counted and " + zeros + " zeros",
                        "at most " + MAX_COUNT + ", zeros included");
            }
            return histogram;
        }

        private void field(String key) throws IOException {
            switch (key) {
                case "edges":
                    edges = json.list(MAX_EDGES, element -> edge());
                    break;
                case "counts":
                    counts = json.list(MAX_EDGES + 1, ValueHistogramJson::count);
                    break;
                case "zeros":
                    zeros = count(json);
                    break;
                case "nonFinite":
                    nonFinite = count(json);
                    break;
                case "mean":
                    mean = json.real64();
                    break;
                default:
                    deviation = json.real64();
                    if (deviation < 0) {
                        throw json.wrong(DecimalText.of(deviation), "0 or more");
                    }
            }
        }

        private float edge() throws IOException {
            float edge = json.real();
            if (edge <= edgeBefore) {
                throw json.wrong(DecimalText.of(edge), "edges that rise");
            }
            edgeBefore = edge;
            return edge;
        }
    }
}
