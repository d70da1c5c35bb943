package dev.cleave.edge.update;

import dev.cleave.bundle.Contract;
import dev.cleave.tensor.TensorSpec;
import java.util.List;

/**
 * Whether an application that was written for one bundle can go on with another, unchanged. Pure.
 *
 * <p>What it gives, and what it reads, must stay: the model's name, every input, the outputs in their order (others may follow), whether
 * pictures are taken, how many rows, which tensors are state. What comes of it may change: weights, points, codecs, labels, the
 * geometry of pictures.
 */
final class Compatibility {
    private Compatibility() {}

    /**
     * Null if it can, else what has changed; one line.
     *
     * @param relied the contract that the application was built with
     * @param running that of the version in use: where it keeps inputs on the device they stay there. Which point a floor is says
     *     nothing, as each bundle counts points of its own
     */
    static String refusal(Contract relied, Contract running, Contract offered) {
        if (!offered.modelName().equals(relied.modelName())) {
            return "it is the model \"" + offered.modelName() + "\"; expected \"" + relied.modelName() + "\"";
        }
        if (!offered.inputs().equals(relied.inputs())) {
            return "its inputs are " + offered.inputs() + "; expected " + relied.inputs();
        }
        List<TensorSpec> outputs = offered.outputs();
        int count = relied.outputs().size();
        if (outputs.size() < count || !outputs.subList(0, count).equals(relied.outputs())) {
            return "its outputs are " + outputs + "; expected " + relied.outputs();
        }
        if (!offered.state().equals(relied.state())) {
            return "its state is " + offered.state() + "; expected " + relied.state();
        }
        boolean floor = relied.privacyFloor() > 0 || running.privacyFloor() > 0;
        if (floor && offered.privacyFloor() == 0) {
            return "it lets inputs leave the device; expected a privacy floor, as before";
        }
        return refusedUse(relied, offered);
    }

    private static String refusedUse(Contract relied, Contract offered) {
        if (relied.preprocessing() != null
                && (offered.preprocessing() == null
                        || !offered.preprocessing()
                                .input()
                                .equals(relied.preprocessing().input()))) {
            return "it takes no pictures for input \"" + relied.preprocessing().input() + "\"; expected that it does";
        }
        if (offered.maxBatch() < relied.maxBatch()) {
            return "it takes " + offered.maxBatch() + " rows at most; expected " + relied.maxBatch();
        }
        if (!relied.labels().isEmpty() && offered.labels().isEmpty()) {
            return "it has no labels; expected some";
        }
        return null;
    }
}
