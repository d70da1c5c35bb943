package dev.cleave.partition.tflite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.onnx.ModelProto;
import dev.cleave.partition.Material;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.extract.CutGraphs;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.shape.ProbeSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads of trained networks, which are kept outside the project, in float: at cuts spread over them, and whole. */
class TrainedHeadsTest {
    private static final double TOLERANCE = 1e-4;
    private static final int CUTS = 5;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mobilenetv2_fp32",
                "squeezenet1.1_fp32",
                "cifar_resnet20",
                "mlperf_tiny_resnet8_cifar10_fp32",
                "mlperf_tiny_vww_96_fp32",
                "ultraface_rfb_320",
                "mobilenet_v1_025_224_fp32"
            })
    void headsGiveTheBoundariesOfTheOnnxHeads(String name) throws Exception {
        OnnxModel model = OnnxModel.read(Material.require("models/" + name + ".onnx"));
        try (Engine engine = Engines.create("onnxruntime")) {
            ModelSummary summary = ModelSummary.of(model, engine, ProbeSettings.defaults());
            CutGraphs graphs =
                    new CutGraphs(summary.model().flow(), summary.model().facts(), folder.resolve("weights.bin"));
            List<Cut> cuts = summary.cuts().all();
            List<Double> errors = new ArrayList<>();
            for (int i = 0; i < CUTS; i++) {
                errors.add(error(graphs, graphs.head(cuts.get(i * (cuts.size() - 1) / (CUTS - 1))), engine));
            }
            errors.add(error(graphs, graphs.whole(), engine));
            Map<String, Integer> operators =
                    Conversion.of(engine, graphs.source(graphs.whole())).operators();
            System.out.printf("%s: relative errors at %d cuts and whole %s; %s%n", name, CUTS, errors, operators);
            assertThat(operators).as("at the input alone").containsEntry("TRANSPOSE", 1);
            assertThat(errors).allSatisfy(error -> assertThat(error).isLessThan(TOLERANCE));
        }
    }

    private static double error(CutGraphs graphs, ModelProto head, Engine engine) throws Exception {
        return Conversion.of(engine, graphs.source(head)).error(1, 7);
    }
}
