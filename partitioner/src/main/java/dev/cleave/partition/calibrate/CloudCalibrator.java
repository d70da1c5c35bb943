package dev.cleave.partition.calibrate;

import dev.cleave.answer.Agreement;
import dev.cleave.answer.Values;
import dev.cleave.bundle.Contract;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Entropy;
import dev.cleave.engine.EngineException;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.roundtrip.PictureForm;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Finds in what form the inputs best cross at CLOUD, where the rival of every split runs: pictures as the smallest JPEG
 * that keeps the answers, other inputs compressed without loss.
 */
public final class CloudCalibrator {
    private final Contract contract;
    private final RoundTrip roundTrip;
    private final Samples samples;
    private final Agreement metric;
    private final Progress progress;
    private final List<CodecParams> params;
    private final CodecChoices choices;
    /** Asked when a form is not lossless. */
    private final Expected expected;
    /** All samples but those to report on: nothing is learned here, so those to learn from choose, too. */
    private final List<Integer> choosing;

    /** Chooses among {@link CodecChoices#ALL}. */
    public CloudCalibrator(Contract contract, RoundTrip roundTrip, Samples samples, Progress progress) {
        this(contract, roundTrip, samples, progress, CodecChoices.ALL);
    }

    /** @param roundTrip whose CLOUD takes pictures as pictures, if the contract has preprocessing */
    public CloudCalibrator(
            Contract contract, RoundTrip roundTrip, Samples samples, Progress progress, CodecChoices choices) {
        this.choices = choices;
        this.contract = contract;
        this.roundTrip = roundTrip;
        this.samples = samples;
        this.metric = Agreement.forOutputs(contract.outputsWithoutState());
        this.progress = progress;
        this.expected = new Expected(roundTrip, samples);
        this.choosing = Shares.of(samples.size()).seen();
        this.params = contract.points().get(0).levels().get(0).codecs();
    }

    /**
     * What CLOUD sends, and what was measured on the way.
     *
     * @param label {@code rgb8}, {@code jpeg:80}, {@code png}; without pictures {@code raw} or {@code raw+zstd}
     * @param form of pictures
     * @param entropy of other inputs
     * @param curve every form that was tried
     * @param wireBytes mean payload bytes
     * @param agreement share of the samples that choose with the same answer, 0..1
     */
    public record CalibratedCloud(
            String label, PictureForm form, Entropy entropy, CodecCurve curve, double wireBytes, double agreement) {}

    /** Pictures as packed pixels, other inputs as they are, nothing compressed. */
    public CalibratedCloud raw() throws EngineException, IOException, CodecException {
        boolean pictures = samplesWithPicture();
        return chosen(tried(PictureForm.RGB8, Entropy.NONE, pictures ? PictureForm.RGB8.label() : "raw"));
    }

    /** The fewest bytes without loss: pictures as PNG if that is smaller than their pixels. */
    public CalibratedCloud lossless() throws EngineException, IOException, CodecException {
        if (!samplesWithPicture()) {
            return chosen(tried(PictureForm.RGB8, Entropy.ZSTD, "raw+zstd"));
        }
        return smallest(new ArrayList<>());
    }

    /**
     * Pictures as the JPEG of lowest quality that agrees often enough, without loss if none does.
     *
     * @param wanted agreement to reach, 0..1
     */
    public CalibratedCloud compressed(double wanted) throws EngineException, IOException, CodecException {
        if (!samplesWithPicture() || !roundTrip.hasPictureCodec()) {
            return lossless();
        }
        List<Tried> tried = new ArrayList<>();
        for (int quality : choices.jpegQualities()) {
            tried.add(tried(PictureForm.jpeg(quality), Entropy.ZSTD, "jpeg:" + quality));
            if (tried.get(tried.size() - 1).level.agreement() >= wanted) {
                return chosen(tried, tried.get(tried.size() - 1));
            }
        }
        return smallest(tried);
    }

    private CalibratedCloud smallest(List<Tried> tried) throws EngineException, IOException, CodecException {
        Tried best = tried(PictureForm.RGB8, Entropy.ZSTD, PictureForm.RGB8.label());
        tried.add(best);
        if (roundTrip.hasPictureCodec()) {
            Tried png = tried(PictureForm.PNG, Entropy.ZSTD, PictureForm.PNG.label());
            tried.add(png);
            best = png.level.wireBytes() < best.level.wireBytes() ? png : best;
        }
        return chosen(tried, best);
    }

    private static CalibratedCloud chosen(Tried only) {
        return chosen(List.of(only), only);
    }

    private static CalibratedCloud chosen(List<Tried> tried, Tried best) {
        CodecCurve curve = new CodecCurve(tried.stream().map(each -> each.level).toList());
        return new CalibratedCloud(
                best.level.label(), best.form, best.entropy, curve, best.level.wireBytes(), best.level.agreement());
    }

    private boolean samplesWithPicture() throws IOException {
        for (int i = 0; contract.preprocessing() != null && i < samples.size(); i++) {
            if (samples.get(i).picture() != null) {
                return true;
            }
        }
        return false;
    }

    private Tried tried(PictureForm form, Entropy entropy, String label)
            throws EngineException, IOException, CodecException {
        progress.begin("cloud " + label, choosing.size());
        ActivationCodec codec = roundTrip.codec(0, params, entropy);
        double bytes = 0;
        double agreeing = 0;
        for (int i : choosing) {
            Sample sample = samples.get(i);
            ByteBuffer payload = roundTrip.encode(0, codec, params, sample.inputs(), sample, form);
            bytes += payload.remaining();
            agreeing += agrees(i, sample, roundTrip.decode(0, codec, payload)) ? 1 : 0;
            progress.step();
        }
        return new Tried(
                form, entropy, new CodecCurve.Level(label, bytes / choosing.size(), agreeing / choosing.size()));
    }

    /** The same bits give the same outputs; only others need running. */
    private boolean agrees(int index, Sample sample, Map<String, Tensor> decoded)
            throws EngineException, CodecException {
        boolean same = decoded.entrySet().stream()
                .allMatch(entry ->
                        Values.bitEqual(entry.getValue(), sample.inputs().get(entry.getKey())));
        if (same && contract.replies().stream().allMatch(CodecParams.Raw.class::isInstance)) {
            return true;
        }
        Map<String, Tensor> wanted = expected.of(index, sample.inputs());
        Map<String, Tensor> made = same ? wanted : roundTrip.tail(0, decoded, decoded);
        return metric.agrees(
                contract.outputsWithoutState(), roundTrip.received(0, roundTrip.reply(0, made), decoded), wanted);
    }

    private record Tried(PictureForm form, Entropy entropy, CodecCurve.Level level) {}
}
