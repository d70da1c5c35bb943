package dev.cleave.partition.edge;

import dev.cleave.engine.Engine;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.quantize.Networks;
import dev.cleave.partition.quantize.QuantizeSettings;
import dev.cleave.partition.quantize.Quantized;
import dev.cleave.partition.quantize.Quantizer;
import dev.cleave.partition.quantize.RangeMethod;
import dev.cleave.partition.shape.ProbeSettings;
import java.nio.file.Path;
import java.util.List;

/** A float model and its integers. */
public record Edges(ModelSummary floats, Quantized quantized, EdgeModel edge) {
    /** Whatever it costs in answers. */
    public static final QuantizeSettings LAX =
            QuantizeSettings.defaults().withMaxDisagreement(1).withMethods(List.of(RangeMethod.MSE));

    /** Quantises a model of {@link Networks#pictures}. */
    public static Edges of(ModelBuilder model, Path folder, Engine engine, QuantizeSettings settings) throws Exception {
        ModelSummary floats = ModelSummary.of(model.read(folder), engine, ProbeSettings.defaults());
        Quantized quantized =
                new Quantizer(engine, settings).quantize(floats.model(), Networks.pictures(16), Progress.NONE);
        return new Edges(floats, quantized, EdgeModel.of(floats.model(), quantized, engine, ProbeSettings.defaults()));
    }
}
