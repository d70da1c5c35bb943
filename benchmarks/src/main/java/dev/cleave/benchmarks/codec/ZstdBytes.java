package dev.cleave.benchmarks.codec;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Entropy;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.draft.DraftRun;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.partition.sample.Samples;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the symbols of a bundle's points cost with zstd, as they did before they were coded by their contexts. */
final class ZstdBytes {
    private ZstdBytes() {}

    /** Mean payloads, by point from 0 on (where nothing is measured) and level in the contract's order. */
    static List<List<Double>> measure(Bundle bundle, Samples samples, Engine engine, SessionOptions options)
            throws IOException, EngineException, CodecException {
        List<List<Double>> bytes = new ArrayList<>(List.of(List.of()));
        try (DraftRun run = DraftRun.load(bundle, engine, options)) {
            for (int point = 1; point <= run.contract().splitPoints(); point++) {
                bytes.add(measure(
                        run.roundTrip(),
                        point,
                        run.contract().points().get(point).levels(),
                        samples));
            }
        }
        return bytes;
    }

    private static List<Double> measure(RoundTrip roundTrip, int point, List<QualityLevel> levels, Samples samples)
            throws IOException, EngineException, CodecException {
        List<ActivationCodec> codecs = levels.stream()
                .map(level -> roundTrip.codec(point, withoutContext(level.codecs()), Entropy.ZSTD))
                .toList();
        double[] sums = new double[codecs.size()];
        for (int i = 0; i < samples.size(); i++) {
            Map<String, Tensor> live = roundTrip.head(point, samples.get(i).inputs());
            for (int level = 0; level < sums.length; level++) {
                sums[level] += codecs.get(level).encode(live, Map.of()).remaining();
            }
        }
        List<Double> means = new ArrayList<>();
        for (double sum : sums) {
            means.add(sum / samples.size());
        }
        return means;
    }

    /** The same symbols, not coded by their contexts. */
    static List<CodecParams> withoutContext(List<CodecParams> params) {
        List<CodecParams> plain = new ArrayList<>(params);
        plain.replaceAll(each -> each instanceof CodecParams.Quant quant ? quant.withContext(null) : each);
        return plain;
    }
}
