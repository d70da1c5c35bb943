package dev.cleave.partition.tflite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.partition.ModelBuilder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Small float models of odd sizes, converted and run with one row and with three, against ONNX Runtime. */
abstract class FloatAgreement {
    private static final double TOLERANCE = 1e-4;

    private static Engine engine;

    private final Map<String, ModelBuilder> models = new LinkedHashMap<>();

    @BeforeAll
    static void open() throws Exception {
        engine = Engines.create("onnxruntime");
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    /** Adds models by {@link #model} and {@link #picture}; each makes an output {@code y}. */
    abstract void addModels();

    @TestFactory
    Stream<DynamicTest> agreeWithOnnxRuntime() {
        addModels();
        return models.entrySet().stream()
                .map(model -> DynamicTest.dynamicTest(model.getKey(), () -> check(model.getValue())));
    }

    private static void check(ModelBuilder model) throws Exception {
        Conversion conversion = Conversion.of(engine, model.output("y"));
        for (int rows : new int[] {1, 3}) {
            assertThat(conversion.error(rows, rows))
                    .as("%d rows of %s", rows, conversion.operators())
                    .isLessThan(TOLERANCE);
        }
    }

    /** A model without an input yet. */
    final ModelBuilder empty(String name) {
        ModelBuilder model = new ModelBuilder();
        models.put(name, model);
        return model;
    }

    /** A model of an input {@code x}. */
    final ModelBuilder model(String name, Object... dims) {
        return empty(name).input("x", dims);
    }

    /** A model of pictures {@code x} of six channels. */
    final ModelBuilder picture(String name) {
        return model(name, "N", 6, 13, 11);
    }
}
