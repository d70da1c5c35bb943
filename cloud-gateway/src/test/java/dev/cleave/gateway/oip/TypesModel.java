package dev.cleave.gateway.oip;

import dev.cleave.bundle.BundlePath;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.FileDigest;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.bundle.Manifest;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.bundle.StateTensor;
import dev.cleave.bundle.View;
import dev.cleave.codec.BoundaryTensor;
import dev.cleave.codec.CodecParams;
import dev.cleave.engine.FakeEngine;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * A model called {@code types} that gives back what it takes: for each element type an input {@code in_TYPE} and an output {@code out_TYPE} of shape {@code [N,?]}.
 * It has no split point.
 */
public final class TypesModel {
    private TypesModel() {}

    public static String in(ElementType type) {
        return "in_" + Datatype.of(type);
    }

    public static String out(ElementType type) {
        return "out_" + Datatype.of(type);
    }

    /** @param types of which it has an input and an output */
    public static void write(Path directory, ElementType... types) throws IOException {
        write(directory, false, types);
    }

    /** With floats, and a state {@code memory} that is kept after point 0. */
    public static void writeWithState(Path directory) throws IOException {
        write(directory, true, ElementType.FLOAT32);
    }

    private static void write(Path directory, boolean stateful, ElementType... types) throws IOException {
        Shape shape = Shape.of(Shape.BATCH, Shape.DYNAMIC);
        List<TensorSpec> inputs = Arrays.stream(types)
                .map(type -> new TensorSpec(in(type), type, shape))
                .toList();
        List<TensorSpec> outputs = Arrays.stream(types)
                .map(type -> new TensorSpec(out(type), type, shape))
                .toList();
        List<String> lines = new ArrayList<>();
        for (ElementType type : types) {
            lines.add("input " + in(type) + " " + type.jsonName() + " [?,?]");
        }
        for (ElementType type : types) {
            lines.add("output " + out(type) + " " + type.jsonName() + " [?,?] = copy " + in(type));
        }
        List<BoundaryTensor> boundary =
                inputs.stream().map(spec -> new BoundaryTensor(spec, null)).toList();
        List<CodecParams> levels = Collections.nCopies(types.length, new CodecParams.Raw());
        if (stateful) {
            lines.add("input memory float32 [?,4]");
            lines.add("output next float32 [?,4] = affine memory 1 1");
            inputs = with(inputs, new TensorSpec("memory", ElementType.FLOAT32, Shape.of(Shape.BATCH, 4)));
            outputs = with(outputs, new TensorSpec("next", ElementType.FLOAT32, Shape.of(Shape.BATCH, 4)));
        }
        Map<String, byte[]> files = Map.of(
                BundlePath.graph("fp32", "segment-0"),
                FakeEngine.graph("segment-0", lines.toArray(new String[0])).graph(),
                BundlePath.graph("fp32", "whole"),
                FakeEngine.graph("whole", lines.toArray(new String[0])).graph());
        List<CodecParams> raw = Collections.nCopies(outputs.size(), new CodecParams.Raw());
        List<FileDigest> digests = new ArrayList<>();
        files.forEach((path, bytes) -> digests.add(FileDigest.of(path, bytes)));
        Contract contract = new Contract(
                "types",
                "1",
                FileDigest.of("source", new byte[0]).sha256(),
                "fp32",
                "fp32",
                inputs,
                outputs,
                raw,
                List.of(),
                null,
                8,
                "",
                List.of(new LadderPoint(
                        0,
                        boundary,
                        List.of(),
                        List.of(
                                new QualityLevel(QualityLevel.DEFAULT, levels),
                                new QualityLevel(QualityLevel.RAW, levels)))),
                stateful ? List.of(new StateTensor("memory", "next", StateTensor.Side.CLOUD)) : List.of(),
                0,
                digests,
                List.of());
        BundleWriter writer = new BundleWriter(contract);
        files.forEach(writer::file);
        writer.write(new Manifest(View.FULL, 1, "test", List.of()), directory.resolve("types.cleave"));
    }

    private static List<TensorSpec> with(List<TensorSpec> specs, TensorSpec another) {
        List<TensorSpec> more = new ArrayList<>(specs);
        more.add(another);
        return more;
    }
}
