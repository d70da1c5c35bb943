package dev.cleave.partition.calibrate;

import dev.cleave.engine.EngineException;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.partition.sample.Samples;
import dev.cleave.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/** The outputs of the unsplit model, which answers are compared with; made once for each sample. */
final class Expected {
    /** The unsplit model: all its outputs, from all its inputs. */
    interface Reference {
        Map<String, Tensor> run(Map<String, Tensor> inputs) throws EngineException;
    }

    private final Reference reference;
    private final Samples samples;
    private final Map<Integer, Map<String, Tensor>> known = new HashMap<>();

    Expected(RoundTrip roundTrip, Samples samples) {
        this(roundTrip::reference, samples);
    }

    Expected(Reference reference, Samples samples) {
        this.reference = reference;
        this.samples = samples;
    }

    Map<String, Tensor> of(int sample) throws EngineException, SampleException {
        return known.containsKey(sample)
                ? known.get(sample)
                : of(sample, samples.get(sample).inputs());
    }

    /** The same where the sample has been loaded already. */
    Map<String, Tensor> of(int sample, Map<String, Tensor> inputs) throws EngineException {
        Map<String, Tensor> outputs = known.get(sample);
        if (outputs == null) {
            outputs = reference.run(inputs);
            known.put(sample, outputs);
        }
        return outputs;
    }
}
