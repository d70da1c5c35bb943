package dev.cleave.partition.draft;

import dev.cleave.bundle.BundlePath;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.FileDigest;
import dev.cleave.bundle.WeightPrefix;
import dev.cleave.bundle.WeightsDigester;
import dev.cleave.engine.GraphFormat;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.WeightsRegion;
import dev.cleave.partition.extract.ExtractedModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The graphs and weights of a draft, and their digests. Immutable; weights lie in files that are the caller's. */
final class DraftFiles {
    /** The first one's precision defines the answers. */
    private final List<ExtractedModel> extracted;
    /** Segments in further forms, by path. */
    private final Map<String, byte[]> forms;
    /** Of {@link #extracted} alone: weights are large, and digested once. */
    private final List<FileDigest> digests;

    private final List<WeightPrefix> prefixes;

    private DraftFiles(
            List<ExtractedModel> extracted,
            Map<String, byte[]> forms,
            List<FileDigest> digests,
            List<WeightPrefix> prefixes) {
        this.extracted = extracted;
        this.forms = forms;
        this.digests = digests;
        this.prefixes = prefixes;
    }

    /** @param model whose precision defines the answers */
    static DraftFiles of(ExtractedModel model) throws IOException {
        return new DraftFiles(List.of(), Map.of(), List.of(), List.of()).with(model);
    }

    /** These and those of a further precision. */
    DraftFiles with(ExtractedModel further) throws IOException {
        List<ExtractedModel> all = new ArrayList<>(extracted);
        all.add(further);
        List<FileDigest> digested = new ArrayList<>(digests);
        further.graphs().forEach((name, bytes) -> digested.add(FileDigest.of(path(further, name), bytes)));
        long[] sizes = further.prefixSizes();
        WeightsDigester weights = WeightsDigester.of(
                further.weightsLocation(), further.weights(), Arrays.copyOfRange(sizes, 1, sizes.length - 1));
        digested.add(weights.file());
        List<WeightPrefix> prefixed = new ArrayList<>(prefixes);
        prefixed.addAll(weights.prefixes());
        return new DraftFiles(all, forms, digested, prefixed);
    }

    /** These, and a precision's first segments in a further form, which replace those that there were. */
    DraftFiles withForms(String precision, GraphFormat format, List<byte[]> segments) {
        Map<String, byte[]> paths = new LinkedHashMap<>();
        for (int i = 0; i < segments.size(); i++) {
            paths.put(BundlePath.graph(precision, "segment-" + i, format), segments.get(i));
        }
        return new DraftFiles(extracted, paths, digests, prefixes);
    }

    private static String path(ExtractedModel of, String graph) {
        return BundlePath.graph(of.precision(), graph);
    }

    /** Of the graphs that define the answers. */
    String precision() {
        return extracted.get(0).precision();
    }

    /** A graph in ONNX, its weights in the file that they were extracted to. */
    GraphSource graph(String precision, String graph) {
        for (ExtractedModel each : extracted) {
            if (each.precision().equals(precision)) {
                WeightsRegion weights = new WeightsRegion(each.weights(), 0, each.weightsBytes());
                return new GraphSource(graph, each.graphs().get(graph), Map.of(each.weightsLocation(), weights));
            }
        }
        throw new IllegalArgumentException("no graphs of precision " + precision + " in this draft");
    }

    /** Size of all files in bytes. */
    long bytes() {
        return extracted.stream().mapToLong(ExtractedModel::bytes).sum()
                + forms.values().stream().mapToLong(form -> form.length).sum();
    }

    /** Of all files. */
    List<FileDigest> digests() {
        List<FileDigest> all = new ArrayList<>(digests);
        forms.forEach((path, bytes) -> all.add(FileDigest.of(path, bytes)));
        return all;
    }

    List<WeightPrefix> prefixes() {
        return prefixes;
    }

    /** Gives a writer all files. */
    void addTo(BundleWriter writer) {
        for (ExtractedModel each : extracted) {
            each.graphs().forEach((name, bytes) -> writer.file(path(each, name), bytes));
            writer.file(each.weightsLocation(), each.weights());
        }
        forms.forEach(writer::file);
    }
}
