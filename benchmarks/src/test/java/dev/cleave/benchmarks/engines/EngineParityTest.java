package dev.cleave.benchmarks.engines;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.Material;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EngineParityTest {
    private static final int INPUTS = 5;

    private static List<Twin> floatTwins() {
        return Twin.all().stream().filter(Twin::sameNumbers).toList();
    }

    @ParameterizedTest
    @MethodSource("floatTwins")
    void bothEnginesComputeTheSameFromTheSameWeights(Twin twin) throws Exception {
        Path onnx = Material.require(twin.onnx());
        Path tflite = Material.require(twin.tflite());
        try (Engine onnxEngine = Engines.create("onnxruntime");
                Engine tfliteEngine = Engines.create("tflite");
                TwinSessions both =
                        TwinSessions.load(onnx, tflite, onnxEngine, tfliteEngine, SessionOptions.defaults())) {
            double worst = 0;
            for (int seed = 0; seed < INPUTS; seed++) {
                worst = Math.max(worst, both.relativeDifference(TwinInputs.of(both.onnx(), both.tflite(), seed)));
            }
            System.out.println(twin.name() + ": largest relative difference " + worst);
            assertThat(worst).isLessThan(1e-4);
        }
    }
}
