package dev.cleave.bundle;

import dev.cleave.tensor.TensorSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What reference histograms must fulfil to belong to a contract. */
final class ReferenceRules {
    private ReferenceRules() {}

    /**
     * @param reference or null, which fits any contract
     * @throws BundleException naming the tensor, the point and the expectation
     */
    static void check(Reference reference, Contract contract) throws BundleException {
        if (reference == null) {
            return;
        }
        Set<String> seen = new HashSet<>();
        for (Reference.Boundary boundary : reference.boundaries()) {
            int point = boundary.point();
            boolean known = point >= 0
                    && point < contract.local()
                    && names(contract.points().get(point).specs()).contains(boundary.tensor());
            if (!known || !seen.add(point + " " + boundary.tensor())) {
                throw wrong(boundary.tensor(), " at point " + point, "each tensor of a point's boundary once");
            }
        }
        Set<String> outputs = new HashSet<>(names(contract.outputs()));
        for (Reference.Output output : reference.outputs()) {
            if (!outputs.remove(output.tensor())) {
                throw wrong(output.tensor(), " among the outputs", "each output of the contract once");
            }
        }
    }

    private static Set<String> names(List<TensorSpec> specs) {
        Set<String> names = new HashSet<>();
        for (TensorSpec spec : specs) {
            names.add(spec.name());
        }
        return names;
    }

    private static BundleException wrong(String tensor, String where, String expected) {
        return new BundleException(BundlePath.MANIFEST + ": reference has tensor " + BundleException.quote(tensor)
                + where + "; expected " + expected);
    }
}
