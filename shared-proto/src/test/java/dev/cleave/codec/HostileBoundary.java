package dev.cleave.codec;

import dev.cleave.codec.context.SampleModels;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A boundary that has every codec and kind of dimension, and what a receiver does with bytes from anywhere. */
final class HostileBoundary {
    private static final List<TensorSpec> SPECS = List.of(
            new TensorSpec("image", ElementType.FLOAT32, Shape.of(Shape.BATCH, 3, Shape.DYNAMIC, Shape.DYNAMIC)),
            new TensorSpec("quant", ElementType.FLOAT32, Shape.of(Shape.BATCH, 4, Shape.DYNAMIC)),
            new TensorSpec("fp16", ElementType.FLOAT64, Shape.of(Shape.DYNAMIC)),
            new TensorSpec("topK", ElementType.FLOAT16, Shape.of(Shape.BATCH, Shape.DYNAMIC, 300)),
            new TensorSpec("bool", ElementType.BOOL, Shape.of(Shape.BATCH, Shape.DYNAMIC)),
            new TensorSpec("scalar", ElementType.INT32, Shape.of()));
    private static final List<CodecParams> PARAMS = List.of(
            new CodecParams.Image(),
            new CodecParams.Quant(6, 1, new float[4], new float[] {6, 6, 0, 6}, SampleModels.smooth(1, 4, 6)),
            new CodecParams.Fp16(),
            new CodecParams.TopK(7),
            new CodecParams.Raw(),
            new CodecParams.Raw());

    private static final BoundaryReference HELD = held();

    private HostileBoundary() {}

    private static ActivationCodec codec(Entropy entropy) {
        Preprocessing preprocessing = Preprocessing.named("unit").withInput("image");
        return new ActivationCodec(SPECS, PARAMS, entropy, preprocessing, new FakePictureCodec());
    }

    /**
     * Valid payloads: pictures and raw in place of pictures, plain and compressed, one with symbols coded by contexts, and one with
     * symbols coded against {@link #held}.
     */
    static List<byte[]> seeds() throws Exception {
        Map<String, Tensor> tensors = new HashMap<>();
        tensors.put("image", SampleTensors.relu(ElementType.FLOAT32, Shape.of(3, 3, 4, 6), 1, 1));
        tensors.put("quant", SampleTensors.relu(ElementType.FLOAT32, Shape.of(3, 4, 50), 6, 2));
        tensors.put("fp16", SampleTensors.relu(ElementType.FLOAT64, Shape.of(40), 6, 3));
        tensors.put("topK", SampleTensors.relu(ElementType.FLOAT16, Shape.of(3, 2, 300), 9, 5));
        tensors.put("bool", SampleTensors.bits(ElementType.BOOL, Shape.of(3, 200), 4));
        tensors.put("scalar", Tensor.ofInts(Shape.of(), 5));
        List<byte[]> seeds = new ArrayList<>();
        for (Entropy entropy : Entropy.values()) {
            seeds.add(SampleTensors.bytes(codec(entropy).encode(tensors, Map.of("image", ImageCodecTest.rows()))));
            seeds.add(SampleTensors.bytes(codec(entropy).encode(tensors, Map.of())));
        }
        tensors.put("quant", expected());
        seeds.add(SampleTensors.bytes(codec(Entropy.NONE).encode(tensors, Map.of())));
        tensors.put("quant", SampleTensors.relu(ElementType.FLOAT32, Shape.of(3, 4, 50), 6, 2));
        seeds.add(SampleTensors.bytes(codec(Entropy.NONE)
                .encode(tensors, Map.of(), held(), codec(Entropy.NONE).tuning(0))
                .payload()));
        return seeds;
    }

    /** What the receiver holds: the boundary of the first seeds, but for a few places. */
    private static BoundaryReference held() {
        Map<String, Tensor> tensors = new HashMap<>();
        Tensor quant = SampleTensors.relu(ElementType.FLOAT32, Shape.of(3, 4, 50), 6, 2);
        for (int i = 0; i < quant.elements(); i += 37) {
            SampleTensors.set(quant, i, 2);
        }
        tensors.put("image", SampleTensors.relu(ElementType.FLOAT32, Shape.of(3, 3, 4, 6), 1, 1));
        tensors.put("quant", quant);
        tensors.put("fp16", SampleTensors.relu(ElementType.FLOAT64, Shape.of(40), 6, 3));
        tensors.put("topK", SampleTensors.relu(ElementType.FLOAT16, Shape.of(3, 2, 300), 9, 5));
        tensors.put("bool", SampleTensors.bits(ElementType.BOOL, Shape.of(3, 200), 4));
        tensors.put("scalar", Tensor.ofInts(Shape.of(), 5));
        ActivationCodec codec = codec(Entropy.NONE);
        return codec.encode(tensors, Map.of(), null, codec.tuning(0)).reference();
    }

    /** Near what the model expects of each channel. */
    private static Tensor expected() {
        Tensor tensor = Tensor.allocate(ElementType.FLOAT32, Shape.of(3, 4, 50));
        for (int i = 0; i < tensor.elements(); i++) {
            SampleTensors.set(tensor, i, 1.2 * (i / 50 % 4 + (i % 7 == 0 ? 1 : 0)));
        }
        return tensor;
    }

    /**
     * What a gateway does with a payload, in a video and outside of one.
     *
     * @return whether it decoded in a video
     * @throws AssertionError if it asks for more memory than its length allows, or is something else outside of a video
     */
    static boolean receive(byte[] payload) {
        ActivationCodec codec = codec(Entropy.NONE);
        ByteBuffer bytes = ByteBuffer.wrap(payload);
        try {
            Map<String, Tensor> into = new HashMap<>();
            List<Shape> shapes = codec.shapes(bytes);
            for (int i = 0; i < shapes.size(); i++) {
                TensorSpec spec = SPECS.get(i);
                Tensor tensor = Tensor.allocate(spec.type(), shapes.get(i));
                if (EncodedTensor.expandsTooFar(tensor.bytes(), payload.length)) {
                    throw new AssertionError(payload.length + " bytes ask for " + spec + " of " + tensor.bytes());
                }
                into.put(spec.name(), tensor);
            }
            ByteBuffer settled = codec.settle(bytes, HELD).payload();
            codec.decode(settled, into);
            Map<String, byte[]> inVideo = contents(into);
            boolean standsAlone = decodes(codec, bytes, into);
            if (standsAlone && !sameContents(inVideo, contents(into))) {
                throw new AssertionError("a payload that stands alone decodes to something else in a video");
            }
            return true;
        } catch (CodecException rejected) {
            return false;
        }
    }

    private static boolean decodes(ActivationCodec codec, ByteBuffer bytes, Map<String, Tensor> into) {
        try {
            codec.decode(bytes, into);
            return true;
        } catch (CodecException needsItsReference) {
            return false;
        }
    }

    private static Map<String, byte[]> contents(Map<String, Tensor> tensors) {
        Map<String, byte[]> contents = new HashMap<>();
        tensors.forEach((name, tensor) -> contents.put(name, SampleTensors.bytes(tensor)));
        return contents;
    }

    private static boolean sameContents(Map<String, byte[]> a, Map<String, byte[]> b) {
        return a.keySet().stream().allMatch(name -> Arrays.equals(a.get(name), b.get(name)));
    }

    /** A copy with bytes {@code from .. to} replaced. */
    static byte[] splice(byte[] bytes, int from, int to, byte[] replacement) {
        byte[] spliced = Arrays.copyOf(bytes, from + replacement.length + bytes.length - to);
        System.arraycopy(replacement, 0, spliced, from, replacement.length);
        System.arraycopy(bytes, to, spliced, from + replacement.length, bytes.length - to);
        return spliced;
    }
}
