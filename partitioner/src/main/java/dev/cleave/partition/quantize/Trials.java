package dev.cleave.partition.quantize;

import dev.cleave.answer.Agreement;
import dev.cleave.answer.Values;
import dev.cleave.engine.EngineException;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.partition.sample.Samples;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Inputs held out from calibration with the float model's answers, against which variants are tried. */
final class Trials {
    private final List<TensorSpec> outputs;
    private final Agreement agreement;
    private final List<Sample> samples = new ArrayList<>();
    private final List<Map<String, Tensor>> expected = new ArrayList<>();

    /** Runs the float model on the samples of these indices, and keeps both. */
    Trials(Runner floats, List<TensorSpec> outputs, Samples source, List<Integer> indices)
            throws SampleException, EngineException {
        this.outputs = outputs;
        this.agreement = Agreement.forOutputs(outputs);
        for (int index : indices) {
            Sample sample = source.get(index);
            samples.add(sample);
            expected.add(floats.run(sample));
        }
    }

    /** Runs a variant. */
    Quality of(Runner variant) throws EngineException {
        int agreeing = 0;
        double error = 0;
        int errors = 0;
        for (int i = 0; i < samples.size(); i++) {
            Map<String, Tensor> actual = variant.run(samples.get(i));
            agreeing += agreement.agrees(outputs, actual, expected.get(i)) ? 1 : 0;
            for (TensorSpec output : outputs) {
                if (output.type().isFloating()) {
                    error += Values.relativeL2(
                            actual.get(output.name()), expected.get(i).get(output.name()));
                    errors++;
                }
            }
            variant.recycle(actual);
        }
        return new Quality(samples.size(), agreeing, errors == 0 ? 0 : error / errors);
    }

    Sample first() {
        return samples.get(0);
    }
}
