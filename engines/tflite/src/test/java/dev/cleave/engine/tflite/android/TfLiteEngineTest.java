package dev.cleave.engine.tflite.android;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.engine.tflite.TfLiteContractTest;
import dev.cleave.tensor.ElementType;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TfLiteEngineTest extends TfLiteContractTest {
    @Override
    protected Engine engine() throws EngineException {
        return new TfLiteProvider().create();
    }

    @Override
    protected Set<ElementType> types() {
        return EnumSet.of(
                ElementType.FLOAT32,
                ElementType.INT32,
                ElementType.UINT8,
                ElementType.INT64,
                ElementType.BOOL,
                ElementType.INT16,
                ElementType.INT8);
    }

    @Test
    void saysWhyDelegatesAreNotToBeHad() throws Exception {
        SessionOptions options = SessionOptions.defaults().withProviders(List.of("gpu", "nnapi", "cuda"));
        try (Engine engine = engine();
                Session session = engine.load(affine(), options)) {
            String elsewhere = "only on Android; this is a runtime of " + System.getProperty("java.vendor");
            assertThat(session.provider()).isEqualTo("cpu");
            assertThat(session.refusedProviders())
                    .containsExactly(
                            "gpu: " + elsewhere,
                            "nnapi: " + elsewhere,
                            "cuda: no delegate of TensorFlow Lite; expected cpu, xnnpack, nnapi or gpu");
        }
    }
}
