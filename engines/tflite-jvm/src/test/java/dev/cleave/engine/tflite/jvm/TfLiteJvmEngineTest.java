package dev.cleave.engine.tflite.jvm;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.tflite.TfLiteContractTest;

class TfLiteJvmEngineTest extends TfLiteContractTest {
    @Override
    protected Engine engine() throws EngineException {
        return new TfLiteJvmProvider().create();
    }
}
