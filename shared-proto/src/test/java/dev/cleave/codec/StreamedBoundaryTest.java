package dev.cleave.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cleave.codec.context.SampleModels;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Boundaries of a video: two quantised tensors, one of them with a context model, and one that is none. */
class StreamedBoundaryTest {
    private static final int LEVELS = 16;
    private static final Shape SHAPE = Shape.of(1, 6, 20, 24);
    private static final List<TensorSpec> SPECS = List.of(
            new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 6, Shape.DYNAMIC, Shape.DYNAMIC)),
            new TensorSpec("y", ElementType.FLOAT32, Shape.of(Shape.BATCH, 6, Shape.DYNAMIC, Shape.DYNAMIC)),
            new TensorSpec("n", ElementType.INT32, Shape.of(Shape.BATCH, 2)));
    private static final CodecParams.Quant PLAIN =
            new CodecParams.Quant(LEVELS, -1, new float[1], new float[] {LEVELS - 1});
    private static final List<CodecParams> PARAMS =
            List.of(PLAIN.withContext(SampleModels.smooth(1, 6, LEVELS)), PLAIN, new CodecParams.Raw());

    private static ActivationCodec codec(Entropy entropy) {
        return new ActivationCodec(SPECS, PARAMS, entropy, null, null);
    }

    private static Map<String, Tensor> boundary(int time, Shape shape) {
        Random random = new Random(time);
        Map<String, Tensor> tensors = new HashMap<>();
        for (String name : List.of("x", "y")) {
            Tensor tensor = Tensor.allocate(ElementType.FLOAT32, shape);
            for (int i = 0; i < tensor.elements(); i++) {
                int x = i % 24;
                double still = (LEVELS - 1) / 2.0 * (1 + Math.sin(0.4 * x + 0.01 * (i / 24)));
                double value = x == time % 24 ? 0 : still + 0.2 * random.nextGaussian();
                SampleTensors.set(tensor, i, value);
            }
            tensors.put(name, tensor);
        }
        tensors.put("n", Tensor.ofInts(Shape.of(shape.dim(0), 2), new int[2 * (int) shape.dim(0)]));
        return tensors;
    }

    private static Map<String, Tensor> decoded(ActivationCodec codec, ByteBuffer payload) throws CodecException {
        Map<String, Tensor> into = new HashMap<>();
        List<Shape> shapes = codec.shapes(payload);
        for (int i = 0; i < shapes.size(); i++) {
            into.put(SPECS.get(i).name(), Tensor.allocate(SPECS.get(i).type(), shapes.get(i)));
        }
        codec.decode(payload, into);
        return into;
    }

    @ParameterizedTest
    @EnumSource
    void theReceiverDecodesWhatTheSenderChose(Entropy entropy) throws Exception {
        ActivationCodec sender = codec(entropy);
        ActivationCodec receiver = codec(Entropy.NONE);
        BoundaryTuning tuning = sender.tuning(0.02);
        BoundaryReference sent = null;
        BoundaryReference held = null;
        for (int time = 0; time < 12; time++) {
            Map<String, Tensor> tensors = boundary(time, SHAPE);
            StreamedBoundary frame = sender.encode(tensors, Map.of(), sent, tuning);
            StreamedBoundary settled = receiver.settle(frame.payload(), held);
            Map<String, Tensor> decoded = decoded(receiver, settled.payload());
            for (String name : List.of("x", "y")) {
                for (int i = 0; i < decoded.get(name).elements(); i++) {
                    double value = Math.max(0, Math.min(LEVELS - 1, SampleTensors.get(tensors.get(name), i)));
                    assertThat(SampleTensors.get(decoded.get(name), i)).isBetween(value - 1, value + 1);
                }
            }
            assertThat(decoded.get("n").data()).isEqualTo(tensors.get("n").data());
            assertThat(settled.reference().bytes()).isEqualTo(frame.reference().bytes());
            sent = frame.reference();
            held = settled.reference();
        }
    }

    @ParameterizedTest
    @EnumSource
    void withoutAddedErrorDecodesToTheSameAsAlone(Entropy entropy) throws Exception {
        ActivationCodec codec = codec(entropy);
        BoundaryTuning tuning = codec.tuning(0);
        BoundaryReference reference = null;
        for (int time = 0; time < 6; time++) {
            Map<String, Tensor> tensors = boundary(time, SHAPE);
            StreamedBoundary frame = codec.encode(tensors, Map.of(), reference, tuning);
            StreamedBoundary settled = codec.settle(frame.payload(), reference);
            Map<String, Tensor> alone = decoded(codec, codec.encode(tensors, Map.of()));
            Map<String, Tensor> streamed = decoded(codec, settled.payload());
            assertThat(streamed.get("x").data()).isEqualTo(alone.get("x").data());
            assertThat(streamed.get("y").data()).isEqualTo(alone.get("y").data());
            reference = settled.reference();
        }
    }

    @Test
    void aKeyFrameIsTheSameBytesAsOutsideOfAVideo() {
        for (Entropy entropy : Entropy.values()) {
            ActivationCodec codec = codec(entropy);
            Map<String, Tensor> tensors = boundary(3, SHAPE);
            assertThat(codec.encode(tensors, Map.of(), null, codec.tuning(0.02)).payload())
                    .isEqualTo(codec.encode(tensors, Map.of()));
        }
    }

    @Test
    void neverTakesMoreBytesThanAlone() {
        for (Entropy entropy : Entropy.values()) {
            ActivationCodec codec = codec(entropy);
            BoundaryTuning tuning = codec.tuning(0);
            BoundaryReference reference = null;
            int shorter = 0;
            for (int time = 0; time < 20; time++) {
                // Of every five scenes one has nothing to do with the last.
                Map<String, Tensor> tensors = boundary(time, SHAPE);
                if (time % 5 == 0) {
                    tensors.put("x", SampleTensors.relu(ElementType.FLOAT32, SHAPE, LEVELS, time));
                    tensors.put("y", Tensor.allocate(ElementType.FLOAT32, SHAPE));
                }
                StreamedBoundary frame = codec.encode(tensors, Map.of(), reference, tuning);
                int alone = codec.encode(tensors, Map.of()).remaining();
                assertThat(frame.payload().remaining()).isLessThanOrEqualTo(alone);
                shorter += frame.payload().remaining() < alone * 3 / 4 ? 1 : 0;
                reference = frame.reference();
            }
            assertThat(shorter).isGreaterThan(8);
        }
    }

    @Test
    void anotherShapeStandsAlone() throws Exception {
        ActivationCodec codec = codec(Entropy.NONE);
        BoundaryTuning tuning = codec.tuning(0.02);
        BoundaryReference reference =
                codec.encode(boundary(0, SHAPE), Map.of(), null, tuning).reference();
        Map<String, Tensor> wider = boundary(1, Shape.of(1, 6, 20, 25));
        StreamedBoundary frame = codec.encode(wider, Map.of(), reference, tuning);
        assertThat(frame.payload()).isEqualTo(codec.encode(wider, Map.of()));
        assertThat(codec.settle(frame.payload(), null).reference().bytes()).isEqualTo(2 * 6 * 20 * 25);
    }

    @Test
    void aTensorThatIsNotFiniteIsNoReference() throws Exception {
        ActivationCodec codec = codec(Entropy.NONE);
        BoundaryTuning tuning = codec.tuning(0.02);
        Map<String, Tensor> broken = boundary(0, SHAPE);
        SampleTensors.set(broken.get("x"), 7, Double.NaN);
        StreamedBoundary frame = codec.encode(broken, Map.of(), null, tuning);
        BoundaryReference held = codec.settle(frame.payload(), null).reference();
        assertThat(held.bytes()).isEqualTo(SHAPE.elements());
        Map<String, Tensor> next = boundary(1, SHAPE);
        StreamedBoundary after = codec.encode(next, Map.of(), frame.reference(), tuning);
        StreamedBoundary settled = codec.settle(after.payload(), held);
        assertThat(after.payload().remaining())
                .isLessThan(codec.encode(next, Map.of()).remaining());
        assertThat(settled.reference().bytes()).isEqualTo(3 * SHAPE.elements());
    }

    @Test
    void withoutItsReferenceIsRefused() throws Exception {
        ActivationCodec codec = codec(Entropy.NONE);
        BoundaryTuning tuning = codec.tuning(0.02);
        BoundaryReference reference =
                codec.encode(boundary(0, SHAPE), Map.of(), null, tuning).reference();
        ByteBuffer payload =
                codec.encode(boundary(1, SHAPE), Map.of(), reference, tuning).payload();
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> codec.settle(payload, null))
                .withMessage("tensor \"x\"[1,6,20,24] is coded against another, of which nothing is held");
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> decoded(codec, payload))
                .withMessage("tensor \"x\" is coded against another, and there is none");
    }

    @Test
    void integersAreCodedAsTheFloatsThatTheyStandFor() throws Exception {
        TensorSpec spec = new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 6, 20, 24));
        Quantization form = new Quantization(ElementType.UINT8, List.of(0.0625f), List.of(3), Quantization.PER_TENSOR);
        ActivationCodec codec =
                ActivationCodec.of(List.of(new BoundaryTensor(spec, form)), List.of(PLAIN), Entropy.NONE, null, null);
        BoundaryTuning ofIntegers = codec.tuning(0.02);
        BoundaryTuning ofFloats = codec.tuning(0.02);
        BoundaryReference reference = null;
        for (int time = 0; time < 4; time++) {
            Tensor integers = Tensor.allocate(ElementType.UINT8, SHAPE);
            byte[] bytes = new byte[integers.bytes()];
            new Random(time).nextBytes(bytes);
            integers.data().put(bytes);
            Tensor floats = new BoundaryTensor(spec, form).real(integers);
            StreamedBoundary a = codec.encode(Map.of("x", integers), Map.of(), reference, ofIntegers);
            StreamedBoundary b = codec.encode(Map.of("x", floats), Map.of(), reference, ofFloats);
            assertThat(a.payload()).isEqualTo(b.payload());
            reference = a.reference();
        }
    }
}
