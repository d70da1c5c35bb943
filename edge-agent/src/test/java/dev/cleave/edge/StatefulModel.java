package dev.cleave.edge;

import dev.cleave.bundle.Bundle;
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
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model of two split points for {@link FakeEngine} that sums up what it was ever given. Its state is made between the two points, so it
 * is the device's at point 2 alone.
 *
 * <pre>
 * segment-0  h = 2 x + 1
 * segment-1  next = h + memory,  g = 3 next
 * segment-2  y = g + 5                       so y = 3 (2 x + 1, of all frames so far) + 5
 * </pre>
 */
final class StatefulModel {
    static final int LOCAL = 3;
    private static final int WIDTH = 4;

    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private final Shape memory;

    private StatefulModel(Shape memory) {
        this.memory = memory;
        graph("segment-0", "input x float32 [?,4]", "output h float32 [?,4] = affine x 2 1", "cost 1000 100");
        graph(
                "segment-1",
                "input h float32 [?,4]",
                "input memory float32 [?,4]",
                "output next float32 [?,4] = sum h memory",
                "output g float32 [?,4] = affine next 3 0",
                "cost 1000 100");
        graph("segment-2", "input g float32 [?,4]", "output y float32 [?,4] = affine g 1 5", "cost 1000 100");
        graph("whole", "input x float32 [?,4]", "output y float32 [?,4] = copy x");
    }

    static StatefulModel summing() {
        return new StatefulModel(Shape.of(Shape.BATCH, WIDTH));
    }

    /** Nobody can tell how large its first state is. */
    static StatefulModel open() {
        return new StatefulModel(Shape.of(Shape.BATCH, Shape.DYNAMIC));
    }

    private void graph(String name, String... lines) {
        files.put(BundlePath.graph("fp32", name), FakeEngine.graph(name, lines).graph());
    }

    Bundle through(Path folder, int point) throws IOException {
        Path file = folder.resolve("stateful-" + memory.rank() + memory.isBatched() + point + ".cleave");
        BundleWriter writer = new BundleWriter(contract());
        files.forEach(writer::file);
        View view = point == LOCAL ? View.FULL : View.EDGE;
        writer.write(new Manifest(view, point, "test", Collections.emptyList()), file);
        return Bundle.open(file);
    }

    private Contract contract() {
        List<FileDigest> digests = new ArrayList<>();
        files.forEach((path, bytes) -> digests.add(FileDigest.of(path, bytes)));
        TensorSpec state = new TensorSpec("memory", ElementType.FLOAT32, memory);
        return new Contract(
                "stateful",
                "1",
                FileDigest.of("source", new byte[0]).sha256(),
                "fp32",
                "fp32",
                Arrays.asList(spec("x"), state),
                Arrays.asList(spec("y"), new TensorSpec("next", ElementType.FLOAT32, memory)),
                Arrays.asList(new CodecParams.Raw(), new CodecParams.Raw()),
                Collections.emptyList(),
                null,
                8,
                "",
                Arrays.asList(point(0, "x"), point(1, "h"), point(2, "g", "next")),
                Collections.singletonList(new StateTensor("memory", "next", StateTensor.Side.CLOUD)),
                0,
                digests,
                Collections.emptyList());
    }

    private static LadderPoint point(int index, String crossing, String... early) {
        List<CodecParams> raw = Collections.singletonList(new CodecParams.Raw());
        return new LadderPoint(
                index,
                Collections.singletonList(new BoundaryTensor(spec(crossing), null)),
                Arrays.asList(early),
                Arrays.asList(new QualityLevel("default", raw), new QualityLevel("raw", raw)));
    }

    private static TensorSpec spec(String name) {
        return new TensorSpec(name, ElementType.FLOAT32, Shape.of(Shape.BATCH, WIDTH));
    }

    static Map<String, Tensor> frame(int rows, float x) {
        float[] values = new float[rows * WIDTH];
        Arrays.fill(values, x);
        return Collections.singletonMap("x", Tensor.ofFloats(Shape.of(rows, WIDTH), values));
    }

    /** A frame and zeros as its state. */
    static Map<String, Tensor> wholeInput(float x) {
        Map<String, Tensor> inputs = new LinkedHashMap<>(frame(1, x));
        inputs.put("memory", Tensor.allocate(ElementType.FLOAT32, Shape.of(1, WIDTH)));
        return inputs;
    }

    /** {@code y} after frames of these values. */
    static float y(float... x) {
        float sum = 0;
        for (float value : x) {
            sum += 2 * value + 1;
        }
        return 3 * sum + 5;
    }
}
