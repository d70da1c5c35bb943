package dev.cleave.benchmarks.codec;

import dev.cleave.answer.Agreement;
import dev.cleave.answer.Proportion;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Entropy;
import dev.cleave.partition.roundtrip.PictureForm;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.partition.sample.Sample;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The picture itself as a JPEG of the model's size, on the pictures that are reported on.
 *
 * @param bytes mean payload
 */
record RivalJpeg(int quality, double bytes, Proportion agreeing) {
    private static final int[] QUALITIES = {10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98, 100};

    /** By rising quality. */
    static List<RivalJpeg> measure(CodecMaterial material) throws Exception {
        RoundTrip roundTrip = material.run().roundTrip();
        List<CodecParams> params =
                material.run().contract().points().get(0).levels().get(0).codecs();
        List<TensorSpec> outputs = material.run().contract().outputs();
        Agreement metric = Agreement.forOutputs(outputs);
        ActivationCodec codec = roundTrip.codec(0, params, Entropy.NONE);
        List<RivalJpeg> rivals = new ArrayList<>();
        for (int quality : QUALITIES) {
            double bytes = 0;
            int agreeing = 0;
            for (int i = 0; i < material.report().size(); i++) {
                Sample sample = material.report().get(i);
                Map<String, Tensor> inputs = sample.inputs();
                ByteBuffer payload = roundTrip.encode(0, codec, params, inputs, sample, PictureForm.jpeg(quality));
                bytes += payload.remaining();
                Map<String, Tensor> decoded = roundTrip.decode(0, codec, payload);
                agreeing +=
                        metric.agrees(outputs, roundTrip.tail(0, decoded, decoded), roundTrip.tail(0, inputs, inputs))
                                ? 1
                                : 0;
            }
            int count = material.report().size();
            rivals.add(new RivalJpeg(quality, bytes / count, new Proportion(agreeing, count)));
        }
        return rivals;
    }

    /** The bytes of the smallest that agrees as often, or a dash. */
    static String agreeingAsOften(Proportion other, List<RivalJpeg> rivals) {
        return rivals.stream()
                .filter(rival -> rival.agreeing.share() >= other.share())
                .findFirst()
                .map(rival -> Math.round(rival.bytes) + " (quality " + rival.quality + ")")
                .orElse("-");
    }
}
