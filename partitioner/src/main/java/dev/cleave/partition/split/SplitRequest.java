package dev.cleave.partition.split;

import dev.cleave.partition.cut.StatePair;
import dev.cleave.partition.reduce.Reduction;
import dev.cleave.picture.Preprocessing;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What to make of a model. Immutable; made by {@link #of} and changed by the {@code with} methods.
 *
 * @param model file to cut
 * @param name under which a gateway will serve it
 * @param version of the model, free text
 * @param at the points as sets of tensors, or empty for {@code count} points chosen by the tool
 * @param count number of points where {@code at} is empty
 * @param labels of the classes of the first output, or empty
 * @param preprocessing of pictures, or null; its input may still be unnamed
 * @param reductions of large outputs
 * @param dims sizes of open dimensions, by symbolic name
 * @param wantedAgreement that the default quality level has to reach on the samples, 0..1
 * @param notBefore tensor before which nothing may leave the device, or null
 * @param state tensors that loop back from an output to an input; empty to have them found by their names
 */
public record SplitRequest(
        Path model,
        String name,
        String version,
        List<List<String>> at,
        int count,
        List<String> labels,
        Preprocessing preprocessing,
        List<Reduction> reductions,
        Map<String, Long> dims,
        double wantedAgreement,
        String notBefore,
        List<StatePair> state) {
    /** Points of a ladder that nobody asked to be longer. */
    public static final int DEFAULT_COUNT = 4;
    /** The default codec's promise on calibration inputs. */
    public static final double DEFAULT_AGREEMENT = 0.99;

    public SplitRequest {
        at = at.stream().map(List::copyOf).toList();
        labels = List.copyOf(labels);
        reductions = List.copyOf(reductions);
        dims = Map.copyOf(dims);
        state = List.copyOf(state);
    }

    /** Four points chosen by the tool, 99 % agreement, named after the file. */
    public static SplitRequest of(Path model) {
        String file = model.getFileName().toString();
        String name = file.endsWith(".onnx") ? file.substring(0, file.length() - ".onnx".length()) : file;
        return new SplitRequest(
                model,
                servable(name),
                "1",
                List.of(),
                DEFAULT_COUNT,
                List.of(),
                null,
                List.of(),
                Map.of(),
                DEFAULT_AGREEMENT,
                null,
                List.of());
    }

    public SplitRequest withName(String value) {
        return new SplitRequest(
                model,
                value,
                version,
                at,
                count,
                labels,
                preprocessing,
                reductions,
                dims,
                wantedAgreement,
                notBefore,
                state);
    }

    public SplitRequest withVersion(String value) {
        return new SplitRequest(
                model,
                name,
                value,
                at,
                count,
                labels,
                preprocessing,
                reductions,
                dims,
                wantedAgreement,
                notBefore,
                state);
    }

    public SplitRequest withAt(List<List<String>> value) {
        return new SplitRequest(
                model,
                name,
                version,
                value,
                count,
                labels,
                preprocessing,
                reductions,
                dims,
                wantedAgreement,
                notBefore,
                state);
    }

    public SplitRequest withCount(int value) {
        return new SplitRequest(
                model,
                name,
                version,
                at,
                value,
                labels,
                preprocessing,
                reductions,
                dims,
                wantedAgreement,
                notBefore,
                state);
    }

    public SplitRequest withLabels(List<String> value) {
        return new SplitRequest(
                model,
                name,
                version,
                at,
                count,
                value,
                preprocessing,
                reductions,
                dims,
                wantedAgreement,
                notBefore,
                state);
    }

    public SplitRequest withPreprocessing(Preprocessing value) {
        return new SplitRequest(
                model, name, version, at, count, labels, value, reductions, dims, wantedAgreement, notBefore, state);
    }

    public SplitRequest withReductions(List<Reduction> value) {
        return new SplitRequest(
                model, name, version, at, count, labels, preprocessing, value, dims, wantedAgreement, notBefore, state);
    }

    public SplitRequest withDims(Map<String, Long> value) {
        return new SplitRequest(
                model,
                name,
                version,
                at,
                count,
                labels,
                preprocessing,
                reductions,
                value,
                wantedAgreement,
                notBefore,
                state);
    }

    public SplitRequest withWantedAgreement(double value) {
        return new SplitRequest(
                model, name, version, at, count, labels, preprocessing, reductions, dims, value, notBefore, state);
    }

    public SplitRequest withNotBefore(String value) {
        return new SplitRequest(
                model,
                name,
                version,
                at,
                count,
                labels,
                preprocessing,
                reductions,
                dims,
                wantedAgreement,
                value,
                state);
    }

    public SplitRequest withState(List<StatePair> value) {
        return new SplitRequest(
                model,
                name,
                version,
                at,
                count,
                labels,
                preprocessing,
                reductions,
                dims,
                wantedAgreement,
                notBefore,
                value);
    }

    /**
     * The name itself if a model can be served under it; else one much like it that can: 1 to 128 characters of printable
     * ASCII without spaces, quotes or slashes, not starting with a dot.
     */
    public static String servable(String name) {
        String plain = name.replaceAll("[^!-~]|[\"'/\\\\]", "_").replaceFirst("^\\.+", "");
        return plain.isEmpty() ? "model" : plain.substring(0, Math.min(plain.length(), 128));
    }
}
