package dev.cleave.partition.roundtrip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.answer.Values;
import dev.cleave.bundle.Bundle;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Entropy;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.Pictures;
import dev.cleave.partition.SplitFixture;
import dev.cleave.partition.sample.Sample;
import dev.cleave.picture.Picture;
import dev.cleave.picture.PictureCodecs;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoundTripTest extends SplitFixture {
    @Test
    void earlyOutputsComeFromTheHeadAndTheRestFromTheTail() throws Exception {
        Bundle bundle = splits.bundle(
                new ModelBuilder()
                        .input("x", "N", 4)
                        .node("Exp", "x", "a")
                        .node("Sin", "a", "b")
                        .node("Cos", "b", "y")
                        .output("a", "y"),
                "b");
        RoundTrip roundTrip = new RoundTrip(bundle.contract(), splits.chain(bundle), null);
        Map<String, Tensor> inputs = Map.of("x", Tensor.ofFloats(Shape.of(1, 4), 0, 1, 2, 3));
        Map<String, Tensor> whole = roundTrip.head(bundle.contract().local(), inputs);
        Map<String, Tensor> head = roundTrip.head(1, inputs);
        assertThat(head).containsOnlyKeys("a", "b");
        ActivationCodec codec = roundTrip.codec(1, List.of(new CodecParams.Raw()), Entropy.NONE);
        Map<String, Tensor> boundary = roundTrip.decode(1, codec, codec.encode(head, Map.of()));
        assertThat(boundary).containsOnlyKeys("b");
        Map<String, Tensor> outputs = roundTrip.tail(1, boundary, head);
        assertThat(outputs.keySet()).containsExactly("a", "y");
        outputs.forEach((name, tensor) ->
                assertThat(Values.bitEqual(tensor, whole.get(name))).as(name).isTrue());
        assertThat(roundTrip.head(0, inputs)).isSameAs(inputs);
        assertThat(roundTrip.advance(1, 2, head)).containsOnlyKeys("a", "y");
    }

    /** A picture crosses as its pixels, a quarter of the tensor's bytes, and becomes the very same tensor. */
    @Test
    void aPictureCrossesAsPixelsWithoutLoss() throws Exception {
        Preprocessing imagenet = Preprocessing.named("imagenet");
        Bundle bundle = splits.bundle(splits.request(
                        new ModelBuilder()
                                .input("x", "N", 3, 224, 224)
                                .node("GlobalAveragePool", "x", "p")
                                .node("Flatten", "p", "f")
                                .weights("w", 3, 4)
                                .node("MatMul", "f w", "y")
                                .output("y"),
                        "p")
                .withPreprocessing(imagenet));
        RoundTrip roundTrip = new RoundTrip(bundle.contract(), splits.chain(bundle), PictureCodecs.find());
        TensorSpec input = bundle.contract().inputs().get(0);
        assertThat(input.type()).isEqualTo(ElementType.FLOAT32);
        Picture photograph = Pictures.noise(300, 260, 3);
        Sample sample =
                new Sample("photograph", Map.of("x", imagenet.apply(photograph, input)), imagenet.geometry(photograph));
        List<CodecParams> params =
                bundle.contract().points().get(0).levels().get(0).codecs();
        assertThat(params).hasOnlyElementsOfType(CodecParams.Image.class);
        ActivationCodec codec = roundTrip.codec(0, params, Entropy.NONE);
        ByteBuffer payload = roundTrip.encode(0, codec, params, sample.inputs(), sample, PictureForm.RGB8);
        Tensor expected = sample.inputs().get("x");
        assertThat(payload.remaining()).isLessThan(expected.bytes() / 4 + 100);
        Tensor decoded = roundTrip.decode(0, codec, payload).get("x");
        assertThat(Values.bitEqual(decoded, expected)).isTrue();
    }
}
