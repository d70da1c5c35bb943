package dev.cleave.benchmarks.codec;

import dev.cleave.answer.Agreement;
import dev.cleave.answer.Proportion;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.BoundaryReference;
import dev.cleave.codec.BoundaryTuning;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Entropy;
import dev.cleave.codec.StreamedBoundary;
import dev.cleave.engine.EngineException;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.picture.Picture;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The boundaries of some videos at one point, and what becomes of the model's answers when they are coded one by one, or as what has
 * changed. One thread.
 */
final class VideoPoint {
    private final RoundTrip roundTrip;
    private final List<TensorSpec> outputs;
    private final Agreement metric;
    private final int point;
    private final int behind;
    /** By video and frame. */
    private final List<List<Frame>> videos = new ArrayList<>();

    /** What is alive at the point, and what the tail makes of it as it is. */
    private record Frame(Map<String, Tensor> live, Map<String, Tensor> answer) {}

    /**
     * What coding all frames came to that had a frame to be coded against.
     *
     * @param bytes mean payload
     * @param agreeing with the answers from boundaries as they are
     * @param error of the first output's values, less their mean: root mean square, as a share of their standard deviation
     * @param encodeMillis median
     * @param decodeMillis median; of a video's frame, with what is done when it is received
     */
    record Outcome(double bytes, Proportion agreeing, double error, double encodeMillis, double decodeMillis) {}

    /** @param behind by how many frames the one that a frame is coded against is older: what is known to have arrived by then */
    VideoPoint(CodecMaterial material, int point, List<List<Picture>> pictures, int behind) throws EngineException {
        this.roundTrip = material.run().roundTrip();
        this.outputs = material.run().contract().outputs();
        this.metric = Agreement.forOutputs(outputs);
        this.point = point;
        this.behind = behind;
        TensorSpec input = material.run().contract().inputs().get(0);
        for (List<Picture> video : pictures) {
            List<Frame> frames = new ArrayList<>();
            for (Picture picture : video) {
                Tensor tensor = material.run().contract().preprocessing().apply(picture, input);
                Map<String, Tensor> live = roundTrip.head(point, Map.of(input.name(), tensor));
                frames.add(new Frame(live, roundTrip.tail(point, live, live)));
            }
            videos.add(frames);
        }
    }

    /** Each frame on its own. */
    Outcome alone(List<CodecParams> params) throws EngineException, CodecException {
        ActivationCodec codec = roundTrip.codec(point, params, Entropy.ZSTD);
        Sums sums = new Sums();
        for (List<Frame> video : videos) {
            for (Frame frame : video.subList(behind, video.size())) {
                long begun = System.nanoTime();
                ByteBuffer payload = codec.encode(frame.live, Map.of());
                long encoded = System.nanoTime();
                Map<String, Tensor> decoded = roundTrip.room(point, codec, payload);
                long ready = System.nanoTime();
                codec.decode(payload, decoded);
                sums.add(frame, payload, decoded, encoded - begun, System.nanoTime() - ready);
            }
        }
        return sums.outcome();
    }

    /** Each frame as what has changed. */
    Outcome changes(List<CodecParams> params, double addedError) throws EngineException, CodecException {
        ActivationCodec codec = roundTrip.codec(point, params, Entropy.ZSTD);
        Sums sums = new Sums();
        for (List<Frame> video : videos) {
            BoundaryTuning tuning = codec.tuning(addedError);
            List<BoundaryReference> held = new ArrayList<>();
            for (int time = 0; time < video.size(); time++) {
                Frame frame = video.get(time);
                BoundaryReference against = time < behind ? null : held.get(time - behind);
                long begun = System.nanoTime();
                StreamedBoundary sent = codec.encode(frame.live, Map.of(), against, tuning);
                long encoded = System.nanoTime();
                StreamedBoundary settled = codec.settle(sent.payload(), against);
                long read = System.nanoTime();
                Map<String, Tensor> decoded = roundTrip.room(point, codec, settled.payload());
                long ready = System.nanoTime();
                codec.decode(settled.payload(), decoded);
                long done = System.nanoTime();
                held.add(settled.reference());
                if (time >= behind) {
                    sums.add(frame, sent.payload(), decoded, encoded - begun, read - encoded + done - ready);
                }
            }
        }
        return sums.outcome();
    }

    /** What has been counted. */
    private final class Sums {
        private long bytes;
        private int agreeing;
        private double errors;
        private double spreads;
        private final List<Long> encodeNanos = new ArrayList<>();
        private final List<Long> decodeNanos = new ArrayList<>();

        void add(Frame frame, ByteBuffer payload, Map<String, Tensor> decoded, long encoding, long decoding)
                throws EngineException {
            Map<String, Tensor> answer = roundTrip.tail(point, decoded, frame.live);
            bytes += payload.remaining();
            agreeing += metric.agrees(outputs, answer, frame.answer) ? 1 : 0;
            String scores = outputs.get(0).name();
            float[] expected = values(frame.answer.get(scores));
            float[] difference = values(answer.get(scores));
            for (int i = 0; i < difference.length; i++) {
                difference[i] -= expected[i];
            }
            errors += variance(difference);
            spreads += variance(expected);
            encodeNanos.add(encoding);
            decodeNanos.add(decoding);
        }

        Outcome outcome() {
            int count = encodeNanos.size();
            return new Outcome(
                    (double) bytes / count,
                    new Proportion(agreeing, count),
                    Math.sqrt(errors / spreads),
                    medianMillis(encodeNanos),
                    medianMillis(decodeNanos));
        }
    }

    private static float[] values(Tensor tensor) {
        FloatBuffer floats = tensor.data().asFloatBuffer();
        float[] values = new float[tensor.elements()];
        floats.get(values);
        return values;
    }

    private static double variance(float[] values) {
        double sum = 0;
        double squares = 0;
        for (float value : values) {
            sum += value;
            squares += (double) value * value;
        }
        double mean = sum / values.length;
        return squares / values.length - mean * mean;
    }

    private static double medianMillis(List<Long> nanos) {
        return nanos.stream().sorted().skip(nanos.size() / 2).findFirst().orElseThrow() / 1e6;
    }
}
