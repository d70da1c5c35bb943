package dev.cleave.partition.split;

import dev.cleave.answer.Agreement;
import dev.cleave.answer.Proportion;
import dev.cleave.bundle.Contract;
import dev.cleave.engine.EngineException;
import dev.cleave.partition.calibrate.Shares;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.partition.sample.Samples;
import dev.cleave.tensor.Tensor;
import java.util.Map;

/** How often devices that run integers give the unsplit model's answer alone, on inputs that decided nothing. */
final class LocalCheck {
    private LocalCheck() {}

    /**
     * Runs the whole on either side.
     *
     * @param samples all of them, of a model without state
     */
    static Proportion measure(Contract contract, RoundTrip roundTrip, Samples samples, Progress progress)
            throws EngineException, SampleException {
        Agreement metric = Agreement.forOutputs(contract.outputs());
        Samples reported = Shares.reported(samples);
        progress.begin("the whole on the device", reported.size());
        int agreeing = 0;
        for (int i = 0; i < reported.size(); i++) {
            Map<String, Tensor> inputs = reported.get(i).inputs();
            Map<String, Tensor> made = roundTrip.head(contract.local(), inputs);
            agreeing += metric.agrees(contract.outputs(), made, roundTrip.reference(inputs)) ? 1 : 0;
            progress.step();
        }
        return new Proportion(agreeing, reported.size());
    }
}
