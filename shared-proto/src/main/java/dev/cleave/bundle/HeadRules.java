package dev.cleave.bundle;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What measurements of heads must fulfil to belong to a contract: the head is there, and told of once. */
final class HeadRules {
    private HeadRules() {}

    /** @throws BundleException naming the point, the format and the expectation */
    static void check(List<HeadMeasurement> heads, Contract contract) throws BundleException {
        Set<String> files = new HashSet<>();
        for (FileDigest file : contract.files()) {
            files.add(file.path());
        }
        Set<String> seen = new HashSet<>();
        for (HeadMeasurement head : heads) {
            String last = BundlePath.graph(contract.edgePrecision(), "segment-" + (head.point() - 1), head.format());
            String format = head.format().extension();
            if (!files.contains(last) || !seen.add(format + " " + head.point())) {
                throw new BundleException(BundlePath.MANIFEST + ": a ." + format + " head of point " + head.point()
                        + " is among the measured ones; expected each that the contract has, once");
            }
        }
    }
}
