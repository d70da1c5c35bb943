package dev.cleave.benchmarks.codec;

import dev.cleave.codec.CodecParams;
import dev.cleave.codec.CodecParams.Quant;
import dev.cleave.codec.Quantizer;
import dev.cleave.engine.EngineException;
import dev.cleave.partition.context.ContextTrainer;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The ways of coding a point that are like its own but coarser, each with contexts learned for it: what saves bytes without a reference. */
final class CoarserLevels {
    private static final double[] SHARES = {7 / 8.0, 3 / 4.0, 5 / 8.0, 1 / 2.0, 3 / 8.0, 1 / 4.0};

    private final List<TensorSpec> specs;
    /** What is alive at the point, for pictures to learn from. */
    private final List<Map<String, Tensor>> learned = new ArrayList<>();

    private final float[] block = new float[Quantizer.BLOCK];

    CoarserLevels(CodecMaterial material, int point) throws EngineException, SampleException {
        specs = material.run().contract().points().get(point).specs();
        for (int i = 0; i < material.calibration().size(); i++) {
            learned.add(material.run()
                    .roundTrip()
                    .head(point, material.calibration().get(i).inputs()));
        }
    }

    /** The finest first. */
    List<List<CodecParams>> of(List<CodecParams> params) {
        List<List<CodecParams>> coarser = new ArrayList<>();
        for (double share : SHARES) {
            List<CodecParams> scaled = new ArrayList<>();
            for (int i = 0; i < params.size(); i++) {
                scaled.add(params.get(i) instanceof Quant quant ? scaled(quant, share, specs.get(i)) : params.get(i));
            }
            coarser.add(scaled);
        }
        return coarser;
    }

    private Quant scaled(Quant quant, double share, TensorSpec spec) {
        int levels = Math.max(Quant.MIN_LEVELS, 1 + (int) Math.round(share * (quant.levels() - 1)));
        float[] low = new float[quant.ranges()];
        float[] high = new float[quant.ranges()];
        for (int i = 0; i < low.length; i++) {
            low[i] = quant.low(i);
            high[i] = quant.high(i);
        }
        Quant plain = new Quant(levels, quant.axis(), low, high);
        if (quant.context() == null) {
            return plain;
        }
        ContextTrainer trainer = new ContextTrainer(quant.context().axis(), levels);
        Quantizer quantizer = new Quantizer(spec, plain);
        for (Map<String, Tensor> live : learned) {
            Tensor tensor = live.get(spec.name());
            byte[] symbols = new byte[tensor.elements()];
            if (quantizer.quantize(tensor, symbols, block)) {
                trainer.observe(symbols, tensor.shape());
            }
        }
        return plain.withContext(trainer.model());
    }
}
